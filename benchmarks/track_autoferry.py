"""The Autoferry recordings through the tracker: GOSPA (p 2, c 20 m) at 1 Hz against the two reference boats.

Every other boat counts as false, for everyone. ``VEDETTE_DATA`` names the folder of the recordings.

    python -m benchmarks.track_autoferry                   the built-in configuration, per scenario
    python -m benchmarks.track_autoferry --leave-one-out   each scenario by the configuration best on the other four

The second is what a configuration chosen on recordings is worth on one it has not seen."""

import argparse
import gzip
import itertools
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.track_world import Floats
from simulator.clear_mot import ClearMot
from simulator.gospa import gospa
from streams.tracks.offline import autoferry
from streams.tracks.offline.run import Run
from streams.tracks.sensor import Sensor
from streams.tracks.settings import Settings

C_M = 20.0
SCENARIOS = (2, 3, 4, 5, 6)
SETS = (("radar",), ("radar", "lidar"))
# What the leave-one-out chooses from: how long an echo must last, how surely it is kept, how late plots are stamped.
HITS, AGES_S, CAPS, DELAYS_S = (8, 10, 12, 13, 15), (0.0, 15.0), (0.98, 0.99, 0.999), (0.0, 1.68)


def folder() -> Path:
    """Where the recordings are looked for."""
    root = os.environ.get("VEDETTE_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(root) / "autoferry"


def all_scenarios() -> dict[str, dict[str, float]]:
    """Per set of sensors, the mean over scenarios 2 to 6; empty where the recordings are not there."""
    if not folder().is_dir():
        print(f"autoferry: not measured, {folder().name} is not below VEDETTE_DATA")
        return {}
    found = {}
    for names in SETS:
        runs = [scenario(number, names) for number in SCENARIOS]
        found["+".join(names)] = {
            "gospa": float(np.mean([run["gospa"] for run in runs])),
            "switches": sum(run["switches"] for run in runs),
            "false_per_s": float(np.mean([run["false"] for run in runs])),
            "missed_per_s": float(np.mean([run["missed"] for run in runs])),
        } | {f"scenario {number}": run["gospa"] for number, run in zip(SCENARIOS, runs, strict=True)}
    return found


def scenario(
    number: int,
    names: tuple[str, ...],
    settings: Settings = autoferry.SETTINGS,
    sensors: tuple[Sensor, ...] | None = None,
) -> dict[str, float]:
    """One recording with the sensors named."""
    data = gzip.decompress((folder() / f"scenario{number}_detections.json.gz").read_bytes())
    recording, _ = autoferry.read_scans(data, names)
    truth = boats(folder() / f"scenario{number}_groundTruth.json.gz")
    clear, results = ClearMot(C_M), []
    for picture in Run(sensors or autoferry.sensors(names), settings).pictures(recording, 1.0):
        here = {
            name: (np.interp(picture.time_s, t, x), np.interp(picture.time_s, t, y))
            for name, (t, x, y) in truth.items()
            if t[0] <= picture.time_s <= t[-1]
        }
        if not here:
            continue
        place = np.array(list(here.values()), np.float64)
        at = picture.place_m[:, picture.confirmed].T
        results.append(gospa(place, at, c_m=C_M))
        clear.step(picture.time_s, list(here), place, picture.track_id[picture.confirmed].astype(str).tolist(), at)
    return {
        "gospa": float(np.mean([result.total for result in results])),
        "missed": float(np.mean([result.missed for result in results])),
        "false": float(np.mean([result.false for result in results])),
        "switches": float(clear.followed().switches),
    }


def boats(path: Path) -> dict[str, tuple[Floats, Floats, Floats]]:
    """The reference boats of a ground truth file: times, norths and easts."""
    rows = json.loads(gzip.decompress(path.read_bytes()))
    fixes: dict[str, dict[float, tuple[float, float]]] = {}
    for row in rows:
        for fix in row:
            fixes.setdefault(str(fix["targetID"]), {})[fix["time"]] = (fix["position"][0], fix["position"][1])
    found = {}
    for name, at in fixes.items():
        t, x, y = np.array(sorted((t, x, y) for t, (x, y) in at.items())).T
        found[name] = (t, x, y)
    return found


def leave_one_out() -> dict[str, object]:
    """Radar alone. Per scenario: the configuration with the least mean GOSPA on the four others, and what it gives on
    the one left out; the mean of these; and of the built-in configuration."""
    table: dict[str, dict[int, float]] = {}
    for hits, age_s, cap, delay_s in itertools.product(HITS, AGES_S, CAPS, DELAYS_S):
        settings = replace(autoferry.SETTINGS, confirmed_hits=hits, confirmed_age_s=age_s, existence_cap=cap)
        radar = (replace(autoferry.RADAR, delay_s=delay_s),)
        table[f"{hits} hits, {age_s:g} s, cap {cap}, delay {delay_s} s"] = {
            number: scenario(number, ("radar",), settings, radar)["gospa"] for number in SCENARIOS
        }
    held_out = {}
    for left in SCENARIOS:
        name = min(table, key=lambda n: sum(gospa for number, gospa in table[n].items() if number != left))
        held_out[left] = {"chosen": name, "gospa": round(table[name][left], 2)}
    mean = {name: sum(row.values()) / len(row) for name, row in table.items()}
    best = sorted(mean, key=lambda name: mean[name])[:5]
    return {
        "held_out": held_out,
        "mean_held_out": round(float(np.mean([table[str(row["chosen"])][n] for n, row in held_out.items()])), 2),
        "best_on_all": {name: round(mean[name], 2) for name in best},
        "configurations": len(table),
    }


def main() -> int:
    """Print the figures of the built-in configuration, or the leave-one-out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leave-one-out", action="store_true", help="some minutes")
    options = parser.parse_args()
    if not folder().is_dir():
        print(f"{folder().name} is not below VEDETTE_DATA")
        return 1
    print(json.dumps(leave_one_out() if options.leave_one_out else all_scenarios(), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
