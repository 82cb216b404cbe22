"""One owner of a track at a time, its id and its baggage wherever it goes, and zombies without effect."""

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.tracks.sharing.ledger import Ledger
from streams.tracks.sharing.messages import Baggage, Incident, Join, Release
from streams.tracks.sharing.receive import receive
from tests.streams.tracks.sharing.sea import Place, Sea


def across(second: int, speed: float = 25.0, x0: float = 500.0) -> dict[int, Place]:
    """One object from the first sector eastwards."""
    return {1: (x0 + speed * second, 500.0, speed)}


def test_an_object_keeps_its_id_and_baggage_across_three_borders() -> None:
    """Law: one public id through four owners; an incident opened on the way arrives with the accumulators."""
    sea, owners = Sea(), []
    for second in range(120):
        sea.step(across(second), 1.0)
        if second == 5:
            sea.load(1, "incident-a")
        if 1 in sea.public:
            owners.append(sea.public[1][0])
    assert len(sea.heard[1]) == 1
    assert sorted(set(owners)) == [0, 1, 2, 3]
    assert owners == sorted(owners)
    baggage = sea.public[1][1].baggage
    assert [i.incident_id for i in baggage.incidents] == ["incident-a"]
    assert baggage.incidents[0].home_area == 0
    assert baggage.accumulators == (1.5, 2.5)


def test_silence_of_five_seconds_and_the_neighbour_claims() -> None:
    """Law: an owner that dies loses its track to the one whose core it is in, not before 5 s, under the same id."""
    sea = Sea()
    for second in range(22):
        sea.step(across(second), 0.5)
    dead_at = sea.now_s
    claimed_at = 0.0
    for second in range(22, 45):
        sea.step(across(second), 0.5, dead=(0,))
        if any(out.claimed for out in sea.turns):
            claimed_at = claimed_at or sea.now_s
    assert 5.0 <= claimed_at - dead_at <= 7.0
    assert len(sea.heard[1]) == 1
    assert sea.public[1][0] == 1


def test_a_zombie_is_ignored_and_gives_up() -> None:
    """Law: an owner that comes back with its old book says nothing that is accepted, and hands over what it has."""
    sea = Sea()
    for second in range(13):
        sea.step(across(second, 4.0, 960.0), 0.5)
    sea.load(1, "opened before it died")
    zombie = sea.owners[0].ledger.dump()
    for second in range(13, 22):
        sea.step(across(second, 4.0, 960.0), 0.5, dead=(0,))
    assert sea.public[1][0] == 1
    sea.owners[0].ledger = Ledger.load(zombie)
    refused = sea.fence.refused
    sea.step(across(22, 4.0, 960.0), 0.5, deaf=(0,))
    assert sea.public[1][0] == 1
    assert sea.fence.refused == refused + 1
    for second in range(23, 28):
        sea.step(across(second, 4.0, 960.0), 0.5)
    track_id = sea.heard[1][0]
    assert sea.heard[1] == [track_id]
    assert sea.holders(track_id) == [1]
    assert [i.incident_id for i in sea.public[1][1].baggage.incidents] == ["opened before it died"]


def test_a_zombies_release_brings_its_baggage_once() -> None:
    """Law: a slow owner's RELEASE after the claim takes nothing, and its incidents arrive; a repeat brings nothing."""
    sea = Sea()
    for second in range(22):
        sea.step(across(second), 0.5)
    sea.load(1, "opened before it died")
    zombie = sea.owners[0].ledger.dump()
    for second in range(22, 40):
        sea.step(across(second), 0.5, dead=(0,))
    sea.owners[0].ledger = Ledger.load(zombie)
    sea.step(across(40), 0.5, deaf=(0,))
    releases = [one.message for _, _, one in sea.post if isinstance(one.message, Release)]
    assert len(releases) == 1
    for second in range(41, 44):
        sea.step(across(second), 0.5)
    assert sea.holders(sea.heard[1][0]) == [1]
    assert [i.incident_id for i in sea.public[1][1].baggage.incidents] == ["opened before it died"]
    book = sea.owners[1].ledger.dump()
    answer = receive(sea.owners[1].ledger, releases[0], sea.now_s)
    assert not answer.loaded
    sea.owners[1].ledger.fence.refused -= 1
    assert sea.owners[1].ledger.dump() == book


def test_two_that_name_one_object_at_once_agree_on_the_smaller_id() -> None:
    """Law: where both owners named an object in the same moment, one id remains within seconds and is told as alias."""
    sea = Sea()
    sea.step({1: (995.0, 500.0, 0.0)}, 1.0, dead=(1,))
    twin = Sea()
    twin.step({1: (1005.0, 500.0, 0.0)}, 1.0, dead=(0,))
    sea.owners[1], sea.now_s = twin.owners[1], 1.0
    aliases = []
    for _ in range(12):
        sea.step({1: (1000.0, 500.0, 0.0)}, 1.0)
        aliases += [alias for out in sea.turns for alias in out.aliases]
    assert aliases == [(2001, 1001)]
    assert (sea.holders(1001), sea.holders(2001)) == ([0], [])


