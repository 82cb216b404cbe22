"""What could not be used, kept and read back."""

from hypothesis import given
from hypothesis import strategies as st

from streams.dead_letters import PARTITIONS, TOPIC, DeadLetter, Origin, dead_letter, read
from streams.log import Record

texts = st.text(st.characters(codec="utf-8"), max_size=20)


@given(
    origin=st.builds(
        Origin,
        texts,
        st.integers(0, 99),
        st.integers(0, 2**50),
        st.integers(0, 9),
        st.integers(0, 2**60),
        st.none() | st.binary(max_size=5),
        st.lists(st.tuples(texts, st.binary(max_size=5)), max_size=3).map(tuple),
    ),
    value=st.none() | st.binary(max_size=50),
    detail=texts,
)
def test_a_dead_letter_gives_back_what_it_was_given(origin: Origin, value: bytes | None, detail: str) -> None:
    """Bytes, key, headers and place come back exactly, also no value and no key."""
    output = dead_letter("ingest", "bad-field", origin, value, detail)
    kept = read(Record(5, 6, output.key, output.value, output.headers))
    assert kept == DeadLetter(origin, "ingest", "bad-field", detail, value)
    assert (output.topic, output.value is not None) == (TOPIC, True)
    assert 0 <= output.partition < PARTITIONS


def test_a_re_read_writes_the_same_key() -> None:
    """Keys count items, so repeats are not counted twice and two items of a record are."""
    record = Record(7, 8, b"k", b"v", ())
    keys = [dead_letter("s", "empty", Origin.of("raw.a.b", 1, record, item), b"v").key for item in (0, 0, 1)]
    assert keys == [b"raw.a.b/1/7/0", b"raw.a.b/1/7/0", b"raw.a.b/1/7/1"]
