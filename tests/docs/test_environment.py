"""``docs/reference/environment.md`` names every variable that the source reads, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"VEDETTE_[A-Z_]*[A-Z]")


def test_every_variable_is_on_the_page() -> None:
    """Law: the page's names are exactly those of the code."""
    sources = (path for part in ("geo", "sensors", "streams", "simulator") for path in (ROOT / part).rglob("*.py"))
    read = {name for path in sources for name in NAME.findall(path.read_text())}
    assert set(NAME.findall((ROOT / "docs" / "reference" / "environment.md").read_text())) == read
