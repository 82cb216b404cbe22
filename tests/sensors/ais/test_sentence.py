r"""Lines to sentences: prefixes, suffixes, and what each kind of damage is called."""

from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.ais.checksums import checksums
from sensors.ais.sentence import Sentence, read_sentence
from tests.sensors.ais.sentences import checked, tagged

LINE = b"!AIVDM,1,1,,A,17P@<J?P00blFWmjG@5a5?v62<10,0*27"


def good(line: bytes) -> Sentence:
    """The sentence of a line that holds one."""
    found = read_sentence(line)
    assert isinstance(found, Sentence), found
    return found


def test_plain_sentence() -> None:
    """All fields of a sentence are read as they stand."""
    found = good(LINE)
    assert found == (LINE[1:-3], 0x27, 1, 1, b"", b"A", b"17P@<J?P00blFWmjG@5a5?v62<10", 0, b"", b"", None)


@pytest.mark.parametrize(
    "suffix, source, time_us",
    [
        (b",1327664821", b"", 1_327_664_821_000_000),
        (b",r003669930,1085889680", b"r003669930", 1_085_889_680_000_000),
        (b",s25322,d-103,T57.34034992,x151,r003669930,1085889680", b"r003669930", 1_085_889_680_000_000),
        (b",ComSock1", b"", None),
        (b",", b"", None),
        (b",99999999999999999", b"", None),
    ],
)
def test_suffix_of_the_coast_guard(suffix: bytes, source: bytes, time_us: int | None) -> None:
    """Station and time after the checksum are taken, anything else there is passed over."""
    found = good(LINE + suffix)
    assert (found.source, found.time_us, found.body) == (source, time_us, LINE[1:-3])


@pytest.mark.parametrize(
    "fields, source, time_us, group",
    [
        ("s:station-1,c:1671533231", b"station-1", 1_671_533_231_000_000, b""),
        ("c:1671533231123", b"", 1_671_533_231_123_000, b""),
        ("c:1671533231.25,s:x", b"x", 1_671_533_231_250_000, b""),
        ("g:2-2-1234", b"", None, b"1234"),
        ("n:12,r:3,t:text,d:dest", b"", None, b""),
    ],
)
def test_tag_block(fields: str, source: bytes, time_us: int | None, group: bytes) -> None:
    """Source, time and group are taken from a tag block, other fields are passed over."""
    found = good(tagged(LINE, fields))
    assert (found.source, found.time_us, found.group) == (source, time_us, group)


def test_tag_block_before_suffix() -> None:
    """Where both name a time, the tag block's counts."""
    assert good(tagged(LINE + b",1327664821", "c:1671533231")).time_us == 1_671_533_231_000_000


@pytest.mark.parametrize(
    "line, reason",
    [
        (b"$BSALR,,006,V,V,general failure*62", "not-a-report"),
        (b"$BSALR,081130.00,026,A,A,no sensor position in u", "not-a-report"),
        (b"!AIPWR,UNIT=0,PWV", "not-a-report"),
        (b"$PSHI,001,01.53524524,,01691,32611,114701.28,2,0057,-079*3B", "not-a-report"),
        (b"$BSALR,,006,V,V,general failure*63", "bad-checksum"),
        (b"$ABALR,020819,037,V,A,AIS: Frame synchronisation failure*lure*46", "not-a-report"),
        (b"!=IV>l,0*1C", "bad-checksum"),
        (b"hello", "bad-sentence"),
        (b"\xff\xfe\x00", "bad-sentence"),
        (b"!", "bad-sentence"),
        (b"!*00", "bad-sentence"),
        (b"!AIVDM,1,1,,A,17P@<J?P00blFW", "bad-sentence"),
        (b"!AIVDM,1,1,,A,17P@<J?P00blFWmjG@5a5?v62<1~,0*27", "bad-checksum"),
        (b"!" + checked("AIVDM,1,1,,A,17P@<J,0,0"), "bad-sentence"),
        (b"!" + checked("AIVDM,1,1,,A,,0"), "bad-payload"),
        (b"!" + checked("AIVDM,1,1,,A,1X~,0"), "bad-payload"),
        (b"!" + checked("AIVDM,1,1,,A," + "0" * 201 + ",0"), "bad-payload"),
        (b"!" + checked("AIVDM,0,1,,A,1,0"), "bad-sentence"),
        (b"!" + checked("AIVDM,1,2,,A,1,0"), "bad-sentence"),
        (b"!" + checked("AIVDM,1,1,,A,1,6"), "bad-sentence"),
        (b"\\s:x*00\\" + LINE, "bad-checksum"),
        (b"\\s:x\\" + LINE, "bad-sentence"),
        (b"\\s:x" + LINE, "bad-sentence"),
        (tagged(LINE, "c:soon"), "bad-time"),
        (tagged(LINE, "c:9999999999"), "bad-time"),
        (tagged(b"", "s:x"), "bad-sentence"),
        (tagged(b"$GPZDA,1", "s:x"), "not-a-report"),
    ],
)
def test_what_is_no_sentence_says_why(line: bytes, reason: str) -> None:
    """Other sentences are filtered; damage is dead, and shows in the checksum before it shows elsewhere."""
    found = read_sentence(line)
    assert not isinstance(found, Sentence)
    fate, given, _ = found
    assert (str(given), str(fate)) == (reason, "filtered" if reason == "not-a-report" else "dead")


@given(st.binary(min_size=1, max_size=80))
def test_any_bytes_are_a_sentence_or_a_refusal(line: bytes) -> None:
    """Nothing in a line raises."""
    assert len(read_sentence(line)) in (3, len(Sentence._fields))


@given(st.lists(st.binary(min_size=1, max_size=90), max_size=30))
def test_checksums_of_a_batch_are_those_of_its_lines(bodies: list[bytes]) -> None:
    """The vectorised exclusive or is the one byte by byte."""
    assert checksums(bodies).tolist() == [reduce(xor, body, 0) for body in bodies]
