"""Are predicted crossings as likely as told, class by class? Walkers, small boats, vessels and fast boats.

``python -m benchmarks.reliability_classes [--json FILE] [--svg FILE] [--fit]``: simulated worlds of seeds that no fit
used. Beside the motion in use (:data:`geo.chance.predicted.MOTIONS`) the one of every vessel, so that it shows what the
class is worth. ``--fit`` fits walkers and small boats on other seeds, prints what was found, and reports with it.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.reliability import FIT_SEEDS, REPORT_SEEDS
from benchmarks.reliability_cases import Cases, simulated, walking
from benchmarks.reliability_picture import picture
from geo.chance import HORIZONS_S, MOVERS, Motion, Mover, approach, predicted
from geo.chance.predicted import FAST_MPS, FITTED, MOTIONS
from geo.chance.reliability import brier, table

STRAIT_S, FRONTIER_S = 5_400.0, 3_600.0
LEAST = Motion(1e-5, 0.01, 1e-6)
_BEGIN = Motion(0.02, 0.05, 3e-4)

Floats = NDArray[np.float64]


class Told(NamedTuple):
    """Cases of one class: what is known of each (arguments of :func:`geo.chance.approach` but the motion), and when it
    crossed."""

    borders: list[tuple[Floats, Floats]]  # distance (n,) and normal (n, 2), of the border on the course and the nearest
    velocity_mps: Floats
    covariance: Floats
    accuracy_m: float
    crossed_after_s: Floats

    def chance(self, horizon_s: float, motion: Motion) -> Floats:
        """The greater chance of the two borders."""
        found = [
            predicted(approach(metres, normal, self.velocity_mps, self.covariance, self.accuracy_m, motion), horizon_s)
            for metres, normal in self.borders
        ]
        return np.maximum(*found)


def of_class(cases: Cases, mover: Mover) -> Told:
    """The cases of one class."""
    speed = np.hypot(cases.velocity_mps[:, 0], cases.velocity_mps[:, 1])
    fast, slow, small = (MOVERS.index(one) for one in (Mover.FAST_BOAT, Mover.VESSEL, Mover.SMALL_BOAT))
    known = np.where((speed >= FAST_MPS) & np.isin(cases.mover, (-1, small)), fast, cases.mover)
    mine = np.where(known < 0, slow, known) == MOVERS.index(mover)
    covariance = np.zeros((int(mine.sum()), 4, 4))
    covariance[:, [0, 1], [0, 1]] = cases.sigma_m**2
    own = FITTED.speed_sigma_mps if cases.speed_sigma_mps is None else cases.speed_sigma_mps
    covariance[:, [2, 3], [2, 3]] = own**2
    borders = [(ahead.distance_m[mine], np.nan_to_num(ahead.normal[mine])) for ahead in (cases.course, cases.near)]
    return Told(borders, cases.velocity_mps[mine], covariance, cases.accuracy_m, cases.crossed_after_s[mine])


def told(worlds: Sequence[Told], horizon_s: float, motion: Motion) -> tuple[Floats, NDArray[np.bool_]]:
    """Chances and outcomes over several worlds."""
    p = np.concatenate([world.chance(horizon_s, motion) for world in worlds])
    happened: NDArray[np.bool_] = np.concatenate([world.crossed_after_s <= horizon_s for world in worlds])
    return p, happened


def surprise(worlds: Sequence[Told], motion: Motion) -> float:
    """Mean log loss, each horizon counting alike; no case counts as more than 1 in 1,000."""
    total = 0.0
    for horizon_s in HORIZONS_S:
        p, happened = told(worlds, horizon_s, motion)
        p = np.clip(p, 1e-3, 1 - 1e-3)
        total -= float(np.mean(np.log(np.where(happened, p, 1 - p))))
    return total


def fit(worlds: Sequence[Told]) -> Motion:
    """The best motion found by changing one number at a time, none below :data:`LEAST`."""
    motion = _BEGIN
    for factor in (2.0, 1.4, 1.15):
        improved = True
        while improved:
            improved = False
            for name in Motion._fields:
                for change in (factor, 1 / factor):
                    value = max(getattr(motion, name) * change, getattr(LEAST, name))
                    other = motion._replace(**{name: value})
                    if surprise(worlds, other) < surprise(worlds, motion) - 1e-5:
                        motion, improved = other, True
    return motion


def cases(seeds: Sequence[int], movers: Sequence[Mover]) -> dict[Mover, list[Told]]:
    """The cases of some seeds, by class."""
    found: dict[Mover, list[Told]] = {mover: [] for mover in movers}
    for seed in seeds:
        strait = simulated(seed, STRAIT_S)
        for mover in movers:
            found[mover].append(of_class(walking(seed, FRONTIER_S) if mover is Mover.WALKER else strait, mover))
    return found


def main() -> None:
    """Print one line a class and horizon."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--svg", type=Path, help="write the picture here")
    parser.add_argument("--fit", action="store_true", help="fit walkers and small boats first")
    chosen = parser.parse_args()
    motions = dict(MOTIONS)
    if chosen.fit:
        for mover, worlds in cases(FIT_SEEDS, (Mover.WALKER, Mover.SMALL_BOAT)).items():
            motions[mover] = fit(worlds)
            print(json.dumps({"fitted": mover, **motions[mover]._asdict()}))
    found = []
    for mover, worlds in cases(REPORT_SEEDS, MOVERS).items():
        for horizon_s in HORIZONS_S:
            for name, motion in (("before", MOTIONS[Mover.VESSEL]), ("fitted", motions[mover])):
                p, happened = told(worlds, horizon_s, motion)
                bins = [bin_._asdict() for bin_ in table(p, happened)]
                line = {"source": mover, "horizon_s": horizon_s, "model": name, "cases": len(p)}
                found.append({**line, "crossed": int(happened.sum()), "brier": round(brier(p, happened), 5),
                              "bins": bins})  # fmt: skip
                print(json.dumps({**found[-1], "bins": " ".join(f"{b['told']:.2f}→{b['came']:.2f}({b['cases']})"
                                                                for b in bins)}, ensure_ascii=False))  # fmt: skip
    if chosen.json:
        chosen.json.write_text(json.dumps({"reliability_classes": found}, indent=1))
    if chosen.svg:
        chosen.svg.write_text(picture(found, before="before: the motion of a vessel, for all"))


if __name__ == "__main__":
    main()
