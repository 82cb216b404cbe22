"""Wire formats: what the simulator writes, the adapters read, and damage is refused with a reason."""

from pathlib import Path

import msgspec
import pytest
import shapely

from sensors.files import read
from sensors.observation import Distress, Observation
from sensors.reasons import Fate
from simulator.reception import Flaw, Report
from simulator.wire import WireFormat, make_wire
from simulator.world import World
from tests.simulator.small import place, scenario, zones

_BEACON = {"name": "mob", "kind": "mob", "at_s": 5.0, "position": place(1, 1)}


def reports() -> list[Report]:
    """Two minutes of the small world, with a beacon."""
    world = World(scenario(beacons=[_BEACON], receivers=[
        {"name": "rx", "position": place(0, 0), "range_m": 1e6, "loss": 0.0},
    ]), zones())  # fmt: skip
    return [report for moment in world.run(120.0) for report in moment.reports]


def test_a_json_event_is_the_public_contract_and_says_that_it_is_simulated() -> None:
    """Every event decodes as an Observation that names its receiver, and none can be taken for a real one."""
    wire = make_wire(WireFormat.JSON)
    for report in reports():
        (value,) = wire.encode(report)
        observation = msgspec.json.decode(value, type=Observation)
        assert observation.simulated
        assert (observation.sensor_id, observation.identity) == (report.sensor_id, report.craft.identity)
        assert observation.position == (report.lon, report.lat)
        assert observation.distress is report.craft.distress


@pytest.mark.parametrize("form", list(WireFormat))
def test_what_is_written_is_read_back(form: WireFormat, tmp_path: Path) -> None:
    """Every report becomes a row at its place and time, as exactly as the format allows, and nothing is refused."""
    wire, path = make_wire(form), tmp_path / "events"
    sent = [report for report in reports() if report.craft.distress is None]
    path.write_bytes(b"".join(line + b"\n" for report in sent for line in wire.encode(report)))
    decoded = read(str(path), form.value, "rx")
    assert not [verdict for verdict in decoded.verdicts if verdict.fate is Fate.DEAD]
    assert decoded.rows.lon == pytest.approx([report.lon for report in sent], abs=2e-6)
    assert decoded.rows.lat == pytest.approx([report.lat for report in sent], abs=2e-6)
    assert decoded.rows.event_time_us == pytest.approx([report.event_time_us for report in sent], abs=1_000)


@pytest.mark.parametrize("form", list(WireFormat))
@pytest.mark.parametrize("flaw", list(Flaw))
def test_damage_is_refused_and_never_a_wrong_row(form: WireFormat, flaw: Flaw, tmp_path: Path) -> None:
    """A report damaged on its way is refused, or used without what was damaged; it is never another position."""
    wire, path = make_wire(form), tmp_path / "events"
    sent = [report._replace(flaw=flaw) for report in reports() if report.craft.distress is None]
    path.write_bytes(b"".join(wire.encode(report)[0] + b"\n" for report in sent))
    decoded = read(str(path), form.value, "rx")
    places = shapely.points([(report.lon, report.lat) for report in sent])
    used = [shapely.Point(x, y) for x, y in zip(decoded.rows.lon, decoded.rows.lat, strict=True)]
    assert all(shapely.distance(point, places).min() < 2e-6 for point in used)
    if (form, flaw) != (WireFormat.NMEA, Flaw.NO_TIME):  # without its tag block a sentence is dated by its neighbours
        assert len(decoded.rows) == 0
        assert len(decoded.verdicts) == len(sent)


def test_names_come_every_six_minutes_by_radio() -> None:
    """Static data is a message of its own in NMEA: with the first report a receiver hears of a craft, then rarely."""
    wire = make_wire(WireFormat.NMEA)
    lines = [line for report in reports() if report.craft.distress is None for line in wire.encode(report)]
    crafts = {report.craft.mmsi for report in reports() if report.craft.distress is None}
    positions = sum(b",1,1,," in line and len(line.split(b",")[-2]) >= 28 for line in lines)
    assert positions > len(crafts)
    assert len(lines) <= len(reports()) + 2 * len(crafts)


def test_a_beacon_says_what_it_is() -> None:
    """A man-overboard device sends status 14 and the text that names it."""
    wire, report = make_wire(WireFormat.NMEA), next(r for r in reports() if r.craft.distress is Distress.MOB)
    assert len(wire.encode(report._replace(sent=0))) == 2
    assert len(wire.encode(report._replace(sent=1))) == 1
