"""AIS NMEA 0183: a record holds one or several lines of a receiver's log.

Every line that is not blank is one item. What becomes of it:

* position reports (:mod:`sensors.ais.positions`) and calls for help are rows, unless they say no position;
* statics (types 5 and 24) are merged: later rows of that MMSI at that sensor carry name, call sign and IMO number;
* parts of a longer message are held, and merged when the last part comes; lost when it does not come in time;
* everything else that is intact is filtered, everything that is not intact is dead.

The event time is the time of reception: of the tag block (``c:``), else of the US Coast Guard suffix, else of the
record. The second of the minute inside a report is not used: without its minute it is ambiguous as soon as a feed is
late, and receivers that have lost their clock repeat one second for hours.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from sensors.adapter import Decoded, RawRecord, Verdict
from sensors.ais.assembler import Assembler, Message, Part
from sensors.ais.checksums import checksums
from sensors.ais.lines import Line, Unusable, read_lines
from sensors.ais.message import Learned, Refusal, Reported, read_message
from sensors.ais.reports import Report, Reports
from sensors.ais.sentence import BAD_CHECKSUM, Sentence, read_sentence
from sensors.ais.statics import Static, Statics
from sensors.columns import Flag
from sensors.ids import Ids
from sensors.raw import is_historical, place
from sensors.reasons import Fate, FilterReason, RejectReason

_REPEATED: Refusal = (Fate.FILTERED, FilterReason.DUPLICATE, "a part that is held already")


class _Memory(msgspec.Struct, array_like=True):
    """What spans batches."""

    version: int
    unfinished: list[Message]
    statics: list[tuple[str, int, Static]]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Memory).decode


class NmeaAdapter:
    """The NMEA format; remembers unfinished messages for ``fragment_s`` seconds of reception time, and statics."""

    def __init__(self, *, fragment_s: float = 10.0) -> None:
        self._ids = Ids()
        self._statics = Statics()
        self._assembler = Assembler(round(fragment_s * 1e6))
        self._lost = f"parts: expected all of a message within {fragment_s:g} s"

    def decode(self, records: Sequence[RawRecord]) -> Decoded:
        """See :class:`sensors.adapter.Adapter`."""
        return _Batch(records, self._assembler, self._statics, self._lost).decoded(self._ids)

    def dump(self) -> bytes:
        """Unfinished messages and statics, as msgpack."""
        return _encode(_Memory(1, self._assembler.dump(), self._statics.dump()))

    def load(self, memory: bytes) -> None:
        """Take back what :meth:`dump` gave; raises msgspec.MsgspecError where it is something else."""
        found = _decode(memory)
        self._assembler.load(found.unfinished)
        self._statics.load(found.statics)


class _Batch:
    """One call of :meth:`NmeaAdapter.decode`."""

    def __init__(self, records: Sequence[RawRecord], assembler: Assembler, statics: Statics, lost: str) -> None:
        self._records = records
        self._assembler = assembler
        self._reports = Reports(statics)
        self._lost = lost
        self._verdicts: list[tuple[int, Verdict]] = []  # with the index of the item in hand
        self._flags = [int(Flag.HISTORICAL) if is_historical(record) else 0 for record in records]

    def decoded(self, ids: Ids) -> Decoded:
        """Rows and fates of all items."""
        lines = read_lines(self._records)
        sentences = _checked([read_sentence(line.text) if isinstance(line, Line) else _refusal(line) for line in lines])
        for index, (line, sentence) in enumerate(zip(lines, sentences, strict=True)):
            if isinstance(line, Unusable):
                self._refuse(index, line.record, 0, _refusal(line))
                continue
            due_us = self._assembler.due_us
            if due_us is not None and line.received_us > due_us:
                self._resolve(index, line, self._assembler.expire(line.received_us), whole=False)
            if not isinstance(sentence, Sentence):
                self._refuse(index, line.record, line.item, sentence)
            elif sentence.total > 1:
                self._part(index, line, sentence)
            else:
                time_us = line.received_us if sentence.time_us is None else sentence.time_us
                self._message(index, line, sentence.payload, sentence.fill, time_us)
        rows, refused = self._reports.columns(ids)
        for report, refusal in refused:
            self._refuse(report.order, report.record, report.item, refusal)
        self._verdicts.sort(key=lambda entry: entry[0])  # stable: several of one item stay in order
        return Decoded(rows, [verdict for _, verdict in self._verdicts], len(lines))

    def _part(self, index: int, line: Line, sentence: Sentence) -> None:
        offset = self._records[line.record].offset
        part = Part(offset, line.item, line.text, sentence.payload, sentence.fill, line.received_us, sentence.time_us)
        message, lost, repeated = self._assembler.offer(line.sensor, sentence, part)
        self._resolve(index, line, lost, whole=False)
        if repeated:
            self._refuse(index, line.record, line.item, _REPEATED)
        elif message is None:
            held = f"part {sentence.number} of {sentence.total}"
            self._verdicts.append((index, Verdict(line.record, line.item, Fate.HELD, None, held)))
        else:
            parts = message.arrived()
            self._resolve(index, line, parts[:-1], whole=True)
            times = [part.time_us for part in parts if part.time_us is not None]
            self._message(index, line, *message.payload(), times[0] if times else parts[0].received_us)

    def _message(self, index: int, line: Line, payload: bytes, fill: int, time_us: int) -> None:
        found = read_message(payload, fill)
        if isinstance(found, Reported):
            if found.learned is not None:
                self._reports.learn(line.sensor, *found.learned)
            flags = self._flags[line.record]
            kind, distress, _ = found
            self._reports.add(
                Report(index, line.record, line.item, line.sensor, time_us, flags, kind, payload, distress)
            )
        elif isinstance(found, Learned):
            self._reports.learn(line.sensor, *found)
            self._verdicts.append((index, Verdict(line.record, line.item, Fate.MERGED, None, "statics of a vessel")))
        else:
            self._refuse(index, line.record, line.item, found)

    def _resolve(self, index: int, line: Line, parts: list[Part], *, whole: bool) -> None:
        """The final fates of parts that were held."""
        fate, reason = (Fate.MERGED, None) if whole else (Fate.DEAD, RejectReason.FRAGMENT_LOST)
        detail = "part of a message" if whole else self._lost
        for part in parts:
            verdict = Verdict(line.record, part.item, fate, reason, detail, part.offset, part.line)
            self._verdicts.append((index, verdict))

    def _refuse(self, index: int, record: int, item: int, refusal: Refusal) -> None:
        fate, reason, detail = refusal
        self._verdicts.append((index, Verdict(record, item, fate, reason, place(self._records[record]) + detail)))


def _refusal(record: Unusable) -> Refusal:
    return Fate.DEAD, record.reason, record.detail


def _checked(sentences: list[Sentence | Refusal]) -> list[Sentence | Refusal]:
    """The same, with corrupt sentences replaced by their refusal."""
    whole = [(at, sentence) for at, sentence in enumerate(sentences) if isinstance(sentence, Sentence)]
    found = checksums([sentence.body for _, sentence in whole])
    wrong = found != np.array([sentence.checksum for _, sentence in whole], np.uint8)
    for index in np.flatnonzero(wrong).tolist():
        sentences[whole[index][0]] = BAD_CHECKSUM
    return sentences
