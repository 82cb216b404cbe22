"""Many rows numbered at once are numbered as one by one."""

from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.log import Position
from streams.provenance import Numbering

rows = st.dictionaries(
    st.sampled_from("abc"), st.lists(st.integers(0, 9), min_size=1, max_size=20).map(sorted), min_size=1
)


@given(batches=st.lists(rows, max_size=4))
def test_the_columnar_numbering_is_the_scalar_one(batches: list[dict[str, list[int]]]) -> None:
    """Per destination: the same ``after``, the same ordinals and the same memory as :meth:`Numbering.span` on each run
    of one input record's rows, also where a batch goes on with the record the last one ended in."""
    together, alone, base = Numbering({}), Numbering({}), 0
    for batch in batches:
        offsets = [base + offset for part in batch.values() for offset in part]
        bounds = np.cumsum([0, *(len(part) for part in batch.values())]).tolist()
        afters, ordinals = together.number(list(batch), bounds, np.array(offsets, np.int64))
        wanted_afters: list[Position] = []
        wanted: list[int] = []
        for destination, part in batch.items():
            wanted_afters.append(alone.last(destination))
            for offset, run in groupby(part):
                count = len(list(run))
                _, first, last = alone.span(destination, base + offset, count)
                assert last == Position(base + offset, first.ordinal + count - 1)
                wanted += range(first.ordinal, first.ordinal + count)
        assert (afters, ordinals.tolist(), together.sent) == (wanted_afters, wanted, alone.sent)
        base += 9
