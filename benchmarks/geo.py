"""How fast and how right the zone index is, beside shapely's best recipe and S2 in the same run; per core, numpy only.

All countries with territorial sea (the npm package of ``vedette zones import osm-borders``, fetched once; or
``--zones FILE``). Times are process time, best of the repeats. ``--quick`` uses the 1000 m borders and fewer rows;
``--json FILE`` writes the figures.

shapely's recipe: an STRtree over the zones' boxes, then ``intersects_xy`` on prepared geometry (``covers`` for points).
Segments: an STRtree over every edge, then ``intersects``. S2: benchmarks/peers/s2, where there is a Go toolchain.
"""

import argparse
import json
import math
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.borders import imported
from benchmarks.geo_goals import beside_goals
from benchmarks.geo_proofs import Shapely, World, beside, moved, prove_distance, prove_pairs, prove_points
from benchmarks.peers.s2_index import s2_speeds
from geo import ZoneIndex
from geo.index.build import build
from geo.index.layers import Layers
from geo.zones import Zone, ZoneId, ZoneKind, ZoneSet, read_zones

Floats = NDArray[np.float64]
Figures = dict[str, object]

CHUNK = 16_384
SEGMENT_CHUNK = 8_192
REGION = (5.0, 30.0, 50.0, 62.0)


def main() -> int:
    """Measure, print, and write the figures; 1 where the index and shapely disagree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zones", type=Path, help="a zones file instead of all countries")
    parser.add_argument("--quick", action="store_true", help="1000 m borders, fewer rows")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    resolution = "1000m" if options.quick else "10m"
    world = read_zones(options.zones or imported(resolution), mend=True)
    rows = 100_000 if options.quick else 1_000_000
    figures: Figures = {"zones": len(world), "borders": str(options.zones.name if options.zones else resolution)}
    layers, figures["build"] = _built(world)
    index = ZoneIndex(layers)
    edges = np.asarray(index.tables.edges)
    rng = np.random.default_rng(1)
    sets = _places(edges, rng, rows)
    proof = World(world, index, edges)
    figures["points"] = {name: _points(index, proof.oracle, x, y) for name, (x, y) in sets.items()}
    peer_rows = rows // 5
    figures["s2"] = s2_speeds(world, {name: (x[:peer_rows], y[:peer_rows]) for name, (x, y) in sets.items()})
    figures["segments"] = _segments(index, sets, rng) | _segment_recipe(proof, rng, peer_rows // 2)
    figures["distance"] = _distances(index, edges, rng, rows // 5)
    figures["edit"] = _edit(index, world)
    figures["count"] = _counts(rows // 2)
    checked = prove_points(proof, rng, rows) | prove_pairs(proof, rng, rows // 20) | prove_distance(proof, rng, 200)
    figures["checked"] = {what: found._asdict() for what, found in checked.items()}
    figures["goals"] = goals = beside_goals(figures)
    print(json.dumps(figures, indent=2))
    for line in goals:
        print(line)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return int(any(found.wrong for found in checked.values()))


def best_s(work: Callable[[], object], repeats: int = 4) -> float:
    """Least process time of some runs, seconds."""
    found = math.inf
    for _ in range(repeats):
        start = time.process_time()
        work()
        found = min(found, time.process_time() - start)
    return max(found, 1e-9)


def _built(world: ZoneSet) -> tuple[Layers, Figures]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start, wall = time.process_time(), time.perf_counter()
    points = build(world.areas)
    cpu_s, wall_s = time.process_time() - start, time.perf_counter() - wall
    layers = Layers(points)
    with tempfile.TemporaryDirectory() as folder:
        ZoneIndex(layers).save(Path(folder) / "index")
        open_s = min(_wall_s(lambda: ZoneIndex.open(Path(folder) / "index")) for _ in range(3))
    figures: Figures = {
        "edges": len(points.tables.edges),
        "leaves": len(points.tables.records),
        "cpu_s": round(cpu_s, 2),
        "wall_s": round(wall_s, 2),
        "tables_mb": round(sum(table.nbytes for table in points.tables) / 1e6),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "rss_before_mb": round(before),
        "open_ms": round(open_s * 1e3, 2),
    }
    return layers, figures


def _wall_s(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _places(edges: Floats, rng: np.random.Generator, rows: int) -> dict[str, tuple[Floats, Floats]]:
    west, east, south, north = REGION
    here = (edges[:, 0] > west) & (edges[:, 0] < east) & (edges[:, 1] > south) & (edges[:, 1] < north)
    return {
        "uniform": (rng.uniform(-180, 180, rows), rng.uniform(-85, 85, rows)),
        "near_world": _columns(beside(edges, rng, rows, 1000.0)),
        "near_region": _columns(beside(edges[here] if here.any() else edges, rng, rows, 1000.0)),
    }


def _columns(lonlat: Floats) -> tuple[Floats, Floats]:
    return np.ascontiguousarray(lonlat[:, 0]), np.ascontiguousarray(lonlat[:, 1])


def _points(index: ZoneIndex, oracle: Shapely, x: Floats, y: Floats) -> Figures:
    places = np.column_stack([x, y])

    def ask(size: int, rows: int) -> float:
        rows -= rows % size
        chunks = [places[start : start + size] for start in range(0, rows, size)]
        return rows / best_s(lambda: [index.sets(chunk) for chunk in chunks]) / 1e6

    few = min(len(x), 50_000)
    recipe = few / best_s(lambda: oracle.pairs(x[:few], y[:few]), 2) / 1e6
    whole = ask(CHUNK, len(x)) if len(x) >= CHUNK else 0.0
    small = {str(size): round(ask(size, min(len(x), 2000 * min(size, 10))), 3) for size in (1, 10, 50, 100, 1000)}
    return {
        "million_per_s": round(whole, 2),
        "shapely_million_per_s": round(recipe, 3),
        "ratio": round(whole / recipe, 1),
        "by_batch_million_per_s": small,
    }


def _segments(index: ZoneIndex, sets: dict[str, tuple[Floats, Floats]], rng: np.random.Generator) -> Figures:
    figures: Figures = {}
    for name, (x, y) in sets.items():
        rows = min(len(x), 200_000)
        p0 = np.column_stack([x[:rows], y[:rows]])
        p1 = moved(p0, rng, rng.uniform(10, 500, rows))
        by_batch = {}
        for size, count in ((1, 3000), (10, 10_000), (100, 20_000), (SEGMENT_CHUNK, rows)):
            count = max(min(count, rows) - min(count, rows) % size, min(size, rows))
            parts = [(p0[a : a + size], p1[a : a + size]) for a in range(0, count, size)]
            seconds = best_s(partial(_each, index.crossings, parts))
            by_batch[str(size)] = round(count / seconds / 1e6, 3)
        figures[name] = {"by_batch_million_per_s": by_batch}
    return figures


def _segment_recipe(world: World, rng: np.random.Generator, rows: int) -> Figures:
    """Shapely's recipe for segments, near borders."""
    p0 = beside(world.edges, rng, rows, 1000.0)
    lines = np.asarray(shapely.linestrings(np.stack([p0, moved(p0, rng, rng.uniform(10, 500, rows))], axis=1)))
    world.edge_tree.query(lines[:100], predicate="intersects")  # the tree is built at its first question
    seconds = best_s(lambda: world.edge_tree.query(lines, predicate="intersects"), 2)
    return {"shapely_million_per_s": round(rows / seconds / 1e6, 3)}


