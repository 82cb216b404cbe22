"""One object, one track: what a step does, and that the frames alone decide it."""

import numpy as np
import pytest

from streams.tracks import NO_TRACK, Sensor, Tracker
from streams.tracks.sensor import Area, Disc
from tests.streams.tracks.worlds import crossing, frame

RADAR = Sensor("radar", revisit_s=1.0, scans=True)


def test_a_track_is_named_by_the_observation_that_started_it() -> None:
    """And its later plots belong to it."""
    tracker = Tracker((RADAR,))
    first = tracker.step(frame(0.0, [(0.0, 0.0), (3000.0, 0.0)], first_id=7))
    second = tracker.step(frame(1.0, [(3005.0, 1.0), (8.0, 2.0)], first_id=9))
    assert first.track_id.tolist() == [7, 8]
    assert first.born.all()
    assert second.track_id.tolist() == [8, 7]
    assert not second.born.any()


def test_an_object_is_confirmed_and_followed_and_lost() -> None:
    """Constant velocity is learned; after the object is gone the track is hidden, then ended and named so."""
    tracker = Tracker((RADAR,))
    for t in range(10):
        tracker.step(frame(float(t), [(8.0 * t, -3.0 * t)], first_id=100 + t))
    belief = tracker.extrapolate(12.0)
    assert belief.id.tolist() == [100]
    assert belief.confirmed.all()
    assert belief.mean[0] == pytest.approx([96.0, -36.0, 8.0, -3.0], abs=1.5)
    assert np.linalg.eigvalsh(belief.covariance[0]).min() > 0.0
    ended: list[int] = []
    for t in range(10, 20):
        ended += tracker.step(frame(0.0, [], looks=((0, float(t)),))).ended.tolist()
    assert ended == [100]
    assert len(tracker) == 0


def test_the_same_frames_give_the_same_tracks() -> None:
    """A step depends on nothing but the frames before it."""
    snapshots = []
    for _ in range(2):
        tracker = Tracker((RADAR,))
        for each in crossing(3):
            tracker.step(each)
        snapshots.append(tracker.snapshot())
    assert snapshots[0] == snapshots[1]


@pytest.mark.parametrize("at", [0, 1, 7, 33])
def test_a_restored_tracker_goes_on_bit_for_bit(at: int) -> None:
    """Cut anywhere, snapshot, restore into a new tracker: the rest is the same to the last bit."""
    frames = crossing(4)
    whole, before, after = Tracker((RADAR,)), Tracker((RADAR,)), Tracker((RADAR,))
    for each in frames[:at]:
        before.step(each)
    after.restore(before.snapshot())
    for number, each in enumerate(frames):
        expected = whole.step(each)
        if number >= at:
            found = after.step(each)
            assert np.array_equal(found.track_id, expected.track_id)
            assert found.aliases == expected.aliases
    assert after.snapshot() == whole.snapshot()


def test_a_snapshot_of_other_sensors_is_refused() -> None:
    """It would put looks where no such sensor is."""
    with pytest.raises(ValueError, match="other sensors"):
        Tracker((Sensor("lidar"),)).restore(Tracker((RADAR,)).snapshot())


def test_objects_are_followed_by_one_track_each() -> None:
    """Twenty-five crossing objects: as many confirmed tracks in the end, each near its object."""
    tracker = Tracker((RADAR,))
    for each in crossing(5):
        tracker.step(each)
    belief = tracker.extrapolate(39.0)
    assert belief.confirmed.sum() == 25


def test_a_late_plot_updates_the_past_and_starts_nothing() -> None:
    """It belongs to the track that was there, leaves it at its newest time, and alone it is no new object."""
    radar = Sensor("radar", revisit_s=1.0)
    tracker = Tracker((radar,))
    for t in range(6):
        tracker.step(frame(float(t), [(10.0 * t, 0.0)], first_id=10 + t))
    before = tracker.extrapolate(5.0)
    late = tracker.step(frame(2.2, [(22.0, 0.0), (2000.0, 2000.0)], first_id=50))
    after = tracker.extrapolate(5.0)
    assert late.track_id.tolist() == [10, int(NO_TRACK)]
    assert not late.born.any()
    assert after.updated_s.tolist() == before.updated_s.tolist() == [5.0]
    assert np.trace(after.covariance[0]) < np.trace(before.covariance[0])


def test_a_plot_beyond_the_lag_changes_nothing() -> None:
    """Older than five seconds: the live picture does not hear of it."""
    tracker = Tracker((Sensor("radar", revisit_s=1.0),))
    for t in range(10):
        tracker.step(frame(float(t), [(10.0 * t, 0.0)], first_id=10 + t))
    before = tracker.snapshot()
    tracker.step(frame(3.0, [(30.0, 0.0)], first_id=50))
    assert tracker.snapshot() == before


