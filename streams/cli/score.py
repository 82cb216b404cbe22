"""``vedette score``: how good were the alerts and the tracks, against what really happened."""

from pathlib import Path

import click
import msgspec

from simulator.score import Score, Spread, read_alerts, read_truth, score
from simulator.track_files import BadTracks
from streams.clearances import ClearanceErrors, read_clearances
from streams.cli import track_score

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_SHOWN = 20


@click.command(
    epilog="Examples: vedette score alerts.jsonl --truth truth.jsonl; "
    "vedette score --tracks tracks.csv --truth truth.jsonl --sensors radar-north,radar-south",
)
@click.argument("alerts", type=_FILE, required=False)
@click.option("--tracks", type=_FILE, help="Score these: CSV of `vedette track`, or JSON lines of tracks.v1.")
@click.option("--truth", "truth_file", required=True, type=_FILE, help="As `vedette simulate --truth` wrote it.")
@click.option("--clearances", "clearances_file", type=_FILE, help="JSON: whose entries were cleared.")
@click.option("--window", "window_s", type=float, default=3600.0, show_default=True, help="Seconds after the onset.")
@click.option("--tolerance", "tolerance_s", type=float, default=30.0, show_default=True, help="Seconds before it.")
@click.option(
    "--sensors", "sets", multiple=True, metavar="A,B", help="Score tracks for these sensors only; may be repeated."
)
@click.option(
    "--cutoff",
    "cutoff_m",
    type=click.FloatRange(0, min_open=True),
    default=50.0,
    show_default=True,
    help="Metres from which on a track does not stand for an object (c of GOSPA).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    alerts: Path | None,
    tracks: Path | None,
    truth_file: Path,
    clearances_file: Path | None,
    window_s: float,
    tolerance_s: float,
    sets: tuple[str, ...],
    cutoff_m: float,
    as_json: bool,
) -> None:
    """Compare ALERTS (JSON lines, as `vedette replay` and `vedette up --out` write them) with the truth of the
    scenario: recall, precision, delay from the true onset, what was missed and what was invented.

    With --tracks: GOSPA in its parts, switches of identity, false tracks, time to confirm and wrongly dark tracks,
    of all sensors together and of each set of them."""
    if (alerts is None) == (tracks is None):
        raise click.UsageError("expected ALERTS or --tracks TRACKS, one of them")
    if tracks is not None:
        return _of_tracks(tracks, truth_file, sets, cutoff_m, as_json)
    assert alerts is not None
    try:
        result = score(
            read_alerts(alerts),
            read_truth(truth_file),
            tolerance_s=tolerance_s,
            window_s=window_s,
            clearances=() if clearances_file is None else read_clearances(clearances_file),
        )
    except ClearanceErrors as problem:
        raise click.UsageError(str(problem)) from problem
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise click.UsageError(f"not alerts, or not truth: {problem}") from problem
    click.echo(msgspec.json.encode(result) if as_json else "\n".join(lines(result)))


def _of_tracks(tracks: Path, truth_file: Path, sets: tuple[str, ...], cutoff_m: float, as_json: bool) -> None:
    try:
        results = track_score.scores(tracks, truth_file, sets, cutoff_m)
    except (BadTracks, msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise click.UsageError(f"not tracks, or not truth: {problem}") from problem
    click.echo(msgspec.json.encode(results) if as_json else "\n".join(track_score.lines(results)))


def lines(result: Score) -> list[str]:
    """The result for a person."""
    text = [
        f"recall     {_share(result.recall)}  {result.found} of {result.expected} expected",
        f"precision  {_share(result.precision)}  {result.right} of {result.alerts} alerts",
        f"delay      {_spread(result.delay_s)}  from the true onset",
        f"notice     {_spread(result.notice_s)}  from the first report that could show it",
    ]
    text += [f"  {kind:16} {got} of {want}" for kind, (want, got) in result.kinds.items()]
    text += [f"  not expected, {why}: {count}" for why, count in result.not_expected.items()]
    text += [
        f"missed     {m.onset:%H:%M:%S} {m.object} {m.kind} {m.zone_id or ''}: {m.why}" for m in result.missed[:_SHOWN]
    ]
    text += [
        f"phantom    {p.event_time:%H:%M:%S} {p.alert_id[:8]} {p.kind} {p.zone_id or ''}: {p.why}"
        for p in result.phantoms[:_SHOWN]
    ]
    more = max(len(result.missed) - _SHOWN, 0) + max(len(result.phantoms) - _SHOWN, 0)
    return [*text, f"… and {more} more; --json lists all"] if more else text


def _share(value: float | None) -> str:
    return "   -   " if value is None else f"{value:7.2%}"


def _spread(spread: Spread) -> str:
    if spread.p50 is None:
        return "-"
    values = (round(value or 0.0, 1) + 0.0 for value in (spread.p50, spread.p95, spread.max))  # no -0.0
    return "p50 {:.1f} s, p95 {:.1f} s, max {:.1f} s".format(*values)
