"""Ingest: raw records of one partition to frames of observations, one owner at a time. The stage on one screen.

    records ─▶ intake ─▶ adapter ─▶ checks ─▶ routing ─▶ packing ─▶ observations.v1
                 │          │          │
                 │          └──────────┴─▶ ledger, burial ─▶ dead-letters.v1
                 └─ end of input ─▶ ticks

A pure function over the log: the same records give the same rows at the same positions and the same dead letters,
whatever the batches they come in. After an exception the state is undefined until :meth:`IngestCore.load`.
"""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from sensors.adapter import Adapter, Verdict
from sensors.columns import ObservationColumns
from sensors.columns import take as rows_of
from sensors.reasons import Fate, FilterReason, RejectReason
from streams import provenance
from streams.borders import Borders
from streams.config import Feed, Settings
from streams.dead_letters import Origin
from streams.frames import SourceTick
from streams.ingest import state as snapshot
from streams.ingest.burial import Dead, bury
from streams.ingest.checks import FORGET_EVERY, Checks, Judged
from streams.ingest.intake import Intake, take
from streams.ingest.ledger import Ledger
from streams.ingest.outcomes import MEANINGS
from streams.ingest.packing import TOPIC, Packing, pack
from streams.ingest.routing import route
from streams.ingest.rows import in_order, stretches
from streams.log import Output, Provenance, Record
from streams.messages import Kind
from streams.provenance import Numbering

_encode_tick = msgspec.msgpack.Encoder().encode


