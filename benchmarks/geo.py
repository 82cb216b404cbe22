"""How fast and how right the zone index is, beside shapely's best recipe in the same run; per core, numpy and shapely.

All countries with territorial sea (the npm package of ``vedette zones import osm-borders``, fetched once; or
``--zones FILE``). Times are process time, best of the repeats. ``--quick`` uses the 1000 m borders and fewer rows;
``--json FILE`` writes the figures.

shapely's recipe: an STRtree over the zones' boxes, then ``intersects_xy`` on prepared geometry (``covers`` for points).
Segments: an STRtree over every edge, then ``intersects``.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import ZoneIndex
from geo.index.build import build
from geo.index.edges import zone_hashes
from geo.index.layers import Layers
from geo.index.segments import meet
from geo.pieces import pieces_of
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
    rng = np.random.default_rng(1)
    sets = _places(layers, rng, rows)
    oracle = Shapely(world)
    figures["points"] = {name: _points(index, oracle, x, y) for name, (x, y) in sets.items()}
    agreement = _agreement(layers, oracle, rng, rows // 5)
    figures["agreement"] = agreement
    figures["segments"], pairs_differ = _segments(index, layers, sets, rng)
    figures["distance"] = _distances(index, layers, rng, rows // 5)
    figures["edit"] = _edit(index, world)
    figures["count"] = _counts(rows // 2)
    print(json.dumps(figures, indent=2))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return int(any(found["differ"] for found in agreement.values()) or pairs_differ > 0)


class Shapely:
    """shapely's best recipe for points."""

    def __init__(self, world: ZoneSet) -> None:
        self.shapes = np.array([zone.geometry for zone in world.areas], object)
        shapely.prepare(self.shapes)
        self.tree = shapely.STRtree(self.shapes)
        self.hashes = zone_hashes([zone.zone_id for zone in world.areas])[:, 0]

    def pairs(self, x: Floats, y: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """``(position, zone)`` of every zone that covers a position."""
        at, zone = self.tree.query(shapely.points(x, y))
        keep = shapely.intersects_xy(self.shapes[zone], x[at], y[at])
        return at[keep], zone[keep]

    def mixed(self, x: Floats, y: Floats) -> NDArray[np.uint64]:
        """One number per set of zones: equal numbers, equal sets."""
        found = np.zeros(len(x), np.uint64)
        at, zone = self.pairs(x, y)
        np.bitwise_xor.at(found, at, self.hashes[zone])
        return found


def best_s(work: Callable[[], object], repeats: int = 4) -> float:
    """Least process time of some runs, seconds."""
    found = math.inf
    for _ in range(repeats):
        start = time.process_time()
        work()
        found = min(found, time.process_time() - start)
    return max(found, 1e-9)


def imported(resolution: str) -> Path:
    """The zones file of all countries, made with the command people use."""
    out = Path(tempfile.gettempdir()) / f"vedette-bench-borders-{resolution}.geojson"
    if not out.exists():
        command = [sys.executable, "-m", "streams.cli.main", "zones", "import", "osm-borders", "--countries", "all"]
        subprocess.run([*command, "--resolution", resolution, "--out", str(out)], check=True)
    return out


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


def _places(layers: Layers, rng: np.random.Generator, rows: int) -> dict[str, tuple[Floats, Floats]]:
    edges = layers.base.tables.edges
    west, east, south, north = REGION
    here = (edges[:, 0] > west) & (edges[:, 0] < east) & (edges[:, 1] > south) & (edges[:, 1] < north)
    return {
        "uniform": (rng.uniform(-180, 180, rows), rng.uniform(-85, 85, rows)),
        "near_world": _beside(edges, rng, rows, 1000.0),
        "near_region": _beside(edges[here] if here.any() else edges, rng, rows, 1000.0),
    }


def _beside(edges: Floats, rng: np.random.Generator, rows: int, metres: float) -> tuple[Floats, Floats]:
    """Positions up to some metres from a random place of a random edge."""
    edge = edges[rng.integers(0, len(edges), rows)]
    at = edge[:, :2] + rng.random((rows, 1)) * (edge[:, 2:] - edge[:, :2])
    away, angle = metres * rng.random(rows), rng.random(rows) * 2 * np.pi
    squeeze = np.maximum(np.cos(np.radians(at[:, 1])), 0.05)
    x = at[:, 0] + away * np.cos(angle) / (111_320 * squeeze)
    return np.clip(x, -180, 180), np.clip(at[:, 1] + away * np.sin(angle) / 111_200, -90, 90)


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


def _agreement(layers: Layers, oracle: Shapely, rng: np.random.Generator, rows: int) -> dict[str, dict[str, int]]:
    """Positions where the index and shapely's ``covers`` name different sets."""
    edges = layers.base.tables.edges
    edge = edges[rng.integers(0, len(edges), rows)]
    start, end = edge[:, :2], edge[:, 2:]
    on = start + rng.random((rows, 1)) * (end - start)
    noise = rng.normal(size=(rows, 2))
    cell = 360 / (2048 * 512)
    corner = np.array([-180.0, -90.0])
    sets = {
        "uniform": rng.uniform([-180, -90], [180, 90], (rows, 2)),
        "within_1km": np.column_stack(_beside(edges, rng, rows, 1000.0)),
        "vertices": start,
        "edge_middles": (start + end) / 2,
        "rounded_on_edges": on,
        "one_ulp_off": np.nextafter(on, on + noise),
        "1e-9_m_to_0.1_m_off": on + noise * 10.0 ** rng.uniform(-9, -1, (rows, 1)) / 111_320,
        "level_with_vertices": np.column_stack([on[:, 0] + noise[:, 0] / 2, start[:, 1]]),
        "raster_corners": rng.integers([0, 0], [2049, 1025], (rows, 2)) * (360 / 2048) + corner,
        "fine_corners": np.round((on - corner) / cell) * cell + corner,
        "antimeridian": np.column_stack([rng.choice([-180.0, 180.0], rows), rng.uniform(-90, 90, rows)]),
        "poles": np.column_stack([rng.uniform(-180, 180, rows), rng.choice([-90.0, 90.0], rows)]),
    }
    found: dict[str, dict[str, int]] = {}
    for name, places in sets.items():
        xy = np.clip(places, [-180, -90], [180, 90])
        ids = layers.base.query(xy[:, 0], xy[:, 1])
        members = layers.base.sets.members
        mixed = np.array(
            [np.bitwise_xor.reduce(oracle.hashes[sorted(zones)]) if zones else np.uint64(0) for zones in members]
        )
        differ = int((mixed[ids] != oracle.mixed(xy[:, 0], xy[:, 1])).sum())
        found[name] = {"positions": rows, "differ": differ}
    return found


def _segments(
    index: ZoneIndex, layers: Layers, sets: dict[str, tuple[Floats, Floats]], rng: np.random.Generator
) -> tuple[Figures, int]:
    figures: Figures = {}
    moved: dict[str, tuple[Floats, Floats]] = {}
    for name, (x, y) in sets.items():
        rows = min(len(x), 200_000)
        length, angle = rng.uniform(10, 500, rows), rng.random(rows) * 2 * np.pi
        squeeze = np.maximum(np.cos(np.radians(y[:rows])), 0.05)
        start = np.column_stack([x[:rows], y[:rows]])
        step = np.column_stack([np.cos(angle) / (111_320 * squeeze), np.sin(angle) / 111_200]) * length[:, None]
        moved[name] = start, np.clip(start + step, [-180, -90], [180, 90])
        by_batch = {}
        for size, count in ((1, 3000), (10, 10_000), (100, 20_000), (SEGMENT_CHUNK, rows)):
            count = max(min(count, rows) - min(count, rows) % size, min(size, rows))
            p0, p1 = moved[name]
            parts = [(p0[a : a + size], p1[a : a + size]) for a in range(0, count, size)]
            seconds = best_s(partial(_each, index.crossings, parts))
            by_batch[str(size)] = round(count / seconds / 1e6, 3)
        figures[name] = {"by_batch_million_per_s": by_batch}
    p0, p1 = moved["near_world"]
    rows = len(p0)
    piece = pieces_of(p0[:, 0], p0[:, 1], p1[:, 0], p1[:, 1])
    at, edge, _ = meet(layers.base.tables, piece.x0, piece.y0, piece.x1, piece.y1)
    edges = layers.base.tables.edges
    lines = shapely.linestrings(np.stack([p0, p1], axis=1))
    began_s = time.process_time()
    tree = shapely.STRtree(np.asarray(shapely.linestrings(edges.reshape(-1, 2, 2))))
    built_s = time.process_time() - began_s
    expected = tree.query(np.asarray(lines), predicate="intersects")
    recipe = rows / (time.process_time() - began_s - built_s) / 1e6
    mine = np.unique(at * len(edges) + edge)
    theirs = np.unique(expected[0].astype(np.int64) * len(edges) + expected[1])
    differ = len(np.setxor1d(mine, theirs))
    figures["oracle"] = {
        "segments": rows,
        "pairs": len(theirs),
        "pairs_differ": differ,
        "shapely_million_per_s": round(recipe, 3),
        "shapely_tree_s": round(built_s, 2),
    }
    return figures, differ


def _each(work: Callable[[Floats, Floats], object], parts: list[tuple[Floats, Floats]]) -> None:
    for part in parts:
        work(*part)


def _distances(index: ZoneIndex, layers: Layers, rng: np.random.Generator, rows: int) -> Figures:
    """Speed and error in one region; the error against a search along each edge with pyproj's geodesic."""
    from tests.geo.geodesic import nearest_m

    edges = np.asarray(layers.base.tables.edges)
    west, east, south, north = REGION
    here = (edges[:, 0] > west) & (edges[:, 0] < east) & (edges[:, 1] > south) & (edges[:, 1] < north)
    local = edges[here] if here.any() else edges
    figures: Figures = {}
    for name, metres in (("within_1km", 1000.0), ("within_5km", 5000.0)):
        places = np.column_stack(_beside(local, rng, rows, metres))
        first = _wall_s(partial(index.distance, places))
        speed = rows / best_s(partial(index.distance, places), 2) / 1e6
        figures[name] = {"million_per_s": round(speed, 2), "first_time_s": round(first, 2)}
    worst, checked = 0.0, 0
    for (lon, lat), found in zip(places[:500].tolist(), index.distance(places[:500]).tolist(), strict=True):
        wide = 0.06 / max(math.cos(math.radians(lat)), 0.05)
        low, high = np.minimum(edges[:, :2], edges[:, 2:]), np.maximum(edges[:, :2], edges[:, 2:])
        around = ((high > [lon - wide, lat - 0.06]) & (low < [lon + wide, lat + 0.06])).all(1)
        if not math.isnan(found):
            worst = max(worst, abs(abs(found) - nearest_m(edges[around], lon, lat)))
            checked += 1
    figures["error"] = {"positions": checked, "worst_mm": round(worst * 1e3, 3)}
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
            "near": _beside(points.tables.edges, rng, rows, 1000.0),
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