def test_two_turns_in_one_frame_do_not_compete() -> None:
    """One object seen by two turns of one radar in one frame remains one track."""
    tracker = Tracker((Sensor("radar", revisit_s=1.0),))
    for t in range(4):
        tracker.step(frame(float(t), [(5.0 * t, 0.0)], first_id=10 + t))
    outcome = tracker.step(frame([5.0, 4.0], [(25.0, 0.0), (20.0, 0.0)], first_id=30))
    assert outcome.track_id.tolist() == [10, 10]
    assert len(tracker) == 1


@pytest.mark.parametrize(
    "coverage",
    [Disc(0.0, 0.0, 500.0), Area(((-500.0, -500.0), (500.0, -500.0), (500.0, 500.0), (-500.0, 500.0)))],
)
def test_a_sensor_misses_only_what_it_covers(coverage: Disc | Area) -> None:
    """Looks that saw nothing count against the track inside the coverage and not against the one outside."""
    near = Sensor("near", revisit_s=1.0, scans=True, coverage=coverage)
    tracker = Tracker((Sensor("far", revisit_s=1.0, scans=True), near))
    for t in range(5):
        looks = ((1, float(t)),) if t else ()
        tracker.step(frame(float(t), [(0.0, 0.0), (3000.0, 0.0)], first_id=10 + 2 * t, looks=looks))
    before = tracker.extrapolate(4.0).existence
    tracker.step(frame(0.0, [], looks=((1, 6.0),)))
    inside, outside = tracker.extrapolate(4.0).existence
    assert inside < before[0] - 0.1
    assert outside == pytest.approx(before[1])


def test_the_areas_know_what_is_inside() -> None:
    """A ring and a concave polygon, place by place."""
    ring = Disc(0.0, 0.0, 10.0, 5.0)
    assert ring.covers(np.array([0.0, 7.0, 11.0]), np.zeros(3)).tolist() == [False, True, False]
    angle = Area(((0.0, 0.0), (10.0, 0.0), (10.0, 4.0), (4.0, 4.0), (4.0, 10.0), (0.0, 10.0)))
    assert angle.covers(np.array([2.0, 8.0, 8.0]), np.array([8.0, 2.0, 8.0])).tolist() == [True, True, False]


def test_two_tracks_of_one_object_become_one() -> None:
    """Two radars that differ by more than a gate start two tracks; once they agree, the older id stays."""
    a, b = Sensor("a", revisit_s=1.0), Sensor("b", revisit_s=1.0)
    tracker = Tracker((a, b))
    aliases: list[tuple[int, int]] = []
    for t in range(40):
        off = max(80.0 - 16.0 * t, 0.0) if t < 6 else 0.0
        aliases += tracker.step(frame(float(t), [(5.0 * t, 0.0)], first_id=100 + t)).aliases
        aliases += tracker.step(
            frame(t + 0.5, [(5.0 * t + 2.5, off + 60.0 * (t < 6))], sensor=1, first_id=500 + t)
        ).aliases
    assert tracker.extrapolate(40.0).confirmed.sum() == 1
    assert all(stays == 100 for _, stays in aliases)
    assert 100 in tracker.extrapolate(40.0).id.tolist()


def test_two_plots_of_one_scan_are_two_objects() -> None:
    """However long two objects travel side by side, one radar sees both: they are not merged."""
    tracker = Tracker((RADAR,))
    for t in range(40):
        outcome = tracker.step(frame(float(t), [(5.0 * t, 0.0), (5.0 * t, 28.0)], first_id=10 + 2 * t))
        assert outcome.aliases == ()
    assert tracker.extrapolate(39.0).confirmed.sum() == 2


def test_a_sensor_that_is_no_evidence_moves_and_does_not_make() -> None:
    """Its plots sharpen a track; they neither start one nor keep one alive."""
    lidar = Sensor("lidar", revisit_s=1.0, sigma_m=2.0, scans=True, births=False, evidence=False)
    tracker = Tracker((RADAR, lidar))
    assert not tracker.step(frame(0.0, [(0.0, 0.0)], sensor=1, first_id=5)).born.any()
    for t in range(5):
        tracker.step(frame(float(t), [(0.0, 0.0)], first_id=10 + t))
    before = tracker.extrapolate(5.0)
    tracker.step(frame(5.0, [(0.0, 0.0)], sensor=1, first_id=90, sigma_m=2.0))
    after = tracker.extrapolate(5.0)
    assert np.trace(after.covariance[0]) < np.trace(before.covariance[0])
    assert after.hits.tolist() == before.hits.tolist()
