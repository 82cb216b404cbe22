"""Reading the documentation's tables."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_ROW = re.compile(r"^\| `(?P<key>[^`]+)` \|(?P<rest>.*)\|$", re.MULTILINE)


def rows(page: str) -> dict[str, list[str]]:
    """The rows of all tables of ``docs/<page>`` whose first cell is code: that code, and the cells after it."""
    text = (DOCS / page).read_text()
    return {found["key"]: [cell.strip() for cell in found["rest"].split("|")] for found in _ROW.finditer(text)}
