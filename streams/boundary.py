"""The boundary around everything that decides: faults become values here, and only here.

The one broad ``except`` of the project. Policy: decode → handle → dead-letter, or stop without acknowledging when the
fault is ours. A fault of ours is retried from the state before it, then cut down to the row it lies in and buried as a
dead letter; where that fails too, the process ends with its input unacknowledged. What the text of an exception says
is never kept, because it may hold an identifier or a position: only its type and where it was raised.
"""

import traceback
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from streams.core import Hole, NeedsVersion

T = TypeVar("T")


class Fault(NamedTuple):
    """A fault of ours: the exception's type and the innermost places it passed, without its text."""

    kind: str
    where: str

    def __str__(self) -> str:
        return f"{self.kind} at {self.where}"


class Waits(NamedTuple):
    """A configuration version is needed that is not loaded yet; nothing was changed."""

    kind: str
    version: int


class Missing(NamedTuple):
    """Rows of a source are missing: those between two of its offsets, where these are known."""

    what: str
    source: str = ""
    first: int = -1
    last: int = -1


Trouble = Fault | Waits | Missing


def attempt(action: Callable[[], T]) -> T | Trouble:
    """What ``action`` returns, or what stood in its way."""
    try:
        return action()
    except NeedsVersion as needs:
        return Waits(needs.kind, needs.version)
    except Hole as hole:
        return Missing(str(hole), hole.source, hole.first, hole.last)
    except Exception as error:
        return fault_of(error)


async def attempt_async(action: Awaitable[T]) -> T | Fault:
    """What ``action`` returns, or the fault it ended with; cancellation passes."""
    try:
        return await action
    except Exception as error:
        return fault_of(error)


def fault_of(error: BaseException) -> Fault:
    """An exception as a value: its type and its three innermost frames."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return Fault(type(error).__name__, " < ".join(f"{_short(f.filename)}:{f.lineno}" for f in reversed(frames)))


def _short(path: str) -> str:
    return "/".join(path.split("/")[-2:])
