"""Bits to positions: vectorised against bit by bit, and against pyais."""

import math
from typing import Any

import numpy as np
import pyais
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.ais.armour import Bits, signed, unsigned, words
from sensors.ais.positions import LAYOUTS, Positions, read_positions
from sensors.units import KNOT_MPS
from tests.sensors.ais.sentences import armoured, one

BITS = st.text("01", min_size=192, max_size=192)
FIELD = st.tuples(st.integers(0, 191), st.integers(1, 32)).filter(lambda field: sum(field) <= 192)


def payload_of(line: bytes) -> bytes:
    """The payload of a single sentence."""
    return line.split(b",")[5]


def read(kind: int, **fields: Any) -> dict[str, float]:
    """One report with these fields, as Vedette reads what pyais wrote."""
    found = read_positions([kind], [payload_of(one(kind, **fields))])
    return {name: float(column[0]) for name, column in found._asdict().items()}


@given(st.lists(BITS, min_size=1, max_size=5), FIELD)
def test_fields_of_a_batch_are_the_bits_as_text(messages: list[str], field: tuple[int, int]) -> None:
    """Any field, also across the edges of words, is what the bits say; signed is two's complement."""
    start, width = field
    payloads = [armoured(bits)[0].encode() for bits in messages]
    expected = [int(bits[start : start + width], 2) for bits in messages]
    packed = words(payloads)
    assert unsigned(packed, start, width).tolist() == expected
    wrapped = [value - (1 << width) if value >= 1 << (width - 1) else value for value in expected]
    assert signed(packed, start, width).tolist() == wrapped
    assert [Bits(payload, 0).unsigned(start, width) for payload in payloads] == expected


@given(st.lists(st.tuples(st.sampled_from(sorted(LAYOUTS)), BITS), min_size=1, max_size=8))
def test_a_mixed_batch_is_its_reports_one_by_one(drawn: list[tuple[int, str]]) -> None:
    """Grouping by kind changes no report and no order."""
    payloads = [armoured(f"{kind:06b}{bits[6:]}")[0].encode() for kind, bits in drawn]
    together = read_positions([kind for kind, _ in drawn], payloads)
    for row, ((kind, _), payload) in enumerate(zip(drawn, payloads, strict=True)):
        alone = read_positions([kind], [payload])
        for name in Positions._fields:
            np.testing.assert_array_equal(getattr(together, name)[row], getattr(alone, name)[0])


@given(st.sampled_from(sorted(LAYOUTS)), BITS)
def test_reports_agree_with_pyais(kind: int, bits: str) -> None:
    """For any bits the numbers are those of pyais, and absent exactly where it gives AIS's sentinel."""
    payload, _ = armoured(f"{kind:06b}{bits[6:168]}")
    theirs: dict[str, Any] = pyais.decode(f"!AIVDM,1,1,,A,{payload},0*00".encode()).asdict()
    ours = {name: float(column[0]) for name, column in read_positions([kind], [payload.encode()])._asdict().items()}
    assert ours["mmsi"] == theirs["mmsi"]
    _same(ours["lon"], theirs["lon"], absent=181.0, close=1e-6)
    _same(ours["lat"], theirs["lat"], absent=91.0, close=1e-6)
    if kind != 11:
        no_speed = {27: 63.0, 9: 1023.0}.get(kind, 102.3)
        _same(ours["speed_mps"] / KNOT_MPS, theirs["speed"], absent=no_speed, close=1e-6)
        _same_angle(ours["course_deg"], theirs["course"])
    if "heading" in theirs:
        _same_angle(ours["heading_deg"], theirs["heading"])
    if kind == 9:
        _same(ours["altitude_m"], theirs["alt"], absent=4095, close=0)
    if kind in (1, 2, 3):
        assert ours["status"] == int(theirs["status"])
    if kind != 27:
        assert math.isnan(ours["sigma_m"]) != theirs.get("accuracy", False)


def _same(ours: float, theirs: float, *, absent: float, close: float) -> None:
    assert math.isnan(ours) if theirs == absent else ours == pytest.approx(theirs, rel=0, abs=close)


def _same_angle(ours: float, theirs: float) -> None:
    assert math.isnan(ours) if theirs >= 360.0 else ours == pytest.approx(theirs, rel=0, abs=1e-6)


def test_what_a_report_says_is_in_si() -> None:
    """Knots become metres per second, degrees stay degrees, the accuracy flag promises 10 m."""
    found = read(1, lon=-80.5, lat=25.25, speed=10.0, course=90.5, heading=91, accuracy=1, status=3)
    assert found["speed_mps"] == pytest.approx(5.14444, abs=1e-5)
    assert (found["lon"], found["lat"], found["heading_deg"], found["sigma_m"]) == (-80.5, 25.25, 91.0, 10.0)
    assert found["course_deg"] == pytest.approx(90.5)
    assert found["status"] == 3


@pytest.mark.parametrize("kind", [1, 18, 19])
def test_not_available_is_absent(kind: int) -> None:
    """91, 181, 102.3, 360 and 511 never stand in a column."""
    found = read(kind, lon=181, lat=91, speed=102.3, course=360.0, heading=511)
    fields = ("lon", "lat", "speed_mps", "course_deg", "heading_deg")
    assert all(math.isnan(found[field]) for field in fields)


def test_long_range_reports_are_coarse() -> None:
    """Type 27 counts in tenths of a minute, whole knots and whole degrees, and says so in its uncertainty."""
    found = read(27, lon=-80.5, lat=25.25, speed=12, course=90)
    assert (found["lon"], found["lat"]) == (-80.5, 25.25)
    assert found["speed_mps"] == pytest.approx(12 * KNOT_MPS)
    assert (found["course_deg"], found["sigma_m"]) == (90.0, 54.0)
    absent = read(27, lon=181, lat=91, speed=63, course=511)
    assert all(math.isnan(absent[field]) for field in ("lon", "lat", "speed_mps", "course_deg"))


def test_an_aircraft_has_whole_knots_and_an_altitude() -> None:
    """Type 9 counts speed in knots; 4095 m is no altitude."""
    assert read(9, lon=1, lat=2, speed=200, alt=300, course=1)["speed_mps"] == pytest.approx(200 * KNOT_MPS)
    assert read(9, lon=1, lat=2, speed=200, alt=300, course=1)["altitude_m"] == 300.0
    assert math.isnan(read(9, lon=1, lat=2, alt=4095)["altitude_m"])
