"""Triggers of ground sensors: evidence for the track that is there, else a contact; contacts in a chain, a track."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from streams.tracks.identity.filter import Floats
from streams.tracks.sensors.zone import Footprint, presence, reaches


class GroundSensor(NamedTuple):
    """One sensor: its zone, how surely it triggers on what is inside, and how often by itself."""

    zone: Footprint
    detection_probability: float
    false_per_hour: float


class GroundRules(NamedTuple):
    """Speeds and times of people on foot; engineering values of the design."""

    slowest_mps: float = 0.5
    fastest_mps: float = 2.5
    growth_mps: float = 1.5
    longest_s: float = 600.0  # a contact unfollowed for so long is forgotten
    links: int = 3  # triggers that make a track
    window_s: float = 10.0  # over which a false trigger is weighed
    same_s: float = 20.0  # a zone that triggers again so soon is the same passage
    straight: float = 3.0  # mean squared misfit per measurement up to which a chain is one walk
    stray_m: float = 15.0  # how far a walker leaves the straight line at even pace
    most: int = 500  # contacts kept


class Trigger(NamedTuple):
    """A sensor said that something is in its zone."""

    observation_id: int
    sensor: str
    time_s: float


class Contact(msgspec.Struct, array_like=True, frozen=True):
    """Something in a zone without a track; the chain of triggers that may have led there, oldest first.

    A trigger begins a contact and lengthens every one it can follow, so a false trigger between two true ones spoils
    nothing; those that share a trigger with a chain that became a track go with it.
    """

    chain: tuple[tuple[int, str, float], ...]  # observation id, sensor, time s

    @property
    def first(self) -> int:
        """The observation that started it: the id of the track it may become."""
        return self.chain[0][0]


def dump(contacts: tuple[Contact, ...]) -> bytes:
    """All contacts, for the snapshot."""
    return msgspec.msgpack.encode(contacts)


def load(record: bytes) -> tuple[Contact, ...]:
    """The contacts that `dump` wrote."""
    return msgspec.msgpack.decode(record, type=tuple[Contact, ...])


class Chained(NamedTuple):
    """A chain that is long enough: a track's start, named for the first trigger."""

    track_id: int
    time_s: float
    mean: Floats  # (4,)
    covariance: Floats  # (4, 4)
    chain: tuple[tuple[int, str, float], ...] = ()  # its triggers, as those of a contact


class Heeded(NamedTuple):
    """What came of a trigger: the log-likelihood ratio per track (m,), or a contact, which may be a track."""

    log_ratio: Floats  # 0 where the trigger says nothing about the track
    contacts: tuple[Contact, ...]
    track: Chained | None


def heed(
    trigger: Trigger,
    sensors: Mapping[str, GroundSensor],
    position_m: Floats,
    covariance: Floats,
    contacts: tuple[Contact, ...],
    rules: GroundRules,
) -> Heeded:
    """Apply a trigger to tracks (m, 2), (m, 2, 2) at its time and to the contacts; triggers come in order of time."""
    sensor = sensors[trigger.sensor]
    living = tuple(c for c in contacts if trigger.time_s - c.chain[-1][2] <= rules.longest_s)
    near = reaches(sensor.zone, position_m, covariance) if len(position_m) else np.zeros(0, np.bool_)
    if near.any():
        ratio = np.zeros(len(position_m))
        ratio[near] = triggered(sensor, presence(sensor.zone, position_m[near], covariance[near]), rules)
        return Heeded(ratio, living, None)
    none = np.zeros(len(position_m))
    if any(c.chain[-1][1] == trigger.sensor and trigger.time_s - c.chain[-1][2] <= rules.same_s for c in living):
        return Heeded(none, living, None)
    link = (trigger.observation_id, trigger.sensor, trigger.time_s)
    longer = [Contact((*c.chain, link)) for c in living if follows(c, trigger, sensors, rules)]
    whole = [(misfit(contact, sensors, rules), contact) for contact in longer if len(contact.chain) >= rules.links]
    walked = [(off, contact.chain, contact) for off, contact in whole if off < rules.straight]
    if walked:
        best = min(walked)[2]
        used = {observation for observation, _, _ in best.chain}
        left = tuple(c for c in living if used.isdisjoint(observation for observation, _, _ in c.chain))
        return Heeded(none, left, track_of(best, sensors))
    short = tuple(contact for contact in longer if len(contact.chain) < rules.links)
    return Heeded(none, (*living, *short, Contact((link,)))[-rules.most :], None)


