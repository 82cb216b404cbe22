"""Where an alert's object was seen: from observations of files, or from the public picture of its track."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from sensors.columns import ObservationColumns, take
from sensors.convert import to_observations
from sensors.observation import Observation
from streams.messages import Alert, TrackPicture

Covariance = tuple[float, float, float]  # east-east, east-north, north-north, m²


class Sighting(NamedTuple):
    """One position of the object; what is not known is None."""

    time: datetime
    lon: float
    lat: float
    observation_id: str | None = None
    sensor_id: str | None = None
    covariance_m2: Covariance | None = None


def of_observations(alert: Alert, files: Sequence[ObservationColumns], most: int = 400) -> list[Sighting]:
    """All positions of the alert's object in these files, at most ``most`` around its opening, in order of time.

    The object is found by the observations that the alert rests on: everything with the identity that one of them
    has. Where none of them is in the files, nothing is found.
    """
    evidence = set(alert.evidence)
    found: list[Sighting] = []
    for rows in files:
        ids = rows.observation_id.tolist()
        own = {int(rows.identity[row]) for row, name in enumerate(ids) if bytes(name).hex() in evidence}
        named = [number for number in sorted(own) if number >= 0]
        chosen = np.flatnonzero(np.isin(rows.identity, named) & np.isfinite(rows.lon))
        found += [sighting for one in to_observations(take(rows, chosen)) if (sighting := _of(one)) is not None]
    found.sort(key=lambda sighting: (sighting.time, sighting.observation_id or ""))
    return _around(found, alert.event_time, most)


def of_pictures(pictures: Iterable[TrackPicture], alert: Alert, most: int = 400) -> list[Sighting]:
    """The public pictures of the alert's tracks, in order of time, one a moment."""
    ids = set(alert.subject.track_ids)
    by_time = {
        picture.event_time: Sighting(picture.event_time, *picture.position)
        for picture in pictures
        if picture.track_id in ids
    }
    return _around([by_time[time] for time in sorted(by_time)], alert.event_time, most)


def _of(seen: Observation) -> Sighting | None:
    if seen.position is None:
        return None
    covariance = seen.covariance_m2
    if covariance is None and seen.sigma_m is not None and math.isfinite(seen.sigma_m):
        covariance = (seen.sigma_m**2, 0.0, seen.sigma_m**2)
    return Sighting(seen.event_time, *seen.position, seen.observation_id, seen.sensor_id, covariance)


def _around(found: list[Sighting], moment: datetime, most: int) -> list[Sighting]:
    """The part of a long track that lies around a moment."""
    if len(found) <= most:
        return found
    middle = next((index for index, one in enumerate(found) if one.time >= moment), len(found) - 1)
    start = min(max(middle - most // 2, 0), len(found) - most)
    return found[start : start + most]
