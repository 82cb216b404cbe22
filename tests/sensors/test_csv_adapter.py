"""CSV rows: columns by name, units, and what each mistake is called."""

import math
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.adapter import Decoded, RawRecord
from sensors.columns import Flag
from sensors.csv_adapter import CsvAdapter
from sensors.files import read
from sensors.observation import Identity
from sensors.rows import FIELDS, explain, read_rows
from sensors.units import KNOT_MPS
from tests.sensors.records import only, record

HEADER = b"time,lat,lon,track_id,speed,course,heading,name"
ROW = b"2024-01-01T00:00:00,25.5,-80.25,338214987,10,90.5,91,EXAMPLE"


def in_file(row: bytes, header: bytes = HEADER, **headers: bytes) -> RawRecord:
    """A row as the publisher sends it."""
    made = record(row, columns=header, line=b"7")
    return made._replace(headers=made.headers | {f"vedette-{name}": said for name, said in headers.items()})


def decode(*rows: RawRecord) -> Decoded:
    """These rows."""
    return CsvAdapter().decode(list(rows))


def test_a_row_is_an_observation_in_si() -> None:
    """Knots become metres per second, a time without a zone is UTC, a track id that is an MMSI is one."""
    decoded = decode(in_file(ROW, historical=b"1"))
    rows = decoded.rows
    assert (decoded.verdicts, decoded.items, rows.identities) == ([], 1, [Identity(mmsi=338214987, name="EXAMPLE")])
    assert (rows.event_time_us[0], rows.lon[0], rows.lat[0]) == (1_704_067_200_000_000, -80.25, 25.5)
    assert rows.speed_mps[0] == pytest.approx(5.144444)
    assert (rows.course_deg[0], rows.heading_deg[0], rows.flags[0]) == (90.5, 91.0, Flag.HISTORICAL)
    assert math.isnan(rows.sigma_m[0])


def test_si_is_said_by_the_record() -> None:
    """With ``vedette-units: si`` speed is metres per second and 102.3 is a speed."""
    decoded = decode(in_file(ROW.replace(b",10,", b",102.3,"), units=b"si"), in_file(ROW.replace(b",10,", b",102.3,")))
    assert decoded.rows.speed_mps[0] == pytest.approx(102.3)
    assert math.isnan(decoded.rows.speed_mps[1])


def test_columns_are_found_by_name() -> None:
    """Order, case, white space, a byte order mark and columns of others do not matter."""
    header = b"\xef\xbb\xbfpoint, LON ,Lat,extra,TIME,vessel_id"
    decoded = decode(in_file(b"1,-80.25, 25.5 ,x,2024-01-01T00:00:00Z,V7", header))
    assert (decoded.rows.lon[0], decoded.rows.lat[0]) == (-80.25, 25.5)
    assert decoded.rows.identities == [Identity(vessel_id="V7")]


def test_quoted_cells() -> None:
    """Cells may hold commas, quotes and line ends (RFC 4180)."""
    decoded = decode(in_file(b'"2024-01-01T00:00:00",25.5,-80.25,,,,,"A ""B"", C"'))
    assert decoded.rows.identities == [Identity(name='A "B", C')]


def test_not_available_is_absent() -> None:
    """AIS's 102.3, 360 and 511, empty cells and NaN are absent, in any of the three columns."""
    row = b"2024-01-01T00:00:00,25.5,-80.25,1,102.3,360,511,"
    others = [b"2024-01-01T00:00:00,25.5,-80.25,1,,nan, ,", b"2024-01-01T00:00:00,25.5,-80.25,1,NaN,511.0,360.0,"]
    rows = decode(*(in_file(one) for one in [row, *others])).rows
    assert len(rows) == 3
    for column in (rows.speed_mps, rows.course_deg, rows.heading_deg):
        assert np.isnan(column).all()


