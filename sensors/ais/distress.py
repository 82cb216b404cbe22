"""Calls for help over AIS: search-and-rescue transmitters, man-overboard devices, emergency beacons.

Their MMSI begins with 970, 972 or 974 (ITU-R M.585-9); active ones send type 1 with navigational status 14 and type
14 with the text ``SART ACTIVE``, ``MOB ACTIVE`` or ``EPIRB ACTIVE``; in a test the status is 15 and the text says
``TEST`` (IEC 61097-14, IMO SN.1/Circ.322).
"""

import re
from enum import Enum

from sensors.observation import Distress

_KIND = {970: Distress.SART, 972: Distress.MOB, 974: Distress.EPIRB}
_ACTIVE, _TEST = 14, 15
_TEXT = re.compile(r"\b(SART|MOB|EPIRB)\b[ -]*(ACTIVE|TEST)\b")


class Test(Enum):
    """A device that is being tested: understood, and no call for help."""

    __test__ = False  # not a test case
    SIGNAL = "test"


def by_status(mmsi: int, status: int) -> Distress | Test | None:
    """What the MMSI and navigational status of a position report say; None for an ordinary report."""
    kind = _KIND.get(mmsi // 1_000_000)
    if kind is None or status not in (_ACTIVE, _TEST):
        return None
    return kind if status == _ACTIVE else Test.SIGNAL


def by_text(text: str) -> Distress | Test | None:
    """What the text of a safety broadcast (type 14) says, whoever sends it; None for other texts.

    >>> by_text("MOB ACTIVE")
    <Distress.MOB: 'mob'>
    """
    found = _TEXT.search(text.upper())
    if found is None:
        return None
    return Distress(found[1].lower()) if found[2] == "ACTIVE" else Test.SIGNAL
