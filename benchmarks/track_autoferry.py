"""The Autoferry recordings through the tracker: GOSPA (p 2, c 20 m) at 1 Hz against the two reference boats.

Every other boat counts as false, for everyone. ``VEDETTE_DATA`` names the folder of the recordings."""

import gzip
import json
import os
from pathlib import Path

import numpy as np

from benchmarks.track_world import Floats
from simulator.clear_mot import ClearMot
from simulator.gospa import gospa
from streams.tracks.offline import autoferry
from streams.tracks.offline.run import Run

C_M = 20.0
SCENARIOS = (2, 3, 4, 5, 6)
SETS = (("radar",), ("radar", "lidar"))


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


def scenario(number: int, names: tuple[str, ...]) -> dict[str, float]:
    """One recording with the sensors named."""
    data = gzip.decompress((folder() / f"scenario{number}_detections.json.gz").read_bytes())
    recording, _ = autoferry.read_scans(data, names)
    truth = boats(folder() / f"scenario{number}_groundTruth.json.gz")
    clear, results = ClearMot(C_M), []
    for picture in Run(autoferry.sensors(names), autoferry.SETTINGS).pictures(recording, 1.0):
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
