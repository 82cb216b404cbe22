"""The scenario that comes along, from its craft to the score of its alerts."""

from pathlib import Path
from typing import BinaryIO

import pytest

from geo.zones import read_zones
from simulator.play import play
from simulator.scenario import open_bundle
from simulator.score import read_alerts, read_truth, score
from simulator.wire import WireFormat, make_wire
from simulator.world import World
from streams.cli.inputs import zones_from
from streams.inputs import parse_input, settings_for
from streams.publisher.speed import Pace
from streams.replay import replay


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8])
def test_every_entry_that_can_be_seen_is_alerted_and_none_is_invented(seed: int, tmp_path: Path) -> None:
    """Half an hour of the strait with all its noise, copies, damage and wrong clocks: recall and precision 1, and each
    alert rests on the first report that could show it."""
    events, truth, alerts = (tmp_path / name for name in ("events.jsonl", "truth.jsonl", "alerts.jsonl"))
    bundle = open_bundle("strait")
    world = World(bundle.scenario, read_zones(bundle.zones), seed=seed)
    with events.open("wb") as out, truth.open("wb") as told:
        played = play(
            world.run(1_800.0), make_wire(WireFormat.JSON), lambda _, event: _line(out, event),
            lambda line: _line(told, line), Pace(None),
        )  # fmt: skip
    assert played.complete
    inputs = [parse_input(str(events))]
    found = replay(inputs, zones_from(bundle.zones), settings_for(inputs, 3))
    alerts.write_bytes(b"".join(line + b"\n" for line in found.lines()))
    assert found.residual() == 0
    result = score(read_alerts(alerts), read_truth(truth))
    assert result.expected >= 8
    assert (result.missed, result.phantoms) == ([], [])
    assert result.notice_s.p95 is not None
    assert result.notice_s.p95 < 1.0


def _line(out: BinaryIO, line: bytes) -> None:
    out.write(line + b"\n")
