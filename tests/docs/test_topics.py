"""``docs/reference/topics.md`` shows the catalogue of the example configuration."""

from pathlib import Path

from streams.cli.topics import markdown
from streams.config import load
from streams.topics import catalogue
from tests.docs.pages import DOCS, ROOT

EXAMPLE: Path = ROOT / "deploy" / "vedette.toml"


def test_the_table_is_the_catalogue() -> None:
    """Law: the page holds exactly what ``vedette topics list --markdown`` prints for the example."""
    table = "\n".join(markdown(catalogue(load(EXAMPLE))))
    assert f"\n\n{table}\n\n" in (DOCS / "reference" / "topics.md").read_text()
