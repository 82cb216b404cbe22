"""Who is beyond help is told so, and nobody else: not the idle, not those whose broker is away, not the frozen."""

import threading
from typing import NoReturn

import pytest

from streams.engine.exits import Exit
from streams.engine.settings import EngineSettings
from streams.engine.watchdog import Verdict, Vitals, Watchdog, judge

SETTINGS = EngineSettings(broker="127.0.0.1:9092", instance="w1")
NOW = 10_000.0


def _well() -> Vitals:
    return Vitals("surveil", beat_at=NOW, started_at=NOW - 500, assigned=True, heartbeat_at=NOW - 1)


def _code(vitals: Vitals) -> Exit | None:
    try:
        judge(vitals, SETTINGS, NOW)
    except Verdict as verdict:
        return verdict.code
    return None


def test_the_well_are_left_alone() -> None:
    """Law: a stage that beats, is assigned and is not behind is left alone."""
    assert _code(_well()) is None


@pytest.mark.parametrize(
    "field, value, code",
    [
        ("beat_at", NOW - 61, Exit.STALLED),
        ("assigned", False, Exit.UNRECOVERABLE),
        ("flow_stopped_at", NOW - 61, Exit.STALLED),
        ("behind_since", NOW - 31, Exit.STALLED),
        ("deaf_since", NOW - 61, Exit.STALLED),
        ("evictions", [NOW - 50, NOW - 30, NOW - 1], Exit.STAY_DOWN),
    ],
)
def test_each_hang_is_seen(field: str, value: object, code: Exit) -> None:
    """Law: each of Faust's silent hangs is seen after its patience, with its exit code."""
    vitals = _well()
    setattr(vitals, field, value)
    assert _code(vitals) is code


@pytest.mark.parametrize("field, value", [("flow_stopped_at", NOW - 500), ("behind_since", NOW - 500)])
def test_an_absent_broker_is_no_reason(field: str, value: object) -> None:
    """Law: while no heartbeat is answered, a stopped flow is the broker's doing and comes back by itself."""
    vitals = _well()
    setattr(vitals, field, value)
    vitals.heartbeat_at = NOW - 100
    assert _code(vitals) is None


def test_evictions_of_the_past_are_forgotten() -> None:
    """Law: only evictions of the last minute count."""
    vitals = _well()
    vitals.evictions = [NOW - 61, NOW - 30, NOW - 1]
    assert _code(vitals) is None


def test_a_freeze_is_forgiven() -> None:
    """Law: after the whole process was frozen every wait begins again, instead of ending a worker that just woke."""

    def leave(code: Exit, why: str) -> NoReturn:
        raise AssertionError(f"left with {code}: {why}")

    vitals = _well()
    vitals.beat_at = vitals.behind_since = vitals.deaf_since = NOW - 100
    vitals.evictions = [NOW - 2, NOW - 1.5, NOW - 1]
    watchdog = Watchdog([vitals], SETTINGS, leave)
    assert watchdog.look(NOW - 100, lambda: NOW) == NOW
    assert watchdog.look(NOW, lambda: NOW + 0.5) == NOW + 0.5


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_verdict_ends_the_process_from_its_own_thread() -> None:
    """Law: the thread acts by itself, with the loop hanging."""
    said: list[tuple[Exit, str]] = []
    acted = threading.Event()

    def leave(code: Exit, why: str) -> NoReturn:
        said.append((code, why))
        acted.set()
        raise SystemExit  # ends the thread, as the real one ends the process

    vitals = Vitals("surveil", beat_at=0.0, assigned=True)
    watchdog = Watchdog([vitals], SETTINGS, leave)
    watchdog.start()
    assert acted.wait(5)
    watchdog.join(5)
    assert said[0][0] is Exit.STALLED
