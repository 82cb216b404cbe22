"""Files become plots, or a reason with line, field and expected value."""

import json
import math

import pytest

from streams.tracks.offline import autoferry
from streams.tracks.offline.plots_csv import BadHeader, read_plots
from streams.tracks.offline.recording import observation_id
from streams.tracks.offline.sensor_file import BadSensors, read_sensors
from streams.tracks.sensor import Area, Disc

GOOD = """
[[sensor]]
sensor_id = "r1"
modality = "radar"
revisit_s = 1.5
sigma_m = 12
detection_probability = 0.85
false_plots_per_km2 = 0.5
coverage = [[0, 0], [100, 0], [100, 100]]

[[sensor]]
sensor_id = "l1"
modality = "lidar"
revisit_s = 0.5
sigma_m = 1.0
detection_probability = 0.7
coverage = { x_m = 0, y_m = 0, max_range_m = 150 }
"""


def test_rows_become_plots_and_the_rest_is_told() -> None:
    """Columns in any order, one reason per row, a repeated observation counted once."""
    lines = [
        "sensor_id,time_s,x_m,y_m,var_m2",
        "r1,0.0,1.5,-2,",
        "r1,abc,1,2,",
        "r1,1.0,nan,2,4",
        "r1,1.0,1,2,-4",
        ",1.0,1,2,4",
        "r1,1.0,1",
        "r9,1.0,1,2,4",
        "r1,0.0,1.5,-2,",
        "r1,1.0,1,2,4",
    ]
    found = read_plots(lines, known=["r1"])
    assert found.time_s.tolist() == [0.0, 1.0]
    assert math.isnan(found.variance_m2[0])
    assert found.variance_m2[1] == 4.0
    assert found.repeated == 1
    assert [(refused.line, refused.field) for refused in found.refused] == [
        (3, "time_s"),
        (4, "x_m"),
        (5, "var_m2"),
        (6, "sensor_id"),
        (7, "row"),
        (8, "sensor_id"),
    ]
    assert str(found.refused[0]) == "line 3: time_s: expected a finite number of seconds, got 'abc'"


def test_ids_follow_from_the_observation() -> None:
    """Sensor, time and place decide it, nothing else."""
    found = read_plots(["time_s,sensor_id,x_m,y_m", "1,r1,2,3"])
    assert found.observation_id.tolist() == [observation_id("r1", 1.0, 2.0, 3.0)]
    assert observation_id("r2", 1.0, 2.0, 3.0) != observation_id("r1", 1.0, 2.0, 3.0)


def test_a_header_without_a_column_is_named() -> None:
    """Nothing is guessed from positions."""
    with pytest.raises(BadHeader, match="missing y_m"):
        read_plots(["time_s,sensor_id,x_m"])


def test_a_description_becomes_sensors() -> None:
    """Every key, both kinds of coverage."""
    radar, lidar = read_sensors(GOOD)
    assert (radar.sensor_id, radar.revisit_s, radar.sigma_m, radar.detection_probability) == ("r1", 1.5, 12.0, 0.85)
    assert radar.false_plots_per_km2 == 0.5
    assert isinstance(radar.coverage, Area)
    assert isinstance(lidar.coverage, Disc)


@pytest.mark.parametrize(
    "old,new,told",
    [
        ("revisit_s = 1.5", "revisit_s = 0", "sensor 1: revisit_s: expected a positive number of seconds, got 0"),
        ("sigma_m = 12", "", "sensor 1: sigma_m: expected a positive number of metres, got nothing"),
        ("detection_probability = 0.85", "detection_probability = 1", "detection_probability: expected a number"),
        ("sigma_m = 12", "sigma = 12", "sensor 1: sigma: expected one of sensor_id"),
        ('sensor_id = "l1"', 'sensor_id = "r1"', "expected a name of its own"),
        ("max_range_m = 150", "max_range_m = -1", "sensor 2: coverage: expected three or more corners"),
        ("[[sensor]]", "[[radar]]", r"expected one or more \[\[sensor\]\] tables"),
        ('"r1"', "r1", "expected TOML"),
    ],
)
def test_a_bad_description_names_key_and_expected_value(old: str, new: str, told: str) -> None:
    """So that the file can be put right without reading code."""
    with pytest.raises(BadSensors, match=told):
        read_sensors(GOOD.replace(old, new))


def test_scans_of_the_data_set_become_plots_and_bearings() -> None:
    """Own ship added, single and many detections, empty scans kept as looks, what is no scan told by its number."""
    own = [10.0, 20.0]
    scans = [
        {
            "sensorID": 2,
            "time": 1.0,
            "ownshipPosition": own,
            "measurement": [[1.0, 2.0], [3.0, 4.0]],
            "measurements": [],
        },
        {"sensorID": 1, "time": 2.0, "ownshipPosition": own, "measurement": [5.0, 6.0]},
        {"sensorID": 2, "time": 3.0, "ownshipPosition": own, "measurement": []},
        {"sensorID": 4, "time": 4.0, "ownshipPosition": own, "measurement": 0.5},
        {"sensorID": 7, "time": 4.0, "ownshipPosition": own, "measurement": []},
        {"sensorID": 2, "time": "x", "ownshipPosition": own, "measurement": []},
    ]
    found, bearings = autoferry.read_scans(json.dumps(scans).encode())
    assert list(zip(found.x_m.tolist(), found.y_m.tolist(), strict=True)) == [(11.0, 23.0), (12.0, 24.0), (15.0, 26.0)]
    assert [(look.sensor_id, look.time_s, look.row) for look in found.looks] == [
        ("radar", 1.0, 0),
        ("lidar", 2.0, 2),
        ("radar", 3.0, 3),
    ]
    assert bearings[0].bearing_rad == (0.5,)
    assert [(refused.line, refused.field) for refused in found.refused] == [(5, "sensorID"), (6, "entry")]
