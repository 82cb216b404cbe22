"""How good were the alerts: recall, precision and delay against ground truth.

An alert and a true event belong together when object, kind and zone are the same and the alert's event time lies from
``tolerance_s`` before the onset (position noise) to ``window_s`` after it (a silent object is noticed late); where
several would do, the nearest in time. Each is used once, so a second alert for one entry is a phantom.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from sensors.observation import Identity
from simulator.truth import Truth, What
from streams.clearances import Clearance, Permits
from streams.messages import AlertKind, AlertState
from streams.public import to_us

_Key = tuple[str | None, str, str | None]


class ScoredSubject(msgspec.Struct):
    """The part of an alert's subject that is scored."""

    identity: Identity


class ScoredAlert(msgspec.Struct):
    """The fields of an alert that are scored; the others are not looked at."""

    alert_id: str
    version: int
    state: AlertState
    kind: str
    subject: ScoredSubject
    event_time: datetime
    zone_id: str | None = None


class Missed(msgspec.Struct):
    """A true event that should have been alerted and was not."""

    object: str
    kind: str
    zone_id: str | None
    onset: datetime
    why: str


class Phantom(msgspec.Struct):
    """An alert without a true event."""

    alert_id: str
    kind: str
    zone_id: str | None
    event_time: datetime
    why: str


class Spread(msgspec.Struct):
    """Seconds; absent where nothing was measured."""

    p50: float | None = None
    p95: float | None = None
    max: float | None = None


class Score(msgspec.Struct):
    """The result. ``delay_s`` counts from the true onset, ``notice_s`` from the first report that could show it."""

    expected: int
    found: int
    recall: float | None
    alerts: int
    right: int
    precision: float | None
    delay_s: Spread
    notice_s: Spread
    not_expected: dict[str, int]
    kinds: dict[str, tuple[int, int]]  # kind -> (expected, found)
    missed: list[Missed]
    phantoms: list[Phantom]


def read_alerts(path: Path) -> list[ScoredAlert]:
    """The latest version of every alert in a file of JSON lines; raises msgspec.MsgspecError or OSError."""
    latest: dict[str, ScoredAlert] = {}
    decoder = msgspec.json.Decoder(ScoredAlert)
    for alert in decoder.decode_lines(path.read_bytes()):
        if alert.alert_id not in latest or alert.version >= latest[alert.alert_id].version:
            latest[alert.alert_id] = alert
    return list(latest.values())


def read_truth(path: Path) -> list[Truth]:
    """Ground truth as the simulator wrote it; raises msgspec.MsgspecError or OSError."""
    return msgspec.json.Decoder(Truth).decode_lines(path.read_bytes())


def score(
    alerts: Sequence[ScoredAlert],
    truths: Sequence[Truth],
    *,
    tolerance_s: float = 30.0,
    window_s: float = 3600.0,
    clearances: Iterable[Clearance] = (),
) -> Score:
    """Compare alerts with truth. Retracted alerts and kinds that no truth speaks of are left out.

    An entry by a clearance is no event: an alert of it is a phantom. What is excused is not expected, and none is
    invented where it was alerted all the same."""
    permits = Permits(clearances)
    kinds = set(AlertKind) - {AlertKind.SOURCE_STALLED, AlertKind.PREDICTED_INCURSION}
    judged = sorted(
        (alert for alert in alerts if alert.kind in kinds and alert.state is not AlertState.RETRACTED),
        key=lambda alert: (alert.event_time, alert.alert_id),
    )
    events = sorted(
        (truth for truth in truths if truth.kind is not None and not _cleared(truth, permits)),
        key=lambda t: (t.onset, t.object),
    )
    by_key: defaultdict[_Key, list[int]] = defaultdict(list)
    for index, truth in enumerate(events):
        by_key[truth.identity.key(""), str(truth.kind), truth.zone_id].append(index)
    found: dict[int, ScoredAlert] = {}
    phantoms = []
    for alert in judged:
        near = [
            (abs(late_s), index)
            for index in by_key[alert.subject.identity.key(""), alert.kind, alert.zone_id]
            if -tolerance_s <= (late_s := (alert.event_time - events[index].onset).total_seconds()) <= window_s
        ]
        free = [entry for entry in near if entry[1] not in found]
        if free:
            found[min(free)[1]] = alert
        else:
            why = "a second alert for one event" if near else "no such event"
            phantoms.append(Phantom(alert.alert_id, alert.kind, alert.zone_id, alert.event_time, why))
    return _score(events, found, judged, phantoms, _exits(truths))


def _score(
    events: list[Truth],
    found: dict[int, ScoredAlert],
    judged: list[ScoredAlert],
    phantoms: list[Phantom],
    exits: dict[tuple[str, str | None], list[datetime]],
) -> Score:
    expected = [index for index, truth in enumerate(events) if _unexpected(truth) is None]
    not_expected: defaultdict[str, int] = defaultdict(int)
    kinds: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for index, truth in enumerate(events):
        if (why := _unexpected(truth)) is not None:
            not_expected[why] += 1
        else:
            kinds[str(truth.kind)][0] += 1
            kinds[str(truth.kind)][1] += index in found
    missed = [_missed(events[index], exits) for index in expected if index not in found]
    delays = [(alert.event_time - events[i].onset).total_seconds() for i, alert in found.items()]
    notices = [(a.event_time - first).total_seconds() for i, a in found.items() if (first := events[i].first_report)]
    hits = len(expected) - len(missed)
    return Score(
        expected=len(expected),
        found=hits,
        recall=hits / len(expected) if expected else None,
        alerts=len(judged),
        right=len(found),
        precision=len(found) / len(judged) if judged else None,
        delay_s=spread(delays),
        notice_s=spread(notices),
        not_expected=dict(sorted(not_expected.items())),
        kinds={kind: (want, got) for kind, (want, got) in sorted(kinds.items())},
        missed=missed,
        phantoms=phantoms,
    )


def _unexpected(truth: Truth) -> str | None:
    if truth.excused is not None:
        return truth.excused
    if truth.first_report is None:
        return "not heard again"
    if truth.what is not What.DISTRESS and not truth.heard_before:
        return "not heard before"
    return None


def _cleared(truth: Truth, permits: Permits) -> bool:
    """Whether a clearance covers an event when it is first seen."""
    shown = truth.first_report or truth.onset
    return truth.zone_id is not None and permits.cleared(truth.identity.key("") or "", truth.zone_id, to_us(shown))


def _exits(truths: Iterable[Truth]) -> dict[tuple[str, str | None], list[datetime]]:
    exits: defaultdict[tuple[str, str | None], list[datetime]] = defaultdict(list)
    for truth in truths:
        if truth.what in (What.EXIT, What.OVER):
            exits[truth.object, truth.zone_id].append(truth.onset)
    return exits


def _missed(truth: Truth, exits: dict[tuple[str, str | None], list[datetime]]) -> Missed:
    left = min((at for at in exits.get((truth.object, truth.zone_id), []) if at > truth.onset), default=None)
    unseen = left is not None and truth.first_report is not None and left < truth.first_report
    why = "out again before its next report" if unseen else "not alerted"
    return Missed(truth.object, str(truth.kind), truth.zone_id, truth.onset, why)


def spread(values: list[float]) -> Spread:
    """Percentiles of values in seconds, by the nearest rank."""
    if not values:
        return Spread()
    ordered = sorted(values)
    p50, p95 = (ordered[max(-(-len(ordered) * share // 100) - 1, 0)] for share in (50, 95))
    return Spread(*(round(value, 3) + 0.0 for value in (p50, p95, ordered[-1])))  # no -0.0
