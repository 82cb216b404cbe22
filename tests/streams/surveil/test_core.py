"""One sector owner: what it says of zones, times, repeats, versions, sources."""

import math

import msgspec
import pytest

from sensors.columns import Flag
from streams import provenance
from streams.core import Hole, NeedsVersion
from streams.frames import SourceTick
from streams.log import Record
from streams.messages import AlertKind, EdgeKind, EndReason, Severity
from streams.partitioning import stable_partition
from streams.surveil import SurveilCore
from streams.zones import ZoneVersions
from tests.streams.surveil import feeds
from tests.streams.surveil.feeds import BEGIN_S, SECOND_US, Feed, box, zone
from tests.streams.surveil.owner import FAR, INSIDE, LINE, OUTSIDE, PORT, Owner, at, edges_of, kinds, only


def test_an_entry_opens_one_incident_with_its_evidence() -> None:
    """Outside, then inside: opened, with both fixes as evidence, dated and placed by the second; then silence."""
    owner = Owner()
    assert owner.see(at(0, OUTSIDE, name="ALBATROS")) == []
    incident = only(owner.see(at(1860, INSIDE)))
    assert (incident.kind, incident.severity, incident.direction) == (AlertKind.INCURSION, Severity.HIGH, "inbound")
    assert incident.evidence == [
        feeds.observation_id("acme", seen).hex() for seen in (at(0, OUTSIDE, name="ALBATROS"), at(1860, INSIDE))
    ]
    assert incident.opened_us == (BEGIN_S + 1860) * SECOND_US
    assert (incident.lon, incident.lat) == INSIDE
    assert incident.identity.name == "ALBATROS"
    assert incident.reasons[0].startswith("entered West (territory): ")
    assert "31 min after the last fix outside" in incident.reasons[0]
    assert incident.confidence == 0.99
    assert incident.reasons[1] == "confirmed: a chance of 99 %, by a position good to 10 m"
    assert not incident.late
    assert not incident.provisional
    assert owner.see(at(1900, INSIDE), at(1950, (-83.01, 25.0))) == []


def test_first_seen_inside_is_found() -> None:
    """No incident for what was inside already; leaving it says nothing; coming back is an entry."""
    owner = Owner()
    assert owner.see(at(0, INSIDE), at(60, INSIDE), at(120, OUTSIDE), at(300, OUTSIDE)) == []
    assert kinds(owner.see(at(400, INSIDE))) == [(EdgeKind.OPENED, "west")]


def test_exit_is_told_by_the_next_fix_or_by_the_clock() -> None:
    """The end is the same edge whether a fix or a tick comes first: dated to the first fix outside."""
    by_fix, by_clock = Owner(), Owner()
    for owner in (by_fix, by_clock):
        owner.see(at(0, OUTSIDE), at(100, INSIDE), at(200, OUTSIDE))
    told = by_fix.see(at(300, OUTSIDE))
    said = by_clock.tick(290)
    assert told == said
    incident = only(told)
    assert (incident.end_reason, incident.ended_us) == (EndReason.EXITED, (BEGIN_S + 200) * SECOND_US)
    assert incident.reasons[-1] == "left West (territory) 100 s after entering"
    assert by_clock.see(at(300, OUTSIDE)) == []
    assert by_fix.core._objects.dump() == by_clock.core._objects.dump()


def test_passing_through_opens_and_ends_at_once() -> None:
    """Two fixes outside with the zone between them: one incident, never confirmed, at the place of entry."""
    edges = Owner().see(at(0, OUTSIDE), at(7200, (-84.5, 25.0)))
    assert kinds(edges) == [(EdgeKind.OPENED, "west"), (EdgeKind.ENDED, "west")]
    assert [edge.sequence for edge in edges] == [1, 2]
    incident = edges[1].incident
    assert (incident.end_reason, incident.confidence) == (EndReason.PASSED_THROUGH, 0.9)
    assert incident.lon == pytest.approx(-82.4)


