"""What proves the zone index right: hard places, segments, intervals and distances against oracles of other people.

Each proof looks at one piece of some rows made from a random generator and says how many it checked and how many are
wrong, so that pieces can be run on any day and added up. The oracles: shapely's ``covers`` for positions, an STRtree
over every edge with ``intersects`` for the (segment, edge) pairs, ``intersection`` with whole zones for the intervals
of a segment, and a search along each edge near by with pyproj's geodesic for distances.
"""

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import ZoneIndex
from geo.index.edges import zone_hashes
from geo.index.segments import meet
from geo.pieces import pieces_of
from geo.zones import ZoneSet
from tests.geo.geodesic import nearest_m

Floats = NDArray[np.float64]
CELL_DEG = 360 / (2048 * 512)
_ROUNDING_DEG = 1e-9  # of interval ends; crossings are decided exactly, but where they are is rounded
DISTANCE_M = 0.01


class Checked(NamedTuple):
    """How many were looked at, how many of them are wrong, and the worst error where there is one, metres."""

    rows: int
    wrong: int
    worst_m: float = 0.0


class Shapely:
    """shapely's best recipe for points: an STRtree over the zones' boxes, then prepared geometry."""

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


class World:
    """Zones without ports of entry, their index, and what the oracles need of them."""

    def __init__(self, zones: ZoneSet, index: ZoneIndex, edges: Floats) -> None:
        self.zones, self.index, self.edges = zones, index, np.asarray(edges)
        self.oracle = Shapely(zones)

    @cached_property
    def seam(self) -> NDArray[np.bool_]:
        """Edges along the edge of the map, which are no border: the zone goes on beyond."""
        x0, y0, x1, y1 = self.edges.T
        found: NDArray[np.bool_] = ((np.abs(x0) == 180) & (x0 == x1)) | ((np.abs(y0) == 90) & (y0 == y1))
        return found

    @cached_property
    def edge_tree(self) -> shapely.STRtree:
        """Every edge."""
        return shapely.STRtree(np.asarray(shapely.linestrings(self.edges.reshape(-1, 2, 2))))


def beside(edges: Floats, rng: np.random.Generator, rows: int, metres: float) -> Floats:
    """Positions ``(rows, 2)`` up to some metres from a random place of a random edge."""
    edge = edges[rng.integers(0, len(edges), rows)]
    at = edge[:, :2] + rng.random((rows, 1)) * (edge[:, 2:] - edge[:, :2])
    return moved(at, rng, metres * rng.random(rows))


def moved(at: Floats, rng: np.random.Generator, metres: Floats) -> Floats:
    """Positions in a random direction from others, kept on the map."""
    angle = rng.random(len(at)) * 2 * np.pi
    squeeze = np.maximum(np.cos(np.radians(at[:, 1])), 0.05)
    step = np.column_stack([np.cos(angle) / (111_320 * squeeze), np.sin(angle) / 111_200]) * metres[:, None]
    return np.clip(at + step, [-180, -90], [180, 90])


def hard_places(edges: Floats, rng: np.random.Generator, rows: int) -> dict[str, Floats]:
    """Positions of every kind that geometry code gets wrong, ``(rows, 2)`` of each."""
    edge = edges[rng.integers(0, len(edges), rows)]
    start, end = edge[:, :2], edge[:, 2:]
    on = start + rng.random((rows, 1)) * (end - start)
    noise = rng.normal(size=(rows, 2))
    corner = np.array([-180.0, -90.0])
    tiny = 10.0 ** rng.uniform(-12, 0, rows)
    sets = {
        "uniform": rng.uniform([-180, -90], [180, 90], (rows, 2)),
        "within_1km": beside(edges, rng, rows, 1000.0),
        "vertices": start,
        "edge_middles": (start + end) / 2,
        "rounded_on_edges": on,
        "one_ulp_off": np.nextafter(on, on + noise),
        "1e-9_m_off": on + noise / np.hypot(noise[:, 0], noise[:, 1])[:, None] * (1e-9 / 111_320),
        "1e-9_m_to_0.1_m_off": on + noise * 10.0 ** rng.uniform(-9, -1, (rows, 1)) / 111_320,
        "level_with_vertices": np.column_stack([on[:, 0] + noise[:, 0] / 2, start[:, 1]]),
        "raster_corners": rng.integers([0, 0], [2049, 1025], (rows, 2)) * (360 / 2048) + corner,
        "fine_corners": np.round((on - corner) / CELL_DEG) * CELL_DEG + corner,
        "antimeridian": np.column_stack([rng.choice([-180.0, 180.0], rows), rng.uniform(-90, 90, rows)]),
        "beside_the_antimeridian": np.column_stack(
            [rng.choice([-1.0, 1.0], rows) * (180.0 - tiny), rng.uniform(-90, 90, rows)]
        ),
        "poles": np.column_stack([rng.uniform(-180, 180, rows), rng.choice([-90.0, 90.0], rows)]),
        "beside_the_poles": np.column_stack(
            [rng.uniform(-180, 180, rows), rng.choice([-1.0, 1.0], rows) * (90.0 - tiny)]
        ),
    }
    return {name: np.clip(places, [-180, -90], [180, 90]) for name, places in sets.items()}


