"""From where segments meet borders to the changes of the zone set along them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from geo.geodesic_edges import Parts
from geo.meetings import Rows
from geo.orientation import Floats
from geo.pieces import Pieces

CROSSING = np.dtype(
    [("segment", "<i4"), ("u", "<f8"), ("lon", "<f8"), ("lat", "<f8"), ("before", "<i4"), ("after", "<i4")]
)
RECORD = np.dtype((np.record, CROSSING))  # what a view as recarray makes of it, at the price of a microsecond or two
NO_CROSSINGS = np.empty(0, CROSSING)
SHORT_DEG = 1e-12  # 0.1 µm: stretches between two meetings shorter than it are rounding, not places

Query = Callable[[Floats, Floats], NDArray[np.int32]]


def changes(piece: Pieces, count: int, at: Rows, v: Floats, query: Query) -> NDArray[np.void]:
    """Every change of the zone set along ``count`` segments given as pieces; dtype :data:`CROSSING`.

    ``at`` and ``v`` are the pieces that meet a border, and where (0..1 of the piece). The set of zones between two
    meetings is asked at the middle of that stretch: counting crossings would go wrong at corners and shared borders.
    """
    busy = np.zeros(count, bool)
    busy[piece.segment[at]] = True
    busy[piece.segment[count:]] = True  # both pieces of a segment that was cut
    kept = np.flatnonzero(busy[piece.segment])
    if not kept.size:
        return NO_CROSSINGS
    at, v = _in_order(at, v)
    where = np.concatenate([kept, at, kept])
    order = where.argsort(kind="stable")  # it merges what is sorted already: several times quicker than two keys
    where = where.take(order)
    along = np.concatenate([np.zeros(len(kept)), v, np.ones(len(kept))]).take(order)
    stretch = np.flatnonzero(where[1:] == where[:-1])
    part = where.take(stretch)
    span = np.hypot((piece.x1 - piece.x0).take(part), (piece.y1 - piece.y0).take(part))
    stretch = stretch.compress((along.take(stretch + 1) - along.take(stretch)) * span > SHORT_DEG)
    # an end of the segment that lies on no border tells the zones of its stretch: no need to ask in the middle
    touched0, touched1 = np.zeros(count, bool), np.zeros(count, bool)
    touched0[piece.segment[at[(v == 0) & (piece.u0[at] == 0)]]] = True
    touched1[piece.segment[at[(v == 1) & (piece.u1[at] == 1)]]] = True
    of = piece.segment[where[stretch]]
    opening = (along[stretch] == 0) & (piece.u0[where[stretch]] == 0) & ~touched0[of]
    stretch, of = stretch[~opening], of[~opening]
    part, low, middle = where[stretch], along[stretch], (along[stretch] + along[stretch + 1]) / 2
    closing = (along[stretch + 1] == 1) & (piece.u1[part] == 1) & ~touched1[of]
    middle[closing] = 1.0
    x = piece.x0[part] + middle * (piece.x1 - piece.x0)[part]
    y = piece.y0[part] + middle * (piece.y1 - piece.y0)[part]
    x[closing], y[closing] = piece.x1[part[closing]], piece.y1[part[closing]]
    first = np.flatnonzero(busy)
    busy[of[closing]] = False
    ends = np.flatnonzero(busy)
    last = _last_pieces(piece, count)[ends]
    # states in order: the start of the segment, every stretch, its end
    state = query(
        np.concatenate([piece.x0[first], x, piece.x1[last]]), np.concatenate([piece.y0[first], y, piece.y1[last]])
    )
    segment = np.concatenate([first, of, ends])
    inner = piece.u0[part] + low * (piece.u1 - piece.u0)[part]
    u = np.concatenate([np.full(len(first), -1.0), inner, np.full(len(ends), 1.0)])
    order = segment.argsort(kind="stable")  # stretches are in order of their pieces, and so of u
    segment, u, state = segment.take(order), u.take(order), state.take(order)
    found = np.flatnonzero((segment[1:] == segment[:-1]) & (state[1:] != state[:-1])) + 1
    rows = np.empty(len(found), CROSSING)
    rows["segment"], rows["u"] = segment[found], u[found]
    rows["before"], rows["after"] = state[found - 1], state[found]
    rows["lon"], rows["lat"] = _between(piece, count, segment[found], u[found])
    return rows


def _in_order(at: Rows, v: Floats) -> tuple[Rows, Floats]:
    """Meetings by piece, then by where along it."""
    order = at.argsort(kind="stable")
    at, v = at.take(order), v.take(order)
    shared = np.zeros(len(at) + 1, bool)  # most pieces meet one edge
    np.equal(at[1:], at[:-1], out=shared[1:-1])
    several = np.flatnonzero(shared[1:] | shared[:-1])
    v[several] = v.take(several).take(np.lexsort((v.take(several), at.take(several))))
    return at, v


def _last_pieces(piece: Pieces, count: int) -> Rows:
    """The piece each segment ends with."""
    last = np.arange(count)
    last[piece.segment[count:]] = np.arange(count, len(piece.segment))
    return last


def _between(piece: Pieces, count: int, segment: Rows, u: Floats) -> tuple[Floats, Floats]:
    """Positions at ``u`` along segments; exactly the end where u is 1."""
    last = _last_pieces(piece, count)[segment]
    part = np.where(u > piece.u1[segment], last, segment)
    length = piece.u1[part] - piece.u0[part]
    v = np.clip((u - piece.u0[part]) / np.where(length > 0, length, 1.0), 0.0, 1.0)
    x = piece.x0[part] + v * (piece.x1 - piece.x0)[part]
    y = piece.y0[part] + v * (piece.y1 - piece.y0)[part]
    return np.where(u == 1, piece.x1[last], x), np.where(u == 1, piece.y1[last], y)


def joined(rows: NDArray[np.void], parts: Parts) -> NDArray[np.void]:
    """Crossings of the parts of geodesics as those of the whole geodesics."""
    part, v = rows["segment"], rows["u"]
    found = rows.copy()
    found["segment"] = parts.segment[part]
    found["u"] = parts.u0[part] + v * (parts.u1 - parts.u0)[part]
    # what ends one part on a border, and begins the next one there, is one change
    twice = np.flatnonzero((part[1:] == part[:-1] + 1) & (v[1:] == 0) & (v[:-1] == 1))
    twice = twice[found["segment"][twice] == found["segment"][twice + 1]]
    found["after"][twice] = found["after"][twice + 1]
    kept = np.ones(len(found), bool)
    kept[twice + 1] = False
    whole: NDArray[np.void] = found[kept & (found["before"] != found["after"])]
    return whole
