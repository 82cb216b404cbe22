"""Ingest against its scalar oracle, under any cut of the log, crash, re-read and repeated range."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.json_adapter import JsonAdapter
from streams import provenance
from streams.config import IngestRules
from streams.ingest import IngestCore, clock, fixes, state
from streams.ingest import core as ingest_core
from streams.log import START, Output, Position, Record
from tests.streams.ingest import logs
from tests.streams.ingest.oracle import ScalarIngest

RULES = IngestRules(jump_s=3600.0, behind_s=7200.0, duplicate_s=60.0)
# two on either side of an owner's border, within the gate's slack; then an hour away, far away, at the antimeridian
PLACES = ((-80.988, 25.0), (-80.986, 25.0), (-80.4, 25.2), (-84.0, 27.0), (179.99, 10.0), (-179.99, 10.0))
# seconds since the event before: together, apart, late, out of the window, beyond the gate's and the lost-time's reach
STEPS = (0.0, 1.0, 30.0, 600.0, 3000.0, -1.0, -2.0, -5.0, -20.0, -90.0, 5400.0, 50_000.0, -50_000.0, 200_000.0)


@st.composite
def raw_logs(draw: st.DrawFn, most: int = 60) -> list[Record]:
    """Records with good and bad events, of several sensors and kinds, with repeats and ends of input."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    count = draw(st.integers(1, most))
    odd = draw(st.sampled_from((0.0, 0.02, 0.1, 0.3)))
    kinds = draw(st.sampled_from(((False,), (True,), (False, True))))  # historical or not
    sensors = draw(st.sampled_from((("s1",), ("s1", "s2", "s3"))))
    vessels = draw(st.sampled_from((2, 20)))
    found: list[Record] = []
    now_s, log_s = 0.0, 0.0
    for offset in range(count):
        if chance.random() < min(0.06, odd) and found:
            found.append(chance.choice(found)._replace(offset=offset, log_time_us=_log_us(log_s)))
            continue
        if chance.random() < min(0.05, odd):
            found.append(logs.end(offset, log_s))
            continue
        if chance.random() < min(0.04, odd):
            value = chance.choice((b"", b"{", b"[]", b'{"sensor_id":"s1"}', b"\xff"))
            found.append(logs.record(offset, log_s=log_s, value=value))
            continue
        sensor = "s9" if chance.random() < odd / 3 else chance.choice(sensors)
        events = []
        for _ in range(chance.choice((1, 1, 1, 2, 5))):
            now_s += chance.choice(STEPS if chance.random() < odd else STEPS[:3])
            events.append(_event(chance, now_s, sensor, odd, vessels))
        log_s = max(log_s, now_s if chance.random() < 0.8 else log_s)
        found.append(logs.record(offset, *events, log_s=log_s, historical=chance.choice(kinds)))
    return found


def _event(chance: random.Random, now_s: float, sensor: str, odd: float, vessels: int) -> dict[str, Any]:
    lon, lat = chance.choice(PLACES if chance.random() < odd else PLACES[:2])
    more: dict[str, Any] = {}
    if chance.random() < odd / 2:
        more["distress"] = "mob"
    if chance.random() < odd / 2:
        more["velocity"] = {"speed_mps": chance.uniform(0, 20), "course_deg": chance.uniform(0, 359)}
    named = logs.event(now_s, lon, lat, 366_000_001 + chance.randrange(vessels), sensor, **more)
    if chance.random() < odd:
        named["identity"] = chance.choice(({"track_id": "a"}, {"vessel_id": "v"}, {"name": "X"}, {"callsign": "C"}))
    if chance.random() < odd / 3:
        del named["identity"]
    if chance.random() < odd / 3:
        del named["position"]
    return named


def _log_us(log_s: float) -> int:
    return logs.BASE_US + round(log_s * logs.SECOND_US)


def counted(made: IngestCore) -> dict[str, int]:
    """The ledger without what depends on how often the log was read."""
    return {name: n for name, n in made.counts().items() if n and name != "repeat"}


def letters(outputs: Sequence[Output]) -> set[Output]:
    """Dead letters by content: a re-read writes the same ones again."""
    return {output for output in outputs if output.topic == "dead-letters.v1"}


sizes = st.lists(st.integers(1, 60), min_size=1, max_size=5)
few = st.sampled_from((0, 8, 10_000))  # where the one-by-one paths end


