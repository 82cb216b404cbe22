"""Raw records for tests, and what an adapter makes of them in a form that can be compared."""

from collections.abc import Sequence
from typing import Any

from sensors.adapter import Adapter, Decoded, RawRecord
from sensors.columns import DTYPES, ObservationColumns

LOG_TIME_US = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z


def record(
    value: bytes, *, key: bytes = b"s1", offset: int = 0, log_time_us: int = LOG_TIME_US, **headers: bytes
) -> RawRecord:
    """A record; headers are named without ``vedette-``."""
    return RawRecord(offset, log_time_us, key, value, {f"vedette-{name}": said for name, said in headers.items()})


def rows(columns: ObservationColumns, records: Sequence[RawRecord]) -> list[tuple[Any, ...]]:
    """Each row by value, with the offset of its record, whatever the tables and cuts."""
    found = []
    for row in range(len(columns)):
        values: dict[str, Any] = {name: getattr(columns, name)[row] for name in DTYPES}
        values["record"] = records[values["record"]].offset
        values["sensor"] = columns.sensors[values["sensor"]]
        values["identity"] = columns.identities[values["identity"]] if values["identity"] >= 0 else None
        values["extras"] = columns.extras.get(row)
        found.append(tuple((name, repr(value)) for name, value in values.items()))
    return found


def verdicts(decoded: Decoded, records: Sequence[RawRecord]) -> list[tuple[Any, ...]]:
    """Each verdict with the offset of the record in hand instead of its index."""
    return [(records[verdict.record].offset, *verdict[1:]) for verdict in decoded.verdicts]


def only(adapter: Adapter, given: RawRecord) -> tuple[str, str, str]:
    """Fate, reason and detail of a record that is one item and no row."""
    decoded = adapter.decode([given])
    assert (decoded.items, len(decoded.rows), len(decoded.verdicts)) == (1, 0, 1)
    verdict = decoded.verdicts[0]
    return str(verdict.fate), str(verdict.reason), verdict.detail
