"""GeoJSON points: the same rows as CSV, and what each mistake is called."""

from typing import Any

import msgspec
import pytest

from sensors.convert import to_observations
from sensors.csv_adapter import CsvAdapter
from sensors.geojson_adapter import GeoJsonAdapter
from sensors.observation import Identity
from tests.sensors.records import only, record

PROPERTIES: dict[str, Any] = {"time": "2024-01-01T00:00:00Z", "mmsi": 338214987, "speed": 10, "course": 90.5}


def feature(coordinates: object = (-80.25, 25.5), kind: str = "Point", **properties: object) -> bytes:
    """A Feature with these properties beside the usual ones."""
    return msgspec.json.encode(
        {
            "type": "Feature",
            "geometry": {"type": kind, "coordinates": coordinates},
            "properties": PROPERTIES | properties,
        }
    )


def test_a_feature_is_the_row_it_would_be_in_a_table() -> None:
    """GeoJSON and CSV of the same positions are the same observations, id for id."""
    row = b"2024-01-01T00:00:00,25.5,-80.25,338214987,10,90.5,EXAMPLE"
    csv = CsvAdapter().decode([record(row, columns=b"time,lat,lon,mmsi,speed,course,name")])
    geojson = GeoJsonAdapter().decode([record(feature(name="EXAMPLE"))])
    assert geojson.verdicts == []
    assert to_observations(geojson.rows) == to_observations(csv.rows)


def test_names_of_properties_are_found_whatever_their_case() -> None:
    """``MMSI`` and ``Time`` are as good as ``mmsi`` and ``time``; others are passed over."""
    value = feature().replace(b'"mmsi"', b'"MMSI"').replace(b'"time"', b'" Time "').replace(b'"speed"', b'"other"')
    decoded = GeoJsonAdapter().decode([record(value)])
    assert decoded.rows.identities == [Identity(mmsi=338214987)]


def test_numbers_may_be_text_and_null_is_absent() -> None:
    """``"10"`` is 10, and null is nothing."""
    rows = GeoJsonAdapter().decode([record(feature(speed="10", course=None)), record(feature(course=None))]).rows
    assert rows.speed_mps[0] == rows.speed_mps[1]
    assert to_observations(rows)[0].velocity == to_observations(rows)[1].velocity


def test_a_third_coordinate_is_the_altitude() -> None:
    """RFC 7946: metres above the ellipsoid."""
    rows = GeoJsonAdapter().decode([record(feature([1, 2, 300.5])), record(feature([1, 2]))]).rows
    assert [found.altitude_m for found in to_observations(rows)] == [300.5, None]


@pytest.mark.parametrize(
    "value, reason, detail",
    [
        (b"", "empty", "value: expected at least one event"),
        (b"hello", "undecodable", "value: expected JSON (byte 0)"),
        (b"[]", "bad-field", "event: expected an object"),
        (b'{"type":"Point"}', "bad-field", "type: expected one of the values it may have"),
        (b'{"type":"Feature"}', "missing-field", "geometry: expected a Point"),
        (b'{"type":"Feature","geometry":null}', "missing-field", "geometry: expected a Point"),
        (feature(kind="Polygon"), "bad-field", "geometry.type: expected Point"),
        (feature([1]), "bad-field", "geometry.coordinates: expected lon, lat and perhaps an altitude"),
        (feature(7), "bad-field", "geometry.coordinates: expected lon, lat and perhaps an altitude"),
        (feature(["x", 2]), "bad-field", "lon: expected a number of degrees"),
        (feature([True, 2]), "bad-field", "lon: expected a number of degrees"),
        (feature([None, 2]), "missing-field", "lon: expected degrees"),
        (feature([1, 91]), "out-of-range", "lat: expected -90 to 90"),
        (feature([1, 2, 1e8]), "out-of-range", "geometry.coordinates[2]: expected at most 1e+07 m"),
        (feature([1, 2, None]), "out-of-range", "geometry.coordinates[2]: expected at most 1e+07 m"),
        (feature(time=None), "no-time", "time: expected an ISO 8601 date and time"),
        (feature(time=1704067200), "bad-time", "time: expected an ISO 8601 date and time"),
        (feature(mmsi=[1]), "bad-field", "mmsi: expected up to 9 digits"),
        (feature(mmsi=10**400), "bad-field", "mmsi: expected up to 9 digits"),
        (feature(speed={"kn": 3}), "bad-field", "speed: expected a number, or nothing"),
        (feature(speed=10**30), "bad-field", "speed: expected a number, or nothing"),
        (
            b'{"type":"Feature","properties":' + b'{"a":' * 100_000,
            "undecodable",
            "value: expected less deeply nested JSON",
        ),
    ],
    ids=range(22),
)
def test_each_mistake_names_field_and_expectation(value: bytes, reason: str, detail: str) -> None:
    """A feature that cannot be used is one dead item."""
    assert only(GeoJsonAdapter(), record(value, element=b"3")) == ("dead", reason, f"element 3: {detail}")
