"""Frames: numbered rows, split where they must be, with only the dictionaries they need."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import frames, provenance
from streams.config import Feed, Format
from streams.ingest import packing
from streams.ingest.packing import compact
from streams.log import Record
from tests.streams.ingest import logs
from tests.streams.ingest.logs import BASE_US, SECOND_US, event, record, run

ANY = Feed("acme", "json", Format.JSON)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=250))
def test_an_index_keeps_its_meaning(index: list[int]) -> None:
    """Entries used are kept in their order, once, and every row points at what it pointed at; however many rows."""
    column, used = compact(np.array(index, np.int32), 401)
    assert list(used) == sorted(set(index))
    assert [used[at] for at in np.frombuffer(column, np.int32)] == index


def test_a_frame_s_dictionaries_hold_what_its_rows_use() -> None:
    """Names of one owner's rows do not travel to another owner."""
    made = logs.core(5, ANY)
    given = [record(n, event(n, -84.0 + n, 25.0, mmsi=1 + n, sensor=f"s{n % 3}")) for n in range(12)]
    sent = run(made, *given)
    assert len(sent.frames) > 1
    keys = [frames.decode(frame.value or b"").keys for frame in sent.frames]
    assert sorted(key for part in keys for key in part) == [f"mmsi:{1 + n:09d}" for n in range(12)]


def test_many_rows_are_split_and_chained() -> None:
    """At most 1000 rows a frame; the pieces chain, and only the last one says how far the source has come."""
    made = logs.core(1, ANY)
    run(made, record(0, event(0, mmsi=999_999)))
    given = [record(1 + n, event(1 + n / 100, mmsi=1 + n)) for n in range(2500)]
    sent = run(made, *given)
    sizes = [len(frames.decode(frame.value or b"")) for frame in sent.frames]
    assert sizes == [1000, 1000, 500]
    assert len(sent.rows) == 2500
    spans = [provenance.read(Record(0, 0, None, b"", frame.headers))[1] for frame in sent.frames]
    assert [(span.after.offset, span.last.offset) for span in spans] == [(0, 1000), (1000, 2000), (2000, 2500)]
    newest_us = BASE_US + round(25.99 * SECOND_US)
    late_us = 5 * SECOND_US
    assert [tick.watermark_us for _, tick in sent.ticks] == [BASE_US - late_us, BASE_US - late_us, newest_us - late_us]


def test_large_rows_are_split_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the rows carry, a frame of several stays within its bytes, and every row keeps its own extras."""
    monkeypatch.setattr(packing, "BYTES", 20_000)
    given = [record(n, event(n, mmsi=1 + n, signal={f"c{k}": float(n) for k in range(100)})) for n in range(40)]
    sent = run(logs.core(1, ANY), *given)
    assert len(sent.rows) == 40
    assert all(len(frame.value or b"") <= 20_000 for frame in sent.frames)
    assert len({row["extras"] for row in sent.rows.values()}) == 40
    assert [frames.decode(frame.value or b"").position(0) for frame in sent.frames] == sorted(
        frames.decode(frame.value or b"").position(0) for frame in sent.frames
    )
