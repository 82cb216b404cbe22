"""The map of one alert: its zone, the track, the segment it rests on, where that crosses, how sure the places are."""

from collections.abc import Sequence

import numpy as np

from geo.distance import metres_per_degree
from geo.fence import Fence
from geo.zones import ZoneKind, ZoneSet
from streams.console.map.scene import Floats, Mark, Scene, Shape, Style, Symbol, Table, Window
from streams.console.map.sightings import Sighting
from streams.console.map.words import place, sources_of, zone_table
from streams.console.map.zones import draw, turned
from streams.messages import Alert

_LEAST_DEG = 0.01  # the map of a boat that hardly moved still shows about a kilometre
_CLIP_SHARE = 6.0  # how many windows around the first one are drawn
_SIGMAS_95 = 2.4477  # radius of the 95 % ellipse of a plane normal distribution, sqrt(chi2(0.95, 2))
_TIME = "%Y-%m-%d %H:%M:%SZ"


class NoPlace(ValueError):
    """An alert without any position: there is nothing to put on a map."""


def scene_of_alert(alert: Alert, zones: ZoneSet, sightings: Sequence[Sighting] = ()) -> Scene:
    """The map of an alert over the zones that judged it. Raises :class:`NoPlace`.

    ``sightings`` are in order of time; without them the alert's own position stands alone.
    """
    deciding = deciding_segment(alert, sightings)
    crossing = crossing_of(alert, zones, deciding)
    seen = np.array([[one.lon, one.lat] for one in sightings], np.float64).reshape(-1, 2)
    focus = _focus(alert, deciding, crossing, seen)
    shift = _seam(focus)
    start = _window(turned(focus, shift)).widened(0.35, _LEAST_DEG)
    whole = _window(turned(np.vstack([focus, seen]), shift))
    clip = Window(
        min(whole.west, start.west - _CLIP_SHARE * (start.east - start.west)),
        min(whole.south, start.south - _CLIP_SHARE * (start.north - start.south)),
        max(whole.east, start.east + _CLIP_SHARE * (start.east - start.west)),
        max(whole.north, start.north + _CLIP_SHARE * (start.north - start.south)),
    )
    drawn = draw(zones, start, shift, clip)
    near = [zone for zone in zones if _meets(drawn.shapes, f"{zone.name} ({zone.zone_id})")]
    shapes, marks = list(drawn.shapes), list(drawn.marks)
    track = turned(seen, shift)
    if len(track) > 1:
        shapes.append(Shape(Style.TRACK, (track,), False, "track"))
    if len(deciding) == 2:
        ends = turned(np.array([[one.lon, one.lat] for one in deciding]), shift)
        shapes.append(Shape(Style.DECIDING, (ends,), False, "the segment between the fixes this alert rests on"))
    for one, at in zip(sightings, track, strict=True):
        if one.covariance_m2 is not None:
            shapes.append(Shape(Style.UNCERTAINTY, (ellipse(one, at),), True, "95 % of where it was"))
    marks += _marks(sightings, track, deciding)
    if crossing is not None:
        lon, lat = turned(np.array([crossing]), shift)[0].tolist()
        marks.append(Mark(Symbol.CROSSING, lon, lat, "crossing", f"crossing at {place(*crossing)}", rank=-1e9))
    notes = list(drawn.notes)
    if not sightings:
        notes.append("The track is not in what was read: only the place the alert names is shown.")
    return Scene(
        title=f"{alert.kind}: {alert.zone_name or alert.zone_id or 'no zone'}",
        summary=_summary(alert, crossing),
        shapes=tuple(shapes),
        marks=tuple(marks),
        tables=(_facts(alert, crossing), _evidence(sightings, deciding), zone_table(near)),
        sources=sources_of(near or zones),
        notes=tuple(notes),
        start=start,
        extent=clip,
    )


def deciding_segment(alert: Alert, sightings: Sequence[Sighting]) -> tuple[Sighting, ...]:
    """The one or two sightings the alert rests on: by id, or where ids are not known by the time of its opening."""
    by_id = {one.observation_id: one for one in sightings if one.observation_id is not None}
    known = tuple(by_id[name] for name in alert.evidence[:2] if name in by_id)
    if known:
        return known
    opening = [index for index, one in enumerate(sightings) if one.time == alert.event_time]
    return tuple(sightings[max(opening[0] - 1, 0) : opening[0] + 1]) if opening else ()


