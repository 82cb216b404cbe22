"""Who gets a row: the owner of its position, and where its previous fix had another owner, that one too. A plot goes
to every owner whose ground is within the halo of it as well, a bearing or trigger to those it can concern.

A distress row without a position goes where its identity was last seen, or to an owner chosen by its key where it was
never seen. A distress row without an identity gets a key from its sensor and sector, so that it can still be followed
and merged: two places are never one casualty.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensors.columns import Flag, ObservationColumns
from sensors.observation import Identity
from streams.borders import Borders
from streams.frames import Purpose
from streams.ingest.checks import Judged
from streams.ingest.directory import UNNAMED
from streams.ingest.fix_columns import NONE_US
from streams.partitioning import Owners, area_of, stable_partition
from streams.tracks.sharing.halo import HALO_M

_LATE, _DISTRESS = np.uint8(Flag.LATE), np.uint8(Flag.DISTRESS)

Column = NDArray[Any]


@dataclass(slots=True)
class Routed:
    """Rows as they are sent, ``n`` in all, grouped by destination and in the order of the log within each.

    ``columns`` are those of :data:`streams.frames.COLUMNS` but ``ordinal``; ``row`` is each one's row of the batch."""

    row: NDArray[np.intp]
    destination: NDArray[np.int32]
    columns: dict[str, Column]
    identities: list[Identity]
    keys: list[str]
    departing: int
    halo: int


def route(
    rows: ObservationColumns,
    judged: Judged,
    offset: NDArray[np.int64],
    log_us: NDArray[np.int64],
    owners: Owners,
    borders: Borders | None = None,
) -> Routed:
    """Address the accepted rows; ``offset`` and ``log_us`` are those of each row's raw record. ``borders`` where plots
    are followed by several owners."""
    accepted = (judged.code == 0).nonzero()[0]
    whole = len(accepted) == len(rows)
    count = len(accepted)
    place, previous = judged.sector, judged.previous
    if not whole:
        place, previous = place[accepted], previous.take(accepted)
    entry, identities, keys = _named(rows, judged, accepted)
    adrift = (place == 0).nonzero()[0]
    where = place
    if len(adrift):
        where = place.copy()
        where[adrift] = judged.home[accepted[adrift]]
    owner = owners.owner_of(where)
    prev_owner = np.where(previous.time_us == NONE_US, np.int32(-1), owner)
    moved = ((previous.sector != where) & (prev_owner >= 0)).nonzero()[0]
    if len(moved):
        prev_owner[moved] = owners.owner_of(previous.sector[moved])
    for row in adrift[where[adrift] == 0].tolist():
        owner[row] = stable_partition(keys[entry[row]], owners.partitions)
    departing = ((prev_owner >= 0) & (prev_owner != owner)).nonzero()[0]
    flags = rows.flags[accepted] | (judged.late[accepted] * _LATE)
    chosen, destination, purpose = np.arange(count), owner, np.zeros(count, np.uint8)  # Purpose.HERE
    if len(departing):
        chosen = np.concatenate((chosen, departing))
        destination = np.concatenate((owner, prev_owner[departing]))
        purpose = np.concatenate((purpose, np.full(len(departing), Purpose.DEPARTING, np.uint8)))
    copies = 0
    if judged.copies:  # bearings and triggers
        at = np.searchsorted(accepted, np.array(list(judged.copies)))
        others = list(judged.copies.values())
        told = np.repeat(at, [len(one) for one in others])
        copies = len(told)
        chosen = np.concatenate((chosen, told))
        destination = np.concatenate((destination, np.concatenate(others).astype(np.int32)))
        purpose = np.concatenate((purpose, np.full(copies, Purpose.HALO, np.uint8)))
    nameless = (entry < 0) & (place != 0) if borders is not None else None
    if borders is not None and nameless is not None and nameless.any():
        plots = (nameless & ~np.isnan(rows.lon[accepted])).nonzero()[0]
        at = accepted[plots]
        near, next_door, _ = borders.near(np.column_stack([rows.lon[at], rows.lat[at]]), place[plots], HALO_M)
        copies += len(near)
        chosen = np.concatenate((chosen, plots[near]))
        destination = np.concatenate((destination, next_door))
        purpose = np.concatenate((purpose, np.full(len(near), Purpose.HALO, np.uint8)))
    if owners.partitions > 1:
        copied = len(departing) + copies > 0
        order = np.lexsort((chosen, destination)) if copied else np.argsort(destination, kind="stable")
        chosen, destination, purpose = chosen[order], destination[order], purpose[order]
    source = accepted[chosen]
    columns: dict[str, Column] = {
        "source_offset": offset[source],
        "purpose": purpose,
        "ingest_time_us": log_us[source],
        "event_time_us": rows.event_time_us[source],
        "lon": rows.lon[source],
        "lat": rows.lat[source],
        "sigma_m": rows.sigma_m[source],
        "speed_mps": rows.speed_mps[source],
        "course_deg": rows.course_deg[source],
        "heading_deg": rows.heading_deg[source],
        "flags": flags[chosen],
        "sensor": rows.sensor[source],
        "identity": entry[chosen],
        "observation_id": rows.observation_id[source],
        "sector": place[chosen],
        "owner": owner[chosen],
        "area": area_of(where)[chosen],
        "prev_event_time_us": previous.time_us[chosen],
        "prev_lon": previous.lon[chosen],
        "prev_lat": previous.lat[chosen],
        "prev_owner": prev_owner[chosen],
        "prev_observation_id": previous.id[chosen],
    }
    if rows.optional:
        columns |= {name: column[source] for name, column in rows.optional.items()}
    return Routed(source, destination, columns, identities, keys, len(departing), copies)


def _named(
    rows: ObservationColumns, judged: Judged, accepted: NDArray[np.intp]
) -> tuple[NDArray[np.int32], list[Identity], list[str]]:
    """Entry of each accepted row, -1 for plots; unnamed distress is given one."""
    names = judged.names
    entry = names.entry[accepted]
    unnamed = ((entry < 0) & ((rows.flags[accepted] & _DISTRESS) != 0)).nonzero()[0]
    if not len(unnamed):
        return entry, names.identities, names.keys
    entry, identities, keys = entry.copy(), list(names.identities), list(names.keys)
    for at in unnamed.tolist():
        row = accepted[at]
        entry[at] = len(keys)
        identities.append(UNNAMED)
        keys.append(f"distress:{rows.sensors[rows.sensor[row]]}:{int(judged.sector[row]):x}")
    return entry, identities, keys
