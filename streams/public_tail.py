"""Mending the public log after a zombie: compaction keeps the last record of a key, so the last must be the highest.

An owner tails its own public partition from the start. A lower version behind a higher one was written by a worker
that had been replaced (or by a re-read that has not caught up): the owner writes its highest version once more. Nothing
here belongs to the state: it is a function of another log, and losing it only means reading that log again.
"""

from collections.abc import Container
from typing import Protocol, runtime_checkable

import msgspec

from streams.log import Output, Record


@runtime_checkable
class Repairs(Protocol):
    """A core that mends its own public partition, of the same number as its input's."""

    @property
    def public_topic(self) -> str:
        """The public topic it writes."""
        ...

    def repair(self, record: Record) -> list[Output]:
        """What to write after reading ``record`` back from its own partition of :attr:`public_topic`.

        Called between two batches by the engine, which tails that partition from its beginning, without a group; what
        it returns is written like any other output. It changes no state."""
        ...


class _Versioned(msgspec.Struct):
    version: int


_SPARE = 1_000
_decoder = msgspec.json.Decoder(_Versioned)


class PublicTail:
    """The highest version of every key read back from one's own public partition."""

    def __init__(self) -> None:
        self._highest: dict[str, int] = {}
        self._enough = _SPARE

    def falls_back(self, record: Record, held_version: int | None) -> bool:
        """Whether the version held must be written again because this record hides it.

        ``held_version`` below the highest seen is an owner that still re-reads: it gets there by itself."""
        if record.key is None or record.value is None:
            return False
        key, version = record.key.decode(), _decoder.decode(record.value).version
        highest = self._highest.get(key, 0)
        self._highest[key] = max(highest, version)
        return version < highest and held_version is not None and held_version >= highest

    def keep_only(self, held: Container[str]) -> None:
        """Forget keys the owner no longer holds; cheap while there are few of them."""
        if len(self._highest) > self._enough:
            self._highest = {key: version for key, version in self._highest.items() if key in held}
            self._enough = 2 * len(self._highest) + _SPARE
