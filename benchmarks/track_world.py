"""A made-up sector for the tracker's benchmark: objects that manoeuvre, and radars that see them.

Every target turns and changes speed at random moments; some appear late, some vanish early. Plots are Gaussian, false
ones uniform. The same seed gives the same world."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Kind:
    """How a class of objects moves: share of all, speeds in m/s, slow noise in m/s², turn in rad/s, pause in s."""

    share: float
    slowest_mps: float
    fastest_mps: float
    restless: float
    turn_radps: float
    pause_s: float


KINDS: Final = {
    "walker": Kind(0.25, 0.8, 1.6, 0.05, np.deg2rad(20.0), 30.0),
    "small-boat": Kind(0.30, 3.0, 10.0, 0.10, np.deg2rad(6.0), 40.0),
    "vessel": Kind(0.25, 3.0, 9.0, 0.02, np.deg2rad(1.5), 90.0),
    "fast-boat": Kind(0.20, 12.0, 25.0, 0.30, np.deg2rad(9.0), 30.0),
}


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened every 0.1 s: ``time_s`` (k,), ``place_m`` (k, n, 2), ``alive`` (k, n)."""

    time_s: Floats
    place_m: Floats
    alive: NDArray[np.bool_]

    def at(self, time_s: Floats, target: Ints) -> tuple[Floats, NDArray[np.bool_]]:
        """Places (m, 2) of targets (m,) at times (m,), and whether they are there."""
        row = np.clip((time_s / STEP_S).astype(np.intp), 0, len(self.time_s) - 2)
        part = ((time_s - self.time_s[row]) / STEP_S)[:, None]
        place = self.place_m[row, target] * (1.0 - part) + self.place_m[row + 1, target] * part
        return place, self.alive[row, target]


