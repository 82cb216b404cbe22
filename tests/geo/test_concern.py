"""Words for whom a zone concerns: what rules an object out, and that nothing unknown does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.concern import CLASSES, MODALITIES, Concern, may_be, word_of, wrong_words

NOBODY: frozenset[str] = frozenset()
words = st.sampled_from([*MODALITIES, *CLASSES])


def out(zone: list[str], *, seen: tuple[str, ...] = (), called: str = "") -> bool:
    """Whether a zone's words rule out what was seen by some kinds of sensors and is called something."""
    return Concern(zone).rules_out(frozenset(seen), may_be(called))


@pytest.mark.parametrize(
    "zone, called, ruled_out",
    [
        (["fishing"], "fishing", False),
        (["fishing"], "cargo", True),
        (["fishing"], "vessel", False),  # it may be one
        (["fishing"], "small-boat", False),
        (["small-boat"], "tanker", True),
        (["small-boat"], "fishing", False),
        (["vessel"], "cargo", False),
        (["vessel"], "helicopter", True),
        (["cargo", "walker"], "walker", False),
        (["walker"], "vehicle", True),
        (["walker"], "", False),  # nothing is known of it
        (["walker"], "a shadow", False),  # nor does that say anything
        ([], "walker", False),
    ],
)
def test_what_an_object_may_be_decides(zone: list[str], called: str, ruled_out: bool) -> None:
    """A zone concerns what may be one of its classes."""
    assert out(zone, called=called) is ruled_out


def test_words_of_both_sorts_have_to_fit() -> None:
    """Of one sort they are alternatives; what is not known rules nothing out."""
    zone = ["radar", "camera", "small-boat"]
    assert not out(zone, seen=("ais", "radar"), called="small-boat")
    assert out(zone, seen=("ais",), called="small-boat")
    assert out(zone, seen=("radar",), called="cargo")
    assert not out(zone, seen=("camera",))
    assert not out(zone, called="small-boat")


@given(zone=st.lists(words), seen=st.frozensets(st.sampled_from(MODALITIES)), called=words)
def test_to_know_less_never_rules_out_more(zone: list[str], seen: frozenset[str], called: str) -> None:
    """Law: what concerns an object still does when its class or its sensors are not known; its own words concern it."""
    concern, classes = Concern(zone), may_be(called)
    if not concern.rules_out(seen, classes):
        assert not concern.rules_out(NOBODY, classes)
        assert not concern.rules_out(seen, NOBODY)
    assert not concern.rules_out(NOBODY, NOBODY)
    assert not Concern([called, *seen]).rules_out(seen, classes)


def test_spellings_and_what_is_no_word() -> None:
    """Case, underscores and common names are understood; a word there is not is said with those there are."""
    assert [word_of(text) for text in ("Small boat", "ads-b", "FISHING_VESSEL", "Person")] == [
        "small-boat",
        "adsb",
        "fishing",
        "walker",
    ]
    assert wrong_words(["radar", "UAV"]) is None
    expected = wrong_words(["radar", "submarine"])
    assert expected is not None
    assert "pleasure-craft" in expected
