"""A forked process is like a started one: its own session, environment, log, exit code; and it ends with its parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.prefork import Forked, Prefork
from streams.supervisor import WorkerProcess

JOB = "tests.streams.forked_job"


def _until(condition: Callable[[], bool]) -> None:
    """Wait for the condition, 20 s at most."""
    deadline, pause = time.monotonic() + 20.0, threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.01)


def _said(log: Path) -> bool:
    return log.exists() and log.read_bytes().endswith(b"\n")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def prefork(tmp_path: Path) -> Iterator[Prefork]:
    """A forking process that has little to import."""
    made = Prefork(tmp_path / "prefork.log", ("json",))
    yield made
    made.close()


def _spawn(prefork: Prefork, log: Path, *arguments: str, **environment: str) -> Forked:
    forked = prefork.spawn(JOB, arguments, log, {**os.environ, **environment})
    assert forked is not None
    return forked


def test_a_forked_process_is_like_a_started_one(prefork: Prefork, tmp_path: Path) -> None:
    """Law: own session, the arguments, the environment asked for and no other, output at the end of its own log."""
    log = tmp_path / "job.log"
    log.write_text("before\n")
    forked = _spawn(prefork, log, "say", COLOUR="blue")
    assert forked.wait(20) == 0
    before, said = log.read_text().splitlines()
    pid, parent, session, colour, arguments = said.split(" ", 4)
    assert (before, int(pid), session, colour, arguments) == ("before", forked.pid, pid, "blue", "['say']")
    assert int(parent) != os.getpid()
    assert "COLOUR" not in os.environ


@pytest.mark.parametrize(
    "arguments, code",
    [(("say", "7"), 7), (("killed",), -signal.SIGKILL), (("raise",), 1)],
    ids=["code", "signal", "error"],
)
def test_how_it_ended_is_told(prefork: Prefork, tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    """Law: an exit code, a signal and an exception are told apart, as by ``subprocess``; the exception is logged."""
    log = tmp_path / "job.log"
    assert _spawn(prefork, log, *arguments).wait(20) == code
    assert ("RuntimeError: as asked" in log.read_text()) == (arguments == ("raise",))


def test_signals_reach_it_and_waiting_may_be_limited(prefork: Prefork, tmp_path: Path) -> None:
    """Law: a wait that is over raises; SIGTERM ends the process; signals after its end go nowhere."""
    forked = _spawn(prefork, tmp_path / "job.log", "sleep")
    with pytest.raises(subprocess.TimeoutExpired):
        forked.wait(0.05)
    forked.send_signal(signal.SIGTERM)
    assert forked.wait(20) == -signal.SIGTERM
    forked.kill()
    forked.send_signal(signal.SIGTERM)
    assert forked.wait() == -signal.SIGTERM


def test_a_lost_forking_process_is_replaced(prefork: Prefork, tmp_path: Path) -> None:
    """Law: where the forking process is killed its processes end with it, and the next order has a new one."""
    log = tmp_path / "job.log"
    first = _spawn(prefork, log, "sleep")
    _until(lambda: _said(log))
    os.kill(int(log.read_text().split()[1]), signal.SIGKILL)
    assert first.wait(20) == -signal.SIGTERM
    assert not _alive(first.pid)
    assert _spawn(prefork, log, "say", "3").wait(20) == 3


def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    """Law: kill -9 of the supervisor ends the forking process and what was forked."""
    log = tmp_path / "job.log"
    script = (
        "import os, sys, time; from pathlib import Path; from streams.prefork import Prefork;"
        f"Prefork(Path({str(tmp_path / 'prefork.log')!r}), ())"
        f".spawn({JOB!r}, ('sleep',), Path({str(log)!r}), os.environ); sys.stdin.read()"
    )
    supervisor = subprocess.Popen((sys.executable, "-c", script), stdin=subprocess.PIPE)
    _until(lambda: _said(log))
    pid, parent = map(int, log.read_text().split()[:2])
    supervisor.kill()
    supervisor.communicate()
    _until(lambda: not _alive(pid) and not _alive(parent))


def test_what_cannot_be_forked_is_started(tmp_path: Path) -> None:
    """Law: where the forking process cannot do its work, a worker is started as without one."""
    prefork = Prefork(tmp_path / "prefork.log", ("no_such_module",))
    worker = WorkerProcess("w1", ("sleep",), tmp_path / "w1.log", module=JOB, prefork=prefork)
    _until(lambda: _said(tmp_path / "w1.log"))
    assert int((tmp_path / "w1.log").read_text().split()[1]) == os.getpid()
    worker.stop()
    prefork.close()
    assert "no_such_module" in (tmp_path / "prefork.log").read_text()


def test_a_worker_is_restarted_until_it_is_stopped(prefork: Prefork, tmp_path: Path) -> None:
    """Law: whatever ends by itself is started again, and nothing once it was told to stop."""
    log = tmp_path / "w1.log"
    worker = WorkerProcess("w1", ("sleep",), log, module=JOB, prefork=prefork)
    first = worker.pid
    _until(lambda: _said(log))
    worker.signal(signal.SIGKILL)
    _until(lambda: worker.pid != first)
    worker.stop()
    assert worker.restarts == 1
    assert not _alive(worker.pid)
