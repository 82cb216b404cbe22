"""Whatever a zones file holds, it is read or refused with reasons."""

import copy
import json

import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.zones import ZoneErrors, ZoneProblem, ZoneSet, as_features, read_zones

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-400, 400),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["Polygon", "MultiPolygon", "LineString", "GeometryCollection", "Feature", "territory", 10**400]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["type", "coordinates", "geometries", "zone_id", "kind", "name"]), inner),
    ),
    max_leaves=12,
)
LAND = {
    "type": "Feature",
    "properties": {"zone_id": "land", "kind": "territory", "name": "Land", "accuracy_m": 5, "applies_to": ["vessel"]},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], [[1, 1], [1, 2], [2, 2], [1, 1]]],
    },
}
LINE = {
    "type": "Feature",
    "properties": {"zone_id": "line", "kind": "border_line", "name": "Line"},
    "geometry": {"type": "MultiLineString", "coordinates": [[[0, 0], [4, 0]], [[5, 5], [6, 6]]]},
}


@st.composite
def damaged(draw: st.DrawFn) -> object:
    """A sound file in which one to three values, anywhere, were replaced by others or left out."""
    document = copy.deepcopy({"type": "FeatureCollection", "features": [LAND, LINE]})
    for _ in range(draw(st.integers(1, 3))):
        node: object = document
        while isinstance(node, dict | list) and node:
            key = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else list(range(len(node)))))
            below = node[key]
            if not isinstance(below, dict | list) or not below or draw(st.integers(0, 3)) == 0:
                if draw(st.booleans()):
                    node[key] = draw(JSON)
                else:
                    del node[key]
                break
            node = below
    return document


def read(document: object, mend: bool) -> tuple[ZoneSet | None, tuple[ZoneProblem, ...]]:
    """The zones, or what is wrong; any other exception is a fault of ours."""
    try:
        return read_zones(document, mend=mend), ()  # type: ignore[arg-type]
    except ZoneErrors as refused:
        return None, refused.problems


@given(damaged(), st.booleans())
def test_read_or_refused(document: object, mend: bool) -> None:
    """Law: a damaged file gives zones that are valid and written back equal, or problems that each say what to do."""
    zones, problems = read(document, mend)
    if zones is None:
        assert problems
        assert all(problem.message and problem.next_step for problem in problems)
        assert json.dumps([problem.as_dict() for problem in problems])
        return
    assert all(shapely.is_valid(zone.geometry) and not zone.geometry.is_empty for zone in zones)
    assert read_zones(as_features(zones)).zones == zones.zones
