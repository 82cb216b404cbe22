"""The score of tracks, for a person."""

from pathlib import Path

from simulator.track_files import read_positions, read_tracks
from simulator.track_score import TrackScore, score_tracks, sensor_names

_HEAD = ("sensors", "GOSPA m", "loc m", "missed", "false", "objects", "never", "tracks", "false", "switches", "gaps",
         "per obj.", "confirm p50", "p95 s", "false-dark", "dark recall")  # fmt: skip


def scores(tracks: Path, truth_file: Path, sets: tuple[str, ...], cutoff_m: float) -> list[TrackScore]:
    """One score of all sensors together and one of each set (names with commas); of each sensor where no set is given.

    Raises simulator.track_files.BadTracks, msgspec.MsgspecError or OSError."""
    truth = read_positions(truth_file)
    points = read_tracks(tracks, truth)
    wanted = [tuple(name.strip() for name in names.split(",")) for names in sets]
    wanted = wanted or [(name,) for name in sensor_names(truth.moments)]
    found = [score_tracks(truth.moments, points, c_m=cutoff_m)]
    return found + [score_tracks(truth.moments, points, sensors=names, c_m=cutoff_m) for names in wanted]


def lines(results: list[TrackScore]) -> list[str]:
    """A table, one row a set of sensors."""
    rows = [_HEAD, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    first = results[0]
    table = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return [f"{first.moments} moments, GOSPA with c = {first.c_m:g} m, p = 2", *table]


def _row(score: TrackScore) -> tuple[str, ...]:
    return (
        score.sensors,
        f"{score.gospa_m:.1f}",
        _number(score.localisation_m),
        f"{score.missed:.2f}",
        f"{score.false:.2f}",
        str(score.objects),
        str(score.never_followed),
        str(score.tracks),
        str(score.false_tracks),
        str(score.switches),
        str(score.fragmentations),
        _number(score.tracks_per_object, 2),
        _number(score.confirm_s.p50),
        _number(score.confirm_s.p95),
        _percent(score.false_dark),
        _percent(score.dark_recall),
    )


def _number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.2%}"
