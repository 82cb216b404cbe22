"""A rotating radar: every object once a rotation, at the moment when the beam passes it."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from simulator.plane import Array, Plane
from simulator.sensing.clutter import ClutterMap
from simulator.sensing.scene import Mark, Scene
from simulator.sensing.sight import Sight, bearing
from simulator.sensor_spec import Radar
from simulator.spec import Area

_SIDE_LOBE_DEG = (3.0, 25.0)

Ints = NDArray[np.int64]


class RadarAtWork:
    """The radar of ``spec``; ``seed`` is its own, so that nothing else in the world moves with it."""

    def __init__(self, spec: Radar, plane: Plane, seed: list[int]) -> None:
        def shapes(areas: tuple[Area, ...]) -> list[shapely.Geometry]:
            return [shapely.Polygon(plane.to_metres(np.array(area))) for area in areas]

        self.name, self.latency_s, self._spec = spec.name, spec.latency_s, spec
        self._place = plane.to_metres(np.array(spec.position))
        self._sight = Sight(self._place, spec.range_m, spec.detection, spec.sees, shapes(spec.obstacles))
        self._mask = shapely.union_all(shapes(spec.mask))
        shapely.prepare(self._mask)
        self._rng = np.random.default_rng([*seed, 0])
        self._phase = float(self._rng.random())
        patches = shapes(tuple(clutter.area for clutter in spec.clutter))
        self.clutter = ClutterMap(spec, self._place, patches, [*seed, 1])
        self._clutter_rng = np.random.default_rng([*seed, 2])
        self._rotation: int | None = None  # the next one that has no clutter yet
        self._waiting = np.zeros((0, 2))  # its clutter that the beam has not reached: beam angle, range

    def covers(self, places: Array, kinds: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Which places it could see an object of that kind at."""
        return (self._sight.chance(places, kinds) > 0.0) & ~self._masked(places)

    def look(self, scene: Scene) -> list[Mark]:
        """The plots of one step, in the order of the beam."""
        beam, range_m, rows = self._passes(scene)
        sources: list[tuple[str, ...]] = [(scene.crafts[row].label,) for row in rows.tolist()]
        beam, range_m, sources = _merged(beam, range_m, sources, self._spec.resolution_deg, self._spec.resolution_m)
        lobes = self._side_lobes(beam, range_m)
        spec, rng = self._spec, self._rng
        azimuth = beam + spec.azimuth_bias_deg + rng.normal(0.0, spec.sigma_azimuth_deg, len(beam))
        measured_m = np.abs(range_m + spec.range_bias_m + rng.normal(0.0, spec.sigma_range_m, len(beam)))
        false = np.concatenate([lobes, self._false_plots(scene)])
        beam = np.concatenate([beam, false[:, 0]])
        azimuth, measured_m = np.concatenate([azimuth, false[:, 0]]), np.concatenate([measured_m, false[:, 1]])
        sources += [()] * len(false)
        order = np.argsort(beam, kind="stable")
        return self._marks(beam[order], azimuth[order], measured_m[order], [sources[i] for i in order.tolist()])

    def _passes(self, scene: Scene) -> tuple[Array, Array, Ints]:
        """Beam angle, range and row of every detection; angles go on counting through rotations.

        The beam gains on an object by its own turn less the object's; where that passes a whole turn, the beam has
        passed it. Steps share their ends, so nothing is passed twice or not at all."""
        start, end = bearing(scene.before, self._place), bearing(scene.after, self._place)
        moved = (end - start + 180.0) % 360.0 - 180.0
        turned = 360.0 * scene.dt_s / self._spec.revisit_s
        angle = 360.0 * (scene.time_s / self._spec.revisit_s + self._phase)
        ahead = (angle - start) / 360.0
        gained = (turned - moved) / 360.0
        number = np.maximum(np.floor(ahead + gained) - np.floor(ahead), 0.0).astype(np.int64)
        rows = np.repeat(np.arange(len(start)), number)
        nth = np.arange(len(rows)) - np.repeat(np.cumsum(number) - number, number) + 1
        share = (np.floor(ahead[rows]) + nth - ahead[rows]) / gained[rows]
        places = scene.before[rows] + share[:, None] * (scene.after - scene.before)[rows]
        chance = self._sight.chance(places, scene.kinds[rows])
        seen = (self._rng.random(len(rows)) < chance) & ~self._masked(places)
        beam = angle + share * turned
        # the place, not the beam: the way is straight, so its bearing is not linear in time
        beam += (bearing(places, self._place) - beam + 180.0) % 360.0 - 180.0
        range_m: Array = np.hypot(*(places - self._place).T)
        return beam[seen], range_m[seen], rows[seen]

    def _masked(self, places: Array) -> NDArray[np.bool_]:
        masked: NDArray[np.bool_] = shapely.intersects_xy(self._mask, places[:, 0], places[:, 1])
        return masked

    def _side_lobes(self, beam: Array, range_m: Array) -> Array:
        """Beam angle and range of echoes through the side lobes, a wrong azimuth away."""
        near = (range_m < self._spec.side_lobe_m) & (self._rng.random(len(beam)) < self._spec.side_lobe_share)
        off = self._rng.uniform(*_SIDE_LOBE_DEG, len(beam)) * self._rng.choice([-1.0, 1.0], len(beam))
        return np.column_stack([beam + off, range_m])[near]

    def _false_plots(self, scene: Scene) -> Array:
        """Beam angle and range of the clutter that the beam reaches in this step."""
        per_s = 360.0 / self._spec.revisit_s
        start, end = (per_s * t + 360.0 * self._phase for t in (scene.time_s, scene.time_s + scene.dt_s))
        if self._rotation is None:
            self._rotation = int(start // 360.0)
        while self._rotation * 360.0 < end:
            begin_s = (self._rotation - self._phase) * self._spec.revisit_s
            places = self.clutter.rotation(begin_s, self._clutter_rng)
            places = places[~self._masked(places) & ~self._sight.hidden(places)]
            angle = 360.0 * self._rotation + bearing(places, self._place)
            fresh = np.column_stack([angle, np.hypot(*(places - self._place).T)])
            self._waiting = np.concatenate([self._waiting, fresh[angle >= start]])
            self._rotation += 1
        due = self._waiting[:, 0] < end
        found, self._waiting = self._waiting[due], self._waiting[~due]
        return found

    def _marks(self, beam: Array, azimuth_deg: Array, range_m: Array, sources: list[tuple[str, ...]]) -> list[Mark]:
        times = (beam / 360.0 - self._phase) * self._spec.revisit_s
        stamps = times + self._spec.time_bias_s
        sin, cos = np.sin(np.radians(azimuth_deg)), np.cos(np.radians(azimuth_deg))
        xy = self._place + range_m[:, None] * np.column_stack([sin, cos])
        along = self._spec.sigma_range_m**2
        across = (range_m * np.radians(self._spec.sigma_azimuth_deg)) ** 2
        covariance = np.column_stack([
            sin**2 * along + cos**2 * across, sin * cos * (along - across), cos**2 * along + sin**2 * across
        ])  # fmt: skip
        columns = (times.tolist(), stamps.tolist(), sources, xy.tolist(), covariance.tolist())
        return [Mark(t, s, names, (x, y), (a, b, c)) for t, s, names, (x, y), (a, b, c) in zip(*columns, strict=True)]


def _merged(
    beam: Array, range_m: Array, sources: list[tuple[str, ...]], resolution_deg: float, resolution_m: float
) -> tuple[Array, Array, list[tuple[str, ...]]]:
    """What lies within the resolution becomes one echo at the mean. (A pair that the end of a step parts stays two:
    with steps of 1 s that is one pair in some hundred.)"""
    if len(beam) < 2 or resolution_deg <= 0.0 or resolution_m <= 0.0:
        return beam, range_m, sources
    scaled = np.column_stack([beam / resolution_deg, range_m / resolution_m])
    pairs = cKDTree(scaled).query_pairs(1.0, p=np.inf, output_type="ndarray")
    if not len(pairs):
        return beam, range_m, sources
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(beam),) * 2)
    count, label = connected_components(graph, directed=False)
    size = np.bincount(label, minlength=count)
    names: list[tuple[str, ...]] = [()] * count
    for i, which in enumerate(label.tolist()):
        names[which] += sources[i]
    mean_beam, mean_m = (np.bincount(label, column, count) / size for column in (beam, range_m))
    return mean_beam, mean_m, names
