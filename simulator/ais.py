"""How often a transponder reports: ITU-R M.1371-5, annex 1, tables 1 and 2, for many craft at once; drones, which have
Remote ID (ASTM F3411) or ADS-B, once a second."""

import numpy as np
from numpy.typing import NDArray

from simulator.craft import Transponder

KNOT_MPS = 1852.0 / 3600.0
STILL_KN = 2.0  # class B changes its interval here; an anchored class A ship stays below 3 kn
BURST = 8  # a locating device sends 8 messages, one every 2 s, once a minute (ITU-R M.1371-5, annex 9)


def interval_s(
    transponder: NDArray[np.int8],
    speed_mps: NDArray[np.float64],
    turning: NDArray[np.bool_],
    at_rest: NDArray[np.bool_],
    sent: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Seconds to each craft's next report; all arrays ``(n,)``. ``at_rest`` is moored or at anchor, ``sent`` the
    number of reports made so far (a beacon's place in its burst)."""
    knots = speed_mps / KNOT_MPS
    class_a = np.select(
        [at_rest & (knots <= 3.0), at_rest, knots > 23.0, (knots > 14.0) & turning, knots > 14.0, turning],
        [180.0, 10.0, 2.0, 2.0, 6.0, 10.0 / 3.0],
        10.0,
    )
    class_b_so = np.select([knots <= STILL_KN, knots > 23.0, knots > 14.0], [180.0, 5.0, 15.0], 30.0)
    class_b_cs = np.where(knots <= STILL_KN, 180.0, 30.0)
    beacon = np.where(sent % BURST == BURST - 1, 60.0 - 2.0 * (BURST - 1), 2.0)
    never, each_second = np.full(len(sent), np.inf), np.ones(len(sent))
    choices = [class_a, class_b_so, class_b_cs, beacon, never, each_second, each_second]
    return np.select([transponder == kind for kind in Transponder], choices)
