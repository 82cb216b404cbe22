"""Mending the public log after a zombie: compaction keeps the last record of a key, so the last must be the highest.

An owner tails its own public partition from the start. A lower version behind a higher one was written by a worker
that had been replaced (or by a re-read that has not caught up): the owner writes its highest version once more. Nothing
here belongs to the state: it is a function of another log, and losing it only means reading that log again.
"""

import msgspec

from streams.log import Record


class _Versioned(msgspec.Struct):
    version: int


_decoder = msgspec.json.Decoder(_Versioned)


class PublicTail:
    """The highest version of every key read back from one's own public partition."""

    def __init__(self) -> None:
        self._highest: dict[str, int] = {}

    def falls_back(self, record: Record, held_version: int | None) -> bool:
        """Whether the version held must be written again because this record hides it.

        ``held_version`` below the highest seen is an owner that still re-reads: it gets there by itself."""
        if record.key is None or record.value is None:
            return False
        key, version = record.key.decode(), _decoder.decode(record.value).version
        highest = self._highest.get(key, 0)
        self._highest[key] = max(highest, version)
        return version < highest and held_version is not None and held_version >= highest

    def forget(self, key: str) -> None:
        """The owner no longer holds this key."""
        self._highest.pop(key, None)
