"""Who is who, in the pipeline: a sender and a track are one object, one story, one alert, until they are not."""

from collections.abc import Sequence

import msgspec
import pytest

from streams.log import Output
from streams.messages import Edge, EdgeKind, TrackPicture
from streams.surveil import SurveilCore
from tests.streams.surveil import feeds
from tests.streams.surveil.owner import edges_of
from tests.streams.surveil.strait import BEGIN, RADAR, Bias, Boat, Strait, log_of, settings

HERE = settings()


def told(boats: Sequence[Boat], seconds: int, **more: object) -> list[Output]:
    """What an owner says of some boats."""
    core = SurveilCore(0, HERE, feeds.loaded())
    log = log_of(Strait(boats, **more), seconds, HERE)  # type: ignore[arg-type]
    return [out for record in log for out in core.apply([record])]


def pictures(outputs: Sequence[Output]) -> list[TrackPicture]:
    """The public pictures, without tombstones."""
    decoder = msgspec.json.Decoder(TrackPicture)
    return [decoder.decode(out.value) for out in outputs if out.topic == "tracks.v1" and out.value]


def second(edge: Edge) -> float:
    """When, after the beginning."""
    return edge.event_time_us / 1e6 - BEGIN.timestamp()


def test_a_named_boat_that_radar_sees_too_enters_once() -> None:
    """One incident, of the name, though a track sees the same entry; the track is said to be the named one."""
    outputs = told([Boat(1500, 0, -10, mmsi=201)], 190)
    opened = [edge for edge in edges_of(outputs) if edge.kind is EdgeKind.OPENED]
    assert [edge.incident.subject_key for edge in opened] == ["mmsi:000000201"]
    assert abs(second(opened[0]) - 150.0) < 8.0
    named = [picture for picture in pictures(outputs) if picture.identity.mmsi == 201]
    (alias,) = {picture.alias_of for picture in pictures(outputs) if picture.alias_of}
    assert alias == named[-1].track_id
    assert named[-1].identity_score is not None
    assert named[-1].identity_score > 7.0
    assert named[-1].sensors == ["radar-1"]


def test_between_two_reports_radar_says_where_a_named_boat_is() -> None:
    """A boat that reports every minute is found inside within seconds, by a fix of radar, not by its next report."""
    outputs = told([Boat(2500, 0, -10, mmsi=201, every_s=20), Boat(3000, 2500, 0, 5, mmsi=202)], 300)
    (opened,) = [edge for edge in edges_of(outputs) if edge.kind is EdgeKind.OPENED]
    assert opened.incident.subject_key == "mmsi:000000201"
    assert opened.incident.sensors[-1] == "radar-1"
    assert abs(second(opened) - 250.0) < 6.0


def test_an_incident_of_a_dark_boat_keeps_its_id_when_the_boat_says_its_name() -> None:
    """Opened for the track, updated with the name under the same id; no second incident, none is taken back."""
    outputs = told([Boat(800, 0, -10, mmsi=203, named_s=(130, 999))], 220)
    edges = edges_of(outputs)
    assert {edge.incident.alert_id for edge in edges} == {edges[0].incident.alert_id}
    assert edges[0].incident.subject_key.startswith("track:")
    assert edges[0].incident.identity.mmsi is None
    assert edges[-1].kind is EdgeKind.UPDATED
    assert edges[-1].incident.identity.mmsi == 203
    assert len(edges[-1].incident.track_ids) == 2


def test_a_boat_that_stops_reporting_is_followed_on_under_its_name() -> None:
    """It enters while silent: one incident, of the name; its picture says that it went dark."""
    boats = [Boat(1800, 0, -10, mmsi=204, named_s=(0, 90)), Boat(2000, 2000, 0, 5, mmsi=205)]
    outputs = told(boats, 260)
    (opened,) = [edge for edge in edges_of(outputs) if edge.kind is EdgeKind.OPENED]
    assert opened.incident.subject_key == "mmsi:000000204"
    assert abs(second(opened) - 180.0) < 6.0
    last = [picture for picture in pictures(outputs) if picture.identity.mmsi == 204][-1]
    assert last.dark == "went-dark"


def test_nothing_is_called_dark_by_a_radar_whose_bias_is_not_known() -> None:
    """The same silent boat, seen by a radar without a site: no label. With one: a label within its test's time."""
    boats = [Boat(3000, 0, 0, -5), *(Boat(3500, 1200 * n, 0, 4, mmsi=210 + n) for n in (-2, -1, 1, 2))]
    known = {picture.dark for picture in pictures(told(boats, 330))}
    unsited = settings(msgspec.structs.replace(RADAR, site=None))
    core = SurveilCore(0, unsited, feeds.loaded())
    log = log_of(Strait(boats), 330, unsited)
    unknown = {picture.dark for picture in pictures([out for record in log for out in core.apply([record])])}
    assert known == {None, "non-cooperative"}
    assert unknown == {None}


def test_two_boats_under_one_name_are_two_objects_and_flagged() -> None:
    """Each is seen by radar; one goes by the name, the other by itself, and both alert where they enter."""
    boats = [Boat(2000, 0, -10, mmsi=201, every_s=2), Boat(2000, 450, -10, mmsi=201, every_s=2)]
    outputs = told(boats, 240)
    assert any(picture.duplicate_identity for picture in pictures(outputs))
    assert len(feeds.standing(edges_of(outputs))) == 2


@pytest.mark.parametrize("bias", [Bias(40.0, 0.5), Bias(-30.0, -0.4)])
def test_a_biased_radar_is_registered_and_its_tracks_go_on(bias: Bias) -> None:
    """After a minute of plots the bias is known to a fraction, tracks bind, and none of the named boats is dark."""
    boats = [Boat(3000 + 300 * n, -4000 + 900 * n, 2.0 - n, 5.0, mmsi=220 + n) for n in range(8)]
    outputs = told(boats, 240, biases=[bias])
    late = [p for p in pictures(outputs) if p.event_time.timestamp() > BEGIN.timestamp() + 150 and not p.alias_of]
    assert {picture.identity.mmsi for picture in late if picture.sensors} >= {boat.mmsi for boat in boats}
    assert all(picture.quality.registered for picture in late if picture.quality is not None)
    assert not any(picture.dark for picture in pictures(outputs))