def test_lost_ends_everything_and_forgets() -> None:
    """Silence for the lost time: ended as lost, the picture says so and is removed, the next fix starts a new track."""
    owner = Owner()
    owner.see(at(0, OUTSIDE), at(100, INSIDE))
    incident = only(owner.tick(100 + 43_200))
    assert (incident.end_reason, incident.ended_us) == (EndReason.LOST, (BEGIN_S + 43_300) * SECOND_US)
    (track, lost), (gone, nothing) = owner.pictures()[-2:]
    assert lost is not None
    assert (lost.state, nothing, track) == ("lost", None, gone)
    assert owner.core.gauges()["tracks"] == 0
    assert owner.see(at(50_000, INSIDE)) == []
    assert owner.pictures()[-1][0] != track


def test_lost_by_a_fix_and_by_the_clock_are_the_same() -> None:
    """A fix after the lost time finds the timer fired, whether or not the clock had got there."""
    by_fix, by_clock = Owner(), Owner()
    for owner in (by_fix, by_clock):
        owner.see(at(0, OUTSIDE), at(100, INSIDE))
    by_clock.tick(45_000)
    for owner in (by_fix, by_clock):
        owner.see(at(50_000, INSIDE))
    assert by_fix.edges() == by_clock.edges()


def test_a_late_fix_that_shows_an_entry_opens_late() -> None:
    """Found inside, then a late fix outside before it: that was an entry after all."""
    owner = Owner()
    owner.see(at(100, INSIDE))
    incident = only(owner.see(at(50, OUTSIDE)))
    assert incident.late
    assert incident.opened_us == (BEGIN_S + 100) * SECOND_US


def test_a_late_fix_moves_the_opening_and_keeps_the_id() -> None:
    """A late fix inside before the one that opened: same alert, earlier opening."""
    owner = Owner()
    first = only(owner.see(at(0, OUTSIDE), at(100, INSIDE)))
    edge = owner.see(at(50, (-83.1, 25.0)))
    assert only(edge).alert_id == first.alert_id
    assert (edge[0].kind, edge[0].sequence) == (EdgeKind.UPDATED, 2)
    assert only(edge).opened_us == (BEGIN_S + 50) * SECOND_US


def test_a_late_fix_takes_back_what_it_contradicts() -> None:
    """A passage that a late fix shows to be a detour is retracted, and that is final."""
    owner = Owner()
    passed = owner.see(at(0, (-82.3, 24.05)), at(3600, (-84.1, 24.05)))
    edges = owner.see(at(1800, (-83.2, 22.9)))
    assert kinds(edges) == [(EdgeKind.RETRACTED, "west")]
    assert edges[0].incident.alert_id == passed[0].incident.alert_id
    assert edges[0].sequence == 3


def test_the_same_fix_from_another_feed_is_merged() -> None:
    """Same time, same place: counted as merged, nothing said twice."""
    owner = Owner(vendors=("acme", "bolt"))
    owner.see(at(0, OUTSIDE), at(100, INSIDE))
    assert owner.see(at(0, OUTSIDE), at(100, INSIDE), vendor="bolt") == []
    counts = owner.core.counts()
    assert (counts["in"], counts["row"], counts["merged"]) == (4, 2, 2)


def test_border_lines_have_directions() -> None:
    """Crossing a line opens and ends at once, one incident a direction."""
    owner = Owner(feeds.version([zone("border", LINE, "border_line")]))
    inbound = owner.see(at(0, OUTSIDE), at(600, INSIDE))
    outbound = owner.see(at(1200, OUTSIDE))
    for edges, direction in ((inbound, "inbound"), (outbound, "outbound")):
        assert [edge.kind for edge in edges] == [EdgeKind.OPENED, EdgeKind.ENDED]
        assert {edge.incident.direction for edge in edges} == {direction}
        assert edges[0].incident.kind is AlertKind.BORDER_CROSSING
    assert inbound[0].incident.alert_id != outbound[0].incident.alert_id


