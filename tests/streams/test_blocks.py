"""Blocks come back as they were joined, and nothing else passes for joined blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.blocks import join, split


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_what_is_joined_is_split(blocks: list[bytes]) -> None:
    """Law: the same blocks in the same order, empty ones too, whether bytes or views."""
    whole = join(blocks)
    assert [bytes(block) for block in split(whole)] == blocks
    assert join([memoryview(block) for block in blocks]) == whole


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=8), st.data())
def test_what_was_cut_is_refused(blocks: list[bytes], data: st.DataObject) -> None:
    """Law: a state that lacks its end, or has more than its blocks, is no state."""
    whole = join(blocks)
    with pytest.raises(ValueError, match="blocks"):
        split(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(ValueError, match="blocks"):
        split(whole + b"x")