def with_few(patch: pytest.MonkeyPatch, rows: int) -> None:
    """Let batches of more than ``rows`` rows take the columnar paths."""
    patch.setattr(clock, "_FEW", rows)
    patch.setattr(fixes, "_FEW", rows)


@given(log=raw_logs(), cuts=sizes, partitions=st.sampled_from((1, 2, 5)), rows=few)
@settings(max_examples=150)
def test_rows_and_fates_are_those_of_the_scalar_oracle(
    log: list[Record], cuts: list[int], partitions: int, rows: int
) -> None:
    """Every row with every column and position, every dead letter and every count is what one-by-one ingest gives."""
    made, sent = logs.core(partitions, rules=RULES), logs.Sent()
    with pytest.MonkeyPatch.context() as patch:
        with_few(patch, rows)
        for batch in logs.cut(log, cuts):
            logs.read(made.apply(batch), sent)
    oracle = ScalarIngest(logs.FEED, logs.settings(partitions, rules=RULES), JsonAdapter())
    oracle.apply(log)
    assert sent.rows == oracle.rows
    kept = [f"{letter.key.decode()}|{reason}" for letter, reason in zip(sent.dead, sent.reasons(), strict=True)]  # type: ignore[union-attr]
    assert sorted(kept) == sorted(oracle.dead)
    assert counted(made) == {name: n for name, n in oracle.counts.items() if n}
    assert logs.residual(made.counts()) == 0


@given(log=raw_logs(), cuts=sizes, seed=st.integers(0, 2**32), every=st.sampled_from((1, 3, 10_000)), rows=few)
@settings(max_examples=150)
def test_crashes_and_rereads_change_nothing(
    log: list[Record], cuts: list[int], seed: int, every: int, rows: int
) -> None:
    """Any cuts, restores from any snapshot and ranges delivered twice: the same rows at the same positions, the same
    dead letters, the same ledger and the same memory as one undisturbed pass, wherever memory is forgotten."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingest_core, "FORGET_EVERY", every)
        whole = logs.core(rules=RULES)
        outputs = whole.apply(log)
        wanted = logs.read(outputs)
        with_few(patch, rows)
        chance = random.Random(seed)
        made, sent, said = logs.core(rules=RULES), logs.Sent(), []
        snapshot, at, read_to = made.dump(), 0, 0
        while read_to < len(log):
            count = chance.choice(cuts)
            again = chance.choice((0, 0, 0, 1, 5))  # records the engine hands over a second time
            produced = made.apply(log[max(0, read_to - again) : read_to + count])
            said.extend(produced)
            logs.read(produced, sent)
            read_to = min(len(log), read_to + count)
            if chance.random() < 0.3:
                snapshot, at = made.dump(), read_to
            if chance.random() < 0.2:
                logs.read(made.tick(_log_us(read_to), idle=True), sent)
            if chance.random() < 0.2:
                made = logs.core(rules=RULES)
                made.load(snapshot)
                read_to = at
    assert sent.rows == wanted.rows
    assert letters(said) == letters(outputs)
    assert counted(made) == counted(whole)
    assert memory(made) == memory(whole)


def memory(made: IngestCore) -> dict[str, Any]:
    """Everything that rows depend on; how often ticks were asked for is not."""
    found = state.decode(made.dump())
    return {"offset": found.offset, "sent": found.numbering.sent, "held": found.held, "checks": found.checks}


@given(log=raw_logs(), cuts=sizes)
@settings(max_examples=60)
def test_positions_have_no_holes(log: list[Record], cuts: list[int]) -> None:
    """What each destination gets chains without a hole: every record's ``after`` is the ``last`` of the one before."""
    made, last = logs.core(rules=RULES), dict[int, Position]()
    for batch in logs.cut(log, cuts):
        for output in made.apply(batch) + made.tick(0, idle=False):
            if output.topic == "observations.v1":
                _, origin = provenance.read(Record(0, 0, None, b"", output.headers))
                assert origin.after == last.get(output.partition, START)
                last[output.partition] = origin.last


@given(log=raw_logs(), cuts=sizes)
@settings(max_examples=60)
def test_watermarks_only_rise_and_hold(log: list[Record], cuts: list[int]) -> None:
    """Per destination the watermark never falls, whatever is asked when."""
    made, newest = logs.core(rules=RULES), dict[int, int]()
    for batch in logs.cut(log, cuts):
        for partition, tick in logs.read(made.apply(batch) + made.tick(batch[-1].log_time_us, idle=False)).ticks:
            assert tick.watermark_us >= newest.get(partition, -1)
            newest[partition] = tick.watermark_us
