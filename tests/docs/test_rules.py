"""The page of the rules is what the code takes."""

import re
from pathlib import Path

import msgspec

from streams.config import SurveilRules
from streams.rules import GRADED, Rules, read_rules
from tests.docs.pages import DOCS, rows

PAGE = "reference/rules.md"


def test_the_table_is_that_of_the_code() -> None:
    """Law: every rule has a row, none is invented; the kinds that can be graded are those of the code."""
    told = rows(PAGE)
    assert set(told) == {field.name for field in msgspec.structs.fields(Rules)}
    assert set(re.findall("`([^`]+)`", told["severities"][0])) == {kind.value for kind in GRADED}


def test_the_example_is_read(tmp_path: Path) -> None:
    """Law: the page's file is sound, and what it leaves out is a key of the configuration of that name."""
    found = re.search(r"^```toml example\n(.*?)^```$", (DOCS / PAGE).read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    path = tmp_path / "rules.toml"
    path.write_text(found[1])
    assert read_rules(path).predict_horizons_s == (300, 900)
    configured = {field.name for field in msgspec.structs.fields(SurveilRules)}
    assert {field.name for field in msgspec.structs.fields(Rules)} - configured == {"found_inside", "severities"}
