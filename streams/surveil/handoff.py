"""What sector owners say to each other about one identity (``observations.v1``, kind ``handoff``).

There is one holder of an object at a time, or one RELEASE on its way; a stub at every earlier holder leads to it.

=========  ================================================  ======================================================
kind       says                                              answer
=========  ================================================  ======================================================
DEPART     (a departing row passed on along a stub)          RELEASE, HELD or NOTHING to the asker
ASK        a row came of an object I have never heard of     RELEASE, HELD or NOTHING to the asker
FORWARD    here is a row of an object you hold               RELEASE, KEPT or RETURN to the asker
RELEASE    here is the object: it is yours now
HELD       the object is mine, and newer than your row       (the asker forwards the row)
KEPT       your row is applied, the object stays mine
NOTHING    I hold nothing and know of nothing
RETURN     I hold nothing; here is your row back
PROBE      somebody waits for me, and I wait for you         (passed on; back at its origin it is a deadlock)
=========  ================================================  ======================================================
"""

from enum import IntEnum

import msgspec

from sensors.observation import Identity
from streams.surveil.objects import Objects
from streams.surveil.rows import Fix, Row
from streams.surveil.visits import Case, Visit
from streams.who import NOT_SAID

TOPIC = "observations.v1"


class HandoffKind(IntEnum):
    """See the module's table."""

    DEPART = 0
    ASK = 1
    FORWARD = 2
    RELEASE = 3
    HELD = 4
    KEPT = 5
    NOTHING = 6
    RETURN = 7
    PROBE = 8


class Carried(msgspec.Struct, array_like=True):
    """A whole object on its way."""

    identity: Identity
    track: str
    epoch: int
    fixes: list[Fix]
    anchored: bool
    version: int
    heard_us: int
    pictured_us: int
    case: Case | None
    said: tuple[str, float] = NOT_SAID
    seen: int = 0


class Handoff(msgspec.Struct, array_like=True):
    """One message about one identity. ``stamp`` is the sender's Lamport time, so that what follows is later."""

    kind: HandoffKind
    key: str
    cause: bytes  # the observation this is about
    time_us: int  # its event time
    asker: int  # the owner that waits
    stamp: int
    census: int = 0  # the stamp of the ASK this belongs to; 0 where it belongs to none
    instead_of: int = -1  # the owner in whose stead an ASK is answered
    holder: int = -1  # HELD, KEPT: who holds it
    epoch: int = 0  # of the holder's claim
    blocked: bytes = b""  # PROBE: the observation the sender itself waits about
    hops: int = 0
    row: Row | None = None
    provisional: list[Visit] = []  # FORWARD, RETURN: what was published of the row before its judgement
    held: Carried | None = None


def carry(objects: Objects, slot: int, epoch: int) -> Carried:
    """Pack an object; it is forgotten here."""
    carried = packed(objects, slot, epoch)
    objects.forget(slot)
    return carried


def packed(objects: Objects, slot: int, epoch: int) -> Carried:
    """A whole object as it stands; what it holds is shared with the object, not copied."""
    return Carried(
        objects.identities[slot],
        objects.tracks[slot],
        epoch,
        objects.fixes(slot),
        bool(objects.anchored[slot]),
        int(objects.version[slot]),
        int(objects.heard_us[slot]),
        int(objects.pictured_us[slot]),
        objects.cases[slot],
        objects.said[slot],
        int(objects.seen[slot]),
    )


def unpack(objects: Objects, key: str, carried: Carried) -> int:
    """Take an object over; its slot. The caller settles its timers."""
    slot = objects.new(key, carried.identity, carried.track, carried.epoch)
    objects.rewrite(slot, carried.fixes, anchored=carried.anchored)
    objects.version[slot] = carried.version
    objects.heard_us[slot], objects.pictured_us[slot] = carried.heard_us, carried.pictured_us
    objects.cases[slot] = carried.case
    objects.take_word(slot, carried.said, carried.seen)
    return slot
