"""How sure it is that a track is an object (integrated probabilistic data association; Mušicki, Evans 1994)."""

import numpy as np

from streams.tracks.state import Floats


def likelihood_ratio(likelihood: Floats, detection: Floats | float, density: Floats) -> Floats:
    """How much better "this track's plot" explains a plot than "not from here": ``likelihood`` in 1/m², ``density`` of
    other plots in 1/m² per look."""
    return detection * likelihood / density


def score(existence: Floats, ratio: Floats, detection: Floats | float) -> Floats:
    """Log ratio of "exists and caused this plot" to "exists unseen, or does not exist": one cost for tentative and
    confirmed tracks (labelled multi-Bernoulli)."""
    return np.log(np.maximum(ratio * existence, 1e-300) / (1.0 - existence * detection))


def after_plot(existence: Floats, ratio: Floats, detection: Floats | float) -> Floats:
    """Existence after a plot was assigned."""
    told = (1.0 - detection + ratio) * existence
    return told / (1.0 - existence + told)


def after_misses(existence: Floats, detection: Floats | float, looks: Floats | float) -> Floats:
    """Existence after ``looks`` scans that should have seen it and did not."""
    unseen = existence * (1.0 - detection) ** looks
    return unseen / (1.0 - existence + unseen)
