"""The position reports of one batch, on their way from payloads to observation columns."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sensors.ais.distress import Test, by_status
from sensors.ais.message import BAD_MMSI, MAX_MMSI, TEST_SIGNAL, Refusal
from sensors.ais.positions import Positions, read_positions
from sensors.ais.statics import Static, Statics
from sensors.columns import Flag, ObservationColumns, build, empty
from sensors.convert import whole_turns
from sensors.extras import Extras, encode_extras
from sensors.ids import Ids
from sensors.observation import Distress, Identity
from sensors.reasons import Fate, FilterReason, RejectReason
from sensors.units import END_US, FIRST_US, TIME_EXPECTED

_NO_POSITION: Refusal = (Fate.FILTERED, FilterReason.NO_POSITION, "position not available")
_BAD_PLACE: Refusal = (Fate.DEAD, RejectReason.OUT_OF_RANGE, "position: expected lon -180 to 180, lat -90 to 90")
_BAD_TIME: Refusal = (Fate.DEAD, RejectReason.BAD_TIME, f"time of reception: {TIME_EXPECTED}")


class Report(NamedTuple):
    """A message that may become a row."""

    order: int  # among the batch's items
    record: int
    item: int
    sensor: str
    event_time_us: int
    flags: int  # of the journey: HISTORICAL
    kind: int  # message type: a key of LAYOUTS, or 14 for a call for help without a position
    payload: bytes
    distress: Distress | None = None


class Reports:
    """Reports and statics in the order they came; a row is named by what was known before it."""

    def __init__(self, statics: Statics) -> None:
        self._statics = statics
        self._reports: list[Report] = []
        self._learned: list[tuple[int, str, int, Static]] = []  # before which report, and what

    def add(self, report: Report) -> None:
        """One more report."""
        self._reports.append(report)

    def learn(self, sensor: str, mmsi: int, static: Static) -> None:
        """What all reports added from now on shall know."""
        self._learned.append((len(self._reports), sensor, mmsi, static))

    def columns(self, ids: Ids) -> tuple[ObservationColumns, list[tuple[Report, Refusal]]]:
        """The rows, and the reports that do not become one. Call once, at the end of the batch."""
        reports = self._reports
        if not reports:
            self._name([], [])
            return empty(), []
        positions = read_positions([report.kind for report in reports], [report.payload for report in reports])
        times = np.array([report.event_time_us for report in reports], np.int64)
        calls, tests = _calls_for_help(reports, positions)
        refused = _refusals(positions, times, calls, tests)
        identities, named = self._name(reports, positions.mmsi.tolist())
        keep = np.array([row for row in range(len(reports)) if row not in refused], np.intp)
        rows = _rows(reports, positions, times, calls, named, keep)
        rows.identities = identities
        rows.observation_id = ids.of(rows)
        return rows, [(reports[row], refusal) for row, refusal in refused.items()]

    def _name(self, reports: Sequence[Report], mmsi: list[int]) -> tuple[list[Identity], list[int]]:
        """Identities, and each report's index among them (-1 where it has none), learning on the way."""
        identities: dict[Identity, int] = {}
        known: dict[tuple[str, int], int] = {}
        named: list[int] = []
        start = 0
        for end, learned in [*((entry[0], entry[1:]) for entry in self._learned), (len(reports), None)]:
            for row in range(start, end):
                key = (reports[row].sensor, mmsi[row])
                index = known.get(key)
                if index is None:
                    index = -1
                    if 1 <= key[1] <= MAX_MMSI:
                        index = identities.setdefault(self._statics.identity(*key), len(identities))
                    known[key] = index
                named.append(index)
            start = end
            if learned is not None:
                self._statics.learn(*learned)
                known.pop(learned[:2], None)
        return list(identities), named


def _calls_for_help(reports: Sequence[Report], positions: Positions) -> tuple[dict[int, Distress], list[int]]:
    """Rows that call for help, by kind, and rows that only test; few rows are from such devices."""
    calls = {row: report.distress for row, report in enumerate(reports) if report.distress is not None}
    tests = []
    device = positions.mmsi // 1_000_000
    for row in np.flatnonzero((device == 970) | (device == 972) | (device == 974)).tolist():
        found = by_status(int(positions.mmsi[row]), int(positions.status[row]))
        if found is Test.SIGNAL:
            tests.append(row)
        elif isinstance(found, Distress):
            calls[row] = found
    return calls, tests


def _refusals(
    positions: Positions, times: NDArray[np.int64], calls: dict[int, Distress], tests: list[int]
) -> dict[int, Refusal]:
    """Rows that are not used, in order, each with the first reason that holds; a call for help needs no position."""
    strange = positions.mmsi > MAX_MMSI
    absent = np.isnan(positions.lon) | np.isnan(positions.lat)
    outside = (np.abs(positions.lon) > 180.0) | (np.abs(positions.lat) > 90.0)  # False for NaN
    if calls:
        helped = np.array(list(calls), np.intp)
        nowhere = helped[absent[helped] | outside[helped]]
        positions.lon[nowhere] = positions.lat[nowhere] = np.nan
        strange[helped] = absent[helped] = outside[helped] = False
    testing = np.zeros(len(times), np.bool_)
    testing[tests] = True
    found: dict[int, Refusal] = {}
    for mask, refusal in (
        (strange, BAD_MMSI),
        ((times < FIRST_US) | (times >= END_US), _BAD_TIME),
        (testing, TEST_SIGNAL),
        (absent, _NO_POSITION),
        (outside, _BAD_PLACE),
    ):
        for row in np.flatnonzero(mask).tolist():
            found.setdefault(row, refusal)
    return found


def _rows(
    reports: Sequence[Report],
    positions: Positions,
    times: NDArray[np.int64],
    calls: dict[int, Distress],
    named: list[int],
    keep: NDArray[np.intp],
) -> ObservationColumns:
    sensors: dict[str, int] = {}
    extras: dict[int, bytes] = {}
    kept = keep.tolist()
    used = [reports[row] for row in kept]
    altitude = positions.altitude_m[keep]
    for at in np.flatnonzero(~np.isnan(altitude)).tolist():
        extras[at] = encode_extras(Extras(altitude_m=float(altitude[at])))
    flags = [report.flags for report in used]
    if calls:
        for at, row in enumerate(kept):
            if row in calls:
                extras[at] = encode_extras(Extras(distress=calls[row]))
                flags[at] |= Flag.DISTRESS
    columns = build(
        {
            "record": [report.record for report in used],
            "item": [report.item for report in used],
            "event_time_us": times[keep],
            "lon": positions.lon[keep],
            "lat": positions.lat[keep],
            "sigma_m": positions.sigma_m[keep],
            "speed_mps": positions.speed_mps[keep],
            "course_deg": positions.course_deg[keep],
            "heading_deg": positions.heading_deg[keep],
            "sensor": [sensors.setdefault(report.sensor, len(sensors)) for report in used],
            "identity": [named[row] for row in kept],
            "flags": flags,
        },
        sensors=list(sensors),
        extras=extras,
    )
    whole_turns(columns)
    return columns