def test_kinds_of_zones() -> None:
    """Exclusion and protected zones have kinds of their own, a zone's severity counts, lanes say nothing."""
    owner = Owner(
        feeds.version(
            [
                zone("keep-out", PORT, "exclusion", severity="critical"),
                zone("birds", PORT, "protected"),
                zone("lane", PORT, "lane"),
                zone("planes-only", PORT, "exclusion", applies_to=["aircraft"]),
            ]
        )
    )
    edges = owner.see(at(0, OUTSIDE), at(600, INSIDE))
    assert [(e.incident.zone_id, e.incident.kind, e.incident.severity) for e in edges] == [
        ("birds", AlertKind.PROTECTED, Severity.MEDIUM),
        ("keep-out", AlertKind.EXCLUSION, Severity.CRITICAL),
    ]


def test_leaving_a_port_of_entry_is_no_incursion() -> None:
    """Into the territory out of its port of entry: known to the officers there."""
    owner = Owner(feeds.version([zone("land", box(-84, 24, -82.4, 26)), zone("port", PORT, "port_of_entry")]))
    assert owner.see(at(0, INSIDE), at(600, (-83.5, 25.0))) == []


def test_within_the_accuracy_of_the_border_confidence_is_lower() -> None:
    """An opening fix in the tolerance band says so."""
    owner = Owner(feeds.version([zone("land", box(-84, 24, -82.4, 26), accuracy_m=5000)]))
    incident = only(owner.see(at(0, OUTSIDE), at(500, (-82.42, 25.0))))
    assert incident.confidence == 0.786  # 2 km inside, by a deviation of 5 km / 1.96
    assert any("accuracy" in reason for reason in incident.reasons)


def test_distress_opens_wherever_it_is_and_only_silence_ends_it() -> None:
    """One critical incident a call, with or without a position; ended as lost."""
    owner = Owner()
    nowhere = (math.nan, math.nan)
    incident = only(owner.see(at(0, nowhere, flags=Flag.DISTRESS)))
    assert (incident.kind, incident.severity, incident.lon) == (AlertKind.DISTRESS, Severity.CRITICAL, None)
    assert owner.see(at(10, FAR, flags=Flag.DISTRESS), at(20, FAR, flags=Flag.DISTRESS), at(30, FAR)) == []
    ended = only(owner.tick(30 + 43_200))
    assert (ended.alert_id, ended.end_reason) == (incident.alert_id, EndReason.LOST)


def test_learning_a_name_updates_what_is_open() -> None:
    """A real change of identity is an update; hearing the same again is not."""
    owner = Owner()
    owner.see(at(0, OUTSIDE), at(100, INSIDE))
    edges = owner.see(at(200, INSIDE, name="ALBATROS"), at(300, INSIDE), at(400, INSIDE, name="ALBATROS"))
    assert kinds(edges) == [(EdgeKind.UPDATED, "west")]
    assert edges[0].incident.identity.name == "ALBATROS"


def test_new_zones_make_no_storm() -> None:
    """Under the new version: found where it now is inside, ended where the zone no longer has it, nothing else."""
    old = feeds.version([zone("west", box(-84, 24, -82.4, 26)), zone("gone", PORT, "exclusion")])
    new = feeds.version(
        [zone("west", box(-84, 24, -82.4, 26)), zone("fresh", PORT, "exclusion")], 2, (BEGIN_S + 1000) * SECOND_US
    )
    owner = Owner(old, new)
    assert len(owner.see(at(0, OUTSIDE), at(100, INSIDE))) == 2
    owner.feeds["acme"].zones_version = 2
    assert owner.see(at(999, INSIDE)) == []
    edges = owner.see(at(1500, INSIDE), at(1600, INSIDE))
    assert kinds(edges) == [(EdgeKind.ENDED, "gone")]
    assert edges[0].incident.end_reason is EndReason.ZONE_CHANGED
    assert edges[0].incident.ended_us == (BEGIN_S + 1000) * SECOND_US