walks = st.lists(st.floats(-30, 30), min_size=1, max_size=3)
moves = st.lists(st.tuples(st.integers(3, 40), walks), min_size=1, max_size=4)


@settings(max_examples=20, deadline=None)
@given(moves, st.sampled_from([0.0, 0.5, 1.0, 2.5, 4.0]), st.booleans(), st.integers(0, 3))
def test_a_handoff_at_any_point_loses_and_doubles_nothing(
    phases: list[tuple[int, list[float]]], delay_s: float, twice: bool, pause: int
) -> None:
    """Law: however objects wander and messages are delayed (under 5 s) or repeated: never two holders of an id, one id
    per object, silence only while a RELEASE travels, and in the end every object is published once."""
    objects: dict[int, Place] = {o: (400.0 + 900.0 * o, 200.0 + 250.0 * o, 0.0) for o in range(3)}
    sea = Sea()
    for _ in range(8):
        sea.step(objects, delay_s, twice=twice)
    quiet = dict.fromkeys(objects, 0)
    for length, speeds in phases:
        for _ in range(length):
            objects = {
                o: (min(max(x + speeds[o % len(speeds)], 10.0), 3990.0), y, speeds[o % len(speeds)])
                for o, (x, y, _) in objects.items()
            }
            sea.step(objects, delay_s, twice=twice)
            for o in objects:
                assert len(sea.heard[o]) == 1
                assert len(sea.holders(sea.heard[o][0])) <= 1
                quiet[o] = 0 if o in sea.public else quiet[o] + 1
                assert quiet[o] <= delay_s + 2.0
    still: dict[int, Place] = {o: (x, y, 0.0) for o, (x, y, _) in objects.items()}
    for _ in range(10 + pause):
        sea.step(still, delay_s, twice=twice)
    for o in objects:
        assert o in sea.public
        assert len(sea.holders(sea.heard[o][0])) == 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.sampled_from([(), (0,), (1,), (0, 2), (2,)])), min_size=1, max_size=6),
       st.floats(-30, 30), st.booleans())  # fmt: skip
def test_epochs_make_a_zombie_harmless(
    outages: list[tuple[int, tuple[int, ...]]], speed: float, old_book: bool
) -> None:
    """Law: whoever stops and comes back, even with an older book, in public an id's (epoch, owner) never goes down, and
    once all live for a while one owner holds each object."""
    sea = Sea()
    x = 1500.0
    for _ in range(6):
        sea.step({1: (x, 500.0, 0.0)}, 1.0)
    books = [owner.ledger.dump() for owner in sea.owners]
    before: tuple[int, int] = (-1, -1)
    for length, dead in outages:
        for _ in range(length):
            x = min(max(x + speed, 10.0), 3990.0)
            sea.step({1: (x, 500.0, speed)}, 1.0, dead=dead)
            if 1 in sea.public:
                right = sea.public[1][1].right
                if sea.public[1][1].track_id == sea.heard[1][0]:
                    assert right >= before
                    before = right
        if old_book:
            for number in dead:
                sea.owners[number].ledger = Ledger.load(books[number])
    for _ in range(25):
        sea.step({1: (x, 500.0, 0.0)}, 1.0)
    assert 1 in sea.public
    holding = [number for track_id in sea.heard[1] for number in sea.holders(track_id)]
    assert len(holding) == 1


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 60), st.floats(10, 30))
def test_a_restart_from_the_snapshot_changes_nothing(cut: int, speed: float) -> None:
    """Law: dump and load at any second gives the same messages and the same book, bit for bit."""
    whole, again = Sea(), Sea()
    for second in range(80):
        for sea in (whole, again):
            sea.step(across(second, speed), 1.0)
        if second == cut:
            for owner in again.owners:
                owner.ledger = Ledger.load(owner.ledger.dump())
        assert again.turns == whole.turns
    assert [o.ledger.dump() for o in again.owners] == [o.ledger.dump() for o in whole.owners]


def test_an_end_is_told_and_nobody_claims_it() -> None:
    """Law: a track that ends for everybody is gone from all books of its neighbours."""
    sea = Sea()
    for _ in range(6):
        sea.step({1: (900.0, 500.0, 0.0)}, 0.5)
    for _ in range(10):
        sea.step({}, 0.5)
    assert not sea.public
    assert not any(owner.ledger.held or owner.ledger.foreign for owner in sea.owners)


def test_what_is_joined_keeps_all_incidents() -> None:
    """Law: baggage for a track nobody holds waits for it instead of vanishing."""
    sea = Sea()
    bag = Baggage(incidents=(Incident("left over", 3, 1),))
    receive(sea.owners[0].ledger, Join(5, 0, 1, 77, bag), 0.0)
    assert Ledger.load(sea.owners[0].ledger.dump()).orphans == {77: bag}
