"""Settings under which the engine would hang or lose are refused by name."""

from typing import Any

import msgspec
import pytest

from streams.engine.settings import BadEngineSettings, EngineSettings, check
from streams.engine.transport import url_of

GOOD = EngineSettings(broker="h1:1, h2:2", instance="w-1.a_B")


def test_the_defaults_are_accepted() -> None:
    """Law: the defaults pass, also at the broker's own default floor."""
    check(GOOD, broker_session_floor_s=6.0)
    assert url_of(GOOD.servers) == "vedette://h1:1;h2:2"
    assert GOOD.group_of("alert") == "vedette-alert"


@pytest.mark.parametrize(
    "change",
    [
        {"broker": " , "},
        {"instance": "a/b"},
        {"instance": ""},
        {"stream_wait_empty": False},
        {"session_timeout_s": 31.0},
        {"heartbeat_s": 2.5},
        {"buffered_batches": 9},
        {"in_flight_batches": 0},
        {"tick_every_s": 2.0},
    ],
)
def test_what_would_hang_or_lose_is_refused(change: dict[str, Any]) -> None:
    """Law: each is refused, and the message begins with the setting's name."""
    with pytest.raises(BadEngineSettings, match=f"^{next(iter(change))}"):
        check(msgspec.structs.replace(GOOD, **change))


def test_a_session_below_the_brokers_floor_is_refused() -> None:
    """Law: a session the broker would not take hangs Faust for ever, so it is refused before the start."""
    with pytest.raises(BadEngineSettings, match="floor"):
        check(GOOD, broker_session_floor_s=10.0)
