"""The public picture of tracks (``tracks.v1``): where each is, at most so often; then lost, then a tombstone."""

import numpy as np

from sensors.columns import Flag
from streams.log import Output
from streams.messages import TrackPicture
from streams.outbox import Outbox
from streams.partitioning import stable_partition
from streams.public import encode, event_headers, to_time
from streams.surveil.details import Details, described
from streams.surveil.incidents import absent
from streams.surveil.objects import Objects
from streams.surveil.rows import Fix
from streams.surveil.segments import in_force, zones_at
from streams.surveil.visits import NEVER
from streams.zones import Calendar

TOPIC = "tracks.v1"
SCHEMA = "vedette.track.v1"
STAGE = "surveil"
_SIMULATED = int(Flag.SIMULATED)  # a plain number: enum arithmetic costs 2 µs


class Pictures:
    """Publishes pictures of one owner's objects; ``every_us`` is event time between two of one track."""

    def __init__(self, objects: Objects, partitions: int, every_us: int) -> None:
        self.objects = objects
        self.every_us = every_us
        self._partitions = partitions
        self.outbox: Outbox | None = None
        self.details: dict[str, Details] = {}  # by key, of what a tracker follows; kept by whoever follows it

    def show(self, slot: int, calendar: Calendar, zones: tuple[str, ...] | None = None) -> None:
        """Publish where a track is, if that is due."""
        objects = self.objects
        time_us = int(objects.last[slot]["event_time_us"])
        if objects.count[slot] and time_us - int(objects.pictured_us[slot]) >= self.every_us:
            objects.pictured_us[slot] = time_us
            fix = objects.newest(slot)
            if zones is None:
                zones = zones_at(calendar.by_version[int(objects.version[slot])], fix.lon, fix.lat)
            zones = in_force(calendar.by_version[int(objects.version[slot])], zones, time_us)
            self._publish(slot, fix, zones, "live")

    def show_fix(self, slot: int, element: np.void, zones: tuple[str, ...]) -> None:
        """Publish one fix of a track, dtype ``rows.FIX``."""
        self.objects.pictured_us[slot] = element["event_time_us"]
        self._publish(slot, self.objects.fix(element), zones, "live")

    def again(self, slot: int, calendar: Calendar) -> None:
        """Publish a track whose picture changed without a fix."""
        self.objects.pictured_us[slot] = -NEVER
        self.show(slot, calendar)

    def alias(self, slot: int, other: int) -> None:
        """Say that a track goes on as that of slot ``other``, and remove it from the picture."""
        if self.objects.count[slot]:
            self._publish(slot, self.objects.newest(slot), (), "alias", self.objects.tracks[other])
            self._remove(slot)

    def bury(self, slot: int) -> None:
        """Say that a track is lost, and remove it from the picture."""
        if not self.objects.count[slot]:
            return
        self._publish(slot, self.objects.newest(slot), (), "lost")
        self._remove(slot)

    def _remove(self, slot: int) -> None:
        track = self.objects.tracks[slot]
        self._keep(Output(TOPIC, stable_partition(track, self._partitions), track.encode(), None))

    def _publish(self, slot: int, fix: Fix, zones: tuple[str, ...], state: str, alias_of: str | None = None) -> None:
        track = self.objects.tracks[slot]
        picture = TrackPicture(
            track_id=track,
            event_time=to_time(fix.event_time_us),
            position=(fix.lon, fix.lat),
            speed_mps=absent(fix.speed_mps),
            course_deg=absent(fix.course_deg),
            identity=self.objects.identities[slot],
            zones=list(zones),
            simulated=bool(fix.flags & _SIMULATED),
            state=state,
            alias_of=alias_of,
        )
        if self.details and (details := self.details.get(self.objects.keys[slot])) is not None:
            picture = described(picture, details, fix)
        headers = event_headers(STAGE, SCHEMA, track, fix.event_time_us, fix.event_time_us)
        partition = stable_partition(track, self._partitions)
        self._keep(Output(TOPIC, partition, track.encode(), encode(picture), headers))

    def _keep(self, output: Output) -> None:
        assert self.outbox is not None
        self.outbox.keep(output)
