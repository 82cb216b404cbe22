"""What an object may be, and how restless each class is."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from streams.tracks.state import Floats

CLASSES: Final = ("unknown", "walker", "vehicle", "small-boat", "vessel", "fast-boat", "drone")

UNKNOWN: Final = 0
WALKER: Final = CLASSES.index("walker")
FAST_BOAT: Final = CLASSES.index("fast-boat")

# Power of the white acceleration (m²/s³) while steady and while manoeuvring, per class. What is not known is given
# the pair that served a mix of walkers, boats and ships best.
NOISE: Final[Floats] = np.array(
    [
        (0.05, 4.0),
        (0.02, 0.5),
        (0.10, 6.0),
        (0.05, 2.0),
        (0.02, 0.3),
        (0.10, 8.0),
        (0.20, 12.0),
    ]
).T

WALKER_MAX_MPS: Final = 2.2
FAST_MIN_MPS: Final = 11.0


def class_by_speed(speed_mps: Floats, sigma_mps: Floats) -> NDArray[np.int8]:
    """The class that speed alone can tell, (n,) codes: a walker where the speed is below 2.2 m/s by one sigma, a fast
    boat where it is above 11 m/s by one sigma, else unknown."""
    code = np.zeros(speed_mps.size, np.int8)
    code[speed_mps + sigma_mps < WALKER_MAX_MPS] = WALKER
    code[speed_mps - sigma_mps > FAST_MIN_MPS] = FAST_BOAT
    return code
