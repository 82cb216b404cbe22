"""The cells of one depth that edges touch, while the tree is being built."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from geo.index.edges import Hashes
from geo.index.grid import Ints

_AT_ONCE = 2_000_000  # rows of temporary arrays


class Cells(NamedTuple):
    """Cells with their (cell, edge) pairs: ``edge[starts[c]:starts[c + 1]]`` are those of cell c."""

    column: Ints
    row: Ints
    hashes: Hashes  # of the zones at the centre
    slot: Ints  # where the cell's code stands in the table of its depth
    starts: Ints
    edge: Ints


def slices(counts: Ints) -> list[slice]:
    """Runs of rows whose counts add up to a bearable size."""
    if not len(counts):
        return []
    total = np.cumsum(counts)
    cuts = np.searchsorted(total, np.arange(_AT_ONCE, int(total[-1]) + _AT_ONCE, _AT_ONCE))
    ends = np.unique(np.concatenate([[0], np.minimum(cuts + 1, len(counts)), [len(counts)]]))
    return [slice(int(a), int(b)) for a, b in pairwise(ends.tolist())]
