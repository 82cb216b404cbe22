"""The chance to be inside: against drawn lots and integration, and its laws."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from geo.chance import Rim, covariance_of, inside
from geo.fence import Fence
from geo.zones import Schedule, Zone, ZoneId, ZoneKind, ZoneSet
from tests.geo.chance.shapes import (
    COAST,
    HOOK,
    LAT,
    LON,
    NORTH,
    SLIVER,
    Floats,
    by_integration,
    by_lot,
    chance,
    fence_of,
    place,
    polygon,
)

SHAPES = {"hook": polygon(HOOK), "sliver": polygon(SLIVER), "coast": polygon(COAST),
          "holed": polygon(COAST, [(x + 100, y + 100) for x, y in HOOK])}  # fmt: skip
NEAR = st.floats(-80, 140, allow_subnormal=False)
SIGMA = st.floats(0.5, 60)


def covariance(a: float, b: float, slant: float) -> Floats:
    """A covariance with these deviations and this correlation."""
    return np.array([[a * a, slant * a * b], [slant * a * b, b * b]])


@pytest.mark.parametrize("name", SHAPES)
def test_as_lots_tell(name: str) -> None:
    """Law: near corners, in slivers and beside holes the chance is that of 100,000 drawn lots, within 5 deviations."""
    shape, rng = SHAPES[name], np.random.default_rng(len(name))
    fence = fence_of(shape)
    corners = (shapely.get_coordinates(shape) - [LON, LAT]) / (place([(1, 1)])[0] - [LON, LAT])
    for seed in range(12):
        spot = corners[rng.integers(len(corners))] + rng.normal(0, 25, 2) * (seed % 3)
        error = covariance(rng.uniform(2, 40), rng.uniform(2, 40), rng.uniform(-0.95, 0.95))
        told = chance(fence, (spot[0], spot[1]), error)
        drawn = by_lot(shape, (spot[0], spot[1]), error, 100_000, seed)
        assert abs(told - drawn) < 5 * np.sqrt(max(told * (1 - told), 1e-4) / 100_000) + 1e-4


@pytest.mark.parametrize("spot", [(0.0, 0.0), (20.0, 20.0), (60.0, 50.0), (30.0, 25.0), (-5.0, 10.0)])
def test_as_integration_tells(spot: tuple[float, float]) -> None:
    """Law: at corners (a position on one included) the chance is that of a fine grid of cells, within its mesh."""
    shape = SHAPES["hook"]
    assert chance(fence_of(shape), spot, covariance(15, 15, 0)) == pytest.approx(
        by_integration(shape, spot, 15), abs=6e-3
    )


@given(st.floats(-200, 200), SIGMA, SIGMA, st.floats(-0.9, 0.9), st.floats(0, 100))
def test_a_straight_edge_is_exact(metres: float, a: float, b: float, slant: float, accuracy_m: float) -> None:
    """Law: beside a straight edge the chance is Phi(distance / deviation across it), the border's own included."""
    fence = fence_of(polygon(COAST), accuracy_m)
    across = np.sqrt(b * b + (accuracy_m / 1.959964) ** 2)
    told = chance(fence, (20_000.0, metres), covariance(a, b, slant))
    assert told == pytest.approx(float(ndtr(metres / across)), abs=1e-4)


@given(NEAR, NEAR, SIGMA, SIGMA, st.floats(-0.95, 0.95))
@settings(max_examples=60)
def test_it_is_a_chance_and_adds_up(x: float, y: float, a: float, b: float, slant: float) -> None:
    """Law: between 0 and 1; two halves of a zone add up to it; a hole and what is around it add up to both."""
    error = covariance(a, b, slant)
    left = polygon([(0, 0), (30, 0), (30, 27.5), (20, 20), (0, 50)])
    right = polygon([(30, 0), (60, 0), (60, 50), (30, 27.5)])
    parts = [chance(fence_of(shape), (x, y), error) for shape in (SHAPES["hook"], left, right)]
    assert all(0 <= part <= 1 for part in parts)
    assert parts[0] == pytest.approx(parts[1] + parts[2], abs=1e-6)
    frame = [(-500, -500), (500, -500), (500, 500), (-500, 500)]
    whole = chance(fence_of(polygon(frame)), (x, y), error)
    assert whole == pytest.approx(chance(fence_of(polygon(frame, HOOK)), (x, y), error) + parts[0], abs=1e-6)


@given(st.floats(-100, 100), st.floats(0, 50), SIGMA)
@settings(max_examples=40)
def test_it_rises_inwards_and_is_symmetric(metres: float, further: float, sigma_m: float) -> None:
    """Law: across a straight edge the chance rises inwards, and mirrored positions have chances that add up to 1."""
    fence = fence_of(polygon(COAST))
    error = covariance(sigma_m, sigma_m, 0)
    here, on, mirrored = (chance(fence, (20_000.0, y), error) for y in (metres, metres + further, -metres))
    assert on >= here - 1e-9
    assert here + mirrored == pytest.approx(1, abs=1e-4)


@given(NEAR, NEAR)
@settings(max_examples=60)
def test_without_error_it_is_membership(x: float, y: float) -> None:
    """Law: as the error goes to nothing the chance becomes 0 or 1 as the position is, a centimetre from any edge."""
    shape = SHAPES["hook"]
    spot = place([(x, y)])
    if shapely.distance(shape.boundary, shapely.Point(spot[0])) * NORTH < 0.02:
        return
    told = chance(fence_of(shape), (x, y), covariance(1e-3, 1e-3, 0))
    assert told == float(shapely.intersects_xy(shape, *spot[0]))


