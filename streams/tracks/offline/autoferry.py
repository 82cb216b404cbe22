"""The Autoferry data set's detection files (Helgesen et al., Ocean Engineering 2022; CC0): lidar, radar and cameras.

A file is a JSON list of scans: ``sensorID`` (1 lidar, 2 radar, 3 infrared, 4 optical camera), ``time``,
``ownshipPosition`` (north, east) and ``measurement``: of lidar and radar ``[[north...], [east...]]`` or ``[north,
east]`` in m from the own ship, of cameras bearings in rad. The plane is x north, y east, as in the file."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from math import isfinite, nan
from typing import Final

import msgspec

from streams.tracks.offline.recording import Collected, Recording, Refused
from streams.tracks.offline.sensor_file import BadSensors
from streams.tracks.sensor import Sensor
from streams.tracks.settings import Settings

NAMES: Final = {1: "lidar", 2: "radar", 3: "ir", 4: "eo"}
POSITIONS: Final = ("lidar", "radar")

# One description for every scenario. The radar's plots of moving boats lie 1.5 to 3 s behind the lidar's (a
# comparison without the truth), as if a scan were stamped when its turn is complete: one turn, 1.68 s, is taken off.
RADAR: Final = Sensor(
    "radar", "radar", revisit_s=1.68, sigma_m=3.0, detection_probability=0.9, scans=True, delay_s=1.68
)
LIDAR: Final = Sensor("lidar", "lidar", revisit_s=0.5, sigma_m=5.0, detection_probability=0.7, scans=True)

# Among boats, quays and wakes at 100 m an echo must last. Whichever recording is left out, the four others choose this
# (benchmarks.track_autoferry --leave-one-out); 12 to 15 hits are within 0.1 of it.
SETTINGS: Final = Settings(confirmed_hits=13, birth_sigma_mps=4.0, existence_cap=0.99)


def sensors(names: Collection[str]) -> tuple[Sensor, ...]:
    """The described sensors of these names. Beside the radar the lidar only moves what the radar found: it sees so
    much of the shore that its word on what exists makes the picture worse."""
    lidar = replace(LIDAR, births=False, evidence=False) if "radar" in names else LIDAR
    return tuple(sensor for sensor in (lidar, RADAR) if sensor.sensor_id in names)


class Scan(msgspec.Struct):
    """One look of one sensor."""

    sensorID: int  # noqa: N815, the file's own name
    time: float
    ownshipPosition: list[float]  # noqa: N815
    measurement: float | list[float | list[float]]


@dataclass(frozen=True, slots=True)
class Bearings:
    """Bearings of one camera look: ``bearing_rad`` from north, clockwise, seen from ``x_m``, ``y_m``."""

    time_s: float
    sensor_id: str
    x_m: float
    y_m: float
    bearing_rad: tuple[float, ...]


def names(only: Collection[str] | None) -> tuple[str, ...]:
    """The sensors to use: those named, or radar and lidar. Raises BadSensors for a name the data set has not."""
    if only is None:
        return POSITIONS
    wrong = sorted(set(only) - set(NAMES.values()))
    if wrong:
        raise BadSensors(f"--only: expected of {', '.join(NAMES.values())}, got {wrong[0]!r}")
    return tuple(only)


_decode = msgspec.json.Decoder(list[msgspec.Raw]).decode
_scan = msgspec.json.Decoder(Scan).decode


def read_scans(data: bytes, only: Collection[str] | None = None) -> tuple[Recording, list[Bearings]]:
    """Plots and bearings of the named sensors, all where ``only`` is None. An entry that is no scan is refused by its
    number in the list. Raises msgspec.MsgspecError where the file is no JSON list."""
    found, bearings = Collected(), []
    for number, raw in enumerate(_decode(data), 1):
        try:
            scan = _scan(raw)
        except msgspec.MsgspecError as wrong:
            found.refused.append(Refused(number, "entry", "a scan of the data set", str(wrong)))
            continue
        name = NAMES.get(scan.sensorID)
        if name is None or len(scan.ownshipPosition) < 2 or not isfinite(scan.time):
            wrong_field = "sensorID" if name is None else "ownshipPosition or time"
            found.refused.append(Refused(number, wrong_field, "1, 2, 3 or 4; north, east in m; s", str(scan.sensorID)))
            continue
        if only is not None and name not in only:
            continue
        north, east = scan.ownshipPosition[0], scan.ownshipPosition[1]
        if name not in POSITIONS:
            bearings.append(Bearings(scan.time, name, north, east, _angles(scan)))
            continue
        places = _places(scan)
        if places is None:
            found.refused.append(Refused(number, "measurement", "as many norths as easts", name))
            continue
        found.look(name, scan.time)
        for x_m, y_m in places:
            found.add(scan.time, name, north + x_m, east + y_m, nan)
    return found.recording(), bearings


def _angles(scan: Scan) -> tuple[float, ...]:
    measured = scan.measurement
    if isinstance(measured, float):
        return (measured,)
    return tuple(angle for angle in measured if isinstance(angle, float) and isfinite(angle))


def _places(scan: Scan) -> list[tuple[float, float]] | None:
    measured = scan.measurement
    if isinstance(measured, float):
        return None
    if not measured:
        return []
    if len(measured) != 2:
        return None
    norths, easts = (axis if isinstance(axis, list) else [axis] for axis in measured)
    if len(norths) != len(easts):
        return None
    return [(x, y) for x, y in zip(norths, easts, strict=True) if isfinite(x) and isfinite(y)]
