"""Sectors against h3's scalar functions."""

import h3
import numpy as np

from geo.sectors import RESOLUTION, centre, neighbours, sector, sectors


def test_sectors_equal_the_scalar_function() -> None:
    """Law: each row's sector is the cell h3 gives for that position alone."""
    rng = np.random.default_rng(1)
    points = np.vstack([rng.uniform([-180, -90], [180, 90], (500, 2)), [[180, 0], [-180, 0], [0, 90], [0, -90]]])
    found = sectors(points)
    assert found.dtype == np.uint64
    expected = [int(h3.latlng_to_cell(lat, lon, RESOLUTION), 16) for lon, lat in points.tolist()]
    assert found.tolist() == expected
    assert [sector(lon, lat) for lon, lat in points.tolist()] == expected


def test_no_rows() -> None:
    """Law: no positions have no sectors."""
    assert sectors(np.empty((0, 2))).shape == (0,)


def test_centre_and_neighbours() -> None:
    """Law: a sector's centre lies in it; neighbours are mutual and five or six."""
    for cell in sectors(np.array([[1.5, 51.0], [-80.0, 25.0], [179.99, -16.0]])).tolist():
        assert sector(*centre(cell)) == cell
        around = neighbours(cell)
        assert len(around) in (5, 6)
        assert cell not in around
        assert all(cell in neighbours(other) for other in around)
