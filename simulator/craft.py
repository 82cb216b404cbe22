"""What sails: craft, the legs they follow, and when they enter the world."""

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from sensors.observation import Distress, Identity
from simulator.spec import Kind


class Transponder(IntEnum):
    """How an object says where it is. Class B "SO" is self-organising (ITU-R M.1371-5 table 1), "CS" carrier-sense."""

    A = 0
    B_SO = 1
    B_CS = 2
    BEACON = 3  # AIS-SART, MOB, EPIRB
    NONE = 4  # not at all: only sensors can find it
    REMOTE_ID = 5
    ADSB = 6


class Status(IntEnum):
    """Navigational status, as in message 1 (ITU-R M.1371-5 table 47)."""

    UNDER_WAY = 0
    ANCHORED = 1
    MOORED = 5
    FISHING = 7
    BEACON = 14
    UNDEFINED = 15


class Craft(NamedTuple):
    """One craft and how it handles."""

    label: str  # the name ground truth knows it by: traffic name and number
    identity: Identity
    transponder: Transponder
    status: Status  # while it moves
    rest_status: Status  # while it lies still
    accel_mps2: float
    turn_deg_s: float
    ship_type: int  # ITU-R M.1371-5 table 53
    length_m: int
    distress: Distress | None = None
    kind: Kind = Kind.VESSEL
    altitude_m: float | None = None

    @property
    def mmsi(self) -> int:
        """0 for what has none."""
        return self.identity.mmsi or 0


class Leg(NamedTuple):
    """Go to ``(x_m, y_m)`` at a speed, then lie still for ``rest_s`` or until ``rest_until_s``, whichever is later."""

    x_m: float
    y_m: float
    speed_mps: float
    rest_s: float = 0.0
    rest_until_s: float = float("-inf")
    silent: bool = False  # transponder off on the way there and during the rest


class Arrival(NamedTuple):
    """A craft enters the world at ``(x_m, y_m)``. It leaves when its legs end."""

    time_s: float
    craft: Craft
    x_m: float
    y_m: float
    legs: Iterator[Leg]


class Line(NamedTuple):
    """Who a craft belongs to: MMSIs and names are drawn from here. The identification digits 290-299 are allotted to
    no administration (ITU Table of Maritime Identification Digits), so no real vessel is named."""

    digits: int
    traffic: int  # number of the traffic within the scenario, 0..99

    def mmsi(self, number: int) -> int:
        """The MMSI of craft ``number`` (wraps after 10,000)."""
        return self.digits * 1_000_000 + self.traffic * 10_000 + number % 10_000

    def identity(self, number: int, name: str, transponder: Transponder) -> Identity:
        """What craft ``number`` says that it is; nothing where it has no transponder."""
        if transponder is Transponder.NONE:
            return Identity()
        return Identity(mmsi=self.mmsi(number), name=f"SIM {name.upper()} {number}")
