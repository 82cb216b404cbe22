"""What a late fix changes: the visits told by all remembered fixes in order, beside those told before it came.

An incident that was opened keeps its id, whatever moves; one that the whole story no longer holds is retracted.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from streams.surveil.fold import Folded
from streams.surveil.rows import Fix
from streams.surveil.visits import APART, LINE, PREDICTED, Ending, Mark, Standing, Visit


class Story(NamedTuple):
    """What a row of remembered fixes tells: standing at the end, marks after the anchor, visits still of interest."""

    now: Standing
    marks: list[Mark]
    visits: list[Visit]


def tell(base: Standing, known: Sequence[Visit], fixes: Sequence[Fix], folds: Sequence[Folded], after: int) -> Story:
    """The story of ``fixes`` with their ``folds``; marks are those of the fixes from index ``after`` on.

    ``known`` are the visits remembered so far: those in ``base`` are taken over as they opened, distress and what was
    predicted are not told by fixes and are taken over whole."""
    begun = {(zone_id, stay.visit) for zone_id, stay in base.stays.items()}
    visits = []
    for visit in known:
        if visit.nature in APART:
            visits.append(visit)
        elif (visit.zone_id, visit.visit) in begun:
            visits.append(msgspec.structs.replace(visit, ended_us=None, end_reason=None))
    marks: list[Mark] = []
    before = base
    for index, (fix, folded) in enumerate(zip(fixes, folds, strict=True)):
        for happening in folded.happenings:
            if isinstance(happening, Ending):
                close(visits, happening)
            else:
                visits.append(happening)
        if index >= after and (folded.happenings or folded.standing != before):
            marks.append(Mark(fix.observation, fix.event_time_us, folded.standing))
        before = folded.standing
    return Story(before, marks, visits)


def close(visits: Sequence[Visit], ending: Ending) -> Visit | None:
    """End the visit an ending is about; None where there is none (it was found, not entered)."""
    for visit in reversed(visits):
        if visit.zone_id == ending.zone_id and visit.visit == ending.visit and visit.nature not in (LINE, PREDICTED):
            visit.ended_us, visit.end_reason = ending.ended_us, ending.reason
            return visit
    return None


def match(old: Sequence[Visit], new: Sequence[Visit]) -> list[tuple[Visit | None, Visit | None]]:
    """Pairs of what was told before and what is told now, in the order of their openings.

    The same opening first, then whatever overlaps in time at the same zone in the same direction."""
    left = [visit for visit in old if visit.nature not in APART]
    pairs: list[tuple[Visit | None, Visit | None]] = []
    unpaired = []
    for visit in new:
        if visit.nature in APART:
            continue
        twin = next((known for known in left if _place(known) == _place(visit) and known.visit == visit.visit), None)
        if twin is None:
            unpaired.append(visit)
        else:
            left.remove(twin)
            pairs.append((twin, visit))
    for visit in sorted(unpaired, key=_order):
        twin = next((known for known in sorted(left, key=_order) if overlap(known, visit)), None)
        if twin is not None:
            left.remove(twin)
        pairs.append((twin, visit))
    pairs.extend((visit, None) for visit in left)
    return sorted(pairs, key=lambda pair: _order(pair[1] or pair[0] or pair[1]))  # type: ignore[arg-type]


def renamed(standing: Standing, names: dict[tuple[str, str], str]) -> Standing:
    """The standing with the visits of its stays under the ids they were published with."""
    if not any((zone_id, stay.visit) in names for zone_id, stay in standing.stays.items()):
        return standing
    stays = {
        zone_id: msgspec.structs.replace(stay, visit=names.get((zone_id, stay.visit), stay.visit))
        for zone_id, stay in standing.stays.items()
    }
    return Standing(stays, standing.version, standing.turned_us)


def _place(visit: Visit) -> tuple[str, bool, bool, str | None]:
    return (
        visit.zone_id,
        visit.nature == LINE,
        visit.nature == PREDICTED,
        visit.direction if visit.nature == LINE else None,
    )


def overlap(one: Visit, other: Visit) -> bool:
    """Whether two visits are to the same place, in the same direction, at the same time."""
    (a, b), (c, d) = one.span_us, other.span_us
    return _place(one) == _place(other) and a < d and c < b


def _order(visit: Visit) -> tuple[int, str, str]:
    return visit.fix.event_time_us, visit.zone_id, visit.visit
