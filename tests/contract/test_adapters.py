"""What every wire format must hold, whatever it is fed. One test each; a new format is one more entry in the feeds."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import msgspec
import numpy as np
import pytest

from sensors.adapter import Adapter, Decoded, RawRecord
from sensors.adapters import FORMATS, make_adapter
from sensors.columns import DTYPES, Flag, ObservationColumns, concat
from sensors.convert import to_observations
from sensors.ids import Ids
from sensors.reasons import Fate, FilterReason, RejectReason
from sensors.units import END_US
from tests.sensors.feeds import FEEDS, mutated
from tests.sensors.records import rows, verdicts

REASONS: dict[Fate, type] = {
    Fate.DEAD: RejectReason,
    Fate.FILTERED: FilterReason,
    Fate.HELD: type(None),
    Fate.MERGED: type(None),
}
formats = pytest.mark.parametrize("format_name", FORMATS)


def check(records: Sequence[RawRecord], decoded: Decoded) -> None:
    """The laws of one batch."""
    _check_rows(decoded.rows, len(records))
    fresh = [verdict for verdict in decoded.verdicts if verdict.offset is None]
    items = [*zip(decoded.rows.record.tolist(), decoded.rows.item.tolist(), strict=True)]
    assert items == sorted(items)
    items += [(verdict.record, verdict.item) for verdict in fresh]
    assert len(set(items)) == len(items) == decoded.items
    counted = Counter(record for record, _ in items)
    assert all(counted[index] >= 1 for index in range(len(records))), "a record without a fate"
    assert all(item < counted[record] for record, item in items), "items are numbered from 0 without holes"
    for verdict in decoded.verdicts:
        assert isinstance(verdict.reason, REASONS[verdict.fate])
        assert len(verdict.detail) < 250
        assert (verdict.offset is None) == (verdict.original is None)


def _check_rows(columns: ObservationColumns, records: int) -> None:
    n = len(columns)
    for name, dtype in DTYPES.items():
        array = getattr(columns, name)
        assert (array.shape, array.dtype) == ((n,), np.dtype(dtype)), name
    helped = (columns.flags & np.uint8(Flag.DISTRESS)) != 0
    placed = np.isfinite(columns.lon) & np.isfinite(columns.lat)
    assert (placed | (helped & np.isnan(columns.lon) & np.isnan(columns.lat))).all()
    assert (np.abs(columns.lon[placed]) <= 180.0).all()
    assert (np.abs(columns.lat[placed]) <= 90.0).all()
    assert ((columns.event_time_us >= 0) & (columns.event_time_us < END_US)).all()
    for angle in (columns.course_deg, columns.heading_deg):
        assert (np.isnan(angle) | ((angle >= 0.0) & (angle < 360.0))).all()
    for size in (columns.sigma_m, columns.speed_mps):
        assert (np.isnan(size) | ((size >= 0.0) & (size <= 1e7))).all()
    assert ((columns.record >= 0) & (columns.record < records) & (columns.item >= 0)).all()
    assert ((columns.sensor >= 0) & (columns.sensor < len(columns.sensors))).all()
    assert ((columns.identity >= -1) & (columns.identity < len(columns.identities))).all()
    assert columns.observation_id.tolist() == Ids().of(columns).tolist()


def run(adapter: Adapter, records: Sequence[RawRecord], sizes: Sequence[int]) -> tuple[list[object], list[object], int]:
    """Rows, verdicts and items of a feed cut in batches of these sizes, with offsets instead of indices."""
    found_rows: list[object] = []
    found_verdicts: list[object] = []
    items = at = 0
    for size in sizes:
        batch = records[at : at + size]
        decoded = adapter.decode(batch)
        check(batch, decoded)
        found_rows += rows(decoded.rows, batch)
        found_verdicts += verdicts(decoded, batch)
        items += decoded.items
        at += size
    assert at == len(records)
    return found_rows, found_verdicts, items


@formats
def test_a_feed_holds_the_laws_of_a_batch(format_name: str) -> None:
    """Range, finiteness, time window, units, closed reasons, one fate an item; and the feed has rows and verdicts."""
    records = FEEDS[format_name]
    found_rows, found_verdicts, _ = run(make_adapter(format_name), records, [len(records)])
    assert len(found_rows) > 8
    assert len(found_verdicts) > 3


@formats
def test_nothing_is_nothing(format_name: str) -> None:
    """An empty batch has no rows, no verdicts and no items."""
    decoded = make_adapter(format_name).decode([])
    assert (len(decoded.rows), decoded.verdicts, decoded.items) == (0, [], 0)


@formats
def test_any_cut_gives_the_same_rows_and_verdicts(format_name: str) -> None:
    """A re-read that cuts other batches than the first reading did finds the same, id for id, fate for fate."""
    records = FEEDS[format_name]
    whole = run(make_adapter(format_name), records, [len(records)])
    random = Random(7)
    for _ in range(20):
        cuts = sorted(random.sample(range(1, len(records)), random.randint(1, len(records) - 1)))
        sizes = [end - start for start, end in pairwise([0, *cuts, len(records)])]
        assert run(make_adapter(format_name), records, sizes) == whole
    assert run(make_adapter(format_name), records, [1] * len(records)) == whole


@formats
def test_the_memory_is_the_whole_state(format_name: str) -> None:
    """Another adapter that loads what this one dumped, at any point of the feed, goes on as this one would."""
    records = FEEDS[format_name]
    whole = run(make_adapter(format_name), records, [len(records)])
    for at in range(len(records) + 1):
        before, after = make_adapter(format_name), make_adapter(format_name)
        first = run(before, records[:at], [at])
        after.load(before.dump())
        assert after.dump() == before.dump()
        second = run(after, records[at:], [len(records) - at])
        assert (first[0] + second[0], first[1] + second[1], first[2] + second[2]) == whole


@formats
def test_a_second_reading_is_the_first(format_name: str) -> None:
    """Adapters share nothing: what one instance has read does not colour another."""
    records = FEEDS[format_name]
    first = run(make_adapter(format_name), records, [len(records)])
    assert run(make_adapter(format_name), records, [len(records)]) == first


@formats
def test_published_as_json_the_observations_keep_their_ids(format_name: str) -> None:
    """What an adapter gives is an observation of the contract: a vendor may publish it as JSON, and it is the same."""
    decoded = make_adapter(format_name).decode(FEEDS[format_name])
    again = concat(
        [
            make_adapter("json").decode([RawRecord(0, 0, one.sensor_id.encode(), msgspec.json.encode(one), {})]).rows
            for one in to_observations(decoded.rows)
        ]
    )
    assert again.observation_id.tolist() == decoded.rows.observation_id.tolist()


@formats
def test_one_record_of_another_sensor_changes_nothing(format_name: str) -> None:
    """One vendor's feed does not touch another's: a stranger between the records leaves the rest as it was."""
    records = FEEDS[format_name]
    whole = run(make_adapter(format_name), records, [len(records)])
    random = Random(11)
    stranger = [
        record._replace(key=b"stranger", value=mutated(random, record.value), offset=1000 + record.offset)
        for record in records
    ]
    mixed = [record for pair in zip(records, stranger, strict=True) for record in pair]
    found = run(make_adapter(format_name), mixed, [len(mixed)])
    assert [row for row in found[0] if _offset(row) < 1000] == whole[0]


def _offset(row: object) -> int:
    assert isinstance(row, tuple)
    return int(dict(row)["record"])