def _each(work: Callable[[Floats, Floats], object], parts: list[tuple[Floats, Floats]]) -> None:
    for part in parts:
        work(*part)


def _distances(index: ZoneIndex, edges: Floats, rng: np.random.Generator, rows: int) -> Figures:
    """Speed in one region."""
    west, east, south, north = REGION
    here = (edges[:, 0] > west) & (edges[:, 0] < east) & (edges[:, 1] > south) & (edges[:, 1] < north)
    local = edges[here] if here.any() else edges
    figures: Figures = {}
    for name, metres in (("within_1km", 1000.0), ("within_5km", 5000.0)):
        places = beside(local, rng, rows, metres)
        first = _wall_s(partial(index.distance, places))
        speed = rows / best_s(partial(index.distance, places), 3) / 1e6
        figures[name] = {"million_per_s": round(speed, 2), "first_time_s": round(first, 2)}
    return figures


def _edit(index: ZoneIndex, world: ZoneSet) -> Figures:
    """Wall time until an edit of the largest zone is visible."""
    largest = max(world.areas, key=lambda zone: shapely.get_num_coordinates(zone.geometry))
    moved = Zone(
        largest.zone_id, largest.kind, largest.name, shapely.transform(largest.geometry, lambda xy: xy * 0.999)
    )
    place = np.array([[0.0, 0.0]])
    return {
        "zone": largest.zone_id,
        "positions": int(shapely.get_num_coordinates(largest.geometry)),
        "visible_s": round(min(_wall_s(lambda: index.edited([moved]).sets(place)) for _ in range(2)), 2),
    }


def _counts(rows: int) -> Figures:
    """Speed over 10, 1,000 and 10,000 rough zones that overlap."""
    figures: Figures = {}
    for count in (10, 1_000, 10_000):
        rng = np.random.default_rng(count)
        made = []
        for number in range(count):
            angle = np.sort(rng.random(40)) * 2 * np.pi
            reach = rng.uniform(0.3, 1.0, 40) * rng.uniform(0.05, 0.5)
            lon, lat = rng.uniform(-175, 175), rng.uniform(-80, 80)
            star = shapely.Polygon(np.column_stack([lon + reach * np.cos(angle), lat + reach * np.sin(angle)]))
            if star.is_valid:
                made.append(Zone(ZoneId(f"z{number}"), ZoneKind.EXCLUSION, "star", star))
        start = time.process_time()
        points = build(made)
        built_s = time.process_time() - start
        places = {
            "uniform": (rng.uniform(-180, 180, rows), rng.uniform(-85, 85, rows)),
            "near": _columns(beside(points.tables.edges, rng, rows, 1000.0)),
        }
        speeds = {name: round(rows / best_s(partial(points.query, *xy)) / 1e6, 2) for name, xy in places.items()}
        inside = float((points.query(*places["uniform"]) != 0).mean())
        figures[str(count)] = {
            "build_s": round(built_s, 2),
            "million_per_s": speeds,
            "sets": len(points.sets),
            "share_inside": round(inside, 4),
        }
    return figures


if __name__ == "__main__":
    sys.exit(main())
