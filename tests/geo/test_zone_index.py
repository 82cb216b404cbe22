"""The index: every path to an answer gives shapely's answer."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo import ZoneIndex
from geo.index import sets as known
from geo.index.edges import edge_table, zone_hashes
from geo.index.points import NotAPlace
from geo.index.store import NotAnIndex
from geo.zones import ZoneKind, ZoneSet, as_features
from tests.geo.shapes import Points, covering, edge_world, hard_points, overlapping_world, star, zone

WORLDS = ["overlaps", "dense", "edge"]


def named(index: ZoneIndex, points: Points) -> list[tuple[str, ...]]:
    """Zone ids at each position."""
    return [index.zones_of(set_id) for set_id in index.sets(points).tolist()]


def dense_world(seed: int) -> ZoneSet:
    """Rough coasts with thousands of edges in few cells: the tree is refined to its last depth."""
    rng = np.random.default_rng(seed)
    made = [zone(f"d{i}", star(rng, 10 + 0.02 * i, 54, 0.05, 1500), ZoneKind.EXCLUSION) for i in range(3)]
    spikes = np.column_stack([np.linspace(10, 10.0004, 600), np.where(np.arange(600) % 2, 54.1, 54.1003)])
    comb = shapely.Polygon(np.vstack([spikes, [[10.0004, 54.0999], [10, 54.0999]]]))
    return ZoneSet((*made, zone("comb", comb, ZoneKind.EXCLUSION)))


@pytest.mark.parametrize(
    "world", [overlapping_world(11), dense_world(12), edge_world()], ids=["overlaps", "dense", "edge"]
)
def test_hard_points(world: ZoneSet) -> None:
    """Law: on vertices, edges, an ulp and 1e-9 degrees beside them, the set is what ``covers`` says."""
    points = hard_points(world, 1, 700)
    assert named(ZoneIndex.from_zones(world), points) == covering(world, points)


def test_corners_of_smallest_cells() -> None:
    """Law: positions on the lines of the finest cells lose no edge."""
    world = dense_world(13)
    at = hard_points(world, 2, 300)
    step, origin = 360 / (2048 * 512), np.array([-180.0, -90.0])
    points = np.round((at - origin) / step) * step + origin
    assert named(ZoneIndex.from_zones(world), points) == covering(world, points)


@pytest.mark.parametrize(
    "world", [overlapping_world(14), dense_world(15), edge_world()], ids=["overlaps", "dense", "edge"]
)
def test_one_at_a_time_and_all_at_once(world: ZoneSet) -> None:
    """Law: the scalar and the vectorised path give the same ids, and the same crossings to the last bit."""
    index = ZoneIndex.from_zones(world)
    points = hard_points(world, 3, 60)
    ids = index.sets(points)
    assert [int(index.sets(points[i : i + 1])[0]) for i in range(len(points))] == ids.tolist()
    rng = np.random.default_rng(4)
    short = points + rng.normal(0, 0.3, points.shape)
    short = np.clip(short, [-180, -90], [180, 90])
    start = np.vstack([points[:-1], short])
    end = np.vstack([points[1:], np.clip(short + rng.normal(0, 0.1, short.shape), [-180, -90], [180, 90])])
    together = index.crossings(start, end)
    apart = []
    for i in range(0, len(start), 9):
        rows = index.crossings(start[i : i + 9], end[i : i + 9]).copy()
        rows["segment"] += i
        apart.append(rows)
    assert np.concatenate(apart).tolist() == together.tolist()


def test_long_segments() -> None:
    """Law: segments across the map, steep, flat, and exactly along a meridian, meet the zones shapely says."""
    world = overlapping_world(20)
    index = ZoneIndex.from_zones(world)
    rng = np.random.default_rng(20)
    p0, p1 = rng.uniform([-85, -80], [85, 80], (2, 150, 2))
    p1[:20, 1], p1[20:40, 0] = p0[:20, 1], p0[20:40, 0]
    rows = index.crossings(p0, p1)
    lines = shapely.linestrings(np.stack([p0, p1], axis=1))
    for item in world:
        met = np.flatnonzero(shapely.length(shapely.intersection(lines, item.geometry)) > 1e-6)
        states = {
            segment
            for segment, before, after in zip(rows["segment"], rows["before"], rows["after"], strict=True)
            if item.zone_id in (*index.zones_of(before), *index.zones_of(after))
        }
        inside = np.flatnonzero(shapely.covers(item.geometry, lines))
        assert states | set(inside.tolist()) == set(met.tolist())


def test_large_batches_are_cut_without_a_seam() -> None:
    """Law: more rows than one chunk give what the chunks give."""
    world = overlapping_world(16)
    index = ZoneIndex.from_zones(world)
    rng = np.random.default_rng(16)
    p0 = rng.uniform([-20, -15], [20, 15], (20_000, 2))
    p1 = p0 + rng.normal(0, 0.1, (20_000, 2))
    rows = index.crossings(p0, p1)
    middle = index.crossings(p0[8000:9000], p1[8000:9000])
    mine = rows[(rows["segment"] >= 8000) & (rows["segment"] < 9000)]
    mine["segment"] -= 8000
    assert mine.tolist() == middle.tolist()
    assert index.sets(p0)[16_000:17_000].tolist() == index.sets(p0[16_000:17_000]).tolist()


@pytest.mark.parametrize("count", [1, 200])
@pytest.mark.parametrize("bad", [(181, 0), (-180.0001, 0), (0, 90.1), (0, -91), (float("nan"), 0), (0, float("inf"))])
def test_a_position_that_is_none(count: int, bad: tuple[float, float]) -> None:
    """Law: a position that is not finite or not on the map is an error, never an answer."""
    index = ZoneIndex.from_zones(overlapping_world(1))
    points = np.zeros((count, 2))
    points[-1] = bad
    with pytest.raises(NotAPlace):
        index.sets(points)
    with pytest.raises(NotAPlace):
        index.crossings(np.zeros((count, 2)), points)


def test_from_geojson_reads_zones_files(tmp_path: Path) -> None:
    """Law: a path and a dict give the same index."""
    world = overlapping_world(17)
    document = as_features(world)
    file = tmp_path / "zones.geojson"
    file.write_text(json.dumps(document))
    points = hard_points(world, 4, 50)
    expected = covering(world, points)
    assert named(ZoneIndex.from_geojson(file), points) == expected
    assert named(ZoneIndex.from_geojson(document), points) == expected


def test_saved_and_opened(tmp_path: Path) -> None:
    """Law: an opened index answers like the built one, ids included, also over one that was there before."""
    for world in (overlapping_world(18), edge_world(), ZoneSet(())):
        index = ZoneIndex.from_zones(world)
        points = hard_points(world, 5, 100) if len(world) else np.zeros((3, 2))
        before = index.sets(points)
        index.save(tmp_path / "index")
        opened = ZoneIndex.open(tmp_path / "index")
        assert opened.sets(points).tolist() == before.tolist()
        assert [opened.zones_of(s) for s in before.tolist()] == [index.zones_of(s) for s in before.tolist()]
        assert opened.crossings(points[:-1], points[1:]).tolist() == index.crossings(points[:-1], points[1:]).tolist()
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    """Law: a missing, cut or foreign directory is refused with the reason, not read."""
    with pytest.raises(NotAnIndex, match="build the index again"):
        ZoneIndex.open(tmp_path / "none")
    ZoneIndex.from_zones(edge_world()).save(tmp_path / "index")
    grid = tmp_path / "index" / "grid.npy"
    grid.write_bytes(grid.read_bytes()[:1000])
    with pytest.raises(NotAnIndex, match="cut short"):
        ZoneIndex.open(tmp_path / "index")
    (tmp_path / "index" / "about.json").write_text('{"format": 99}')
    with pytest.raises(NotAnIndex, match="format 99"):
        ZoneIndex.open(tmp_path / "index")


def test_edits_are_as_good_as_a_rebuild() -> None:
    """Law: after any edits the answers are those of an index built from the edited zones; the old one is unchanged."""
    world = overlapping_world(19)
    old = ZoneIndex.from_zones(world)
    points = hard_points(world, 6, 150)
    before = named(old, points)
    moved = zone("square", shapely.box(-1.5, -0.5, 0.5, 0.75), ZoneKind.PROTECTED)
    added = zone("port", shapely.box(5.2, 1, 5.5, 3), ZoneKind.PORT_OF_ENTRY)
    once = old.edited([moved, added], removed=["star03"])
    twice = once.edited([zone("star05", shapely.box(0, 0, 3, 3))], removed=["holed", "port"])
    first = {**world.by_id, "square": moved, "port": added}
    del first["star03"]
    second = {**first, "star05": zone("star05", shapely.box(0, 0, 3, 3))}
    del second["holed"], second["port"]
    for index, zones in ((once, ZoneSet(tuple(first.values()))), (twice, ZoneSet(tuple(second.values())))):
        assert named(index, points) == covering(zones, points)
        assert [named(index, points[i : i + 1])[0] for i in range(0, len(points), 9)] == named(index, points)[::9]
        rebuilt = ZoneIndex.from_zones(zones)
        rows, expected = index.crossings(points[:-1], points[1:]), rebuilt.crossings(points[:-1], points[1:])
        assert [index.zones_of(s) for s in rows["after"].tolist()] == [
            rebuilt.zones_of(s) for s in expected["after"].tolist()
        ]
        assert rows["segment"].tolist() == expected["segment"].tolist()
    assert named(old, points) == before


def test_an_edited_index_is_not_saved(tmp_path: Path) -> None:
    """Law: only what was built whole is written."""
    index = ZoneIndex.from_zones(edge_world()).edited(removed=["cut"])
    with pytest.raises(ValueError, match="build the new version"):
        index.save(tmp_path / "index")


def test_shared_edges_are_kept_once() -> None:
    """Law: a border two countries share is one edge with both zones; one that bounds a zone twice is none."""
    left, right = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    shapes = np.array([left, right, shapely.MultiPolygon([left, right])], object)
    edges = edge_table(shapes, zone_hashes(["a", "b", "c"]))
    middle = np.flatnonzero((edges.xy[:, 0] == 1) & (edges.xy[:, 2] == 1))
    assert len(edges.xy) == 7
    assert len(middle) == 1
    at = int(middle[0])
    assert edges.zones[edges.starts[at] : edges.starts[at + 1]].tolist() == [0, 1]


def test_a_hash_collision_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: two zones with one hash stop the build instead of giving wrong sets."""

    def colliding(zone_ids: list[str]) -> np.ndarray:
        hashes = zone_hashes(zone_ids)
        hashes[:, 0] = hashes[0, 0]
        return hashes

    monkeypatch.setattr("geo.index.build.zone_hashes", colliding)
    with pytest.raises(known.HashCollision):
        ZoneIndex.from_zones(ZoneSet((zone("a", shapely.box(0, 0, 5, 5)), zone("b", shapely.box(7, 0, 9, 5)))))
