"""A thread that ends a worker which is alive but gets nothing done. Faust has three ways to hang without a word.

It lives outside the loop, because the loop itself may be what hangs. It never acts because the broker is away: the
clients come back by themselves.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from streams.engine.exits import Exit, Leave
from streams.engine.settings import EngineSettings

_log = logging.getLogger(__name__)
_EVERY_S = 0.5
_FROZEN_S = 3.0  # our own sleep took this much longer: the whole process was frozen, which is nobody's fault
_EVICTIONS, _EVICTIONS_WITHIN_S = 3, 60.0
_LOOP_S = 60.0


@dataclass(slots=True)
class Vitals:
    """Signs of life of one stage, written in the loop, read by the watchdog. Monotonic seconds."""

    stage: str
    beat_at: float = field(default_factory=time.monotonic)  # the loop came round
    started_at: float = field(default_factory=time.monotonic)
    assigned: bool = False  # an assignment was taken up once
    flow_stopped_at: float | None = None  # since when nothing is delivered
    behind_since: float | None = None  # since when there is input and none of it was processed
    heartbeat_at: float = 0.0  # when the last heartbeat that the broker answered was sent
    confirmed_at: float = 0.0  # when the broker last confirmed something we sent
    deaf_since: float | None = None  # since when it confirms what we send and answers no heartbeat
    pending_error: str | None = None
    evictions: list[float] = field(default_factory=list)

    def forgive(self, now: float) -> None:
        """Start all waits again, after a freeze."""
        self.beat_at = now
        self.started_at = max(self.started_at, now) if not self.assigned else self.started_at
        self.flow_stopped_at = None if self.flow_stopped_at is None else now
        self.behind_since = None if self.behind_since is None else now
        self.deaf_since = None if self.deaf_since is None else now
        self.evictions.clear()


class Verdict(Exception):
    """Why a worker must end."""

    def __init__(self, code: Exit, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why


def judge(vitals: Vitals, settings: EngineSettings, now: float) -> None:
    """Raise :class:`Verdict` where a stage is beyond help; pure."""
    v, stage = vitals, vitals.stage
    answered = now - v.heartbeat_at < 2 * settings.session_timeout_s
    if now - v.beat_at > _LOOP_S:
        raise Verdict(Exit.STALLED, f"{stage}: the loop has not come round for {now - v.beat_at:.0f} s")
    if sum(now - at < _EVICTIONS_WITHIN_S for at in v.evictions) >= _EVICTIONS:
        raise Verdict(Exit.STAY_DOWN, f"{stage}: evicted from the group again and again; is the instance id unique?")
    if not v.assigned and now - v.started_at > settings.assignment_patience_s:
        raise Verdict(Exit.UNRECOVERABLE, f"{stage}: no assignment; pending error: {v.pending_error}")
    # a rebalance may take its time without a heartbeat; a client that has lost itself takes for ever
    if v.deaf_since is not None and now - v.deaf_since > settings.rebalance_timeout_s + settings.stall_s:
        raise Verdict(Exit.STALLED, f"{stage}: no heartbeat for {now - v.deaf_since:.0f} s, and the broker is there")
    if not answered:
        return
    if v.flow_stopped_at is not None and now - v.flow_stopped_at > 2 * settings.request_timeout_s:
        raise Verdict(Exit.STALLED, f"{stage}: the flow has been stopped for {now - v.flow_stopped_at:.0f} s")
    if v.behind_since is not None and now - v.behind_since > settings.stall_s:
        raise Verdict(Exit.STALLED, f"{stage}: input waits and nothing was processed for {now - v.behind_since:.0f} s")


class Watchdog(threading.Thread):
    """Judges every stage twice a second."""

    def __init__(self, vitals: Sequence[Vitals], settings: EngineSettings, leave: Leave) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._vitals, self._settings, self._leave = vitals, settings, leave
        self._ended = threading.Event()

    def run(self) -> None:
        """Until :meth:`end`."""
        last = time.monotonic()
        while not self._ended.wait(_EVERY_S):
            last = self.look(last, time.monotonic)

    def look(self, last: float, clock: Callable[[], float]) -> float:
        """One look; returns its time."""
        now = clock()
        for vitals in self._vitals:
            if now - last > _EVERY_S + _FROZEN_S:
                _log.warning("%s: frozen for %.1f s", vitals.stage, now - last)
                vitals.forgive(now)
                continue
            try:
                judge(vitals, self._settings, now)
            except Verdict as verdict:
                self._leave(verdict.code, verdict.why)
        return now

    def end(self) -> None:
        """Stop watching, for an orderly stop."""
        self._ended.set()
