"""JSON: a record holds one event of :class:`~sensors.observation.Observation`, or a list of them.

The record's key is the sensor id, and every event must name the same sensor. A bad event of a list is refused by
itself; a list that is not JSON is refused as one item.
"""

from collections.abc import Sequence
from operator import attrgetter, itemgetter

import msgspec
import numpy as np

from sensors.adapter import Decoded, RawRecord, Verdict
from sensors.columns import Flag, take
from sensors.convert import to_columns
from sensors.ids import Ids
from sensors.json_problem import JSON_ERRORS, explain
from sensors.observation import Observation
from sensors.raw import MAX_BYTES, MAX_ITEMS, is_historical, place, refusal, sensor_of
from sensors.reasons import Fate, FilterReason, RejectReason
from sensors.units import END_US, FIRST_US, TIME_EXPECTED

_decode_one = msgspec.json.Decoder(Observation).decode
_decode_list = msgspec.json.Decoder(list[Observation]).decode
_decode_parts = msgspec.json.Decoder(list[msgspec.Raw]).decode
_OPENING_BRACE = ord("{")
_headers = attrgetter("headers")
_position = attrgetter("position")
_elsewhere = attrgetter("sensor_id", "bearing", "zone_id", "track")  # what asks for a second look
_covariance = attrgetter("covariance_m2")
_Problem = tuple[Fate, FilterReason | RejectReason, str]
_NOWHERE: _Problem = (Fate.DEAD, RejectReason.MISSING_FIELD, "position: expected position, bearing or zone_id")
_TWICE: _Problem = (Fate.DEAD, RejectReason.BAD_FIELD, "position: expected only one of position, bearing and zone_id")
_NO_COVARIANCE: _Problem = (
    Fate.DEAD, RejectReason.BAD_FIELD, "covariance_m2: expected a covariance [east, east-north, north]"
)  # fmt: skip
_NO_MOTION: _Problem = (
    Fate.DEAD, RejectReason.MISSING_FIELD, "track: expected position, speed_mps and course_deg beside it"
)  # fmt: skip
_NO_TRACK_COVARIANCE: _Problem = (
    Fate.DEAD, RejectReason.BAD_FIELD, "track.covariance: expected the upper triangle of a covariance, row by row"
)  # fmt: skip
_ROUNDING = 1e-3  # numbers are often sent with two digits
_MOST_M2 = 1e14  # as in sensors.observation: 10,000 km
_OTHER_SENSOR: _Problem = (Fate.DEAD, RejectReason.SENSOR_MISMATCH, "sensor_id: expected the record's key")
_BAD_TIME: _Problem = (Fate.DEAD, RejectReason.BAD_TIME, f"event_time: {TIME_EXPECTED}")


class JsonAdapter:
    """The JSON format; it remembers nothing between records."""

    def __init__(self) -> None:
        self._ids = Ids()
        self._sensors: dict[bytes, str] = {}  # keys met, decoded

    def decode(self, records: Sequence[RawRecord]) -> Decoded:
        """See :class:`sensors.adapter.Adapter`."""
        batch = _Batch(records)
        if self._plain(batch):
            return batch.decoded(self._ids)
        sensors, take_in = self._sensors, batch.take_in
        for index, record in enumerate(records):
            value = record.value
            sensor = sensors.get(record.key)
            if sensor is None or not value or len(value) > MAX_BYTES:
                refused = refusal(record)
                if refused is not None:
                    batch.refuse(index, 0, (Fate.DEAD, *refused))
                    continue
                sensor = self._sensor(record.key)
            try:
                if value[0] == _OPENING_BRACE:
                    take_in(index, 0, sensor, _decode_one(value))
                else:
                    batch.take_many(index, sensor, value)
            except JSON_ERRORS as problem:
                batch.refuse(index, 0, (Fate.DEAD, *explain(problem)))
        return batch.decoded(self._ids)

    def dump(self) -> bytes:
        """Nothing."""
        return b""

    def load(self, memory: bytes) -> None:
        """Nothing."""

    def _plain(self, batch: "_Batch") -> bool:
        """Take in a batch of single good events of one known sensor, all at once; whether it was one."""
        records = batch.records
        sensor = self._sensors.get(records[0].key) if records else None
        if sensor is None:
            return False
        _, _, keys, values, _ = zip(*records, strict=True)
        if keys.count(keys[0]) < len(keys) or not all(values) or max(map(len, values)) > MAX_BYTES:
            return False
        if bytes(map(itemgetter(0), values)).count(_OPENING_BRACE) < len(values):
            return False
        try:
            events = list(map(_decode_one, values))
        except JSON_ERRORS:
            return False  # it is told record by record which one is bad, and why
        if None in map(_position, events):
            return False
        if list(map(_elsewhere, events)).count((sensor, None, None, None)) < len(events):
            return False
        if not all(map(is_believable, map(_covariance, events))):
            return False
        batch.events, batch.record, batch.item = events, list(range(len(events))), [0] * len(events)
        return True

    def _sensor(self, key: bytes) -> str:
        if len(self._sensors) >= 10_000:
            self._sensors.clear()
        sensor = sensor_of(key) or ""
        self._sensors[key] = sensor
        return sensor


