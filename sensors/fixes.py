"""The rows of tables (CSV, GeoJSON points) of one batch, on their way to observation columns."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sensors.adapter import Decoded, RawRecord, Verdict
from sensors.columns import Flag, ObservationColumns, build, empty
from sensors.convert import whole_turns
from sensors.extras import Extras, encode_extras
from sensors.ids import Ids
from sensors.names import read_names
from sensors.observation import Identity
from sensors.raw import UNITS, is_historical, place
from sensors.reasons import Fate, RejectReason
from sensors.rows import NAMES, Cells, Numbers, Refusal, explain, read_rows
from sensors.units import KNOT_MPS

MPS_PER_UNIT = {b"": KNOT_MPS, b"nautical": KNOT_MPS, b"si": 1.0}
_CACHED = 100_000


class _Row(NamedTuple):
    record: int
    sensor: str
    mps: float  # per unit of speed
    cells: Cells
    altitude_m: float | None


class Fixes:
    """The rows of one batch. Names are kept from batch to batch in ``names``, for speed only."""

    def __init__(self, records: Sequence[RawRecord], names: dict[Cells, Identity | str | None]) -> None:
        self._records = records
        self._names = names
        self._rows: list[_Row] = []
        self._verdicts: list[Verdict] = []

    def add(self, record: int, sensor: str, cells: Cells, altitude_m: float | None = None) -> None:
        """A row of cells, from the record of this index."""
        units = self._records[record].headers.get(UNITS, b"")
        mps = MPS_PER_UNIT.get(units)
        if mps is None:
            self.refuse(record, (RejectReason.BAD_FIELD, f"{UNITS}: expected nautical or si"))
        else:
            self._rows.append(_Row(record, sensor, mps, cells, altitude_m))

    def refuse(self, record: int, refusal: Refusal) -> None:
        """A record that does not become a row."""
        reason, detail = refusal
        self._verdicts.append(Verdict(record, 0, Fate.DEAD, reason, place(self._records[record]) + detail))

    def decoded(self, ids: Ids) -> Decoded:
        """Rows and fates of all records added or refused."""
        items = len(self._rows) + len(self._verdicts)
        if not self._rows:
            return Decoded(empty(), self._verdicts, items)
        cells = list(zip(*(row.cells for row in self._rows), strict=True))
        numbers = read_rows(cells, np.array([row.mps for row in self._rows], np.float64))
        named = [self._identity(names) for names in zip(*cells[NAMES], strict=True)]
        good = numbers.good & np.array([not isinstance(identity, str) for identity in named], np.bool_)
        for at in np.flatnonzero(~good).tolist():
            row = self._rows[at]
            self.refuse(row.record, explain(row.cells, row.mps))
        if len(self._verdicts) > 1:
            self._verdicts.sort(key=lambda verdict: verdict.record)
        return Decoded(self._columns(numbers, named, np.flatnonzero(good), ids), self._verdicts, items)

    def _identity(self, names: Cells) -> Identity | str | None:
        try:
            return self._names[names]
        except KeyError:
            if len(self._names) >= _CACHED:
                self._names.clear()
            found = self._names[names] = read_names(*names)
            return found

    def _columns(
        self, numbers: Numbers, named: list[Identity | str | None], good: NDArray[np.intp], ids: Ids
    ) -> ObservationColumns:
        sensors: dict[str, int] = {}
        identities: dict[Identity, int] = {}
        index: list[int] = []
        extras: dict[int, bytes] = {}
        rows = [self._rows[at] for at in good.tolist()]
        for new, (at, row) in enumerate(zip(good.tolist(), rows, strict=True)):
            identity = named[at]
            index.append(identities.setdefault(identity, len(identities)) if isinstance(identity, Identity) else -1)
            if row.altitude_m is not None:
                extras[new] = encode_extras(Extras(altitude_m=row.altitude_m))
        flags = [int(Flag.HISTORICAL) if is_historical(record) else 0 for record in self._records]
        columns = build(
            {
                "record": [row.record for row in rows],
                "item": np.zeros(len(rows), "i4"),
                "event_time_us": numbers.time_us[good],
                "lon": numbers.lon[good],
                "lat": numbers.lat[good],
                "speed_mps": numbers.speed_mps[good],
                "course_deg": numbers.course_deg[good],
                "heading_deg": numbers.heading_deg[good],
                "sensor": [sensors.setdefault(row.sensor, len(sensors)) for row in rows],
                "identity": index,
                "flags": [flags[row.record] for row in rows],
            },
            sensors=list(sensors),
            identities=list(identities),
            extras=extras,
        )
        whole_turns(columns)
        columns.observation_id = ids.of(columns)
        return columns
