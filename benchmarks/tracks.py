"""``make bench-tracks``: the tracker beside Stone Soup 1.9.1 on the same plots, in one run, one thread each.

Speed is plots per second of process CPU time, the tracker alone. Quality: GOSPA (p 2, c 50 m) over all scans of
confirmed tracks, ID switches, false tracks. Further: hard cases, rotating radars cut into frames, late plots, cost per
plot with the number of tracks, and the Autoferry recordings where they are. ``--quick`` leaves out the long runs of
Stone Soup.

python -m benchmarks.tracks [--quick] [--seeds 1,2,3] [--json build/bench/tracks.json]"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from benchmarks import track_autoferry
from benchmarks.track_world import Floats, Plots, Radar, Scans, Truth, delayed, scans, truth, turning
from simulator.clear_mot import ClearMot
from simulator.gospa import gospa
from streams.tracks import Frame, Sensor, Tracker

C_M = 50.0
SIZES = (50, 200, 500, 1000)
HARD: dict[str, tuple[int, dict[str, float]]] = {
    "false plots 100 %": (200, {"false_share": 1.0}),
    "dense, 10/km²": (500, {"side_m": 7000.0}),
    "slow radar, 3 s": (200, {"period_s": 3.0}),
}

Figures = dict[str, float]


def main() -> int:
    """Run all, print a table each, write the figures where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--seeds", default="1,2,3", help="of the worlds")
    parser.add_argument("--quick", action="store_true", help="Stone Soup on 50 and 200 targets of the first seed only")
    options = parser.parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    found: dict[str, object] = {"machine": "shared; ratios inside this run"}
    found["sizes"] = {n: beside(n, {}, seeds, options.quick) for n in SIZES}
    found["hard"] = {name: beside(n, world, seeds[:1], options.quick) for name, (n, world) in HARD.items()}
    found["frames"] = frames()
    found["late"] = late()
    found["tracks"] = flat()
    found["autoferry"] = track_autoferry.all_scenarios()
    print(json.dumps(found, indent=1))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(found, indent=1))
    return 0


def beside(targets: int, world: dict[str, float], seeds: list[int], quick: bool) -> dict[str, Figures]:
    """Vedette and Stone Soup on the same scans: the means over the seeds, and the ratios."""
    ours = _mean([vedette(scans(targets, seed, **world)) for seed in seeds])
    table = {"vedette": ours}
    theirs: list[Figures] = []
    if not quick or (not world and targets <= 200):
        for seed in seeds[:1] if quick else seeds:
            theirs.append(stonesoup(scans(targets, seed, **world)))
    if theirs:
        same = _mean([vedette(scans(targets, seed, **world)) for seed in seeds[: len(theirs)]])
        table["stonesoup"] = _mean(theirs)
        table["ratio"] = {name: same[name] / table["stonesoup"][name] for name in ("plots_per_second", "gospa")}
    print(
        f"{targets:5} {world or ''}", json.dumps({k: {n: round(v, 3) for n, v in f.items()} for k, f in table.items()})
    )
    sys.stdout.flush()
    return table


def vedette(world: Scans, at_least_s: float = 1.0) -> Figures:
    """This tracker, told sigma and detection probability, not the clutter; the median speed of as many runs as take
    ``at_least_s`` of CPU."""
    sensor = Sensor(
        "radar", revisit_s=world.period_s, sigma_m=world.sigma_m, detection_probability=world.detection, scans=True
    )
    frames = [_scan_frame(time_s, plots, world.sigma_m, number) for number, (time_s, plots) in enumerate(world)]
    runs: list[float] = []
    while len(runs) < 3 or sum(runs) < at_least_s:
        tracker = Tracker((sensor,))
        began = time.process_time()
        pictures = []
        for frame, time_s in zip(frames, world.time_s, strict=True):
            tracker.step(frame)
            pictures.append(tracker.positions(time_s))
        runs.append(time.process_time() - began)
    shown = ((ids[confirmed].astype(str).tolist(), place[:, confirmed].T) for ids, place, confirmed in pictures)
    return _quality(world, shown) | {"plots_per_second": world.plots / float(np.median(runs))}


def stonesoup(world: Scans) -> Figures:
    """Stone Soup's best configuration found."""
    from benchmarks.peers.stonesoup_tracker import Clocked, Tuning

    clocked = Clocked(world.sigma_m, Tuning())
    shown = [(picture.names, picture.place_m) for picture in clocked.pictures(world)]
    return _quality(world, shown) | {"plots_per_second": clocked.plots / clocked.cpu_s}


def _quality(world: Scans, shown: Iterable[tuple[list[str], Floats]]) -> Figures:
    clear, totals = ClearMot(C_M), []
    truths = zip(world.time_s, world.target, world.place_m, strict=True)
    for (time_s, target, place_m), (names, at_m) in zip(truths, shown, strict=True):
        totals.append(gospa(place_m, at_m, c_m=C_M).total)
        clear.step(time_s, [str(number) for number in target.tolist()], place_m, names, at_m)
    followed = clear.followed()
    return {
        "gospa": float(np.mean(totals)),
        "switches": float(followed.switches),
        "false_tracks": float(followed.false_tracks),
        "confirm_s": float(np.mean(followed.confirm_s)),
    }


