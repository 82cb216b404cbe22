"""Two cameras: does the covariance of where they meet hold? Ground sensors: are walkers found, and animals not?"""

import math

import numpy as np

from streams.tracks.sensors.ground import Contact, GroundRules, GroundSensor, Trigger, heed
from streams.tracks.sensors.triangulate import triangulate
from streams.tracks.sensors.zone import footprint

SPACING_M, SIDE_M = 250.0, 30.0


def cameras(seed: int, count: int = 20_000) -> dict[str, float]:
    """Objects up to 6 km from two cameras 2 km apart, 0.2°: mean NEES (2 wanted), the share inside 95 %, the error."""
    rng = np.random.default_rng(seed)
    sigma = math.radians(0.2)
    one, other = np.tile([0.0, 0.0], (count, 1)), np.tile([2000.0, 0.0], (count, 1))
    real = np.stack([rng.uniform(-2000.0, 4000.0, count), rng.uniform(300.0, 5000.0, count)], axis=1)

    def looked(
        camera: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        away = real - camera
        return np.arctan2(away[:, 0], away[:, 1]) + sigma * rng.standard_normal(count)

    spread = np.full(count, sigma)
    fixes = triangulate(one, looked(one), spread, other, looked(other), spread)
    off = fixes.position_m - real
    squared = np.einsum("ni,nij,nj->n", off, np.linalg.inv(fixes.covariance), off)[fixes.good]
    return {
        "fixes": float(fixes.good.sum()),
        "mean NEES (2 wanted)": float(squared.mean()),
        "inside 95 % ellipse %": 100.0 * float((squared < 5.991).mean()),
        "median error m": float(np.median(np.hypot(*off[fixes.good].T))),
    }


def walkers(seed: int, walks: int = 200) -> dict[str, float]:
    """Rows of sensors 250 m apart; a walker crosses four, 90 % detected; false triggers one per sensor in two hours."""
    rng = np.random.default_rng(seed)
    rules = GroundRules()
    square = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * SIDE_M
    sensors = {
        f"g{i}-{j}": GroundSensor(footprint(square + np.array([i * SPACING_M, j * SPACING_M])), 0.9, 0.5)
        for i in range(4)
        for j in range(4)
    }
    found = wrong = possible = 0
    nees: list[float] = []
    for _ in range(walks):
        row, speed = int(rng.integers(4)), float(rng.uniform(0.8, 1.6))
        passes = [(SPACING_M * i / speed + rng.uniform(-8.0, 8.0), f"g{i}-{row}") for i in range(4)]
        own = [(at, name) for at, name in passes if rng.random() < 0.9]
        end = passes[-1][0] + 60.0
        false = [
            (float(rng.uniform(-300.0, end)), name)
            for name in sorted(sensors)
            for _ in range(rng.poisson(0.5 * (end + 300.0) / 3600.0))
        ]
        contacts: tuple[Contact, ...] = ()
        chains = []
        for number, (at, name) in enumerate(sorted(own + false), start=1):
            heeded = heed(Trigger(number, name, at), sensors, np.zeros((0, 2)), np.zeros((0, 2, 2)), contacts, rules)
            contacts = heeded.contacts
            if heeded.track is not None:
                chains.append(heeded.track)
        possible += len(own) >= rules.links
        right = False
        for track in chains:
            at = track.time_s
            real = np.array([at * speed, row * SPACING_M, speed, 0.0])
            off = track.mean - real
            near = abs(off[1]) < 100.0 and abs(off[0]) < 200.0
            right |= near
            wrong += not near
            if near:
                nees.append(float(off[:2] @ np.linalg.solve(track.covariance[:2, :2], off[:2])))
        found += right and len(own) >= rules.links
    return {
        "walks with three triggers or more": possible,
        "found %": 100.0 * found / possible,
        "wrong chains per walk": wrong / walks,
        "median NEES (at most 1.4 wanted)": float(np.median(nees)),
    }
