"""Files to records: the file's own rows unchanged, the same from every shape of the same file."""

import gzip
import io
import sys
from pathlib import Path

import pytest

from sensors.adapter import RawRecord
from sensors.adapters import make_adapter
from sensors.convert import to_observations
from sensors.files import BadInput, detect_format, open_input, raw_records, read
from sensors.opening import format_of
from sensors.raw import MAX_BYTES
from tests.sensors.ais.sentences import one, tagged

NMEA = one(1, lon=-1.5, lat=50.75)
CSV = b"time,lat,lon,name\n2024-01-01T00:00:00,1,2,A\n2024-01-01T00:00:05,1,2,B\n"
EVENT = b'{"sensor_id":"%s","event_time":"2024-01-01T00:00:0%dZ","position":[1,2]}'
FEATURE = (
    b'{"type":"Feature","geometry":{"type":"Point","coordinates":[2,1]},"properties":{"time":"2024-01-01T00:00:00Z"}}'
)
T0 = 1_704_067_200_000_000


def records(tmp_path: Path, content: bytes, format_name: str, **options: str) -> list[RawRecord]:
    """The records of a file with this content."""
    path = tmp_path / "input"
    path.write_bytes(content)
    return list(raw_records(str(path), format_name, "s1", **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "head, name, expected",
    [
        (NMEA, "x", "nmea"),
        (tagged(NMEA, "s:a"), "x", "nmea"),
        (b"# a comment\n$GPZDA,1\n", "x.txt", "nmea"),
        (CSV, "x.dat", "csv"),
        (b'\xef\xbb\xbfid, "LAT" ,lon,Time\r\n', "x", "csv"),
        (b"mmsi,when\n", "x.CSV.gz", "csv"),
        (b' \n {"sensor_id":"a"}', "x", "json"),
        (b"[\n", "x", "json"),
        (b'{"type": "FeatureCollection"', "x", "geojson"),
        (FEATURE, "x.json", "geojson"),
        (b"\x1e" + FEATURE, "x", "geojson"),
        (b'{"features":[', "x.geojson.gz", "geojson"),
        (b"", "x.ndjson", "json"),
    ],
)
def test_the_format_shows_in_the_first_bytes_or_in_the_name(head: bytes, name: str, expected: str) -> None:
    """``--format auto`` needs no name, and looks at it where the bytes do not say."""
    assert format_of(head, name) == expected


@pytest.mark.parametrize("head", [b"", b"hello world\n", b"\x00\x01\x02", b"a,b\n1,2\n"])
def test_a_format_that_does_not_show_is_not_guessed(head: bytes) -> None:
    """The message says what was expected."""
    with pytest.raises(BadInput, match="expected NMEA sentences, JSON, GeoJSON, or CSV"):
        format_of(head, "file.txt")


def test_csv_rows_are_unchanged_and_carry_their_header(tmp_path: Path) -> None:
    """Each record is the file's own row, its header line beside it, its line number, its own time as log time."""
    first, second = records(tmp_path, CSV, "csv")
    assert first == RawRecord(
        0, T0, b"s1", b"2024-01-01T00:00:00,1,2,A", {"vedette-line": b"2", "vedette-columns": b"time,lat,lon,name"}
    )
    assert (second.offset, second.log_time_us, second.headers["vedette-line"]) == (1, T0 + 5_000_000, b"3")


def test_csv_rows_may_span_lines_and_blank_lines_are_none(tmp_path: Path) -> None:
    """A quoted line end is part of its row; the number is that of the row's first line."""
    content = CSV.splitlines()[0] + b'\r\n\r\n2024-01-01T00:00:00,1,2,"A\r\nB"\r\n\r\n2024-01-01T00:00:05,1,2,C'
    found = records(tmp_path, content, "csv")
    assert [(entry.value, entry.headers["vedette-line"]) for entry in found] == [
        (b'2024-01-01T00:00:00,1,2,"A\r\nB"', b"3"),
        (b"2024-01-01T00:00:05,1,2,C", b"6"),
    ]
    decoded = make_adapter("csv").decode(found)
    assert [identity.name for identity in decoded.rows.identities] == ["A\r\nB", "C"]


def test_a_quote_that_is_never_closed_ends_with_the_limit(tmp_path: Path) -> None:
    """A stray quote costs one record of a megabyte, not the memory of the machine."""
    content = b'time,lat,lon\n"' + b"x,1,2\n" * 400_000
    found = records(tmp_path, content, "csv")
    assert MAX_BYTES < len(found[0].value) < MAX_BYTES + 100
    assert len(found) > 100_000


def test_a_row_without_a_time_is_as_old_as_the_one_before(tmp_path: Path) -> None:
    """The log time never depends on what cannot be read; before the first time it is 0."""
    content = b"time,lat,lon\nnever,1,2\n2024-01-01T00:00:00,1,2\n,1,2\n2024-01-01T00:00:01,1\n"
    assert [entry.log_time_us for entry in records(tmp_path, content, "csv")] == [0, T0, T0, T0]


def test_units_and_history_are_said_by_headers(tmp_path: Path) -> None:
    """Only what differs from the default is said."""
    plain = records(tmp_path, CSV, "csv")[0]
    told = next(raw_records(str(tmp_path / "input"), "csv", "s1", units="si", historical=True))
    assert told.headers == plain.headers | {"vedette-units": b"si", "vedette-historical": b"1"}


def test_nmea_lines_are_unchanged_and_say_when_they_were_received(tmp_path: Path) -> None:
    """The reception time is in the record, so that the broker's clock does not become an event time."""
    lines = [NMEA, b"", tagged(NMEA, "c:1704067203"), NMEA]
    found = records(tmp_path, b"\r\n".join(lines) + b"\r\n", "nmea")
    assert [(entry.value, entry.log_time_us, entry.headers["vedette-line"]) for entry in found] == [
        (NMEA, T0 + 3_000_000, b"1"),
        (lines[2], T0 + 3_000_000, b"3"),
        (NMEA, T0 + 3_000_000, b"4"),
    ]
    moved = [entry._replace(log_time_us=99) for entry in found]
    file, kafka = (make_adapter("nmea").decode(entries).rows for entries in (found, moved))
    assert to_observations(file) == to_observations(kafka)


def test_json_lines_arrays_and_pretty_printed_files_are_the_same_events(tmp_path: Path) -> None:
    """One event a line, one list, one list over many lines, lists a line: the ids are equal."""
    events = [EVENT % (b"a", 0), EVENT % (b"b", 1), EVENT % (b"a", 2)]
    shapes = [
        b"\n".join(events),
        b"[" + b",".join(events) + b"]",
        b"[\n" + b",\n".join(events) + b"\n]\n",
        b"[" + events[0] + b"]\n[" + events[1] + b"]\n" + events[2] + b"\n",
        b"\xef\xbb\xbf" + b"\r\n\r\n".join(events) + b"\r\n",
    ]
    found = [make_adapter("json").decode(records(tmp_path, shape, "json")) for shape in shapes]
    assert all(decoded.verdicts == [] for decoded in found)
    expected = to_observations(found[0].rows)
    assert len(expected) == 3
    assert all(to_observations(decoded.rows) == expected for decoded in found)


def test_json_events_are_keyed_by_their_own_sensor(tmp_path: Path) -> None:
    """The key is what the event says, and the file's name where it says nothing."""
    content = b"\n".join([EVENT % (b"a", 0), b"[" + EVENT % (b"b", 1) + b"]", b"nonsense", b"{}"])
    found = records(tmp_path, content, "json")
    assert [(entry.key, entry.log_time_us) for entry in found] == [
        (b"a", T0), (b"b", T0 + 1_000_000), (b"s1", T0 + 1_000_000), (b"s1", T0 + 1_000_000),
    ]  # fmt: skip


def test_one_event_over_several_lines(tmp_path: Path) -> None:
    """A file that a person wrote is one event."""
    content = b"{\n" + (EVENT % (b"a", 0))[1:-1].replace(b",", b",\n") + b"\n}\n"
    (found,) = records(tmp_path, content, "json")
    assert make_adapter("json").decode([found]).verdicts == []
    assert len(records(tmp_path, b"{\n" + EVENT % (b"a", 0) + b"\n", "json")) == 2


def test_a_list_that_does_not_end_is_no_input(tmp_path: Path) -> None:
    """A cut-off file is said to be one; its events are not guessed."""
    with pytest.raises(BadInput, match="expected a list of events"):
        records(tmp_path, b"[\n" + EVENT % (b"a", 0) + b",\n", "json")


def test_geojson_collections_sequences_and_single_features_are_the_same(tmp_path: Path) -> None:
    """A collection, a feature a line (RFC 8142) and a feature alone give its own bytes as records."""
    for content, count in [
        (b'{"type":"FeatureCollection","features":[' + FEATURE + b", " + FEATURE + b"]}", 2),
        (FEATURE + b"\n\n" + FEATURE, 2),
        (b"\x1e" + FEATURE + b"\n\x1e" + FEATURE + b"\n", 2),
        (FEATURE + b"\n", 1),
    ]:
        found = records(tmp_path, content, "geojson")
        assert [entry.value for entry in found] == [FEATURE] * count
        assert {entry.log_time_us for entry in found} == {T0}


def test_gzip_is_known_by_its_bytes(tmp_path: Path) -> None:
    """A compressed file is read whatever its name, and closed."""
    path = tmp_path / "input"
    path.write_bytes(gzip.compress(CSV))
    assert detect_format(str(path)) == "csv"
    assert len(list(raw_records(str(path), "csv", "s1"))) == 2


@pytest.mark.parametrize("cut", [3, 12, 40, -4])
def test_damaged_gzip_is_no_input(tmp_path: Path, cut: int) -> None:
    """A download that broke off says so."""
    path = tmp_path / "input"
    path.write_bytes(gzip.compress(CSV * 100)[:cut])
    with pytest.raises(BadInput, match="gzip"):
        list(raw_records(str(path), "csv", "s1"))


def test_standard_input_is_read_after_a_look_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking at the format takes nothing away, plain or compressed, and standard input stays open."""
    for content in (CSV, gzip.compress(CSV)):
        stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)))
        monkeypatch.setattr(sys, "stdin", stdin)
        assert detect_format("-") == "csv"
        assert len(list(raw_records("-", "csv", "s1"))) == 2
        assert not stdin.buffer.closed


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The operating system's own error."""
    with pytest.raises(FileNotFoundError):
        detect_format(str(tmp_path / "absent"))
    with pytest.raises(FileNotFoundError):
        open_input(str(tmp_path / "absent"))


@pytest.mark.parametrize("format_name", ["csv", "json", "geojson", "nmea"])
def test_an_empty_file_has_no_records(tmp_path: Path, format_name: str) -> None:
    """Nothing in, nothing out; a GeoJSON file without a line is none either."""
    assert records(tmp_path, b"", format_name) == []
    assert records(tmp_path, b"\n", format_name) == []


def test_a_whole_file_as_columns(tmp_path: Path) -> None:
    """Records are numbered through the file, not through its batches."""
    path = tmp_path / "day.csv"
    rows = [b"2024-01-01T00:00:00,1,2"] * 12_000
    rows[11_000] = b"2024-01-01T00:00:00,99,2"
    path.write_bytes(b"time,lat,lon\n" + b"\n".join(rows))
    decoded = read(str(path), "csv", "s1")
    assert (decoded.items, len(decoded.rows), decoded.rows.record[-1]) == (12_000, 11_999, 11_999)
    assert [(verdict.record, verdict.detail) for verdict in decoded.verdicts] == [
        (11_000, "line 11002: lat: expected -90 to 90")
    ]


def test_formats_have_adapters() -> None:
    """A format that is not known is said so, with those that are."""
    with pytest.raises(ValueError, match="expected one of json, nmea, csv, geojson"):
        make_adapter("xml")