def test_a_version_is_used_only_once_it_is_announced() -> None:
    """A loaded version that no tick has named judges nothing: the log decides."""
    early = feeds.version([zone("west", box(-84, 24, -82.4, 26))])
    later = feeds.version([zone("none", box(10, 10, 11, 11))], 2, BEGIN_S * SECOND_US)
    assert kinds(Owner(early, later).see(at(10, OUTSIDE), at(100, INSIDE))) == [(EdgeKind.OPENED, "west")]


def test_an_unknown_version_changes_nothing() -> None:
    """NeedsVersion comes before anything is touched; once it is loaded the same records apply."""
    owner = Owner()
    owner.see(at(0, OUTSIDE))
    state = owner.core.dump()
    feed = owner.feeds["acme"]
    feed.zones_version = 2
    feed.take([at(100, INSIDE)])
    record = Record(len(owner.log), 0, *feed.send(0)[0])
    with pytest.raises(NeedsVersion):
        owner.core.apply([record])
    assert owner.core.dump() == state
    owner.zones.add(feeds.version([zone("new", box(-84, 24, -82.4, 26))], 2, BEGIN_S * SECOND_US))
    assert edges_of(owner.core.apply([record]))[0].incident.zone_id == "new"


def test_without_any_version_nothing_is_read() -> None:
    """The first version must be loaded before the first record."""
    feed = Feed("acme", feeds.settings().owners, zones_version=0)
    core = SurveilCore(0, feeds.settings(), ZoneVersions())
    with pytest.raises(NeedsVersion):
        core.apply(feeds.records(feed.tick(0, 0)))


def test_repeats_are_trimmed_row_by_row() -> None:
    """Frames read again with other cuts change nothing and are counted."""
    owner = Owner()
    owner.see(at(0, OUTSIDE), at(100, INSIDE), at(200, INSIDE))
    feed = owner.feeds["acme"]
    assert owner.append(feed.frame(0, 0, 2), feed.frame(0, 1, 3)) == []
    assert owner.core.counts()["repeat"] == 4
    assert owner.core.counts()["in"] == 3


def test_a_hole_stops() -> None:
    """Rows missing in between are never skipped silently, in frames nor before ticks."""
    feed = Feed("acme", feeds.settings().owners)
    feed.take([at(0, OUTSIDE), at(100, INSIDE), at(200, INSIDE)])
    for offered in (feed.frame(0, 1, 3), (feed.send(0), feed.tick(0, 0))[1]):
        with pytest.raises(Hole):
            SurveilCore(0, feeds.settings(), feeds.loaded()).apply(feeds.records(offered))


def test_cut_rows_add_up_and_buried_ones_are_passed() -> None:
    """A frame cut row by row is the frame; a buried row is dead-lettered with its reason and left behind."""
    whole, cut = Owner(), Owner()
    sightings = [at(0, OUTSIDE), at(100, INSIDE), at(200, INSIDE), at(300, OUTSIDE)]
    told = whole.see(*sightings)
    cut.feeds["acme"].take(sightings)
    record = Record(0, 0, *cut.feeds["acme"].send(0)[0])
    assert cut.core.cut(record, range(4, 9)) is None
    said = []
    for row in range(4):
        part = cut.core.cut(record, range(row, row + 1))
        assert part is not None
        if row == 2:
            (letter,) = cut.core.bury(part, "handler-error")
            assert dict(letter.headers)["vedette-reason"] == b"handler-error"
            assert dict(letter.headers)["vedette-index"] == b"2"
        else:
            said += edges_of(cut.core.apply([part]))
    assert said == told
    counts = cut.core.counts()
    assert (counts["in"], counts["row"], counts["dead/handler-error"]) == (4, 3, 1)
    assert cut.core.bury(record, "handler-error") == []


