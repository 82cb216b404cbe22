"""A process that is watched by a guard, so that it never outlives the one that asked for it."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from streams.embedded import guard

_STOP_S = 15.0  # a little more than the guard's own patience


class GuardedProcess:
    """``command`` under ``guard.py``, its output appended to ``log``.

    ``detached`` lets it outlive this process; ``remove`` is a directory that goes when this process vanishes.
    """

    def __init__(self, command: list[str], log: Path, *, remove: Path | None = None, detached: bool = False) -> None:
        watched = 0 if detached else os.getpid()
        guarded = [sys.executable, "-I", "-S", guard.__file__, str(watched), str(remove or ""), str(log), *command]
        # A session of its own: Ctrl-C in a terminal must reach the workers first, and the broker last.
        self._guard = subprocess.Popen(
            guarded,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "MALLOC_ARENA_MAX": "2"},  # glibc's arenas cost the broker 20 MiB for nothing
        )
        assert self._guard.stdout is not None
        with self._guard.stdout as said:
            words = said.readline().split()
        if detached or not words:
            self._guard.wait()
        if not words:
            raise OSError(f"{command[0]} could not be started under its guard")
        self.pid, self.guard_pid = int(words[0]), int(words[1])
        self._watch = os.pidfd_open(self.guard_pid)

    def alive(self) -> bool:
        """Whether it runs (frozen counts)."""
        if self._watch >= 0 and self._ended(0):
            self._forget()
        return self._watch >= 0

    def signal(self, number: int) -> None:
        """Send a signal to the process itself, past its guard."""
        os.kill(self.pid, number)

    def stop(self) -> None:
        """Ask it to end, kill it when it does not; returns when it is gone."""
        if self.alive():
            signal.pidfd_send_signal(self._watch, signal.SIGTERM)
            if not self._ended(_STOP_S):
                signal.pidfd_send_signal(self._watch, signal.SIGKILL)  # the kernel then kills the guarded process
        self._forget()

    def kill(self) -> None:
        """End it as a power cut would; returns when it is gone."""
        self.signal(signal.SIGKILL)
        self._forget()

    def _ended(self, within_s: float | None) -> bool:
        return bool(select.select([self._watch], [], [], within_s)[0])

    def _forget(self) -> None:
        if self._watch >= 0:
            self._ended(None)
            os.close(self._watch)
            self._watch = -1
            self._guard.wait()
