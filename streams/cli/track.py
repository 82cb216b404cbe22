"""``vedette track``: plots of a file into tracks."""

import gzip
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import IO, cast

import click
import msgspec

from streams.cli.codes import INPUT_ERRORS
from streams.garbage import collect_seldom
from streams.tracks.offline import autoferry
from streams.tracks.offline.infer import described
from streams.tracks.offline.plots_csv import BadHeader, read_plots
from streams.tracks.offline.recording import Recording
from streams.tracks.offline.run import Picture, Run
from streams.tracks.offline.sensor_file import BadSensors, read_sensors
from streams.tracks.sensor import Sensor

HEADER = "time_s,track_id,x_m,y_m,confirmed"
_SHOWN = 20


class Summary(msgspec.Struct, omit_defaults=True):
    """What ``--json`` prints as the last line."""

    plots: int
    refused: int
    repeated: int
    tracks: int
    confirmed_tracks: int
    pictures: int
    cpu_s: float | None = None
    plots_per_second: float | None = None


@click.command(epilog="Example: vedette track plots.csv --format plots-csv --sensors sensors.toml --out tracks.csv")
@click.argument("source", metavar="INPUT")
@click.option("--format", "format_name", type=click.Choice(["plots-csv", "autoferry"]), required=True)
@click.option("--sensors", "sensors_file", type=click.Path(path_type=Path), help="TOML: one [[sensor]] table each.")
@click.option("--out", "out_file", type=click.Path(path_type=Path), help="Write tracks here instead of to stdout.")
@click.option("--at", "at_s", type=click.FloatRange(min=0.0, min_open=True), help="A picture every so many seconds.")
@click.option("--only", help="Use these sensors, by commas: sensor ids, or radar,lidar,ir,eo.")
@click.option("--bench", is_flag=True, help="Measure the tracker's own process CPU time.")
@click.option("--strict", is_flag=True, help="Exit 1 when any row of the input was refused.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    source: str,
    format_name: str,
    sensors_file: Path | None,
    out_file: Path | None,
    at_s: float | None,
    only: str | None,
    bench: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Follow the objects behind the plots of INPUT (- is standard input, .gz is read) and write where each track is:
    time_s,track_id,x_m,y_m,confirmed (0 or 1), at every scan or every --at seconds.

    plots-csv: time_s,sensor_id,x_m,y_m[,var_m2] on a local plane, in order of arrival. autoferry: a detection file of
    that data set; radar and lidar are used unless --only says otherwise."""
    wanted = None if only is None else tuple(name.strip() for name in only.split(",") if name.strip())
    try:
        given = None if sensors_file is None else read_sensors(sensors_file.read_text("utf-8"))
        recording, sensors = _read(source, format_name, given, wanted)
    except BadSensors as wrong:
        raise click.UsageError(f"{sensors_file}: {wrong}") from wrong
    except (BadHeader, UnicodeDecodeError, OSError, EOFError, msgspec.MsgspecError) as wrong:
        raise click.UsageError(f"{source}: {wrong}") from wrong
    collect_seldom()
    run = Run(sensors, autoferry.SETTINGS if format_name == "autoferry" else None)
    pictures = run.pictures(recording, at_s)
    if out_file is not None:
        with out_file.open("w", encoding="utf-8", newline="") as out:
            _write(pictures, out)
    elif not bench:
        _write(pictures, sys.stdout)
    _tell(recording)
    click.echo(_summary(recording, run, pictures, bench, as_json), err=not (as_json or bench))
    if strict and recording.refused:
        sys.exit(INPUT_ERRORS)


def _read(
    source: str, format_name: str, given: tuple[Sensor, ...] | None, only: tuple[str, ...] | None
) -> tuple[Recording, tuple[Sensor, ...]]:
    with _opened(source) as stream:
        if format_name == "plots-csv":
            known = None if given is None else [sensor.sensor_id for sensor in given]
            lines = TextIOWrapper(stream, "utf-8", newline="")
            recording = read_plots(lines, only, known)
            return recording, described(recording, _chosen(given, only))
        names = autoferry.names(only)
        recording, _ = autoferry.read_scans(stream.read(), names)
        sensors = autoferry.sensors(names) if given is None else tuple(replace(s, scans=True) for s in given)
        return recording, _all_known(recording, tuple(s for s in sensors if s.sensor_id in names))


def _all_known(recording: Recording, sensors: tuple[Sensor, ...]) -> tuple[Sensor, ...]:
    missing = sorted(set(recording.sensors()) - {sensor.sensor_id for sensor in sensors})
    if missing:
        raise BadSensors(f"sensor_id: expected a [[sensor]] for {missing[0]}, got none")
    return sensors


def _chosen(given: tuple[Sensor, ...] | None, only: tuple[str, ...] | None) -> tuple[Sensor, ...] | None:
    if given is None or only is None:
        return given
    return tuple(sensor for sensor in given if sensor.sensor_id in only)


def _opened(source: str) -> AbstractContextManager[IO[bytes]]:
    if source == "-":
        return nullcontext(sys.stdin.buffer)
    path = Path(source)
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _write(pictures: Iterable[Picture], out: IO[str]) -> None:
    out.write(HEADER + "\n")
    for picture in pictures:
        time_s = repr(round(picture.time_s, 6))
        rows = zip(picture.track_id.tolist(), *picture.place_m.tolist(), picture.confirmed.tolist(), strict=True)
        out.writelines(f"{time_s},{track:016x},{x:.3f},{y:.3f},{int(shown)}\n" for track, x, y, shown in rows)


def _tell(recording: Recording) -> None:
    for refused in recording.refused[:_SHOWN]:
        click.echo(str(refused), err=True)
    more = len(recording.refused) - _SHOWN
    if more > 0:
        click.echo(f"… and {more} more rows refused", err=True)


def _summary(recording: Recording, run: Run, pictures: list[Picture], bench: bool, as_json: bool) -> str:
    tracks: dict[int, None] = {}
    confirmed: dict[int, None] = {}
    for picture in pictures:
        tracks.update(dict.fromkeys(picture.track_id.tolist()))
        confirmed.update(dict.fromkeys(picture.track_id[picture.confirmed].tolist()))
    rate = len(recording) / run.cpu_s if run.cpu_s > 0.0 else 0.0
    summary = Summary(
        plots=len(recording),
        refused=len(recording.refused),
        repeated=recording.repeated,
        tracks=len(tracks),
        confirmed_tracks=len(confirmed),
        pictures=len(pictures),
        cpu_s=run.cpu_s if bench else None,
        plots_per_second=rate if bench else None,
    )
    if as_json:
        return msgspec.json.encode(summary).decode()
    text = (
        f"{summary.plots} plots, {summary.refused} refused, {summary.tracks} tracks, "
        f"{summary.confirmed_tracks} of them confirmed"
    )
    return f"{text}; {rate:,.0f} plots/s of process CPU time" if bench else text
