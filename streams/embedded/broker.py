"""One real Kafka broker on loopback, as long as somebody needs it."""

import os
import shutil
import signal
import tempfile
import time
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.embedded.archive import class_archive
from streams.embedded.classpath import resolve_jars
from streams.embedded.errors import BrokerFailed
from streams.embedded.process import GuardedProcess
from streams.embedded.ready import wait_for_broker
from streams.embedded.secure import SecureListeners
from streams.embedded.settings import Ports, free_ports, jvm_options, server_properties
from streams.embedded.storage import format_storage, java_command

_PORT_ATTEMPTS = 5


class EmbeddedBroker:
    """A combined KRaft broker and controller in a process of its own, which never outlives this one.

    ``data_dir`` keeps the data and may be used again; without it a temporary directory is made, and removed on
    ``stop`` unless ``keep``. ``for_load`` starts slower and runs faster. ``detached`` outlives this process: the
    caller then remembers ``guard_pid``. ``listeners`` adds ports that want a certificate or a password.
    Use it as a context manager, or ``start`` and ``stop``.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        keep: bool = False,
        for_load: bool = False,
        detached: bool = False,
        timeout_s: float = 60.0,
        listeners: SecureListeners | None = None,
    ) -> None:
        self._given = data_dir
        self._keep = keep or data_dir is not None
        self._for_load = for_load
        self._detached = detached
        self._timeout_s = timeout_s
        self._listeners = listeners
        self._data: Path | None = None
        self._ports: Ports | None = None
        self._process: GuardedProcess | None = None
        self.ready_s: float | None = None  # from start to the first answer

    @property
    def bootstrap(self) -> str:
        """``host:port`` for clients; the same after a restart."""
        if self._ports is None:
            raise BrokerFailed("the broker was never started")
        return f"127.0.0.1:{self._ports.client}"

    @property
    def data_dir(self) -> Path:
        """Where the data and ``broker.log`` are."""
        if self._data is None:
            raise BrokerFailed("the broker was never started")
        return self._data

    @property
    def pid(self) -> int:
        """The broker's process."""
        return self._running().pid

    @property
    def guard_pid(self) -> int:
        """The process that ends the broker: SIGTERM to it is a clean stop."""
        return self._running().guard_pid

    def start(self) -> Self:
        """Start and wait until the broker answers; another pair of ports is tried where one was taken meanwhile."""
        if self.alive():
            raise BrokerFailed("the broker is running already")
        self._process = None
        if self._data is None:
            data = self._given or Path(tempfile.mkdtemp(prefix="vedette-kafka-"))
            data.mkdir(parents=True, exist_ok=True)
            self._data = data.resolve()
        class_archive()  # made before the clock starts
        begun = time.monotonic()
        try:
            format_storage(self._data)
            self._process = self._answering(self._data)
            self.ready_s = time.monotonic() - begun
        finally:
            if self._process is None:  # Ctrl-C while starting is a failure too
                self._forget_data()
        return self

    def _answering(self, data: Path) -> GuardedProcess:
        fixed = self._ports
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            self._ports = fixed or free_ports()
            process = self._spawn(data, self._ports)
            answers = False
            try:
                answers = wait_for_broker("127.0.0.1", self._ports.client, self._timeout_s, alive=process.alive)
            finally:
                if not answers:
                    process.stop()
            if answers:
                return process
            log = _log_end(data)
            if fixed or "BindException" not in log or attempt == _PORT_ATTEMPTS:
                raise BrokerFailed(f"the broker did not start; the end of its log:\n{log}")
        raise AssertionError("unreachable")

    def stop(self) -> None:
        """Stop cleanly (about 0.5 s), and remove the data unless it is kept. Does nothing when stopped already."""
        if self._process is not None:
            self._process.stop()
        self._forget_data()

    def kill(self) -> None:
        """End the broker as a power cut would; the data stays for :meth:`restart_on_same_data`."""
        self._running().kill()

    def restart_on_same_data(self) -> None:
        """Start again on the same data and port; where it still runs it is stopped cleanly first."""
        if self._process is not None:
            self._process.stop()
        self.start()

    def pause(self) -> None:
        """Freeze the broker: connections stay open and nothing answers."""
        self._running().signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen broker go on."""
        self._running().signal(signal.SIGCONT)

    def alive(self) -> bool:
        """Whether the broker's process runs (frozen counts)."""
        return self._process is not None and self._process.alive()

    def rss_bytes(self) -> int:
        """Resident memory of the broker's process."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _running(self) -> GuardedProcess:
        if self._process is None or not self._process.alive():
            raise BrokerFailed("the broker is not running")
        return self._process

    def _spawn(self, data: Path, ports: Ports) -> GuardedProcess:
        properties = data / "server.properties"
        properties.write_text(server_properties(data, ports, self._listeners))
        log = data / "broker.log"
        log.write_bytes(b"")
        options = jvm_options(class_archive(), for_load=self._for_load)
        command = [*java_command(resolve_jars(), options), "kafka.Kafka", str(properties)]
        return GuardedProcess(command, log, remove=None if self._keep else data, detached=self._detached)

    def _forget_data(self) -> None:
        if self._data is not None and not self._keep:
            shutil.rmtree(self._data, ignore_errors=True)
            self._data = None
            self._ports = None


def _log_end(data: Path) -> str:
    with (data / "broker.log").open(errors="replace") as lines:
        return "".join(deque(lines, maxlen=15))
