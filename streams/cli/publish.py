"""``vedette publish``: a file's own rows to its vendor's raw topic, at the recording's pace or any other."""

import json
import re
import sys

import click
import msgspec

from streams.cli.broker_option import broker_option, require_broker
from streams.cli.codes import BROKER_UNREACHABLE, BrokerUnreachable
from streams.cli.inputs import FORMATS, counting, sized, units_option
from streams.cli.pacing import speed_option, stopping
from streams.console.quiet import quiet_kafka
from streams.inputs import Input, parse_input

_INTERRUPTED = 130


@click.command(
    epilog="Example: vedette publish day.csv.gz --vendor coastguard --sensor rx-north --speed 60x",
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--vendor", "vendors", multiple=True, help="Whose feed it is; one for all inputs, or one for each.")
@click.option("--sensor", "sensors", multiple=True, help="Which sensor; one for all inputs, or one for each.")
@click.option("--kind", default="", help="Last part of the topic's name; the format's name where not given.")
@click.option("--format", "format_name", type=click.Choice(FORMATS), default="auto", show_default=True)
@units_option
@speed_option("max")
@click.option("--live", is_flag=True, help="The events happen now: their times are checked against today.")
@click.option("--end/--no-end", default=True, show_default=True, help="Say at the end that the input is complete.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@broker_option
def command(
    inputs: tuple[str, ...],
    vendors: tuple[str, ...],
    sensors: tuple[str, ...],
    kind: str,
    format_name: str,
    units: str,
    speed: float | None,
    live: bool,
    end: bool,
    as_json: bool,
    bootstrap: str,
) -> None:
    """Send the rows of INPUT files (PATH or PATH@VENDOR/SENSOR; - is standard input, .gz is read) unchanged to
    raw.VENDOR.KIND, merged by time, marked as historical unless --live, and an end of input after them."""
    if kind and not re.fullmatch("[a-z0-9-]{1,32}", kind):
        raise click.BadParameter(f"{kind!r}: expected 1-32 of a-z, 0-9 and '-'", param_hint="--kind")
    try:
        parsed = [
            parse_input(argument, format_name, vendor, sensor, units)._replace(kind=kind)
            for argument, vendor, sensor in zip(
                inputs, _for_each(inputs, vendors, "--vendor"), _for_each(inputs, sensors, "--sensor"), strict=True
            )
        ]
    except (ValueError, OSError) as problem:
        raise click.UsageError(str(problem)) from problem
    require_broker(bootstrap)
    sys.exit(_publish(parsed, bootstrap, speed, live=live, end=end, as_json=as_json))


def _publish(inputs: list[Input], bootstrap: str, speed: float | None, *, live: bool, end: bool, as_json: bool) -> int:
    from kafka.errors import KafkaError

    from streams.publisher import TopicMissing, publish

    with quiet_kafka(), stopping() as stop, counting("publish", sized([item.path for item in inputs])) as progress:
        try:
            report = publish(inputs, bootstrap, speed, live=live, end=end, stop=stop, progress=progress)
        except TopicMissing as missing:
            raise click.ClickException(f"topic {missing} does not exist; `vedette topics apply` makes it") from missing
        except (OSError, ValueError) as problem:
            raise click.UsageError(str(problem)) from problem
        except KafkaError as problem:
            raise BrokerUnreachable(bootstrap) from problem
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(report)))
    else:
        click.echo(f"sent {report.sent:,} of {report.rows:,} rows in {report.seconds:.1f} s", err=True)
    if report.failed:
        click.echo(f"Error: {report.failed:,} rows were not confirmed: {report.failure}", err=True)
        return BROKER_UNREACHABLE
    return _INTERRUPTED if stop.is_set() else 0


def _for_each(inputs: tuple[str, ...], given: tuple[str, ...], option: str) -> list[str | None]:
    if len(given) == len(inputs):
        return list(given)
    if len(given) > 1:
        raise click.UsageError(f"{option} given {len(given)} times for {len(inputs)} inputs: expected one, or one each")
    return [given[0] if given else None] * len(inputs)
