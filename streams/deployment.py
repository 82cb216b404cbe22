"""Workers of one configuration on one broker: the main job, the fault tests and the benchmarks start them here."""

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from streams import topics
from streams.config import Settings
from streams.prefork import Prefork
from streams.supervisor import WorkerProcess

# Two processes use two cores: ingest does the per-event work, the others share the rest.
GROUPS: Mapping[str, tuple[str, ...]] = {"front": ("ingest",), "back": ("surveil", "alert", "dispatch", "gateway")}


class Deployment:
    """Topics created, configuration written, worker processes supervised; everything stopped on exit."""

    def __init__(
        self,
        bootstrap: str,
        settings: Settings,
        directory: Path,
        groups: Mapping[str, Sequence[str]] = GROUPS,
        environment: Mapping[str, str] | None = None,
        module: str = "streams.cli.main",
    ) -> None:
        self.bootstrap = bootstrap
        self.settings = settings
        self.directory = directory
        self.workers: dict[str, WorkerProcess] = {}
        self._groups = groups
        self._environment = environment
        self._module = module
        self._file = directory / "vedette.json"
        self._prefork: Prefork | None = None

    def __enter__(self) -> "Deployment":
        self.directory.mkdir(parents=True, exist_ok=True)
        self._file.write_bytes(msgspec.json.format(msgspec.json.encode(self.settings)))
        with contextlib.ExitStack() as undone:
            self._prefork = Prefork(self.directory / "prefork.log")  # imports while the topics are made
            undone.callback(self._prefork.close)
            topics.apply(self.bootstrap, topics.catalogue(self.settings))
            undone.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        if self._prefork is not None:
            self._prefork.close()

    def start(self) -> None:
        """Start every group's worker."""
        for name, agents in self._groups.items():
            self.add(name, agents)

    def add(self, name: str, agents: Sequence[str]) -> WorkerProcess:
        """Start one more worker; ``name`` is its instance id."""
        arguments = (
            *("worker", "--config", str(self._file), "--broker", self.bootstrap),
            *("--agents", ",".join(agents), "--instance", name),
        )
        log = self.directory / f"{name}.log"
        worker = WorkerProcess(name, arguments, log, self._environment, self._module, self._prefork)
        self.workers[name] = worker
        return worker

    def stop(self) -> None:
        """Stop the stages in the order of the stream, so that each finds its input complete."""
        for worker in self.workers.values():
            worker.stop()
        self.workers.clear()
