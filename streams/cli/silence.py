"""``vedette silence``: no noise for a while. That is not an acknowledgement."""

import re
from datetime import UTC, datetime, timedelta

import click

from streams.cli.giving import Giving, giving_options, to_alert
from streams.messages import Alert, CommandKind

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@click.command(epilog="Example: vedette silence 3f2a9c --for 30m")
@click.argument("alert_id", metavar="ALERT")
@click.option(
    "--for",
    "span",
    required=True,
    metavar="30s|30m|2h|1d",
    callback=lambda _, parameter, value: parse_span(value, parameter),
    help="From now; for a recording from its newest known time.",
)
@giving_options("watch-officer")
def command(alert_id: str, span: timedelta, giving: Giving) -> None:
    """Silence an alert for a while. It stays unacknowledged, and a distress alert cannot be silenced.

    The silence ends with the first fix of the subject at or after that time.
    """
    to_alert(giving, alert_id, CommandKind.SILENCE, until=lambda alert: known_time(alert) + span)


def parse_span(text: str, parameter: click.Parameter | None = None) -> timedelta:
    """A time span like 30m; raises click.BadParameter."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if found is None or int(found[1]) == 0:
        raise click.BadParameter(f"{text!r}: expected a number and s, m, h or d, such as 30m", param=parameter)
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def known_time(alert: Alert) -> datetime:
    """Now, or the newest event time an alert of a recording tells: silences are compared with event times."""
    if not alert.historical:
        return datetime.now(UTC)
    return max(time for time in (alert.event_time, alert.ended_time, alert.silenced_until) if time is not None)
