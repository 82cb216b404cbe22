"""Names of objects in tables."""

import pytest

from sensors.names import is_mmsi, read_names
from sensors.observation import Identity


@pytest.mark.parametrize(
    "text, expected",
    [
        ("338214987", True), ("201000000", True), ("799999999", True), ("970123456", True), ("972123456", True),
        ("974123456", True), ("982111111", True), ("992111111", True), ("111232506", True),
        ("971123456", False), ("112232506", False), ("838214987", False), ("002320000", False), ("33821498", False),
        ("3382149870", False), ("T38214987", False), ("٣٣٨٢١٤٩٨٧", False), ("", False),
    ],
)  # fmt: skip
def test_form_of_an_mmsi(text: str, expected: bool) -> None:
    """Nine digits that begin like a station that moves, a device, or an aid to navigation (ITU-R M.585)."""
    assert is_mmsi(text) is expected


@pytest.mark.parametrize(
    "cells, expected",
    [
        (("", "", "", ""), None),
        (("0", "", "", " "), None),
        (("338214987", "", "", ""), Identity(mmsi=338214987)),
        ((" 338214987 ", "T1", "V2", "EXAMPLE"), Identity(338214987, vessel_id="V2", track_id="T1", name="EXAMPLE")),
        (("", "338214987", "", ""), Identity(mmsi=338214987)),
        (("", "17", "", ""), Identity(track_id="17")),
        (("211000000", "338214987", "", ""), Identity(mmsi=211000000, track_id="338214987")),
        (("0", "T1", "", ""), Identity(track_id="T1")),
        (("", "", "", "EXAMPLE"), Identity(name="EXAMPLE")),
    ],
)
def test_what_a_row_calls_its_object(cells: tuple[str, str, str, str], expected: Identity | None) -> None:
    """An mmsi column counts first; a track id in the form of one is one where there is no other."""
    assert read_names(*cells) == expected


@pytest.mark.parametrize(
    "cells", [("x", "", "", ""), ("1234567890", "", "", ""), ("-1", "", "", ""), ("1.0", "", "", "")]
)
def test_an_mmsi_is_up_to_nine_digits(cells: tuple[str, str, str, str]) -> None:
    """Anything else in that column is a mistake, and named."""
    assert read_names(*cells) == "mmsi: expected up to 9 digits"


@pytest.mark.parametrize("field", ["track_id", "vessel_id", "name"])
def test_names_are_short(field: str) -> None:
    """128 characters are enough for any name."""
    cells = {"track_id": "", "vessel_id": "", "name": ""} | {field: "x" * 129}
    assert read_names("", **cells) == f"{field}: expected at most 128 characters"
