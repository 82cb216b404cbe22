"""What becomes of a transmission on its way."""

from collections import Counter
from typing import Any

import msgspec
import numpy as np
import pytest

from sensors.observation import Identity
from simulator.craft import Arrival, Craft, Leg, Status, Transponder
from simulator.fleet import Fleet
from simulator.reception import WRONG_CLOCKS_US, Ether, Report
from simulator.scenario import Noise, Receiver
from tests.simulator.small import PLANE, place

_RECEIVER = {"name": "rx", "position": place(0, 0), "range_m": 50_000.0, "latency_s": 0.2, "loss": 0.0}


_CRAFT = 50


def heard(
    count: int, noise: dict[str, Any], *, x_m: float = 0.0, kind: Transponder = Transponder.A, **receiver: Any
) -> list[Report]:
    """What one receiver passes on of ``count`` reports, by 50 craft that lie ``x_m`` to the east, one each a second."""
    fleet = Fleet()
    for number in range(_CRAFT):
        identity = Identity(mmsi=290_000_000 + number)
        craft = Craft(f"a-{number}", identity, kind, Status.UNDER_WAY, Status.MOORED, 0.1, 1.0, 70, 50)
        fleet.enter(Arrival(0.0, craft, x_m, 0.0, iter([Leg(x_m, 0.0, 1.0, rest_s=1e9)])))
    ether = Ether((msgspec.convert({**_RECEIVER, **receiver}, Receiver),), msgspec.convert(noise, Noise), PLANE, 0, 1)
    slots, now = fleet.slots(), np.ones(_CRAFT)
    return [r for t in range(count // _CRAFT) for r in ether.carry(fleet, slots, now * t, float(t))]


@pytest.mark.parametrize(
    "kind, sure_m, never_m",
    [
        (Transponder.A, 34_000.0, 51_000.0),
        (Transponder.B_SO, 20_000.0, 31_000.0),
        (Transponder.BEACON, 13_000.0, 21_000.0),
    ],
)
def test_weaker_transponders_are_heard_less_far(kind: Transponder, sure_m: float, never_m: float) -> None:
    """Within 0.7 of its range every report of a transponder is heard, beyond the range none is."""
    assert len(heard(200, {}, x_m=sure_m, kind=kind)) == 200
    assert heard(200, {}, x_m=never_m, kind=kind) == []


def test_the_gnss_error_has_the_size_it_was_given_and_wanders_slowly() -> None:
    """A Gauss-Markov process: standard deviation sigma, and neighbours a second apart agree far better than that."""
    reports = heard(5_000, {"gnss_sigma_m": 5.0, "gnss_tau_s": 50.0})
    errors = PLANE.to_metres(np.array([[report.lon, report.lat] for report in reports])).reshape(-1, _CRAFT, 2)
    assert errors.std(axis=(0, 1)).tolist() == pytest.approx([5.0, 5.0], rel=0.15)
    assert np.diff(errors, axis=0).std() == pytest.approx(5.0 * (2 - 2 * np.exp(-1 / 50)) ** 0.5, rel=0.1)


def test_faults_come_as_often_as_they_were_asked_for() -> None:
    """Shares of copies, damaged, late and wrongly dated reports are those of the scenario, and each is what it says."""
    noise = {
        "duplicate_share": 0.1,
        "flawed_share": 0.2,
        "wrong_clock_share": 0.05,
        "late_share": 0.1,
        "late_s": [6, 9],
    }
    reports = heard(5_000, noise)
    firsts = [report for report in reports if report.sequence % 2 == 0]
    assert len(firsts) == 5_000
    assert len(reports) - len(firsts) == pytest.approx(500, abs=80)
    flaws = Counter(report.flaw for report in firsts)
    assert 5_000 - flaws[None] == pytest.approx(1_000, abs=120)
    assert min(count for flaw, count in flaws.items() if flaw) > 150
    off = Counter(report.event_time_us - report.true_time_us for report in firsts)
    assert set(off) == {0, *WRONG_CLOCKS_US}
    assert 5_000 - off[0] == pytest.approx(250, abs=60)
    late = [report for report in firsts if report.arrival_us - report.true_time_us > 5_000_000]
    assert len(late) == pytest.approx(500, abs=80)


def test_a_loss_is_a_loss_at_any_distance() -> None:
    """Slots collide beside the receiver too."""
    assert len(heard(5_000, {}, loss=0.2)) == pytest.approx(4_000, abs=120)


def test_nothing_arrives_before_it_was_sent() -> None:
    """Latency is positive, so the order of arrival is a possible one."""
    assert all(report.arrival_us > report.true_time_us for report in heard(1_000, {"late_share": 0.1}))
