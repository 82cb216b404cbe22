"""An owner's clock: the minimum over its active sources, as their ticks tell it. It never goes back.

A source that says ``idle`` or ``end`` leaves the minimum until it says otherwise (an input may be continued after its
end); where none is active nothing is left
to wait for, and the newest watermark is the time. A source that was never heard holds the clock at its start. One that
says nothing while others tick in ``stalled_after`` distinct seconds of log time is left behind, and named, so that one
dead neighbour stops nobody else; ``inf`` (replay over files) never leaves anyone behind.
"""

from collections.abc import Iterable

import msgspec

from streams.frames import SourceTick

_SECOND_US = 1_000_000


class _Source(msgspec.Struct, array_like=True):
    watermark_us: int = -1
    idle: bool = False
    end: bool = False
    silent_s: int = 0  # distinct log seconds in which others ticked and this one did not


class OwnerClock(msgspec.Struct):
    """The clock of one owner; all of it is state."""

    sources: dict[str, _Source]
    now_us: int = -1
    second: int = -1  # the newest log second in which a tick was read

    @classmethod
    def of(cls, sources: Iterable[str]) -> "OwnerClock":
        """A clock that waits for each of ``sources`` (``topic/partition``)."""
        return cls({source: _Source() for source in sources})

    def hear(self, source: str, tick: SourceTick, log_time_us: int, stalled_after: float) -> bool:
        """Take a tick; whether the clock moved. Maxima only: a tick taken twice or late changes nothing."""
        heard = self.sources.setdefault(source, _Source())
        if log_time_us // _SECOND_US > self.second:
            self.second = log_time_us // _SECOND_US
            for other in self.sources.values():
                other.silent_s += 1
        heard.silent_s = 0
        if tick.watermark_us >= heard.watermark_us or tick.end:  # an older tick, read again, revokes no end
            heard.end = tick.end
        heard.watermark_us = max(heard.watermark_us, tick.watermark_us)
        heard.idle = tick.idle
        now_us = max(self.now_us, self._minimum(stalled_after))
        moved, self.now_us = now_us > self.now_us, now_us
        return moved

    def stalled(self, stalled_after: float) -> list[str]:
        """The sources the clock goes on without."""
        return [name for name, source in self.sources.items() if _stalled(source, stalled_after)]

    @property
    def idle(self) -> bool:
        """Whether no source has anything more to say for now."""
        return all(source.idle or source.end for source in self.sources.values())

    @property
    def ended(self) -> bool:
        """Whether every source has ended for good."""
        return all(source.end for source in self.sources.values())

    def _minimum(self, stalled_after: float) -> int:
        active = [
            source.watermark_us
            for source in self.sources.values()
            if not (source.idle or source.end or _stalled(source, stalled_after))
        ]
        return min(active) if active else max(source.watermark_us for source in self.sources.values())


def _stalled(source: _Source, stalled_after: float) -> bool:
    return not source.end and source.silent_s >= stalled_after
