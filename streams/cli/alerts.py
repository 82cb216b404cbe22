"""``vedette alerts``: what is alerted, newest version of each, and what follows."""

import threading
from typing import TYPE_CHECKING

import click

from streams.cli.broker_option import broker_option
from streams.cli.listing import SEVERITY_STYLES, SHORT, clock, json_line, line, states_option, table
from streams.cli.pacing import stopping
from streams.cli.talking import talking_to
from streams.messages import Alert, AlertState

if TYPE_CHECKING:
    from streams.console.public_log import Newest, PublicLog

HEADER = ("OPENED", "ALERT", "STATE", "SEVERITY", "KIND", "ZONE", "WHO", "WHERE", "WHY")


@click.command(
    epilog="Example: vedette alerts --follow --state active-unack",
)
@states_option(AlertState)
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as published.")
@click.option("--wait", "wait_s", type=click.FloatRange(0), default=0.0, help="Seconds to wait for the first one.")
@broker_option
def command(states: tuple[str, ...], follow: bool, as_json: bool, wait_s: float, bootstrap: str) -> None:
    """List the newest version of every alert by time of opening.

    With --follow go on with every new version as it is made. On a terminal a table, in a pipe one line each.
    """
    with stopping() as stop, talking_to(bootstrap):
        from streams.console.public_log import Newest, public_log

        seen = Newest(Alert)
        with public_log(bootstrap, "alerts.v1") as log:
            for record in log.to_now():
                seen.take(record)
            if not seen.by_key and wait_s:
                _first(log, seen, stop, wait_s)
            _list([alert for alert in seen.by_key.values() if _wanted(alert, states)], as_json=as_json)
            for record in log.follow(stop) if follow else ():
                alert = seen.take(record)
                if alert is not None and _wanted(alert, states):
                    _one(alert, as_json=as_json)


def _first(log: "PublicLog", seen: "Newest[Alert]", stop: threading.Event, wait_s: float) -> None:
    """Follow the log until there is an alert, the time is over, or somebody stops it."""
    timer = threading.Timer(wait_s, stop.set)
    timer.start()
    try:
        for record in log.follow(stop):
            if seen.take(record) is not None:
                return
    finally:
        timer.cancel()


def who(alert: Alert) -> str:
    """How a watch officer names the subject."""
    identity = alert.subject.identity
    number = next((str(n) for n in (identity.mmsi, identity.icao24, identity.imo, identity.vessel_id) if n), "")
    return " ".join(part for part in (identity.name, identity.callsign, number) if part) or "unidentified"


def where(alert: Alert) -> str:
    """Latitude and longitude as on a chart."""
    if alert.position is None:
        return ""
    lon, lat = alert.position
    return f"{abs(lat):.4f}{'N' if lat >= 0 else 'S'} {abs(lon):.4f}{'E' if lon >= 0 else 'W'}"


def cells(alert: Alert) -> tuple[str, ...]:
    """One alert as one row."""
    marks = "".join(
        f" ({word})"
        for word, told in (("exercise", alert.simulated), ("silenced", alert.silenced_until is not None))
        if told
    )
    return (
        *(clock(alert.event_time), alert.alert_id[:SHORT], f"{alert.state}{marks}", alert.severity, alert.kind),
        *(alert.zone_name or alert.zone_id or "", who(alert), where(alert), "; ".join(alert.reasons)),
    )


def _wanted(alert: Alert, states: tuple[str, ...]) -> bool:
    return not states or alert.state in states


def _list(alerts: list[Alert], *, as_json: bool) -> None:
    alerts.sort(key=lambda alert: (alert.event_time, alert.alert_id))
    if as_json:
        for alert in alerts:
            click.echo(json_line(alert))
        return
    styles = [SEVERITY_STYLES[alert.severity] for alert in alerts]
    table(f"{len(alerts)} alerts", HEADER, [cells(alert) for alert in alerts], styles)


def _one(alert: Alert, *, as_json: bool) -> None:
    if as_json:
        click.echo(json_line(alert))
    else:
        line(cells(alert), SEVERITY_STYLES[alert.severity])
