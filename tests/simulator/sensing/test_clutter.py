"""False plots: how many, where, and when."""

from typing import Any

import numpy as np
import pytest

from simulator.sensing.radar import RadarAtWork
from simulator.sensor_spec import Clutter, Radar
from tests.simulator.sensing.scenes import HERE, marks, measured, scenes, square
from tests.simulator.small import PLANE

KM2 = np.pi * 5.0**2


def radar(**changes: Any) -> RadarAtWork:
    """A radar of 5 km range that finds only clutter."""
    fields: dict[str, Any] = {"name": "r", "position": HERE, "range_m": 5000.0, "revisit_s": 2.0,
                              "false_plots_per_km2": 0.5}  # fmt: skip
    return RadarAtWork(Radar(**{**fields, **changes}), PLANE, [7])


def test_density_is_per_square_kilometre_and_rotation() -> None:
    """The number over many rotations is Poisson about density times area: within four standard deviations; all within
    range, none with a source, times spread over the rotation."""
    seconds = 400
    found = marks(radar(), scenes([], seconds=seconds))
    wanted = 0.5 * KM2 * seconds / 2.0
    assert len(found) == pytest.approx(wanted, abs=4.0 * wanted**0.5)
    assert np.hypot(*measured(found).T).max() <= 5000.0 + 1e-6
    assert not any(mark.objects for mark in found)
    per_step = np.bincount([int(mark.time_s) for mark in found], minlength=seconds)
    assert np.var(per_step) == pytest.approx(np.mean(per_step), rel=4.0 * (2.0 / seconds) ** 0.5)


def test_plots_come_when_the_beam_is_there() -> None:
    """The azimuth of a false plot turns evenly with its time, as that of a real one does."""
    found = marks(radar(), scenes([], seconds=50))
    azimuth = np.degrees(np.arctan2(*measured(found).T)) % 360.0
    beam = np.array([mark.time_s for mark in found]) * 180.0
    offset = np.exp(1j * np.radians(azimuth - beam))
    assert np.abs(offset.mean()) == pytest.approx(1.0)


def test_cells_differ_as_much_as_the_spread_says() -> None:
    """Cell densities have the given mean and coefficient of variation, and the plots follow their cells."""
    sensor = radar(clutter_spread=1.5, cell_m=250.0)
    density = sensor.clutter.density_per_km2
    n = len(density)
    assert np.mean(density) == pytest.approx(0.5, rel=4.0 * 1.5 / n**0.5)
    assert np.std(density) / np.mean(density) == pytest.approx(1.5, rel=0.15)
    found = measured(marks(sensor, scenes([], seconds=400)))
    cell = np.floor((found + 5000.0) / 250.0).astype(int)
    counts = np.bincount(cell[:, 1] * 40 + cell[:, 0], minlength=n)
    busy = density > np.quantile(density, 0.9)
    wanted = density[busy].sum() * 0.0625 * 200.0
    inside = np.hypot(*((np.stack(np.meshgrid(np.arange(40), np.arange(40)), -1).reshape(-1, 2) - 19.5) * 250.0).T)
    whole = busy & (inside < 4800.0)
    wanted = density[whole].sum() * 0.0625 * 200.0
    assert counts[whole].sum() == pytest.approx(wanted, abs=4.0 * wanted**0.5)


def test_a_patch_has_a_density_of_its_own_and_bursts() -> None:
    """In a patch only its own density counts, and a burst multiplies it for its share of the time."""
    patch = Clutter(
        area=square(2000, 1000, 500), false_plots_per_km2=4.0, burst_share=0.25, burst_factor=5.0, burst_s=4.0
    )
    found = measured(marks(radar(clutter=(patch,)), scenes([], seconds=2000)))
    inside = (np.abs(found - [2000.0, 1000.0]) <= 500.0).all(axis=1)
    rotations, bursts = 1000, 0.25 * 5.0 + 0.75
    # bursts last two rotations, so that their number is what varies most: 500 draws of 0.25
    spread = 4.0 * 4.0 * 2.0 * (500 * 0.25 * 0.75) ** 0.5 * 4.0
    assert inside.sum() == pytest.approx(4.0 * rotations * bursts, abs=spread)
    outside = 0.5 * (KM2 - 1.0) * rotations
    assert (~inside).sum() == pytest.approx(outside, abs=4.0 * outside**0.5)


def test_no_clutter_in_the_mask_or_behind_a_hill() -> None:
    """What a radar cannot see gives no false plots either."""
    sensor = radar(mask=(square(0, 3000, 800),), obstacles=(square(3000, 0, 500),))
    found = measured(marks(sensor, scenes([], seconds=300)))
    masked = (np.abs(found - [0.0, 3000.0]) <= 800.0).all(axis=1)
    hidden = (found[:, 0] > 3500.0) & (np.abs(found[:, 1]) < 0.1 * found[:, 0])
    assert not masked.any()
    assert not hidden.any()
