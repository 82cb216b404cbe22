"""Small worlds for the tracker's tests."""

import numpy as np

from streams.tracks import Frame


def frame(
    time_s: float | list[float],
    places: list[tuple[float, float]],
    *,
    sensor: int | list[int] = 0,
    first_id: int = 1,
    sigma_m: float = 10.0,
    looks: tuple[tuple[int, float], ...] = (),
) -> Frame:
    """Plots at places (x, y) with consecutive ids; one time and sensor for all, or one each."""
    count = len(places)
    xy = np.array(places, np.float64).reshape(-1, 2)
    variance = np.full(count, sigma_m**2)
    return Frame(
        np.array(time_s if isinstance(time_s, list) else [time_s] * count, np.float64),
        np.array(sensor if isinstance(sensor, list) else [sensor] * count, np.intp),
        np.ascontiguousarray(xy[:, 0]),
        np.ascontiguousarray(xy[:, 1]),
        variance,
        np.zeros(count),
        variance,
        np.arange(first_id, first_id + count, dtype=np.uint64),
        looks=looks,
    )


def crossing(seed: int, scans: int = 40, objects: int = 25) -> list[Frame]:
    """Objects on straight lines in 4 km, seen nine times of ten among a few false plots."""
    rng = np.random.default_rng(seed)
    place, speed = rng.uniform(0.0, 4000.0, (objects, 2)), rng.uniform(-12.0, 12.0, (objects, 2))
    frames, first = [], 1
    for scan in range(scans):
        seen = place[rng.random(objects) < 0.9]
        plots = np.concatenate([seen + rng.normal(0.0, 10.0, seen.shape), rng.uniform(0.0, 4000.0, (3, 2))])
        frames.append(frame(float(scan), [(x, y) for x, y in plots.tolist()], first_id=first))
        first += len(plots)
        place = place + speed
    return frames
