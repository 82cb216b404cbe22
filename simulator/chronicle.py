"""Keeps each true event until it is known when a sensor could first have noticed it, then hands it out as truth."""

from collections import defaultdict
from datetime import UTC, datetime

import msgspec

from simulator.craft import Craft
from simulator.reception import Report
from simulator.truth import EXPECTED, Change, Truth, What
from streams.messages import AlertKind

_PATIENCE_S = 120.0  # a report still on its way when its craft has left arrives within this


class Chronicle:
    """True events in, :class:`Truth` out. ``start_us`` is when the world's second 0 was."""

    def __init__(self, start_us: int) -> None:
        self._start_us = start_us
        self._open: defaultdict[str, list[Truth]] = defaultdict(list)
        self._first_heard_us: dict[str, int] = {}
        self._gone: dict[str, float] = {}

    def changed(self, change: Change, craft: Craft) -> list[Truth]:
        """An object's relation to a zone changed."""
        truth = Truth(
            what=change.what,
            object=craft.label,
            identity=craft.identity,
            onset=self._time(change.time_s),
            position=(round(change.lon, 6), round(change.lat, 6)),
            zone_id=change.zone.zone_id,
            zone_kind=change.zone.kind,
            kind=EXPECTED.get(change.zone.kind) if change.what in (What.ENTRY, What.CROSSING) else None,
            direction=change.direction,
        )
        if change.what is What.PRESENT:
            return [truth]
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
        if not (waiting := self._open.get(name)):
            return []
        at = _datetime(at_us)
        known = [truth for truth in waiting if truth.onset <= at]
        self._open[name] = [truth for truth in waiting if truth.onset > at]
        first = _datetime(first_us)
        return [msgspec.structs.replace(truth, first_report=at, heard_before=first < truth.onset) for truth in known]

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
        return [
            msgspec.structs.replace(truth, heard_before=first_us is not None and _datetime(first_us) < truth.onset)
            for truth in self._open.pop(name, [])
        ]

    def _time(self, time_s: float) -> datetime:
        return _datetime(self._start_us + round(time_s * 1e6))


def _datetime(time_us: int) -> datetime:
    seconds, micro = divmod(time_us, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro)
