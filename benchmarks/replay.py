"""The replay of a day with four countries' borders loaded and with all 249: positions a second, and their ratio.

The day is the recorded traffic of ``VEDETTE_DATA`` (``../shared/data`` beside the project), 102,861 positions off the
four countries; the borders are those of ``vedette zones import osm-borders`` (fetched once). The two are replayed in
pairs, ``--repeats`` of them, by turns the one first and the other, in process time; reading the borders and building
the index is not in it. Speeds are those of the best; ``ratio`` compares the best, ``ratio_of_pairs`` gives the least,
the median and the most of a pair's, which tells how much of the ratio is the machine.
``--quick`` takes the 1000 m borders; ``--json FILE`` writes the figures.
"""

import argparse
import gzip
import json
import os
import statistics
import time
from pathlib import Path

from benchmarks.borders import imported
from geo.zones import ZoneSet, as_features, read_zones
from streams.garbage import collect_seldom
from streams.inputs import Input, parse_input, settings_for
from streams.messages import ZonesVersion
from streams.replay import replay
from streams.zones import ZoneVersions

DAY = "ais/atd2025_dataset1_truth.csv.gz"
NEAR = ("USA", "CUB", "BHS", "MEX")


def main() -> int:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="1000 m borders instead of 10 m")
    parser.add_argument("--repeats", type=int, default=5, help="replays of each (default 5)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    data = Path(os.environ.get("VEDETTE_DATA") or Path(__file__).parents[2] / "shared" / "data")
    path = data / DAY
    if not path.exists():
        print(f"skipped: no recorded day at {path}; VEDETTE_DATA names another place")
        return 0
    world = read_zones(imported("1000m" if options.quick else "10m"), mend=True)
    few = ZoneSet(tuple(zone for zone in world if zone.zone_id in NEAR))
    assert len(few) == len(NEAR), "the four countries are not in the borders"
    collect_seldom()
    inputs = [parse_input(str(path))]
    loaded = {"four": versions(few), "all": versions(world)}
    runs_s: dict[str, list[float]] = {name: [] for name in loaded}
    alerts: dict[str, int] = {}
    for nth in range(options.repeats):
        for name in list(loaded)[:: 1 if nth % 2 == 0 else -1]:
            seconds, alerts[name] = once(inputs, loaded[name])
            runs_s[name].append(seconds)
    taken_s = {name: min(found) for name, found in runs_s.items()}
    pairs = sorted(few_s / all_s for few_s, all_s in zip(runs_s["four"], runs_s["all"], strict=True))
    with gzip.open(path, "rt") as lines:
        rows = sum(1 for _ in lines) - 1
    figures = {
        "positions": rows,
        "borders": "1000m" if options.quick else "10m",
        **{
            name: {
                "zones": len(zones.get(1).zones),
                "positions_per_s": round(rows / taken_s[name]),
                "alerts": alerts[name],
            }
            for name, zones in loaded.items()
        },
        "ratio": round(taken_s["four"] / taken_s["all"], 3),  # of their speeds; 1 is as fast with all
        "ratio_of_pairs": [round(found, 3) for found in (pairs[0], statistics.median(pairs), pairs[-1])],
    }
    print(json.dumps(figures, indent=2))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0


def versions(zones: ZoneSet) -> ZoneVersions:
    """The zones as the first version."""
    found = ZoneVersions()
    found.add(ZonesVersion(version=1, in_force_from_us=None, zones=as_features(zones)))
    return found


def once(inputs: list[Input], zones: ZoneVersions) -> tuple[float, int]:
    """Seconds of process time of one replay, and its alerts."""
    start = time.process_time()
    found = replay(inputs, zones, settings_for(inputs))
    return time.process_time() - start, len(found.alerts)


if __name__ == "__main__":
    raise SystemExit(main())
