"""The wire formats Vedette takes in, by name."""

from sensors.adapter import Adapter
from sensors.ais.adapter import NmeaAdapter
from sensors.csv_adapter import CsvAdapter
from sensors.geojson_adapter import GeoJsonAdapter
from sensors.json_adapter import JsonAdapter

FORMATS = ("json", "nmea", "csv", "geojson")


def make_adapter(format_name: str, *, fragment_s: float = 10.0) -> Adapter:
    """An adapter for one raw partition; ``fragment_s`` is the patience with parts of AIS messages, in seconds.

    Raises ValueError where there is no such format."""
    match format_name:
        case "json":
            return JsonAdapter()
        case "nmea":
            return NmeaAdapter(fragment_s=fragment_s)
        case "csv":
            return CsvAdapter()
        case "geojson":
            return GeoJsonAdapter()
    raise ValueError(f"format {format_name!r}: expected one of {', '.join(FORMATS)}")
