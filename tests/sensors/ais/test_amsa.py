"""The recorded log of 44,687 lines from many receivers, with damage: every line has one fate, and pyais agrees."""

import math
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyais
import pytest
from pyais.exceptions import AISBaseException

from sensors.adapter import Decoded, RawRecord
from sensors.ais.adapter import NmeaAdapter
from sensors.ais.sentence import Sentence, read_sentence
from sensors.columns import ObservationColumns
from sensors.files import raw_records, read
from sensors.units import KNOT_MPS

pytestmark = pytest.mark.data

LINES = 44_687
FATES = {
    "row": 25_538,
    "merged": 2_133,
    "filtered/not-a-report": 16_664,
    "filtered/no-position": 320,
    "filtered/no-identity": 2,
    "dead/bad-sentence": 13,
    "dead/bad-checksum": 11,
    "dead/fragment-lost": 4,
    "dead/bad-payload": 2,
    "held": 0,
}


@pytest.fixture(scope="module")
def log(data_dir: Path) -> Path:
    """The log."""
    return data_dir / "ais" / "amsa_ais.txt.gz"


@pytest.fixture(scope="module")
def records(log: Path) -> list[RawRecord]:
    """Its records."""
    return list(raw_records(str(log), "nmea", "amsa"))


@pytest.fixture(scope="module")
def rows(log: Path) -> ObservationColumns:
    """Its rows."""
    return read(str(log), "nmea", "amsa").rows


def fates(decoded: list[Decoded]) -> Counter[str]:
    """The last fate of every item: what was held counts by what became of it."""
    counts: Counter[str] = Counter(row=sum(len(part.rows) for part in decoded))
    for verdict in (verdict for part in decoded for verdict in part.verdicts):
        counts[str(verdict.fate) if verdict.reason is None else f"{verdict.fate}/{verdict.reason}"] += 1
        counts["held"] -= verdict.offset is not None
    return counts


@pytest.mark.parametrize("size", [53, 997, LINES])
def test_every_line_has_one_fate(records: list[RawRecord], size: int) -> None:
    """The ledger of the log balances, to the line, whatever the batches."""
    adapter, remaining, decoded = NmeaAdapter(), iter(records), []
    while batch := list(islice(remaining, size)):
        decoded.append(adapter.decode(batch))
    found = fates(decoded)
    assert sum(part.items for part in decoded) == sum(found.values()) == LINES
    assert {fate: found[fate] for fate in FATES} == FATES
    assert set(found) == set(FATES)


def test_repeats_in_the_log_have_equal_ids(rows: ObservationColumns) -> None:
    """Several receivers log one transmission in the same second: 7,781 rows are repeats, and their ids say so."""
    assert (len(rows), len(np.unique(rows.observation_id))) == (25_538, 17_757)


def test_rows_have_sane_values(rows: ObservationColumns) -> None:
    """What the log says is in range, in its six minutes of 2012, and named by what the log said before."""
    assert np.isfinite(rows.lon).all()
    assert (np.abs(rows.lon) <= 180).all()
    assert (np.abs(rows.lat) <= 90).all()
    assert rows.event_time_us.min() >= 1_327_664_820_000_000
    assert rows.event_time_us.max() < 1_327_665_210_000_000
    named = [identity for identity in rows.identities if identity.name is not None]
    assert len(named) > 300


def test_rows_agree_with_pyais(records: list[RawRecord]) -> None:
    """Every row is what pyais reads from the same line, sentinels apart; pyais decodes no report that is not a row
    or filtered for its position."""
    decoded = NmeaAdapter().decode(records)
    rows = decoded.rows
    row_of = {record: row for row, record in enumerate(rows.record.tolist())}
    fate_of = {verdict.record: str(verdict.reason) for verdict in decoded.verdicts if verdict.offset is None}
    compared = 0
    for index, record in enumerate(records):
        sentence = read_sentence(record.value)
        if not isinstance(sentence, Sentence) or sentence.total > 1:
            continue
        theirs: Any
        try:
            theirs = pyais.decode(b"!" + sentence.body + b"*%02X" % sentence.checksum, error_if_checksum_invalid=True)
        except AISBaseException:
            assert index not in row_of
            continue
        if theirs.msg_type not in (1, 2, 3, 9, 11, 18, 19, 27):
            assert index not in row_of
            continue
        if index not in row_of:
            assert fate_of[index] == "no-position"
            assert theirs.lat == 91.0 or theirs.lon == 181.0
            continue
        row = row_of[index]
        identity = rows.identities[rows.identity[row]] if rows.identity[row] >= 0 else None
        assert theirs.mmsi == (0 if identity is None else identity.mmsi)
        assert rows.lon[row] == pytest.approx(theirs.lon, rel=0, abs=1e-6)
        assert rows.lat[row] == pytest.approx(theirs.lat, rel=0, abs=1e-6)
        if theirs.msg_type == 11:
            continue
        speed = theirs.speed if theirs.speed < (1023 if theirs.msg_type == 9 else 102.3) else math.nan
        assert rows.speed_mps[row] == pytest.approx(speed * KNOT_MPS, abs=1e-4, nan_ok=True)
        course = theirs.course if theirs.course < 360 else math.nan
        assert rows.course_deg[row] == pytest.approx(course, abs=1e-4, nan_ok=True)
        heading = getattr(theirs, "heading", 511)
        assert rows.heading_deg[row] == pytest.approx(heading if heading < 360 else math.nan, nan_ok=True)
        compared += 1
    assert compared > 25_000
