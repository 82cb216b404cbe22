"""Event to alert, from the broker's own times."""

import pytest

from streams.console.latency import latency_ms, opening_latency_ms
from streams.log import START, Provenance
from streams.public import public_headers


def headers(version: int, ingest_time_us: int | None) -> tuple[tuple[str, bytes], ...]:
    """The headers an alert record has."""
    return public_headers(
        "alert", "vedette.alert.v1", "a" * 32, version, 0, Provenance("x/0", START, START), ingest_time_us
    )


def test_latency_is_broker_time_to_broker_time() -> None:
    """Both ends are the broker's clock, so the clocks of sensors and workers play no part."""
    assert latency_ms(1_700_000_000_012, headers(1, 1_700_000_000_000_500)) == pytest.approx(11.5)


def test_what_no_event_decided_has_no_latency() -> None:
    """An acknowledgement makes a version without a raw record behind it."""
    assert latency_ms(5, headers(2, None)) is None


@pytest.mark.parametrize("version, measured", [(1, True), (2, False), (11, False), (21, False)])
def test_only_the_opening_counts(version: int, measured: bool) -> None:
    """What a watch officer waits for is the first version; later ones may rest on a timer."""
    assert (opening_latency_ms(2_000, headers(version, 1_000_000)) is not None) is measured