@pytest.mark.parametrize(
    "row, reason, detail",
    [
        (b"", "empty", "value: expected at least one event"),
        (b"\r\n", "empty", "row: expected cells"),
        (b",,,,,,,", "no-time", "time: expected an ISO 8601 date and time"),
        (b",,", "empty", "row: expected cells"),
        (b"a,b", "bad-field", "row: expected 8 cells"),
        (ROW + b",more", "bad-field", "row: expected 8 cells"),
        (ROW.replace(b"EX", b"\xff"), "undecodable", "row: expected UTF-8"),
        (ROW.replace(b"EX", b'"EX'), "undecodable", "row: expected one row of CSV (RFC 4180)"),
        (ROW + b"\n" + ROW, "undecodable", "row: expected one row of CSV (RFC 4180)"),
        (ROW.replace(b"2024-01-01T00:00:00", b"yesterday"), "bad-time", "time: expected an ISO 8601 date and time"),
        (ROW.replace(b"2024", b"1969"), "bad-time", "time: expected a time from 1970 to 2099"),
        (ROW.replace(b"25.5", b"91"), "out-of-range", "lat: expected -90 to 90"),
        (ROW.replace(b"-80.25", b"181"), "out-of-range", "lon: expected -180 to 180"),
        (ROW.replace(b"25.5", b""), "missing-field", "lat: expected degrees"),
        (ROW.replace(b"25.5", b"nan"), "bad-field", "lat: expected a number of degrees"),
        (ROW.replace(b"-80.25", b"inf"), "bad-field", "lon: expected a number of degrees"),
        (ROW.replace(b"-80.25", b"80W"), "bad-field", "lon: expected a number of degrees"),
        (ROW.replace(b",10,", b",fast,"), "bad-field", "speed: expected a number, or nothing"),
        (ROW.replace(b",10,", b",-1,"), "out-of-range", "speed: expected 0 to 1e+07 m/s"),
        (ROW.replace(b"90.5", b"400"), "out-of-range", "course: expected 0 or more and less than 360"),
        (ROW.replace(b",91,", b",-91,"), "out-of-range", "heading: expected 0 or more and less than 360"),
        (ROW.replace(b"EXAMPLE", b"E" * 129), "bad-field", "name: expected at most 128 characters"),
    ],
)
def test_each_mistake_names_line_field_and_expectation(row: bytes, reason: str, detail: str) -> None:
    """A row that cannot be used is one dead item; the detail never holds what the row says."""
    assert only(CsvAdapter(), in_file(row)) == ("dead", reason, f"line 7: {detail}")


@pytest.mark.parametrize(
    "header, detail",
    [
        (b"time,lat", "lon: expected a column of this name"),
        (b"latitude,longitude,time", "lat: expected a column of this name"),
        (b"time,lat,lon,LAT", "lat: expected one column of this name"),
        (b"\xff", "row: expected UTF-8"),
    ],
)
def test_a_bad_header_refuses_its_rows(header: bytes, detail: str) -> None:
    """What is missing is said by name."""
    assert only(CsvAdapter(), in_file(ROW, header))[2] == f"line 7: {detail}"


def test_a_row_without_a_header_is_refused() -> None:
    """A row alone does not say what its cells are."""
    assert only(CsvAdapter(), record(ROW))[:2] == ("dead", "missing-field")


def test_unknown_units_are_refused() -> None:
    """A word that is not understood is not guessed."""
    assert only(CsvAdapter(), in_file(ROW, units=b"furlongs"))[1:] == (
        "bad-field",
        "line 7: vedette-units: expected nautical or si",
    )


def test_rows_of_several_files_and_sensors_may_be_mixed() -> None:
    """Each record is read by its own header and key, in order."""
    records = [in_file(ROW), in_file(b"1.0,2.0,2024-01-01T00:00:00", b"lon,lat,time")._replace(key=b"s2"), in_file(ROW)]
    rows = decode(*records).rows
    assert rows.lon.tolist() == [-80.25, 1.0, -80.25]
    assert [rows.sensors[index] for index in rows.sensor.tolist()] == ["s1", "s2", "s1"]


CELL = st.one_of(
    st.sampled_from(["", "nan", "inf", "1_0", "360", "511", "102.3", "-0", "91", "181", "90", "-180", "1e9", "x"]),
    st.floats(-400, 400).map(repr),
    st.text(max_size=4),
)
TIMES = st.sampled_from(
    ["2024-01-01T00:00:00", "2024-01-01T00:00:00Z", "", "1969-12-31T23:59:59Z", "2100-01-01T00:00Z", "no"]
)
MMSI = st.sampled_from(["", "0", "338214987", "x"])


@given(
    st.lists(st.tuples(TIMES, CELL, CELL, MMSI, *[CELL] * 6), min_size=1, max_size=6), st.sampled_from([1.0, KNOT_MPS])
)
def test_good_rows_are_those_without_an_explanation(rows: list[tuple[str, ...]], mps: float) -> None:
    """The vectorised check refuses exactly the rows in which the scalar one finds a mistake other than in names."""
    cells = list(zip(*rows, strict=True))
    assert len(cells) == len(FIELDS)
    numbers = read_rows(cells, np.full(len(rows), mps))
    for row, good in zip(rows, numbers.good.tolist(), strict=True):
        reason, detail = explain((*row[:3], "", "", "", "", *row[7:]), mps)
        assert good == (detail == "row: expected what the header says"), (row, reason, detail)


@pytest.mark.data
def test_a_real_day(data_dir: Path) -> None:
    """102,861 recorded positions of 5,620 vessels are all taken, in the time a person waits for a file."""
    began = time.process_time()
    decoded = read(str(data_dir / "ais" / "atd2025_dataset1_truth.csv.gz"), "csv", "atd")
    took_s = time.process_time() - began
    assert (decoded.items, len(decoded.rows), decoded.verdicts) == (102_861, 102_861, [])
    assert len(decoded.rows.identities) == 5_620
    assert len(np.unique(decoded.rows.observation_id)) == 102_861
    assert took_s < 15.0  # 1.2 s on an idle machine
