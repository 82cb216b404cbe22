"""Where a run's events come from: files, or a scenario that the simulator plays."""

import json
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from streams.clearances import Clearance
from streams.config import Feed, Format, PlotSensor
from streams.inputs import Input
from streams.messages import Unit
from streams.prefork_server import die_with_parent
from streams.publisher import publish, publish_units, publish_zones
from streams.publisher.clearances import publish_clearances
from streams.publisher.rules import publish_rules
from streams.rules import Rules

_SCENARIO_FEED = Feed("sim", "json", Format.JSON)


@dataclass(slots=True)
class FileSource:
    """Files, published at a speed; ``zones`` is a GeoJSON FeatureCollection."""

    inputs: Sequence[Input]
    zones: dict[str, Any]
    units: Sequence[Unit]
    speed: float | None
    clearances: Sequence[Clearance] = ()
    sensors: tuple[PlotSensor, ...] = ()
    rules: Rules | None = None
    finite: bool = True
    failure: str | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The raw topics of the files."""
        return tuple({item.feed.topic: item.feed for item in self.inputs}.values())

    @property
    def title(self) -> str:
        """What the screen says is playing."""
        return ", ".join(item.sensor_id for item in self.inputs)

    def prepare(self, bootstrap: str) -> None:
        """Publish zones and units."""
        publish_zones(self.zones, bootstrap)
        publish_units(self.units, bootstrap)
        if self.clearances:
            publish_clearances(self.clearances, bootstrap)
        if self.rules is not None:
            publish_rules(self.rules, bootstrap)

    def start(self, bootstrap: str, directory: Path) -> None:
        """Begin to publish, in a thread of its own."""
        self._thread = threading.Thread(target=self._publish, args=(bootstrap,), name="publish", daemon=True)
        self._thread.start()

    def done(self) -> bool:
        """Whether everything is published, or cannot be."""
        return self._thread is not None and not self._thread.is_alive()

    def stop(self) -> None:
        """Publish no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _publish(self, bootstrap: str) -> None:
        from kafka.errors import KafkaError

        try:
            report = publish(self.inputs, bootstrap, self.speed, stop=self._stop)
            self.failure = report.failure
        except (OSError, ValueError, KafkaError) as problem:
            self.failure = str(problem)


@dataclass(slots=True)
class ScenarioSource:
    """A scenario played into Kafka by a simulator in a process of its own. It never ends by itself in time."""

    name: str
    speed: str
    sensors: tuple[PlotSensor, ...] = ()
    finite: bool = False
    failure: str | None = None
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The simulator's raw topic."""
        return (_SCENARIO_FEED,)

    @property
    def title(self) -> str:
        """What the screen says is playing."""
        return f"{self.name} (simulated, {self.speed})"

    def prepare(self, bootstrap: str) -> None:
        """Publish the scenario's zones and its exercise units."""
        path = scenario_file(self.name)
        scenario = tomllib.loads(path.read_text())
        publish_zones(json.loads((path.parent / scenario["zones"]).read_bytes()), bootstrap)
        if "units" in scenario:
            publish_units(
                msgspec.json.decode((path.parent / scenario["units"]).read_bytes(), type=list[Unit]), bootstrap
            )

    def start(self, bootstrap: str, directory: Path) -> None:
        """Start the simulator; the truth is written beside the run's logs, never into Kafka."""
        with (directory / "simulate.log").open("ab") as log:
            self._process = subprocess.Popen(
                (
                    *(sys.executable, "-m", "streams.cli.main", "simulate", self.name, "--broker", bootstrap),
                    *("--speed", self.speed, "--truth", str(directory / "truth.jsonl")),
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
                start_new_session=True,
            )

    def done(self) -> bool:
        """Whether the scenario is over."""
        if self._process is None or self._process.poll() is None:
            return False
        if self._process.returncode not in (0, 130):
            self.failure = f"the simulator ended with {self._process.returncode}; see simulate.log"
        return True

    def stop(self) -> None:
        """End the simulator."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def scenario_file(name: str) -> Path:
    """A TOML file, or a scenario that comes along; raises FileNotFoundError naming those there are."""
    given = Path(name)
    if given.suffix == ".toml":
        if given.is_file():
            return given
        raise FileNotFoundError(f"{name}: no such scenario file")
    spec = find_spec("simulator")
    assert spec is not None
    assert spec.origin is not None
    known = Path(spec.origin).parent / "scenarios"
    found = known / f"{name}.toml"
    if not found.is_file():
        names = ", ".join(sorted(path.stem for path in known.glob("*.toml")))
        raise FileNotFoundError(f"{name}: no such scenario; expected a .toml file or one of {names}")
    return found
