"""Worker processes and their restarts: 0.1 s after the first end, doubling to 30 s, back to 0.1 s after a minute up."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from streams.prefork import Prefork
from streams.prefork_server import die_with_parent

_FIRST_S, _LONGEST_S, _STEADY_S = 0.1, 30.0, 60.0
STAY_DOWN = 78  # the worker asks not to be restarted (a duplicate instance id)


class Process(Protocol):
    """A running worker, started or forked."""

    @property
    def pid(self) -> int: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int) -> None: ...
    def kill(self) -> None: ...


class WorkerProcess:
    """One worker, started again whenever it ends without having been told to."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        module: str = "streams.cli.main",
        prefork: Prefork | None = None,
    ) -> None:
        self.name = name
        self.restarts = 0
        self._module, self._arguments, self._prefork = module, tuple(arguments), prefork
        self._log = log
        self._environment = {**os.environ, **(environment or {})}
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # between a restart and a stop: what is started is also stopped
        self._process = self._start()
        self._thread = threading.Thread(target=self._watch, name=f"supervise-{name}", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """Process id of the running worker."""
        return self._process.pid

    def signal(self, number: int) -> None:
        """Send a signal to the running worker; nothing where it has just ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def strike(self) -> None:
        """SIGKILL; it is started again."""
        self.signal(signal.SIGKILL)

    def lose(self) -> None:
        """SIGKILL, and not started again, as if its host were lost."""
        with self._lock:
            self._stopping.set()
        self.signal(signal.SIGKILL)
        self._process.wait()
        self._thread.join()

    def stop(self, patience_s: float = 20.0) -> None:
        """SIGTERM, then SIGKILL to one that does not end within ``patience_s``."""
        with self._lock:
            self._stopping.set()
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()

    def _start(self) -> Process:
        """Fork it where everything is imported already, which takes 20 ms instead of 2 s; else start it."""
        if self._prefork is not None:
            forked = self._prefork.spawn(self._module, self._arguments, self._log, self._environment)
            if forked is not None:
                return forked
        with self._log.open("ab") as log:
            return subprocess.Popen(
                (sys.executable, "-m", self._module, *self._arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                preexec_fn=die_with_parent,
                start_new_session=True,
            )

    def _watch(self) -> None:
        pause_s = _FIRST_S
        while True:
            started = time.monotonic()
            code = self._process.wait()
            if self._stopping.is_set() or code == STAY_DOWN:
                return
            pause_s = _FIRST_S if time.monotonic() - started > _STEADY_S else pause_s
            if self._stopping.wait(pause_s):
                return
            pause_s = min(2 * pause_s, _LONGEST_S)
            with self._lock:
                if self._stopping.is_set():
                    return
                self.restarts += 1
                self._process = self._start()
