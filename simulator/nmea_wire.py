"""Reports as a receiver's NMEA 0183 log: VDM sentences with a tag block for source and time.

The format has no mark for simulated data: only the sensor's name can say it.
"""

from functools import reduce
from operator import xor

from pyais.encode import encode_msg
from pyais.messages import (
    MessageType1,
    MessageType5,
    MessageType14,
    MessageType18,
    MessageType24PartA,
    MessageType24PartB,
    Payload,
)

from sensors.observation import Distress
from simulator.ais import BURST, KNOT_MPS
from simulator.craft import Craft, Transponder
from simulator.reception import Flaw, Report
from simulator.sensing.lookout import Sighting

_STATIC_EVERY_US = 360_000_000  # 6 minutes, both classes (ITU-R M.1371-5, annex 1, §4.2.1)
_NO_COURSE, _NO_HEADING, _NO_TURN = 360.0, 511, -128.0
_NOT_AVAILABLE = (181.0, 91.0)
_TEXTS = {
    Distress.MOB: "MOB ACTIVE",
    Distress.EPIRB: "EPIRB ACTIVE",
    Distress.SART: "SART ACTIVE",
    Distress.OTHER: "SART ACTIVE",
}


class NmeaWire:
    """Encodes reports, with the static data of each craft every six minutes; a record is one sentence."""

    def __init__(self) -> None:
        self._static_us: dict[tuple[str, int], int] = {}
        self._sequence = 0

    def encode(self, report: Report) -> list[bytes]:
        """The sentences a receiver would log, damaged as the report says; none of what is not AIS."""
        if report.craft.transponder > Transponder.BEACON:
            return []
        messages = [_position(report), *self._static(report)]
        channel = "AB"[report.sent % 2]
        sentences = []
        for message in messages:
            self._sequence = (self._sequence + 1) % 10
            sentences += encode_msg(message, "AI", "VDM", channel, self._sequence)
        tag = f"s:{report.sensor_id},c:{report.event_time_us // 1000}"
        block = "" if report.flaw is Flaw.NO_TIME else f"\\{tag}*{reduce(xor, tag.encode()):02X}\\"
        lines = [(block + sentence).encode() for sentence in sentences]
        return [_damaged(lines[0], report.flaw), *lines[1:]]

    def encode_sighting(self, sighting: Sighting) -> list[bytes]:
        """Nothing: AIS has no message for what a radar or a camera sees."""
        return []

    def _static(self, report: Report) -> list[Payload]:
        craft = report.craft
        key = (report.sensor_id, craft.mmsi)
        last_us = self._static_us.get(key)
        if craft.transponder is Transponder.BEACON:
            return [_text(craft)] if report.sent % BURST == 0 else []
        if last_us is not None and report.true_time_us - last_us < _STATIC_EVERY_US:
            return []
        self._static_us[key] = report.true_time_us
        return _names(craft)


def _position(report: Report) -> Payload:
    lon, lat = _NOT_AVAILABLE if report.flaw is Flaw.OUT_OF_RANGE else (report.lon, report.lat)
    fields: dict[str, float | int] = {
        "mmsi": report.craft.mmsi,
        "speed": min(report.speed_mps / KNOT_MPS, 102.2),
        "accuracy": True,
        "lon": lon,
        "lat": lat,
        "course": _NO_COURSE if report.course_deg is None else report.course_deg,
        "heading": _NO_HEADING if report.heading_deg is None else int(report.heading_deg),
        "second": report.true_time_us // 1_000_000 % 60,
    }
    if report.craft.transponder in (Transponder.A, Transponder.BEACON):
        return MessageType1.create(status=int(report.status), turn=_NO_TURN, **fields)
    return MessageType18.create(cs=report.craft.transponder is Transponder.B_CS, **fields)


def _names(craft: Craft) -> list[Payload]:
    mmsi, name = craft.mmsi, craft.identity.name or ""
    size = {"to_bow": craft.length_m // 2, "to_stern": craft.length_m - craft.length_m // 2}
    if craft.transponder is Transponder.A:
        return [MessageType5.create(mmsi=mmsi, shipname=name, ship_type=craft.ship_type, **size)]
    return [
        MessageType24PartA.create(mmsi=mmsi, partno=0, shipname=name),
        MessageType24PartB.create(mmsi=mmsi, partno=1, ship_type=craft.ship_type, **size),
    ]


def _text(craft: Craft) -> Payload:
    return MessageType14.create(mmsi=craft.mmsi, text=_TEXTS[craft.distress or Distress.OTHER])


def _damaged(line: bytes, flaw: Flaw | None) -> bytes:
    match flaw:
        case Flaw.TRUNCATED:
            return line[: len(line) * 2 // 3]
        case Flaw.GARBLED:
            at = line.rindex(b",") - 4  # in the payload: the checksum no longer holds
            return line[:at] + (b"0" if line[at : at + 1] != b"0" else b"1") + line[at + 1 :]
        case _:
            return line
