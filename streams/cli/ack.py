"""``vedette ack``: somebody has seen the alert."""

import click

from streams.cli.giving import Giving, giving_options, to_alert
from streams.messages import AlertState, CommandKind


@click.command(epilog="Example: vedette ack 3f2a9c --as watch-officer")
@click.argument("alert_id", metavar="ALERT")
@giving_options("watch-officer")
def command(alert_id: str, giving: Giving) -> None:
    """Acknowledge an alert. ALERT is its id or any unique beginning of it."""
    settled = (AlertState.ACTIVE_ACK, AlertState.CLEARED_ACK)
    to_alert(giving, alert_id, CommandKind.ACKNOWLEDGE, settled=settled)
