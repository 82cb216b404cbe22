"""Files as feeds: the one place that decides which vendor and sensor a file speaks for.

``vedette replay``, ``vedette publish`` and ``vedette up --input`` name a file's feed the same way, because an
observation's id is derived from its sensor: the same file gives the same ids on every road.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from sensors.files import detect_format
from streams.config import Feed, Format, Settings
from streams.partitioning import Owners

_SUFFIXES = re.compile(r"(\.(csv|json|jsonl|ndjson|geojson|txt|nmea|log|gz))+$", re.IGNORECASE)
DEFAULT_VENDOR = "file"


class Input(NamedTuple):
    """A file (or ``-``) and the feed it speaks for."""

    path: str
    vendor: str
    sensor_id: str
    format: Format
    kind: str = ""  # the last part of the raw topic's name; the format's name where it is empty
    units: str = "nautical"  # of CSV and GeoJSON: knots and degrees; "si" is m/s

    @property
    def feed(self) -> Feed:
        """The raw topic the file's rows belong to."""
        return Feed(self.vendor, self.kind or str(self.format), self.format)


def parse_input(
    argument: str,
    format_name: str = "auto",
    vendor: str | None = None,
    sensor: str | None = None,
    units: str = "nautical",
) -> Input:
    """``PATH`` or ``PATH@VENDOR/SENSOR``; the sensor is named after the file where nothing says otherwise.

    Raises ValueError where the vendor's name cannot be part of a topic's name."""
    path, _, feed = argument.partition("@") if argument != "-" else ("-", "", "")
    named_vendor, _, named_sensor = feed.partition("/")
    vendor = named_vendor or vendor or DEFAULT_VENDOR
    if not re.fullmatch("[a-z0-9-]{1,32}", vendor):
        raise ValueError(f"vendor {vendor!r}: expected 1-32 of a-z, 0-9 and '-'")
    stem = "stdin" if path == "-" else _SUFFIXES.sub("", path.replace("\\", "/").rsplit("/", 1)[-1])
    chosen = Format(detect_format(path)) if format_name == "auto" else Format(format_name)
    return Input(path, vendor, named_sensor or sensor or stem or "file", chosen, units=units)


def settings_for(inputs: Sequence[Input], partitions: int = 1) -> Settings:
    """The settings that read exactly these inputs, with ``partitions`` sector owners."""
    feeds = {feed.topic: feed for feed in (item.feed for item in inputs)}
    return Settings(tuple(feeds.values()), Owners(partitions))
