"""Which owners hear of a place, and which of their tracks an offered one is."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.tracks.sharing.fence import Fence, Right
from streams.tracks.sharing.halo import HALO_M, Squares, least_halo_m
from streams.tracks.sharing.messages import (
    Baggage,
    End,
    Incident,
    Join,
    Known,
    Message,
    Offer,
    PairScore,
    Release,
    Silence,
    State,
    decode,
    encode,
)
from streams.tracks.sharing.offer import matches

GROUND = Squares(-1000.0, 500.0, 700.0, 4, 3)
places = st.tuples(st.floats(-3000, 4000), st.floats(-2000, 4500))


@given(places, st.floats(0, 1500))
def test_a_place_has_one_owner_and_the_halos_of_others(place: tuple[float, float], margin: float) -> None:
    """Law: exactly the owner's core is 0 m away, and ``near`` and ``rows_for`` are those within the margin."""
    x, y = place
    away = {owner: GROUND.outside_m(x, y, owner) for owner in range(12)}
    assert away[GROUND.owner(x, y)] == 0.0
    near = tuple(owner for owner in range(12) if away[owner] <= margin)
    assert GROUND.near(x, y, margin) == near
    rows = [owner for owner in range(12) if len(GROUND.rows_for(owner, np.array([place]), margin))]
    assert tuple(rows) == near


def test_distance_to_a_square_is_that_to_its_rectangle() -> None:
    """Law: the distance of an inner square is that of a rectangle, by corners and sides."""
    x0, y0 = -1000.0 + 700.0, 500.0 + 700.0  # second column, second row: owner 5
    for x, y in ((x0 - 30.0, y0 - 40.0), (x0 + 5.0, y0 - 40.0), (x0 + 730.0, y0 + 740.0)):
        nearest = min(max(x, x0), x0 + 700.0), min(max(y, y0), y0 + 700.0)
        assert GROUND.outside_m(x, y, 5) == pytest.approx(math.hypot(x - nearest[0], y - nearest[1]))


def test_the_halo_is_wide_enough() -> None:
    """Law: the default halo covers gate, a 50 kn boat over 4 s, and the hysteresis; it grows with speed."""
    assert least_halo_m(26.0, 4.0) <= HALO_M
    assert least_halo_m(50.0, 4.0) == 400.0


@given(st.lists(places, max_size=5), st.lists(places, max_size=5))
def test_matches_are_the_best_assignment(offered: list[tuple[float, float]], own: list[tuple[float, float]]) -> None:
    """Law: as many pairs within the gate as possible, then the shortest in sum: a search over all of them agrees."""
    gate = 2500.0
    one, other = (np.array([[x, y, 0.0, 0.0] for x, y in side]).reshape(-1, 4) for side in (offered, own))
    rows, columns = matches(one, other, gate)
    away = np.hypot(one[:, None, 0] - other[None, :, 0], one[:, None, 1] - other[None, :, 1])
    assert all(away[i, j] < gate for i, j in zip(rows, columns, strict=True))
    best = (0, 0.0)
    for size in range(min(len(offered), len(own)), 0, -1):
        sums = [
            sum(away[i, j] for i, j in zip(left, right, strict=True))
            for left in itertools.combinations(range(len(offered)), size)
            for right in itertools.permutations(range(len(own)), size)
            if all(away[i, j] < gate for i, j in zip(left, right, strict=True))
        ]
        if sums:
            best = (size, min(sums))
            break
    assert len(rows) == best[0]
    assert sum(away[rows, columns]) == pytest.approx(best[1], abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=30))
def test_the_fence_never_goes_down(rights: list[tuple[int, int]]) -> None:
    """Law: admitted rights never decrease, refused ones are counted, and nothing at or above the highest is refused."""
    fence, highest, refused = Fence(), (-1, -1), 0
    for epoch, owner in rights:
        admitted = fence.admits(7, Right(epoch, owner))
        assert admitted == ((epoch, owner) >= highest)
        highest = max(highest, (epoch, owner))
        refused += not admitted
    assert fence.refused == refused
    assert fence.highest.get(7, Right(-1, -1)) == highest


def test_the_fence_remembers_the_latest() -> None:
    """Law: it holds at most so many tracks, and forgets the one nobody spoke of for longest."""
    fence = Fence(3)
    for track_id in (1, 2, 3, 1, 4):
        fence.admits(track_id, Right(1, 0))
    assert list(fence.highest) == [3, 1, 4]
    assert not fence.admits(1, Right(0, 5))


STATE = State(3.5, (1.0, 2.0, 3.0, 4.0), tuple(float(i) for i in range(16)), 0.9)
BAGGAGE = Baggage(
    (PairScore(40, 7.5, 3.0, True),), Silence(3.0, 1.0, -0.5, True, False), (1.0, 2.0), (Incident("a", 2, 5),)
)


@pytest.mark.parametrize(
    "message",
    [
        Offer(2**63 + 5, 3, 1, STATE, BAGGAGE),
        Known(7, 3, 2),
        Release(7, 4, 2, STATE, BAGGAGE),
        End(7, 4, 2),
        Join(7, 4, 2, 9, BAGGAGE),
    ],
)
def test_messages_come_back_as_they_were(message: Message) -> None:
    """Law: decode(encode) is the message, bit for bit, with ids of 64 bits."""
    assert decode(encode(message)) == message