def prove_points(world: World, rng: np.random.Generator, rows: int) -> dict[str, Checked]:
    """The set of zones at each position, by kind of position."""
    found: dict[str, Checked] = {}
    hash_of = dict(zip((zone.zone_id for zone in world.zones.areas), world.oracle.hashes.tolist(), strict=True))
    for name, xy in hard_places(world.edges, rng, max(rows // 15, 1)).items():
        ids, inverse = np.unique(world.index.sets(xy), return_inverse=True)
        mixed = np.zeros(len(ids), np.uint64)
        for at, number in enumerate(ids.tolist()):
            for zone_id in world.index.zones_of(number):
                mixed[at] ^= np.uint64(hash_of[zone_id])
        wrong = int((mixed[inverse] != world.oracle.mixed(xy[:, 0], xy[:, 1])).sum())
        found[f"points {name}"] = Checked(len(xy), wrong)
    return found


def prove_pairs(world: World, rng: np.random.Generator, rows: int) -> dict[str, Checked]:
    """Which (segment, edge) pairs touch, of segments of 10-500 m within 1 km of a border."""
    p0 = beside(world.edges, rng, rows, 1000.0)
    p1 = moved(p0, rng, rng.uniform(10, 500, rows))
    piece = pieces_of(p0[:, 0], p0[:, 1], p1[:, 0], p1[:, 1])
    tables = world.index.tables
    at, edge, _ = meet(tables, piece.x0, piece.y0, piece.x1, piece.y1)
    lines = np.asarray(shapely.linestrings(np.stack([p0, p1], axis=1)))
    theirs = world.edge_tree.query(lines, predicate="intersects")
    mine = np.unique(at * len(tables.edges) + edge)
    expected = np.unique(theirs[0].astype(np.int64) * len(tables.edges) + theirs[1])
    return {"segments": Checked(rows, 0), "pairs": Checked(len(expected), len(np.setxor1d(mine, expected)))}


def prove_intervals(world: World, rng: np.random.Generator, rows: int) -> dict[str, Checked]:
    """Where along a segment each zone is, for (segment, zone) pairs: segments of 10 m to 5 km near borders."""
    p0 = beside(world.edges, rng, rows, 300.0)
    p1 = moved(p0, rng, 10.0 ** rng.uniform(1, 3.7, rows))
    mine = intervals_of(world.index, p0, p1)
    lines = np.asarray(shapely.linestrings(np.stack([p0, p1], axis=1)))
    segment, zone = world.oracle.tree.query(lines)
    touching = shapely.intersects(world.oracle.shapes[zone], lines[segment])
    segment, zone = segment[touching], zone[touching]
    common = shapely.intersection(lines[segment], world.oracle.shapes[zone])
    ids = [zone.zone_id for zone in world.zones.areas]
    wrong = 0
    seen: set[tuple[int, str]] = set()
    for row, number, shape in zip(segment.tolist(), zone.tolist(), common, strict=True):
        key = (row, str(ids[number]))
        expected = _stretches(shape, p0[row], p1[row])
        seen.add(key)
        wrong += not _alike(mine.get(key, []), expected, float(np.hypot(*(p1[row] - p0[row]))))
    wrong += sum(key not in seen for key in mine)
    return {"intervals": Checked(len(seen), wrong)}


def intervals_of(index: ZoneIndex, p0: Floats, p1: Floats) -> dict[tuple[int, str], list[tuple[float, float]]]:
    """``u`` from and to of each stretch of a segment in a zone, by (segment, zone id), from the index's crossings."""
    held: dict[tuple[int, str], float] = {}
    found: dict[tuple[int, str], list[tuple[float, float]]] = {}
    for segment, number in enumerate(index.sets(p0).tolist()):
        held.update({(segment, zone_id): 0.0 for zone_id in index.zones_of(number)})
    for row in index.crossings(p0, p1).tolist():
        segment, u, before, after = row[0], row[1], index.zones_of(row[4]), index.zones_of(row[5])
        for zone_id in before:
            if zone_id not in after:
                found.setdefault((segment, zone_id), []).append((held.pop((segment, zone_id)), u))
        held.update({(segment, zone_id): u for zone_id in after if zone_id not in before})
    for key, start in held.items():
        found.setdefault(key, []).append((start, 1.0))
    return found


def _stretches(shape: shapely.Geometry, p0: Floats, p1: Floats) -> list[tuple[float, float]]:
    """The parts of an intersection as ``u`` from and to, in order."""
    axis = int(np.argmax(np.abs(p1 - p0)))
    found = []
    for part in shapely.get_parts(shape):
        xy = shapely.get_coordinates(part)
        u = (xy[:, axis] - p0[axis]) / (p1[axis] - p0[axis])
        found.append((float(u.min()), float(u.max())))
    return sorted(found)


def _alike(mine: list[tuple[float, float]], theirs: list[tuple[float, float]], length_deg: float) -> bool:
    """Equal up to rounding; what is shorter than that is no stretch, and neither is a gap."""
    slack = _ROUNDING_DEG / length_deg

    def plain(stretches: list[tuple[float, float]]) -> Floats:
        joined: list[list[float]] = []
        for start, end in sorted(stretches):
            if joined and start - joined[-1][1] <= slack:
                joined[-1][1] = max(joined[-1][1], end)
            else:
                joined.append([start, end])
        return np.array([ends for ends in joined if ends[1] - ends[0] > 2 * slack]).reshape(-1, 2)

    one, two = plain(mine), plain(theirs)
    return len(one) == len(two) and bool((np.abs(one - two) <= slack).all())


def prove_distance(world: World, rng: np.random.Generator, rows: int) -> dict[str, Checked]:
    """Metres to the nearest border, of positions in one neighbourhood after the other, up to 5 km from an edge."""
    wrong, worst, checked = 0, 0.0, 0
    homes = beside(world.edges, rng, max(rows // 50, 1), 100.0)
    for home in homes:
        places = moved(np.repeat(home[None], min(rows, 50), axis=0), rng, 5000.0 * rng.random(min(rows, 50)))
        for (lon, lat), found in zip(places.tolist(), world.index.distance(places).tolist(), strict=True):
            wide = 0.06 / max(math.cos(math.radians(lat)), 0.02)
            boxes = [
                shapely.box(lon + turn - wide, lat - 0.06, lon + turn + wide, lat + 0.06) for turn in (-360, 0, 360)
            ]
            around = np.unique(world.edge_tree.query(boxes)[1])
            around = around[~world.seam[around]]
            metres = nearest_m(world.edges[around], lon, lat) if around.size else math.inf
            checked += 1
            if math.isnan(found):
                wrong += metres < 5000.0 - DISTANCE_M
            else:
                off = abs(abs(found) - metres)
                worst = max(worst, off)
                wrong += off > DISTANCE_M
    return {"distance": Checked(checked, int(wrong), worst)}


Proof = Callable[[World, np.random.Generator, int], dict[str, Checked]]
PROOFS: Mapping[str, Proof] = {
    "points": prove_points,
    "segments": prove_pairs,
    "intervals": prove_intervals,
    "distance": prove_distance,
}
