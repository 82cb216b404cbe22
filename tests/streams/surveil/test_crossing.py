"""Objects that cross between owners: who holds them, who waits for whom, and what is said meanwhile."""

from sensors.columns import Flag
from streams.config import SurveilRules
from streams.log import Record
from streams.messages import EdgeKind
from streams.surveil import SurveilCore
from tests.streams.surveil import feeds
from tests.streams.surveil.feeds import BEGIN_S, SECOND_US, Feed, Sighting

OWNERS = feeds.patchwork(3)


def place(owner: int, *, inside: bool) -> tuple[float, float]:
    """A position of that owner's, in the zone ``west`` or outside of every zone."""
    candidates = ((lon / 100, lat / 100) for lon in range(-8390, -8100, 7) for lat in range(2340, 2590, 7))
    for lon, lat in candidates:
        zones = [name for name, (w, s, e, n) in feeds.BOX.items() if w <= lon <= e and s <= lat <= n]
        if zones == (["west"] if inside else []) and feeds.owner_of(OWNERS, _cell(lon, lat)) == owner:
            return lon, lat
    raise AssertionError("no such place")


def _cell(lon: float, lat: float) -> int:
    from geo.sectors import sector

    return sector(lon, lat)


class Three:
    """Three owners, each with its log; nothing moves until :meth:`read` is called."""

    def __init__(self, vendors: tuple[str, ...] = ("acme",)) -> None:
        settings = feeds.settings(OWNERS, vendors, SurveilRules())
        self.cores = [SurveilCore(p, settings, feeds.loaded()) for p in range(3)]
        self.feeds = {vendor: Feed(vendor, OWNERS) for vendor in vendors}
        self.logs: list[list[Record]] = [[], [], []]
        self.next = [0, 0, 0]
        self.detections: list[list[Record]] = [[], [], []]
        self.log_us = BEGIN_S * SECOND_US

    def see(self, *sightings: Sighting, vendor: str = "acme") -> None:
        """What ingest writes for some sightings."""
        feed = self.feeds[vendor]
        feed.take(sightings)
        for partition in range(3):
            for one in feed.send(partition):
                self._append(partition, *one)

    def wait(self, seconds: float) -> None:
        """Log time passes, and every feed ticks."""
        self.log_us += round(seconds * SECOND_US)
        for feed in self.feeds.values():
            for partition in range(3):
                self._append(partition, *feed.tick(partition, -1))

    def read(self, *partitions: int) -> None:
        """Let some owners (all, without an argument) read until they have nothing more to read."""
        moved = True
        while moved:
            moved = False
            for partition in partitions or range(3):
                taken = self.logs[partition][self.next[partition] :]
                self.next[partition] += len(taken)
                moved = moved or bool(taken)
                for output in self.cores[partition].apply(taken) if taken else ():
                    if output.topic == "observations.v1":
                        self._append(output.partition, output.key or b"", output.value or b"", output.headers)
                    elif output.topic == "detections.v1":
                        log = self.detections[output.partition]
                        log.append(Record(len(log), 0, output.key, output.value, output.headers))

    def _append(self, partition: int, *one: object) -> None:
        self.log_us += 1000
        self.logs[partition].append(Record(len(self.logs[partition]), self.log_us, *one))  # type: ignore[arg-type]

    def said(self) -> list[tuple[EdgeKind, int, bool]]:
        """Kind, sequence and whether provisional, of every edge (an edge to two owners once)."""
        found = feeds.edges_of(self.detections)
        unique = {(e.incident.alert_id, e.sequence): e for e in found}
        return [(e.kind, e.sequence, e.incident.provisional) for e in unique.values()]

    def holders(self) -> list[int]:
        """The owners that hold the object."""
        return [p for p, core in enumerate(self.cores) if len(core._objects)]

    def waiting(self) -> list[int]:
        """Rows that wait, by owner."""
        return [core.counts()["held"] for core in self.cores]


def at(time_s: float, owner: int, *, inside: bool = False, flags: int = 0) -> Sighting:
    """A sighting in an owner's sector."""
    return Sighting(201, time_s, *place(owner, inside=inside), flags)


def test_state_follows_the_object() -> None:
    """The row waits for the RELEASE; the entry is told by the new owner, once; the old one keeps a stub."""
    three = Three()
    three.see(at(0, 0))
    three.read()
    assert three.holders() == [0]
    three.see(at(3600, 1, inside=True))
    three.read(1)
    assert three.waiting() == [0, 1, 0]
    assert three.said() == []
    three.read()
    assert three.holders() == [1]
    assert three.waiting() == [0, 0, 0]
    assert three.said() == [(EdgeKind.OPENED, 1, False)]
    assert list(three.cores[0]._crossing.memory.stubs) == ["mmsi:000000201"]


def test_a_release_may_come_before_its_row() -> None:
    """The state is adopted; the row then finds it."""
    three = Three()
    three.see(at(0, 0))
    three.read()
    feed = three.feeds["acme"]
    feed.take([at(3600, 1, inside=True)])
    for one in feed.send(0):
        three._append(0, *one)
    three.read(0, 1)
    assert three.holders() == [1]
    for one in feed.send(1):
        three._append(1, *one)
    three.read()
    assert three.said() == [(EdgeKind.OPENED, 1, False)]


def test_an_open_visit_ends_at_another_owner() -> None:
    """Entered at one owner, left at another: one incident, one id, sequence going on."""
    three = Three()
    three.see(at(0, 0), at(3600, 0, inside=True), at(7200, 1), at(7300, 1), at(7400, 2))
    three.read()
    assert three.said() == [(EdgeKind.OPENED, 1, False), (EdgeKind.ENDED, 2, False)]
    assert three.holders() == [2]


