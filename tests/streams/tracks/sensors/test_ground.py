"""Ground sensors: moments and presence of zones, contacts, chains that become tracks."""

import math

import numpy as np
import pytest

from streams.tracks.sensors.ground import (
    Contact,
    GroundRules,
    GroundSensor,
    Heeded,
    Trigger,
    dump,
    heed,
    load,
    misfit,
    region,
    stayed_silent,
    triggered,
)
from streams.tracks.sensors.zone import footprint, inside, presence, reaches

RULES = GroundRules()
SQUARE = np.array([[-15.0, -15.0], [15.0, -15.0], [15.0, 15.0], [-15.0, 15.0]])
SENSORS = {
    f"g{i}{j}": GroundSensor(footprint(SQUARE + np.array([250.0 * i, 250.0 * j])), 0.9, 0.5)
    for i in range(4)
    for j in range(2)
}
ELL = np.array([[0.0, 0.0], [40.0, 0.0], [40.0, 10.0], [10.0, 10.0], [10.0, 50.0], [0.0, 50.0]]) + 500.0
NOBODY = np.zeros((0, 2)), np.zeros((0, 2, 2))


def walk(*triggers: tuple[str, float]) -> list[Heeded]:
    """Triggers in order, numbered from 1, without tracks."""
    contacts: tuple[Contact, ...] = ()
    out = []
    for number, (name, at) in enumerate(triggers, start=1):
        out.append(heed(Trigger(number, name, at), SENSORS, *NOBODY, contacts, RULES))
        contacts = out[-1].contacts
    return out


def test_moments_are_those_of_many_points() -> None:
    """Law: centre and covariance equal those of a fine grid of points inside the polygon."""
    found = footprint(ELL)
    grid = np.stack(np.meshgrid(np.arange(500.05, 540, 0.1), np.arange(500.05, 550, 0.1)), axis=-1).reshape(-1, 2)
    points = grid[inside(ELL, grid)]
    np.testing.assert_allclose(found.centre_m, points.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(found.covariance, np.cov(points.T), atol=0.5)
    with pytest.raises(ValueError, match="area"):
        footprint(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]))


def test_presence_is_the_share_of_samples() -> None:
    """Law: the chance to be inside is that of samples of the track; a track reaches a zone by its 2σ ellipse."""
    rng = np.random.default_rng(8)
    zone = footprint(ELL)
    place = np.array([[515.0, 520.0], [500.0, 500.0], [700.0, 500.0]])
    covariance = np.array([[[400.0, 150.0], [150.0, 300.0]], [[25.0, 0.0], [0.0, 25.0]], [[100.0, 0.0], [0.0, 100.0]]])
    for row in range(3):
        samples = rng.multivariate_normal(place[row], covariance[row], 20_000)
        share = float(inside(ELL, samples).mean())
        assert abs(presence(zone, place[row : row + 1], covariance[row : row + 1])[0] - share) < 0.02
        white = np.linalg.inv(np.linalg.cholesky(covariance[row]))
        edge = np.concatenate([np.linspace(a, b, 400) for a, b in zip(ELL, np.roll(ELL, -1, axis=0), strict=True)])
        near = bool(inside(ELL, place[row : row + 1])[0]) or (
            np.linalg.norm((edge - place[row]) @ white.T, axis=1).min() <= 2.0
        )
        assert bool(reaches(zone, place[row : row + 1], covariance[row : row + 1])[0]) == near


def test_a_trigger_is_evidence_for_the_track_that_is_there() -> None:
    """Law: a track in the zone gains the log-ratio of the trigger and no contact is made; others gain nothing."""
    place = np.array([[0.0, 0.0], [900.0, 900.0]])
    covariance = np.broadcast_to(16.0 * np.eye(2), (2, 2, 2)).copy()
    out = heed(Trigger(1, "g00", 5.0), SENSORS, place, covariance, (), RULES)
    false = 1.0 - math.exp(-0.5 * RULES.window_s / 3600.0)
    within = presence(SENSORS["g00"].zone, place, covariance)[0]
    assert out.log_ratio[0] == pytest.approx(math.log((1.0 - (1.0 - 0.9 * within) * (1.0 - false)) / false))
    assert out.log_ratio[1] == 0.0
    assert out.contacts == ()
    assert stayed_silent(SENSORS["g00"], np.array([1.0]))[0] == pytest.approx(math.log(0.1))
    assert triggered(SENSORS["g00"], np.zeros(1), RULES)[0] == pytest.approx(0.0, abs=1e-9)


