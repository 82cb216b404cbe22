"""How fast a recording is played: at its own pace, a multiple of it, or as fast as it goes."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_SPEED = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)x")
MAX = None
_GAP_US = 3_600_000_000


def parse_speed(text: str) -> float | None:
    """``1x``, ``60x``, ``0.5x`` as a factor, ``max`` as None; raises ValueError.

    >>> parse_speed("60x")
    60.0
    """
    if text == "max":
        return MAX
    found = _SPEED.fullmatch(text)
    if found is None or float(found[1]) <= 0:
        raise ValueError(f"speed {text!r}: expected 1x, 60x, … or max")
    return float(found[1])


@dataclass(slots=True)
class Pace:
    """Waits until a moment of the recording is due. The first moment asked for is due at once.

    ``speed`` None never waits. A moment before the one in hand is due at once too: recordings are not always in
    order. After a leap of more than an hour, either way, the pace goes on from there: nobody waits for the end of a
    night, or of a wrong clock's three days.
    """

    speed: float | None
    stop: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic
    _origin: tuple[int, float] | None = None
    _last_us: int = 0

    def wait(self, time_us: int, idle: Callable[[], None] = lambda: None) -> bool:
        """Wait until ``time_us`` is due; False where ``stop`` was set first. ``idle`` is called before a real wait."""
        if self.speed is None:
            return not self.stop.is_set()
        if self._origin is None or abs(time_us - self._last_us) > _GAP_US:
            self._origin = (time_us, self.clock())
        self._last_us = time_us
        first_us, started = self._origin
        ahead_s = (time_us - first_us) / 1e6 / self.speed - (self.clock() - started)
        if ahead_s <= 0.001:
            return not self.stop.is_set()
        idle()
        return not self.stop.wait(ahead_s)
