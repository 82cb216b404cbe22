"""Adapters under arbitrary and damaged bytes: nothing raises, nothing gets out of range, everything has one fate."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.adapter import RawRecord
from sensors.adapters import FORMATS, make_adapter
from tests.contract.test_adapters import check, run
from tests.sensors.feeds import FEEDS, mutated

HEADER = st.sampled_from(
    ["vedette-columns", "vedette-units", "vedette-historical", "vedette-received", "vedette-line", "vedette-element"]
)
SAID = st.one_of(
    st.binary(max_size=12), st.sampled_from([b"1", b"si", b"nautical", b"time,lat,lon", b"1704067200000000"])
)
RECORD = st.builds(
    RawRecord,
    offset=st.integers(0, 10),
    log_time_us=st.integers(-1, 2**62),
    key=st.one_of(st.sampled_from([b"s1", b"s2"]), st.binary(max_size=4)),
    value=st.one_of(st.binary(max_size=80), st.text(max_size=40).map(str.encode)),
    headers=st.dictionaries(HEADER, SAID, max_size=3),
)
formats = pytest.mark.parametrize("format_name", FORMATS)
ROUNDS = 300


@formats
@given(records=st.lists(RECORD, max_size=8))
def test_arbitrary_records_never_raise(format_name: str, records: list[RawRecord]) -> None:
    """Whatever bytes, headers, keys and times a record has, it is rows or verdicts within the laws."""
    check(records, make_adapter(format_name).decode(records))


@formats
@given(data=st.data())
def test_damaged_feeds_do_not_depend_on_their_cut(format_name: str, data: st.DataObject) -> None:
    """A feed with any of its records damaged, repeated or out of order gives the same in one batch and in two."""
    feed = FEEDS[format_name]
    chosen = data.draw(st.lists(st.integers(0, len(feed) - 1), min_size=1, max_size=12))
    random = Random(data.draw(st.integers(0, 2**32)))
    records = [
        feed[at]._replace(offset=n, value=mutated(random, feed[at].value) if random.random() < 0.5 else feed[at].value)
        for n, at in enumerate(chosen)
    ]
    cut = data.draw(st.integers(0, len(records)))
    whole = run(make_adapter(format_name), records, [len(records)])
    assert run(make_adapter(format_name), records, [cut, len(records) - cut]) == whole


@formats
def test_many_mutants_hold_the_laws(format_name: str) -> None:
    """Thousands of damaged events, re-signed where the format signs them, in one long stream."""
    random = Random(20_240_101)
    adapter = make_adapter(format_name)
    feed = FEEDS[format_name]
    taken = 0
    for round_number in range(ROUNDS):
        records = [record._replace(offset=round_number, value=mutated(random, record.value)) for record in feed]
        decoded = adapter.decode(records)
        check(records, decoded)
        taken += len(decoded.rows)
    assert taken > ROUNDS // 2  # the mutants are close enough to the real thing to get through
