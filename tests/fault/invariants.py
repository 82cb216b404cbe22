"""What must hold after any fault, checked from the records in the topics."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from tests.fault.system import Seen, System
from tests.property import worlds
from tests.property.test_pipeline import outcome, undisturbed

_FATES = {"row", "merged", "filtered", "dead", "held"}
_TERMINAL = {"closed", "retracted"}


def check(system: System, reports: Sequence[worlds.Report]) -> dict[str, int]:
    """All invariants; a few counts for the report. Raises AssertionError with what is broken."""
    alerts = system.read("alerts.v1")
    newest = _forward_only(alerts)
    wanted = outcome(undisturbed(list(reports), 1))
    found = {
        alert_id: (alert["state"], alert["zone_id"], alert["end_reason"], tuple(alert["evidence"]))
        for alert_id, alert in newest.items()
        if alert["kind"] != "source-stalled" and alert["state"] != "retracted"
    }
    lost, phantom = sorted(wanted.keys() - found.keys()), sorted(found.keys() - wanted.keys())
    assert not lost, f"I1: {len(lost)} incursions lost, first {lost[:3]}"
    assert not phantom, f"I6: {len(phantom)} phantoms, first {phantom[:3]}"
    different = [alert_id for alert_id in wanted if wanted[alert_id] != found[alert_id]]
    assert not different, f"I5: {[(wanted[a], found[a]) for a in different[:3]]}"
    residual = _ledger(system, system.published)
    assert residual == 0, f"I4: ledger residual {residual}"
    repeats = sum(health["counts"].get("repeat", 0) for health in system.health().values())
    return {"alerts": len(found), "on the wire": len(alerts), "repeats trimmed": repeats}


def _forward_only(alerts: Sequence[Seen]) -> dict[str, dict[str, Any]]:
    """I3: a version never changes its content, and nothing follows a terminal state. Returns the newest versions."""
    versions: defaultdict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for seen in alerts:
        assert seen.value is not None
        known = versions[seen.key].setdefault(seen.value["version"], seen.value)
        assert _content(known) == _content(seen.value), (
            f"I3: version {seen.value['version']} was written twice, differently"
        )
    newest = {}
    for alert_id, by_version in versions.items():
        ordered = [by_version[version] for version in sorted(by_version)]
        assert not any(alert["state"] in _TERMINAL for alert in ordered[:-1]), "I3: something follows a terminal state"
        newest[alert_id] = ordered[-1]
    return newest


def _content(alert: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in alert.items() if key != "history"}


def _ledger(system: System, published: int) -> int:
    """I4: every item read has one fate, and every row sent on was taken in."""
    health = system.health()
    ingest = [h["counts"] for (stage, _, _), h in health.items() if stage == "ingest"]
    surveil = [h["counts"] for (stage, _, _), h in health.items() if stage == "surveil"]
    fates = sum(n for counts in ingest for key, n in counts.items() if key.partition("/")[0] in _FATES)
    read = sum(counts["in"] for counts in ingest)
    rows = sum(counts.get("row", 0) for counts in ingest)
    taken = sum(counts["in"] for counts in surveil)
    return int(abs(read - fates) + abs(read - published - 1) + abs(rows - taken))
