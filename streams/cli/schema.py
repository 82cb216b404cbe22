"""``vedette schema``: the published schemas."""

import json

import click

from streams.schemas import SCHEMAS


@click.command(
    epilog="Example: vedette schema observation > observation.schema.json",
    help="Print the JSON Schema of what NAME stands for: an observation as vendors publish it, a file of zones, or a "
    "message of a public topic.",
)
@click.argument("name", type=click.Choice(sorted(SCHEMAS)))
def command(name: str) -> None:
    """Print a schema."""
    click.echo(json.dumps(SCHEMAS[name](), indent=2, sort_keys=True))
