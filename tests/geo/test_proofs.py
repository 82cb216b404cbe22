"""A small piece of each proof of ``make prove-geo``, over a small world; and that the proofs can fail."""

from collections.abc import Iterable

import numpy as np
import pytest
import shapely

from benchmarks.geo_proofs import PROOFS, World
from geo import ZoneIndex
from geo.zones import Zone, ZoneKind, ZoneSet
from tests.geo.shapes import edge_world, overlapping_world, star, zone


def rough_world(seed: int) -> ZoneSet:
    """Coasts with edges of some hundred metres, two with a border in common, and one at the edge of the map."""
    rng = np.random.default_rng(seed)
    coasts: Iterable[Zone] = [
        zone(f"c{i}", star(rng, lon, lat, 0.3, 900), ZoneKind.EXCLUSION)
        for i, (lon, lat) in enumerate([(10, 54), (10.2, 54.1), (179.69, -17), (-60, 77.7), (0, 0)])
    ]
    whole = shapely.Polygon(star(rng, 30, 60, 0.3, 900).exterior)
    west, east = (shapely.intersection(whole, box) for box in (shapely.box(0, 0, 30, 90), shapely.box(30, 0, 60, 90)))
    return ZoneSet((*coasts, zone("west", west), zone("east", east)))


def world_of(zones: ZoneSet) -> World:
    """The zones and what the proofs need of them."""
    index = ZoneIndex.from_zones(zones)
    return World(zones, index, index.tables.edges)


@pytest.mark.parametrize("name", list(PROOFS))
@pytest.mark.parametrize(
    "zones", [rough_world(3), overlapping_world(4), edge_world()], ids=["rough", "overlaps", "edge"]
)
def test_nothing_is_wrong(name: str, zones: ZoneSet) -> None:
    """Law: positions, pairs, intervals and distances are what the oracles say."""
    rows = {"points": 6_000, "segments": 2_000, "intervals": 300, "distance": 50}[name]
    found = PROOFS[name](world_of(zones), np.random.default_rng(5), rows)
    assert {what: checked.wrong for what, checked in found.items()} == dict.fromkeys(found, 0)
    assert sum(checked.rows for checked in found.values()) >= rows // 15 * 15 / 2


@pytest.mark.parametrize("name", ["points", "intervals", "distance"])
def test_a_wrong_index_is_found(name: str) -> None:
    """Law: with one zone moved by a few metres the proofs count wrong answers."""
    zones = rough_world(6)
    moved = [
        zone(item.zone_id, shapely.transform(item.geometry, lambda xy: xy + 1e-4), item.kind)
        if item.zone_id == "c0"
        else item
        for item in zones
    ]
    right = world_of(zones)
    wrong = World(zones, ZoneIndex.from_zones(ZoneSet(tuple(moved))), right.edges)
    found = PROOFS[name](wrong, np.random.default_rng(7), {"points": 3_000, "intervals": 300, "distance": 100}[name])
    assert sum(checked.wrong for checked in found.values()) > 0
