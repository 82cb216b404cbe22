"""All craft in the world as arrays, and how they move: one step is a few numpy operations over the whole fleet."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simulator.craft import Arrival, Craft, Leg, Status, Transponder
from simulator.spec import KINDS

_ARRIVED_M = 15.0
_TURNING_DEG = 5.0  # off the mean course of the last 30 s: "changing course" (ITU-R M.1371-5, annex 1, table 1)
_MEAN_COURSE_S = 30.0
_FLOATS = ("x", "y", "speed_mps", "course_deg", "target_x", "target_y", "wanted_mps", "rest_until_s", "accel", "turn",
           "mean_east", "mean_north", "next_report_s", "error_east", "error_north", "error_s")  # fmt: skip


class Fleet:
    """Arrays with one slot a craft; a slot is used again when its craft has left. ``slots()`` are the ones in use.

    Positions and GNSS errors are metres east and north, courses degrees true, times seconds from the start."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    speed_mps: NDArray[np.float64]
    course_deg: NDArray[np.float64]
    target_x: NDArray[np.float64]
    target_y: NDArray[np.float64]
    wanted_mps: NDArray[np.float64]
    rest_until_s: NDArray[np.float64]
    accel: NDArray[np.float64]
    turn: NDArray[np.float64]
    mean_east: NDArray[np.float64]
    mean_north: NDArray[np.float64]
    next_report_s: NDArray[np.float64]
    error_east: NDArray[np.float64]
    error_north: NDArray[np.float64]
    error_s: NDArray[np.float64]

    def __init__(self) -> None:
        self.alive = np.zeros(0, np.bool_)
        self.at_rest = np.zeros(0, np.bool_)
        self.silent = np.zeros(0, np.bool_)
        self.transponder = np.zeros(0, np.int8)
        self.sent = np.zeros(0, np.int64)
        self.kind = np.zeros(0, np.int8)  # index into simulator.spec.KINDS
        for name in _FLOATS:
            setattr(self, name, np.zeros(0))
        self.craft: list[Craft | None] = []
        self._legs: list[Iterator[Leg]] = []
        self._leg: list[Leg] = []
        self._free: list[int] = []

    def slots(self) -> NDArray[np.int64]:
        """The slots in use, rising."""
        return np.flatnonzero(self.alive)

    def who(self, slot: int) -> Craft:
        """The craft in a slot that is in use."""
        craft = self.craft[slot]
        if craft is None:
            raise KeyError(f"slot {slot} is empty")
        return craft

    def enter(self, arrival: Arrival) -> int | None:
        """Put a craft into the world; its slot, or None where it has nowhere to go."""
        leg = next(arrival.legs, None)
        if leg is None:
            return None
        if not self._free:
            self._grow()
        slot = self._free.pop()
        craft = arrival.craft
        self.alive[slot], self.craft[slot], self._legs[slot] = True, craft, arrival.legs
        for name in _FLOATS:
            getattr(self, name)[slot] = 0.0
        self.x[slot], self.y[slot] = arrival.x_m, arrival.y_m
        self.accel[slot], self.turn[slot] = craft.accel_mps2, craft.turn_deg_s
        self.transponder[slot], self.sent[slot], self.kind[slot] = craft.transponder, 0, KINDS.index(craft.kind)
        self.error_s[slot] = -np.inf
        self._aim(slot, leg)
        east, north = self.target_x[slot] - self.x[slot], self.target_y[slot] - self.y[slot]
        self.course_deg[slot] = np.degrees(np.arctan2(east, north)) % 360.0
        course = np.radians(self.course_deg[slot])
        self.mean_east[slot], self.mean_north[slot] = np.sin(course), np.cos(course)
        under_way = np.hypot(east, north) > _ARRIVED_M
        self.speed_mps[slot] = leg.speed_mps if under_way else 0.0
        self.at_rest[slot] = not under_way
        if not under_way:
            self.rest_until_s[slot] = max(arrival.time_s + leg.rest_s, leg.rest_until_s)
        return slot

    def status(self, slot: int) -> Status:
        """Navigational status the craft shows."""
        craft = self.who(slot)
        return craft.rest_status if self.at_rest[slot] else craft.status

    def move(self, time_s: float, dt_s: float) -> list[tuple[int, Craft]]:
        """Move everything from ``time_s`` to ``time_s + dt_s``; slot and craft of those that left the world."""
        i = self.slots()
        east, north = self.target_x[i] - self.x[i], self.target_y[i] - self.y[i]
        distance = np.hypot(east, north)
        wanted = np.where(self.at_rest[i], 0.0, self.wanted_mps[i])
        change = self.accel[i] * dt_s
        speed = np.clip(wanted, self.speed_mps[i] - change, self.speed_mps[i] + change)
        off = (np.degrees(np.arctan2(east, north)) - self.course_deg[i] + 180.0) % 360.0 - 180.0
        # close to the target the limit on the turn goes: a craft that cannot turn as tightly would circle it for ever
        limit = np.where(distance < 5.0 * np.maximum(speed, 1.0) / np.radians(self.turn[i]), 180.0, self.turn[i] * dt_s)
        turned = np.where(self.at_rest[i], 0.0, np.clip(off, -limit, limit))
        course = (self.course_deg[i] + turned) % 360.0
        step = np.where(self.at_rest[i], 0.0, np.minimum(speed * dt_s, distance))
        sin, cos = np.sin(np.radians(course)), np.cos(np.radians(course))
        self.x[i] += step * sin
        self.y[i] += step * cos
        self.speed_mps[i], self.course_deg[i] = speed, course
        weight = min(dt_s / _MEAN_COURSE_S, 1.0)
        self.mean_east[i] += weight * (sin - self.mean_east[i])
        self.mean_north[i] += weight * (cos - self.mean_north[i])
        there = ~self.at_rest[i] & (np.hypot(self.target_x[i] - self.x[i], self.target_y[i] - self.y[i]) <= _ARRIVED_M)
        return self._turn_points(i[there], i[self.at_rest[i]], time_s + dt_s)

    def turning(self) -> NDArray[np.bool_]:
        """Whether each slot's craft is changing course, shape ``(capacity,)``."""
        mean = np.degrees(np.arctan2(self.mean_east, self.mean_north))
        return np.abs((self.course_deg - mean + 180.0) % 360.0 - 180.0) > _TURNING_DEG

    def _turn_points(
        self, arrived: NDArray[np.int64], resting: NDArray[np.int64], now_s: float
    ) -> list[tuple[int, Craft]]:
        left: list[tuple[int, Craft]] = []
        for slot in arrived.tolist():
            leg = self._leg[slot]
            until_s = max(now_s + leg.rest_s if leg.rest_s else -np.inf, leg.rest_until_s)
            if until_s > now_s:
                self.at_rest[slot], self.rest_until_s[slot], self.speed_mps[slot] = True, until_s, 0.0
            elif (craft := self._next(slot)) is not None:
                left.append((slot, craft))
        for slot in resting[self.rest_until_s[resting] <= now_s].tolist():
            if (craft := self._next(slot)) is not None:
                left.append((slot, craft))
        return left

    def _next(self, slot: int) -> Craft | None:
        """Take up the next leg; the craft where there is none and it has left."""
        leg = next(self._legs[slot], None)
        if leg is not None:
            self._aim(slot, leg)
            return None
        craft = self.who(slot)
        self.alive[slot], self.craft[slot], self._legs[slot] = False, None, iter(())
        self._free.append(slot)
        return craft

    def _aim(self, slot: int, leg: Leg) -> None:
        self._leg[slot] = leg
        self.target_x[slot], self.target_y[slot], self.wanted_mps[slot] = leg.x_m, leg.y_m, leg.speed_mps
        self.at_rest[slot], self.silent[slot] = False, leg.silent

    def _grow(self) -> None:
        old, new = len(self.alive), max(64, 2 * len(self.alive))
        for name in (*_FLOATS, "alive", "at_rest", "silent", "transponder", "sent", "kind"):
            array = getattr(self, name)
            setattr(self, name, np.concatenate([array, np.zeros(new - old, array.dtype)]))
        self.transponder[old:] = Transponder.A
        self.craft += [None] * (new - old)
        self._legs += [iter(())] * (new - old)
        self._leg += [Leg(0.0, 0.0, 0.0)] * (new - old)
        self._free += range(new - 1, old - 1, -1)
