"""What a watch officer and a dispatcher type, against a real broker."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sensors.observation import Identity
from streams.cli.main import main
from streams.console.public_log import public_log
from streams.dead_letters import Origin
from streams.embedded import EmbeddedBroker
from streams.health import Health
from streams.health import encode as encode_health
from streams.messages import AlertKind, EdgeKind, TrackPicture, Unit
from streams.public import encode, to_time
from tests.kafka.desk import Desk, Said
from tests.streams.owner_log import DAY_US, edge, incident

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """A broker of this file's own and an owner beside it."""
    with EmbeddedBroker() as broker, Desk(broker.bootstrap) as made:
        yield made


class Shell:
    """Runs verbs as a person would."""

    def __init__(self, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
        self._desk, self._capsys = desk, capsys

    def __call__(self, *words: str) -> Said:
        """Run ``vedette WORDS --broker …``."""
        with pytest.raises(SystemExit) as ended:
            main([*words, "--broker", self._desk.bootstrap])
        told = self._capsys.readouterr()
        return Said(int(ended.value.code or 0), told.out, told.err)

    def json(self, *words: str) -> list[dict[str, object]]:
        """The JSON lines of a verb that must succeed."""
        said = self(*words, "--json")
        assert said.code == 0, said.err
        return [json.loads(line) for line in said.out.splitlines()]


@pytest.fixture
def vedette(desk: Desk, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The command."""
    return Shell(desk, capsys)


def test_an_alert_is_listed_shown_acknowledged_silenced_and_closed(desk: Desk, vedette: Shell) -> None:
    """The whole life of an alert at the desk, each step answered with the version it made."""
    desk.detect(edge(EdgeKind.OPENED, 1, incident("aa01", evidence=["o1", "o2"])))
    desk.detect(edge(EdgeKind.OPENED, 1, incident("aa02")))
    [listed] = [a for a in vedette.json("alerts") if a["alert_id"] == "aa01"]
    assert (listed["state"], listed["version"]) == ("active-unack", 1)
    told = vedette("show", "aa01").out
    assert "o2" in told
    assert "entered West" in told
    assert vedette("ack", "aa01", "--as", "supervisor").out == "alert aa01 is active-ack (version 2)\n"
    [silenced] = vedette.json("silence", "aa01", "--for", "30m")
    assert (silenced["state"], silenced["version"]) == ("active-ack", 3)
    assert silenced["silenced_until"]
    [closed] = vedette.json("close", "aa01", "--outcome", "true", "--note", "boarded")
    assert (closed["state"], closed["outcome"], closed["version"]) == ("closed", "true", 4)
    history = closed["history"]
    assert isinstance(history, list)
    assert [(entry["what"], entry["who"]) for entry in history] == [
        ("opened", "surveil"),
        ("acknowledged", "supervisor"),
        ("silenced", "watch-officer"),
        ("closed", "watch-officer"),
    ]
    assert [a["alert_id"] for a in vedette.json("alerts", "--state", "closed")] == ["aa01"]


def test_an_order_that_is_not_needed_is_not_given(desk: Desk, vedette: Shell) -> None:
    """Acknowledging twice says so and writes nothing."""
    desk.detect(edge(EdgeKind.OPENED, 1, incident("bb01")))
    vedette("ack", "bb01")
    before = len(desk.records("commands.v1"))
    assert vedette("ack", "bb01").out == "alert bb01 is active-ack already\n"
    assert len(desk.records("commands.v1")) == before


def test_an_order_that_is_refused_says_why(desk: Desk, vedette: Shell) -> None:
    """Distress is never silenced: exit code 1 and the reason, within the time waited."""
    desk.detect(edge(EdgeKind.OPENED, 1, incident("cc01", kind=AlertKind.DISTRESS)))
    said = vedette("silence", "cc01", "--for", "1h")
    assert (said.code, said.out) == (1, "")
    assert "not-allowed" in said.err


def test_ids_are_known_by_their_beginning(desk: Desk, vedette: Shell) -> None:
    """A unique one is enough, an ambiguous one lists what it may be, an unknown one says where to look."""
    desk.detect(edge(EdgeKind.OPENED, 1, incident("dd11")), edge(EdgeKind.OPENED, 1, incident("dd12")))
    assert vedette("show", "dd11").code == 0
    ambiguous, unknown = vedette("show", "dd"), vedette("show", "nothing")
    assert (ambiguous.code, unknown.code) == (2, 2)
    assert "dd11, dd12" in ambiguous.err
    assert "vedette alerts" in unknown.err


def test_a_task_is_accepted_declined_and_brought_to_its_outcome(desk: Desk, vedette: Shell) -> None:
    """A dispatcher follows the offer from one unit to the next."""
    desk.detect(edge(EdgeKind.OPENED, 1, incident("ee01", opened_us=DAY_US + 1, simulated=True)))
    for number, name in enumerate(("x1", "x2")):
        desk.report(Unit(unit_id=name, position=(10.0 + number, 54.0), speed_mps=10.0, exercise=True))
    [offer] = _tasks(vedette, "ee01", 1)
    assert (offer["unit_id"], offer["state"], offer["exercise"]) == ("x1", "offered", True)
    assert vedette.json("decline", str(offer["task_id"])[:10])[0]["state"] == "declined"
    _, second = _tasks(vedette, "ee01", 2)
    assert (second["unit_id"], second["state"]) == ("x2", "offered")
    assert "not-allowed" in vedette("en-route", str(second["task_id"])).err
    for verb, state in (("accept", "accepted"), ("en-route", "en-route"), ("on-scene", "on-scene")):
        assert vedette.json(verb, str(second["task_id"]))[0]["state"] == state
    assert "is on-scene already" in vedette("en-route", str(second["task_id"])).out
    [done] = vedette.json("outcome", str(second["task_id"]), "assistance")
    assert (done["state"], done["outcome"]) == ("done", "assistance")
    assert "x2  done assistance" in vedette("show", "ee01").out
    desk.detect(edge(EdgeKind.OPENED, 1, incident("ee02", opened_us=DAY_US + 2, simulated=True)))
    [task] = _tasks(vedette, "ee02", 1)
    [aborted] = vedette.json("abort", str(task["task_id"]), "--note", "recalled")
    assert (aborted["state"], aborted["reason"]) == ("aborted", "recalled")
    assert str(second["task_id"])[:12] in vedette("tasks", "--state", "done").out


def _tasks(vedette: Shell, alert_id: str, number: int) -> list[dict[str, object]]:
    """The tasks of an alert, once there are so many; units arrive through the broker."""
    for _ in range(50):
        found = [task for task in vedette.json("tasks") if task["alert_id"] == alert_id]
        if len(found) == number:
            return found
    raise AssertionError(f"not {number} tasks for {alert_id}")


def test_alerts_are_followed_until_ctrl_c(desk: Desk) -> None:
    """What is there comes first, what follows as it is made, and Ctrl-C ends it cleanly."""
    desk.detect(edge(EdgeKind.OPENED, 1, incident("ff01")))
    command = [sys.executable, "-m", "streams.cli.main", "alerts", "--follow", "--json", "--broker", desk.bootstrap]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as following:
        assert following.stdout is not None
        while json.loads(following.stdout.readline())["alert_id"] != "ff01":
            pass
        desk.detect(edge(EdgeKind.OPENED, 1, incident("ff02")))
        while json.loads(following.stdout.readline())["alert_id"] != "ff02":
            pass
        following.send_signal(signal.SIGINT)
        assert following.wait(20) == 0


def health(stage: str, partition: int = 0, **counts: int) -> Health:
    """What a worker says of one partition."""
    return Health(
        stage=stage,
        instance="w",
        topic="t",
        partition=partition,
        offset=0,
        end_offset=1,
        lag=0,
        counts={name.replace("_", "/"): number for name, number in counts.items()},
        gauges={},
        snapshot_age_s=None,
        rates={},
        state="running",
        at=0.0,
    )


def test_the_ledger_proves_or_exits_one(desk: Desk, vedette: Shell) -> None:
    """In is the sum of the fates of every partition, by its newest word; one item without a fate fails."""
    for told in (
        health("ingest", **{"in": 9}),
        health("ingest", **{"in": 7, "row": 4, "dead_bad-field": 2, "held": 1}),
    ):
        desk.publish("health.v1", told.key.encode(), encode_health(told))
    said = vedette("ledger", "--json")
    found = json.loads(said.out)
    assert (said.code, found["residual"]) == (0, 0)
    [line] = found["partitions"]
    assert line["fates"] == {"row": 4, "merged": 0, "filtered": 0, "dead": 2, "held": 1}
    assert line["reasons"] == {"dead/bad-field": 2}
    lost = health("surveil", 3, **{"in": 5, "row": 4, "repeat": 1})
    desk.publish("health.v1", lost.key.encode(), encode_health(lost))
    said = vedette("ledger")
    assert said.code == 1
    assert "residual\t1" in said.out


def test_dead_letters_are_listed_once_and_replayed_as_they_were(desk: Desk, vedette: Shell) -> None:
    """Distinct items only; the replay has the original bytes, key, headers and topic, and never feeds on itself."""
    origin = Origin("raw.acme.json", 0, 41, 0, DAY_US, b"acme-1", (("vedette-historical", b"1"),))
    for _ in range(2):
        desk.bury("unknown-sensor", origin, b'{"x": "\xff"}')
    desk.bury("bad-field", origin._replace(offset=42), b"{}")
    desk.bury("handler-error", Origin("detections.v1", 0, 1, 0, DAY_US), b"internal")
    again = origin._replace(offset=50, headers=(("x-replayed-from", b"raw.acme.json/0/41/0"),))
    desk.bury("unknown-sensor", again, b'{"x": "\xff"}')
    told = vedette.json("dead-letters", "--reason", "unknown-sensor")
    assert [letter["key"] for letter in told] == ["raw.acme.json/0/41/0", "raw.acme.json/0/50/0"]
    assert "raw.acme.json/0@42.0" in vedette("dead-letters", "--reason", "bad-field").out
    [report] = vedette.json("dead-letters", "replay", "--reason", "unknown-sensor", "--reason", "handler-error")
    assert report == {"replayed": 1, "failed": 0, "not_replayable": 2}
    [record] = desk.records("raw.acme.json")
    assert (record.key, record.value) == (b"acme-1", b'{"x": "\xff"}')
    assert dict(record.headers) == {"vedette-historical": b"1", "x-replayed-from": b"raw.acme.json/0/41/0"}


def test_tracks_are_listed_merged_and_split(desk: Desk, vedette: Shell) -> None:
    """What is followed now is listed, lost ones and aliases are not; what is said of it stands in ``commands.v1``."""
    names = ("aa" * 16, "ab" * 16, "ba" * 16)
    for name, state in zip(names, ("live", "live", "lost"), strict=True):
        picture = TrackPicture(
            track_id=name, event_time=to_time(DAY_US), position=(-82.5, 25.0), identity=Identity(), state=state
        )
        desk.publish("tracks.v1", name.encode(), encode(picture))
    assert [track["track_id"] for track in vedette.json("tracks", "list")] == list(names[:2])
    assert names[1][:12] in vedette("tracks", "list").out
    (merged,) = vedette.json("tracks", "merge", "aa", "ab", "--note", "one hull")
    assert (merged["kind"], merged["target_id"], merged["other_id"]) == ("merge-tracks", *names[:2])
    (split,) = vedette.json("tracks", "split", "ab", "--command-id", "s1")
    assert (split["kind"], split["target_id"], split["command_id"]) == ("split-track", names[1], "s1")
    assert vedette("tracks", "split", "a").code == 2
    assert vedette("tracks", "split", "ba").code == 2
    with public_log(desk.bootstrap, "commands.v1") as log:
        said = [json.loads(record.value or b"") for record in log.to_now()]
    assert [one["kind"] for one in said][-2:] == ["merge-tracks", "split-track"]
