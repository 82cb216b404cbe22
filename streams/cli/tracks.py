"""``vedette tracks``: what is followed now, and what an operator says about it."""

import click
import msgspec
import numpy as np

from geo.sectors import sector
from streams.cli.broker_option import broker_option
from streams.cli.giving import Giving, giving_options
from streams.cli.listing import SHORT, chosen, clock, json_line, table
from streams.cli.talking import talking_to
from streams.messages import CommandKind, TrackPicture
from streams.partitioning import area_of

_HEADER = ("track", "time", "position", "name", "state", "zones")


@click.group("tracks")
def command() -> None:
    """List tracks; say which are one object, and which are not. What is said stands until a track ends."""


@command.command("list", epilog="Example: vedette tracks list --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object each.")
@broker_option
def show(as_json: bool, bootstrap: str) -> None:
    """List the tracks that are followed now."""
    with talking_to(bootstrap):
        tracks = _tracks(bootstrap)
    if as_json:
        for track in tracks.values():
            click.echo(json_line(track))
        return
    table("tracks", _HEADER, [_cells(track) for track in tracks.values()])


@command.command("merge", epilog="Example: vedette tracks merge 7ebaa2 d29fbb --note 'one hull, seen by camera'")
@click.argument("track_id", metavar="TRACK")
@click.argument("other_id", metavar="OTHER")
@giving_options("watch-officer")
def merge(track_id: str, other_id: str, giving: Giving) -> None:
    """Say that TRACK and OTHER are one object, which goes on as OTHER (or under the name that one of them has)."""
    _say(giving, CommandKind.MERGE_TRACKS, track_id, other_id)


@command.command("split", epilog="Example: vedette tracks split d29fbb --note 'two hulls, seen by camera'")
@click.argument("track_id", metavar="TRACK")
@giving_options("watch-officer")
def split(track_id: str, giving: Giving) -> None:
    """Say that what is taken for one with TRACK is not: its name, or the track an operator merged into it."""
    _say(giving, CommandKind.SPLIT_TRACK, track_id, None)


def _say(giving: Giving, kind: CommandKind, beginning: str, other: str | None) -> None:
    with talking_to(giving.bootstrap):
        from streams.console import orders

        tracks = _tracks(giving.bootstrap)
        name = chosen(tracks, beginning, "track")
        cell = np.array([sector(*tracks[name].position)], np.uint64)
        said = orders.order(
            kind,
            name,
            int(area_of(cell)[0]),
            giving.actor,
            command_id=giving.command_id,
            note=giving.note,
            other_id=None if other is None else chosen(tracks, other, "track"),
        )
        orders.send(giving.bootstrap, said)
    click.echo(json_line(said) if giving.as_json else f"sent: {kind} {name[:SHORT]} (command {said.command_id})")


def _tracks(bootstrap: str) -> dict[str, TrackPicture]:
    """The newest picture of every track that is followed, by id."""
    from streams.console.public_log import public_log

    decoder = msgspec.json.Decoder(TrackPicture)
    found: dict[str, TrackPicture] = {}
    with public_log(bootstrap, "tracks.v1") as log:
        for record in log.to_now():
            name = (record.key or b"").decode(errors="replace")
            if record.value is None:
                found.pop(name, None)
                continue
            picture = decoder.decode(record.value)
            if picture.state == "live":
                found[name] = picture
            else:
                found.pop(name, None)
    return found


def _cells(track: TrackPicture) -> tuple[str, ...]:
    lon, lat = track.position
    said = track.identity
    name = said.name or str(said.mmsi or said.icao24 or said.imo or said.vessel_id or said.track_id or track.dark or "")
    where = f"{lat:.4f}, {lon:.4f}"
    return (track.track_id[:SHORT], clock(track.event_time), where, name, track.state, ", ".join(track.zones))
