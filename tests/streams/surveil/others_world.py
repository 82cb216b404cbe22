"""A small world seen by other sensors than radars: what moves goes west over the eastern border of the zone West."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np

from streams.config import PlotSensor
from streams.inputs import parse_input, settings_for
from streams.replay import Replay, replay
from streams.tracks.sharing.plane import Plane
from tests.streams.surveil.feeds import loaded

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
BORDER = (-82.4, 25.0)
PLANE = Plane(*BORDER)
Event = dict[str, object]

CAMERAS = tuple(
    PlotSensor(f"camera-{number}", "camera", site=site, max_range_m=3000.0, sigma_deg=0.2)
    for number, site in enumerate([(-82.405, 25.006), (-82.395, 25.006)])
)
RADAR = PlotSensor("radar-1", "radar", revisit_s=2.0, sigma_m=20.0, detection_probability=0.9)
TRACKER = PlotSensor("tracker", "external", sigma_m=20.0)


def lonlat(x_m: float, y_m: float) -> tuple[float, float]:
    """A place by metres east and north of the border point."""
    lon, lat = PLANE.to_lonlat(np.array([[x_m, y_m]]))[0].tolist()
    return lon, lat


def ring(x_m: float, half_m: float = 30.0) -> tuple[tuple[float, float], ...]:
    """A square footprint on the way west."""
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    return tuple(lonlat(x_m + half_m * east, half_m * north) for east, north in corners)


FOOTPRINTS_M = {f"z{n}": 150.0 - 100.0 * n for n in range(6)}
GROUND = PlotSensor(
    "geophones",
    "ground",
    detection_probability=0.9,
    footprints={zone_id: ring(x_m) for zone_id, x_m in FOOTPRINTS_M.items()},
    false_per_hour=1.0,
)


def event(sensor_id: str, time_s: float, **more: object) -> Event:
    """One event, so many seconds after the beginning."""
    return {"sensor_id": sensor_id, "event_time": (BEGIN + timedelta(seconds=time_s)).isoformat(), **more}


def walk(speed_mps: float = 1.2, label: str | None = None, start_m: float = 150.0, at_s: float = 0.0) -> list[Event]:
    """One trigger in the middle of each footprint."""
    more = {} if label is None else {"classification": [{"label": label, "confidence": 0.9}]}
    return [
        event("geophones", at_s + (start_m - x_m) / speed_mps, zone_id=zone_id, **more)
        for zone_id, x_m in FOOTPRINTS_M.items()
    ]


def looks(seconds: int, speed_mps: float = 3.0, seed: int = 5, sensors: Iterable[PlotSensor] = CAMERAS) -> list[Event]:
    """A picture of each camera a second of something that goes west from 100 m east of the border."""
    chance, found = np.random.default_rng(seed), []
    for second in range(seconds):
        for number, camera in enumerate(sensors):
            assert camera.site is not None
            time_s = second + 0.1 + 0.2 * number
            east, north = np.array([100.0 - speed_mps * time_s, 0.0]) - PLANE.to_plane(np.array([camera.site]))[0]
            degrees = np.degrees(np.arctan2(east, north)) + chance.normal(0.0, 0.1)
            bearing = {"bearing_deg": float(degrees % 360.0), "sigma_deg": 0.1}
            found.append(event(camera.sensor_id, time_s, bearing=bearing))
    return found


def reports(
    seconds: int, speed_mps: float = 5.0, covariance: bool = True, ref: str = "7", seed: int = 6
) -> list[Event]:
    """Another tracker's word of a boat that goes west from 150 m east of the border, once in 2 s."""
    chance, found = np.random.default_rng(seed), []
    triangle = [100.0, 0, 0, 0, 100.0, 0, 0, 1.0, 0, 1.0]
    for second in range(0, seconds, 2):
        place = lonlat(150.0 - speed_mps * second + chance.normal(0, 5), chance.normal(0, 5))
        track: dict[str, object] = {"ref": ref} | ({"covariance": triangle} if covariance else {})
        velocity = {"speed_mps": speed_mps, "course_deg": 270.0}
        found.append(event("tracker", second + 0.5, position=place, velocity=velocity, track=track))
    return found


def plots(seconds: int, speed_mps: float = 5.0, seed: int = 7) -> list[Event]:
    """The radar's plots of the same boat."""
    chance = np.random.default_rng(seed)
    return [
        event(
            "radar-1", second, position=lonlat(150.0 - speed_mps * second + chance.normal(0, 15), chance.normal(0, 15))
        )
        for second in range(0, seconds, 2)
    ]


def replayed(tmp_path: Path, events: Iterable[Event], sensors: tuple[PlotSensor, ...], partitions: int = 1) -> Replay:
    """The events, in order of time, through every stage."""
    path = tmp_path / "events.jsonl"
    ordered = sorted(events, key=lambda one: str(one["event_time"]))
    path.write_text("".join(json.dumps(one) + "\n" for one in ordered))
    parsed = [parse_input(f"{path}@acme/x", "json")]
    settings = settings_for(parsed, partitions)
    return replay(parsed, loaded(), msgspec.structs.replace(settings, sensors=sensors))


def alerts(found: Replay) -> list[dict[str, object]]:
    """The alerts, in order of time."""
    return sorted((json.loads(line) for line in found.lines()), key=lambda one: str(one["event_time"]))
