"""A bay with a port, a reserve and a border line before it, a boat that came in, and its alert."""

from datetime import UTC, datetime, timedelta

from geo.zones import ZoneSet, read_zones
from sensors.observation import Identity
from streams.console.map import Sighting
from streams.messages import Alert, Subject
from tests.streams.console import sample

HOSTILE = '</title><img src=x onerror="window.owned=1"><script>window.owned=1</script>\'&'
START = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
SOURCE = "© OpenStreetMap contributors, ODbL 1.0"


def box(west: float, south: float, east: float, north: float) -> dict[str, object]:
    """A rectangle."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def zones(name: str = "Quiet Bay", east: float = 0.0) -> ZoneSet:
    """The bay around 45 N 30 W, or moved east by so many degrees."""
    x = -30.0 + east
    parts: list[tuple[dict[str, object], dict[str, object]]] = [
        (
            {"zone_id": "quiet-bay", "kind": "territory", "name": name, "accuracy_m": 120, "source": SOURCE},
            box(x, 45.0, x + 0.1, 45.1),
        ),
        ({"zone_id": "port", "kind": "port_of_entry", "name": "Port"}, box(x + 0.05, 45.02, x + 0.07, 45.035)),
        ({"zone_id": "reserve", "kind": "protected", "name": "Reserve"}, box(x + 0.08, 45.07, x + 0.09, 45.08)),
        (
            {"zone_id": "line", "kind": "border_line", "name": "Line"},
            {"type": "LineString", "coordinates": [[x - 0.03, 45.12], [x - 0.03, 44.98]]},
        ),
    ]
    features = [{"type": "Feature", "properties": own, "geometry": geometry} for own, geometry in parts]
    return read_zones({"type": "FeatureCollection", "features": features})


def sightings(east: float = 0.0) -> list[Sighting]:
    """A boat from west to east; the second and the third position are the evidence."""
    covariance = (40.0**2, 0.0, 20.0**2)
    return [
        Sighting(START + timedelta(minutes=5 * i), lon + east, 45.05, f"{i:032x}", "radar", covariance)
        for i, lon in enumerate((-30.02, -30.005, -29.995, -29.98))
    ]


def alert(zone_id: str = "quiet-bay", zone_name: str = "Quiet Bay", east: float = 0.0) -> Alert:
    """The alert of the boat's entry."""
    third = sightings(east)[2]
    return sample.alert(
        7,
        zone_id=zone_id,
        zone_name=zone_name,
        subject=Subject(track_ids=["t1"], identity=Identity(vessel_id="heron", name="<b>Heron</b>")),
        event_time=third.time,
        position=(third.lon, third.lat),
        evidence=[f"{1:032x}", f"{2:032x}"],
        sensors=["radar"],
    )
