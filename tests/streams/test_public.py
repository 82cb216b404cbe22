"""Times and headers of public records."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import public
from streams.messages import AlertState, HistoryEntry


@given(st.integers(-(2**50), 2**54))
def test_times_come_back_exactly(time_us: int) -> None:
    """Microseconds to a time and back, with no float between them."""
    assert public.to_us(public.to_time(time_us)) == time_us
    assert datetime.fromisoformat(public.rfc3339(time_us)) == public.to_time(time_us)


def test_a_time_in_another_zone_is_the_same_time() -> None:
    """A client may write any offset; a time without one is refused."""
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert public.to_us(noon.astimezone(timezone(timedelta(hours=5)))) == public.to_us(noon)
    with pytest.raises(TypeError):
        public.to_us(noon.replace(tzinfo=None))


def test_json_times_end_in_z() -> None:
    """RFC 3339 in UTC, as published."""
    entry = HistoryEntry(version=1, state=AlertState.CLOSED, what="w", who="r", at=public.to_time(1_500_000))
    assert msgspec.json.decode(public.encode(entry))["at"] == "1970-01-01T00:00:01.500000Z"


def test_cloud_events_headers_are_complete() -> None:
    """Everything that CloudEvents 1.0 requires in binary mode, as text."""
    headers = dict(public.event_headers("alert", "vedette.alert.v1", "a", 3, 1_000_000))
    assert headers == {
        "content-type": b"application/json",
        "ce_specversion": b"1.0",
        "ce_id": b"a/3",
        "ce_source": b"/vedette/alert",
        "ce_type": b"vedette.alert.v1",
        "ce_subject": b"a",
        "ce_time": b"1970-01-01T00:00:01Z",
    }
