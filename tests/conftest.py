"""What every test may ask for: a real broker, a broker of its own, the recorded traffic."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from streams.embedded import EmbeddedBroker

# The machine is shared and slow: a deadline would measure the neighbours. The seed is printed by pytest-randomly.
settings.register_profile("test", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fast", settings.get_profile("test"), max_examples=20)
settings.register_profile("fault", settings.get_profile("test"), max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a broker runs in one process, one after the other; of the rest each file stays together."""
    for item in items:
        shared = any(item.get_closest_marker(marker) for marker in ("kafka", "fault"))
        item.add_marker(pytest.mark.xdist_group("broker" if shared else item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """``host:port`` of one real broker for the whole run: ``VEDETTE_BROKER``, else an embedded one.

    Topic names are fixed by the catalogue, so tests that need empty topics take :func:`fresh_broker`.
    """
    given = os.environ.get("VEDETTE_BROKER")
    if given:
        yield given
        return
    with EmbeddedBroker() as embedded:
        yield embedded.bootstrap


@pytest.fixture
def fresh_broker() -> Iterator[EmbeddedBroker]:
    """An embedded broker for this test alone, started (about 1 s); it may be killed, frozen and restarted."""
    with EmbeddedBroker() as embedded:
        yield embedded


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The recorded vessel traffic: ``VEDETTE_DATA``, else ``../shared/data`` beside the project."""
    chosen = Path(os.environ.get("VEDETTE_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not chosen.is_dir():
        pytest.skip(f"no recorded traffic at {chosen}; VEDETTE_DATA names another place")
    return chosen
