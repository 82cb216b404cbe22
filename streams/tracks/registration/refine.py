"""A radar's registration kept up to date by pairs of known identity, with its sigma, and its alarm when it jumps."""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from streams.tracks.identity.columns import dump, load, take
from streams.tracks.identity.filter import Floats
from streams.tracks.registration.residuals import PolarPlots, Residuals, cartesian
from streams.tracks.registration.vote import PRIOR_SIGMA, Accuracy, Bias, design, variances


class Standing(IntEnum):
    """Whether the dark label may rest on the radar: only where REGISTERED."""

    UNREGISTERED = 0
    REGISTERED = 1
    JUMPED = 2  # the pairs no longer fit: vote again


class RefineRules(NamedTuple):
    """When a radar counts as registered, and how its bias may drift."""

    least_pairs: int = 50
    most_range_sigma_m: float = 5.0
    most_azimuth_sigma_rad: float = math.radians(0.1)
    drift: tuple[float, float, float] = (0.05, math.radians(0.0005), 0.001)  # per √s: m, rad, s; engineering values
    gate: float = 13.8  # χ² with two degrees, 0.999
    dependence: float = 4.0  # pairs between the same two reports share these reports' errors
    jump_share: float = 0.5  # of refused pairs, forgetting over about 50
    forgetting: float = 0.02


class Registration(NamedTuple):
    """One radar's bias as published. The arrays are never written to."""

    value: Floats  # (3,) range m, azimuth rad, time s, to be taken off
    covariance: Floats  # (3, 3)
    time_s: float
    pairs: int
    refused: float  # share of pairs outside the gate, forgetting
    standing: Standing

    @classmethod
    def unknown(cls, time_s: float = 0.0) -> "Registration":
        """A radar nobody has compared with anything."""
        return cls(np.zeros(3), np.diag(PRIOR_SIGMA**2), time_s, 0, 0.0, Standing.UNREGISTERED)

    @property
    def sigma(self) -> Floats:
        """Standard deviations (3,): range m, azimuth rad, time s."""
        return np.sqrt(self.covariance.diagonal())

    def dump(self) -> bytes:
        """The whole state."""
        numbers = np.array([self.time_s, self.pairs, self.refused, self.standing], np.float64)
        return dump({"value": self.value, "covariance": self.covariance, "numbers": numbers})

    @classmethod
    def load(cls, record: bytes) -> "Registration":
        """The state that `dump` wrote, bit for bit."""
        columns = load(record)
        time_s, pairs, refused, standing = columns["numbers"].tolist()
        value, covariance = columns["value"].astype(np.float64), columns["covariance"].astype(np.float64)
        return cls(value, covariance, time_s, int(pairs), refused, Standing(int(standing)))


def registered(bias: Bias, time_s: float, rules: RefineRules) -> Registration:
    """A registration from a vote."""
    return _judged(Registration(bias.value, bias.covariance, time_s, bias.pairs, 0.0, Standing.UNREGISTERED), rules)


def refine(
    before: Registration, pairs: Residuals, time_s: float, accuracy: Accuracy, rules: RefineRules
) -> Registration:
    """The registration after pairs of known identity (raw plots, nothing taken off), at ``time_s``.

    A Kalman step with a random walk; all pairs of a batch at once in information form, which is the order-free equal of
    one after another. Pairs outside the gate count for the jump alarm only.
    """
    elapsed = max(time_s - before.time_s, 0.0)
    covariance = before.covariance + np.diag(np.square(rules.drift)) * elapsed
    by, noise = design(pairs), variances(pairs, accuracy)
    measured = np.stack([pairs.range_m, pairs.azimuth_rad], axis=1)
    left = measured - by @ before.value
    spread = by @ covariance @ by.transpose(0, 2, 1) + noise[:, :, None] * np.eye(2)
    squared = np.einsum("ni,nij,nj->n", left, np.linalg.inv(spread), left)
    fits = squared < rules.gate
    n = len(pairs.plot)
    if not n:
        return before._replace(covariance=covariance, time_s=before.time_s + elapsed)
    fade = (1.0 - rules.forgetting) ** n
    refused = fade * before.refused + (1.0 - fade) * float(1.0 - fits.mean())
    used = take(pairs, fits)
    weight = 1.0 / (variances(used, accuracy) * rules.dependence)
    used_by = design(used)
    information = np.linalg.inv(covariance) + np.einsum("nci,nc,ncj->ij", used_by, weight, used_by)
    after = np.linalg.inv(information)
    value = before.value + after @ np.einsum("nci,nc,nc->i", used_by, weight, left[fits])
    pairs_seen = before.pairs + len(used.plot)
    return _judged(Registration(value, after, before.time_s + elapsed, pairs_seen, refused, before.standing), rules)


def _judged(registration: Registration, rules: RefineRules) -> Registration:
    if registration.standing is Standing.JUMPED or registration.refused > rules.jump_share:
        return registration._replace(standing=Standing.JUMPED)
    good = (
        registration.pairs >= rules.least_pairs
        and registration.sigma[0] <= rules.most_range_sigma_m
        and registration.sigma[1] <= rules.most_azimuth_sigma_rad
    )
    return registration._replace(standing=Standing.REGISTERED if good else Standing.UNREGISTERED)


def corrected(
    plots: PolarPlots, registration: Registration, radar_m: Floats, accuracy: Accuracy
) -> tuple[Floats, Floats, Floats]:
    """Times ``(n,)``, positions ``(n, 2)`` and covariances ``(n, 2, 2)`` with the bias taken off.

    The covariance holds the plot's own scatter and the sigma of the registration: what is common to all plots of the
    radar is not averaged away by counting it as noise, but a distance judged with it is honest.
    """
    range_m = plots.range_m - registration.value[0]
    azimuth = plots.azimuth_rad - registration.value[1]
    along = accuracy.range_m**2 + registration.covariance[0, 0]
    across = (accuracy.azimuth_rad**2 + registration.covariance[1, 1]) * range_m**2
    sin, cos = np.sin(azimuth), np.cos(azimuth)
    covariance = np.empty((len(range_m), 2, 2))
    covariance[:, 0, 0] = along * sin**2 + across * cos**2
    covariance[:, 1, 1] = along * cos**2 + across * sin**2
    covariance[:, 0, 1] = covariance[:, 1, 0] = (along - across) * sin * cos
    return plots.time_s - registration.value[2], cartesian(range_m, azimuth, radar_m), covariance
