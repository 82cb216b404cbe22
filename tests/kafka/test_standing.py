"""The broker that stays: started, found by other verbs, stopped; and a newcomer's first commands as written."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from streams.cli.broker_option import default_broker
from streams.cli.main import vedette
from streams.embedded.standing import Standing
from tests.streams.embedded.processes import gone

pytestmark = pytest.mark.kafka
_ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In a directory of its own, where no broker is left behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VEDETTE_BROKER", raising=False)
    yield
    left = Standing.read()
    if left is not None:
        left.stop()


def _vedette(*arguments: str) -> Result:
    return CliRunner().invoke(vedette, ["broker", *arguments])


def test_start_status_stop() -> None:
    """Law: started once it stays, is found by status and by every verb's default; stopped it is gone, its data not."""
    assert _vedette("status").exit_code == 3
    assert default_broker() == "127.0.0.1:9092"
    address = _vedette("start").output.strip()
    assert _vedette("start").output.strip() == address  # the running one
    found = json.loads(_vedette("status", "--json").output)
    assert (found["running"], found["broker"]) == (True, address)
    assert default_broker() == address
    assert _vedette("stop").output == "stopped\n"
    assert gone(found["pid"], 0)
    assert (Path(found["data"]) / "broker.log").is_file()
    assert json.loads(_vedette("status", "--json").output) == {"running": False}
    assert _vedette("stop", "--json").output == '{"stopped": false}\n'


def test_a_broker_that_died_is_not_running() -> None:
    """Law: what is remembered of a killed broker is not taken for a running one, and start makes a new one."""
    _vedette("start")
    dead = Standing.read()
    assert dead is not None
    os.kill(dead.pid, signal.SIGKILL)
    assert gone(dead.guard_pid)
    assert not dead.alive()
    assert _vedette("status").exit_code == 3
    assert _vedette("start").exit_code == 0
    again = Standing.read()
    assert again is not None
    assert again.alive()


def test_memory_of_another_process_is_not_believed() -> None:
    """Law: a process id that now belongs to somebody else is never signalled: the start time must agree."""
    stale = Standing("127.0.0.1:1", os.getpid(), os.getpid(), 1, "nowhere")
    Standing.FILE.parent.mkdir()
    Standing.FILE.write_bytes(msgspec.json.encode(stale))
    assert Standing.read() == stale
    assert not stale.alive()
    stale.stop()  # would end this very process otherwise


def test_first_commands_of_a_newcomer(tmp_path: Path) -> None:
    """Law: every ``vedette`` command of CONTRIBUTING.md runs as written, in its order."""
    (tmp_path / "deploy").symlink_to(_ROOT / "deploy")
    commands = re.findall(r"^    \.venv/bin/vedette (.*)$", (_ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert len(commands) >= 6
    for command in commands:
        line = [sys.executable, "-m", "streams.cli.main", *command.split()]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"vedette {command}: {done.stderr}"
