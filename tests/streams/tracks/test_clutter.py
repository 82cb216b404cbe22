"""The density of false plots is learned per place."""

import numpy as np
import pytest

from streams.tracks.clutter import ClutterMap


def _watch(clutter: ClutterMap, looks: int, quay: int, sea: float, rng: np.random.Generator) -> None:
    for look in range(looks):
        count = rng.poisson(sea)
        x = np.concatenate([rng.uniform(0.0, 4000.0, count), np.full(quay, 120.0) + rng.uniform(0, 20.0, quay)])
        y = np.concatenate([rng.uniform(0.0, 4000.0, count), np.full(quay, 120.0) + rng.uniform(0, 20.0, quay)])
        clutter.pass_time(float(look))
        places = clutter.places(np.array((x, y)))
        clutter.density(places)
        clutter.count(places, np.ones(x.size))


def test_an_even_sea_is_learned_to_a_few_percent() -> None:
    """Poisson plots of known density, away from any quay."""
    clutter = ClutterMap(100.0, 1e6, 1.0, start=1e-3)
    _watch(clutter, 300, 0, 40.0, np.random.default_rng(1))
    x, y = np.random.default_rng(2).uniform(200.0, 3800.0, (2, 500))
    assert clutter.density(clutter.places(np.array((x, y)))).mean() == pytest.approx(40.0 / 4000.0**2, rel=0.1)


def test_a_quay_stays_loud_and_the_sea_beside_it_quiet() -> None:
    """A cell that answers every time is not averaged away, nor does it make the sea loud."""
    clutter = ClutterMap(100.0, 1e6, 1.0, start=1e-3)
    _watch(clutter, 200, 3, 10.0, np.random.default_rng(1))
    quay, sea = clutter.density(clutter.places(np.array([[130.0, 3000.0], [130.0, 2500.0]])))
    assert quay == pytest.approx(3.0 / 100.0**2, rel=0.2)
    assert sea < 5 * 10.0 / 4000.0**2


def test_what_is_taken_back_was_never_there() -> None:
    """Plots of a track that turns out to be an object leave the map as it was."""
    rng = np.random.default_rng(1)
    clutter = ClutterMap(100.0, 1e6, 1.0, start=1e-6)
    _watch(clutter, 20, 0, 10.0, rng)
    places = clutter.places(np.array([[500.0], [700.0]]))
    before = clutter.density(places)
    clutter.count(places, np.ones(1))
    assert clutter.density(places) > before
    clutter.count(places, -np.ones(1))
    assert clutter.density(places) == pytest.approx(before)


def test_what_was_is_forgotten() -> None:
    """After many times its memory, a quay that fell silent is quiet; the map keeps its numbers finite."""
    clutter = ClutterMap(100.0, 50.0, 1.0, start=1e-3)
    _watch(clutter, 100, 3, 5.0, np.random.default_rng(1))
    clutter.pass_time(100.0 + 50.0 * 60)
    quay = clutter.density(clutter.places(np.full((2, 1), 130.0)))
    assert quay[0] < 1e-4
    clutter.pass_time(1e6)
    assert np.isfinite(clutter.density(clutter.places(np.full((2, 1), 130.0)))).all()


def test_growing_keeps_what_was_counted_where_it_was() -> None:
    """A plot far to the south-west moves the origin; every density stays."""
    clutter = ClutterMap(100.0, 1e6, 1.0, start=1e-6)
    _watch(clutter, 30, 3, 5.0, np.random.default_rng(1))
    held = clutter.dump()
    x, y = np.array([130.0, 900.0]), np.array([130.0, 2000.0])
    clutter.places(np.array([[-9000.0], [-12_345.0]]))
    cells = np.frombuffer(clutter.dump().cells).sum()
    assert cells == pytest.approx(np.frombuffer(held.cells).sum())
    quay, sea = clutter.density(clutter.places(np.array((x, y))))
    assert quay > 50 * sea
