"""Objects without a name across owners: the same alerts with 1 and 16, whatever is killed, read again or frozen."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.sectors import sectors
from streams.inputs import parse_input, settings_for
from streams.replay import replay
from tests.property import boats
from tests.property.boats import Entry, Plot
from tests.property.faulty_log import FaultyLog, scramble

SAME_S = 2.0  # two looks of the radar are so far apart


def run(seen: Sequence[Plot], partitions: int) -> FaultyLog:
    """The echoes with nothing going wrong."""
    log = boats.sea(partitions)
    boats.publish(log, seen)
    log.append(boats.FEED.topic, 0, [boats.END])
    log.drain()
    return log


def unlike(found: Sequence[Entry], wanted: Sequence[Entry]) -> list[Entry]:
    """The entries of either side without one of the other: same zone, time within 2 s, objects one to one."""
    renamed: dict[str, str] = {}
    left, odd = list(found), []
    for entry in wanted:
        match = next(
            (
                other
                for other in left
                if other.zone_id == entry.zone_id
                and abs(other.time_s - entry.time_s) <= SAME_S
                and renamed.get(entry.subject, other.subject) == other.subject
            ),
            None,
        )
        if match is None:
            odd.append(entry)
        else:
            renamed[entry.subject] = match.subject
            left.remove(match)
    assert len(set(renamed.values())) == len(renamed), "two objects became one"
    return odd + left


def balanced(log: FaultyLog, plots: int) -> None:
    """Every plot has one fate, and copies for neighbours are counted apart."""
    counts = log.runners[0].core.counts()
    fates = sum(n for key, n in counts.items() if key.split("/")[0] in {"row", "merged", "filtered", "dead", "held"})
    assert counts["in"] == fates == plots + 1
    assert boats.counts(log, "surveil", "in") == boats.counts(log, "surveil", "row") == plots
    assert boats.counts(log, "surveil", "copies/halo") == counts.get("copy/halo", 0)
    assert boats.counts(log, "surveil", "held") == 0


@given(seed=st.integers(0, 10_000))
@settings(max_examples=1, deadline=None)
def test_partitions_do_not_change_what_is_alerted_of_plots(seed: int) -> None:
    """Law: the same echoes give the same entries with 1, 2, 4 and 16 owners, object for object. The ids are as many but
    for what each owner's own map of false plots makes of a doubtful beginning: at most two more over all boats."""
    seen = boats.plots(seed, boats=6, seconds=240)
    alone = run(seen, 1)
    for partitions in (2, 4, 16):
        log = run(seen, partitions)
        assert unlike(boats.entries(log), boats.entries(alone)) == []
        assert sum(boats.tracks_of(log, seen)) <= sum(boats.tracks_of(alone, seen)) + 2
        balanced(log, len(seen))


def test_tracks_do_change_hands() -> None:
    """Law: in such a sea tracks are offered, recognised and given away, every word is heard once, and every boat keeps
    its id over the borders: as many ids boat by boat as with one owner."""
    seen = boats.plots(1, boats=8)
    log = run(seen, 4)
    assert boats.tracks_of(log, seen) == boats.tracks_of(run(seen, 1), seen)
    for word in ("offer", "known", "release"):
        assert boats.counts(log, "surveil", f"neighbours/heard/{word}") > 0
        assert boats.counts(log, "surveil", f"neighbours/said/{word}") == boats.counts(
            log, "surveil", f"neighbours/heard/{word}"
        )


@given(seed=st.integers(0, 10_000), partitions=st.sampled_from((2, 4)))
@settings(max_examples=4, deadline=None)
def test_faults_do_not_change_what_is_alerted_of_plots(seed: int, partitions: int) -> None:
    """Law: crashes, re-reads with other cuts, zombies and freezes leave the same entries, and the ledger balances."""
    seen = boats.plots(seed, boats=5, seconds=200)
    log = boats.sea(partitions)
    third = len(seen) // 3
    for part in (seen[:third], seen[third : 2 * third], seen[2 * third :]):
        boats.publish(log, part)
        scramble(log, seed + len(part), 60)
    log.append(boats.FEED.topic, 0, [boats.END])
    scramble(log, seed + 1, 40)
    log.drain()
    assert unlike(boats.entries(log), boats.entries(run(seen, 1))) == []
    balanced(log, len(seen))


