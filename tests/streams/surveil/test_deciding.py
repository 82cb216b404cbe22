"""What operators say of tracks, by way of the gateway and the log: it is done once, and it stands."""

import msgspec
import pytest

from streams.gateway import GatewayCore
from streams.log import Output, Record
from streams.messages import Command, CommandKind, EdgeKind, TrackPicture
from streams.public import encode, to_time
from streams.surveil import SurveilCore
from tests.streams.surveil import feeds
from tests.streams.surveil.owner import edges_of
from tests.streams.surveil.strait import BEGIN, Boat, Strait, log_of, settings

HERE = settings()
_decode = msgspec.json.Decoder(TrackPicture).decode


class Desk:
    """An owner, and an operator who reads its public picture and says something now and then."""

    def __init__(self, boats: list[Boat], seconds: int) -> None:
        self.log = log_of(Strait(boats), seconds, HERE)
        self.core, self.gateway = SurveilCore(0, HERE, feeds.loaded()), GatewayCore("commands.v1", 0, HERE)
        self.outputs: list[Output] = []
        self.appended: list[Record] = []
        self.said = self.read = 0

    def until(self, time_s: float) -> None:
        """Let the owner read what was written before a moment."""
        while self.read < len(self.log) and self.log[self.read].log_time_us < (BEGIN.timestamp() + time_s) * 1e6:
            self._append(self.log[self.read])
            self.read += 1

    def say(self, kind: CommandKind, target: str, other: str | None = None, command_id: str = "") -> None:
        """A command, copied by the gateway into the owner's log."""
        asked = Command(
            command_id=command_id or f"c{self.said}",
            kind=kind,
            target_id=target,
            other_id=other,
            area=0,
            actor="desk",
            at=to_time(self.appended[-1].log_time_us),
        )
        public = Record(self.said, self.appended[-1].log_time_us, b"", encode(asked), (("ce_id", b"x"),))
        self.said += 1
        for out in self.gateway.apply([public]):
            assert out.topic == "observations.v1"
            self._append(Record(0, public.log_time_us, out.key, out.value, tuple(out.headers)))

    def _append(self, record: Record) -> None:
        self.appended.append(record._replace(offset=len(self.appended)))
        self.outputs += self.core.apply(self.appended[-1:])

    def picture(self) -> dict[str, TrackPicture]:
        """What is followed now, by track id."""
        found: dict[str, TrackPicture] = {}
        for out in self.outputs:
            if out.topic == "tracks.v1" and out.key is not None:
                found.pop(out.key.decode(), None)
                if out.value is not None and (picture := _decode(out.value)).state == "live":
                    found[out.key.decode()] = picture
        return found

    def named(self, mmsi: int) -> str:
        """The track id of a name."""
        (found,) = [track for track, picture in self.picture().items() if picture.identity.mmsi == mmsi]
        return found

    def nameless(self) -> list[str]:
        """Track ids of what says no name, as far as it is surely there."""
        return [
            track
            for track, picture in sorted(self.picture().items())
            if picture.identity.mmsi is None and (picture.existence or 0.0) > 0.99
        ]


def test_a_bond_that_was_cut_does_not_come_back() -> None:
    """After a split the track is an object of its own, found where it is, however well the reports fit it; the same
    from a snapshot and from a re-read of the log."""
    desk = Desk([Boat(2500, 0, -5, mmsi=201), Boat(3500, 2000, 0, 5, mmsi=202)], 200)
    desk.until(90)
    assert desk.nameless() == []
    desk.say(CommandKind.SPLIT_TRACK, desk.named(201))
    desk.until(140)
    assert len(desk.nameless()) == 1
    restored = SurveilCore(0, HERE, feeds.loaded())
    restored.load(desk.core.dump())
    before = len(desk.outputs)
    desk.until(200)
    assert len(desk.nameless()) == 1
    rest = [record for record in desk.appended if record.log_time_us >= (BEGIN.timestamp() + 140) * 1e6]
    assert [out for record in rest for out in restored.apply([record])] == desk.outputs[before:]
    again = SurveilCore(0, HERE, feeds.loaded())
    assert [out for record in desk.appended for out in again.apply([record])] == desk.outputs


def test_a_command_that_comes_twice_is_done_once() -> None:
    """The same command id again, after the operator thought otherwise: it changes nothing."""
    desk = Desk([Boat(2500, 0, -5, mmsi=201), Boat(3500, 2000, 0, 5, mmsi=202)], 200)
    desk.until(90)
    name = desk.named(201)
    desk.say(CommandKind.SPLIT_TRACK, name, command_id="same")
    desk.until(120)
    desk.say(CommandKind.MERGE_TRACKS, desk.nameless()[0], name)
    desk.until(150)
    assert desk.nameless() == []
    desk.say(CommandKind.SPLIT_TRACK, name, command_id="same")
    desk.until(200)
    assert desk.nameless() == []
    assert desk.core.counts()["commands/nothing-to-do"] == 1


def test_two_tracks_an_operator_merges_go_on_as_one() -> None:
    """Two dark boats close together, said to be one: one alert at the entry, until they are split, and then each goes
    its own way; a track that ends hands its name on."""
    boats = [Boat(1500, 0, -8), Boat(1600, 500, -8), Boat(3500, 2000, 0, 5, mmsi=202)]
    desk = Desk(boats, 260)
    desk.until(90)
    one, other = desk.nameless()
    desk.say(CommandKind.MERGE_TRACKS, one, other)
    desk.until(230)
    assert desk.nameless() == [other]
    opened = [edge for edge in edges_of(desk.outputs) if edge.kind is EdgeKind.OPENED]
    assert len(opened) == 1
    desk.say(CommandKind.SPLIT_TRACK, other)
    desk.until(260)
    assert len(desk.nameless()) == 2
    assert len([edge for edge in edges_of(desk.outputs) if edge.kind is EdgeKind.OPENED]) == 1


def test_a_name_an_operator_gives_holds_without_evidence() -> None:
    """A silent track merged with a named object far away is told as that object, and no longer as itself."""
    desk = Desk([Boat(2500, 0, -5), Boat(3500, 2000, 0, 5, mmsi=202, seen=False)], 150)
    desk.until(90)
    (track,) = desk.nameless()
    desk.say(CommandKind.MERGE_TRACKS, track, desk.named(202))
    desk.until(150)
    assert desk.nameless() == []
    assert desk.picture()[desk.named(202)].sensors == ["radar-1"]


@pytest.mark.parametrize("target, other", [("nobody", None), ("nobody", "else")])
def test_tracks_nobody_holds_change_nothing(target: str, other: str | None) -> None:
    """Every owner gets the command; those that hold neither track count it and go on."""
    desk = Desk([Boat(2500, 0, -5, mmsi=201)], 40)
    desk.until(20)
    desk.say(CommandKind.MERGE_TRACKS if other else CommandKind.SPLIT_TRACK, target, other)
    desk.until(40)
    assert desk.core.counts()["commands/nothing-to-do"] == 1
