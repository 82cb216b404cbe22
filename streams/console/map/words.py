"""A map in words: what stands in its tables, and whom it names as its sources."""

from collections.abc import Iterable

from geo.zones import Zone
from streams.console.map.scene import Table, Window

NO_SOURCE = "not stated"


def zone_table(zones: Iterable[Zone]) -> Table:
    """The zones in words."""
    rows = tuple(
        (
            str(zone.zone_id),
            zone.kind.value.replace("_", " "),
            zone.name,
            spread(Window(*zone.geometry.bounds)),
            f"{zone.accuracy_m:g} m" if zone.accuracy_m else "",
            str(zone.schedule or ""),
            zone.severity or "",
            zone.date or "",
            zone.source or NO_SOURCE,
        )
        for zone in zones
    )
    columns = ("zone", "kind", "name", "extent", "accuracy", "hours", "severity", "date", "source")
    return Table("Zones", columns, rows)


def sources_of(zones: Iterable[Zone]) -> tuple[str, ...]:
    """Who is to be named, each once."""
    return tuple(dict.fromkeys(zone.source for zone in zones if zone.source)) or (NO_SOURCE,)


def place(lon: float, lat: float, digits: int = 4) -> str:
    """A position as on a chart; longitudes beyond 180 are turned back."""
    lon = (lon + 180.0) % 360.0 - 180.0
    return f"{abs(lat):.{digits}f}{'N' if lat >= 0 else 'S'} {abs(lon):.{digits}f}{'E' if lon >= 0 else 'W'}"


def spread(window: Window) -> str:
    """A window in words."""
    return f"{place(window.west, window.south, 2)} to {place(window.east, window.north, 2)}"
