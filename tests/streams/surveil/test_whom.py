"""Whom a zone concerns, by what is known of the object: identity, type of ship, the sensors' word, what has seen it."""

import msgspec
import pytest

from sensors.extras import Extras, encode_extras
from sensors.observation import Classification, Identity
from streams.config import Feed, Format, PlotSensor, Settings
from streams.messages import EdgeKind, EndReason
from streams.partitioning import Owners
from streams.surveil import wording
from streams.who import NOT_SAID, bit_of, bits_of, said_in, who_of
from tests.streams.surveil import feeds
from tests.streams.surveil.feeds import BEGIN_S, SECOND_US, box, zone
from tests.streams.surveil.owner import INSIDE, OUTSIDE, Owner, at, kinds, only

WEST = box(-84.0, 24.0, -82.4, 26.0)
FISHING, CARGO = 30, 70


def owner(*words: str, vendors: tuple[str, ...] = ("acme",)) -> Owner:
    """An owner with one zone for these."""
    return Owner(feeds.version([zone("west", WEST, "protected", applies_to=list(words))]), vendors=vendors)


@pytest.mark.parametrize(
    "ship_type, words, opens",
    [
        (FISHING, ["fishing"], True),
        (CARGO, ["fishing"], False),
        (None, ["fishing"], True),  # any vessel may be fishing
        (None, ["walker"], False),  # no vessel walks
        (CARGO, ["vessel"], True),
        (CARGO, ["radar"], False),  # heard by AIS alone
        (CARGO, ["ais"], True),
    ],
)
def test_the_type_of_ship_decides(ship_type: int | None, words: list[str], opens: bool) -> None:
    """An entry opens where the zone may concern the vessel, and only there."""
    edges = owner(*words).see(at(0, OUTSIDE, ship_type=ship_type), at(600, INSIDE, ship_type=ship_type))
    assert [edge.kind for edge in edges] == [EdgeKind.OPENED] * opens


def test_a_sensors_word_narrows_it() -> None:
    """The surest word counts, and a word that says nothing known says nothing."""
    watching = owner("fishing")
    assert watching.see(at(0, OUTSIDE, said=("tanker", 0.4)), at(600, INSIDE, said=("something", 0.9))) == []
    other = owner("fishing")
    seen = other.see(at(0, OUTSIDE, said=("tanker", 0.4)), at(600, INSIDE, said=("Fishing vessel", 0.8)))
    assert kinds(seen) == [(EdgeKind.OPENED, "west")]


def test_what_is_learned_later_holds_for_all_its_fixes() -> None:
    """An entry that opened in doubt is taken back when the vessel says what it is; one more entry opens nothing."""
    watching = owner("fishing")
    opened = only(watching.see(at(0, OUTSIDE), at(600, INSIDE)))
    learned, retracted = watching.see(at(900, INSIDE, ship_type=CARGO))
    assert (learned.kind, retracted.kind) == (EdgeKind.UPDATED, EdgeKind.RETRACTED)
    assert learned.incident.identity.ship_type == CARGO
    assert retracted.incident.alert_id == opened.alert_id
    assert retracted.incident.reasons[-1] == wording.OTHERWISE
    assert watching.see(at(1800, OUTSIDE), at(2400, INSIDE)) == []


def test_what_turns_out_to_concern_it_is_told_late() -> None:
    """Taken for a tanker with little confidence, it entered a zone for fishing: once that is known, the entry opens."""
    watching = owner("fishing")
    assert watching.see(at(0, OUTSIDE, said=("tanker", 0.3)), at(600, INSIDE)) == []
    opened = only(watching.see(at(900, INSIDE, said=("fishing", 0.9))))
    assert (opened.opened_us, opened.late) == ((BEGIN_S + 600) * SECOND_US, True)


def test_the_end_does_not_depend_on_when_it_is_learned() -> None:
    """Law: what stands at the end is the same whichever of the remembered fixes says what it is."""
    ends = []
    for known in range(4):
        watching = owner("fishing")
        for step, place in enumerate((OUTSIDE, INSIDE, OUTSIDE, INSIDE)):
            watching.see(at(600 * step, place, ship_type=FISHING if step == known else None))
        last = feeds.final(watching.edges()).values()
        ends.append(sorted(i.opened_us for kind, i in last if kind is not EdgeKind.RETRACTED))
    assert ends[0] == [(BEGIN_S + 600) * SECOND_US, (BEGIN_S + 1800) * SECOND_US]
    assert ends == ends[:1] * 4


