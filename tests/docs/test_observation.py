"""``docs/reference/observation.md`` shows an event that is taken, every field, every header and every reason."""

import re

import msgspec
import pytest

import sensors.raw
from sensors.adapter import RawRecord
from sensors.adapters import make_adapter
from sensors.observation import Observation
from sensors.reasons import FilterReason, RejectReason
from sensors.rows import FIELDS
from streams.ingest.intake import END_HEADER
from tests.docs.pages import DOCS, rows

PAGE = "reference/observation.md"


def test_the_example_is_taken() -> None:
    """Law: the page's example becomes one row, and says what the page's own table says."""
    text = (DOCS / PAGE).read_text()
    found = re.search(r"^```json example\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    value = found[1].encode()
    event = msgspec.json.decode(value, type=Observation)
    decoded = make_adapter("json").decode([RawRecord(0, 0, event.sensor_id.encode(), value, {})])
    assert (len(decoded.rows), decoded.verdicts) == (1, [])


@pytest.mark.parametrize(
    "names",
    [
        {field.encode_name for field in msgspec.structs.fields(Observation)},
        {str(reason) for reason in FilterReason} | {str(reason) for reason in RejectReason},
        set(FIELDS),
        {END_HEADER} | {text for text in vars(sensors.raw).values() if str(text).startswith("vedette-")},
    ],
    ids=["fields", "reasons", "columns", "headers"],
)
def test_every_name_is_on_the_page(names: set[str]) -> None:
    """Law: whatever a vendor may write or be told has a row on the page."""
    assert names <= set(rows(PAGE))


def test_no_reason_is_invented() -> None:
    """Law: what the page's section on reasons lists exists."""
    section = (DOCS / PAGE).read_text().partition("## Reasons")[2]
    told = set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE))
    assert told == {str(reason) for reason in FilterReason} | {str(reason) for reason in RejectReason}
