"""One run: topics, workers and a source on a broker, watched until the source has been processed or time is up."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from streams.config import Feed, PlotSensor, Settings
from streams.console.feed import Feed as ConsoleFeed
from streams.console.terminal import watching
from streams.deployment import Deployment
from streams.partitioning import Owners
from streams.up.collection import Collection

_POLL_S = 0.1
_DRAIN_S = 20.0


class Source(Protocol):
    """Where events come from. ``finite`` ones close their input, so the run ends when that end has been processed."""

    finite: bool
    failure: str | None

    @property
    def feeds(self) -> tuple[Feed, ...]: ...
    @property
    def title(self) -> str: ...
    @property
    def sensors(self) -> tuple[PlotSensor, ...]: ...
    def prepare(self, bootstrap: str) -> None: ...
    def start(self, bootstrap: str, directory: Path) -> None: ...
    def done(self) -> bool: ...
    def stop(self) -> None: ...


class WorkersFailed(RuntimeError):
    """The workers cannot do the job; the message names the log to read."""


def run(
    source: Source,
    bootstrap: str,
    directory: Path,
    partitions: int,
    seconds: float | None,
    *,
    stop: threading.Event,
    last_look: Callable[[Collection], None] = lambda _: None,
) -> tuple[Collection, float]:
    """Run ``source`` through every agent; what came of it, and the seconds from the first event to the last effect.

    Ends when a finite source has been processed whole, when ``seconds`` are over, or when ``stop`` is set; then
    ``last_look`` is given the view once more while everything still runs. Raises :class:`WorkersFailed`."""
    settings = Settings(source.feeds, Owners(partitions), sensors=source.sensors)
    view, lock = Collection(source.title, time.time()), threading.Lock()
    with (
        Deployment(bootstrap, settings, directory) as deployment,
        watching(view, lock) as tell,
        ConsoleFeed(bootstrap, view, lock, tell, from_beginning=True) as feed,
    ):
        source.prepare(bootstrap)
        deployment.start()
        _until(lambda: _all_speak(view, lock, settings), stop, deployment, 60.0)
        begun = time.monotonic()
        source.start(bootstrap, directory)
        try:
            _watch(source, view, lock, settings, stop, deployment, seconds)
        finally:
            source.stop()
        elapsed_s = time.monotonic() - begun
        if not source.finite:
            _until(lambda: view.lag() == 0, threading.Event(), deployment, _DRAIN_S, must=False)
        with lock:
            last_look(view)
        view.state = "stopping"
        deployment.stop()
        feed.drain(_DRAIN_S)
        view.state = "stopped"
    return view, elapsed_s


def _watch(
    source: Source,
    view: Collection,
    lock: threading.Lock,
    settings: Settings,
    stop: threading.Event,
    deployment: Deployment,
    seconds: float | None,
) -> None:
    until = None if seconds is None else time.monotonic() + seconds
    while not stop.wait(_POLL_S):
        _check(deployment)
        if source.failure is not None:
            raise WorkersFailed(f"the source failed: {source.failure}")
        if until is not None and time.monotonic() >= until:
            return
        with lock:
            ended = view.ended(settings.owners.partitions)
        if ended if source.finite else source.done():
            return


def _all_speak(view: Collection, lock: threading.Lock, settings: Settings) -> bool:
    """Whether every partition of every stage has an owner that has said so."""
    wanted = sum(feed.partitions for feed in settings.feeds) + 3 * settings.owners.partitions
    with lock:
        return sum(health.stage != "gateway" for health in view.healths.values()) >= wanted


def _until(
    condition: Callable[[], bool], stop: threading.Event, deployment: Deployment, seconds: float, must: bool = True
) -> None:
    until = time.monotonic() + seconds
    while not condition() and not stop.wait(_POLL_S):
        _check(deployment)
        if time.monotonic() > until:
            if must:
                raise WorkersFailed(
                    f"the workers did not start within {seconds:.0f} s; see {deployment.directory}/*.log"
                )
            return


def _check(deployment: Deployment) -> None:
    for worker in deployment.workers.values():
        if worker.restarts > 5:
            raise WorkersFailed(f"worker {worker.name} keeps ending; see {deployment.directory}/{worker.name}.log")