@dataclass(frozen=True, slots=True)
class Plots:
    """Plots in order of arrival: ``time_s``, ``sensor``, ``x_m``, ``y_m``, covariances in m², ``arrival_s`` (m,)."""

    time_s: Floats
    sensor: Ints
    x_m: Floats
    y_m: Floats
    xx_m2: Floats
    xy_m2: Floats
    yy_m2: Floats
    arrival_s: Floats

    def sorted_by(self, key: Floats) -> "Plots":
        """In another order."""
        order = np.argsort(key, kind="stable")
        return Plots(*(getattr(self, name)[order] for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Radar:
    """A rotating radar: place in m, period and first turn in s, sigma of range in m and of azimuth in rad."""

    x_m: float
    y_m: float
    period_s: float
    begins_s: float
    range_sigma_m: float = 8.0
    azimuth_sigma_rad: float = float(np.deg2rad(0.1))


def truth(targets: int, seconds: float, side_m: float, rng: np.random.Generator, churn: float = 0.2) -> Truth:
    """The paths of the targets in a square; leaving it ends a target."""
    kinds = list(KINDS.values())
    kind = rng.choice(len(kinds), targets, p=[k.share for k in kinds])

    def of(name: str) -> Floats:
        return np.array([float(getattr(k, name)) for k in kinds])[kind]

    slowest, fastest, restless = of("slowest_mps"), of("fastest_mps"), of("restless")
    turn, pause = of("turn_radps"), of("pause_s")
    steps = round(seconds / STEP_S) + 1
    time_s: Floats = np.arange(steps, dtype=np.float64) * STEP_S
    path = np.empty((steps, targets, 2))
    place = rng.uniform(0.0, side_m, (targets, 2))
    speed, course = rng.uniform(slowest, fastest), rng.uniform(-np.pi, np.pi, targets)
    rate, push, until = np.zeros(targets), np.zeros(targets), np.zeros(targets)
    for step, now in enumerate(time_s):
        path[step] = place
        over = until <= now
        rate[over] = push[over] = 0.0
        begins = over & (rng.random(targets) < STEP_S / pause)
        which = rng.random(targets)
        rate = np.where(begins & (which < 0.8), rng.uniform(-1.0, 1.0, targets) * turn, rate)
        push = np.where(begins & (which >= 0.6), rng.uniform(-1.0, 1.0, targets) * 0.08 * fastest, push)
        until = np.where(begins, now + rng.uniform(4.0, 15.0, targets), until)
        place = place + STEP_S * np.stack([speed * np.cos(course), speed * np.sin(course)], 1)
        course = course + rate * STEP_S
        jitter = 0.3 * restless * np.sqrt(STEP_S) * rng.standard_normal(targets)
        speed = np.clip(speed + push * STEP_S + jitter, 0.5 * slowest, fastest)
    appears = np.where(rng.random(targets) < churn, rng.uniform(0.0, 0.7 * seconds, targets), 0.0)
    vanishes = np.where(rng.random(targets) < churn, rng.uniform(0.3 * seconds, seconds, targets), seconds + 1.0)
    vanishes = np.maximum(vanishes, appears + 10.0)
    alive = (time_s[:, None] >= appears) & (time_s[:, None] <= vanishes)
    inside = ((path > 0.0) & (path < side_m)).all(axis=2)
    return Truth(time_s, path, alive & np.logical_and.accumulate(inside, axis=0))


@dataclass(frozen=True, slots=True)
class Scans:
    """One radar whose plots of a scan carry one time: the plots (m, 2) and what is true at each ``time_s``."""

    time_s: list[float]
    plots_m: list[Floats]
    target: list[Ints]
    place_m: list[Floats]
    targets: int
    period_s: float
    sigma_m: float
    detection: float
    false_per_m2: float

    def __iter__(self) -> Iterator[tuple[float, Floats]]:
        return zip(self.time_s, self.plots_m, strict=True)

    @property
    def plots(self) -> int:
        """How many plots there are."""
        return sum(len(plots) for plots in self.plots_m)


def scans(
    targets: int,
    seed: int,
    *,
    seconds: float = 60.0,
    side_m: float = 20_000.0,
    period_s: float = 1.0,
    detection: float = 0.9,
    false_share: float = 0.1,
    sigma_m: float = 10.0,
) -> Scans:
    """Scans of a world; ``false_share`` is false plots per true one."""
    rng = np.random.default_rng(seed)
    world = truth(targets, seconds, side_m, rng)
    every = round(period_s / STEP_S)
    false_per_scan = false_share * detection * targets
    times, plots, who, places = [], [], [], []
    for step in range(0, len(world.time_s), every):
        there = np.nonzero(world.alive[step])[0]
        seen = there[rng.random(there.size) < detection]
        measured = world.place_m[step, seen] + sigma_m * rng.standard_normal((seen.size, 2))
        false = rng.uniform(0.0, side_m, (rng.poisson(false_per_scan), 2))
        both = np.concatenate([measured, false])
        times.append(float(world.time_s[step]))
        plots.append(both[rng.permutation(len(both))])
        who.append(there)
        places.append(world.place_m[step, there])
    density = false_per_scan / side_m**2
    return Scans(times, plots, who, places, targets, period_s, sigma_m, detection, density)


def turning(
    world: Truth,
    radars: tuple[Radar, ...],
    side_m: float,
    rng: np.random.Generator,
    *,
    detection: float = 0.9,
    false_share: float = 0.1,
) -> Plots:
    """Plots of rotating radars, each with the time at which the beam passed, in that order."""
    targets, seconds = world.place_m.shape[1], float(world.time_s[-1])
    rows: list[Floats] = []
    for number, radar in enumerate(radars):
        site = np.array([radar.x_m, radar.y_m])
        for turn in range(int((seconds - radar.begins_s) / radar.period_s)):
            start = radar.begins_s + turn * radar.period_s
            every = np.arange(targets)
            time_s = np.full(targets, start)
            for _ in range(2):  # where it is when the beam passes depends on when that is
                place, there = world.at(np.minimum(time_s, seconds - 1e-6), every)
                time_s = start + _turned(place - site) * radar.period_s
            place, there = world.at(np.minimum(time_s, seconds - 1e-6), every)
            seen = there & (rng.random(targets) < detection)
            false = rng.uniform(0.0, side_m, (rng.poisson(false_share * detection * targets), 2))
            both = np.concatenate([place[seen], false]) - site
            times = np.concatenate([time_s[seen], start + _turned(false - site) * radar.period_s])
            true = np.arange(len(both)) < int(seen.sum())
            range_m = np.hypot(both[:, 0], both[:, 1]) + radar.range_sigma_m * rng.standard_normal(len(both)) * true
            angle = np.arctan2(both[:, 1], both[:, 0]) + radar.azimuth_sigma_rad * rng.standard_normal(len(both)) * true
            c, s = np.cos(angle), np.sin(angle)
            along, across = radar.range_sigma_m**2, (range_m * radar.azimuth_sigma_rad) ** 2
            rows.append(
                np.stack(
                    [
                        times,
                        np.full(len(both), float(number)),
                        radar.x_m + range_m * c,
                        radar.y_m + range_m * s,
                        along * c * c + across * s * s,
                        (along - across) * c * s,
                        along * s * s + across * c * c,
                    ]
                )
            )
    table = np.concatenate(rows, axis=1)
    t, number_, x, y, xx, xy, yy = table
    return Plots(t, number_.astype(np.int64), x, y, xx, xy, yy, t.copy()).sorted_by(t)


def delayed(plots: Plots, share: float, most_s: float, rng: np.random.Generator) -> Plots:
    """The same plots, a share of them arriving up to ``most_s`` late; in order of arrival."""
    late = rng.random(plots.time_s.size) < share
    arrival = plots.time_s + np.where(late, rng.uniform(0.0, most_s, plots.time_s.size), 0.0)
    return replace(plots, arrival_s=arrival).sorted_by(arrival)


def _turned(offset: Floats) -> Floats:
    """Azimuth as part of a turn, 0..1, counted as the antenna does."""
    part: Floats = np.arctan2(offset[:, 1], offset[:, 0]) % (2.0 * np.pi) / (2.0 * np.pi)
    return part
