"""Snapshots as records: chunks, then a marker. Pure; reading and writing stand beside it.

A snapshot belongs to (stage, topic, partition) and to a writer, which has two slots and fills them in turn, so that a
crash in the middle never destroys its last good one and two writers never destroy each other's. It is complete when
every chunk carries the marker's id and the checksum matches; of the complete ones the highest offset is the newest,
whoever wrote it, because a state is a function of the log.
"""

import zlib
from collections.abc import Iterable
from itertools import product

import msgspec

from streams.log import Output

ID_HEADER = "vedette-snapshot"
_MARKER = "marker"
_GROUP = "vedette"  # of EngineSettings


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot's marker holds; JSON, readable without the state."""

    group: str = _GROUP
    stage: str
    topic: str
    partition: int
    offset: int  # the last input offset in the state
    counts: dict[str, int]
    log_time_us: int  # append time of the record at offset
    at: float  # seconds since 1970 UTC at which it was taken
    version: str  # of the application
    schema: int = 1
    gap: bool = False  # the log once began beyond the offset wanted
    writer: str = ""
    slot: int = 0
    chunks: int = 0
    crc: int = 0

    @property
    def id(self) -> str:
        """What chunks and marker have in common."""
        return f"{self.writer}:{self.offset}:{self.at:.6f}"


class Snapshot(msgspec.Struct, frozen=True):
    """A complete snapshot."""

    header: Header
    state: bytes


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Header).decode


def subject(stage: str, topic: str, partition: int, group: str = _GROUP) -> str:
    """Whose snapshot it is: what the keys begin with, and what chooses the partition of the snapshots topic.

    Deployments that share a broker differ by their group; the default one's keys are as they were before that."""
    place = f"{stage}/{topic}/{partition}"
    return place if group == _GROUP else f"{group}:{place}"


def split(key: bytes) -> tuple[str, str]:
    """``(subject, writer)`` of a key; empty strings where it is no key of ours."""
    parts = key.decode(errors="replace").rsplit("/", 3)
    return (parts[0], parts[1]) if len(parts) == 4 else ("", "")


def records(header: Header, state: bytes, topic: str, partition: int, chunk_bytes: int) -> list[Output]:
    """The chunks of a snapshot and, last, its marker; the marker must be sent after the chunks are confirmed."""
    pieces = [state[at : at + chunk_bytes] for at in range(0, len(state), chunk_bytes)]
    header = msgspec.structs.replace(header, chunks=len(pieces), crc=zlib.crc32(state))
    stem = f"{subject(header.stage, header.topic, header.partition, header.group)}/{header.writer}/{header.slot}"
    headers = ((ID_HEADER, header.id.encode()),)
    chunks = [Output(topic, partition, f"{stem}/{n}".encode(), piece, headers) for n, piece in enumerate(pieces)]
    return [*chunks, Output(topic, partition, f"{stem}/{_MARKER}".encode(), _encode(header), headers)]


class Shelf:
    """The newest value of every key of one partition of the snapshots topic."""

    def __init__(self) -> None:
        self._values: dict[bytes, tuple[bytes, bytes]] = {}  # key -> value, snapshot id
        self._removed: set[bytes] = set()

    def put(self, key: bytes, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> None:
        """Take a record, in log order; a tombstone removes its key."""
        if value is None:
            self._values.pop(key, None)
            self._removed.add(key)
        else:
            self._values[key] = (value, dict(headers).get(ID_HEADER, b""))
            self._removed.discard(key)

    def put_below(self, older: "Shelf") -> None:
        """Take everything that lies before what is here in the log: a key known here, or removed, stays as it is."""
        for key, found in older._values.items():
            if key not in self._values and key not in self._removed:
                self._values[key] = found
        self._removed |= older._removed - self._values.keys()

    def headers(self, wanted: str) -> list[Header]:
        """The markers of a subject, complete or not, highest offset first."""
        found = []
        for key, (value, _) in self._values.items():
            if key.endswith(b"/" + _MARKER.encode()) and split(key)[0] == wanted:
                try:
                    found.append(_decode(value))
                except msgspec.MsgspecError:
                    continue  # a damaged marker: the other slot remains
        return sorted(found, key=lambda header: (header.offset, header.at), reverse=True)

    def complete(self, wanted: str) -> list[Snapshot]:
        """The complete snapshots of a subject, newest first."""
        found = []
        for header in self.headers(wanted):
            stem = f"{wanted}/{header.writer}/{header.slot}"
            chunks = [self._values.get(f"{stem}/{n}".encode(), (b"", b"")) for n in range(header.chunks)]
            state = b"".join(value for value, _ in chunks)
            if all(id_ == header.id.encode() for _, id_ in chunks) and zlib.crc32(state) == header.crc:
                found.append(Snapshot(header, state))
        return found

    def keys(self, wanted: str, *, but_of: str) -> list[bytes]:
        """The keys of a subject's other writers: those here, and those that their other slot must have, which may lie
        further back in the log than was read."""
        keys = dict.fromkeys(key for key in self._values if (found := split(key))[0] == wanted and found[1] != but_of)
        for header in self.headers(wanted):
            if header.writer != but_of:
                for slot, name in product((0, 1), (*map(str, range(header.chunks + 1)), _MARKER)):
                    keys[f"{wanted}/{header.writer}/{slot}/{name}".encode()] = None
        return list(keys)

    def subjects(self) -> list[str]:
        """Every subject on the shelf, sorted."""
        return sorted({split(key)[0] for key in self._values})
