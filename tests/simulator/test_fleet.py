"""How craft move."""

from collections.abc import Iterator

import numpy as np
import pytest

from sensors.observation import Identity
from simulator.craft import Arrival, Craft, Leg, Status, Transponder
from simulator.fleet import Fleet


def craft(number: int = 0, accel: float = 0.5, turn: float = 5.0) -> Craft:
    """A craft that handles as told."""
    return Craft(
        label=f"craft-{number}", identity=Identity(mmsi=290_000_000 + number), transponder=Transponder.A,
        status=Status.UNDER_WAY, rest_status=Status.MOORED, accel_mps2=accel, turn_deg_s=turn, ship_type=70,
        length_m=50,
    )  # fmt: skip


def enter(fleet: Fleet, *legs: Leg, x: float = 0.0, y: float = 0.0, who: Craft | None = None) -> int:
    """Put one craft into the fleet; its slot."""
    slot = fleet.enter(Arrival(0.0, who or craft(), x, y, iter(legs)))
    assert slot is not None
    return slot


def test_a_craft_follows_its_legs_and_leaves_at_the_end() -> None:
    """It passes each corner, lies still where it is told to, and its slot is free when its legs are done."""
    fleet = Fleet()
    slot = enter(fleet, Leg(1000.0, 0.0, 10.0, rest_s=50.0), Leg(1000.0, 1000.0, 10.0))
    places, rested, left_at = [], 0, None
    for second in range(400):
        left = fleet.move(float(second), 1.0)
        if left:
            left_at = second
            break
        rested += bool(fleet.at_rest[slot])
        places.append((fleet.x[slot], fleet.y[slot]))
    track = np.array(places)
    assert np.hypot(*(track - [1000.0, 0.0]).T).min() < 20.0
    assert rested == pytest.approx(50, abs=1)
    assert left_at == pytest.approx(100 + 50 + 110, abs=30)
    assert fleet.slots().tolist() == []


def test_no_craft_outruns_its_speed() -> None:
    """Per second it moves no further than its speed, and gains no more than it can accelerate."""
    fleet = Fleet()
    slot = enter(fleet, Leg(2000.0, 0.0, 12.0), Leg(0.0, 4000.0, 6.0), Leg(-2000.0, 0.0, 12.0), who=craft(turn=3.0))
    before = fleet.x[slot], fleet.y[slot], fleet.speed_mps[slot]
    for second in range(1_600):
        if fleet.move(float(second), 1.0):
            break
        now = fleet.x[slot], fleet.y[slot], fleet.speed_mps[slot]
        assert np.hypot(now[0] - before[0], now[1] - before[1]) <= max(now[2], before[2]) + 1e-9
        assert abs(now[2] - before[2]) <= 0.5 + 1e-9
        before = now
    else:
        pytest.fail("the craft never arrived")


def test_slots_are_used_again() -> None:
    """A world that runs for weeks does not grow: the slot of a craft that left goes to the next."""
    fleet = Fleet()
    for number in range(1_000):
        enter(fleet, Leg(5.0, 0.0, 10.0), who=craft(number))
        fleet.move(0.0, 1.0)
    assert len(fleet.alive) <= 64


def test_a_craft_that_turns_is_seen_to_turn_and_then_is_not() -> None:
    """Changing course shortens the reporting interval only while and shortly after the turn."""
    fleet = Fleet()
    slot = enter(fleet, Leg(500.0, 0.0, 10.0), Leg(500.0, 5000.0, 10.0))
    turning = []
    for second in range(200):
        fleet.move(float(second), 1.0)
        turning.append(bool(fleet.turning()[slot]))
    assert not any(turning[:40])
    assert any(turning[45:80])
    assert not any(turning[160:])


def test_a_craft_without_legs_does_not_enter() -> None:
    """An empty plan puts nothing on the water."""
    nothing: Iterator[Leg] = iter(())
    assert Fleet().enter(Arrival(0.0, craft(), 0.0, 0.0, nothing)) is None