class _Batch:
    """The events of one call of :meth:`JsonAdapter.decode`, on their way to columns."""

    def __init__(self, records: Sequence[RawRecord]) -> None:
        self.records = records
        self.events: list[Observation] = []
        self.record: list[int] = []
        self.item: list[int] = []
        self.verdicts: list[Verdict] = []

    def take_in(self, record: int, item: int, sensor: str, event: Observation) -> None:
        """An event that is well formed: a row, unless it is of another sensor or not in one place."""
        plain = event.position is not None and _elsewhere(event) == (sensor, None, None, None)
        plain = plain and event.covariance_m2 is None
        if event.sensor_id != sensor:
            self.refuse(record, item, _OTHER_SENSOR)
        elif not plain and (problem := _misplaced(event) or _unbelievable(event)) is not None:
            self.refuse(record, item, problem)
        else:
            self.events.append(event)
            self.record.append(record)
            self.item.append(item)

    def take_many(self, record: int, sensor: str, value: bytes) -> None:
        """A list of events, one by one where some are bad; raises one of JSON_ERRORS where it is not a list."""
        if value.lstrip(b" \t\r\n")[:1] != b"[":
            return self.take_in(record, 0, sensor, _decode_one(value))
        parts = _decode_parts(value)
        if not 1 <= len(parts) <= MAX_ITEMS:
            reason = RejectReason.TOO_LARGE if parts else RejectReason.EMPTY
            return self.refuse(record, 0, (Fate.DEAD, reason, f"value: expected 1 to {MAX_ITEMS} events"))
        try:
            events = _decode_list(value)
        except JSON_ERRORS:
            for item, part in enumerate(parts):
                try:
                    self.take_in(record, item, sensor, _decode_one(part))
                except JSON_ERRORS as problem:
                    self.refuse(record, item, (Fate.DEAD, *explain(problem)))
        else:
            for item, event in enumerate(events):
                self.take_in(record, item, sensor, event)

    def refuse(self, record: int, item: int, problem: _Problem) -> None:
        """An item that does not become a row."""
        fate, reason, detail = problem
        self.verdicts.append(Verdict(record, item, fate, reason, place(self.records[record]) + detail))

    def decoded(self, ids: Ids) -> Decoded:
        """Columns of the events taken in, and the fates of all others."""
        items = len(self.events) + len(self.verdicts)
        flags = None
        if any(map(_headers, self.records)):
            historical = [is_historical(record) * int(Flag.HISTORICAL) for record in self.records]
            flags = [historical[record] for record in self.record]
        rows = to_columns(self.events, self.record, self.item, flags, ids)
        bad = (rows.event_time_us < FIRST_US) | (rows.event_time_us >= END_US)
        if bad.any():
            for row in np.flatnonzero(bad).tolist():
                self.refuse(self.record[row], self.item[row], _BAD_TIME)
            self.verdicts.sort(key=lambda verdict: (verdict.record, verdict.item))
            rows = take(rows, np.flatnonzero(~bad))
        return Decoded(rows, self.verdicts, items)


def _misplaced(event: Observation) -> _Problem | None:
    """Why an event that does not say where in exactly one way is no row; a call for help needs to say nothing."""
    places = (event.position is not None) + (event.bearing is not None) + (event.zone_id is not None)
    if places > 1:
        return _TWICE
    return None if places or event.distress is not None else _NOWHERE


def _unbelievable(event: Observation) -> _Problem | None:
    """What is wrong with the uncertainty of an event, or with another tracker's track; nothing in a call for help."""
    if event.distress is not None:
        return None
    if not is_believable(event.covariance_m2):
        return _NO_COVARIANCE
    if event.track is None:
        return None
    velocity = event.velocity
    if event.position is None or velocity is None or velocity.speed_mps is None or velocity.course_deg is None:
        return _NO_MOTION
    if event.track.covariance is not None and not is_covariance(event.track.covariance):
        return _NO_TRACK_COVARIANCE
    return None


def is_believable(covariance_m2: tuple[float, float, float] | None) -> bool:
    """Whether there is none, or it is the covariance of a place (nothing negative but what rounding leaves)."""
    if covariance_m2 is None:
        return True
    xx, xy, yy = covariance_m2
    return 0.0 <= xx < _MOST_M2 and 0.0 <= yy < _MOST_M2 and xy * xy <= xx * yy * (1.0 + _ROUNDING) + _ROUNDING


def is_covariance(triangle: tuple[float, ...]) -> bool:
    """Whether ten numbers are the upper triangle, row by row, of a covariance of place and velocity that can be used:
    every direction has a variance."""
    matrix = np.zeros((4, 4))
    matrix[np.triu_indices(4)] = triangle
    matrix += np.triu(matrix, 1).T
    return bool((np.diag(matrix) < _MOST_M2).all() and np.linalg.eigvalsh(matrix)[0] > 0.0)
