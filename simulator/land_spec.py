"""Traffic of a land frontier, one ``[[table]]`` each: people on foot, vehicles, animals, drones."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from simulator.spec import Area, Count, NotNegative, Path2, Place, Positive, Range, Spec, in_order

GroupSize = tuple[Annotated[int, Meta(ge=1, le=100)], Annotated[int, Meta(ge=1, le=100)]]  # fewest, most


class Walkers(Spec, frozen=True, kw_only=True):
    """Groups on foot from one area to another, one every ``interval_s`` on average, from ``first_s`` on.

    Members keep about ``spacing_m`` from each other. ``count`` is the number of groups, 0 no limit. ``rest_s`` is the
    mean length of the stops that the whole group makes on its way."""

    start: Area
    end: Area
    via: tuple[Place, ...] = ()
    first_s: float = 0.0
    interval_s: Positive = 900.0
    count: Count = 0
    group: GroupSize = (1, 1)
    spacing_m: NotNegative = 8.0
    speed_mps: Range = (0.8, 1.6)
    rest_s: NotNegative = 60.0

    def __post_init__(self) -> None:
        """Refuse ranges whose ends are swapped."""
        in_order("speed_mps", self.speed_mps)
        in_order("group", self.group)


class Vehicles(Spec, frozen=True, kw_only=True):
    """Vehicles on a road or track, one every ``interval_s`` on average; they go the other way half of the time."""

    path: Path2
    first_s: float = 0.0
    interval_s: Positive
    count: Count = 0
    speed_mps: Range = (6.0, 18.0)
    both_ways: bool = True

    def __post_init__(self) -> None:
        """Refuse ranges whose ends are swapped."""
        in_order("speed_mps", self.speed_mps)


class Animals(Spec, frozen=True, kw_only=True):
    """Herds that graze an area: they are really there, and no alarm."""

    area: Area
    count: Count  # herds
    group: GroupSize = (1, 6)
    spacing_m: NotNegative = 12.0
    speed_mps: Range = (0.3, 2.0)
    rest_s: NotNegative = 180.0

    def __post_init__(self) -> None:
        """Refuse ranges whose ends are swapped."""
        in_order("speed_mps", self.speed_mps)
        in_order("group", self.group)


class Broadcast(StrEnum):
    """How a drone says who it is."""

    NONE = "none"
    REMOTE_ID = "remote-id"  # ASTM F3411 broadcast, once a second
    ADSB = "adsb"  # once a second


class Drones(Spec, frozen=True, kw_only=True):
    """``count`` drones that fly a path, again and again where it is a ``loop``."""

    path: Path2
    count: Count = 1
    first_s: float = 0.0
    interval_s: Positive = 300.0  # between two of them
    speed_mps: Range = (8.0, 15.0)
    altitude_m: Positive = 80.0
    broadcast: Broadcast = Broadcast.NONE
    loop: bool = False

    def __post_init__(self) -> None:
        """Refuse ranges whose ends are swapped."""
        in_order("speed_mps", self.speed_mps)
