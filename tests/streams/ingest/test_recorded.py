"""Recorded traffic through ingest: everything is accounted for, whatever the batches."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensors.adapters import make_adapter
from sensors.files import raw_records
from streams.config import Feed, Format
from streams.ingest import IngestCore
from streams.log import Record
from tests.streams.ingest import logs

pytestmark = pytest.mark.data


def recorded(path: Path, kind: Format) -> Iterator[Record]:
    """A file's rows as ``vedette publish`` would send them."""
    for offset, raw in enumerate(raw_records(str(path), kind, "s1")):
        yield Record(offset, raw.log_time_us, raw.key, raw.value, (*raw.headers.items(), logs.HISTORICAL))


def ingested(records: list[Record], kind: Format, batch: int) -> tuple[IngestCore, logs.Sent]:
    """The core after all records, and what it sent."""
    feed = Feed("acme", "json", kind)
    made = IngestCore(feed.topic, 0, feed, logs.settings(8, feed), lambda: 1, make_adapter(kind))
    sent = logs.Sent()
    for start in range(0, len(records), batch):
        logs.read(made.apply(records[start : start + batch]), sent)
    return made, sent


def test_every_line_of_a_dirty_log_has_one_fate(data_dir: Path) -> None:
    """A receivers' network's log with broken, partial and repeated lines: one item a line, no residual, every dead one
    kept; and the same rows and counts in batches of another size."""
    path = data_dir / "ais" / "amsa_ais.txt.gz"
    if not path.exists():
        pytest.skip(f"no recorded log at {path}")
    with gzip.open(path, "rb") as log:
        lines = sum(bool(line.strip()) for line in log)
    records = list(recorded(path, Format.NMEA))
    made, sent = ingested(records, Format.NMEA, 1000)
    counts = made.counts()
    assert counts["in"] == lines
    assert logs.residual(counts) == 0
    dead = sum(n for name, n in counts.items() if name.startswith("dead/"))
    assert dead == len({letter.key for letter in sent.dead}) > 0
    assert counts["row"] == len(sent.by_offset("lon")) > 0
    other, again = ingested(records, Format.NMEA, 37)
    assert again.rows == sent.rows
    assert other.counts() == counts


def test_a_real_day_is_hardly_touched(data_dir: Path) -> None:
    """A day of 5,620 vessels: every row but the few that would need more than 60 knots is sent on with the fix before
    it, and only a first fix, one after a silence beyond the lost-time, or one after such a jump has none."""
    path = data_dir / "ais" / "atd2025_dataset1_truth.csv.gz"
    if not path.exists():
        pytest.skip(f"no recorded day at {path}")
    made, sent = ingested(list(recorded(path, Format.CSV)), Format.CSV, 1000)
    counts = made.counts()
    assert logs.residual(counts) == 0
    assert set(counts) <= {"in", "row", "filtered/teleport", "copy/departing"}
    assert 0 < counts["filtered/teleport"] < 50
    newest: dict[str, int] = {}
    jumps = 0
    for key, time_us, prev_us in sent.by_offset("key", "event_time_us", "prev_event_time_us"):
        before_us = newest.get(key)
        lost = before_us is None or time_us - before_us > logs.settings().surveil.lost_after_s * 1e6
        assert prev_us == (-1 if lost or prev_us == -1 else before_us)
        jumps += not lost and prev_us == -1
        newest[key] = time_us
    assert jumps <= counts["filtered/teleport"]
