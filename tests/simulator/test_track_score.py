"""Scores of tracks on worked examples, whose figures can be checked by hand."""

import pytest

from simulator.track_files import Standing, TrackPoint
from simulator.track_score import score_tracks, sensor_names

Truth = dict[float, list[Standing]]
Tracks = dict[float, list[TrackPoint]]


def standing(name: str, x_m: float, *sensors: str, reporting: bool = False) -> Standing:
    """An object on the x axis."""
    return Standing(name, (x_m, 0.0), sensors, reporting)


def point(track: str, x_m: float, dark: bool | None = None) -> TrackPoint:
    """A track on the x axis."""
    return TrackPoint(track, (x_m, 0.0), dark)


def test_a_perfect_picture_costs_nothing() -> None:
    """One track on each object all the time: GOSPA 0, nothing missed, false, switched or late."""
    truth: Truth = {float(t): [standing("a", t, "r"), standing("b", 500.0 - t, "r")] for t in range(5)}
    tracks: Tracks = {t: [point(thing.name, thing.xy_m[0]) for thing in things] for t, things in truth.items()}
    found = score_tracks(truth, tracks)
    assert (found.gospa_m, found.localisation_m, found.missed, found.false) == (0.0, 0.0, 0.0, 0.0)
    assert (found.objects, found.never_followed, found.tracks, found.false_tracks) == (2, 0, 2, 0)
    assert (found.switches, found.fragmentations, found.tracks_per_object, found.confirm_s.max) == (0, 0, 1.0, 0.0)


def test_each_error_is_found_in_its_own_figure() -> None:
    """A late start, an id that changes, a false track: missed 1/4, one switch, false 4/4; GOSPA by hand."""
    truth: Truth = {float(t): [standing("a", 0.0, "r")] for t in range(4)}
    far = [point("f", 900.0)]
    tracks: Tracks = {
        0.0: far,
        1.0: [point("t", 3.0), *far],
        2.0: [point("t", 3.0), *far],
        3.0: [point("u", 4.0), *far],
    }
    found = score_tracks(truth, tracks, c_m=10.0)
    wanted = (100.0**0.5 + 2 * (9.0 + 50.0) ** 0.5 + (16.0 + 50.0) ** 0.5) / 4
    assert found.gospa_m == pytest.approx(wanted)
    assert found.localisation_m == pytest.approx((34.0 / 3) ** 0.5)
    assert (found.missed, found.false, found.switches, found.false_tracks, found.tracks) == (0.25, 1.0, 1, 1, 3)
    assert (found.tracks_per_object, found.confirm_s.p50) == (2.0, 1.0)


def test_a_set_of_sensors_answers_for_what_it_could_see() -> None:
    """An object out of sight of the set is neither missed nor is its track false; a track on nothing stays false."""
    truth: Truth = {float(t): [standing("a", 0.0, "west"), standing("b", 500.0, "east")] for t in range(4)}
    tracks: Tracks = {t: [point("t", 500.0), point("f", 900.0)] for t in truth}
    west, east = (score_tracks(truth, tracks, sensors=[name], c_m=10.0) for name in ("west", "east"))
    assert (west.sensors, west.missed, west.false, west.tracks, west.false_tracks) == ("west", 1.0, 1.0, 1, 1)
    assert (east.missed, east.false, east.never_followed) == (0.0, 1.0, 0)
    assert sensor_names(truth) == ["east", "west"]


def test_what_no_sensor_could_see_does_not_count() -> None:
    """An object in nobody's sight is not missed, also for all sensors together."""
    truth: Truth = {0.0: [standing("hidden", 0.0)]}
    found = score_tracks(truth, {})
    assert (found.objects, found.missed, found.gospa_m, found.localisation_m) == (0, 0.0, 0.0, None)


def test_dark_is_counted_against_who_reports() -> None:
    """Of four seconds of a reporting ship one is called dark; of two of a silent boat both."""
    truth: Truth = {float(t): [standing("ship", 0.0, "r", reporting=True)] for t in range(4)}
    for t in (0.0, 1.0):
        truth[t].append(standing("boat", 100.0, "r"))
    tracks: Tracks = {t: [point("s", 0.0, dark=t == 2.0), point("d", 100.0, dark=True)] for t in truth}
    found = score_tracks(truth, tracks, c_m=10.0)
    assert (found.false_dark, found.dark_recall) == (0.25, 1.0)
    nameless: Tracks = {t: [point("s", 0.0)] for t in truth}
    assert score_tracks(truth, nameless, c_m=10.0).false_dark is None
