"""The cells of tables to times and numbers: strict where Python is lenient, and fast for whole columns."""

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sensors.units import EPOCH, MICROSECOND

_NAN = float("nan")
_SPACE = r"[ \t\n\r\f\v]*"  # what float() passes over
_NUMBER = re.compile(_SPACE + r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?" + _SPACE)
_ABSENT = re.compile(_SPACE + r"(?:[+-]?nan)?" + _SPACE, re.IGNORECASE | re.ASCII)
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_NAIVE_EPOCH = EPOCH.replace(tzinfo=None)
NO_TIME = -(1 << 63)  # stands for a time that cannot be read; no event is that old


def read_time(text: str) -> int:
    """Microseconds since 1970 of an ISO 8601 date and time, UTC where it has no zone; :data:`NO_TIME` for others.

    >>> read_time("1970-01-01T01:00:00.5+01:00")
    500000
    """
    text = text.strip().upper()
    if not _TIME.fullmatch(text):
        return NO_TIME
    try:
        time = datetime.fromisoformat(text)
    except ValueError:  # the 30th of February
        return NO_TIME
    return (time - (_NAIVE_EPOCH if time.tzinfo is None else EPOCH)) // MICROSECOND


def read_number(text: str) -> float:
    """A finite decimal number; NaN where the cell is empty or says NaN; infinity where it is neither."""
    if _NUMBER.fullmatch(text):
        return float(text)
    return _NAN if _ABSENT.fullmatch(text) else float("inf")


def read_numbers(texts: Sequence[str]) -> NDArray[np.float64]:
    """:func:`read_number` of ``n`` cells, shape ``(n,)``."""
    joined = "".join(texts)
    if "_" not in joined and joined.isascii():  # float() takes 1_0 and the digits of all scripts
        try:
            return np.array([float(text) if text else _NAN for text in texts], np.float64)
        except ValueError:
            pass
    return np.array([read_number(text) for text in texts], np.float64)
