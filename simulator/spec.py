"""Words that every part of a scenario file is made of: names, places, ranges, chances."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from sensors.observation import Latitude, Longitude, Share

Place = tuple[Longitude, Latitude]
Path2 = Annotated[tuple[Place, ...], Meta(min_length=2)]
Area = Annotated[tuple[Place, ...], Meta(min_length=3)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0, le=100_000)]
Range = tuple[Positive, Positive]  # lowest, highest
Direction = Annotated[float, Meta(ge=0, lt=360)]  # degrees true
Chances = Annotated[tuple[tuple[NotNegative, Share], ...], Meta(min_length=1)]  # (metres, probability), metres rising


class Kind(StrEnum):
    """What an object is, as ground truth knows it and as a classifier calls it."""

    VESSEL = "vessel"
    WALKER = "walker"
    VEHICLE = "vehicle"
    ANIMAL = "animal"
    DRONE = "drone"


KINDS = tuple(Kind)  # where a kind is a number, it is the index here


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every part of a scenario has in common."""

    name: Annotated[str, Meta(pattern="^[a-z0-9-]{1,32}$")]


def in_order(key: str, values: tuple[float, ...]) -> None:
    """Raises ValueError (which a decoder turns into an error that names the place) unless the values rise."""
    if list(values) != sorted(values):
        raise ValueError(f"{key}: expected the lowest first, got {list(values)}")
