"""Load: fast, and still the public contract."""

import time

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.observation import Observation
from simulator.load import Load

START_US = 1_780_286_400_000_000


def make(identities: int = 500, **changes: object) -> Load:
    """A load of two sensors with names of different length."""
    fields: dict[str, object] = {"rate": 1_000.0, "start_us": START_US, "sensors": ("sim-a", "sim-longer")}
    return Load(identities, **{**fields, **changes})  # type: ignore[arg-type]


@given(
    st.integers(0, 10**9),
    st.sampled_from([(-28.3, 46.2), (0.0, 0.0), (179.9, -0.0001), (-179.9, -60.0), (9.99999, 9.99999)]),
    st.sampled_from([0, 951_782_399_999_999, START_US, 4_102_444_799_000_000]),
)
def test_every_record_says_what_the_plain_functions_say(first: int, centre: tuple[float, float], start_us: int) -> None:
    """Digits written by numpy decode to the times, positions and names computed without them, for any sign and size."""
    load = make(7, centre=centre, start_us=start_us, width_m=2_000.0)
    made = load.slice(first % 1_000_000, 20)
    which = np.arange(first % 1_000_000, first % 1_000_000 + 20) % 7
    times = load.times_us(first % 1_000_000, 20)
    places = load.positions(which, times)
    for row, value in enumerate(made.values):
        observation = msgspec.json.decode(value, type=Observation)
        assert observation.simulated
        assert observation.sensor_id == load.sensors[made.sensor[row]]
        assert observation.position == pytest.approx(tuple(places[row]), abs=1e-6)
        assert round(observation.event_time.timestamp() * 1e6) == times[row]
        assert observation.identity is not None
        assert observation.identity.mmsi == 293_000_000 + which[row]


def test_slices_do_not_depend_on_how_they_are_cut() -> None:
    """Event k is event k, whoever makes it."""
    load = make()
    whole = load.slice(0, 1_000).values
    assert [v for first in range(0, 1_000, 37) for v in load.slice(first, min(37, 1_000 - first)).values] == whole


def test_an_identity_has_one_sensor_and_a_speed_it_keeps() -> None:
    """Objects sail at a possible speed from fix to fix, so nothing of a load is filtered as a teleport."""
    load = make(10)
    times = load.times_us(0, 5_000)
    which = np.arange(5_000) % 10
    metres = load.positions(which, times) * [77_000.0, 111_000.0]
    for identity in range(10):
        step = np.hypot(*np.diff(metres[which == identity], axis=0).T)
        assert step.max() <= 15.5 * 10 / 1_000.0
        assert len({load.slice(k, 1).sensor[0] for k in range(identity, 100, 10)}) == 1


def test_a_zone_over_half_the_box_is_entered_at_the_promised_rate() -> None:
    """Each object enters the eastern half once in two legs, so that a benchmark knows how many alerts to expect."""
    load = make(200, turn_s=50.0)
    seconds = np.arange(0, 400)
    east = np.array([
        load.positions(np.arange(200), np.full(200, START_US + s * 1_000_000))[:, 0] > -28.3 for s in seconds
    ])  # fmt: skip
    entries = (~east[:-1] & east[1:]).sum()
    assert entries == pytest.approx(200 * 400 / 100, rel=0.02)


def test_a_hundred_thousand_events_a_second_is_no_effort() -> None:
    """The load must not be what is measured: ten times the goal's rate has room, even beside other work."""
    load = make(5_000)
    begun = time.process_time()
    made = sum(len(load.slice(first, 1_000).values) for first in range(0, 200_000, 1_000))
    assert made / (time.process_time() - begun) > 100_000


@pytest.mark.parametrize("identities", [0, 1_000_000])
def test_a_number_of_identities_that_cannot_be_is_refused(identities: int) -> None:
    """MMSIs of the reserved digits are six digits long."""
    with pytest.raises(ValueError, match="identities: expected"):
        make(identities)
