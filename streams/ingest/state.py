"""The whole state of one raw partition as bytes, for the snapshot: arrays as they lie in memory, strings once."""

import msgspec
import numpy as np

from streams.ingest.checks import Checks
from streams.ingest.duplicates import pack, unpack
from streams.ingest.fix_columns import NONE_US, FixColumns
from streams.ingest.ledger import Ledger
from streams.provenance import Numbering

VERSION = 1


class ChecksState(msgspec.Struct, array_like=True):
    """What the checks remember."""

    sensors: list[str]
    clocks: list[bytes]  # newest, heard, last, run, confirmed
    generations: list[tuple[bytes, bytes]]  # young, old
    keys: list[str]
    fixes: list[list[bytes]]  # last, before
    refused: tuple[bytes, list[bytes]]  # of the few slots that have one: slots, fixes
    since_forgetting: int


class HeldItem(msgspec.Struct, array_like=True):
    """Where an item came from whose fate is not known yet."""

    offset: int
    item: int
    time_us: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class State(msgspec.Struct, array_like=True):
    """Everything that the outputs of further records depend on."""

    version: int
    offset: int  # of the newest record applied
    log_time_us: int
    ended: bool
    watermark_us: int
    numbering: Numbering
    ledger: Ledger
    held: list[HeldItem]
    checks: ChecksState
    adapter: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(State)


def encode(state: State) -> bytes:
    """The snapshot's bytes."""
    return _encoder.encode(state)


def decode(value: bytes) -> State:
    """The state a snapshot holds; raises msgspec.MsgspecError or ValueError where it holds none."""
    state = _decoder.decode(value)
    if state.version != VERSION:
        raise ValueError(f"ingest state version {state.version}, expected {VERSION}")
    return state


def dump_checks(checks: Checks) -> ChecksState:
    """What the checks remember, as plain values."""
    clocks, fixes, count = checks.clocks, checks.fixes, len(checks.directory)
    slots = (fixes.refused.time_us[:count] != NONE_US).nonzero()[0]
    return ChecksState(
        clocks.names,
        [column.tobytes() for column in (*clocks.columns(), clocks.confirmed)],
        [pack(checks.duplicates.young), pack(checks.duplicates.old)],
        checks.directory.keys,
        [columns.pack(count) for columns in (fixes.last, fixes.before)],
        (slots.tobytes(), fixes.refused.take(slots).pack(len(slots))),
        checks.since_forgetting,
    )


def load_checks(checks: Checks, state: ChecksState) -> None:
    """Make the checks remember this and nothing else."""
    *columns, confirmed = state.clocks
    checks.clocks.restore(
        state.sensors,
        [np.frombuffer(column, np.int64).copy() for column in columns],
        np.frombuffer(confirmed, np.bool_).copy(),
    )
    checks.duplicates.young, checks.duplicates.old = (unpack(*generation) for generation in state.generations)
    checks.directory.restore(state.keys)
    slots, refused = state.refused
    last, before = (FixColumns.unpack(columns) for columns in state.fixes)
    checks.fixes.restore(last, before, np.frombuffer(slots, np.intp), FixColumns.unpack(refused))
    checks.since_forgetting = state.since_forgetting
