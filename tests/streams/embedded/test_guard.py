"""The guard ends what it guards, whatever happens to whom."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from streams.embedded.process import GuardedProcess
from tests.streams.embedded.processes import gone, python

_STARTER = """
import sys
from pathlib import Path
from streams.embedded.process import GuardedProcess
process = GuardedProcess(["/bin/sleep", "600"], Path(sys.argv[1]) / "log", remove=Path(sys.argv[1]) / "data")
print(process.pid, process.guard_pid, flush=True)
sys.stdin.read()
"""


def _sleeper(directory: Path) -> GuardedProcess:
    return GuardedProcess(["/bin/sleep", "600"], directory / "log")


def test_stop_ends_the_process(tmp_path: Path) -> None:
    """Law: after stop neither the process nor its guard is there."""
    process = _sleeper(tmp_path)
    process.stop()
    assert gone(process.pid, 0)
    assert gone(process.guard_pid, 0)
    assert not process.alive()


def test_stop_ends_a_frozen_process(tmp_path: Path) -> None:
    """Law: a process that is frozen, and so could not hear, is ended all the same and without the long wait."""
    process = _sleeper(tmp_path)
    process.signal(signal.SIGSTOP)
    process.stop()
    assert gone(process.pid, 0)


def test_stop_ends_a_deaf_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: what ignores SIGTERM is killed when the patience is over."""
    guard = tmp_path / "guard.py"
    source = Path("streams/embedded/guard.py").read_text()
    assert "_GRACE_S = 10.0" in source
    guard.write_text(source.replace("_GRACE_S = 10.0", "_GRACE_S = 0.2"))
    monkeypatch.setattr("streams.embedded.process.guard.__file__", str(guard))
    deaf = (
        "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    )
    os.mkfifo(tmp_path / "log")
    process = GuardedProcess([sys.executable, "-c", deaf], tmp_path / "log")
    with (tmp_path / "log").open() as log:
        assert log.readline() == "deaf\n"
    process.stop()
    assert gone(process.pid, 0)


def test_process_dies_with_its_guard(tmp_path: Path) -> None:
    """Law: kill -9 of the guard leaves no process behind."""
    process = _sleeper(tmp_path)
    os.kill(process.guard_pid, signal.SIGKILL)
    assert gone(process.pid)
    process.stop()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_process_and_data_go_with_the_parent(tmp_path: Path, how: signal.Signals) -> None:
    """Law: when the parent ends, even by kill -9, process, guard and the run's directory are gone."""
    (tmp_path / "data").mkdir()
    parent = subprocess.Popen(
        [sys.executable, "-c", _STARTER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        pid, guard_pid = map(int, parent.stdout.readline().split())
        parent.send_signal(how)
        parent.wait(20)
    assert gone(pid)
    assert gone(guard_pid)
    assert not (tmp_path / "data").exists()


def test_process_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    """Law: only the parent process counts; the thread that started the process may end."""
    program = _STARTER.replace(
        "process = ", "import threading\nbox = []\nthread = threading.Thread(target=lambda: box.append("
    )
    program = program.replace('"data")\n', '"data")))\nthread.start(); thread.join(); process = box[0]\n')
    program = program.replace("sys.stdin.read()", "print(process.alive(), flush=True); process.stop()")
    with python(program, str(tmp_path)) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        assert parent.stdout.readline() == "True\n"


def test_detached_process_outlives_its_parent(tmp_path: Path) -> None:
    """Law: a detached process stays when its parent is killed, and SIGTERM to its guard ends it."""
    program = _STARTER.replace('remove=Path(sys.argv[1]) / "data"', "detached=True")
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        pid, guard_pid = map(int, parent.stdout.readline().split())
        parent.kill()
    assert not gone(pid, 0.3)
    os.kill(guard_pid, signal.SIGTERM)
    assert gone(pid)


def test_output_and_exit_are_kept(tmp_path: Path) -> None:
    """Law: what the process writes is in its log, and a process that ended by itself is seen as ended."""
    process = GuardedProcess(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], tmp_path / "log")
    assert gone(process.guard_pid)
    assert not process.alive()
    assert (tmp_path / "log").read_text() == "out\nerr\n"


def test_program_that_is_not_there(tmp_path: Path) -> None:
    """Law: a program that cannot be executed ends at once and is never reported alive."""
    process = GuardedProcess([str(tmp_path / "absent")], tmp_path / "log")
    assert gone(process.guard_pid)
    assert not process.alive()
