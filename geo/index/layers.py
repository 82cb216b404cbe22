"""What is asked of an index: the big built one, and over it a small one with the zones that were edited since.

An edit hides the edited zones of the built index and answers them from a small index of their own, which takes a
fraction of a second to build. The two answers of a position are joined by a table of the pairs seen so far; the same
table takes ports of entry out of the territories. So nothing that is being asked is ever changed.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from geo.index.bounds import UNKNOWN, Answers, Bounds
from geo.index.points import Points
from geo.index.scalar import FEW_OPEN, FEW_UNSURE
from geo.index.scalar_segments import ScalarSegments
from geo.index.segments import meet, near_border
from geo.meetings import Rows
from geo.orientation import Floats
from geo.pieces import Pieces
from geo.zones import ZoneKind

_UNSEEN = -1


def _none(*_: Floats) -> None:
    """Two layers are asked by the vectorised path alone."""


class Layers:
    """One or two indices as one. Public set ids are those of the sets of zone ids, ports taken out of territories."""

    def __init__(self, base: Points, delta: Points | None = None, hidden: frozenset[str] = frozenset()) -> None:
        self.base, self.delta, self.hidden = base, delta, hidden
        self._layers = [base] if delta is None else [base, delta]
        self._kinds: dict[str, ZoneKind] = {}
        self._territory: set[str] = set()
        self._ports: set[str] = set()
        for points in self._layers:
            for zone_id, kind in zip(points.sets.zone_ids, points.sets.kinds, strict=True):
                if points is base and zone_id in hidden:
                    continue
                self._kinds[zone_id] = kind
                if kind is ZoneKind.TERRITORY:
                    self._territory.add(zone_id)
                elif kind is ZoneKind.PORT_OF_ENTRY:
                    self._ports.add(zone_id)
        # with one layer and no ports the numbers of the tables are the public ids
        self._plain = delta is None and not self._ports
        self._names: list[tuple[str, ...]] = [()]
        self._by_names: dict[tuple[str, ...], int] = {(): 0}
        self._joined = np.full((0, 0), _UNSEEN, np.int32)
        self._single: dict[int, int] = {}
        translate = None if self._plain or delta is not None else self._public_of
        self._few = [ScalarSegments(points, translate) for points in self._layers]
        self._bounds: list[Bounds] | None = None
        for points, few in zip(self._layers, self._few, strict=True):
            points.few_open, points.finish_few = FEW_OPEN, few.finish
            points.few_unsure, points.exactly_few = FEW_UNSURE, few.exactly

    def names(self, set_id: int) -> tuple[str, ...]:
        """The zone ids of a public set id, sorted."""
        if self._plain:
            sets = self.base.sets
            return tuple(sorted(sets.zone_ids[zone] for zone in sets.members[set_id]))
        return self._names[set_id]

    @property
    def has_ports(self) -> bool:
        """Whether any port of entry is in force."""
        return bool(self._ports)

    @property
    def count(self) -> int:
        """How many public set ids there are so far."""
        return len(self.base.sets) if self._plain else len(self._names)

    def kind_of(self, zone_id: str) -> ZoneKind | None:
        """The kind of a zone in force."""
        return self._kinds.get(zone_id)

    def port_boxes(self) -> list[tuple[float, float, float, float]]:
        """West, south, east, north of each port of entry in force."""
        boxes = []
        for points in self._layers:
            t, ids = points.tables, points.sets.zone_ids
            owner = np.repeat(np.arange(len(t.edges)), np.diff(t.edge_starts))
            for zone, zone_id in enumerate(ids):
                if zone_id in self._ports and not (points is self.base and zone_id in self.hidden):
                    edges = t.edges[owner[t.edge_zones == zone]]
                    low, high = edges.reshape(-1, 2).min(0).tolist(), edges.reshape(-1, 2).max(0).tolist()
                    boxes.append((low[0], low[1], high[0], high[1]))
        return boxes

    def query(self, x: Floats, y: Floats) -> NDArray[np.int32]:
        """Public set ids of positions."""
        found = self.base.query(x, y)
        if self._plain:
            return found
        return self._public(found, self.delta.query(x, y) if self.delta is not None else np.zeros_like(found))

    def few_sets(self) -> Callable[[Floats], NDArray[np.int32]]:
        """What answers a handful of positions: :meth:`few`, or directly the only layer's."""
        return self._few[0].sets if self.delta is None else self.few

    def few(self, lonlat: Floats) -> NDArray[np.int32]:
        """As :meth:`query`, for a handful."""
        found = self._few[0].sets(lonlat)
        return found if self.delta is None else self._public(found, self._few[1].sets(lonlat))

    def few_crossings(self) -> Callable[[Floats, Floats], NDArray[np.void] | None]:
        """What gives the crossings of a handful of segments, or None where the vectorised path has to."""
        return self._few[0].crossings if self.delta is None else _none

    def depth_bound(self, x: Floats, y: Floats, metres: float) -> Answers:
        """As :meth:`geo.index.bounds.Bounds.deeper_than`, of the zones in force."""
        if self._bounds is None:
            self._bounds = [Bounds(points.tables) for points in self._layers]
        answers = [bounds.deeper_than(x, y, metres) for bounds in self._bounds]
        # an edge may be that of a zone that was edited away, or of a coast within a port of entry
        if self.hidden or self._ports:
            np.maximum(answers[0], UNKNOWN, out=answers[0])
        if self.delta is None:
            return answers[0]
        if self._ports:
            np.maximum(answers[1], UNKNOWN, out=answers[1])
        found: Answers = np.minimum(answers[0], answers[1])
        return found

    def near(self, p0: Floats, p1: Floats) -> Rows:
        """The segments that may meet a border."""
        near = near_border(self.base.tables, p0, p1)
        return near if self.delta is None else np.union1d(near, near_border(self.delta.tables, p0, p1))

    def meet(self, piece: Pieces) -> tuple[Rows, Floats]:
        """Which pieces meet a border, and where along them."""
        met = [meet(points.tables, piece.x0, piece.y0, piece.x1, piece.y1) for points in self._layers]
        return np.concatenate([at for at, _, _ in met]), np.concatenate([v for _, _, v in met])

    def _public(self, base: NDArray[np.int32], delta: NDArray[np.int32]) -> NDArray[np.int32]:
        """Join the numbers of both layers."""
        size = (len(self.base.sets), len(self.delta.sets) if self.delta is not None else 1)
        if self._joined.shape != size:
            grown = np.full(size, _UNSEEN, np.int32)
            grown[: self._joined.shape[0], : self._joined.shape[1]] = self._joined
            self._joined = grown
        joined = self._joined
        found: NDArray[np.int32] = joined[base, delta]
        unseen = np.flatnonzero(found == _UNSEEN)
        if unseen.size:
            for one, two in {*zip(base[unseen].tolist(), delta[unseen].tolist(), strict=True)}:
                joined[one, two] = self._intern(one, two)
            found = joined[base, delta]
        return found

    def _public_of(self, base: int) -> int:
        """The public id of a number of the built index, where it is the only layer."""
        found = self._single.get(base)
        if found is None:
            found = self._single[base] = self._intern(base, 0)
        return found

    def _intern(self, base: int, delta: int) -> int:
        sets = self.base.sets
        held = {sets.zone_ids[zone] for zone in sets.members[base]} - self.hidden
        if self.delta is not None:
            held |= {self.delta.sets.zone_ids[zone] for zone in self.delta.sets.members[delta]}
        if held & self._ports:
            held -= self._territory
        names = tuple(sorted(held))
        if names not in self._by_names:
            self._by_names[names] = len(self._names)
            self._names.append(names)
        return self._by_names[names]
