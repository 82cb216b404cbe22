"""The embedded broker: seconds until it answers, memory, seconds to stop.

    python -m benchmarks.broker --json build/bench/broker.json

The caches (jars, class archive, formatted directory) are made before the first round. Ready is from the call of
``start`` to the first answer to a metadata request, with Python's own part in it; memory is resident, after creating
the topics of the example configuration; processor seconds are the broker's own and do not depend on what else runs on
the machine. Goals: ready within 1.5 s, at most 320 MiB.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

from streams import topics
from streams.config import load
from streams.embedded import EmbeddedBroker

_CONFIG = Path(__file__).parents[1] / "deploy" / "vedette.toml"
_GOAL_READY_S, _GOAL_MIB = 1.5, 320


def measure(rounds: int, *, for_load: bool) -> dict[str, float]:
    """Medians over ``rounds`` starts."""
    catalogue = topics.catalogue(load(_CONFIG))
    figures: dict[str, list[float]] = {"ready_s": [], "cpu_s": [], "rss_mib": [], "stop_s": []}
    with EmbeddedBroker():
        pass  # makes the caches
    for _ in range(rounds):
        with EmbeddedBroker(for_load=for_load) as broker:
            figures["ready_s"].append(broker.ready_s or 0.0)
            figures["cpu_s"].append(_cpu_s(broker.pid))
            topics.apply(broker.bootstrap, catalogue)
            figures["rss_mib"].append(broker.rss_bytes() / 2**20)
            begun = time.monotonic()
        figures["stop_s"].append(time.monotonic() - begun)
    return {name: round(statistics.median(values), 2) for name, values in figures.items()}


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the figures, and write them where asked."""
    parser = argparse.ArgumentParser(description="start, memory and stop of the embedded broker")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args()
    small, loaded = measure(options.rounds, for_load=False), measure(options.rounds, for_load=True)
    met = small["ready_s"] <= _GOAL_READY_S and small["rss_mib"] <= _GOAL_MIB
    for name, figures in (("small", small), ("for load", loaded)):
        print(f"{name}:", ", ".join(f"{key} {value}" for key, value in figures.items()))
    print(f"goals (ready {_GOAL_READY_S} s, {_GOAL_MIB} MiB): {'met' if met else 'missed'}")
    if options.json is not None:
        found = {"small": small, "for_load": loaded, "goals_met": met, "load_average": os.getloadavg()[0]}
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