def test_three_triggers_at_walking_pace_are_a_track() -> None:
    """Law: the chain becomes a track named for its first trigger, where and as fast as the walker is."""
    out = walk(("g00", 0.0), ("g10", 200.0), ("g20", 400.0))
    assert [step.track is None for step in out] == [True, True, False]
    track = out[-1].track
    assert track is not None
    assert track.track_id == 1
    assert track.time_s == 400.0
    np.testing.assert_allclose(track.mean, [500.0, 0.0, 1.25, 0.0], atol=0.5)
    zone = SENSORS["g20"].zone.covariance
    assert 0.3 * zone[0, 0] < track.covariance[0, 0] <= zone[0, 0]
    assert out[-1].contacts == ()


@pytest.mark.parametrize(
    "triggers",
    [
        [("g00", 0.0), ("g10", 20.0), ("g20", 40.0)],
        [("g00", 0.0), ("g10", 590.0), ("g20", 1180.0)],
        [("g00", 0.0), ("g10", 200.0), ("g00", 400.0)],
        [("g00", 0.0), ("g10", 200.0), ("g20", 900.0)],
        [("g00", 0.0), ("g00", 5.0), ("g00", 10.0)],
    ],
    ids=["a vehicle", "too slow", "back and forth", "forgotten", "one passage"],
)
def test_other_sequences_are_no_walk(triggers: list[tuple[str, float]]) -> None:
    """Law: nothing faster or slower than a walker, nobody who returns, nothing after ten minutes becomes a track."""
    assert all(step.track is None for step in walk(*triggers))


def test_a_false_trigger_between_spoils_nothing() -> None:
    """Law: the walk is found although another zone triggered in between, and the stray contact remains."""
    out = walk(("g00", 0.0), ("g11", 150.0), ("g10", 200.0), ("g20", 400.0))
    track = out[-1].track
    assert track is not None
    np.testing.assert_allclose(track.mean, [500.0, 0.0, 1.25, 0.0], atol=0.5)
    assert any(c.chain == ((2, "g11", 150.0),) for c in out[-1].contacts)


def test_contacts_come_back_as_they_were() -> None:
    """Law: load(dump) is the same contacts, and the walk goes on from them."""
    before = walk(("g00", 0.0), ("g11", 150.0), ("g10", 200.0))[-1].contacts
    assert load(dump(before)) == before
    out = heed(Trigger(9, "g20", 400.0), SENSORS, *NOBODY, load(dump(before)), RULES)
    assert out.track is not None


def test_misfit_is_the_sum_over_the_chain() -> None:
    """Law: an even walk has no misfit, an uneven one more; beyond walking pace it is infinite."""
    even = Contact(((1, "g00", 0.0), (2, "g10", 200.0), (3, "g20", 400.0)))
    uneven = Contact(((1, "g00", 0.0), (2, "g10", 130.0), (3, "g20", 400.0)))
    fast = Contact(((1, "g00", 0.0), (2, "g10", 50.0), (3, "g20", 100.0)))
    assert misfit(even, SENSORS, RULES) < 0.01
    assert misfit(uneven, SENSORS, RULES) > 3.0
    assert misfit(fast, SENSORS, RULES) == math.inf


def test_a_contact_grows_at_walking_pace() -> None:
    """Law: the region of a contact is two deviations of its zone and 1.5 m/s since."""
    contact = walk(("g00", 10.0))[0].contacts[0]
    centre, radius = region(contact, SENSORS, 70.0, RULES)
    assert centre.tolist() == [0.0, 0.0]
    assert radius == pytest.approx(2.0 * math.sqrt(150.0) + 90.0)
