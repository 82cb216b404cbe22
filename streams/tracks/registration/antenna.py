"""From the AIS antenna to the middle of the ship, which is what a radar sees; on long ships they are 100 m apart."""

import numpy as np

from streams.tracks.identity.filter import Floats


def centred(position_m: Floats, dimensions_m: Floats, heading_rad: Floats) -> tuple[Floats, Floats]:
    """Middles ``(n, 2)`` of hulls and the covariances ``(n, 2, 2)`` of where on the hull an echo comes from.

    ``dimensions_m`` (n, 4): distances of the antenna to bow, stern, port, starboard (A, B, C, D of AIS message 5),
    NaN or 0 throughout where unknown; ``heading_rad`` clockwise from north. An echo is taken as even over the hull:
    variance length²/12 along it and width²/12 across.
    """
    bow, stern, port, starboard = np.nan_to_num(dimensions_m).T
    forward, right = (bow - stern) / 2.0, (starboard - port) / 2.0
    sin, cos = np.sin(heading_rad), np.cos(heading_rad)
    ahead, aside = np.stack([sin, cos], axis=1), np.stack([cos, -sin], axis=1)
    middle = position_m + forward[:, None] * ahead + right[:, None] * aside
    along, across = (bow + stern) ** 2 / 12.0, (port + starboard) ** 2 / 12.0
    extent = along[:, None, None] * ahead[:, :, None] * ahead[:, None, :]
    return middle, extent + across[:, None, None] * aside[:, :, None] * aside[:, None, :]
