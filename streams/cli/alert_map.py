"""Gathering what the map of an alert is made of: from files, from the public topics, or from both."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from geo.zones import ZoneErrors, ZoneSet, read_zones
from sensors.files import BadInput, read
from streams.cli.talking import talking_to
from streams.cli.zone_publishing import say_passed_over
from streams.console.map import Scene, Sighting, scene_of_alert
from streams.console.map.alert import NoPlace
from streams.console.map.sightings import of_observations, of_pictures
from streams.inputs import parse_input
from streams.messages import Alert, TrackPicture
from streams.public import to_us


def alerts_of(file: Path) -> dict[str, Alert]:
    """The newest version of every alert in a file of one JSON object a line, by id."""
    decoder = msgspec.json.Decoder(Alert)
    found: dict[str, Alert] = {}
    try:
        lines = file.read_bytes().splitlines()
    except OSError as problem:
        raise click.UsageError(f"cannot read {file}: {problem.strerror}") from problem
    for number, line in enumerate(lines, 1):
        try:
            alert = decoder.decode(line)
        except msgspec.MsgspecError as problem:
            raise click.UsageError(f"{file}, line {number}: not an alert: {problem}") from problem
        known = found.get(alert.alert_id)
        if known is None or alert.version > known.version:
            found[alert.alert_id] = alert
    return found


def drawn(alert: Alert, zones: Path | None, tracks: Sequence[str], units: str, bootstrap: str | None) -> Scene:
    """The map of an alert; what no file gives is asked of the broker, where there is one."""
    try:
        zone_set = zones_in_force(str(bootstrap), alert) if zones is None else read_zones(zones)
        sightings = of_files(alert, tracks, units) if tracks else []
        if not tracks and bootstrap is not None:
            sightings = of_pictures(public_track(bootstrap, alert), alert)
        return scene_of_alert(alert, zone_set, sightings)
    except (ZoneErrors, NoPlace, BadInput, ValueError, OSError) as problem:
        raise click.UsageError(str(problem)) from problem


def of_files(alert: Alert, tracks: Sequence[str], units: str) -> list[Sighting]:
    """The alert's object in observation files, named as ``vedette replay`` names them."""
    inputs = [parse_input(track, units=units) for track in tracks]
    return of_observations(alert, [read(one.path, one.format, one.sensor_id, units=one.units).rows for one in inputs])


def public_track(bootstrap: str, alert: Alert) -> list[TrackPicture]:
    """Every picture of the alert's tracks that ``tracks.v1`` still holds."""
    decoder = msgspec.json.Decoder(TrackPicture)
    keys = {track.encode() for track in alert.subject.track_ids}
    with talking_to(bootstrap):
        from streams.console.public_log import public_log

        with public_log(bootstrap, "tracks.v1") as log:
            return [decoder.decode(record.value) for record in log.to_now() if record.key in keys and record.value]


def zones_in_force(bootstrap: str, alert: Alert) -> ZoneSet:
    """The zones that judged an alert: the newest version in force when it opened."""
    from streams.publisher.zones import all_zones

    with talking_to(bootstrap):
        versions = all_zones(bootstrap, say_passed_over)
    opened_us = to_us(alert.event_time)
    judged = [one for one in versions if one.in_force_from_us is None or one.in_force_from_us <= opened_us]
    for version in reversed(judged):
        with contextlib.suppress(ZoneErrors):  # refused by every worker: it judged nothing
            return read_zones(version.zones)
    raise click.ClickException("no zones are published; give them with --zones FILE")
