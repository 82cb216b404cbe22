"""Whether a zone concerns a craft, and whether anybody could know: what is certain, and what only the truth tells."""

from typing import Final

from geo.concern import CLASSES, Concern
from geo.zones import Zone
from sensors.ship_types import word_of_ship_type
from simulator.craft import Craft
from simulator.spec import Kind
from streams.who import who_of

NEVER: Final = "the zone does not concern such an identity"
_IN_TRUTH: Final = "the zone does not concern it, for who knows what it is"


def not_concerned(zone: Zone, craft: Craft) -> str | None:
    """Why a zone has no business with a craft; None where it has.

    :data:`NEVER` where what it calls itself rules it out. Else a system that has not heard its type of ship, or from no
    sensor of the zone's kinds, may be in doubt, and in doubt a zone applies."""
    if not zone.applies_to:
        return None
    concern = Concern(zone.applies_to)
    who = who_of(craft.identity.key("") or "", craft.identity)
    if concern.rules_out(frozenset(), who.classes):
        return NEVER
    if concern.rules_out(who.modalities, _is(craft)):
        return _IN_TRUTH
    return None


def _is(craft: Craft) -> frozenset[str]:
    return CLASSES[word_of_ship_type(craft.ship_type) if craft.kind is Kind.VESSEL else craft.kind.value]
