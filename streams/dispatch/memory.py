"""The state of a dispatcher, and its form in a snapshot."""

from dataclasses import dataclass

import msgspec

from streams.clock import OwnerClock
from streams.config import DispatchRules
from streams.dispatch.board import Board, Pool
from streams.dispatch.held import Case, HeldTask
from streams.intake import Ledger
from streams.messages import Unit
from streams.provenance import Applied, Numbering

VERSION = 1


class _Snapshot(msgspec.Struct, array_like=True):
    version: int
    clock: OwnerClock
    ledger: Ledger
    numbering: Numbering
    pools: list[Pool]
    units: list[Unit]
    busy: dict[str, str]
    cases: list[Case]
    tasks: list[HeldTask]
    finished: dict[str, int]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Snapshot)


@dataclass(slots=True)
class Memory:
    """The board, and what makes repeats harmless."""

    clock: OwnerClock
    board: Board
    ledger: Ledger
    numbering: Numbering

    @classmethod
    def empty(cls, clock: OwnerClock, rules: DispatchRules) -> "Memory":
        """The state before the first record."""
        return cls(clock, Board(rules), Ledger(Applied({})), Numbering({}))

    def dump(self) -> bytes:
        """The whole state."""
        board = self.board
        return _encoder.encode(
            _Snapshot(
                VERSION,
                self.clock,
                self.ledger,
                self.numbering,
                list(board.pools.values()),
                list(board.units.values()),
                board.busy,
                list(board.cases.values()),
                list(board.tasks.values()),
                board.finished,
            )
        )

    @classmethod
    def load(cls, state: bytes, rules: DispatchRules) -> "Memory":
        """The state that :meth:`dump` gave; raises ValueError where it is of another version."""
        snapshot = _decoder.decode(state)
        if snapshot.version != VERSION:
            raise ValueError(f"dispatch state version {snapshot.version}, expected {VERSION}")
        board = Board(rules)
        board.pools = {pool.exercise: pool for pool in snapshot.pools}
        board.units = {unit.unit_id: unit for unit in snapshot.units}
        board.cases = {case.request.alert_id: case for case in snapshot.cases}
        board.tasks = {task.task_id: task for task in snapshot.tasks}
        board.busy, board.finished = snapshot.busy, snapshot.finished
        return cls(snapshot.clock, board, snapshot.ledger, snapshot.numbering)
