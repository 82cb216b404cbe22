"""A recording is cut where pictures are wanted, whatever its sensors' rhythm."""

import numpy as np
import pytest

from streams.tracks.offline.cut import cut
from streams.tracks.offline.infer import described
from streams.tracks.offline.recording import Collected, Recording
from streams.tracks.offline.run import Run
from streams.tracks.sensor import Sensor


def _recording(times: list[float], sensor: str = "r1") -> Recording:
    collected = Collected()
    for number, time_s in enumerate(times):
        collected.add(time_s, sensor, 10.0 * time_s, float(number % 3), float("nan"))
    return collected.recording()


def test_a_picture_holds_every_plot_up_to_its_moment_and_no_later_one() -> None:
    """For any grid: frames before it end at or before it, frames after it begin after it."""
    rng = np.random.default_rng(1)
    recording = _recording(sorted(rng.uniform(0.2, 20.0, 200).tolist()))
    for at_s in (0.3, 1.0, 4.0):
        seen = 0.0
        moments: list[float] = []
        for piece in cut(recording, (Sensor("r1"),), at_s):
            assert not moments or piece.frame.time_s.min() > moments[-1]
            seen = float(piece.frame.time_s.max())
            moments += piece.moments_s
            assert all(moment >= seen for moment in piece.moments_s)
        assert np.allclose(np.diff(moments), at_s)
        assert moments[-1] == pytest.approx(np.ceil(seen / at_s) * at_s)


def test_without_a_grid_there_is_a_picture_of_every_scan() -> None:
    """At its own time."""
    recording = _recording([0.0, 0.0, 1.0, 1.0, 2.0])
    assert [p.moments_s for p in cut(recording, (Sensor("r1", scans=True),), None)] == [(0.0,), (1.0,), (2.0,)]


def test_late_rows_belong_to_the_frame_of_their_arrival() -> None:
    """Their time is their own."""
    recording = _recording([0.0, 1.0, 0.6, 2.0])
    assert [p.frame.time_s.tolist() for p in cut(recording, (Sensor("r1"),), None)] == [[0.0], [1.0, 0.6], [2.0]]


def test_a_recording_tells_scans_and_revisit() -> None:
    """Scans by their regular times; a turning antenna by how long an object is not seen."""
    (scans,) = described(_recording([t for t in np.arange(0.0, 30.0, 3.0).tolist() for _ in range(3)]), None)
    assert (scans.scans, scans.revisit_s) == (True, 3.0)
    collected, rng = Collected(), np.random.default_rng(2)
    azimuth, places = rng.uniform(0.0, 1.0, 40), rng.uniform(0.0, 20_000.0, (40, 2))
    rows = sorted((2.5 * (turn + azimuth[i]), i) for turn in range(12) for i in range(40))
    for time_s, i in rows:
        collected.add(time_s, "r1", places[i, 0] + time_s, places[i, 1], float("nan"))
    (turning,) = described(collected.recording(), None)
    assert not turning.scans
    assert turning.revisit_s == pytest.approx(2.5, rel=0.02)


def test_frame_length_does_not_change_what_scans_give() -> None:
    """Where all plots of a look carry one time, any frame shorter than the revisit is that look."""
    recording = _recording([float(t) for t in range(12)])
    pictures = [
        Run((Sensor("r1", scans=True),), longest_frame_s=longest).pictures(recording, 1.0) for longest in (0.05, 0.5)
    ]
    for short, long in zip(*pictures, strict=True):
        assert np.array_equal(short.track_id, long.track_id)
        assert np.array_equal(short.place_m, long.place_m)
