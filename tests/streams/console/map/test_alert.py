"""The map of an alert: what it rests on, where that crosses, how sure the places are."""

import numpy as np
import pytest
from msgspec.structs import replace
from pyproj import Geod

from geo.zones import read_zones
from sensors.columns import ObservationColumns
from sensors.convert import to_columns
from sensors.observation import Identity, Observation
from streams.console.map.alert import NoPlace, crossing_of, deciding_segment, ellipse, scene_of_alert
from streams.console.map.scene import Scene, Style, Symbol
from streams.console.map.sightings import Sighting, of_observations, of_pictures
from streams.messages import TrackPicture
from tests.streams.console.map.sample import SOURCE, START, alert, sightings, zones


def styles(scene: Scene) -> set[Style]:
    """What is on the map."""
    return {shape.style for shape in scene.shapes}


def test_the_deciding_segment_is_the_evidence() -> None:
    """Law: the segment is drawn between the two observations that the alert names, and only there."""
    assert deciding_segment(alert(), sightings()) == tuple(sightings()[1:3])
    (shape,) = [one for one in scene_of_alert(alert(), zones(), sightings()).shapes if one.style is Style.DECIDING]
    assert shape.paths[0].tolist() == [[-30.005, 45.05], [-29.995, 45.05]]


def test_without_ids_the_moment_of_opening_decides() -> None:
    """Law: pictures of a track have no ids; the segment that ends at the alert's time is the deciding one."""
    pictures = [
        TrackPicture(track_id="t1", event_time=one.time, position=(one.lon, one.lat), identity=Identity())
        for one in sightings()
    ]
    other = [replace(picture, track_id="other") for picture in pictures]
    seen = of_pictures([*pictures, *other], alert())
    assert len(seen) == 4
    assert [one.time for one in deciding_segment(alert(), seen)] == [one.time for one in sightings()[1:3]]


def test_the_crossing_lies_on_the_border() -> None:
    """Law: the mark stands where the segment meets the border of the alert's zone, area or line."""
    assert crossing_of(alert(), zones(), sightings()[1:3]) == pytest.approx((-30.0, 45.05))
    assert crossing_of(alert(zone_id="line"), zones(), [sightings()[0], sightings()[1]]) is None
    west = [sightings()[0]._replace(lon=-30.04), sightings()[0]]
    assert crossing_of(alert(zone_id="line"), zones(), west) == pytest.approx((-30.03, 45.05))
    assert crossing_of(alert(zone_id="elsewhere"), zones(), sightings()[1:3]) is None
    scene = scene_of_alert(alert(), zones(), sightings())
    (mark,) = [one for one in scene.marks if one.symbol is Symbol.CROSSING]
    assert (mark.lon, mark.lat) == pytest.approx((-30.0, 45.05))


def test_an_ellipse_has_the_axes_of_its_covariance() -> None:
    """Law: the 95 % ellipse reaches 2.4477 standard deviations along each principal axis, on the ground."""
    turn = np.radians(30.0)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    covariance = axes.T @ np.diag([100.0**2, 30.0**2]) @ axes
    one = Sighting(START, 10.0, 60.0, covariance_m2=(covariance[0, 0], covariance[0, 1], covariance[1, 1]))
    ring = ellipse(one, np.array([10.0, 60.0]))
    far = np.array([Geod(ellps="WGS84").inv(10.0, 60.0, lon, lat)[2] for lon, lat in ring])
    assert (far.max(), far.min()) == pytest.approx((244.77, 73.43), rel=2e-3)
    with pytest.raises(TypeError):
        ellipse(one._replace(covariance_m2=None), np.array([10.0, 60.0]))


def test_everything_that_is_known_is_drawn_and_said() -> None:
    """Law: zone, band, track, segment and uncertainty are on the map; sources and positions are in the words."""
    scene = scene_of_alert(alert(), zones(), sightings())
    wanted = {Style.TERRITORY, Style.BAND, Style.TRACK, Style.DECIDING, Style.UNCERTAINTY, Style.BORDER_LINE}
    assert wanted <= styles(scene)
    assert SOURCE in scene.sources
    track = next(table for table in scene.tables if table.heading == "Track")
    assert [row[-1] for row in track.rows] == ["", "deciding", "deciding", ""]


def test_an_alert_alone_is_a_map_of_its_place() -> None:
    """Law: without a track the place the alert names is shown, and the page says that the track is missing."""
    scene = scene_of_alert(alert(), zones())
    assert Style.TRACK not in styles(scene)
    assert scene.start.west < -29.995 < scene.start.east
    assert "track is not in what was read" in scene.notes[-1]
    with pytest.raises(NoPlace):
        scene_of_alert(replace(alert(), position=None), zones())


def test_an_alert_at_the_antimeridian_is_drawn_in_one_piece() -> None:
    """Law: a track over 180 degrees east is as long on the map as on the ground."""
    here = [one._replace(lon=(one.lon + 390.0) % 360.0 - 180.0) for one in sightings()]
    bay = read_zones(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"zone_id": "quiet-bay", "kind": "territory", "name": "Quiet Bay"},
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [[[-180, 45], [-179.9, 45], [-179.9, 45.1], [-180, 45.1], [-180, 45]]],
                    },
                }
            ],
        }
    )
    scene = scene_of_alert(replace(alert(), position=(here[2].lon, 45.05)), bay, here)
    assert scene.start.east - scene.start.west < 0.1
    (track,) = [shape.paths[0] for shape in scene.shapes if shape.style is Style.TRACK]
    assert np.ptp(track[:, 0]) == pytest.approx(0.04)
    assert [s for s in scene.shapes if s.style is Style.TERRITORY]


def observed() -> ObservationColumns:
    """Two boats, three positions each."""
    return to_columns(
        [
            Observation(
                sensor_id="radar",
                event_time=one.time,
                position=(one.lon, one.lat),
                sigma_m=30.0,
                identity=Identity(vessel_id=name),
            )
            for one in sightings()
            for name in ("heron", "gull")
        ]
    )


def test_the_track_is_found_by_the_evidence() -> None:
    """Law: of a file everything of the object that one of the alert's observations names is taken, nothing else."""
    rows = observed()
    own = bytes(rows.observation_id[4]).hex()
    found = of_observations(replace(alert(), evidence=[own]), [rows])
    assert [one.time for one in found] == [one.time for one in sightings()]
    assert found[2].observation_id == own
    assert found[2].covariance_m2 == pytest.approx((900.0, 0.0, 900.0))
    assert of_observations(alert(), [rows]) == []
    assert len(of_observations(replace(alert(), evidence=[own]), [rows], most=2)) == 2
