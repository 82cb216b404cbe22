"""Ids from content: the same measurement has the same id, whatever road it came by.

``observation_id`` is blake2b with a 16-byte digest over, little-endian and without padding:

========  ==========================================================================================
u16       length of the sensor id in bytes, then the sensor id, UTF-8
i64       event time, microseconds since 1970 UTC
f64 x 2   lon, lat
f32 x 4   sigma_m, speed_mps, course_deg, heading_deg (rounded to float32 when parsed)
u8        flags & (SIMULATED | DISTRESS)
u16       length of the name in bytes, then the name, UTF-8: ``Identity.key`` without its sensor, or where that is
          absent ``callsign:…|name:…`` of what is present, or nothing
rest      msgpack of the rarer fields (:mod:`sensors.extras`), nothing where there are none
========  ==========================================================================================

An absent number is the quiet NaN and -0 is 0. How the record came (historical, late, batch or single) is no part of
it; nor are name, callsign and IMO number of an object that an MMSI names, because AIS sends them apart from positions.
"""

import hashlib
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensors.columns import Flag, ObservationColumns
from sensors.observation import Identity, ObservationId

DIGEST = 16
_ROW = np.dtype([("event_time_us", "<i8"), ("place", "<f8", (2,)), ("motion", "<f4", (4,)), ("flags", "u1")])
_HASHED_FLAGS = np.uint8(Flag.SIMULATED | Flag.DISTRESS)
_LENGTH = struct.Struct("<H")
_CACHED = 100_000  # entries; a cache changes no result, only its speed


def hex_id(digest: Any) -> ObservationId:
    """The public form of an id: 32 hexadecimal digits of one element of an ``observation_id`` column."""
    return ObservationId(bytes(digest).hex())


def name_of(identity: Identity) -> str:
    """What stands for the object in an observation's id; empty where nothing names it."""
    key = identity.key("")
    if key is not None:
        return str(key)
    parts = (("callsign", identity.callsign), ("name", identity.name))
    return "|".join(f"{field}:{value}" for field, value in parts if value is not None)


class Ids:
    """Computes ids of whole columns; keeps what sensors and identities contribute from batch to batch."""

    def __init__(self) -> None:
        self._sensors: dict[str, Any] = {}  # sensor id -> a hash that has taken it in
        self._names: dict[Identity | int, bytes] = {}

    def of(self, columns: ObservationColumns) -> NDArray[np.void]:
        """The ids, shape ``(n,)``, dtype V16; reads every column but ``record``, ``item`` and ``observation_id``."""
        data = _packed(columns)
        sensors = [self._sensor(sensor) for sensor in columns.sensors]
        names = [self._name(identity) for identity in columns.identities]
        names.append(b"\0\0")  # identity -1: nothing
        extras, width = columns.extras, _ROW.itemsize
        digests, at = [], 0
        for sensor, identity in zip(columns.sensor.tolist(), columns.identity.tolist(), strict=True):
            taken = sensors[sensor].copy()
            taken.update(data[at : at + width] + names[identity])
            if extras and (rare := extras.get(at // width)):
                taken.update(rare)
            digests.append(taken.digest())
            at += width
        return np.frombuffer(b"".join(digests), "V16")

    def _sensor(self, sensor: str) -> Any:
        taken = self._sensors.get(sensor)
        if taken is None:
            if len(self._sensors) >= _CACHED:
                self._sensors.clear()
            taken = self._sensors[sensor] = hashlib.blake2b(_prefixed(sensor), digest_size=DIGEST)
        return taken

    def _name(self, identity: Identity) -> bytes:
        # The number alone names whatever has one, and is found faster than the whole identity.
        said = identity if identity.mmsi is None else identity.mmsi
        name = self._names.get(said)
        if name is None:
            if len(self._names) >= _CACHED:
                self._names.clear()
            name = self._names[said] = _prefixed(name_of(identity))
        return name


def _prefixed(text: str) -> bytes:
    encoded = text.encode()
    return _LENGTH.pack(len(encoded)) + encoded


def _packed(columns: ObservationColumns) -> bytes:
    packed = np.empty(len(columns), _ROW)
    packed["event_time_us"] = columns.event_time_us
    packed["flags"] = columns.flags & _HASHED_FLAGS
    place, motion = packed["place"], packed["motion"]
    place[:, 0], place[:, 1] = columns.lon, columns.lat
    motion[:, 0], motion[:, 1] = columns.sigma_m, columns.speed_mps
    motion[:, 2], motion[:, 3] = columns.course_deg, columns.heading_deg
    for numbers in (place, motion):
        numbers += 0.0  # -0.0 becomes 0.0
        numbers[np.isnan(numbers)] = np.nan  # one bit pattern for all of them
    return packed.tobytes()
