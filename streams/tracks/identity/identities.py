"""All of identity for one sector as one state: reports in, who is who, who is silent. What the sector's owner calls."""

from typing import NamedTuple

import msgspec
import numpy as np

from streams.tracks.identity.columns import take
from streams.tracks.identity.dark import Circumstances, Darkness, DarkRules, step
from streams.tracks.identity.duplicate import Duplicates, duplicates
from streams.tracks.identity.evidence import Evidence, EvidenceRules, Sightings, Tracks, bonds, renamed, weigh
from streams.tracks.identity.filter import Bools, Floats, Ids, Ints
from streams.tracks.identity.fusion import Shown, shown
from streams.tracks.identity.reporters import ReporterRules, Reporters, Reports, hear

CANDIDATE_S = 60.0  # an unbound sender unheard for longer holds no label back


class IdentityRules(NamedTuple):
    """The rules of all parts."""

    reporters: ReporterRules = ReporterRules()
    evidence: EvidenceRules = EvidenceRules()
    dark: DarkRules = DarkRules()


class Surroundings(NamedTuple):
    """What the dark test must know of each track, in the tracks' order. Columns (m,)."""

    interval_s: Floats  # how often a boat of its class and speed reports
    reception: Floats  # share of AIS messages received there; 0 outside healthy coverage
    registered: Bools  # every radar that contributes is registered
    duty: Bools
    afloat: Bools


class Identities(NamedTuple):
    """The state; never written to."""

    reporters: Reporters
    evidence: Evidence
    darkness: Darkness
    reported: Ids  # tracks whose own or likely sender was heard since the last judgement, ascending

    @classmethod
    def none(cls) -> "Identities":
        """Nothing heard, nothing judged."""
        return cls(Reporters.none(), Evidence.none(), Darkness.none(), np.zeros(0, np.uint64))

    def dump(self) -> bytes:
        """The whole state."""
        parts = (self.reporters.dump(), self.evidence.dump(), self.darkness.dump(), self.reported.tobytes())
        return msgspec.msgpack.encode(parts)

    @classmethod
    def load(cls, record: bytes) -> "Identities":
        """The state that `dump` wrote, bit for bit."""
        parts = msgspec.msgpack.decode(record, type=tuple[bytes, bytes, bytes, bytes])
        reported = np.frombuffer(parts[3], np.uint64).copy()
        return cls(Reporters.load(parts[0]), Evidence.load(parts[1]), Darkness.load(parts[2]), reported)


def observe(
    state: Identities, reports: Reports, tracks: Tracks, registration_m2: Floats | float, rules: IdentityRules
) -> Identities:
    """Reports of identified senders, in order of time, against the tracks as they stand."""
    heard = hear(state.reporters, reports, rules.reporters, bonds(state.evidence)[0])
    sightings = Sightings(heard.part, reports.time_s, reports.position_m, heard.noise_m2)
    known = take(state.evidence, np.isin(state.evidence.part, heard.reporters.part))
    weighed = weigh(known, sightings, tracks, registration_m2, rules.evidence)
    own = _own(weighed.evidence, heard.part[weighed.report], weighed.track)
    reported = np.union1d(state.reported, weighed.track[own])
    return Identities(heard.reporters, weighed.evidence, state.darkness, reported)


def _own(evidence: Evidence, part: Ints, track: Ids) -> Bools:
    """Which weighed pairs may be a track and its own sender: bound, or a positive score of an unbound sender."""
    bound_parts = set(evidence.part[evidence.bound].tolist())
    rows = zip(evidence.part.tolist(), evidence.track.tolist(), strict=True)
    scored = zip(evidence.score.tolist(), evidence.bound.tolist(), strict=True)
    verdict = {
        pair: bound or (score > 0.0 and pair[0] not in bound_parts)
        for pair, (score, bound) in zip(rows, scored, strict=True)
    }
    asked = zip(part.tolist(), track.tolist(), strict=True)
    return np.fromiter((verdict.get(pair, False) for pair in asked), np.bool_, len(part))


def judge(state: Identities, tracks: Tracks, around: Surroundings, time_s: float, rules: IdentityRules) -> Identities:
    """The dark test of all tracks at ``time_s``; about once a second."""
    evidence, reporters = state.evidence, state.reporters
    parts, ids, _ = bonds(evidence)
    bound = np.isin(tracks.id, ids)
    fresh = reporters.part[time_s - reporters.time_s <= CANDIDATE_S]
    free = ~np.isin(evidence.part, parts) & np.isin(evidence.part, fresh) & (evidence.score > 0.0)
    candidate = np.isin(tracks.id, evidence.track[free])
    now = Circumstances(
        tracks.id,
        tracks.confirmed,
        bound,
        candidate,
        np.isin(tracks.id, state.reported),
        np.maximum(around.interval_s, _interval_s(tracks.id, ids, parts, reporters)),
        around.reception,
        around.registered,
        around.duty,
        around.afloat,
    )
    return state._replace(darkness=step(state.darkness, now, time_s, rules.dark), reported=np.zeros(0, np.uint64))


def _interval_s(tracks: Ids, ids: Ids, parts: Ints, reporters: Reporters) -> Floats:
    """How often each track's own sender was heard to report; 0 where unknown."""
    out = np.zeros(len(tracks))
    known = np.isin(parts, reporters.part)
    rows = np.searchsorted(reporters.part, parts[known])
    there = np.isin(ids[known], tracks)
    at = np.searchsorted(tracks, ids[known][there])
    out[at] = np.nan_to_num(reporters.interval_s[rows[there]])
    return out


def picture(state: Identities, tracks: Tracks, time_s: float) -> tuple[Shown, Ints]:
    """What is published of every track at ``time_s``: fused states with sender and score, and the dark label."""
    label = np.zeros(len(tracks.id), np.int64)
    known = np.isin(tracks.id, state.darkness.id)
    label[known] = state.darkness.label[np.searchsorted(state.darkness.id, tracks.id[known])]
    return shown(tracks, state.reporters, state.evidence, time_s), label


def doubled(state: Identities, time_s: float) -> Duplicates:
    """Names that two transmitters use."""
    return duplicates(state.reporters, time_s)


def merged(state: Identities, before: int, after: int) -> Identities:
    """Two tracks were found to be one: what was known of the id that goes belongs to the one that stays."""
    darkness = state.darkness
    gone = np.flatnonzero(darkness.id == np.uint64(before))
    stays = np.flatnonzero(darkness.id == np.uint64(after))
    if len(gone) and len(stays):
        had_name = darkness.had_name.copy()
        had_name[stays] |= darkness.had_name[gone]
        darkness = darkness._replace(had_name=had_name)
    reported = state.reported
    if np.isin(np.uint64(before), reported):
        reported = np.union1d(reported, np.array([after], np.uint64))
    return state._replace(evidence=renamed(state.evidence, before, after), darkness=darkness, reported=reported)
