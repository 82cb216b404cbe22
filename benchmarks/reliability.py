"""Is a chance of 0.7 seven times in ten? The reliability of predicted crossings, as figures and as a picture.

``python -m benchmarks.reliability [--json FILE] [--svg FILE] [--fit]``: simulated worlds of seeds that were not used
for the fit, and, where ``../shared/data`` is there, a real log, of which nothing was. ``--fit`` fits the numbers of
:data:`geo.chance.predicted.FITTED` on other seeds, and prints them. Beside them the same formula as it was before: with
the accelerations found in another simulator, and without turning away.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.reliability_cases import Cases, simulated, solent
from benchmarks.reliability_picture import picture
from geo.chance.predicted import FAST_MPS, FITTED, HORIZONS_S, Approach, Model, approach, motion_of, predicted
from geo.chance.reliability import brier, table

FIT_SEEDS, REPORT_SEEDS = (101, 102, 103), (201, 202, 203)
WORLD_S = 5_400.0
BEFORE = Model(0.05, 1.0, 0.0, 0.0, 0.5)  # one q for all, a speed known to a knot
LEAST = Model(5e-4, 0.05, 0.01, 1e-6, 0.1)  # simulated craft steer better than real ones

Floats = NDArray[np.float64]


def chances(cases: Cases, horizon_s: float, model: Model) -> Floats:
    """The chance ``(n,)`` of each case: the greater of the two borders ahead of it."""
    speed = np.hypot(cases.velocity_mps[:, 0], cases.velocity_mps[:, 1])
    covariance = np.zeros((len(speed), 4, 4))
    covariance[:, [0, 1], [0, 1]] = cases.sigma_m**2
    own = cases.speed_sigma_mps
    covariance[:, [2, 3], [2, 3]] = (model.speed_sigma_mps if own is None else own) ** 2
    motion = _motion(cases, speed, model)

    def one(distance_m: Floats, normal: Floats) -> Approach:
        return approach(distance_m, np.nan_to_num(normal), cases.velocity_mps, covariance, cases.accuracy_m, motion)

    both = [predicted(one(ahead.distance_m, ahead.normal), horizon_s) for ahead in (cases.course, cases.near)]
    return np.maximum(*both)


def _motion(cases: Cases, speed: Floats, model: Model) -> tuple[ArrayLike, ArrayLike, ArrayLike]:
    """As the pipeline has it by class, or by the model's own numbers for all."""
    if model is FITTED:
        return motion_of(speed, cases.mover)
    return np.where(speed >= FAST_MPS, model.q_fast, model.q_vessel), model.weave, model.turns_per_s


def told(worlds: Sequence[Cases], horizon_s: float, model: Model) -> tuple[Floats, NDArray[np.bool_]]:
    """Chances and outcomes over several worlds."""
    p = np.concatenate([chances(cases, horizon_s, model) for cases in worlds])
    happened: NDArray[np.bool_] = np.concatenate([cases.crossed_after_s <= horizon_s for cases in worlds])
    return p, happened


def surprise(worlds: Sequence[Cases], model: Model) -> float:
    """Mean log loss, each horizon counting alike; no case counts as more than 1 in 1,000."""
    total = 0.0
    for horizon_s in HORIZONS_S:
        p, happened = told(worlds, horizon_s, model)
        p = np.clip(p, 1e-3, 1 - 1e-3)
        total -= float(np.mean(np.log(np.where(happened, p, 1 - p))))
    return total


def fit(worlds: Sequence[Cases]) -> Model:
    """The best of all models found by changing one number at a time, none below :data:`LEAST`."""
    model = Model(2e-3, 0.2, 0.02, 1e-4, 0.2)
    for factor in (2.0, 1.4, 1.15):
        improved = True
        while improved:
            improved = False
            for name in Model._fields:
                for change in (factor, 1 / factor):
                    value = max(getattr(model, name) * change, getattr(LEAST, name))
                    other = model._replace(**{name: value})
                    if surprise(worlds, other) < surprise(worlds, model) - 1e-5:
                        model, improved = other, True
    return model


def main() -> None:
    """Print one line a source and horizon."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--svg", type=Path, help="write the picture here")
    parser.add_argument("--fit", action="store_true", help="fit the model first, and report with what was found")
    chosen = parser.parse_args()
    model = FITTED
    if chosen.fit:
        model = fit([simulated(seed, WORLD_S) for seed in FIT_SEEDS])
        print(json.dumps({"fitted": model._asdict()}))
    sources = {"simulated": [simulated(seed, WORLD_S) for seed in REPORT_SEEDS]}
    real = solent()
    if real is None:
        print("the real log is not there: ../shared/data or VEDETTE_DATA")
    else:
        sources["real (Solent)"] = [real]
    found = []
    for source, worlds in sources.items():
        for horizon_s in HORIZONS_S:
            for name, judged in (("before", BEFORE), ("fitted", model)):
                p, happened = told(worlds, horizon_s, judged)
                bins = [bin_._asdict() for bin_ in table(p, happened)]
                line = {"source": source, "horizon_s": horizon_s, "model": name, "cases": len(p)}
                found.append({**line, "crossed": int(happened.sum()), "brier": round(brier(p, happened), 5),
                              "bins": bins})  # fmt: skip
                print(json.dumps({**found[-1], "bins": " ".join(f"{b['told']:.2f}→{b['came']:.2f}({b['cases']})"
                                                                for b in bins)}, ensure_ascii=False))  # fmt: skip
    if chosen.json:
        chosen.json.write_text(json.dumps({"reliability": found}, indent=1))
    if chosen.svg:
        chosen.svg.write_text(picture(found))


if __name__ == "__main__":
    main()
