"""What is known of a tracked object beyond its fixes, for its public picture."""

import math

import msgspec

from streams.messages import TrackPicture, TrackQuality
from streams.public import to_time
from streams.surveil.rows import Fix

_OLD_US = 30_000_000  # a track that was not moved for so long says nothing of its object any more
_DARK = ("", "went-dark", "expected-absent", "non-cooperative")  # streams.tracks.identity.dark.Label


class Details(msgspec.Struct, array_like=True):
    """As the tracker last told it; ``covariance_m2`` is that of the fix of ``observation``, no other's."""

    observation: bytes
    event_time_us: int
    covariance_m2: tuple[float, float, float]
    classification: str
    existence: float
    sensors: list[str]
    registered: bool
    registration_sigma_m: float  # NaN where there is none
    score: float = math.nan  # of the bond with the named sender; NaN where it has no name
    dark: int = 0  # streams.tracks.identity.dark.Label
    duplicate: bool = False


def described(picture: TrackPicture, details: Details, fix: Fix) -> TrackPicture:
    """The picture of a fix, with what is known of its object."""
    if fix.event_time_us - details.event_time_us > _OLD_US:
        return picture
    if fix.observation == details.observation:
        xx, xy, yy = details.covariance_m2
        picture.covariance_m2 = (round(xx, 3), round(xy, 3), round(yy, 3))
    picture.classification = None if details.classification == "unknown" else details.classification
    picture.existence = round(details.existence, 4)
    picture.sensors = list(details.sensors)
    sigma_m = details.registration_sigma_m
    picture.quality = TrackQuality(
        registered=details.registered,
        registration_sigma_m=None if math.isnan(sigma_m) else round(sigma_m, 2),
        updated_time=to_time(details.event_time_us),
    )
    picture.identity_score = None if math.isnan(details.score) else round(details.score, 2)
    picture.dark = _DARK[details.dark] or None
    picture.duplicate_identity = details.duplicate
    return picture
