"""``vedette check``: counts by reason, first problems with their places, an exit code for scripts."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.cli.check import command
from tests.sensors.ais.sentences import one, sentences

GOOD = "time,lat,lon,mmsi\n2024-01-01T00:00:00,1,2,211000000\n2024-01-01T00:00:05,1,2,211000001\n"


def run(tmp_path: Path, content: str | bytes, *options: str, name: str = "feed.csv") -> tuple[int, str]:
    """Exit code and output for a file with this content."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    result = CliRunner().invoke(command, [str(path), *options])
    return result.exit_code, result.output


def test_a_good_file_is_good(tmp_path: Path) -> None:
    """Exit 0, and what it holds."""
    code, output = run(tmp_path, GOOD)
    assert code == 0
    assert "2 items" in output
    assert "from 2024-01-01T00:00:00Z to 2024-01-01T00:00:05Z" in output
    assert "1 sensors, 2 identified objects" in output
    assert output.splitlines()[-1] == "good"


def test_problems_are_named_by_line_and_field(tmp_path: Path) -> None:
    """Exit 1, the place and the expectation, and none of the values."""
    code, output = run(tmp_path, GOOD + "2024-01-01T00:00:09,91.77,2,211000002\n")
    assert code == 1
    assert "line 4: lat: expected -90 to 90 [out-of-range]" in output
    assert "91.77" not in output
    assert "211000002" not in output


def test_json_output_has_every_count(tmp_path: Path) -> None:
    """One object: counts by fate and reason add up to the items, the first 20 problems, how many more."""
    code, output = run(tmp_path, GOOD + GOOD.splitlines()[1] + "\n" + "x,1,2,\n" * 25, "--json")
    found = json.loads(output)
    assert code == 1
    assert found["counts"] == {"dead/bad-time": 25, "filtered/duplicate": 1, "row": 2}
    assert sum(found["counts"].values()) == found["items"] == 28
    assert (len(found["problems"]), found["more"]) == (20, 5)
    assert found["problems"][0] == {
        "place": "line 5",
        "field": "time",
        "expected": "expected an ISO 8601 date and time",
        "reason": "bad-time",
    }


def test_a_lost_part_is_named_by_its_own_line(tmp_path: Path) -> None:
    """What was held and lost stands where it stood, not where the loss was noticed."""
    first = sentences(5, shipname="X")[0]
    later = one(1, lon=1, lat=2)
    lines = [later + b",1704067200", first + b",1704067201", later + b",1704067260"]
    code, output = run(tmp_path, b"\n".join(lines), name="log")
    assert code == 1
    assert "line 2: parts: expected all of a message within 10 s [fragment-lost]" in output


def test_a_record_of_a_file_without_lines_is_named_by_its_element(tmp_path: Path) -> None:
    """Elements of a list are counted from 1."""
    code, output = run(tmp_path, '[{"sensor_id":"a"}]', name="events.json")
    assert code == 1
    assert "element 1: event_time: expected an RFC 3339 time with a zone [no-time]" in output


@pytest.mark.parametrize("content, name", [("hello", "x.txt"), ("[1,", "x.json"), (b"\x1f\x8bxx", "x.gz")])
def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path, content: str | bytes, name: str) -> None:
    """Exit 2 with one line that says what was expected."""
    code, output = run(tmp_path, content, name=name)
    assert code == 2
    assert "expected" in output


def test_units_are_taken_from_the_option(tmp_path: Path) -> None:
    """A speed of 102.3 is none in knots; in m/s it is one. Both are good."""
    content = "time,lat,lon,speed\n2024-01-01T00:00:00,1,2,102.3\n"
    assert run(tmp_path, content, "--units", "si")[0] == run(tmp_path, content)[0] == 0
    assert run(tmp_path, content, "--units", "miles")[0] == 2
