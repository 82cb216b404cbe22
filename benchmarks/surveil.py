"""How fast one surveil owner is: CPU per row of its columnar path, by frame size; P=1, many tracks, few events.

Tracks wander over the sea around a set of zones at ship speed, one report each in turn; frames are built beforehand,
so only :meth:`SurveilCore.apply` is timed (process time, best of the repeats). ``--json FILE`` writes the figures.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sensors.observation import Identity
from streams import frames, provenance
from streams.config import Feed, Format, Settings
from streams.frames import COLUMNS, Frame, SourceTick
from streams.log import START, Position, Provenance, Record
from streams.messages import Kind, ZonesVersion
from streams.partitioning import Owners
from streams.surveil import SurveilCore
from streams.zones import ZoneVersions

START_US = 1_700_000_000_000_000
FEED = Feed("bench", "json", Format.JSON)
SOURCE = f"{FEED.topic}/0"
ROWS = 60_000
WARM = 18  # reports of every track before the clock starts: what the first fix settled is settled by then


def zones() -> ZoneVersions:
    """A coast of forty-vertex territories in a grid: most tracks stay clear of a border, some cross one."""
    features = []
    for number in range(25):
        lon0, lat0 = -85 + 3 * (number % 5), 20 + 2 * (number // 5)
        ring = [
            [
                lon0 + 0.9 * math.cos(math.tau * k / 40) * (1 + 0.1 * math.sin(5 * k)),
                lat0 + 0.6 * math.sin(math.tau * k / 40),
            ]
            for k in range(40)
        ]
        properties = {"zone_id": f"z{number}", "kind": "territory", "name": f"Zone {number}"}
        geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    versions = ZoneVersions()
    collection = {"type": "FeatureCollection", "features": features}
    versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=collection))
    return versions


def records(tracks: int, size: int, seconds: float) -> Iterator[Record]:
    """Frames of ``size`` rows; each track reports every ``seconds`` of event time."""
    chance = np.random.default_rng(1)
    place = np.column_stack([chance.uniform(-86, -72, tracks), chance.uniform(19, 29, tracks)])
    course = chance.uniform(0, math.tau, tracks)
    pace = chance.uniform(2, 12, tracks) * seconds / 111_000
    identities = [Identity(mmsi=201_000_000 + k, name=f"TRACK {k}") for k in range(tracks)]
    keys = [f"mmsi:{201_000_000 + k:09d}" for k in range(tracks)]
    last, at, offset = START, 0, 0
    for record in range((ROWS + WARM * tracks) // size):
        who = (at + np.arange(size)) % tracks
        time_us = START_US + ((at + np.arange(size)) / tracks * seconds * 1e6).astype(np.int64)
        course[who] += chance.normal(0, 0.05, size)
        place[who, 0] += pace[who] * np.sin(course[who])
        place[who, 1] += pace[who] * np.cos(course[who])
        columns = {name: np.zeros(size, dtype) for name, dtype in COLUMNS.items()}
        columns["source_offset"] = np.arange(offset, offset + size)
        columns["event_time_us"] = columns["ingest_time_us"] = time_us
        columns["lon"], columns["lat"] = place[who].T
        columns["speed_mps"] = np.full(size, 5.0, np.float32)
        columns["identity"] = np.arange(size, dtype=np.int32)
        columns["observation_id"] = np.frombuffer(chance.bytes(16 * size), "V16")
        columns["prev_event_time_us"] = np.full(size, -1)
        chosen = who.tolist()
        frame = Frame(
            columns,
            ["radar"],
            [identities[k] for k in chosen],
            [keys[k] for k in chosen],
            SourceTick(int(time_us[-1]), zones_version=1),
            {},
        )
        newest = Position(offset + size - 1, 0)
        headers = provenance.headers(Kind.FRAME, Provenance(SOURCE, last, newest))
        yield Record(record, START_US + record * 2_500, None, frames.encode(frame), headers)
        last, at, offset = newest, at + size, offset + size


def measure(tracks: int, size: int, seconds: float, versions: ZoneVersions) -> dict[str, float]:
    """Microseconds of CPU a row, once every track is well known."""
    core = SurveilCore(0, Settings((FEED,), Owners(1)), versions)
    log = list(records(tracks, size, seconds))
    warm = WARM * tracks // size + 1
    for record in log[:warm]:
        core.apply([record])
    begun = time.process_time()
    outputs = 0
    for record in log[warm:]:
        outputs += len(core.apply([record]))
    spent = time.process_time() - begun
    rows = (len(log) - warm) * size
    begun = time.process_time()
    state = core.dump()
    dumped = time.process_time() - begun
    edges = sum(n for name, n in core.counts().items() if name.startswith("edges/"))
    return {
        "tracks": tracks,
        "frame_rows": size,
        "report_every_s": seconds,
        "us_per_row": round(spent / rows * 1e6, 3),
        "rows_per_s": round(rows / spent),
        "outputs_per_1000_rows": round(outputs / rows * 1000, 2),
        "edges": edges,
        "dump_ms": round(dumped * 1e3, 2),
        "state_bytes": len(state),
    }


def main() -> None:
    """Print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--repeat", type=int, default=2)
    chosen = parser.parse_args()
    versions, found = zones(), []
    for tracks, size, seconds in ((6000, 100, 0.1), (6000, 200, 0.1), (6000, 1000, 0.1), (6000, 200, 60.0)):
        best = min(
            (measure(tracks, size, seconds, versions) for _ in range(chosen.repeat)), key=lambda m: m["us_per_row"]
        )
        found.append(best)
        print(json.dumps(best))
    if chosen.json:
        chosen.json.write_text(json.dumps({"surveil": found}, indent=1))


if __name__ == "__main__":
    main()
