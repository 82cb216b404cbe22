"""What a supervisor may set without a restart: rules, in immutable versions like the zones.

A rule that a version leaves out is as the configuration has it. A fix is judged by the version in force at its event
time, which is the end of its segment; between two fixes time runs by the rules of the earlier one. So an edit opens and
ends nothing by itself.
"""

from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from geo.membership import Hysteresis
from geo.zones import ZoneKind
from sensors.observation import ShortText
from streams.config import Positive, Seconds, SurveilRules
from streams.messages import AlertKind, Severity
from streams.versions import EVER, Versions

# A distress signal is always critical, and that nobody watches is no judgement of an object.
GRADED = (
    AlertKind.INCURSION,
    AlertKind.EXCLUSION,
    AlertKind.PROTECTED,
    AlertKind.BORDER_CROSSING,
    AlertKind.PREDICTED_INCURSION,
)
_KINDS = frozenset({ZoneKind.TERRITORY, ZoneKind.EXCLUSION, ZoneKind.PROTECTED})
_Chance = Annotated[float, Meta(gt=0.0, lt=1.0)]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One version's rules; absent is as configured. ``found_inside`` names zones, or kinds of zones, in which an object
    that is first seen there opens an alert."""

    exit_dwell_s: Seconds | None = None
    exit_margin_m: Positive | None = None
    lost_after_s: Seconds | None = None
    predict: bool | None = None
    predict_horizons_s: Annotated[tuple[Seconds, ...], Meta(min_length=1, max_length=8)] | None = None
    predict_warn: _Chance | None = None
    predict_refuted: _Chance | None = None
    found_inside: tuple[ShortText, ...] = ()
    severities: dict[AlertKind, Severity] = {}


class RulesVersion(msgspec.Struct, kw_only=True):
    """One immutable version of the rules (public, ``rules.v1``)."""

    schema: str = "vedette.rules.v1"
    version: int  # 1, 2, 3, …
    in_force_from_us: int | None  # event time; None is since ever, allowed for the first version only
    rules: Rules


class RuleErrors(ValueError):
    """What is wrong with a file of rules, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_rules(path: Path) -> Rules:
    """The rules of a TOML file, or of JSON where its name ends so; raises OSError and :class:`RuleErrors`, which names
    the field and what is expected of it."""
    decode = msgspec.json.decode if path.suffix == ".json" else msgspec.toml.decode
    try:
        rules = decode(path.read_bytes(), type=Rules)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise RuleErrors([f"{path.name}: {problem}"]) from problem
    if problems := check(rules):
        raise RuleErrors(problems)
    return rules


def check(rules: Rules) -> list[str]:
    """What no type can say: one line for every rule that cannot be used."""
    problems = [
        f"severities.{kind.value}: expected some of {', '.join(one.value for one in GRADED)}"
        for kind in rules.severities
        if kind not in GRADED
    ]
    if rules.predict_warn is not None or rules.predict_refuted is not None:
        warn = rules.predict_warn or SurveilRules().predict_warn
        if (rules.predict_refuted or SurveilRules().predict_refuted) >= warn:
            problems.append("predict_refuted: expected less than predict_warn")
    return problems


class Ruling(NamedTuple):
    """The rules at one time, none absent."""

    exits: Hysteresis
    lost_us: int
    horizons_s: tuple[float, ...]  # of predictions; empty where none are asked for
    warn: float
    refuted: float
    found_inside: frozenset[str]  # zone ids and kinds of zones
    severities: tuple[tuple[AlertKind, Severity], ...]

    def tells_found(self, zone_id: str, kind: ZoneKind) -> bool:
        """Whether one first seen in a zone opens an alert."""
        return kind in _KINDS and bool(self.found_inside) and not self.found_inside.isdisjoint((zone_id, kind.value))

    def severity(self, kind: AlertKind, usual: Severity) -> Severity:
        """How grave an alert of a kind is."""
        return dict(self.severities).get(kind, usual)


def ruling(base: SurveilRules, rules: Rules | None = None) -> Ruling:
    """What a version says over what is configured."""
    rules = rules or Rules()
    predict = base.predict if rules.predict is None else rules.predict
    return Ruling(
        Hysteresis(round((rules.exit_dwell_s or base.exit_dwell_s) * 1e6), rules.exit_margin_m or base.exit_margin_m),
        round((rules.lost_after_s or base.lost_after_s) * 1e6),
        tuple(sorted(rules.predict_horizons_s or base.predict_horizons_s)) if predict else (),
        rules.predict_warn or base.predict_warn,
        rules.predict_refuted or base.predict_refuted,
        frozenset(rules.found_inside),
        tuple(sorted(rules.severities.items())),
    )


class RuleVersions:
    """The loaded versions; see :class:`streams.versions.Versions`."""

    def __init__(self) -> None:
        self._table: Versions[Rules] = Versions("rules")

    def add(self, message: RulesVersion) -> None:
        """Load a version; one that is already loaded is left alone. Raises ValueError where it cannot be used."""
        if (from_us := self._table.begins_us(message)) is None:
            return
        if problems := check(message.rules):
            raise RuleErrors(problems)
        self._table.put(message.version, from_us, message.rules)

    @property
    def newest(self) -> int:
        """The highest loaded version; 0 where there is none."""
        return self._table.newest

    def in_force(self, announced: int, base: SurveilRules) -> "Rulebook":
        """What is the rule when, by versions up to ``announced`` over what is configured; raises NeedsVersion where
        that one is not loaded."""
        return Rulebook(base, self._table.until(announced))


class Rulebook:
    """Which rules hold at an event time: those of the highest version that has begun, else what is configured."""

    def __init__(self, base: SurveilRules, versions: Iterable[tuple[int, Rules]] = ()) -> None:
        kept: list[tuple[int, Ruling]] = [(EVER, ruling(base))]
        for from_us, rules in versions:  # a higher version replaces all that would begin later
            kept = [one for one in kept if one[0] < from_us]
            kept.append((from_us, ruling(base, rules)))
        self._starts = [from_us for from_us, _ in kept]
        self._rulings = [one for _, one in kept]
        self._lost_us = np.array([one.lost_us for one in self._rulings], np.int64)

    @property
    def single(self) -> Ruling | None:
        """The only rules there are, or None."""
        return self._rulings[0] if len(self._rulings) == 1 else None

    @property
    def longest_lost_us(self) -> int:
        """How long an object may be silent by the most patient of the rules."""
        return int(self._lost_us.max())

    def at(self, time_us: int) -> Ruling:
        """The rules of a moment, event time in microseconds."""
        return self._rulings[max(bisect_right(self._starts, time_us) - 1, 0)]

    def one(self, first_us: int, last_us: int) -> bool:
        """Whether the same rules hold from one moment to another."""
        return self.at(first_us) is self.at(last_us)

    def lost_us(self, heard_us: NDArray[np.int64]) -> int | NDArray[np.int64]:
        """How long objects last heard at these times ``(n,)`` may be silent, microseconds."""
        if len(self._rulings) == 1:
            return int(self._lost_us[0])
        index = np.maximum(np.searchsorted(np.array(self._starts), heard_us, side="right") - 1, 0)
        found: NDArray[np.int64] = self._lost_us[index]
        return found
