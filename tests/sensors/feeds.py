"""A feed in each wire format: good events, bad ones, and what only a sequence of records shows."""

from collections.abc import Callable
from functools import reduce
from operator import xor
from random import Random
from typing import Any

from sensors.adapter import RawRecord
from sensors.adapters import FORMATS
from tests.sensors.ais.sentences import one, sentences, tagged
from tests.sensors.records import LOG_TIME_US, record

_HEADER = b"time,lat,lon,track_id,speed,course,heading,name"
_EVENT = b'{"sensor_id":"s1","event_time":"2024-01-01T00:00:%02dZ","position":[%d.5,2.25]%b}'
_FEATURE = (
    b'{"type":"Feature","geometry":{"type":"Point","coordinates":[%d.5,2.25]},'
    b'"properties":{"time":"2024-01-01T00:00:%02dZ","track_id":"T%d"%b}}'
)
_MARKS = [b"\\", b"!", b"*", b",", b'"', b"[", b"{", b"\n", b"-", b"9", b"w"]
_WORDS = [b"1e999", b"NaN", b"null", b"\xff\xfe", b"\x00", b"181", b"-91", b"\\ud800"]


def _json() -> list[RawRecord]:
    rare = [
        b"",
        b',"velocity":{"speed_mps":3.5,"course_deg":90},"heading_deg":91,"identity":{"mmsi":211000000,"name":"X"}',
        b',"altitude_m":300,"classification":[{"label":"boat","confidence":0.5}],"signal":{"b":1,"a":2}',
        b',"distress":"mob","simulated":true',
        b',"zone_id":"z"',
        b',"velocity":{"course_deg":400}',
    ]
    events = [_EVENT % (n, n, rare[n % len(rare)]) for n in range(24)]
    values = [*events[:12], b"[" + b",".join(events[8:16]) + b"]", b"nonsense", *events[16:], b"[]", b""]
    return [record(value) for value in values] + [record(events[0], key=b"s2"), record(events[1], historical=b"1")]


def _nmea() -> list[RawRecord]:
    place: dict[str, Any] = {"lon": -1.5, "lat": 50.75, "speed": 10.5, "course": 90.5, "heading": 91}
    first, second = sentences(5, shipname="EXAMPLE", callsign="MABC1", imo=9074729)
    lines = [
        one(1, **place),
        tagged(first, "s:north,c:1704067205"),
        first,
        b"$BSALR,,006,V,V,general failure*62",
        one(18, mmsi=211_000_001, **place),
        tagged(second, "s:north"),
        one(1, **place),
        one(24, mmsi=211_000_001, partno=0, shipname="SMALL"),
        one(19, mmsi=211_000_001, shipname="SMALLER", **place) + b",r003669930,1704067207",
        one(1, mmsi=972_123_456, status=14, lon=181, lat=91),
        one(1, mmsi=970_123_456, status=15, **place),
        one(14, mmsi=974_123_456, text="EPIRB ACTIVE"),
        one(27, mmsi=211_000_001, lon=-1.5, lat=50.75),
        one(9, mmsi=111_232_506, alt=300, lon=-1.5, lat=50.75),
        one(4, lon=1, lat=2),
        one(1, lon=181, lat=91),
        one(1, lon=1, lat=2)[:-2] + b"00",
        second,
        one(18, mmsi=211_000_001, **place) + b"\r\n\r\n" + one(1, **place) + b"\r\ngarbage",
    ]
    made = [record(line, log_time_us=LOG_TIME_US + n * 1_000_000) for n, line in enumerate(lines)]
    late = [record(line, log_time_us=LOG_TIME_US + 60_000_000 + n) for n, line in enumerate([first, *lines])]
    return [*made, *late, record(first, key=b"s2", log_time_us=LOG_TIME_US + 120_000_000), record(b"")]


def _csv() -> list[RawRecord]:
    rows = [b"2024-01-01T00:00:%02d,%d.5,-80.25,3382149%02d,10.5,90.5,91,N%d" % (n, n, n, n) for n in range(20)]
    rows[3:5] = [b",1,2,,,,,", b"2024-01-01T00:00:00,91,1,,102.3,360,511,"]
    rows[5:7] = [b'2024-01-01T00:00:00,1,1,T1,,,,"A, B"', b"x,y"]
    records = [record(row, columns=_HEADER, line=b"%d" % (n + 2)) for n, row in enumerate(rows)]
    other = record(b"1,2,2024-01-01 00:00:00Z", columns=b"LAT,lon,Time", units=b"si", historical=b"1")
    return [*records, other, record(rows[0])]


def _geojson() -> list[RawRecord]:
    rare = [b"", b',"speed":10.5,"course":90.5', b',"mmsi":211000000,"name":"X"', b',"heading":"north"']
    features = [_FEATURE % (n, n, n, rare[n % len(rare)]) for n in range(16)]
    return [record(value, element=b"%d" % n) for n, value in enumerate([*features, b"{}", b"nonsense", b""], 1)]


_MAKE: dict[str, Callable[[], list[RawRecord]]] = {"json": _json, "nmea": _nmea, "csv": _csv, "geojson": _geojson}
FEEDS = {name: [made._replace(offset=n) for n, made in enumerate(_MAKE[name]())] for name in FORMATS}


def mutated(random: Random, value: bytes) -> bytes:
    """The value with a few bytes changed, lost, doubled or swapped; a sentence's checksum is put right half the time,
    as an attacker would."""
    content = bytearray(value)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        at = random.randrange(len(content) + 1)
        match random.randrange(5):
            case 0:
                content[at : at + 1] = bytes([random.randrange(256)])
            case 1:
                content[at : at + random.randint(1, 8)] = b""
            case 2:
                content[at:at] = content[max(0, at - random.randint(1, 12)) : at]
            case 3:
                content[at : at + 1] = random.choice(_MARKS)
            case _:
                content[at:at] = random.choice(_WORDS)
    made = bytes(content)
    if made[:1] == b"!" and b"*" in made and random.random() < 0.5:
        body = made[1:].partition(b"*")[0]
        made = b"!%b*%02X" % (body, reduce(xor, body, 0))
    return made
