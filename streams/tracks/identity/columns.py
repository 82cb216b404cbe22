"""Columns of a state to bytes and back, bit for bit."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.generic]
Table = TypeVar("Table", bound=tuple[Any, ...])  # a NamedTuple of columns


def dump(columns: Mapping[str, Column]) -> bytes:
    """All columns in one record; equal columns give equal bytes."""
    parts = {name: (column.dtype.str, list(column.shape), column.tobytes()) for name, column in columns.items()}
    return msgspec.msgpack.encode(parts, order="sorted")


def load(record: bytes) -> dict[str, Column]:
    """The columns of ``dump``, writable; raises `msgspec.ValidationError` for anything else."""
    parts = msgspec.msgpack.decode(record, type=dict[str, tuple[str, list[int], bytes]])
    return {
        name: np.frombuffer(content, np.dtype(kind)).reshape(shape).copy()
        for name, (kind, shape, content) in parts.items()
    }


def take(table: Table, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Table:
    """The rows of a table (a NamedTuple of columns), by number or by mask."""
    return made(table, (column[rows] for column in table))


def made(like: Table, columns: Iterable[Column]) -> Table:
    """A table of ``like``'s kind from its columns in order."""
    return type(like)(*columns)


def ranks(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each key ``(n,)`` came before in the same array, so that rows of equal rank have distinct keys."""
    if not len(keys):
        return np.zeros(0, np.int64)
    order = np.argsort(keys, kind="stable")
    sorted_keys = keys[order]
    starts = np.flatnonzero(np.r_[True, sorted_keys[1:] != sorted_keys[:-1]])
    lengths = np.diff(np.r_[starts, len(keys)])
    out = np.empty(len(keys), np.int64)
    out[order] = np.arange(len(keys)) - np.repeat(starts, lengths)
    return out
