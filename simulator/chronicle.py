"""Keeps each true event until it is known when a sensor could first have noticed it, then hands it out as truth."""

from collections import defaultdict
from datetime import UTC, datetime

import msgspec

from simulator.concerned import NEVER, not_concerned
from simulator.craft import Craft
from simulator.reception import Report
from simulator.truth import EXPECTED, Change, Truth, What
from streams.messages import AlertKind

OUT_OF_PORT = "out of a port of entry"
_PATIENCE_S = 120.0  # a report still on its way when its craft has left arrives within this


class Chronicle:
    """True events in, :class:`Truth` out. ``start_us`` is when the world's second 0 was."""

    def __init__(self, start_us: int) -> None:
        self._start_us = start_us
        self._open: defaultdict[str, list[Truth]] = defaultdict(list)
        self._first_heard_us: dict[str, int] = {}
        self._last_heard_us: dict[str, int] = {}
        self._in_port_us: dict[
            tuple[str, str | None, datetime], int
        ] = {}  # since when, of those that came out of a port
        self._gone: dict[str, float] = {}

    def changed(self, change: Change, craft: Craft) -> list[Truth]:
        """An object's relation to a zone changed."""
        kind = EXPECTED.get(change.zone.kind) if change.what in (What.ENTRY, What.CROSSING) else None
        excused = None if kind is None else not_concerned(change.zone, craft)
        truth = Truth(
            what=change.what,
            object=craft.label,
            identity=craft.identity,
            onset=self._time(change.time_s),
            position=(round(change.lon, 6), round(change.lat, 6)),
            zone_id=change.zone.zone_id,
            zone_kind=change.zone.kind,
            kind=None if excused is NEVER else kind,
            direction=change.direction,
            excused=excused,
        )
        if change.what in (What.PRESENT, What.OVER):
            return [truth]
        if change.port_since_s is not None:
            self._in_port_us[craft.label, truth.zone_id, truth.onset] = self._start_us + round(
                change.port_since_s * 1e6
            )
        self._open[craft.label].append(truth)
        return []

    def called(self, craft: Craft, time_s: float, lon: float, lat: float) -> None:
        """A beacon began to send."""
        place = (round(lon, 6), round(lat, 6))
        self._open[craft.label].append(
            Truth(
                what=What.DISTRESS,
                object=craft.label,
                identity=craft.identity,
                onset=self._time(time_s),
                position=place,
                kind=AlertKind.DISTRESS,
            )
        )

    def heard(self, report: Report) -> list[Truth]:
        """A good report has arrived; the truths that it could have made known."""
        return self.seen(report.craft.label, report.true_time_us)

    def seen(self, name: str, at_us: int) -> list[Truth]:
        """A measurement of an object, made at ``at_us``, has arrived; the truths that it could have made known."""
        first_us = self._first_heard_us.setdefault(name, at_us)
        last_us = self._last_heard_us.get(name, at_us)
        self._last_heard_us[name] = max(last_us, at_us)
        if not (waiting := self._open.get(name)):
            return []
        at = _datetime(at_us)
        known = [truth for truth in waiting if truth.onset <= at]
        self._open[name] = [truth for truth in waiting if truth.onset > at]
        first = _datetime(first_us)
        return [
            msgspec.structs.replace(
                self._out_of_port(truth, last_us), first_report=at, heard_before=first < truth.onset
            )
            for truth in known
        ]

    def _out_of_port(self, truth: Truth, last_us: int) -> Truth:
        """Out of an open port of entry into the territory is no entry, as far as the last report shows it there."""
        since_us = self._in_port_us.pop((truth.object, truth.zone_id, truth.onset), None)
        if since_us is None:
            return truth
        seen = since_us <= last_us and _datetime(last_us) < truth.onset
        return msgspec.structs.replace(truth, kind=None if seen else truth.kind, excused=OUT_OF_PORT)

    def gone(self, name: str, time_s: float) -> None:
        """A craft has left the world."""
        self._gone[name] = time_s

    def settled(self, now_s: float) -> list[Truth]:
        """The truths of craft that left so long before ``now_s`` that nothing more will be heard of them."""
        names = [name for name, at_s in self._gone.items() if at_s + _PATIENCE_S <= now_s]
        return [truth for name in names for truth in self._unheard(name)]

    def rest(self) -> list[Truth]:
        """All that is still open, at the end of the world."""
        return [truth for name in list(self._open) for truth in self._unheard(name)]

    def _unheard(self, name: str) -> list[Truth]:
        self._gone.pop(name, None)
        first_us = self._first_heard_us.pop(name, None)
        self._last_heard_us.pop(name, None)
        for truth in self._open.get(name, ()):
            self._in_port_us.pop((truth.object, truth.zone_id, truth.onset), None)
        return [
            msgspec.structs.replace(truth, heard_before=first_us is not None and _datetime(first_us) < truth.onset)
            for truth in self._open.pop(name, [])
        ]

    def _time(self, time_s: float) -> datetime:
        return _datetime(self._start_us + round(time_s * 1e6))


def _datetime(time_us: int) -> datetime:
    seconds, micro = divmod(time_us, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro)
