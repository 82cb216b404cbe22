"""A source that says nothing while others do: an incident of its own, reported by one owner."""

from sensors.observation import Identity
from streams.clock import OwnerClock
from streams.messages import AlertKind, EdgeKind, Incident, Severity
from streams.partitioning import stable_partition
from streams.surveil.edges import Edges
from streams.surveil.incidents import alert_id_of, replace
from streams.surveil.rows import Fix
from streams.surveil.visits import Visit

RULE = AlertKind.SOURCE_STALLED.value
_HOME_AREA = 0


class Stalls:
    """The stalled sources this owner reports; every owner notices, the one its name falls to says so."""

    def __init__(self, partition: int, partitions: int, stalled_s: float, edges: Edges) -> None:
        self._partition, self._partitions = partition, partitions
        self.stalled_s = stalled_s
        self._edges = edges
        self.open: dict[str, Visit] = {}

    def look(self, clock: OwnerClock) -> None:
        """Open an incident for each source newly stalled, and end those of sources that were heard again."""
        stalled = [source for source in clock.stalled(self.stalled_s) if self._mine(source)]
        for source in [source for source in self.open if source not in stalled]:
            visit = self.open.pop(source)
            assert visit.incident is not None
            time_us = clock.sources[source].watermark_us
            visit.incident = replace(visit.incident, ended_us=time_us)
            visit.incident.reasons.append("heard again")
            self._edges.write(EdgeKind.ENDED, visit, time_us, _HOME_AREA)
        for source in stalled:
            if source not in self.open:
                self.open[source] = visit = self._visit(source, clock)
                self._edges.write(EdgeKind.OPENED, visit, visit.fix.event_time_us, _HOME_AREA)

    def _mine(self, source: str) -> bool:
        return stable_partition(source, self._partitions) == self._partition

    def _visit(self, source: str, clock: OwnerClock) -> Visit:
        time_us, nan = max(clock.sources[source].watermark_us, 0), float("nan")
        fix = Fix(time_us, time_us, nan, nan, nan, nan, _HOME_AREA, source, b"", 0)
        visit = Visit(f"{clock.second}", "", RULE, None, 0, None, fix, nan, nan)
        visit.incident = Incident(
            alert_id=alert_id_of(RULE, source, "", visit.visit),
            rule=RULE,
            kind=AlertKind.SOURCE_STALLED,
            severity=Severity.HIGH,
            confidence=1.0,
            zone_id=None,
            zone_name=None,
            subject_key=source,
            identity=Identity(),
            track_ids=[],
            opened_us=time_us,
            lon=None,
            lat=None,
            speed_mps=None,
            course_deg=None,
            direction=None,
            reasons=[f"{source} said nothing for {self.stalled_s:.0f} s while others did: its sensors are blind here"],
            evidence=[],
            sensors=[],
            simulated=False,
            historical=False,
            late=False,
            provisional=False,
            ingest_time_us=clock.second * 1_000_000,
            home_area=_HOME_AREA,
        )
        return visit