class IngestCore:
    """The core of one raw partition; see :class:`streams.core.Core`."""

    def __init__(
        self,
        topic: str,
        partition: int,
        feed: Feed,
        settings: Settings,
        zones_version: Callable[[], int],
        adapter: Adapter,
        clearances_version: Callable[[], int] = lambda: 0,
        rules_version: Callable[[], int] = lambda: 0,
    ) -> None:
        self._topic, self._partition = topic, partition
        self._source = f"{topic}/{partition}"
        self._owners = settings.owners
        shared = settings.sensors and settings.owners.partitions > 1
        self._borders = Borders(settings.owners) if shared else None
        self._zones_version, self._clearances_version = zones_version, clearances_version
        self._rules_version = rules_version
        self._adapter = adapter
        self._checks = Checks(feed, settings)
        self._numbering = Numbering({})
        self._ledger = Ledger({})
        self._held: dict[tuple[int, int], Origin] = {}
        self._offset, self._log_time_us = -1, -1
        self._ended = False
        self._watermark_us = -1

    def apply(self, records: Sequence[Record]) -> list[Output]:
        """Move the state over records; dead letters, then frames by destination, then ticks where the input ended."""
        intake = take(records, self._offset)
        self._ledger.add("repeat", intake.repeats)
        if intake.newest is None:
            return []
        before = SourceTick(
            self._watermark_us,
            zones_version=self._zones_version(),
            clearances_version=self._clearances_version(),
            rules_version=self._rules_version(),
        )
        self._ended = intake.ended
        self._log_time_us = max(self._log_time_us, intake.newest.log_time_us)
        outputs = self._decode(intake, before) if intake.raws else []
        self._ledger.add("in", intake.ends)
        self._ledger.settle(Fate.FILTERED, FilterReason.END_OF_INPUT, intake.ends)
        self._offset = intake.newest.offset
        if self._ended:
            outputs.extend(self.tick(self._log_time_us, idle=False))
        return outputs

    def tick(self, log_time_us: int, *, idle: bool) -> list[Output]:
        """What this source knows of time, to every owner."""
        tick = self._tick(log_time_us, idle=idle)
        outputs = []
        for partition in range(self._owners.partitions):
            last = self._numbering.last(f"{TOPIC}/{partition}")
            headers = provenance.headers(Kind.TICK, Provenance(self._source, last, last))
            outputs.append(Output(TOPIC, partition, None, _encode_tick(tick), headers))
        return outputs

    def cut(self, record: Record, rows: range) -> Record | None:
        """A raw record is not cut: its bytes are the vendor's."""
        return None

    def bury(self, record: Record, reason: str) -> list[Output]:
        """Dead-letter a whole record that cannot be got past, as one item."""
        if record.offset <= self._offset:
            return []
        self._ledger.add("in")
        self._ledger.settle(Fate.DEAD, RejectReason.HANDLER_ERROR)
        self._offset, self._log_time_us = record.offset, max(self._log_time_us, record.log_time_us)
        origin = Origin.of(self._topic, self._partition, record)
        return bury([Dead(origin, RejectReason.HANDLER_ERROR, "", record.value)])

    def dump(self) -> bytes:
        """The whole state."""
        held = [snapshot.HeldItem(o.offset, o.item, o.time_us, o.key, o.headers) for o in self._held.values()]
        return snapshot.encode(
            snapshot.State(
                snapshot.VERSION,
                self._offset,
                self._log_time_us,
                self._ended,
                self._watermark_us,
                self._numbering,
                self._ledger,
                held,
                snapshot.dump_checks(self._checks),
                self._adapter.dump(),
            )
        )

    def load(self, state: bytes) -> None:
        """Take back what :meth:`dump` gave; raises ValueError where it is something else."""
        found = snapshot.decode(state)
        self._offset, self._log_time_us, self._ended = found.offset, found.log_time_us, found.ended
        self._watermark_us, self._numbering, self._ledger = found.watermark_us, found.numbering, found.ledger
        self._held = {
            (item.offset, item.item): Origin(
                self._topic, self._partition, item.offset, item.item, item.time_us, item.key, item.headers
            )
            for item in found.held
        }
        snapshot.load_checks(self._checks, found.checks)
        self._adapter.load(found.adapter)

    def counts(self) -> dict[str, int]:
        """The ledger."""
        return dict(self._ledger.counts)

    def gauges(self) -> dict[str, float]:
        """Sizes of the memory, and how far the watermark is behind the log (seconds, event time)."""
        behind_us = self._log_time_us - self._watermark_us if self._watermark_us >= 0 else 0
        return {
            "sensors": float(len(self._checks.clocks)),
            "identities": float(len(self._checks.directory)),
            "remembered": float(len(self._checks.duplicates)),
            "watermark_lag_s": behind_us / 1e6,
        }

    def _tick(self, log_time_us: int, *, idle: bool) -> SourceTick:
        watermark_us = self._checks.watermark(log_time_us, ended=self._ended)
        self._watermark_us = max(self._watermark_us, watermark_us)
        return SourceTick(
            self._watermark_us,
            idle,
            self._ended,
            self._zones_version(),
            self._clearances_version(),
            self._rules_version(),
        )

    def _decode(self, intake: Intake, before: SourceTick) -> list[Output]:
        """Dead letters and frames of the records that are not end markers."""
        decoded = self._adapter.decode(intake.raws)
        self._ledger.add("in", decoded.items)
        dead = self._settle(decoded.verdicts, intake)
        outputs: list[Output] = []
        if len(decoded.rows):
            rows = in_order(decoded.rows)
            offset, log_us = intake.offset[rows.record], intake.log_us[rows.record]
            for start, stop, due in stretches(rows.record, self._checks.since_forgetting, FORGET_EVERY):
                whole = stop - start == len(rows)
                part = rows if whole else rows_of(rows, np.arange(start, stop))
                last = before if stop < len(rows) else None
                outputs += self._rows(part, offset[start:stop], log_us[start:stop], intake, dead, before, last)
                self._checks.passed(stop - start, forget=due)
        return bury(dead) + outputs

    def _rows(
        self,
        rows: ObservationColumns,
        offset: NDArray[np.int64],
        log_us: NDArray[np.int64],
        intake: Intake,
        dead: list[Dead],
        before: SourceTick,
        tick: SourceTick | None,
    ) -> list[Output]:
        """Judge, count and send rows; ``tick`` None is the tick after them."""
        judged = self._checks.judge(rows, log_us)
        self._count(rows, judged, intake, dead)
        routed = route(rows, judged, offset, log_us, self._owners, self._borders)
        self._ledger.add("copy/departing", routed.departing)
        self._ledger.add("copy/halo", routed.halo)
        tick = tick or self._tick(self._log_time_us, idle=False)
        return pack(routed, self._numbering, Packing(self._source, rows.sensors, rows.extras, before, tick))

    def _count(self, rows: ObservationColumns, judged: Judged, intake: Intake, dead: list[Dead]) -> None:
        """Give every row its fate; rows that could not be used are added to ``dead``."""
        refused = judged.code.nonzero()[0].tolist()
        self._ledger.settle(Fate.ROW, count=len(rows) - len(refused))
        self._ledger.add("late", int(np.count_nonzero(judged.late & (judged.code == 0))))
        for row in refused:
            fate, reason, detail = MEANINGS[int(judged.code[row])]
            self._ledger.settle(fate, reason)
            if fate is Fate.DEAD:
                record = intake.records[int(rows.record[row])]
                origin = Origin.of(self._topic, self._partition, record, int(rows.item[row]))
                dead.append(Dead(origin, reason, detail, record.value))

    def _settle(self, verdicts: Sequence[Verdict], intake: Intake) -> list[Dead]:
        """Count the items the adapter made no row of; returns those to be kept."""
        dead = []
        for verdict in verdicts:
            origin = None
            if verdict.offset is not None:
                origin = self._held.pop((verdict.offset, verdict.item), None)
                if origin is not None:
                    self._ledger.release()
            self._ledger.settle(verdict.fate, verdict.reason)
            if verdict.fate not in (Fate.HELD, Fate.DEAD):
                continue
            record = intake.records[verdict.record]
            origin = origin or Origin.of(self._topic, self._partition, record, verdict.item)
            if verdict.fate is Fate.HELD:
                self._held[origin.offset, origin.item] = origin
            else:
                value = record.value if verdict.original is None else verdict.original
                dead.append(Dead(origin, str(verdict.reason), verdict.detail, value))
        return dead
