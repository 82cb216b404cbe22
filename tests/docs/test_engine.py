"""``docs/reference/engine.md`` names every engine setting and every exit code."""

import msgspec

from streams.engine.exits import Exit
from streams.engine.settings import EngineSettings
from tests.docs.pages import rows

PAGE = "reference/engine.md"


def test_every_setting_is_on_the_page_with_its_default() -> None:
    """Law: each setting has a row with its default as JSON."""
    told = {key: cells[0] for key, cells in rows(PAGE).items()}
    for field in msgspec.structs.fields(EngineSettings):
        shown = "required" if field.required else f"`{msgspec.json.encode(field.default).decode()}`"
        assert told.get(field.name) == shown, field.name


def test_every_exit_code_is_on_the_page() -> None:
    """Law: each exit code has a row under its name."""
    told = rows(PAGE)
    assert {code: told[str(code.value)][0] for code in Exit} == {
        code: code.name.lower().replace("_", " ") for code in Exit
    }
