"""A sector's plane, and a track's state on the way from one sector's plane to another's."""

from typing import NamedTuple

import numpy as np

from streams.tracks.identity.filter import Floats

_A = 6_378_137.0  # WGS-84
_E2 = 6.694379990141316e-3
_ROUNDS = 4


class Plane(NamedTuple):
    """East and north of an origin (degrees), metres: the tangent plane, seen from straight above."""

    lon_deg: float
    lat_deg: float

    def to_plane(self, lonlat: Floats) -> Floats:
        """Positions ``(n, 2)`` lon, lat degrees in the plane."""
        out: Floats = (_earth(lonlat) - _earth(np.array([self]))) @ self._axes().T
        return out

    def to_lonlat(self, position_m: Floats) -> Floats:
        """The inverse, by Newton's steps; right to a millimetre within 500 km."""
        out = np.tile(np.array(self, np.float64), (len(position_m), 1))
        metre = np.degrees(1.0 / _A)
        for _ in range(_ROUNDS + 2):
            left = position_m - self.to_plane(out)
            out = out + left * metre / np.stack([np.cos(np.radians(out[:, 1])), np.ones(len(out))], axis=1)
            out = out + (position_m - self.to_plane(out)) * metre
        return out

    def _axes(self) -> Floats:
        lon, lat = np.radians(self.lon_deg), np.radians(self.lat_deg)
        east = [-np.sin(lon), np.cos(lon), 0.0]
        north = [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)]
        return np.array([east, north])


def _earth(lonlat: Floats) -> Floats:
    """Earth-centred coordinates of positions on the ellipsoid."""
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    across = _A / np.sqrt(1.0 - _E2 * np.sin(lat) ** 2)
    return np.stack(
        [across * np.cos(lat) * np.cos(lon), across * np.cos(lat) * np.sin(lon), across * (1.0 - _E2) * np.sin(lat)],
        axis=1,
    )


def carried(mean: Floats, covariance: Floats, start: Plane, end: Plane) -> tuple[Floats, Floats]:
    """States ``(n, 4)`` and covariances of one plane in another: meridians converge, so velocities turn.

    The turn is the derivative of the change of planes at each position, by differences over 100 m either way.
    """
    if start == end or not len(mean):
        return mean, covariance
    place = end.to_plane(start.to_lonlat(mean[:, :2]))
    turn = np.empty((len(mean), 2, 2))
    for axis in (0, 1):
        step = np.zeros(2)
        step[axis] = 100.0
        ahead, behind = (end.to_plane(start.to_lonlat(mean[:, :2] + sign * step)) for sign in (1.0, -1.0))
        turn[:, :, axis] = (ahead - behind) / 200.0
    whole = np.zeros((len(mean), 4, 4))
    whole[:, :2, :2] = whole[:, 2:, 2:] = turn
    velocity = np.einsum("nij,nj->ni", turn, mean[:, 2:])
    return np.concatenate([place, velocity], axis=1), whole @ covariance @ whole.transpose(0, 2, 1)