def test_after_patience_a_provisional_edge_that_is_then_confirmed() -> None:
    """Two seconds of log time: published from the previous fix; the RELEASE makes it final under the same id."""
    three = Three()
    three.see(at(0, 0))
    three.read()
    three.see(at(3600, 1, inside=True))
    three.wait(1.0)
    three.read(1)
    assert three.said() == []
    three.wait(1.5)
    three.read(1)
    assert three.said() == [(EdgeKind.OPENED, 1, True)]
    assert three.waiting() == [0, 1, 0]
    three.read()
    assert three.said() == [(EdgeKind.OPENED, 1, True), (EdgeKind.UPDATED, 2, False)]


def test_after_patience_a_provisional_edge_that_is_then_retracted() -> None:
    """What the old owner knew contradicts the segment alone: retracted."""
    three = Three(("acme", "bolt"))
    three.see(at(0, 0, inside=True))
    three.read()
    three.see(at(10, 0), vendor="acme")  # briefly outside: the visit goes on
    three.read()
    three.see(at(20, 1, inside=True))
    three.wait(2.5)
    three.read(1)
    assert three.said() == [(EdgeKind.OPENED, 1, True)]
    three.read()
    assert three.said() == [(EdgeKind.OPENED, 1, True), (EdgeKind.RETRACTED, 2, False)]


def test_a_recording_is_in_no_hurry() -> None:
    """Historical rows wait without a provisional edge."""
    three = Three()
    three.see(at(0, 0, flags=Flag.HISTORICAL))
    three.read()
    three.see(at(3600, 1, inside=True, flags=Flag.HISTORICAL))
    three.wait(60.0)
    three.read(1)
    assert three.said() == []
    three.read()
    assert three.said() == [(EdgeKind.OPENED, 1, False)]


def test_a_call_for_help_waits_for_nobody() -> None:
    """A live distress row is published at once and confirmed when the state has come."""
    three = Three()
    three.see(at(0, 0))
    three.read()
    three.see(at(60, 1, flags=Flag.DISTRESS))
    three.read(1)
    assert three.said() == [(EdgeKind.OPENED, 1, True)]
    three.read()
    assert three.said() == [(EdgeKind.OPENED, 1, True), (EdgeKind.UPDATED, 2, False)]


def test_another_feed_that_meets_a_stub_is_forwarded() -> None:
    """Rows of a feed that lags behind go to the holder; there is one track and one alert."""
    three = Three(("acme", "bolt"))
    three.see(at(0, 0), vendor="acme")
    three.see(at(1, 0), vendor="bolt")
    three.read()
    three.see(at(3600, 1, inside=True), vendor="acme")
    three.read()
    three.see(at(1800, 0), vendor="bolt")
    three.read()
    assert three.holders() == [1]
    assert three.cores[0].counts()["copies/forwarded"] == 1
    assert three.cores[1].counts()["copies/received"] == 1
    three.see(at(3600, 1, inside=True), vendor="bolt")
    three.read()
    assert three.said()[0] == (EdgeKind.OPENED, 1, False)
    assert len({edge.incident.alert_id for edge in feeds.edges_of(three.detections)}) == 1
    assert three.cores[1].counts()["merged"] == 1


def test_two_owners_that_meet_an_object_at_once_make_one_track() -> None:
    """Both ask everybody; the earlier begins, the later is answered by it. In every order of reading."""
    for order in ((), ((2,), (0,), (1,)), ((1,), (2,)), ((1, 2),)):
        three = Three(("acme", "bolt"))
        three.see(at(0, 1), vendor="acme")
        three.see(at(1, 2), vendor="bolt")
        for partitions in order:
            three.read(*partitions)
        three.read()
        assert len(three.holders()) == 1
        assert three.waiting() == [0, 0, 0]
        begun = [core.counts().get("tracks/begun", 0) for core in three.cores]
        assert sum(begun) == 1


def test_owners_that_wait_for_each_other_find_out() -> None:
    """Two feeds cross the same border in opposite directions: the circle is broken, every row gets its fate."""
    three = Three(("acme", "bolt"))
    three.see(at(0, 2), vendor="acme")
    three.read()
    acme, bolt = three.feeds["acme"], three.feeds["bolt"]
    bolt.take([at(5, 1)])
    acme.take([at(10, 0), at(20, 1)])
    bolt.take([at(12, 0)])
    sent = {(feed.vendor, p): feed.send(p) for feed in (acme, bolt) for p in range(3)}
    for vendor, partition in (("acme", 1), ("bolt", 1), ("bolt", 0), ("acme", 0), ("acme", 2), ("bolt", 2)):
        for one in sent[vendor, partition]:
            three._append(partition, *one)
    three.read(0, 1)
    three.read()
    assert three.waiting() == [0, 0, 0]
    assert len(three.holders()) == 1
    assert sum(core.counts()["row"] + core.counts().get("merged", 0) for core in three.cores) == 5
    assert sum(core.counts().get("handoffs/deadlocks", 0) for core in three.cores) > 0


def test_an_object_lost_where_it_was_begins_anew_where_it_comes() -> None:
    """The old owner has forgotten it: a new track, found inside."""
    three = Three()
    three.see(at(0, 0))
    three.read()
    three.feeds["acme"].last.clear()  # ingest has forgotten as well
    three.see(at(50_000, 1, inside=True))
    three.read()
    assert three.said() == []
    assert 1 in three.holders()