def test_beyond_what_is_remembered_it_is_found() -> None:
    """A stay that began before the remembered fixes ends with the zone's interest in it; a new one is found."""
    watching = owner("fishing")
    watching.see(at(0, OUTSIDE), *(at(600 + 10 * n, INSIDE) for n in range(20)))
    assert watching.edges()[-1].kind is EdgeKind.OPENED
    assert watching.see(at(900, INSIDE, ship_type=CARGO))[-1].kind is EdgeKind.RETRACTED
    assert watching.see(at(960, INSIDE), at(1560, OUTSIDE), at(2160, INSIDE)) == []
    hidden = owner("fishing")
    hidden.see(at(0, OUTSIDE, said=("tanker", 0.3)), *(at(600 + 10 * n, INSIDE) for n in range(20)))
    assert hidden.see(at(900, INSIDE, said=("fishing", 0.9))) == []


def test_an_edit_of_whom_it_concerns_ends_what_it_does_not_any_more() -> None:
    """Inside when the edit comes into force: an incident ends as zone-changed, a vessel it concerns now is found."""
    second = (BEGIN_S + 700) * SECOND_US
    watching = Owner(
        feeds.version([zone("west", WEST, "protected", applies_to=["fishing"])]),
        feeds.version([zone("west", WEST, "protected", applies_to=["cargo"])], 2, second),
    )
    watching.feeds["acme"].zones_version = 2
    for mmsi, ship_type in ((201, FISHING), (202, CARGO)):
        watching.see(at(0, OUTSIDE, mmsi, ship_type=ship_type), at(600, INSIDE, mmsi, ship_type=ship_type))
    assert kinds(watching.edges()) == [(EdgeKind.OPENED, "west")]
    ended = only(watching.see(at(900, INSIDE, 201)))
    assert (ended.end_reason, ended.ended_us) == (EndReason.ZONE_CHANGED, second)
    assert watching.see(at(900, INSIDE, 202)) == []
    assert kinds(watching.see(at(1200, OUTSIDE, 202), at(1800, INSIDE, 202))) == [(EdgeKind.OPENED, "west")]


def test_what_has_seen_it_decides() -> None:
    """A zone for what a radar sees concerns a vessel from the first fix of a radar on, for all its fixes."""
    watching = owner("radar", vendors=("acme", "bolt"))
    described = {"bolt-1": "radar"}
    watching.core._objects.know_sensors({name: bit_of(word) for name, word in described.items()})
    assert watching.see(at(0, OUTSIDE), at(600, INSIDE)) == []
    opened = only(watching.see(at(700, INSIDE), vendor="bolt"))
    assert (opened.opened_us, opened.late) == ((BEGIN_S + 600) * SECOND_US, True)
    assert watching.see(at(800, INSIDE), at(900, INSIDE)) == []


def test_kinds_of_sensors_come_from_feeds_and_descriptions() -> None:
    """The kind of a feed that names its sensors, and what a sensor's own description says; a kind that is none is 0."""
    described = PlotSensor("r1", "lidar", revisit_s=2.0, sigma_m=10.0, detection_probability=0.9)
    named = tuple(Feed("acme", kind, Format.JSON, sensors=(name,)) for kind, name in (("radar", "r1"), ("json", "j1")))
    told = Settings(named, Owners(1), sensors=(described,)).modalities()
    assert told == {"r1": "lidar", "j1": "json"}
    assert bits_of(told) == {"r1": bit_of("lidar")}


def test_the_state_keeps_what_is_known() -> None:
    """A restart from the snapshot judges as if there had been none."""
    watching = owner("fishing")
    watching.see(at(0, OUTSIDE, said=("tanker", 0.8)))
    again = owner("fishing")
    again.core.load(watching.core.dump())
    again.feeds, again.log = watching.feeds, watching.log
    assert again.see(at(600, INSIDE)) == []


@pytest.mark.parametrize(
    "key, identity, said, classes",
    [
        ("mmsi:205123000", Identity(mmsi=205_123_000, ship_type=79), "", {"cargo"}),
        ("mmsi:205123000", Identity(mmsi=205_123_000, ship_type=79), "walker", {"cargo", "walker"}),  # either
        ("mmsi:111232500", Identity(mmsi=111_232_500), "", {"aeroplane", "helicopter", "drone"}),
        ("mmsi:970123456", Identity(mmsi=970_123_456), "", set()),  # a beacon: on whatever drifts
        ("track:1", Identity(), "drone", {"drone"}),
        ("track:1", Identity(), "", set()),
    ],
)
def test_who_it_may_be(key: str, identity: Identity, said: str, classes: set[str]) -> None:
    """Identity, type of ship and a sensor's word narrow what an object may be; a contradiction leaves both."""
    assert who_of(key, identity, said).classes == classes


def test_the_likeliest_word_that_is_known() -> None:
    """Of a row's classification, the surest label that means anything here."""
    labels = (Classification("ghost", 0.9), Classification("Speedboat", 0.6), Classification("ship", 0.2))
    assert said_in(encode_extras(Extras(classification=labels))) == ("fast-boat", 0.6)
    assert said_in(encode_extras(Extras(altitude_m=3.0))) == said_in(None) == NOT_SAID
    assert said_in(msgspec.msgpack.encode({})) == NOT_SAID