def test_many_at_once_are_one_by_one() -> None:
    """Law: the vectorised answer is that of each position alone, also where edges are looked up in a raster."""
    rng = np.random.default_rng(7)
    angle = np.linspace(0, 2 * np.pi, 6000, endpoint=False)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * (3000 + rng.uniform(0, 30, (len(angle), 1)))
    shape = polygon([(x, y) for x, y in ring.tolist()])
    few, many = Rim(shape, []), Rim(shape, [])
    few._grid = None
    spots = place(ring[rng.integers(0, len(ring), 30)] + rng.normal(0, 20, (30, 2)))
    member = shapely.intersects_xy(shape, spots[:, 0], spots[:, 1])
    error = covariance_of(rng.uniform(1, 30, 30))
    told = inside(many, spots, error, 0.0, member)
    alone = [float(inside(few, spots[i : i + 1], error[i : i + 1], 0.0, member[i : i + 1])[0]) for i in range(30)]
    assert told == pytest.approx(np.array(alone), abs=1e-9)
    assert ((told > 0.05) & (told < 0.95)).sum() > 5


def test_over_the_antimeridian() -> None:
    """Law: the two halves of a zone that is cut at longitude 180 are one zone, also for a position on the cut."""
    cut = shapely.MultiPolygon([shapely.box(179.0, -1, 180, 1), shapely.box(-180, -1, -179.0, 1)])
    fence = Fence(ZoneSet((Zone(ZoneId("z"), ZoneKind.EXCLUSION, "z", cut),)))
    error = covariance_of(30.0)
    for lon in (180.0, -180.0, 179.9999):
        assert fence.inside_chance(np.array([[lon, 0.0]]), error, "z")[0] == pytest.approx(1, abs=1e-9)
    edge = fence.inside_chance(np.array([[-179.0, 0.0], [179.0, 0.5]]), error.repeat(2, 0), "z")
    assert edge == pytest.approx([0.5, 0.5], abs=1e-6)


def test_a_port_of_entry_is_no_territory() -> None:
    """Law: on the edge between a territory and its port the chance is one half; deep in the port it is nothing."""
    port = polygon([(1000, 0), (1000, 500), (2000, 500), (2000, 0)])
    fence = fence_of(polygon(COAST), 0.0, port)
    assert chance(fence, (1500, 500), covariance(10, 10, 0)) == pytest.approx(0.5, abs=1e-4)
    assert chance(fence, (1500, 250), covariance(10, 10, 0)) == pytest.approx(0, abs=1e-9)
    line = Zone(ZoneId("l"), ZoneKind.BORDER_LINE, "l", shapely.LineString([(0, 0), (1, 1)]))
    with pytest.raises(ValueError, match="border line"):
        Fence(ZoneSet((line,))).inside_chance(np.zeros((1, 2)), covariance_of(1.0), "l")


@pytest.mark.parametrize("lat", [0.0, 52.0, -70.0])
def test_the_plane_is_good_enough(lat: float) -> None:
    """Law: with a deviation of 1 km beside an edge along a parallel, which no plane shows straight, the error is
    below 1e-4 of chance for distances along the meridian as the ellipsoid has them."""
    zone = shapely.box(-20, lat, 20, lat + 5)
    fence = Fence(ZoneSet((Zone(ZoneId("z"), ZoneKind.EXCLUSION, "z", zone),)))
    spot = np.array([[0.3, lat + 0.005]])
    metres = fence.distance_m(0.3, lat + 0.005, "z")
    told = fence.inside_chance(spot, covariance_of(1000.0), "z")[0]
    # the parallel bends towards the pole by x² tan(lat) / 2R: on average over the spread, as much at its deviation
    bend = 1000.0**2 * np.tan(np.radians(lat)) / (2 * 6_378_137.0)
    assert told == pytest.approx(float(ndtr((metres - bend) / 1000.0)), abs=1e-4)


def test_a_huge_error_is_taken_for_a_smaller_one() -> None:
    """Law: the chance goes on falling to the error the plane can show, and then stays; it never jumps to membership."""
    fence = fence_of(polygon(COAST))
    told = [chance(fence, (20_000.0, 15_000.0), covariance(s, s, 0)) for s in (5e3, 1e4, 1.2e4, 1e5)]
    assert told[0] > told[1] > told[2] == pytest.approx(told[3], abs=1e-9)


def test_an_open_port_counts_by_its_hours() -> None:
    """Law: deep in a port with opening hours an object is inside the territory while it is closed, and not while open;
    on the edge between them, one half while open."""
    port = Zone(ZoneId("p"), ZoneKind.PORT_OF_ENTRY, "p", polygon([(1000, 0), (1000, 500), (2000, 500), (2000, 0)]))
    gated = replace(port, schedule=Schedule({"from": "2026-01-01"}))
    land = Zone(ZoneId("z"), ZoneKind.TERRITORY, "z", polygon(COAST))
    fence = Fence(ZoneSet((land, gated)))
    deep, edge, error = place([(1500, 250)]), place([(1500, 500)]), covariance_of(10.0)
    assert fence.inside_chance(deep, error, "z")[0] == pytest.approx(1, abs=1e-9)
    assert fence.inside_chance(deep, error, "z", ("p",))[0] == pytest.approx(0, abs=1e-9)
    assert fence.inside_chance(edge, error, "z", ("p",))[0] == pytest.approx(0.5, abs=1e-4)
