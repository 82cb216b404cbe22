"""``vedette schema``: the published schemas."""

import json

import click

from geo.zone_schema import zone_schema
from sensors.schema import observation_schema

_SCHEMAS = {"observation": observation_schema, "zones": zone_schema}


@click.command(
    epilog="Example: vedette schema observation > observation.schema.json",
    help="Print the JSON Schema of what NAME stands for: an observation as vendors publish it, a file of zones.",
)
@click.argument("name", type=click.Choice(sorted(_SCHEMAS)))
def command(name: str) -> None:
    """Print a schema."""
    click.echo(json.dumps(_SCHEMAS[name](), indent=2, sort_keys=True))
