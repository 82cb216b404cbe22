"""``vedette topics``: the catalogue of Kafka topics, on paper and on a broker."""

import json
import sys
from collections.abc import Iterator, Sequence

import click
import msgspec

from streams import topics
from streams.cli.broker_option import broker_option, require_broker
from streams.cli.config_option import config_option
from streams.config import Settings

_as_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of lines for people.")


@click.group(
    epilog="""\b
Examples:
  vedette topics list --config deploy/vedette.toml
  vedette topics apply --broker localhost:9092
  vedette topics diff --json"""
)
def command() -> None:
    """List, create and compare the Kafka topics.

    Topics are never created by the broker itself: a misspelt name would silently become a topic that nobody reads.
    """


@command.command(name="list", epilog="Example:  vedette topics list --json")
@config_option
@_as_json
@click.option("--markdown", "as_markdown", is_flag=True, help="The table of docs/reference/topics.md.")
def list_(settings: Settings, as_json: bool, as_markdown: bool) -> None:
    """Print every topic with key, owner, partitions, retention, writers and readers."""
    catalogue = topics.catalogue(settings)
    if as_markdown:
        click.echo("\n".join(markdown(catalogue)))
        return
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(catalogue)).decode())
        return
    rows = [("TOPIC", "KEY", "OWNER", "PARTITIONS", "KEPT", "VISIBILITY", "WRITTEN BY", "READ BY")]
    rows += [
        (
            *(topic.name, topic.key, topic.owner, str(topic.partitions), _kept(topic), topic.visibility.value),
            *(", ".join(topic.writers), ", ".join(topic.readers)),
        )
        for topic in catalogue
    ]
    if not sys.stdout.isatty():  # in a pipe: one record a line, for cut and awk
        click.echo("\n".join("\t".join(row) for row in rows[1:]))
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@command.command(epilog="Example:  vedette topics apply --replication 3 --broker kafka1:9092,kafka2:9092")
@config_option
@broker_option
@click.option("--replication", type=click.IntRange(1, 5), default=1, show_default=True, help="Copies of new topics.")
@_as_json
def apply(settings: Settings, bootstrap: str, replication: int, as_json: bool) -> None:
    """Create missing topics and correct configurations; may be run again at any time.

    A topic with another number of partitions is refused, and nothing is changed.
    """
    require_broker(bootstrap)
    try:
        done = topics.apply(bootstrap, topics.catalogue(settings), replication)
    except topics.TopicMismatch as mismatch:
        raise click.UsageError(str(mismatch)) from mismatch
    if as_json:
        click.echo(json.dumps({"done": done}))
    else:
        click.echo("\n".join(done) if done else "nothing to do")


@command.command(epilog="Example:  vedette topics diff --broker localhost:9092")
@config_option
@broker_option
@_as_json
@click.pass_context
def diff(ctx: click.Context, settings: Settings, bootstrap: str, as_json: bool) -> None:
    """Say how the broker's topics differ from the catalogue; exit code 1 when they do."""
    require_broker(bootstrap)
    differences = topics.diff(bootstrap, topics.catalogue(settings))
    if as_json:
        click.echo(json.dumps([difference._asdict() for difference in differences]))
    elif differences:
        click.echo("\n".join(map(str, differences)))
    if differences:
        ctx.exit(1)


def markdown(catalogue: Sequence[topics.Topic]) -> Iterator[str]:
    """The catalogue as lines of a table for the documentation."""
    header = ("topic", "key", "a partition is", "partitions", "kept", "cleanup", "schema", "written by", "read by")
    yield f"| {' | '.join(header)} |"
    yield "|" + "---|" * len(header)
    for topic in catalogue:
        kept = "for ever" if topic.retention_s is None else f"{topic.retention_s // 86_400} d"
        mark = "" if topic.visibility is topics.Visibility.PUBLIC else " (internal)"
        cells = (
            *(f"`{topic.name}`{mark}", topic.key, topic.owner),
            *(str(topic.partitions), kept, topic.cleanup.value, f"`{topic.schema}`"),
            *(", ".join(topic.writers), ", ".join(topic.readers)),
        )
        yield f"| {' | '.join(cells)} |"


def _kept(topic: topics.Topic) -> str:
    kept = "for ever" if topic.retention_s is None else f"{topic.retention_s // 86_400} d"
    return kept if topic.cleanup is topics.Cleanup.DELETE else f"{kept}, newest per key"
