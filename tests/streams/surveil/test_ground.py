"""An owner's ground as its tracker sees it, held to the globe place by place; keeping step; going on from a state."""

import math

import h3.api.basic_int as h3
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.sectors import sector
from streams.borders import Borders
from streams.surveil.neighbours import EVER
from streams.surveil.neighbours.ground import SectorGround
from streams.surveil.pace import Pace
from streams.tracks.sensor import Sensor
from streams.tracks.sharing.plane import Plane
from streams.tracks.state import Frame
from streams.tracks.tracker import Tracker
from tests.property import boats
from tests.streams.test_borders import oracle

PLANE = Plane(-82.4, 25.0)
MARGIN_M = 1_000.0


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), partitions=st.sampled_from([2, 4, 16]))
def test_ground_is_what_the_globe_says(seed: int, partitions: int) -> None:
    """Law: owner, distance outside and owners near of places in the plane, noticed together or asked alone, are those
    of the sectors around each place, measured one by one; where no border is near, the squares say the same owner."""
    table = boats.owners(partitions)
    chance = np.random.default_rng(seed)
    corners = np.array([(lon, lat) for lat, lon in h3.cell_to_boundary(sector(*PLANE))])
    along = chance.uniform(0.0, 1.0, (len(corners), 1))
    outline_m = PLANE.to_plane(corners + along * (np.roll(corners, -1, axis=0) - corners))
    near_m = outline_m + chance.uniform(-900.0, 900.0, outline_m.shape)
    position_m = np.concatenate([near_m, chance.uniform(-30_000.0, 30_000.0, (4, 2))])
    ground, alone = (SectorGround(Borders(table), PLANE, MARGIN_M) for _ in range(2))
    ground.notice(position_m)
    owner, deep = ground.deep(position_m)
    for at, (x_m, y_m) in enumerate(position_m.tolist()):
        lon, lat = PLANE.to_lonlat(np.array([[x_m, y_m]]))[0].tolist()
        own = int(table.owner_of(np.array([sector(lon, lat)], np.uint64))[0])
        away = oracle(lon, lat, table, MARGIN_M)
        assert ground.owner(x_m, y_m) == alone.owner(x_m, y_m) == own
        assert ground.outside_m(x_m, y_m, own) == 0.0
        for other in range(partitions):
            far = ground.outside_m(x_m, y_m, other)
            assert far == alone.outside_m(x_m, y_m, other)
            if other != own and abs(away.get(other, math.inf) - MARGIN_M) > 3.0:
                assert far == away.get(other, math.inf) or abs(far - away[other]) < 3.0
        assert ground.near(x_m, y_m, MARGIN_M) == alone.near(x_m, y_m, MARGIN_M)
        if deep[at]:
            assert owner[at] == own
            assert away == {}


def test_a_second_waits_for_the_earlier_ones_shared() -> None:
    """Law: a recording's second waits until all who shared an earlier one are through it, never for its own second."""
    pace = Pace()
    assert not pace.must_wait(10)
    assert pace.took(10, [2, 1]) == [1, 2]
    assert not pace.must_wait(10)
    assert pace.must_wait(11)
    pace.hear(1, 10)
    assert pace.must_wait(11)
    pace.hear(2, 9)
    assert pace.must_wait(11)
    pace.hear(2, 12)
    assert not pace.must_wait(11)
    assert pace.took(11, []) == []  # nobody waits for a second that was not shared
    assert not pace.must_wait(12)
    assert pace.ended() == [1, 2]
    assert pace.ended() == []
    assert not pace.over
    pace.hear(1, EVER)
    pace.hear(2, EVER)
    assert pace.over


def test_a_tracker_goes_on_from_a_given_state() -> None:
    """Law: a track taken over is shown at once under the given id, owns the plots along its way, and ends unseen."""
    tracker = Tracker((Sensor("radar", "radar", 1.0, 10.0, 0.9, None),))
    covariance = np.diag([100.0, 100.0, 4.0, 4.0])
    tracker.take_over(7, 0.0, np.array([0.0, 0.0, 30.0, 0.0]), covariance, 0.99)
    tracker.take_over(7, 0.0, np.zeros(4), covariance, 0.99)  # known already
    belief = tracker.extrapolate(2.0)
    assert belief.id.tolist() == [7]
    assert belief.confirmed.tolist() == [True]
    np.testing.assert_allclose(belief.mean[0], [60.0, 0.0, 30.0, 0.0])
    np.testing.assert_allclose(tracker.extrapolate(0.0).covariance[0], covariance)

    def plot(time_s: float, x_m: float, number: int) -> Frame:
        one, variance = np.array([time_s]), np.array([100.0])
        ids = np.array([number], np.uint64)
        return Frame(one, np.zeros(1, np.intp), np.array([x_m]), np.zeros(1), variance, np.zeros(1), variance, ids)

    for second in range(1, 6):
        assert tracker.step(plot(second, 30.0 * second, 100 + second)).track_id.tolist() == [7]
    ended = [track for second in range(6, 40) for track in tracker.step(plot(second, 9e5, 200 + second)).ended.tolist()]
    assert 7 in ended
