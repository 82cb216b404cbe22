"""Which tracks could have caused which plots: boxes around the tracks, found with one sort of the plots.

The plots are sorted by strip (rows of the plane as high as the widest box is, or the whole plane where there are few)
and, inside a strip, by x. A track looks into the one or two strips its box touches, each a single range of the sorted
plots. Measured at 1,000 tracks this is a third of the cost of a KD-tree and half of a grid's."""

from typing import Final

import numpy as np

from streams.tracks.state import Floats, Indices

_PER_STRIP: Final = 1000.0  # plots a strip should hold, on average


def near(x_m: Floats, y_m: Floats, radius_m: Floats, plot_x_m: Floats, plot_y_m: Floats) -> tuple[Indices, Indices]:
    """Pairs (track, plot) that differ by less than the track's radius in x and in y, in order of the tracks' and, for
    one strip of the plane, of the plots' places in x; tracks (n,), plots (m,)."""
    if plot_x_m.size <= _PER_STRIP:
        order = plot_x_m.argsort()
        key = plot_x_m.take(order)
        of, low_key, high_key = np.arange(x_m.size), x_m - radius_m, x_m + radius_m
    else:
        order, key, of, low_key, high_key = _strips(x_m, y_m, radius_m, plot_x_m, plot_y_m)
    start = key.searchsorted(low_key)
    count = key.searchsorted(high_key) - start
    track = of.repeat(count)
    start -= count.cumsum()
    start += count
    place = start.repeat(count)
    place += np.arange(place.size)
    plot = order.take(place)
    chosen = (np.abs(plot_y_m.take(plot) - y_m.take(track)) < radius_m.take(track)).nonzero()[0]
    return track.take(chosen), plot.take(chosen)


def _strips(
    x_m: Floats, y_m: Floats, radius_m: Floats, plot_x_m: Floats, plot_y_m: Floats
) -> tuple[Indices, Floats, Indices, Floats, Floats]:
    """The plots' order and their keys in it; of each look its track and the keys between which it looks."""
    low = min(float(y_m.min()), float(plot_y_m.min()))
    high = max(float(y_m.max()), float(plot_y_m.max()))
    height = max(2.0 * float(radius_m.max()), (high - low) * _PER_STRIP / plot_x_m.size, 1e-3)
    left = min(float(x_m.min()), float(plot_x_m.min())) - float(radius_m.max())
    width = max(float(x_m.max()), float(plot_x_m.max())) + 2.0 * float(radius_m.max()) - left
    key = np.floor((plot_y_m - low) / height) * width + (plot_x_m - left)
    order = key.argsort()
    first = np.floor((y_m - radius_m - low) / height)
    last = np.floor((y_m + radius_m - low) / height)
    two = np.nonzero(last > first)[0]
    of = np.concatenate([np.arange(x_m.size), two])
    centre = np.concatenate([first, last[two]]) * width + (x_m[of] - left)
    return order, key[order], of, centre - radius_m[of], centre + radius_m[of]
