"""The snapshot: all of the state, quick enough to be taken between two batches."""

import time

import msgspec
import numpy as np
import pytest

from streams.config import Feed, Format
from streams.ingest import IngestCore, state
from streams.ingest.gate import Fix
from tests.streams.ingest import logs
from tests.streams.ingest.logs import event, record, run


def test_a_loaded_core_is_the_dumped_one() -> None:
    """Dump, load, dump: the same bytes; and what comes next is judged the same."""
    made = logs.core()
    run(made, *(record(n, event(n, mmsi=1 + n % 5, sensor=f"s{1 + n % 3}"), historical=n % 2 == 0) for n in range(30)))
    run(made, record(30, event(31, 0.0, mmsi=1)), record(31, event(32, mmsi=None, distress="mob")))
    revived = logs.core()
    revived.load(made.dump())
    assert revived.dump() == made.dump()
    more = [
        record(32, event(33, 0.0, mmsi=1)),
        record(33, event(7, mmsi=3)),
        record(34, event(29, mmsi=5, sensor="s3")),
    ]
    assert revived.apply(more) == made.apply(more)
    assert revived.counts() == made.counts()


def test_a_load_replaces_everything() -> None:
    """Nothing of what a core knew before survives a load."""
    used, fresh = logs.core(), logs.core()
    run(used, *(record(n, event(n, mmsi=1 + n), historical=True) for n in range(30)))
    used.load(fresh.dump())
    assert used.dump() == fresh.dump()


def test_another_version_is_refused() -> None:
    """A snapshot of another layout is refused, and so is what is none."""
    values = msgspec.msgpack.decode(logs.core().dump())
    with pytest.raises(ValueError, match="version 99, expected"):
        state.decode(msgspec.msgpack.encode([99, *values[1:]]))
    with pytest.raises(msgspec.MsgspecError):
        logs.core().load(b"\x93")


def test_a_hundred_thousand_identities_are_dumped_in_passing() -> None:
    """100,000 identities and a full memory of repeats: at most 60 ms of CPU for a dump (best of five)."""
    made = full(100_000)
    best_s = min(cpu_s(made) for _ in range(5))
    assert best_s < 0.060
    revived = logs.core(feed=Feed("acme", "json", Format.JSON))
    revived.load(made.dump())
    assert revived.gauges() == made.gauges()


def full(identities: int) -> IngestCore:
    """A core that remembers this many identities and as many observations."""
    made = logs.core(feed=Feed("acme", "json", Format.JSON))
    run(made, record(0, event(0, mmsi=1)))
    checks = made._checks
    checks.directory.restore([f"mmsi:{mmsi:09d}" for mmsi in range(1, identities + 1)])
    checks.fixes.make_room(identities)
    for columns in (checks.fixes.last, checks.fixes.before):
        columns.put(np.arange(identities), columns.take(np.zeros(identities, np.intp)))
    checks.fixes.last.set(identities - 1, Fix(1, 2.0, 3.0, 4, 0, bytes(16)))
    numbers = np.arange(2 * identities, dtype=np.uint64).view("V16")
    checks.duplicates.repeats(numbers, np.zeros(identities, np.int32), np.zeros(identities, np.int64))
    return made


def cpu_s(made: IngestCore) -> float:
    """CPU seconds of one dump."""
    before = time.process_time()
    made.dump()
    return time.process_time() - before
