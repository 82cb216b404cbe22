"""Differences between a radar's plots and AIS positions brought to the plots' times, in the radar's own coordinates."""

import math
from typing import NamedTuple

import numpy as np

from streams.tracks.identity.filter import Floats, Ints

PAIR_GATE_M = 250.0  # the worst bias at hand, 0.5° at 28 km, is 244 m
LONGEST_GAP_S = 40.0  # between two reports that are joined by a straight line


class PolarPlots(NamedTuple):
    """Plots of one radar as it reports them. Columns (n,); azimuth clockwise from north."""

    time_s: Floats
    range_m: Floats
    azimuth_rad: Floats


class References(NamedTuple):
    """Known positions of senders, in any order. Columns (k,)."""

    sender: Ints
    time_s: Floats
    position_m: Floats  # (k, 2)


class Residuals(NamedTuple):
    """Candidate pairs. Columns (n,)."""

    plot: Ints  # row of the plot
    sender: Ints
    range_m: Floats  # measured minus known
    azimuth_rad: Floats
    distance_m: Floats  # of the known position from the radar
    range_rate_mps: Floats  # of the known position
    azimuth_rate_radps: Floats
    bridge_s3: Floats  # times an acceleration's power (m²/s³): the variance of the straight line between two reports


def wrapped(angle_rad: Floats) -> Floats:
    """Angles in [-π, π)."""
    return np.mod(angle_rad + math.pi, 2.0 * math.pi) - math.pi


def polar(position_m: Floats, radar_m: Floats) -> tuple[Floats, Floats]:
    """Range and azimuth (clockwise from north) of positions ``(n, 2)`` east, north from a radar ``(2,)``."""
    away = position_m - radar_m
    return np.hypot(away[:, 0], away[:, 1]), np.arctan2(away[:, 0], away[:, 1])


def cartesian(range_m: Floats, azimuth_rad: Floats, radar_m: Floats) -> Floats:
    """The positions ``(n, 2)`` of ranges and azimuths."""
    return radar_m + np.stack([range_m * np.sin(azimuth_rad), range_m * np.cos(azimuth_rad)], axis=1)


def residuals(
    plots: PolarPlots,
    references: References,
    radar_m: Floats,
    gate_m: float = PAIR_GATE_M,
    expected: tuple[float, float] = (0.0, 0.0),
) -> Residuals:
    """Every plot against every sender within ``gate_m`` at the plot's time; who is who is not asked.

    A sender's position is taken on the line between the reports before and after the plot, at most 40 s apart.
    ``expected`` range and azimuth bias (m, rad) are taken off before the gate, not from the differences: where the bias
    is as long as the gate, the pairs it cuts off would pull the estimate.
    """
    place = cartesian(plots.range_m - expected[0], plots.azimuth_rad - expected[1], radar_m)
    found: list[tuple[Ints, Ints, Floats, Floats, Floats]] = []
    for sender in np.unique(references.sender):
        own = np.flatnonzero(references.sender == sender)
        own = own[np.argsort(references.time_s[own], kind="stable")]
        if len(own) < 2:
            continue
        times, where = references.time_s[own], references.position_m[own]
        after = np.clip(np.searchsorted(times, plots.time_s, side="right"), 1, len(times) - 1)
        gap = times[after] - times[after - 1]
        inside = (plots.time_s >= times[0]) & (plots.time_s <= times[-1]) & (gap > 0.0) & (gap <= LONGEST_GAP_S)
        rows = np.flatnonzero(inside)
        after, gap = after[rows], gap[rows]
        share = (plots.time_s[rows] - times[after - 1]) / gap
        step = where[after] - where[after - 1]
        position = where[after - 1] + share[:, None] * step
        bridge = gap**3 * (share * (1.0 - share)) ** 2 / 3.0
        away = place[rows] - position
        near = np.flatnonzero(away[:, 0] ** 2 + away[:, 1] ** 2 < gate_m**2)
        found.append(
            (rows[near], np.full(len(near), sender), position[near], (step / gap[:, None])[near], bridge[near])
        )
    if not found:
        none, no = np.zeros(0), np.zeros(0, np.int64)
        return Residuals(no, no, none, none, none, none, none, none)
    plot, sender_, position, velocity, bridges = (np.concatenate(column) for column in zip(*found, strict=True))
    distance, azimuth = polar(position, radar_m)
    sin, cos = np.sin(azimuth), np.cos(azimuth)
    return Residuals(
        plot,
        sender_,
        plots.range_m[plot] - distance,
        wrapped(plots.azimuth_rad[plot] - azimuth),
        distance,
        velocity[:, 0] * sin + velocity[:, 1] * cos,
        (velocity[:, 0] * cos - velocity[:, 1] * sin) / np.maximum(distance, 1.0),
        bridges,
    )
