"""Exactly the rows that raise are buried, wherever they are."""

from hypothesis import given
from hypothesis import strategies as st

from streams.boundary import Fault, Missing, Waits
from streams.engine.isolate import Isolated, isolate
from tests.streams.engine.toy_core import ToyCore, record

_EMPTY = ToyCore().dump()


@given(st.lists(st.lists(st.sampled_from(["1", "2", "3", "x"]), max_size=9), min_size=1, max_size=12))
def test_exactly_the_rows_that_raise_are_buried(texts: list[list[str]]) -> None:
    """Law: every row that raises is buried by itself and once; every other row is applied once and in order."""
    records = [record(n, " ".join(rows)) for n, rows in enumerate(texts)]
    found = isolate(ToyCore, _EMPTY, records)
    assert isinstance(found, Isolated)
    core = found.core
    assert isinstance(core, ToyCore)
    flat = [row for rows in texts for row in rows]
    assert core.rows == [row for row in flat if row != "x"]
    assert core.buried == ["x"] * flat.count("x")
    assert sorted(set(found.buried)) == [n for n, rows in enumerate(texts) if "x" in rows]
    assert len([o for o in found.outputs if o.topic == "dead"]) == flat.count("x")


def test_a_record_without_rows_is_buried_whole() -> None:
    """Law: what cannot be cut is buried as one record."""

    class Uncut(ToyCore):
        def cut(self, one: object, rows: range) -> None:
            return None

    found = isolate(Uncut, _EMPTY, [record(0, "1"), record(1, "2 x"), record(2, "3")])
    assert isinstance(found, Isolated)
    assert isinstance(found.core, Uncut)
    assert (found.core.total, found.core.buried, found.buried) == (4, ["2 x"], [1])


def test_trouble_that_burying_cannot_cure_is_returned() -> None:
    """Law: a failing burial, a missing version and missing rows are returned, not buried."""
    assert isinstance(isolate(lambda: ToyCore(bury_raises=True), _EMPTY, [record(0, "x")]), Fault)
    assert isolate(ToyCore, _EMPTY, [record(0, "1"), record(1, "needs")]) == Waits("toy", 1)
    assert isinstance(isolate(ToyCore, _EMPTY, [record(0, "hole")]), Missing)