RADARS = (Radar(0.0, 0.0, 1.0, 0.0), Radar(20_000.0, 0.0, 1.5, 0.3))
_SENSORS = tuple(
    Sensor(f"radar-{number}", revisit_s=radar.period_s, detection_probability=0.9)
    for number, radar in enumerate(RADARS)
)


def turning_figures(plots: Plots, frame_s: float, world_at: Callable[[float], Floats], until_s: float) -> Figures:
    """Frames of ``frame_s`` by arrival; the live picture against the truth at every full second."""
    tracker = Tracker(_SENSORS)
    number = np.floor(plots.arrival_s / frame_s + 1e-9).astype(np.int64)
    edges = np.searchsorted(number, np.arange(number[-1] + 2))
    totals: list[float] = []
    second = 1
    cpu_s = 0.0
    for index in range(len(edges) - 1):
        frame = plots_frame(plots, int(edges[index]), int(edges[index + 1]))
        began = time.process_time()
        tracker.step(frame)
        cpu_s += time.process_time() - began
        while second < until_s and (index + 1) * frame_s >= second - 1e-9:
            if second > 10:
                _, place, confirmed = tracker.positions(float(second))
                totals.append(gospa(world_at(float(second)), place[:, confirmed].T, c_m=C_M).total)
            second += 1
    return {"gospa": float(np.mean(totals)), "plots_per_second": len(plots.time_s) / cpu_s}


def plots_frame(plots: Plots, start: int, end: int) -> Frame:
    """Rows of a table as a frame."""
    rows = slice(start, end)
    return Frame(
        plots.time_s[rows],
        plots.sensor[rows].astype(np.intp),
        plots.x_m[rows],
        plots.y_m[rows],
        plots.xx_m2[rows],
        plots.xy_m2[rows],
        plots.yy_m2[rows],
        np.arange(start + 1, end + 1, dtype=np.uint64),
    )


def frames() -> dict[str, Figures]:
    """Two rotating radars, 200 targets, 60 s: frames of 20 to 500 ms."""
    rng = np.random.default_rng(1)
    world = truth(200, 60.0, 20_000.0, rng)
    plots = turning(world, RADARS, 20_000.0, rng)
    at = _places(world)
    return {f"{ms} ms": turning_figures(plots, ms / 1000, at, 58.0) for ms in (20, 100, 250, 500)}


def late() -> dict[str, Figures]:
    """Two rotating radars, 300 targets: 30 % of the plots up to 3 s late, frames of 250 ms, the live picture."""
    rng = np.random.default_rng(2)
    world = truth(300, 60.0, 20_000.0, rng)
    plots = turning(world, RADARS, 20_000.0, rng)
    at = _places(world)
    none = turning_figures(plots, 0.25, at, 58.0)
    some = turning_figures(delayed(plots, 0.3, 3.0, rng), 0.25, at, 58.0)
    return {"none": none, "30 % <= 3 s": some, "ratio": {"gospa": some["gospa"] / none["gospa"]}}


def flat() -> dict[str, Figures]:
    """Microseconds of CPU per plot in steady state, 1,000 tracks a sector, with 1 to 100 sectors; bytes per track."""
    found: dict[str, Figures] = {}
    world = scans(1000, 7, seconds=8.0)
    frames = [_scan_frame(time_s, plots, world.sigma_m, number) for number, (time_s, plots) in enumerate(world)]
    sensor = Sensor("radar", scans=True)
    for sectors in (1, 10, 100):
        trackers = [Tracker((sensor,)) for _ in range(sectors)]
        for tracker in trackers:
            for frame in frames[:5]:
                tracker.step(frame)
        began, plots = time.process_time(), 0
        for frame in frames[5:]:
            for tracker in trackers:
                tracker.step(frame)
                plots += len(frame)
        tracks = sum(len(tracker) for tracker in trackers)
        found[f"{tracks} tracks"] = {
            "us_per_plot": 1e6 * (time.process_time() - began) / plots,
            "snapshot_bytes_per_track": len(trackers[0].snapshot()) / len(trackers[0]),
        }
    return found


def _places(world: Truth) -> Callable[[float], Floats]:
    def at(moment_s: float) -> Floats:
        row = int(np.searchsorted(world.time_s, moment_s - 1e-6))
        place: Floats = world.place_m[row, world.alive[row]]
        return place

    return at


def _scan_frame(time_s: float, plots: Floats, sigma_m: float, number: int) -> Frame:
    count = len(plots)
    variance = np.full(count, sigma_m**2)
    x_m, y_m = np.ascontiguousarray(plots.T)
    names = np.arange(count, dtype=np.uint64) + np.uint64(number * 100_000 + 1)
    return Frame(np.full(count, time_s), np.zeros(count, np.intp), x_m, y_m, variance, np.zeros(count), variance, names)


def _mean(runs: list[Figures]) -> Figures:
    return {name: float(np.mean([run[name] for run in runs])) for name in runs[0]}


if __name__ == "__main__":
    sys.exit(main())
