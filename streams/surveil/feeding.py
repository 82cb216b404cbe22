"""The rows of frames on their way to what follows them: plots to the tracker, the rest to the objects, each once.

Rows are trimmed and counted as they arrive; in a recording they may then wait for the neighbours (`pace`)."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sensors.columns import Flag
from streams.borders import Borders
from streams.frames import Purpose, SourceTick
from streams.intake import Ledger
from streams.log import Provenance
from streams.provenance import Applied
from streams.surveil.arrival import Arrival, arrive
from streams.surveil.batch import apply_frame
from streams.surveil.crossing import Crossing
from streams.surveil.fold import Hint
from streams.surveil.follow import Follower
from streams.surveil.neighbours.note import Note
from streams.surveil.pace import Pace, Waiting
from streams.surveil.pictures import Pictures
from streams.surveil.plots import Plots
from streams.surveil.rows import row_of
from streams.tracks.sharing.halo import HALO_M

Rows = NDArray[np.intp]
_HISTORICAL = int(Flag.HISTORICAL)


class Feeds(NamedTuple):
    """Where rows go."""

    crossing: Crossing
    follower: Follower
    pictures: Pictures
    plots: Plots


class Feeding:
    """One owner's frames. ``borders`` where plots are shared with other owners; ``heard`` takes a tick in its turn."""

    def __init__(
        self,
        me: int,
        feeds: Feeds,
        ledger: Ledger,
        pace: Pace,
        borders: Borders | None,
        heard: Callable[[str, SourceTick], None],
        note: Callable[[Note], None],
        patience: Callable[[float | None], None],
    ) -> None:
        self._me, self._feeds, self._ledger, self._pace, self._borders = me, feeds, ledger, pace, borders
        self._heard, self._note, self._patience = heard, note, patience
        self._decoded: tuple[bytes, Arrival] | None = None  # the frame at the head of the queue: not state

    def frame(self, frame: Arrival, value: bytes, origin: Provenance) -> None:
        """A frame as it arrives."""
        rows = self._admit(frame, origin)
        if self._pace.queue:
            self._wait(origin.source, frame, value, rows)
            return
        rows = self._take(frame, rows)
        if len(rows):
            self._wait(origin.source, frame, value, rows)
        else:
            self._heard(origin.source, frame.tick)

    def tick(self, source: str, tick: SourceTick) -> None:
        """A tick as it arrives; it stays behind the rows that wait."""
        if self._pace.queue:
            self._pace.queue.append(Waiting(source, tick))
        else:
            self._heard(source, tick)

    def resume(self) -> None:
        """Take what has waited, as far as it need wait no longer."""
        pace = self._pace
        while pace.queue:
            head = pace.queue[0]
            if head.rows:
                frame = self._frame_of(head.value)
                left = self._take(frame, head.left())
                pace.here -= self._here(frame, head.left()) - self._here(frame, left)
                head.rows = left.astype(np.int64).tobytes()
                if len(left):
                    return
            self._heard(head.source, head.tick)
            pace.queue.pop(0)

    # -- inside

    def _admit(self, frame: Arrival, origin: Provenance) -> Rows:
        """The rows that are new, counted as taken in; the position moves over them."""
        ledger = self._ledger
        rows = new_rows(frame, ledger.applied, origin.source)
        ledger.applied.repeats += len(frame) - len(rows)
        if len(rows):
            ledger.count("in", self._here(frame, rows))
            copies = int(np.count_nonzero(frame.columns["purpose"][rows] == Purpose.HALO))
            if copies:
                ledger.count("copies/halo", copies)
        last = max(ledger.applied.seen(origin.source), origin.last)
        ledger.applied.positions[origin.source] = (last.offset, last.ordinal)
        return rows

    def _here(self, frame: Arrival, rows: Rows) -> int:
        return int(np.count_nonzero(frame.columns["purpose"][rows] == Purpose.HERE))

    def _wait(self, source: str, frame: Arrival, value: bytes, rows: Rows) -> None:
        self._pace.here += self._here(frame, rows)
        self._pace.queue.append(Waiting(source, frame.tick, value, rows.astype(np.int64).tobytes()))

    def _frame_of(self, value: bytes) -> Arrival:
        if self._decoded is None or self._decoded[0] is not value:
            self._decoded = (value, arrive(value))
        return self._decoded[1]

    def _take(self, frame: Arrival, rows: Rows) -> Rows:
        """Apply rows; those that have to wait are left, from the first such on."""
        plots = self._feeds.plots.among(frame, rows)
        if not len(plots) or self._borders is None:
            self._apply(frame, rows, plots)
            return rows[:0]
        second: NDArray[np.int64] = frame.columns["event_time_us"][plots] // 1_000_000  # type: ignore[assignment]
        live = not (frame.columns["flags"][plots[0]].item() & _HISTORICAL)
        self._pace.live = live
        near = self._near(frame, plots)
        if live or not (self._pace.shared or near.size):
            self._patience(None if live else float(second.max()))
            self._apply(frame, rows, plots)
            self._pace.front_s = max(self._pace.front_s, int(second.max()))
            return rows[:0]
        return self._in_step(frame, rows, plots, second, near)

    def _in_step(
        self, frame: Arrival, rows: Rows, plots: Rows, second: NDArray[np.int64], near: NDArray[np.int64]
    ) -> Rows:
        """A recording near a border: second by second."""
        pace = self._pace
        starts = [0, *(np.flatnonzero(second[1:] != second[:-1]) + 1).tolist()]
        for number, start in enumerate(starts):
            stop = starts[number + 1] if number + 1 < len(starts) else len(plots)
            now_s = int(second[start])
            if now_s > pace.front_s and pace.must_wait(now_s):
                return rows[rows >= plots[start]] if start else rows
            first = rows[0] if start == 0 else plots[start]
            last = rows[-1] + 1 if stop == len(plots) else plots[stop]
            self._patience(float(max(now_s, pace.front_s)))
            self._apply(frame, rows[(rows >= first) & (rows < last)], plots[start:stop])
            others = sorted({int(other) for at, other in near.tolist() if start <= at < stop})
            for other in pace.took(now_s, others):
                self._note(Note(other, self._me, through_s=pace.front_s))
        return rows[:0]

    def _near(self, frame: Arrival, plots: Rows) -> NDArray[np.int64]:
        """``(index into plots, other owner)`` of plots that another owner is given as well, ``(n, 2)``."""
        assert self._borders is not None
        c = frame.columns
        lonlat = np.column_stack([c["lon"][plots], c["lat"][plots]]).astype(np.float64)
        placed = np.flatnonzero(np.isfinite(lonlat).all(axis=1))
        sector: NDArray[np.uint64] = c["sector"][plots[placed]]  # type: ignore[assignment]
        row, other, _ = self._borders.near(lonlat[placed], sector, HALO_M)
        whose = c["owner"][plots[placed]].astype(np.int64)
        copies = np.flatnonzero(c["purpose"][plots[placed]] == Purpose.HALO)
        both = np.vstack(
            [
                np.column_stack([placed[row], other.astype(np.int64)]),
                np.column_stack([placed[copies], whose[copies]]),
            ]
        )
        found: NDArray[np.int64] = both[both[:, 1] != self._me]
        return found

    def _apply(self, frame: Arrival, rows: Rows, plots: Rows) -> None:
        if not len(rows):
            return
        ledger, feeds = self._ledger, self._feeds
        purpose, crossing = frame.columns["purpose"], feeds.crossing

        def one(index: int, hint: Hint | None) -> None:
            row = row_of(frame, index)
            if purpose[index] == Purpose.HERE:
                crossing.here(row, hint)
            elif purpose[index] == Purpose.DEPARTING:
                crossing.departing(row)

        if len(plots):
            feeds.plots.take(frame, plots, crossing.stamp())
            ledger.count("applied", self._here(frame, plots))
            rows = np.setdiff1d(rows, plots, assume_unique=True)
        if len(rows):
            feeds.plots.hear(frame, rows)
            calendar = feeds.follower.calendar
            quiet = apply_frame(frame, rows, feeds.follower.objects, feeds.pictures, calendar, one)
            ledger.count("applied", quiet)


def new_rows(frame: Arrival, applied: Applied, source: str) -> Rows:
    """Indices of the rows of a frame that were not applied before."""
    seen = applied.seen(source)
    offset, ordinal = frame.columns["source_offset"], frame.columns["ordinal"]
    fresh: NDArray[np.bool_] = (offset > seen.offset) | ((offset == seen.offset) & (ordinal > seen.ordinal))  # type: ignore[operator]
    return fresh.nonzero()[0]
