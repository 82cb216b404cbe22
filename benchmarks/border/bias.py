"""Registration: how exactly the vote finds a radar's bias in 60 s, also among many false pairs, and with what sigma."""

import math

import numpy as np

from benchmarks.border.world import Plots, Radar, Sent, ais, plots, truth
from streams.tracks.registration.residuals import PolarPlots, References, residuals
from streams.tracks.registration.vote import Accuracy, Bias, survey

ACCURACY = Accuracy(range_m=8.0, azimuth_rad=math.radians(0.15), position_m=8.0)
SENSING = (
    Radar(np.array([0.0, 0.0]), 1.0, 30.0, math.radians(0.5), 0.2),
    Radar(np.array([8000.0, 0.0]), 1.5, -20.0, math.radians(-0.3), -0.1),
)


def found(
    radar: Radar, index: int, seen: Plots, sent: Sent, until_s: float, gate_m: float = 250.0
) -> tuple[Bias, float]:
    """The vote over the first seconds, and the share of its candidate pairs that are false."""
    rows = np.flatnonzero((seen.sensor == index) & (seen.time_s < until_s))
    polar = PolarPlots(seen.time_s[rows], seen.range_m[rows], seen.azimuth_rad[rows])
    heard = sent.time_s < until_s
    references = References(sent.who[heard], sent.time_s[heard], sent.position_m[heard])
    pairs = residuals(polar, references, radar.place_m, gate_m)
    false = float(np.mean(seen.source[rows][pairs.plot] != pairs.sender)) if len(pairs.plot) else 1.0
    return survey(polar, references, radar.place_m, ACCURACY), false


def measure(seeds: tuple[int, ...], until_s: float = 60.0) -> dict[str, float]:
    """Errors over radars, seeds and densities; the normalised squared error has mean 3 where the sigma is right."""
    off_m, off_deg, off_s, nees, false = [], [], [], [], []
    for seed in seeds:
        for side in (20_000.0, 8_000.0, 4_500.0):
            rng = np.random.default_rng([seed, int(side)])
            world = truth(300, side, until_s + 2.0, rng)
            senders = np.flatnonzero(rng.random(world.number) < 0.6)
            radars = (SENSING[0], SENSING[1]._replace(place_m=np.array([side, 0.0])))
            seen, sent = plots(world, radars, rng), ais(world, senders, rng)
            for index, radar in enumerate(radars):
                bias, share = found(radar, index, seen, sent, until_s)
                off = bias.value - np.array([radar.range_bias_m, radar.azimuth_bias_rad, radar.time_bias_s])
                off_m.append(abs(off[0]))
                off_deg.append(abs(math.degrees(off[1])))
                off_s.append(abs(off[2]))
                nees.append(float(off @ np.linalg.solve(bias.covariance, off)))
                false.append(share)
    return {
        "runs": len(off_m),
        "worst range error m": max(off_m),
        "worst azimuth error deg": max(off_deg),
        "worst time error s": max(off_s),
        "most false pairs %": 100.0 * max(false),
        "mean NEES (3 wanted)": float(np.mean(nees)),
    }
