"""Every relative link in the project's Markdown leads somewhere."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

_SKIPPED = {".venv", ".git", "build", "dist", "node_modules", ".vedette", ".hypothesis", ".pytest_cache"}
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_SOURCE = re.compile(r"`((?:geo|sensors|streams|simulator|tests|benchmarks|deploy)/[\w./*-]*)`")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

PAGES = sorted(
    page for page in ROOT.rglob("*.md") if not _SKIPPED.intersection(page.relative_to(ROOT).parts) and page.is_file()
)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual hosts make them."""
    text = _FENCE.sub("", page.read_text())
    plain = (re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in _HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """Law: the target of a relative link exists, and so does the heading it names."""
    broken = []
    for link in _LINK.findall(_FENCE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_is_named_exists(page: Path) -> None:
    """Law: a file or folder of the source that a page names is there."""
    named = _SOURCE.findall(_FENCE.sub("", page.read_text()))
    assert [path for path in named if not list(ROOT.glob(path.rstrip("/")))] == []


def test_the_index_leads_to_every_page() -> None:
    """Law: every page of the documentation but single decisions can be reached from its index."""
    index = ROOT / "docs" / "README.md"
    led = {(index.parent / link).resolve() for link in _LINK.findall(index.read_text())}
    pages = {page for page in (ROOT / "docs").rglob("*.md") if page.parent.name != "adr"}
    assert pages - led - {index} == set()
