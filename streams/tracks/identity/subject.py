"""What an incident of a track is about, and that it stays the same incident when the track gets a name.

The id of an alert is made of rule, subject, zone and visit. The subject of a track without a name is the track; that of
a named one is the name. What is fixed is the subject *at opening*: an incident that is open keeps the subject it has.
"""

from typing import NamedTuple

import msgspec


class Subject(msgspec.Struct, frozen=True, array_like=True):
    """A track, or a name."""

    kind: str  # "track" or "name"
    key: int


class Opened(msgspec.Struct, frozen=True, array_like=True):
    """An open incident: of which rule, where, and the subject it was opened under."""

    rule: str
    zone_id: str
    subject: Subject


class Subjects(NamedTuple):
    """Open incidents by track, rule and zone. Never written to."""

    opened: tuple[tuple[int, Opened], ...] = ()  # (track id, incident), ascending by track, rule, zone

    def of(self, track_id: int, rule: str, zone_id: str, name: int | None) -> Subject:
        """The subject to report a condition of this track under: that of the open incident, else name or track."""
        for track, incident in self.opened:
            if (track, incident.rule, incident.zone_id) == (track_id, rule, zone_id):
                return incident.subject
        return Subject("track", track_id) if name is None else Subject("name", name)

    def open(self, track_id: int, rule: str, zone_id: str, name: int | None) -> tuple["Subjects", Subject]:
        """The same with this incident open; its subject."""
        subject = self.of(track_id, rule, zone_id, name)
        rest = self._without(track_id, rule, zone_id)
        opened = (*rest, (track_id, Opened(rule, zone_id, subject)))
        return Subjects(tuple(sorted(opened, key=_order))), subject

    def close(self, track_id: int, rule: str, zone_id: str) -> "Subjects":
        """The same without this incident; the next one of a named track is the name's."""
        return Subjects(self._without(track_id, rule, zone_id))

    def merged(self, gone: int, stays: int) -> "Subjects":
        """Two tracks were found to be one: open incidents go on; of two alike, the one of the track that stays."""
        out = Subjects(tuple(entry for entry in self.opened if entry[0] != gone)).opened
        kept = {(incident.rule, incident.zone_id) for track, incident in out if track == stays}
        moved = [
            (stays, incident)
            for track, incident in self.opened
            if track == gone and (incident.rule, incident.zone_id) not in kept
        ]
        return Subjects(tuple(sorted((*out, *moved), key=_order)))

    def dump(self) -> bytes:
        """The whole state."""
        return msgspec.msgpack.encode(self.opened)

    @classmethod
    def load(cls, record: bytes) -> "Subjects":
        """The state that `dump` wrote."""
        return cls(msgspec.msgpack.decode(record, type=tuple[tuple[int, Opened], ...]))

    def _without(self, track_id: int, rule: str, zone_id: str) -> tuple[tuple[int, Opened], ...]:
        this = (track_id, rule, zone_id)
        return tuple(e for e in self.opened if (e[0], e[1].rule, e[1].zone_id) != this)


def _order(entry: tuple[int, Opened]) -> tuple[int, str, str]:
    return entry[0], entry[1].rule, entry[1].zone_id
