"""Writing a map where a verb was asked for one: a picture or a page, by the file's suffix."""

from pathlib import Path

import click

from streams.console.map import Scene, page

PAGES, PICTURES = (".html", ".htm"), (".png", ".svg")


def map_file(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """A click callback: the suffix must say what to draw."""
    if value is not None and value.suffix.lower() not in PAGES + PICTURES:
        known = ", ".join(PAGES + PICTURES)
        raise click.BadParameter(f"{value.name}: expected a file that ends in one of {known}", context, parameter)
    return value


def write_map(scene: Scene, target: Path, *, aside: bool = False) -> None:
    """Write a scene to a file, and say so; ``aside`` on stderr, where stdout is for a program."""
    try:
        if target.suffix.lower() in PAGES:
            target.write_text(page(scene), encoding="utf-8")
        else:
            from streams.console.map.picture import picture  # matplotlib takes half a second to load

            picture(scene, target)
    except OSError as problem:
        raise click.ClickException(f"cannot write {target}: {problem.strerror}") from problem
    click.echo(f"wrote {target}", err=aside)
