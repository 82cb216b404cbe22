"""Records per second into one Faust agent, beside stock Faust, Quix Streams and plain aiokafka.

    python -m benchmarks.transport --json build/bench/transport.json
    python -m benchmarks.transport --peer-python ~/quix/bin/python     Quix from an environment of its own

One partition, 150-byte JSON records, every record decoded with msgspec, each consumer in a process of its own, one
after another in turn, the median of the rounds. ``per core`` is records per second of the process's own CPU time.
Goals, per core: at least 35 times Faust as it comes, 75 % of plain aiokafka, 3 times Quix Streams; the peers' settings
stand in ``benchmarks/peers``.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import uuid
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from benchmarks.peers.event import sample
from streams.embedded import EmbeddedBroker

_ROOT = Path(__file__).parents[1]
_GOALS = {"stock_faust": 35.0, "tuned_faust": None, "plain_aiokafka": 0.75, "quix": 3.0}
_SHARE = {"stock_faust": 0.03, "tuned_faust": 0.05, "quix": 0.4}  # slow ones read a part of the records


def fill(broker: str, topic: str, records: int) -> int:
    """Create the topics and write the records; returns the bytes of one."""
    admin = KafkaAdminClient(bootstrap_servers=broker)
    compact = {"cleanup.policy": "compact"}
    wanted = {topic: {}, "snapshots.v1": compact, "holes.v1": compact, "health.v1": {}}
    present = set(admin.list_topics())
    admin.create_topics([NewTopic(name, 1, 1, topic_configs=c) for name, c in wanted.items() if name not in present])
    admin.close()
    asyncio.run(_fill(broker, topic, records))
    return len(sample(0))


async def _fill(broker: str, topic: str, records: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker, max_batch_size=512 * 1024, linger_ms=5)
    await producer.start()
    try:
        values = [sample(n) for n in range(min(records, 60_000))]
        sent = 0
        while sent < records:
            batch = producer.create_batch()
            while sent < records and batch.append(key=None, value=values[sent % len(values)], timestamp=None):
                sent += 1
            await (await producer.send_batch(batch, topic, partition=0))
    finally:
        await producer.stop()


def measure(python: str, peer: str, broker: str, topic: str, count: int) -> dict[str, float]:
    """One run of one consumer in a process of its own."""
    command = [python, "-m", f"benchmarks.peers.{peer}", broker, topic, str(count), f"bench-{uuid.uuid4().hex[:8]}"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError(f"{peer} ended with {done.returncode}: {done.stderr[-800:]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {
        "records_per_s": figures["records"] / figures["seconds"],
        "records_per_core_s": figures["records"] / figures["cpu_seconds"],
        "cpu_us_per_record": 1e6 * figures["cpu_seconds"] / figures["records"],
    }


def compare(broker: str, records: int, rounds: int, peer_python: str | None) -> dict[str, Any]:
    """All consumers, ``rounds`` times in turn; medians and ratios."""
    topic = f"bench.{uuid.uuid4().hex[:8]}"
    size = fill(broker, topic, records)
    pythons = dict.fromkeys(("vedette_engine", "plain_aiokafka", "stock_faust", "tuned_faust"), sys.executable)
    if peer_python or find_spec("quixstreams"):
        pythons["quix"] = peer_python or sys.executable
    else:
        print("quix: skipped, quixstreams is not installed here and no --peer-python is given")
    runs: dict[str, list[dict[str, float]]] = {peer: [] for peer in pythons}
    for round_ in range(rounds):
        for peer, python in pythons.items():
            count = int(records * 0.9 * _SHARE.get(peer, 1.0))
            figures = measure(python, peer, broker, topic, count)
            runs[peer].append(figures)
            print(f"round {round_ + 1} {peer:15s} {figures['records_per_s']:>10,.0f}/s", flush=True)
    peers = {peer: {k: statistics.median(run[k] for run in found) for k in found[0]} for peer, found in runs.items()}
    ours = peers["vedette_engine"]
    ratios = {
        peer: {
            "per_core": ours["records_per_core_s"] / peers[peer]["records_per_core_s"],
            "wall": ours["records_per_s"] / peers[peer]["records_per_s"],
            "goal_per_core": goal,
        }
        for peer, goal in _GOALS.items()
        if peer in peers
    }
    return {"record_bytes": size, "records": records, "rounds": rounds, "peers": peers, "ratios": ratios}


def show(found: dict[str, Any]) -> None:
    """A table for people."""
    print(f"\n{'consumer':16s}{'records/s':>12s}{'per core':>12s}{'us/record':>11s}")
    for peer, figures in found["peers"].items():
        print(
            f"{peer:16s}{figures['records_per_s']:>12,.0f}{figures['records_per_core_s']:>12,.0f}"
            f"{figures['cpu_us_per_record']:>11.2f}"
        )
    for peer, ratio in found["ratios"].items():
        goal = ratio["goal_per_core"]
        met = "no goal" if goal is None else f"goal {goal:g}: {'met' if ratio['per_core'] >= goal else 'MISSED'}"
        print(f"vedette / {peer}: {ratio['per_core']:.2f} per core ({ratio['wall']:.2f} wall), {met}")


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", help="host:port; default an embedded one")
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-python", metavar="PATH", help="a Python with quixstreams and msgspec")
    parser.add_argument("--json", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    if chosen.broker:
        found = compare(chosen.broker, chosen.records, chosen.rounds, chosen.peer_python)
    else:
        with EmbeddedBroker() as broker:
            found = compare(broker.bootstrap, chosen.records, chosen.rounds, chosen.peer_python)
    show(found)
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
