"""From zones to the tables of an index."""

from collections.abc import Sequence

import numpy as np

from geo.index.edges import edge_table, zone_hashes
from geo.index.points import Points
from geo.index.sets import KnownSets
from geo.index.tables import pack
from geo.index.tree import build_tree
from geo.zones import Zone


def build(areas: Sequence[Zone]) -> Points:
    """The index of area zones. Raises :class:`geo.index.sets.HashCollision` (never seen)."""
    shapes = np.empty(len(areas), object)
    shapes[:] = [zone.geometry for zone in areas]
    sets = KnownSets.of(areas)
    edges = edge_table(shapes, zone_hashes(sets.zone_ids))
    return Points(pack(build_tree(edges), edges, sets, shapes), sets)
