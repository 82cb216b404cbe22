"""Identity, registration, handoff and the other sensors against truth; figures with the bar they have to meet.

``--quick`` takes one seed; ``--only`` some of registration, dark, shards, cameras, ground; ``--json FILE`` writes the
figures. Leaves with 1 where a bar is missed. Everything is made up (`benchmarks.border.world`) and seeded.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.border import bias, dark, others, shards

Figures = dict[str, float]
Check = tuple[str, float, str, float]  # what, measured, "<=" or ">=", bar


def registration(seeds: tuple[int, ...]) -> tuple[Figures, list[Check]]:
    """The vote after 60 s, up to three in four pairs false."""
    figures = bias.measure(seeds)
    return figures, [
        ("range error m", figures["worst range error m"], "<=", 0.5),
        ("azimuth error deg", figures["worst azimuth error deg"], "<=", 0.04),
        ("false pairs in the worst run %", figures["most false pairs %"], ">=", 70.0),
    ]


def darkness(seeds: tuple[int, ...]) -> tuple[Figures, list[Check]]:
    """Dark labels and bonds at 4.7 per km², with registration and, for comparison, without."""
    results = dark.measure(seeds)
    biased = dark.measure(seeds[:1], register=False)[0]
    figures = {
        "false dark %": 100.0 * float(np.mean([one.false_dark for one in results])),
        "dark recall": float(np.mean([one.recall for one in results])),
        "re-bindings (most)": max(one.rebindings for one in results),
        "wrong identity %": 100.0 * float(np.mean([one.wrong for one in results])),
        "tracks per object": float(np.mean([one.tracks_per_object for one in results])),
        "refined range error m": max(one.off_m for one in results),
        "refined azimuth error deg": max(one.off_deg for one in results),
        "identity µs per report": float(np.mean([one.cpu_us_per_report for one in results])),
        "unregistered: false dark %": 100.0 * biased.false_dark,
        "unregistered: tracks per object": biased.tracks_per_object,
    }
    return figures, [
        ("false dark %", figures["false dark %"], "<=", 0.2),
        ("dark recall", figures["dark recall"], ">=", 0.99),
        ("re-bindings", figures["re-bindings (most)"], "<=", 2),
    ]


def sharding(seeds: tuple[int, ...]) -> tuple[Figures, list[Check]]:
    """Public ids over the crossings of a grid of owners."""
    layouts = shards.measure(seeds[0])
    one = layouts["one tracker"]
    figures: Figures = {}
    for name, result in layouts.items():
        figures[f"{name}: switches"] = result.switches
        figures[f"{name}: ids issued"] = result.issued
        figures[f"{name}: object-seconds under two ids"] = result.doubled_s
        figures[f"{name}: missed %"] = 100.0 * result.missed_share
        figures[f"{name}: plots processed / made"] = result.work
        figures[f"{name}: cell crossings"] = result.crossings
    handed = [layouts["4x4, halo 300 m, handoff"], layouts["4x4, halo 500 m, handoff"]]
    return figures, [
        ("switches, 4x4 with handoff", max(h.switches for h in handed), "<=", one.switches),
        ("object-seconds under two ids", max(h.doubled_s for h in handed), "<=", one.doubled_s),
        ("missed %", 100.0 * max(h.missed_share for h in handed), "<=", 0.5),
        (
            "switches, an owner dead for 30 s",
            layouts["4x4, halo 500 m, an owner dead for 30 s"].switches,
            "<=",
            one.switches + 2,
        ),
    ]


def cameras(seeds: tuple[int, ...]) -> tuple[Figures, list[Check]]:
    """Triangulation."""
    figures = others.cameras(seeds[0])
    nees = figures["mean NEES (2 wanted)"]
    return figures, [("mean NEES", nees, "<=", 2.1), ("mean NEES", nees, ">=", 1.9)]


def ground(seeds: tuple[int, ...]) -> tuple[Figures, list[Check]]:
    """Trip chains."""
    figures = others.walkers(seeds[0])
    return figures, [
        ("walkers found %", figures["found %"], ">=", 95.0),
        ("wrong chains per walk", figures["wrong chains per walk"], "<=", 0.2),
    ]


Question = Callable[[tuple[int, ...]], tuple[Figures, list[Check]]]
QUESTIONS: dict[str, Question] = {
    "registration": registration,
    "dark": darkness,
    "shards": sharding,
    "cameras": cameras,
    "ground": ground,
}


def main() -> int:
    """Ask all questions, print figures and bars; 1 where one is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--only", choices=sorted(QUESTIONS), nargs="*", help="these questions")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    seeds = (1,) if options.quick else (1, 2, 3)
    missed = 0
    written: dict[str, Figures] = {}
    for name, question in QUESTIONS.items():
        if options.only and name not in options.only:
            continue
        began = time.process_time()
        figures, checks = question(seeds)
        written[name] = figures
        print(f"\n{name} ({time.process_time() - began:.0f} s CPU)")
        for what, value in figures.items():
            print(f"  {what:<55} {value:>12.4g}")
        for what, value, how, bar in checks:
            good = value <= bar if how == "<=" else value >= bar
            missed += not good
            print(f"  {'ok  ' if good else 'MISS'} {what}: {value:.4g} {how} {bar:g}")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(written, indent=2) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
