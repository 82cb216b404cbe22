"""How good is a picture of tracks, against the truth, for a set of sensors.

Only objects that one of the sensors could have noticed at a moment count then; a track that stands for another then,
or does so more often than not, is left out, neither right nor false. GOSPA is the mean over moments (see
:mod:`simulator.gospa`); a moment with nothing in it costs nothing.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from math import sqrt

import msgspec
import numpy as np

from simulator.clear_mot import ClearMot
from simulator.gospa import Floats, gospa, nearest_pairs
from simulator.score import Spread, spread
from simulator.track_files import Standing, TrackPoint

ALL = "all"


class TrackScore(msgspec.Struct):
    """``missed``, ``false`` are means per moment; ``localisation_m`` the root mean square distance of what is paired.

    ``false_dark`` is the share of the time of reporting objects whose track says that it has no identity,
    ``dark_recall`` that share of the time of objects that do not report; absent where tracks carry no identity."""

    sensors: str
    c_m: float
    moments: int
    gospa_m: float
    localisation_m: float | None
    missed: float
    false: float
    objects: int
    never_followed: int
    tracks: int
    false_tracks: int
    switches: int
    fragmentations: int
    tracks_per_object: float | None
    confirm_s: Spread
    false_dark: float | None
    dark_recall: float | None


def score_tracks(
    truth: Mapping[float, Sequence[Standing]],
    tracks: Mapping[float, Sequence[TrackPoint]],
    *,
    sensors: Collection[str] | None = None,
    c_m: float = 50.0,
) -> TrackScore:
    """Compare tracks with the truth at its moments (keys, rising). ``sensors`` None is all that there are."""
    mot = ClearMot(c_m)
    totals, squares, pairs, missed, false = 0.0, 0.0, 0, 0, 0
    dark: dict[bool, list[bool]] = {True: [], False: []}  # by whether the object reports
    strangers = _strangers(truth, tracks, sensors, c_m)
    for time_s, standing in truth.items():
        known = [point for point in tracks.get(time_s, ()) if point.track_id not in strangers]
        objects, points = _judged(standing, known, sensors, c_m)
        truth_xy, track_xy = _places(objects), _places(points)
        found = gospa(truth_xy, track_xy, c_m=c_m)
        totals += found.total
        squares += found.localisation
        pairs += len(found.pairs)
        missed += found.missed
        false += found.false
        by_name = {point.track_id: point for point in points}
        names = [thing.name for thing in objects]
        together = mot.step(time_s, names, truth_xy, list(by_name), track_xy)
        for thing in objects:
            if thing.name in together and (is_dark := by_name[together[thing.name]].dark) is not None:
                dark[thing.reporting].append(is_dark)
    followed = mot.followed()
    moments = max(len(truth), 1)
    return TrackScore(
        sensors=ALL if sensors is None else "+".join(sensors),
        c_m=c_m,
        moments=len(truth),
        gospa_m=totals / moments,
        localisation_m=sqrt(squares / pairs) if pairs else None,
        missed=missed / moments,
        false=false / moments,
        objects=followed.objects,
        never_followed=followed.never_followed,
        tracks=followed.tracks,
        false_tracks=followed.false_tracks,
        switches=followed.switches,
        fragmentations=followed.fragmentations,
        tracks_per_object=followed.tracks_per_object,
        confirm_s=spread(followed.confirm_s),
        false_dark=_share(dark[True]),
        dark_recall=_share(dark[False]),
    )


def sensor_names(truth: Mapping[float, Sequence[Standing]]) -> list[str]:
    """Every sensor and receiver that had a chance to notice something, in order of name."""
    return sorted({name for standing in truth.values() for thing in standing for name in thing.covered_by})


def _judged(
    standing: Sequence[Standing], points: Sequence[TrackPoint], sensors: Collection[str] | None, c_m: float
) -> tuple[list[Standing], list[TrackPoint]]:
    """The objects that count, and the tracks without those that stand for others."""
    counts = [_counts(thing, sensors) for thing in standing]
    if all(counts):
        return list(standing), list(points)
    paired, _ = nearest_pairs(_places(standing), _places(points), c_m=c_m)
    excused = {j for i, j in paired.tolist() if not counts[i]}
    return (
        [thing for thing, count in zip(standing, counts, strict=True) if count],
        [point for j, point in enumerate(points) if j not in excused],
    )


def _counts(thing: Standing, sensors: Collection[str] | None) -> bool:
    return any(sensors is None or name in sensors for name in thing.covered_by)


def _strangers(
    truth: Mapping[float, Sequence[Standing]],
    tracks: Mapping[float, Sequence[TrackPoint]],
    sensors: Collection[str] | None,
    c_m: float,
) -> set[str]:
    """Tracks that stand for objects out of sight more often than for others."""
    balance: Counter[str] = Counter()
    for time_s, standing in truth.items():
        points = tracks.get(time_s, ())
        paired, _ = nearest_pairs(_places(standing), _places(points), c_m=c_m)
        for i, j in paired.tolist():
            balance[points[j].track_id] += 1 if _counts(standing[i], sensors) else -1
    return {track for track, more in balance.items() if more < 0}


def _places(things: Sequence[Standing] | Sequence[TrackPoint]) -> Floats:
    return np.array([thing.xy_m for thing in things], np.float64).reshape(-1, 2)


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None
