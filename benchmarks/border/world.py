"""A made-up border sea: boats and walkers that turn now and then, rotating radars with a bias, AIS on some."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP_S = 0.1
# share, least and most speed m/s, largest turn rate °/s, mean s between turns
KINDS = (
    (0.25, 0.8, 1.6, 20.0, 30.0),
    (0.30, 3.0, 10.0, 6.0, 40.0),
    (0.25, 3.0, 9.0, 1.5, 90.0),
    (0.20, 12.0, 25.0, 9.0, 30.0),
)


class Truth(NamedTuple):
    """Positions every 0.1 s."""

    position_m: Floats  # (steps, n, 2)
    side_m: float

    @property
    def number(self) -> int:
        """How many objects."""
        return int(self.position_m.shape[1])

    @property
    def end_s(self) -> float:
        """The last moment."""
        return (len(self.position_m) - 1) * STEP_S

    def at(self, time_s: Floats, who: Ints) -> Floats:
        """Positions (k, 2) of objects (k,) at times (k,)."""
        step = np.clip((time_s / STEP_S).astype(np.int64), 0, len(self.position_m) - 2)
        share = (time_s / STEP_S - step)[:, None]
        return self.position_m[step, who] * (1.0 - share) + self.position_m[step + 1, who] * share


def truth(count: int, side_m: float, end_s: float, rng: np.random.Generator) -> Truth:
    """Objects that keep a course and turn for some seconds at random; the edge of the area turns them back."""
    kinds = np.array(KINDS)
    kind = kinds[rng.choice(len(kinds), count, p=kinds[:, 0])]
    speed = rng.uniform(kind[:, 1], kind[:, 2])
    heading = rng.uniform(-math.pi, math.pi, count)
    position = rng.uniform(0.0, side_m, (count, 2))
    turn, until = np.zeros(count), np.zeros(count)
    out = np.empty((int(end_s / STEP_S) + 1, count, 2))
    for step in range(len(out)):
        out[step] = position
        now = step * STEP_S
        over = until <= now
        begins = over & (rng.random(count) < STEP_S / kind[:, 4])
        turn = np.where(over, np.where(begins, rng.uniform(-1.0, 1.0, count) * np.radians(kind[:, 3]), 0.0), turn)
        until = np.where(begins, now + rng.uniform(4.0, 15.0, count), until)
        heading = heading + turn * STEP_S
        velocity = speed[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=1)
        beyond = ((position < 0.0) & (velocity < 0.0)) | ((position > side_m) & (velocity > 0.0))
        velocity = np.where(beyond, -velocity, velocity)
        heading = np.arctan2(velocity[:, 1], velocity[:, 0])
        position = position + velocity * STEP_S
    return Truth(out, side_m)


class Radar(NamedTuple):
    """A rotating radar and what it measures too much."""

    place_m: Floats
    period_s: float
    range_bias_m: float = 0.0
    azimuth_bias_rad: float = 0.0
    time_bias_s: float = 0.0
    range_sigma_m: float = 8.0
    azimuth_sigma_rad: float = math.radians(0.15)


class Plots(NamedTuple):
    """Plots in order of time. Columns (n,)."""

    time_s: Floats
    sensor: Ints
    range_m: Floats
    azimuth_rad: Floats
    source: Ints  # the object, -1 for a false plot


class Sent(NamedTuple):
    """AIS reports in order of time. Columns (n,)."""

    time_s: Floats
    who: Ints
    position_m: Floats


def plots(
    world: Truth, radars: tuple[Radar, ...], rng: np.random.Generator, detection: float = 0.9, false: float = 0.1
) -> Plots:
    """What the radars report: each plot when the beam is there, ``false`` more of them anywhere."""
    parts = []
    everyone = np.arange(world.number)
    for index, radar in enumerate(radars):
        for turn in range(int(world.end_s / radar.period_s)):
            start = turn * radar.period_s
            time = np.full(world.number, start)
            for _ in range(2):
                away = world.at(time, everyone) - radar.place_m
                time = start + np.mod(np.arctan2(away[:, 0], away[:, 1]), 2 * math.pi) / (2 * math.pi) * radar.period_s
            seen = np.flatnonzero(rng.random(world.number) < detection)
            ghosts = rng.uniform(0.0, world.side_m, (rng.poisson(false * detection * world.number), 2))
            away = np.concatenate([world.at(time[seen], seen), ghosts]) - radar.place_m
            azimuth = np.arctan2(away[:, 0], away[:, 1])
            time = np.r_[time[seen], start + np.mod(azimuth[len(seen) :], 2 * math.pi) / (2 * math.pi) * radar.period_s]
            k = len(away)
            parts.append(
                (
                    time + radar.time_bias_s,
                    np.full(k, index),
                    np.hypot(*away.T) + radar.range_bias_m + radar.range_sigma_m * rng.standard_normal(k),
                    azimuth + radar.azimuth_bias_rad + radar.azimuth_sigma_rad * rng.standard_normal(k),
                    np.r_[seen, np.full(len(ghosts), -1)],
                )
            )
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return Plots(*(column[order] for column in columns))


def ais(
    world: Truth,
    senders: Ints,
    rng: np.random.Generator,
    period_s: tuple[float, float] = (2.0, 10.0),
    sigma_m: float = 8.0,
    received: float = 0.9,
) -> Sent:
    """Reports with stamps up to half a second wrong; some are not received."""
    times, who = [], []
    for sender in senders.tolist():
        period = rng.uniform(*period_s)
        own = np.arange(rng.uniform(0.0, period), world.end_s - 1.0, period)
        own = own[rng.random(len(own)) < received]
        times.append(own)
        who.append(np.full(len(own), sender))
    time, object_ = np.concatenate(times), np.concatenate(who)
    place = world.at(time, object_) + sigma_m * rng.standard_normal((len(time), 2))
    stamp = time + rng.uniform(-0.5, 0.5, len(time))
    order = np.argsort(stamp, kind="stable")
    return Sent(stamp[order], object_[order], place[order])
