"""A worker: any set of stages in one process and one loop, each its own Faust app and group."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence

from streams.boundary import Fault, attempt_async
from streams.dead_letters import Origin, dead_letter
from streams.engine.arrivals import Arrivals
from streams.engine.exits import Exit, Leave, leave
from streams.engine.lock import InstanceLock
from streams.engine.probe import probe
from streams.engine.report import Reporter
from streams.engine.settings import EngineSettings, check
from streams.engine.side_input import Refused, SideInput
from streams.engine.stage import Stage, StageSpec
from streams.engine.watchdog import Watchdog
from streams.holes import HoleBook
from streams.log import Record
from streams.metrics import Metrics
from streams.tls_close import close_promptly

_log = logging.getLogger(__name__)
_CRASH_POLL_S = 0.25
_REFUSED = "bad-field"


async def run(
    stages: Sequence[StageSpec],
    settings: EngineSettings,
    stop: asyncio.Event,
    *,
    side_inputs: Mapping[str, Callable[[Record], None]] | None = None,
    writes: Iterable[str] = (),
    version: str = "0",
    leave: Leave = leave,
) -> None:
    """Run ``stages`` until ``stop``; then have everything confirmed, write last snapshots and health, and leave.

    ``side_inputs`` maps a versioned topic to what takes its records; nothing else is read before each is loaded. A
    core that waits for a version is tried again after every record taken. ``writes`` are the topics the stages write,
    for the probe of our rights. Raises BadEngineSettings, BadConnection, BrokerUnreachable, MissingTopics,
    MissingRights or InstanceTaken before anything is started; what goes wrong later ends the process.
    """
    check(settings)
    if "ssl_context" in settings.client:
        close_promptly()
    book = HoleBook()
    side_inputs = {settings.holes_topic: book.take, **(side_inputs or {})}
    topics = {topic for spec in stages for topic in spec.topics} | set(side_inputs)
    deployment = f"{settings.broker} {settings.group}"  # two brokers on one machine have nothing to do with each other
    with InstanceLock(deployment, settings.instance, settings.lock_directory):
        arrivals = Arrivals()
        tasks: list[asyncio.Task[None]] = []

        metrics, refused = Metrics(), asyncio.Queue[Refused]()

        def refuse(found: Refused) -> None:
            metrics.refused.labels(found.topic).inc()
            refused.put_nowait(found)

        async def prepare() -> None:
            ours = {settings.snapshot_topic, settings.health_topic}
            groups = [settings.group_of(spec.name) for spec in stages]
            await probe(settings, topics | ours, writes={*writes, *ours}, groups=groups)
            tasks.extend(await _load(side_inputs, settings, arrivals, refuse))

        if not await _unless(stop, prepare()):
            return
        metrics.serve(settings.metrics_port, settings.metrics_host)
        hosted = [Stage(spec, settings, metrics.stage(spec.name), arrivals, version, leave, book) for spec in stages]
        await _host(hosted, settings, stop, tasks, leave, refused)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let SIGTERM and SIGINT end :func:`run` in order."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


async def _unless(stop: asyncio.Event, work: Coroutine[None, None, None]) -> bool:
    """Whether ``work`` came to its end before ``stop``; raises what it raises."""
    working, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait((working,))
        return False
    working.result()
    return True


async def _load(
    side_inputs: Mapping[str, Callable[[Record], None]],
    settings: EngineSettings,
    arrivals: Arrivals,
    refuse: Callable[[Refused], None],
) -> list[asyncio.Task[None]]:
    inputs = [SideInput(settings.servers, topic, take, arrivals, refuse) for topic, take in side_inputs.items()]
    tasks = [asyncio.create_task(side_input.run()) for side_input in inputs]
    whole = False
    try:
        for task, side_input in zip(tasks, inputs, strict=True):
            loaded = asyncio.create_task(side_input.loaded())
            await asyncio.wait((task, loaded), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                loaded.cancel()
                task.result()  # say what ended it instead of waiting for ever
        whole = True
    finally:
        for task in () if whole else tasks:
            task.cancel()
    return tasks


async def _host(
    stages: Sequence[Stage],
    settings: EngineSettings,
    stop: asyncio.Event,
    tasks: list[asyncio.Task[None]],
    leave: Leave,
    refused: "asyncio.Queue[Refused]",
) -> None:
    reporters = [Reporter(stage) for stage in stages]
    watchdog = Watchdog([reporter.vitals for reporter in reporters], settings, leave)
    watchdog.start()
    await asyncio.gather(*(stage.start() for stage in stages))
    tasks.extend(asyncio.create_task(reporter.run()) for reporter in reporters)
    tasks.append(asyncio.create_task(_bury(refused, stages[0])))
    tasks.append(asyncio.create_task(_watch_crashes(stages, tasks, leave)))
    await stop.wait()
    _log.info("stopping")
    watchdog.end()
    for task in tasks:
        task.cancel()
    for stage, reporter in zip(stages, reporters, strict=True):
        await stage.close()
        await reporter.say(final=True)
    await asyncio.gather(*(stage.stop() for stage in stages))
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
    _log.info("stopped")


async def _bury(refused: "asyncio.Queue[Refused]", stage: Stage) -> None:
    """Keep what side inputs refused as dead letters; every worker does, under the same key."""
    while True:
        topic, partition, record, why = await refused.get()
        letter = dead_letter("side-input", _REFUSED, Origin.of(topic, partition, record), record.value, why)
        outcome = await attempt_async(stage.producer.begin(letter))
        if isinstance(outcome, Fault) or isinstance(outcome := await attempt_async(outcome), Fault):
            _log.error("a dead letter of %s/%d could not be written: %s", topic, partition, outcome)


async def _watch_crashes(stages: Sequence[Stage], tasks: Sequence[asyncio.Task[None]], leave: Leave) -> None:
    """Faust notes a crash of one of its services and goes on as if nothing had happened: end the process instead."""
    while True:
        await asyncio.sleep(_CRASH_POLL_S)
        for stage in stages:
            if stage.app.crashed:
                reason = type(stage.app.crash_reason).__name__
                leave(Exit.UNRECOVERABLE, f"{stage.name}: a service of Faust ended: {reason}")
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                leave(Exit.UNRECOVERABLE, f"a task ended: {type(error).__name__}")
