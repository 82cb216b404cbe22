"""The table of tracks: how tracks begin in it, and that room, order and snapshots keep every number."""

import numpy as np

from streams.tracks import Sensor, Settings, Tracker, life
from streams.tracks.classes import CLASSES, NOISE
from streams.tracks.table import NEVER, Table
from tests.streams.tracks.worlds import crossing, frame


def _filled(count: int) -> Table:
    table = Table(2)
    life.prepare(table, Settings())
    new = table.append(count)
    table.id[new] = np.arange(1, count + 1)
    table.time_s[new] = np.arange(count)
    table.state[3, 1, new] = -np.arange(count)
    table.looked_s[1, new] = 7.0
    table.confirmed[new] = np.arange(count) % 3 == 0
    return table


def test_a_track_begins_as_was_said_once() -> None:
    """Unknown velocity, one plot, which is counted as false, seen by nobody, restless as what is not known."""
    table = Table(2)
    life.prepare(table, Settings())
    table.append(3)
    assert (table.state[11:13, :, :3] == Settings().birth_sigma_mps ** 2).all()
    assert np.allclose(table.mode[:, :3].sum(axis=0), 1.0)
    assert (table.hits[:3] == 1.0).all()
    assert (table.counted[:3] == 1.0).all()
    assert (table.looked_s[:, :3] == NEVER).all()
    assert np.array_equal(table.noise[:, :3], np.repeat(NOISE[:, :1], 3, axis=1))


def test_growing_and_dropping_keep_every_number_in_order() -> None:
    """Beyond the first room, and after every second track is dropped, each column still belongs to its id."""
    table = _filled(1000)
    kept = np.arange(1000) % 2 == 1
    table.keep(kept)
    assert table.count == 500
    number = np.arange(1000)[kept]
    assert np.array_equal(table.id[:500], number.astype(np.uint64) + np.uint64(1))
    assert np.array_equal(table.facts.time_s[:500], number)
    assert np.array_equal(table.state[3, 1, :500], -number)
    assert np.array_equal(table.confirmed[:500], number % 3 == 0)
    assert (table.looked_s[1, :500] == 7.0).all()
    assert (table.looked_s[0, :500] == NEVER).all()


def test_what_is_dropped_leaves_nothing_to_the_next() -> None:
    """A column that is used again begins like any other."""
    table = _filled(10)
    table.keep(np.zeros(10, bool))
    table.append(10)
    assert not table.confirmed[:10].any()
    assert not table.id[:10].any()
    assert (table.looked_s[:, :10] == NEVER).all()


def test_a_dump_is_the_table_bit_for_bit() -> None:
    """Loaded into another one, every block is the same, whatever was in it before."""
    table, other = _filled(300), _filled(5)
    other.load(table.dump())
    assert other.dump() == table.dump()
    assert np.array_equal(other.facts.rows[:, :300], table.facts.rows[:, :300])


def test_a_class_says_how_restless_a_track_is() -> None:
    """Told by the sensor or by the speed: the noise of each track is that of its class, also after a restart."""
    radar = Sensor("radar", revisit_s=1.0, scans=True)
    tracker = Tracker((radar,))
    for each in crossing(8):
        tracker.step(each)
    code = tracker.extrapolate(40.0).class_code
    assert len(set(code.tolist())) > 1
    assert code.max() < len(CLASSES)
    assert np.array_equal(tracker.table.noise[:, : len(tracker)], NOISE.take(code, axis=1))
    again = Tracker((radar,))
    again.restore(tracker.snapshot())
    assert np.array_equal(again.table.noise[:, : len(again)], NOISE.take(code, axis=1))


def test_a_sensor_alone_misses_like_one_beside_a_silent_other() -> None:
    """That a lone sensor is not asked whether it sees a place is a short cut, not another rule."""
    radar, other = Sensor("radar", revisit_s=1.0, scans=True), Sensor("other", revisit_s=1.0, scans=True)
    alone, beside = Tracker((radar,)), Tracker((radar, other))
    for t in range(12):
        seen = [(0.0, 0.0), (900.0, 0.0)] if t % 3 else [(0.0, 0.0)]
        for tracker in (alone, beside):
            tracker.step(frame(float(t), seen, first_id=10 + 2 * t))
    for t in range(12, 18):
        for tracker in (alone, beside):
            tracker.step(frame(0.0, [], looks=((0, float(t)),)))
    assert np.array_equal(alone.extrapolate(18.0).existence, beside.extrapolate(18.0).existence)
    assert np.array_equal(alone.extrapolate(18.0).id, beside.extrapolate(18.0).id)
