"""All identities of a batch at once, against one at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest import fixes as module
from streams.ingest.fix_columns import NONE_US, FixColumns
from streams.ingest.fixes import Fixes
from streams.ingest.gate import Fix, GateRules, Memory, gap_m, recent, step

S = 1_000_000
RULES = GateRules(teleport_mps=30.0, slack_m=500.0, lost_us=3_600 * S)
LONS = (0.0, 0.002, 0.02, 5.0, 179.999, -179.999)
Row = tuple[
    int, int, float, int
]  # identity, seconds, longitude, kind: 0 plain, 1 distress, 2 shown, 3 without position
rows = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from((0, 1, 5, 9, 20, 60, 4000)),
        st.sampled_from(LONS),
        st.sampled_from((0, 0, 0, 0, 0, 1, 2, 3)),
    ),
    min_size=1,
    max_size=30,
)


def columns(batch: list[Row], first: int) -> FixColumns:
    """A batch at latitude 60, rows named by their number."""
    found = FixColumns.absent(len(batch))
    for at, (_, seconds, lon, kind) in enumerate(batch):
        place = float("nan") if kind == 3 else lon
        found.set(at, Fix(seconds * S, place, 60.0, 1 + LONS.index(lon), 0, (first + at).to_bytes(16, "big")))
    return found


@given(batches=st.lists(rows, min_size=1, max_size=5))
def test_a_batch_is_followed_as_one_by_one(batches: list[list[Row]]) -> None:
    """Accepted rows, previous fixes, homes and the memory are those of :func:`step` on each row in turn."""
    together, memories, count = Fixes(RULES), [Memory() for _ in range(6)], 0
    for batch in batches:
        now = columns(batch, count)
        kinds = np.array([kind for *_, kind in batch])
        slots = np.array([row[0] for row in batch], np.intp)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_FEW", 0)
            found = together.follow(slots, now, kinds > 0, kinds < 2)
        for at, (identity, _, _, kind) in enumerate(batch):
            fix, memory = now.fix(at), memories[identity]
            if kind < 2:
                taken = step(memory, fix, RULES)
                memories[identity] = taken.memory
                accepted, previous = taken.accepted or kind == 1, taken.previous
            else:
                accepted, previous = True, recent(memory.last, fix.time_us, RULES) if kind == 3 else None
            assert (bool(found.accepted[at]), found.previous.get(at)) == (accepted, previous)
            if kind:
                assert found.home[at] == (memory.last.sector if memory.last else 0)
        count += len(batch)
    kept = [Memory(*(c.get(i) for c in (together.last, together.before, together.refused))) for i in range(6)]
    assert kept == memories


@given(*(st.floats(-limit, limit) for limit in (180, 90, 180, 90)))
def test_the_bound_is_never_below_the_distance(lon0: float, lat0: float, lon1: float, lat1: float) -> None:
    """Along the parallel and then the meridian is at least as far as the great circle: what the columnar gate lets
    pass, the exact one would."""
    way = abs(lat1 - lat0) + abs(lon1 - lon0) * np.cos(lat0 * module._RAD)
    assert way * module._DEGREE_M >= gap_m(Fix(0, lon0, lat0, 0, 0, b""), Fix(0, lon1, lat1, 0, 0, b"")) - 1e-6


def test_room_grows_and_keeps() -> None:
    """Making room loses nothing."""
    memory = Fixes(RULES)
    memory.last.set(3, Fix(7, 1.0, 2.0, 3, 4, bytes(16)))
    memory.make_room(5000)
    assert len(memory.last) >= 5000
    assert memory.last.get(3) == Fix(7, 1.0, 2.0, 3, 4, bytes(16))
    assert memory.last.get(4999) is None


def test_the_silent_are_forgotten_and_the_others_keep_their_fixes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Identities older than their sensor's horizon go, and the most silent beyond the capacity; the rest close up."""
    memory = Fixes(RULES)
    for slot, (time_us, sensor) in enumerate([(100, 0), (5, 0), (5, 1), (300, 0), (200, 0)]):
        memory.last.set(slot, Fix(time_us, float(slot), 0.0, 0, sensor, bytes(16)))
    assert memory.forget(np.array([1, 1], np.int64), 5) is None
    kept = memory.forget(np.array([50, 1], np.int64), 5)
    assert kept is not None
    assert kept.tolist() == [0, 2, 3, 4]
    assert memory.last.lon[:4].tolist() == [0.0, 2.0, 3.0, 4.0]
    assert (memory.last.time_us[4:] == NONE_US).all()
    monkeypatch.setattr(module, "CAPACITY", 2)
    assert memory.forget(np.array([1, 1], np.int64), 4).tolist() == [2, 3]  # type: ignore[union-attr]
