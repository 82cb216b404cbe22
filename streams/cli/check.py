"""``vedette check``: would these events be taken?"""

import sys

import click
import msgspec

from sensors.adapters import FORMATS, make_adapter
from sensors.check import Findings, check, lines
from sensors.files import BadInput, detect_format, raw_records

_encode = msgspec.json.Encoder().encode


@click.command(
    epilog="Example: vedette check day.csv.gz",
    help="Read FILE (- is standard input, .gz is read) as the pipeline would, and say what would become of its events:"
    " counts by reason, and the first problems with line, field and expected value. Exit 1 where there are problems.",
)
@click.argument("file", metavar="FILE")
@click.option(
    "--format", "format_name", type=click.Choice(["auto", *FORMATS]), default="auto", show_default=True, help="Format."
)
@click.option(
    "--units", type=click.Choice(["nautical", "si"]), default="nautical", show_default=True, help="Of CSV and GeoJSON."
)
@click.option("--sensor", default="check", show_default=True, help="Sensor id, where the events do not say theirs.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(file: str, format_name: str, units: str, sensor: str, as_json: bool) -> None:
    """Print the findings, exit 1 where there are problems."""
    try:
        findings = _findings(file, format_name, units, sensor)
    except (BadInput, OSError) as problem:
        raise click.UsageError(str(problem)) from problem
    if as_json:
        click.echo(_encode(findings))
    else:
        for line in lines(findings):
            click.echo(line)
    if not findings.good:
        sys.exit(1)


def _findings(file: str, format_name: str, units: str, sensor: str) -> Findings:
    chosen = detect_format(file) if format_name == "auto" else format_name
    return check(raw_records(file, chosen, sensor, units=units), make_adapter(chosen))