def crossing_of(alert: Alert, zones: ZoneSet, deciding: Sequence[Sighting]) -> tuple[float, float] | None:
    """Where the deciding segment comes into the alert's zone (or over its line), lon, lat; None where it does not."""
    zone = zones.by_id.get(alert.zone_id or "")
    if zone is None or len(deciding) != 2:
        return None
    ports = tuple(one for one in zones if one.kind is ZoneKind.PORT_OF_ENTRY and one is not zone)
    fence = Fence(ZoneSet((zone, *ports)))
    p0, p1 = (np.array([[one.lon, one.lat]]) for one in deciding)
    if not zone.is_area:
        lines = fence.line_crossings(p0, p1)
        return (float(lines[0]["lon"]), float(lines[0]["lat"])) if len(lines) else None
    for row in fence.crossings(p0, p1):
        if zone.zone_id in fence.zones_of(int(row["after"])) and zone.zone_id not in fence.zones_of(int(row["before"])):
            return float(row["lon"]), float(row["lat"])
    return None


def ellipse(one: Sighting, at: Floats, points: int = 48) -> Floats:
    """The 95 % ellipse of a sighting's covariance around ``at`` (lon, lat degrees), closed, shape ``(points + 1, 2)``.

    Raises TypeError where the covariance is not known."""
    if one.covariance_m2 is None:
        raise TypeError("a sighting without covariance has no ellipse")
    east, both, north = one.covariance_m2
    values, vectors = np.linalg.eigh(np.array([[east, both], [both, north]]))
    turn = np.linspace(0.0, 2 * np.pi, points + 1)
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    metres = _SIGMAS_95 * (circle * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    per_lon, per_lat = metres_per_degree(float(at[1]))
    found: Floats = at + metres / np.array([float(per_lon), float(per_lat)])
    return found


def _focus(alert: Alert, deciding: Sequence[Sighting], crossing: tuple[float, float] | None, seen: Floats) -> Floats:
    """What the map opens on."""
    found = [(one.lon, one.lat) for one in deciding]
    if crossing is not None:
        found.append(crossing)
    if alert.position is not None:
        found.append(alert.position)
    if not found and not len(seen):
        raise NoPlace(f"alert {alert.alert_id} names no place, so there is nothing to put on a map")
    return np.array(found, np.float64) if found else seen


def _seam(lonlat: Floats) -> float:
    """As ``zones.seam``, for positions close together: -180 unless they are on both sides of the antimeridian."""
    return 0.0 if np.ptp(lonlat[:, 0]) > 180.0 or np.abs(lonlat[:, 0]).max() > 178.0 else -180.0


def _window(lonlat: Floats) -> Window:
    (west, south), (east, north) = lonlat.min(0), lonlat.max(0)
    return Window(float(west), float(south), float(east), float(north))


def _meets(shapes: Sequence[Shape], title: str) -> bool:
    return any(shape.title == title for shape in shapes)


def _marks(sightings: Sequence[Sighting], track: Floats, deciding: Sequence[Sighting]) -> list[Mark]:
    marks = []
    for one, (lon, lat) in zip(sightings, track.tolist(), strict=True):
        counts = one in deciding
        words = f"{one.time.strftime(_TIME)} at {place(one.lon, one.lat)}"
        symbol = Symbol.EVIDENCE if counts else Symbol.FIX
        marks.append(Mark(symbol, lon, lat, one.time.strftime("%H:%M:%SZ") if counts else "", words, rank=-1e8))
    return marks


def _summary(alert: Alert, crossing: tuple[float, float] | None) -> str:
    where = f" The crossing is at {place(*crossing)}." if crossing is not None else ""
    return f"{alert.severity}, confidence {alert.confidence:.2f}, {alert.state}. {'; '.join(alert.reasons)}.{where}"


def _facts(alert: Alert, crossing: tuple[float, float] | None) -> Table:
    identity = alert.subject.identity
    names = (identity.name, identity.callsign, identity.mmsi, identity.icao24, identity.imo, identity.vessel_id)
    rows = (
        ("alert", f"{alert.alert_id} version {alert.version}"),
        ("state", str(alert.state)),
        ("who", " ".join(str(name) for name in names if name) or "unidentified"),
        ("zone", f"{alert.zone_name} ({alert.zone_id})" if alert.zone_id else ""),
        ("opened", alert.event_time.strftime(_TIME)),
        ("where", place(*alert.position) if alert.position else ""),
        ("crossing", place(*crossing, 5) if crossing else ""),
        ("ended", f"{alert.ended_time.strftime(_TIME)} {alert.end_reason or ''}" if alert.ended_time else ""),
        ("reasons", "; ".join(alert.reasons)),
        ("simulated", "yes" if alert.simulated else ""),
    )
    return Table("Alert", ("what", "value"), tuple(row for row in rows if row[1]))


def _evidence(sightings: Sequence[Sighting], deciding: Sequence[Sighting]) -> Table:
    rows = tuple(
        (
            one.time.strftime(_TIME),
            place(one.lon, one.lat, 5),
            f"{np.sqrt(max(one.covariance_m2[0], one.covariance_m2[2])):.0f} m" if one.covariance_m2 else "",
            one.sensor_id or "",
            "deciding" if one in deciding else "",
        )
        for one in sightings
    )
    return Table("Track", ("time", "position", "sigma", "sensor", "role"), rows)
