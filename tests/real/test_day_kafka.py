"""The real day through Kafka and Faust: the same alerts as from files, with one owner, with eight, and from two
overlapping receivers."""

import csv
import gzip
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.embedded import EmbeddedBroker
from streams.inputs import Input, parse_input
from streams.public import encode
from streams.up.collection import Collection
from streams.up.run import run
from streams.up.sources import FileSource
from tests.real import day, test_day
from tests.real.zones import four_countries

pytestmark = [pytest.mark.data, pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(300)]


def through_kafka(inputs: list[Input], partitions: int, directory: Path) -> Collection:
    """Everything the run wrote; asserts that the ledger balances."""
    source = FileSource(inputs, four_countries(), [], None)
    with EmbeddedBroker() as broker:
        found, _ = run(source, broker.bootstrap, directory, partitions, None, stop=threading.Event())
        assert found.summary(1.0, broker.bootstrap).ledger_residual == 0
    return found


def alerted(found: Collection) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Alerts by entry, as :func:`tests.real.day.alerted`."""
    return day.alerted([encode(alert) for alert in found.alerts_in_order()])


@pytest.fixture(scope="module")
def from_files(data_dir: Path) -> dict[tuple[str, str, int], dict[str, Any]]:
    """The alerts of the replay shell."""
    return day.alerted(test_day.run(data_dir / day.FILE).lines())


@pytest.mark.parametrize("partitions", [1, 8])
def test_kafka_gives_the_alerts_of_the_files_id_for_id(
    partitions: int, data_dir: Path, from_files: dict[tuple[str, str, int], dict[str, Any]], tmp_path: Path
) -> None:
    """One owner or eight, live or replayed: the same alert ids, states and evidence."""
    found = alerted(through_kafka([parse_input(str(data_dir / day.FILE))], partitions, tmp_path))
    assert {a["alert_id"] for a in found.values()} == {a["alert_id"] for a in from_files.values()}
    for entry, alert in found.items():
        for part in ("state", "evidence", "end_reason", "position", "reasons"):
            assert alert[part] == from_files[entry][part], part


def test_two_overlapping_receivers_give_one_alert_per_entry(
    data_dir: Path, from_files: dict[tuple[str, str, int], dict[str, Any]], tmp_path: Path
) -> None:
    """Every fix at one receiver or at both: the entries of the single receiver, one alert each."""
    inputs = [
        Input(str(path), vendor, f"{vendor}-1", parse_input(str(path)).format)
        for vendor, path in zip(("north", "south"), split(data_dir / day.FILE, tmp_path), strict=True)
    ]
    assert alerted(through_kafka(inputs, 2, tmp_path)).keys() == from_files.keys()


def split(path: Path, directory: Path) -> Iterator[Path]:
    """The day as two files: each row in the first, the second or both."""
    chance = random.Random(1)
    with gzip.open(path, "rt") as lines:
        reader = csv.reader(lines)
        header, rows = next(reader), list(reader)
    heard = [(row, chance.choice(("north", "south", "both"))) for row in rows]
    for vendor in ("north", "south"):
        target = directory / f"{vendor}.csv"
        with target.open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(header)
            writer.writerows(row for row, where in heard if where in (vendor, "both"))
        yield target
