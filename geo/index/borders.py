"""Which edges, or pieces of edges, are a border: of any zone, or of one."""

import numpy as np
from numpy.typing import NDArray

from geo.index.layers import Layers
from geo.index.segments import meet
from geo.orientation import Floats
from geo.zones import ZoneKind

_ASIDE_DEG = 1e-8  # a millimetre: how far beside an edge its two sides are looked at


class UnknownZone(KeyError):
    """No area of the index has this zone id."""


def border_edges(layers: Layers, zone_id: str | None) -> Floats:
    """Edges ``(m, 4)`` of the border of a zone, or of all. Raises :class:`UnknownZone`.

    The edge of the map (longitude 180, the poles) is no border. Where there are ports of entry, a territory ends at
    them: edges near a port are cut where they meet others, and a piece counts where the zones differ between its two
    sides.
    """
    found: list[Floats] = []
    known = zone_id is None
    for points in (layers.base, layers.delta):
        if points is None:
            continue
        hidden = layers.hidden if points is layers.base else frozenset()
        ids = points.sets.zone_ids
        shown = np.array([name not in hidden for name in ids], bool)
        port = np.array([kind is ZoneKind.PORT_OF_ENTRY for kind in points.sets.kinds], bool)
        if zone_id is not None:
            mine = np.array([name == zone_id for name in ids], bool) & shown
            known |= bool(mine.any())
            # a territory may end at any port, whichever layer holds it
            shown = mine | (port & shown if layers.kind_of(zone_id) is ZoneKind.TERRITORY else mine)
        t = points.tables
        owner = np.repeat(np.arange(len(t.edges)), np.diff(t.edge_starts))
        found.append(t.edges[np.unique(owner[shown[t.edge_zones]])] if len(t.edges) else t.edges)
    if not known:
        raise UnknownZone(zone_id)
    edges = np.concatenate(found)
    seam = (np.abs(edges[:, 0]) == 180.0) & (edges[:, 0] == edges[:, 2])
    seam |= (np.abs(edges[:, 1]) == 90.0) & (edges[:, 1] == edges[:, 3])
    edges = edges[~seam]
    return _effective(layers, edges, zone_id) if layers.has_ports else edges


def _effective(layers: Layers, edges: Floats, zone_id: str | None) -> Floats:
    """The pieces of edges on whose two sides the zones differ."""
    near = _near_ports(layers, edges)
    pieces = _cut(layers, edges[near])
    middle = (pieces[:, :2] + pieces[:, 2:]) / 2
    along = pieces[:, 2:] - pieces[:, :2]
    aside = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(along[:, 0], along[:, 1])[:, None] * _ASIDE_DEG
    limit = np.array([180.0, 90.0])
    left, right = np.clip(middle + aside, -limit, limit), np.clip(middle - aside, -limit, limit)
    one, two = layers.query(left[:, 0], left[:, 1]), layers.query(right[:, 0], right[:, 1])
    differ = one != two
    if zone_id is not None:
        held = np.array([zone_id in layers.names(number) for number in range(layers.count)], bool)
        differ = held[one] != held[two]
    return np.concatenate([edges[~near], pieces[differ]])


def _near_ports(layers: Layers, edges: Floats) -> NDArray[np.bool_]:
    """Edges whose box meets the box of a port."""
    near = np.zeros(len(edges), bool)
    low, high = np.minimum(edges[:, :2], edges[:, 2:]), np.maximum(edges[:, :2], edges[:, 2:])
    for west, south, east, north in layers.port_boxes():
        near |= (low[:, 0] <= east) & (high[:, 0] >= west) & (low[:, 1] <= north) & (high[:, 1] >= south)
    return near


def _cut(layers: Layers, edges: Floats) -> Floats:
    """Edges cut wherever they meet another edge."""
    met = [meet(points.tables, *edges.T) for points in (layers.base, layers.delta) if points is not None]
    every = np.arange(len(edges))
    which = np.concatenate([every, every, *(at for at, _, _ in met)])
    u = np.concatenate([np.zeros(len(edges)), np.ones(len(edges)), *(v for _, _, v in met)])
    order = np.lexsort((u, which))
    which, u = which[order], u[order]
    part = np.flatnonzero((which[1:] == which[:-1]) & (u[1:] - u[:-1] > 1e-12))
    start, step = edges[which[part], :2], (edges[:, 2:] - edges[:, :2])[which[part]]
    return np.hstack([start + step * u[part, None], start + step * u[part + 1, None]])
