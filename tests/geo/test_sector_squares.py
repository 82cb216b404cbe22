"""Squares in one sector: the answers are H3's own, wherever and however often it is asked."""

import h3.api.basic_int as h3
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.sector_squares import SectorSquares
from geo.sectors import RESOLUTION, sectors


@settings(max_examples=200, deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90), st.integers(0, 2**32 - 1))
def test_the_same_as_h3(lon: float, lat: float, seed: int) -> None:
    """A hundred positions within a few kilometres of anywhere, asked twice, once from memory."""
    chance = np.random.default_rng(seed)
    near = np.column_stack([lon + chance.normal(0, 0.05, 100), lat + chance.normal(0, 0.05, 100)])
    near = np.clip(near, (-180, -90), (180, 90))
    squares = SectorSquares()
    for _ in range(2):
        assert (squares.sectors(near) == sectors(near)).all()


def test_the_same_along_borders_of_sectors() -> None:
    """Positions a few metres to both sides of every edge of two hundred sectors, pentagons and seams among them."""
    chance = np.random.default_rng(7)
    starts = np.column_stack([chance.uniform(-180, 180, 188), np.degrees(np.arcsin(chance.uniform(-1, 1, 188)))])
    cells = [h3.latlng_to_cell(lat, lon, RESOLUTION) for lon, lat in starts.tolist()] + h3.get_pentagons(RESOLUTION)
    squares = SectorSquares()
    for cell in cells:
        ring = np.array([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)])
        ends = np.roll(ring, -1, axis=0)
        along = chance.uniform(0, 1, (len(ring), 40, 1))
        edge = (ring[:, None] * (1 - along) + ends[:, None] * along).reshape(-1, 2)
        beside = np.concatenate([edge + chance.normal(0, width, edge.shape) for width in (1e-5, 1e-3, 2e-2)])
        beside = beside[(np.abs(beside[:, 0]) <= 180) & (np.abs(beside[:, 1]) <= 90)]
        squares.sectors(beside)
        assert (squares.sectors(beside) == sectors(beside)).all()


def test_most_squares_need_not_be_asked_again() -> None:
    """Where a vessel sails, nearly all squares lie in one sector."""
    squares = SectorSquares()
    course = np.column_stack([np.linspace(-10, 10, 5_000), np.linspace(40, 45, 5_000)])
    squares.sectors(course)
    known = [sector for sector in squares._sector.values() if sector > 0]
    assert len(known) > 0.8 * len(squares._sector)
