"""The registry of sensors: what a good one says, and how a bad one is refused."""

import msgspec
import pytest

from streams.config import PlotSensor
from streams.registry import BadSensors, read_sensors

RADAR = 'sensor_id = "r"\nmodality = "radar"\nrevisit_s = 2\nsigma_m = 10\ndetection_probability = 0.9\n'
CAMERA = 'sensor_id = "c"\nmodality = "camera"\nsite = [1.0, 45.0]\nmax_range_m = 3000\nsigma_deg = 0.2\n'
GROUND = (
    'sensor_id = "g"\nmodality = "ground"\ndetection_probability = 0.9\nfalse_per_hour = 1\n'
    "footprints = {z = [[1, 45], [1.001, 45], [1.001, 45.001]]}\n"
)
TRACKER = 'sensor_id = "t"\nmodality = "external"\nsigma_m = 20\n'


def file_of(*tables: str) -> str:
    """A file of these tables."""
    return "".join(f"[[sensor]]\n{table}\n" for table in tables)


def test_every_modality_is_read_and_comes_back_from_a_configuration() -> None:
    """Law: what a file says is what a worker's settings carry."""
    found = read_sensors(file_of(RADAR, CAMERA, GROUND, TRACKER))
    assert [sensor.modality for sensor in found] == ["radar", "camera", "ground", "external"]
    assert msgspec.json.decode(msgspec.json.encode(found), type=tuple[PlotSensor, ...]) == found


@pytest.mark.parametrize(
    "tables, said",
    [
        ([RADAR, RADAR.replace("sigma_m = 10", "sigma_m = 0")], "line 12: sigma_m: expected a number > 0.0"),
        ([RADAR.replace("sigma_m = 10\n", "")], "line 1: sigma_m: expected beside modality 'radar'"),
        ([CAMERA.replace("sigma_deg = 0.2\n", "")], "line 1: sigma_deg: expected beside modality 'camera'"),
        ([CAMERA.replace("3000", '"far"')], "line 5: max_range_m: expected a number"),
        ([CAMERA.replace("45.0]", "95.0]")], "line 4: site[1]: expected a number <= 90.0"),
        ([GROUND.replace("{z =", "{z = [], y =")], "line 6: footprints[...]: expected array of length >= 3"),
        ([GROUND.replace("[1.001, 45.001]", "[1.002, 45]")],
         "line 6: footprints.z: expected a ring of places that does not cross itself"),
        ([RADAR + "colour = 1\n"], "line 7: colour: expected only the fields of a sensor's description"),
        ([RADAR, RADAR], "sensor 2: sensor_id: expected a name of its own"),
        ([GROUND, GROUND.replace('"g"', '"h"')], "footprints.z: expected each only once"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_line_and_key(tables: list[str], said: str) -> None:
    """Law: a description that cannot be used names the line, the key and what is expected there."""
    with pytest.raises(BadSensors) as wrong:
        read_sensors(file_of(*tables))
    assert said in wrong.value.problems


@pytest.mark.parametrize("text", ["", "a = 1", "[[sensor]", "[[sensor]]\n[other]\n"])
def test_what_is_no_registry_is_refused(text: str) -> None:
    """Law: a file without tables of sensors, or with others, is none."""
    with pytest.raises(BadSensors):
        read_sensors(text)
