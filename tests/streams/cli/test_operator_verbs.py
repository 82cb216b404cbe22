"""The operator's verbs without a broker: help, usage, exit codes, and how things are written."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import msgspec
import pytest

from streams.alerts.held import public_alert
from streams.alerts.lifecycle import open_alert
from streams.cli.alerts import cells, where, who
from streams.cli.ledger import balanced
from streams.cli.listing import chosen, table
from streams.cli.main import main
from streams.cli.show import described
from streams.cli.silence import known_time, parse_span
from streams.health import Health
from streams.messages import Alert, EdgeKind
from tests.streams.owner_log import DAY_US, edge, incident

NOBODY = "127.0.0.1:1"  # nothing listens on the first port
VERBS: Sequence[tuple[str, ...]] = (
    ("alerts",),
    ("show", "a"),
    ("ack", "a"),
    ("silence", "a", "--for", "30m"),
    ("close", "a", "--outcome", "true"),
    ("tasks",),
    ("accept", "t"),
    ("decline", "t"),
    ("en-route", "t"),
    ("on-scene", "t"),
    ("abort", "t"),
    ("outcome", "t", "true"),
    ("ledger",),
    ("dead-letters",),
    ("dead-letters", "replay"),
)


def run(*words: str) -> int:
    """The exit code of ``vedette WORDS``."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    return int(ended.value.code or 0)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_no_broker_is_exit_code_three(
    verb: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line that names the address and the next step, nothing on stdout, no traceback.

    The seconds of patience are left out here; that nothing answers on a real port is test_main's to see."""
    monkeypatch.setattr("streams.cli.broker_option.wait_for_broker", lambda *_: False)
    assert run(*verb, "--broker", NOBODY) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert NOBODY in told.err
    assert "vedette broker start" in told.err
    assert len(told.err.splitlines()) == 1


@pytest.mark.parametrize("verb", [verb[0] for verb in VERBS[:-1]] + ["dead-letters replay"])
def test_help_has_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every verb shows how it is used, without a broker."""
    assert run(*verb.split(), "--help") == 0
    told = capsys.readouterr().out
    assert f"vedette {verb}" in told
    assert "Example" in told


@pytest.mark.parametrize(
    "words",
    [
        ("close", "a"),
        ("close", "a", "--outcome", "perhaps"),
        ("silence", "a"),
        ("silence", "a", "--for", "soon"),
        ("outcome", "t"),
        ("alerts", "--state", "new"),
    ],
)
def test_bad_usage_is_exit_code_two(words: tuple[str, ...]) -> None:
    """Told before any broker is asked."""
    assert run(*words, "--broker", NOBODY) == 2


@pytest.mark.parametrize(
    "text, seconds", [("30s", 30), ("30m", 1800), ("2h", 7200), ("1d", 86_400), ("999999s", 999_999)]
)
def test_spans_are_read(text: str, seconds: int) -> None:
    """A number and a unit."""
    assert parse_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "0m", "m", "-5m", "1.5h", "30", "30 m", "1w", "9999999s"])
def test_other_spans_are_refused(text: str) -> None:
    """No guessing."""
    with pytest.raises(click.BadParameter):
        parse_span(text)


def alert(**changes: Any) -> Alert:
    """An alert as published."""
    return public_alert(open_alert(edge(EdgeKind.OPENED, 1, incident("abc", **changes)), DAY_US))


def test_a_silence_is_counted_from_event_time_in_a_recording() -> None:
    """Live it is counted from now: silences are compared with event times, and a recording's are old."""
    old = alert(historical=True)
    assert known_time(old) == old.event_time
    ended = msgspec.structs.replace(old, ended_time=old.event_time + timedelta(hours=1))
    assert known_time(ended) == ended.ended_time
    assert abs(known_time(alert()) - datetime.now(UTC)) < timedelta(minutes=1)


def test_an_alert_reads_like_a_sentence() -> None:
    """Who, where on the chart, and why; exercises are marked."""
    told = alert(simulated=True, lon=-80.5, lat=-1.25)
    assert (who(told), where(told)) == ("211000001", "1.2500S 80.5000W")
    assert "active-unack (exercise)" in cells(told)
    assert where(alert(lon=None, lat=None)) == ""


def test_show_tells_everything() -> None:
    """Every observation id and every history entry is there."""
    text = "\n".join(described(alert(evidence=[f"o{n}" for n in range(30)]), []))
    assert all(f"  o{n}" in text for n in range(30))
    assert "opened by surveil -> active-unack: entered West" in text
    assert "9.7 kn, course 090.0, inbound" in text


def test_a_whole_id_is_never_ambiguous() -> None:
    """Also where another begins with it."""
    assert chosen(["ab", "abc"], "ab", "alert") == "ab"
    assert chosen(["abc", "b"], "a", "alert") == "abc"
    with pytest.raises(click.UsageError, match=r"7 alerts begin with 'x': .* and 2 more"):
        chosen([f"x{n}" for n in range(7)], "x", "alert")


def test_a_pipe_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """One record a line, cells by tabs, no title and no frame."""
    table("two", ("A", "B"), [("1", "x y"), ("2", "z")], ["red", ""])
    assert capsys.readouterr().out == "1\tx y\n2\tz\n"


def spoken(stage: str, partition: int, counts: dict[str, int]) -> Health:
    """A word of a worker."""
    return Health(
        stage=stage,
        instance="w",
        topic="t",
        partition=partition,
        offset=0,
        end_offset=None,
        lag=None,
        counts=counts,
        gauges={},
        snapshot_age_s=None,
        rates={},
        state="running",
        at=0.0,
    )


def test_the_ledger_is_balanced_partition_by_partition() -> None:
    """A surplus in one is not hidden by a loss in another, copies and repeats are no fates, stages are in order."""
    lines = balanced(
        [
            spoken("alert", 0, {"in": 4, "row": 3, "filtered/stale": 2, "repeat": 9, "copy/halo": 5}),
            spoken("ingest", 1, {"in": 4, "row": 2, "held": 1}),
            spoken("ingest", 0, {}),
            spoken("other", 0, {"in": 1, "merged": 1}),
        ]
    )
    assert [(line.stage, line.partition, line.residual) for line in lines] == [
        ("ingest", "t/0", 0),
        ("ingest", "t/1", 1),
        ("alert", "t/0", -1),
        ("other", "t/0", 0),
    ]
    assert (lines[2].repeats, lines[2].reasons) == (9, {"filtered/stale": 2})
