"""``vedette show``: everything that is known of one alert."""

from pathlib import Path

import click

from streams.cli.alert_map import alerts_of, drawn
from streams.cli.alerts import where, who
from streams.cli.broker_option import broker_option
from streams.cli.drawing import map_file, write_map
from streams.cli.inputs import units_option
from streams.cli.listing import chosen, clock, json_line
from streams.cli.talking import talking_to
from streams.messages import Alert, Task

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="Examples: vedette show 3f2a9c; vedette show 3f2a9c --map alert.html; "
    "vedette show 3f2a9c --alerts alerts.jsonl --zones zones.geojson --track day.csv --map alert.html",
)
@click.argument("alert_id", metavar="ALERT")
@click.option("--json", "as_json", is_flag=True, help="The alert as published, one JSON object.")
@click.option(
    "--map", "target", type=_FILE, callback=map_file, help="Draw the alert: a page (.html) or a picture (.png, .svg)."
)
@click.option("--alerts", "alerts_file", type=_FILE, help="Alerts that a replay wrote, instead of the published ones.")
@click.option("--zones", "zones_file", type=_FILE, help="The zones to draw, instead of the published ones.")
@click.option("--track", "tracks", multiple=True, metavar="INPUT", help="Files that hold the track; may be repeated.")
@units_option
@broker_option
def command(
    alert_id: str,
    as_json: bool,
    target: Path | None,
    alerts_file: Path | None,
    zones_file: Path | None,
    tracks: tuple[str, ...],
    units: str,
    bootstrap: str,
) -> None:
    """Show one alert with all its evidence, its history and its tasks, and draw it with --map.

    ALERT is its id, or any beginning of it that no other alert has. The map shows the zone, the track, the segment
    the alert rests on and where that crosses. With --alerts (and --zones) no broker is asked.
    """
    if alerts_file is not None and target is not None and zones_file is None:
        raise click.UsageError("--map of alerts from a file needs --zones as well")
    if alerts_file is None:
        alert, tasks = published(bootstrap, alert_id)
    else:
        alerts = alerts_of(alerts_file)
        alert, tasks = alerts[chosen(alerts, alert_id, "alert")], []
    if as_json:
        click.echo(json_line(alert))
    else:
        click.echo("\n".join(described(alert, tasks)))
    if target is not None:
        scene = drawn(alert, zones_file, tracks, units, None if alerts_file else bootstrap)
        write_map(scene, target, aside=as_json)


def published(bootstrap: str, alert_id: str) -> tuple[Alert, list[Task]]:
    """An alert and its tasks as the public topics have them now."""
    with talking_to(bootstrap):
        from streams.console.public_log import newest

        alerts = newest(bootstrap, "alerts.v1", Alert)
        alert = alerts[chosen(alerts, alert_id, "alert")]
        tasks = newest(bootstrap, "tasks.v1", Task)
    return alert, [task for task in tasks.values() if task.alert_id == alert.alert_id]


def described(alert: Alert, tasks: list[Task]) -> list[str]:
    """An alert in lines for a person."""
    flags = [name for name in ("simulated", "historical", "late", "provisional") if getattr(alert, name)]
    facts = (
        ("alert", f"{alert.alert_id} version {alert.version}"),
        ("state", alert.state + (f" ({alert.outcome})" if alert.outcome else "")),
        (
            "what",
            f"{alert.kind}, {alert.severity}, confidence {alert.confidence:.2f}" + "".join(f", {f}" for f in flags),
        ),
        ("who", f"{who(alert)} (track {', '.join(alert.subject.track_ids)})"),
        ("zone", f"{alert.zone_name or ''} ({alert.zone_id})" if alert.zone_id else ""),
        ("where", where(alert)),
        ("moving", _motion(alert)),
        ("opened", clock(alert.event_time)),
        ("ended", f"{clock(alert.ended_time)} {alert.end_reason or ''}".strip()),
        ("silenced until", clock(alert.silenced_until)),
        ("escalates", alert.escalates or ""),
        ("area", str(alert.area)),
    )
    lines = [f"{name:<15}{text}" for name, text in facts if text]
    lines += ["", "reasons", *(f"  {reason}" for reason in alert.reasons)]
    lines += ["", f"evidence ({', '.join(alert.sensors)})", *(f"  {observation}" for observation in alert.evidence)]
    lines += ["", "history"]
    for entry in alert.history:
        why = f": {entry.why}" if entry.why else ""
        lines.append(f"  {entry.version:>3}  {clock(entry.at)}  {entry.what} by {entry.who} -> {entry.state}{why}")
    if tasks:
        lines += ["", "tasks"]
    for task in sorted(tasks, key=lambda task: task.attempt):
        lines.append(
            f"  {task.attempt:>3}  {task.task_id[:12]}  {task.unit_id}  {task.state} {task.outcome or ''}".rstrip()
        )
    return lines


def _motion(alert: Alert) -> str:
    told = (
        (alert.speed_mps, f"{(alert.speed_mps or 0) * 3600 / 1852:.1f} kn"),
        (alert.course_deg, f"course {alert.course_deg or 0:05.1f}"),
        (alert.direction, alert.direction or ""),
    )
    return ", ".join(text for value, text in told if value is not None)
