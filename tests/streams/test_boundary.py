"""Faults become values, and what they say holds no data."""

import asyncio

import pytest

from streams.boundary import Fault, Missing, Waits, attempt, attempt_async
from streams.core import Hole, NeedsVersion


def _raise(error: BaseException) -> int:
    raise error


def test_values_pass() -> None:
    """Law: what succeeds is returned as it is, also None."""
    assert attempt(lambda: 5) == 5
    assert attempt(lambda: None) is None


def test_the_three_troubles_are_told_apart() -> None:
    """Law: a missing version, missing rows and a fault of ours are three different values."""
    assert attempt(lambda: _raise(NeedsVersion("zones", 4))) == Waits("zones", 4)
    assert attempt(lambda: _raise(Hole("a/0: rows missing"))) == Missing("a/0: rows missing")
    assert isinstance(attempt(lambda: _raise(KeyError("secret-mmsi"))), Fault)


def test_a_fault_never_repeats_the_text_of_the_exception() -> None:
    """Law: the text may hold an identifier or a position, so only type and place are kept."""
    fault = attempt(lambda: _raise(ValueError("mmsi 366123456 at 24.5 N")))
    assert isinstance(fault, Fault)
    assert fault.kind == "ValueError"
    assert "366123456" not in str(fault)
    assert "test_boundary.py" in str(fault)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), asyncio.CancelledError()])
def test_what_ends_the_process_passes(error: BaseException) -> None:
    """Law: the boundary does not swallow an order to stop."""
    with pytest.raises(type(error)):
        attempt(lambda: _raise(error))


def test_async_faults_and_cancellation() -> None:
    """Law: an awaited fault is a value; a cancellation is not."""

    async def broken() -> int:
        return _raise(ValueError())

    async def both() -> None:
        assert isinstance(await attempt_async(broken()), Fault)
        task = asyncio.create_task(_sleeping())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def _sleeping() -> None:
        await attempt_async(asyncio.sleep(60))

    asyncio.run(both())
