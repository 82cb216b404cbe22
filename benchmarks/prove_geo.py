"""The full volume of proof of the zone index, over all countries at 10 m: ``make prove-geo``.

It runs in pieces, prints one line for each, writes ``--json FILE`` after each, and stops at Ctrl-C with what it has.
Every piece has a seed of its own, so ``--seed`` gives other places, and ``--only`` and ``--share`` parts of the volume.
What is checked against which oracle stands in benchmarks/geo_proofs.py; a small piece of each runs in ``make test``.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.borders import imported
from benchmarks.geo_proofs import PROOFS, Checked, World
from geo import ZoneIndex
from geo.index.store import NotAnIndex
from geo.zones import read_zones

# rows of a piece, and of all
VOLUME = {
    "points": (300_000, 7_500_000),
    "segments": (50_000, 300_000),
    "intervals": (2_000, 20_000),
    "distance": (1_000, 10_000),
}


def main() -> int:
    """Run the pieces; 1 where anything is wrong, 130 where it was stopped before the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(PROOFS), action="append", help="this proof; may be repeated")
    parser.add_argument("--share", type=float, default=1.0, help="of the volume, 0..1 (1)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--zones", type=Path, help="a zones file instead of all countries")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    world = _world(options.zones or imported("10m"))
    total: dict[str, Checked] = {}
    seconds: dict[str, float] = {}
    code = 0
    try:
        for name in options.only or PROOFS:
            piece, volume = VOLUME[name]
            count = max(round(volume * options.share / piece), 1)
            for nth in range(count):
                start = time.process_time()
                found = PROOFS[name](world, np.random.default_rng([options.seed, nth]), piece)
                seconds[name] = seconds.get(name, 0.0) + time.process_time() - start
                for what, checked in found.items():
                    total[what] = _added(total.get(what, Checked(0, 0)), checked)
                wrong = sum(checked.wrong for what, checked in found.items())
                print(f"{name} {nth + 1}/{count}: {wrong} wrong, {seconds[name]:.0f} s CPU", flush=True)
                _write(options.json, total, seconds)
    except KeyboardInterrupt:
        print("stopped; what was checked until here:")
        code = 130
    for what, checked in total.items():
        worst = f", worst {checked.worst_m * 1e3:.3f} mm" if checked.worst_m else ""
        print(f"{what}: {checked.rows} checked, {checked.wrong} wrong{worst}")
    return 1 if any(checked.wrong for checked in total.values()) else code


def _added(one: Checked, two: Checked) -> Checked:
    return Checked(one.rows + two.rows, one.wrong + two.wrong, max(one.worst_m, two.worst_m))


def _write(file: Path | None, total: dict[str, Checked], seconds: dict[str, float]) -> None:
    if file is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    figures = {"checked": {what: checked._asdict() for what, checked in total.items()}, "cpu_s": seconds}
    file.write_text(json.dumps(figures, indent=2) + "\n")


def _world(borders: Path) -> World:
    """The zones and their index; the index is kept beside the other temporary files, since pieces are run apart."""
    zones = read_zones(borders, mend=True)
    kept = Path(tempfile.gettempdir()) / f"vedette-prove-{borders.stem}-{int(borders.stat().st_mtime)}"
    try:
        index = ZoneIndex.open(kept)
    except NotAnIndex:
        index = ZoneIndex.from_zones(zones)
        index.save(kept)
    return World(zones, index, index.tables.edges)


if __name__ == "__main__":
    sys.exit(main())
