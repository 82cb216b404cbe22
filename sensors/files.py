"""Files as feeds: the records that ``vedette publish`` sends and ``vedette replay`` reads, so that both agree."""

import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice

from sensors.adapter import Decoded, RawRecord
from sensors.adapters import make_adapter
from sensors.columns import concat
from sensors.cuts import CUTS
from sensors.opening import BadInput, detect_format, open_input
from sensors.raw import HISTORICAL, UNITS

__all__ = ["BadInput", "detect_format", "open_input", "raw_records", "read"]

_BATCH = 10_000


def raw_records(
    path: str, format_name: str, sensor_id: str, *, units: str = "nautical", historical: bool = False
) -> Iterator[RawRecord]:
    """The records of a file (``-`` is standard input), offsets from 0.

    ``sensor_id`` is the key, unless a JSON event names its own sensor. The log time is the row's own time where it
    says one, else that of the row before, else 0. ``units`` concerns CSV and GeoJSON; ``historical`` marks the records
    as a part of the past. Raises OSError and :class:`BadInput`; what a row holds raises nothing."""
    common = {HISTORICAL: b"1"} if historical else {}
    if units != "nautical":
        common[UNITS] = units.encode()
    default_key = sensor_id.encode(errors="replace")  # a file name need not be UTF-8
    now_us = 0
    stream = open_input(path)
    with nullcontext(stream) if path == "-" else stream:  # standard input is not ours to close
        cuts = CUTS[format_name](stream)
        try:
            for offset, (value, time_us, own_sensor, headers) in enumerate(cuts):
                if time_us is not None:
                    now_us = time_us
                key = default_key if own_sensor is None else own_sensor.encode()
                yield RawRecord(offset, now_us, key, value, common | headers)
        except (EOFError, zlib.error) as problem:
            raise BadInput(f"{path}: expected gzip that can be read to its end") from problem
        except BadInput as problem:
            raise BadInput(f"{path}: {problem}") from problem


def read(path: str, format_name: str, sensor_id: str, *, units: str = "nautical") -> Decoded:
    """A whole file as observations and verdicts; ``record`` counts its records from 0. Raises as raw_records."""
    records = raw_records(path, format_name, sensor_id, units=units, historical=True)
    adapter = make_adapter(format_name)
    parts: list[Decoded] = []
    done = 0
    while batch := list(islice(records, _BATCH)):
        decoded = adapter.decode(batch)
        decoded.rows.record += done
        decoded.verdicts = [verdict._replace(record=verdict.record + done) for verdict in decoded.verdicts]
        parts.append(decoded)
        done += len(batch)
    return Decoded(
        concat([part.rows for part in parts]),
        [verdict for part in parts for verdict in part.verdicts],
        sum(part.items for part in parts),
    )
