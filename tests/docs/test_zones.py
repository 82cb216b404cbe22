"""``docs/reference/zones.md`` names every property, kind and reason, and its example is read."""

import json
import re

from geo.concern import CLASSES, MODALITIES
from geo.problems import ProblemCode
from geo.properties import OPTIONAL
from geo.schedule import Schedule
from geo.zone_schema import zone_schema
from geo.zones import ZoneKind, read_zones
from tests.docs.pages import DOCS, rows

PAGE = "reference/zones.md"


def section(title: str) -> set[str]:
    """The first cells of a section's table."""
    text = (DOCS / PAGE).read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([a-z_-]+)` \|", text, re.MULTILINE))


def test_the_example_is_read() -> None:
    """Law: the page's file is sound, and shows every property."""
    found = re.search(r"^```json example\n(.*?)^```$", (DOCS / PAGE).read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    document = json.loads(found[1])
    zones = read_zones(document)
    assert (len(zones), zones.notes) == (2, ())
    shown = {name for feature in document["features"] for name in feature["properties"]}
    assert shown == {"zone_id", "kind", "name", *OPTIONAL}


def test_every_property_kind_and_code_is_on_the_page_and_none_is_invented() -> None:
    """Law: the tables are those of the code."""
    assert section("Properties") == {"zone_id", "kind", "name", *OPTIONAL}
    assert section("Kinds") == {kind.value for kind in ZoneKind}
    assert section("Problems and notes") == {code.value for code in ProblemCode}


def test_schedules_on_the_page_are_those_of_the_code() -> None:
    """Law: every property of a schedule has a row, and each is taken; the schema names the same."""
    sample = {
        "from": "2026-01-01",
        "until": "2027-01-01",
        "time_zone": "Europe/Madrid",
        "weekly": [{"days": ["mon"], "from": "08:00", "until": "18:00"}],
        "rrule": "FREQ=MONTHLY;BYDAY=1SU",
        "start": "2026-01-01T06:00",
        "duration_min": 60,
        "except_dates": ["2026-12-25"],
    }
    assert Schedule(sample).document == sample
    assert section("Schedules") == set(sample) == set(rows(PAGE)) & set(sample)
    schema = json.loads(json.dumps(zone_schema()))
    properties = schema["properties"]["features"]["items"]["properties"]["properties"]["properties"]
    assert set(properties) == {"zone_id", "kind", "name", *OPTIONAL}
    assert set(properties["schedule"]["properties"]) == set(sample)


def test_the_words_for_whom_a_zone_concerns_are_those_of_the_code() -> None:
    """Law: every word is on the page, none is invented, and each sort in its row."""
    text = (DOCS / PAGE).read_text()
    part = text[text.index("## Whom a zone concerns") : text.index("**When in doubt")]
    table = [line for line in part.splitlines() if "| `" in line]
    found = {line.split("|")[1].strip(): set(re.findall("`([^`]+)`", line)) for line in table}
    sensors = found.pop("kinds of sensors")
    assert sensors == set(MODALITIES)
    assert set.union(*found.values()) == set(CLASSES)
    for row, whole in (("vessels", "vessel"), ("in the air", "aircraft")):
        assert all(CLASSES[word] <= CLASSES[whole] for word in found[row])
