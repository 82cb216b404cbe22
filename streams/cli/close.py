"""``vedette close``: the judgement that ends an alert."""

import click

from streams.cli.giving import Giving, giving_options, to_alert
from streams.messages import CommandKind, Outcome


@click.command(epilog="Example: vedette close 3f2a9c --outcome true --note 'boarded, handed to customs'")
@click.argument("alert_id", metavar="ALERT")
@click.option(
    "--outcome",
    required=True,
    type=click.Choice([outcome.value for outcome in Outcome]),
    help="What it turned out to be.",
)
@giving_options("watch-officer")
def command(alert_id: str, outcome: Outcome, giving: Giving) -> None:
    """Close an alert with its outcome, for good. Also one that is still active, or not acknowledged."""
    to_alert(giving, alert_id, CommandKind.CLOSE, outcome=Outcome(outcome))