def triggered(sensor: GroundSensor, within: Floats, rules: GroundRules) -> Floats:
    """The log-likelihood ratio of a trigger for "the object exists", given its probability of being inside."""
    false = -np.expm1(-sensor.false_per_hour * rules.window_s / 3600.0)
    false = max(float(false), 1e-9)
    seen = 1.0 - (1.0 - sensor.detection_probability * within) * (1.0 - false)
    return np.log(seen / false)


def stayed_silent(sensor: GroundSensor, within: Floats) -> Floats:
    """The same for a healthy sensor's silence while the object would have passed."""
    return np.log1p(-sensor.detection_probability * within)


def follows(contact: Contact, trigger: Trigger, sensors: Mapping[str, GroundSensor], rules: GroundRules) -> bool:
    """Whether the object of a contact can have walked to the trigger's zone, and goes no way back in its chain.

    The distance is that of the zones' centres, a standard deviation of each zone more or less.
    """
    _, name, last_s = contact.chain[-1]
    elapsed = trigger.time_s - last_s
    if elapsed <= 0.0 or any(passed == trigger.sensor for _, passed, _ in contact.chain):
        return False
    one, other = sensors[name].zone, sensors[trigger.sensor].zone
    away = float(np.hypot(*(other.centre_m - one.centre_m)))
    slack = float(np.sqrt(np.trace(one.covariance)) + np.sqrt(np.trace(other.covariance)))
    return (away - slack) <= rules.fastest_mps * elapsed and (away + slack) >= rules.slowest_mps * elapsed


def misfit(contact: Contact, sensors: Mapping[str, GroundSensor], rules: GroundRules) -> float:
    """The mean squared misfit of a straight walk through the chain, per degree of freedom; inf beyond walking pace."""
    walk = track_of(contact, sensors)
    if not rules.slowest_mps <= float(np.hypot(*walk.mean[2:])) <= rules.fastest_mps:
        return math.inf
    total = 0.0
    for _, name, at in contact.chain:
        zone = sensors[name].zone
        off = zone.centre_m - walk.mean[:2] - (at - walk.time_s) * walk.mean[2:]
        total += float(off @ np.linalg.solve(zone.covariance + rules.stray_m**2 * np.eye(2), off))
    return total / (2 * len(contact.chain) - 4)


def track_of(contact: Contact, sensors: Mapping[str, GroundSensor]) -> Chained:
    """A straight walk through the chain: least squares weighted by the zones, brought to the last trigger."""
    times = np.array([at for _, _, at in contact.chain]) - contact.chain[-1][2]
    information, pull = np.zeros((4, 4)), np.zeros(4)
    information[2, 2] = information[3, 3] = 1.0 / 2.5**2  # nobody on foot is much faster
    for (_, name, _), at in zip(contact.chain, times.tolist(), strict=True):
        by = np.array([[1.0, 0.0, at, 0.0], [0.0, 1.0, 0.0, at]])
        weight = np.linalg.inv(sensors[name].zone.covariance)
        information += by.T @ weight @ by
        pull += by.T @ weight @ sensors[name].zone.centre_m
    covariance = np.linalg.inv(information)
    covariance = 0.5 * (covariance + covariance.T)
    return Chained(contact.first, contact.chain[-1][2], covariance @ pull, covariance, contact.chain)


def region(
    contact: Contact, sensors: Mapping[str, GroundSensor], time_s: float, rules: GroundRules
) -> tuple[Floats, float]:
    """Where a contact may be at ``time_s``: centre (2,) and radius m, two deviations of the zone and growing."""
    _, name, at = contact.chain[-1]
    zone = sensors[name].zone
    return zone.centre_m, 2.0 * float(np.sqrt(np.trace(zone.covariance))) + rules.growth_mps * max(time_s - at, 0.0)