def test_the_slowest_active_source_makes_the_clock() -> None:
    """Both feeds hold it; an idle one does not; when all have ended the newest is the time, and it is handed on."""
    owner = Owner(vendors=("acme", "bolt"))
    owner.tick(1000)
    assert owner.core.gauges()["clock_us"] == -1
    owner.tick(500, "bolt")
    assert owner.core.gauges()["clock_us"] == (BEGIN_S + 500) * SECOND_US
    owner.tick(500, "bolt", idle=True)
    assert owner.core.gauges()["clock_us"] == (BEGIN_S + 1000) * SECOND_US
    owner.tick(1000, end=True)
    before = len(owner.outputs)
    owner.tick(2000, "bolt", end=True)
    assert owner.core.gauges()["ended"] == 1
    (handed_on,) = owner.outputs[before:]
    tick = msgspec.msgpack.decode(handed_on.value or b"", type=SourceTick)
    assert tick == SourceTick((BEGIN_S + 2000) * SECOND_US, end=True, idle=True, zones_version=1)


def test_a_silent_source_is_left_behind_and_named() -> None:
    """Fifteen distinct seconds of others: one incident about it, the clock goes on; heard again it ends."""
    owner = Owner(vendors=("acme", "bolt"))
    owner.tick(0, "bolt")
    edges = []
    for second in range(1, 20):
        owner.log_us += SECOND_US
        edges += owner.tick(second)
    assert kinds(edges) == [(EdgeKind.OPENED, None)]
    assert edges[0].incident.kind is AlertKind.SOURCE_STALLED
    assert edges[0].incident.subject_key == "raw.bolt.json/0"
    assert owner.core.gauges()["clock_us"] == (BEGIN_S + 19) * SECOND_US
    assert kinds(owner.tick(19, "bolt")) == [(EdgeKind.ENDED, None)]


def test_pictures_are_published_at_most_so_often() -> None:
    """One picture per ten seconds of a track, keyed by it, in its own partition, with CloudEvents headers."""
    owner = Owner()
    owner.see(*(at(second, INSIDE) for second in range(31)))
    pictures = owner.pictures()
    assert [picture.event_time.second for _, picture in pictures if picture is not None] == [0, 10, 20, 30]
    assert all(picture is not None and picture.zones == ["west"] for _, picture in pictures)
    output = next(o for o in owner.outputs if o.topic == "tracks.v1")
    assert output.key is not None
    assert output.partition == stable_partition(output.key.decode(), 1)
    assert dict(output.headers)["ce_type"] == b"vedette.track.v1"
    assert dict(output.headers)["ce_specversion"] == b"1.0"


def test_edges_are_numbered_by_the_record_that_caused_them() -> None:
    """A reader of the edges sees no hole, and positions carry this log's offsets."""
    owner = Owner()
    owner.see(at(0, OUTSIDE), at(100, INSIDE))
    owner.see(at(200, OUTSIDE), at(300, OUTSIDE), at(10_000, (-84.5, 25.0)))
    log = [Record(i, 0, o.key, o.value, o.headers) for i, o in enumerate(owner.outputs) if o.topic == "detections.v1"]
    assert len(feeds.edges_of([log])) == 4
    spans = [provenance.read(record)[1] for record in log]
    assert [span.last.offset for span in spans if span.last > span.after] == [0, 1]
    assert {span.source for span in spans} == {"observations.v1/0"}


def test_a_fix_that_never_came_is_judged_by_what_the_next_row_says_of_it() -> None:
    """A row whose feed had accepted a fix that did not come here (buried) is judged from that fix: an entry."""
    owner = Owner()
    feed = owner.feeds["acme"]
    feed.take([at(0, INSIDE), at(100, OUTSIDE), at(200, INSIDE)])
    first, second, third = (Record(i, 0, *feed.frame(0, i, i + 1)) for i in range(3))
    owner.core.apply([first])
    owner.core.bury(second, "handler-error")
    edges = edges_of(owner.core.apply([third]))
    assert kinds(edges) == [(EdgeKind.OPENED, "west")]
    assert edges[0].incident.evidence[0] == feeds.observation_id("acme", at(100, OUTSIDE)).hex()
