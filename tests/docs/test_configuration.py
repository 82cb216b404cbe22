"""``docs/reference/configuration.md`` names every key of the configuration with its default."""

from collections.abc import Iterator

import msgspec

from streams.config import Feed, PlotSensor, Settings
from streams.partitioning import Owners
from tests.docs.pages import rows


def keys(struct: type[msgspec.Struct], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every key under a struct and how the page shows its default."""
    for field in msgspec.structs.fields(struct):
        key = prefix + field.name
        if field.required:
            yield key, "required"
        elif isinstance(default := _default(field), msgspec.Struct):
            yield key, "table"
            yield from keys(type(default), f"{key}.")
        else:
            yield key, f"`{msgspec.json.encode(default).decode()}`"
    if struct is Settings:
        yield from keys(Feed, "feeds.")
        yield from keys(Owners, "owners.")
        yield from keys(PlotSensor, "sensors.")


def _default(field: msgspec.structs.FieldInfo) -> object:
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


def test_every_key_is_on_the_page_with_its_default() -> None:
    """Law: the page's keys are exactly those of the code, and so are their defaults."""
    told = {key: cells[0] for key, cells in rows("reference/configuration.md").items()}
    assert told == dict(keys(Settings))
