"""What a track carries when it changes hands: packed from the old owner's state, unpacked into the new one's."""

import math
from collections.abc import Mapping

import numpy as np

from streams.tracks.identity.columns import take
from streams.tracks.identity.dark import Darkness, Label
from streams.tracks.identity.evidence import Evidence
from streams.tracks.identity.identities import Identities
from streams.tracks.sharing.messages import Baggage, Incident, PairScore, Silence


def packed(
    state: Identities, accumulators: Mapping[int, tuple[float, ...]], incidents: Mapping[int, tuple[Incident, ...]]
) -> dict[int, Baggage]:
    """What every track carries, by its tracker's id: evidence, dark test, accumulators, open incidents."""
    scores: dict[int, list[PairScore]] = {}
    evidence, darkness = state.evidence, state.darkness
    columns = (evidence.track, evidence.part, evidence.score, evidence.time_s, evidence.bound)
    for track, *score in zip(*(column.tolist() for column in columns), strict=True):
        scores.setdefault(track, []).append(PairScore(*score))
    rows = (darkness.id, darkness.time_s, darkness.confirmed_s, darkness.ratio, darkness.had_name, darkness.dark)
    silences = {track: Silence(*rest) for track, *rest in zip(*(row.tolist() for row in rows), strict=True)}
    every = sorted({*scores, *silences, *accumulators, *incidents})
    return {
        track: Baggage(
            tuple(scores.get(track, ())), silences.get(track), accumulators.get(track, ()), incidents.get(track, ())
        )
        for track in every
    }


def unpacked(state: Identities, track_id: int, baggage: Baggage) -> Identities:
    """The new owner's state with what came for its track ``track_id``.

    Evidence of both: the later score of each sender, but where the new owner's own later reports speak for the sender
    too, the higher one: they are the same evidence gone on. A bond that came stands unless the new owner bound that
    sender elsewhere. Of the dark test, what came is the older one and replaces the own one, but for a name the track
    had.
    """
    return state._replace(
        evidence=_evidence(state.evidence, track_id, baggage), darkness=_darkness(state.darkness, track_id, baggage)
    )


def _evidence(own: Evidence, track_id: int, baggage: Baggage) -> Evidence:
    held = {
        (part, track): (score, time_s, bound)
        for part, track, score, time_s, bound in zip(*(column.tolist() for column in own), strict=True)
    }
    for came in baggage.evidence:
        before = held.get((came.part, track_id))
        later = before is not None and before[1] > came.time_s
        if before is None or not later or before[0] > 0.0:
            elsewhere = any(b for (p, t), (_, _, b) in held.items() if p == came.part and t != track_id)
            rival = any(b for (p, t), (_, _, b) in held.items() if t == track_id and p != came.part)
            bound = came.bound and not elsewhere and not rival
            held[(came.part, track_id)] = (
                (max(came.score, before[0]), before[1], bound or before[2])
                if before is not None and later
                else (came.score, came.time_s, bound)
            )
    pairs = sorted(held)
    return Evidence(
        np.array([part for part, _ in pairs], np.int64),
        np.array([track for _, track in pairs], np.uint64),
        np.array([held[pair][0] for pair in pairs], np.float64),
        np.array([held[pair][1] for pair in pairs], np.float64),
        np.array([held[pair][2] for pair in pairs], np.bool_),
    )


def _darkness(own: Darkness, track_id: int, baggage: Baggage) -> Darkness:
    came = baggage.silence
    if came is None:
        return own
    rows = np.flatnonzero(own.id == np.uint64(track_id))
    known = bool(len(rows)) and bool(own.had_name[rows[0]])
    time_s = max(came.time_s, float(own.time_s[rows[0]])) if len(rows) else came.time_s
    confirmed_s = came.confirmed_s if not math.isnan(came.confirmed_s) else time_s
    one = Darkness(
        np.array([track_id], np.uint64),
        np.array([time_s]),
        np.array([confirmed_s]),
        np.array([came.ratio]),
        np.array([came.had_name or known]),
        np.array([came.dark]),
        np.array([Label.NONE], np.int64),  # of the next judgement
    )
    rest = take(own, own.id != np.uint64(track_id))
    both = Darkness(*(np.concatenate([a, b]) for a, b in zip(rest, one, strict=True)))
    return take(both, np.argsort(both.id, kind="stable"))
