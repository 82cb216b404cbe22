"""The supervisor's end of the process that workers are forked from (``streams/prefork_server.py``)."""

import contextlib
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from streams.prefork_server import LARGEST, Ended, Order, Started, die_with_parent

WORKER = ("streams.cli.working",)  # what a worker imports
_NEWS = msgspec.json.Decoder(Started | Ended)
_PATIENCE_S = 60.0  # for a fork, the imports before the first one included


class Forked:
    """A process forked on our order: what :class:`subprocess.Popen` offers, as far as a supervisor needs it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None
        self._told = threading.Event()
        try:
            self._pidfd = os.pidfd_open(pid)  # a signal must not reach whoever is given the number next
        except ProcessLookupError:
            self._pidfd = -1  # gone already

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; raises :class:`subprocess.TimeoutExpired`."""
        if self._pidfd >= 0:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            if not poll.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
        self._told.wait()
        return -signal.SIGTERM if self._code is None else self._code

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing where the process is gone."""
        if self._pidfd >= 0 and not self._told.is_set():
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def tell(self, code: int | None) -> None:
        """The exit code has come; None where nobody is left to say it."""
        self._code = code
        self._told.set()

    def __del__(self) -> None:
        if self._pidfd >= 0:
            os.close(self._pidfd)


class Prefork:
    """A forking process, started at once and again where it is lost. Its workers end with it, in order."""

    def __init__(self, log: Path, modules: Sequence[str] = WORKER) -> None:
        self._log, self._modules = log, tuple(modules)
        self._lock = threading.Lock()
        self._link = _Link(log, self._modules)

    def spawn(self, module: str, arguments: Sequence[str], log: Path, environment: Mapping[str, str]) -> Forked | None:
        """Run a module in a new process; None where that cannot be had here."""
        with self._lock:
            if self._link.lost.is_set():
                self._link.close()
                self._link = _Link(self._log, self._modules)
            return self._link.ask(Order(module, tuple(arguments), str(log), dict(environment)))

    def close(self) -> None:
        """End the forking process, and with it, by SIGTERM, what was forked and still runs."""
        with self._lock:
            self._link.close()


class _Link:
    """One forking process, and a thread that hears from it."""

    def __init__(self, log: Path, modules: Sequence[str]) -> None:
        self.lost = threading.Event()
        self._answers: queue.SimpleQueue[Forked | None] = queue.SimpleQueue()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, log.open("ab") as output:
            self._server = subprocess.Popen(
                (sys.executable, "-m", "streams.prefork_server", str(theirs.fileno()), *modules),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # a library's own threads would not survive a fork
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                pass_fds=(theirs.fileno(),),
                preexec_fn=die_with_parent,
                start_new_session=True,
            )
        self._channel = ours
        self._thread = threading.Thread(target=self._hear, name="prefork", daemon=True)
        self._thread.start()

    def ask(self, order: Order) -> Forked | None:
        try:
            self._channel.send(msgspec.json.encode(order))
            return self._answers.get(timeout=_PATIENCE_S)
        except (OSError, queue.Empty):
            return None

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        self._server.wait()
        self._thread.join()
        self._channel.close()

    def _hear(self) -> None:
        running: dict[int, Forked] = {}
        while message := self._heard():
            news = _NEWS.decode(message)
            if isinstance(news, Started):
                running[news.pid] = Forked(news.pid)
                self._answers.put(running[news.pid])
            elif news.pid in running:
                running.pop(news.pid).tell(news.code)
        self.lost.set()
        self._answers.put(None)
        for forked in running.values():
            forked.tell(None)

    def _heard(self) -> bytes:
        try:
            return self._channel.recv(LARGEST)
        except OSError:
            return b""