@pytest.mark.parametrize("stop", [30, 200, 500])
def test_a_restored_owner_goes_on_bit_for_bit(stop: int) -> None:
    """Law: state taken at any record of any owner's log, also while rows wait for neighbours: the same outputs after it
    and the same state in the end."""
    log = run(boats.plots(3, boats=5, seconds=160), 4)
    for runner in log.runners:
        if runner.stage.name != "surveil":
            continue
        records = log.partitions[runner.tp]
        whole, first, second = (runner.stage.make_core(*runner.tp) for _ in range(3))
        outputs = [out for record in records for out in whole.apply([record])]
        for record in records[:stop]:
            first.apply([record])
        second.load(first.dump())
        after = [out for record in records[stop:] for out in second.apply([record])]
        assert after == outputs[len(outputs) - len(after) :]
        assert second.dump() == whole.dump()


def test_any_cut_of_an_owners_log_gives_the_same_words() -> None:
    """Law: read one record at a time or a hundred, an owner says the same to its neighbours and of its alerts."""
    log = run(boats.plots(4, boats=5, seconds=160), 4)
    for runner in log.runners:
        if runner.stage.name != "surveil":
            continue
        records = log.partitions[runner.tp]
        dumps = []
        for size in (1, 7, 100):
            core = runner.stage.make_core(*runner.tp)
            for start in range(0, len(records), size):
                core.apply(records[start : start + size])
            dumps.append(core.dump())
        assert dumps[0] == dumps[1] == dumps[2]


@pytest.mark.parametrize("seed, victim", [(3, 1), (4, 2)])
def test_tracks_of_a_dead_owner_are_claimed_and_alerted_once(seed: int, victim: int) -> None:
    """Law: live, an owner that is dead for 30 s loses what runs out of its ground to the neighbours, under the same
    public ids, and back it invents nothing: the same entries and as many ids a boat as with one owner."""
    seen = boats.plots(seed, boats=14, seconds=300)
    alone = boats.live(seen, 1)
    log = boats.live(seen, 4, victim, (100.0, 130.0))
    assert boats.counts(log, "surveil", "neighbours/claimed") > 0
    assert unlike(boats.entries(log), boats.entries(alone)) == []
    assert boats.tracks_of(log, seen) == boats.tracks_of(alone, seen)
    balanced(log, len(seen))


def test_an_open_incident_goes_on_with_whoever_claims_its_track() -> None:
    """Law: a boat enters a zone, its owner dies before the border and comes back later: one alert, under the id it was
    opened with, still open, never said twice."""
    seen = boats.straight(700)
    table = boats.owners(4).owner_of(sectors(np.array([(plot.lon, plot.lat) for plot in seen])))
    inside = next(at for at, plot in enumerate(seen) if plot.lon > -82.59)
    crossing = next(at for at in range(inside, len(seen)) if table[at] != table[at - 1])
    begin_s = seen[crossing].time_s - 8.0
    undisturbed = boats.live(seen, 4).latest("alerts.v1")
    log = boats.live(seen, 4, int(table[crossing - 1]), (begin_s, begin_s + 40.0))
    assert boats.counts(log, "surveil", "neighbours/claimed") == 1
    found = log.latest("alerts.v1")
    assert len(undisturbed) == 1
    assert {key: (alert["state"], alert["end_reason"]) for key, alert in found.items()} == {
        key: (alert["state"], alert["end_reason"]) for key, alert in undisturbed.items()
    }


def test_a_replay_of_files_does_not_depend_on_owners(tmp_path: Path) -> None:
    """Law: `vedette replay` of the plots gives the same entries with four owners as with one, and as the log does;
    a batch of it spans many seconds, which the owners take in step."""
    seen = boats.plots(2, boats=10, seconds=300)
    path = tmp_path / "plots.jsonl"
    path.write_bytes(b"".join(boats.event(plot) + b"\n" for plot in seen))
    parsed = [parse_input(f"{path}@acme/radar-1", "json")]
    found = []
    for partitions in (1, 4):
        settled = msgspec.structs.replace(
            settings_for(parsed, partitions), owners=boats.owners(partitions), sensors=(boats.RADAR,)
        )
        replayed = replay(parsed, boats.zones(), settled)
        assert replayed.residual() == 0
        found.append(boats.standing(msgspec.json.decode(line) for line in replayed.lines()))
    assert len(found[0]) > 0
    assert unlike(found[1], found[0]) == []
    assert unlike(found[0], boats.entries(run(seen, 1))) == []
