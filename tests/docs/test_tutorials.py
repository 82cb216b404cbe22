"""The tutorials are true: every command in them is executed, in order, in one shell."""

import contextlib
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
_BLOCK = re.compile(r"^```sh(?: (?P<kind>\w+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def script(page: str) -> str:
    """All shell blocks of a page but its set-up (the test is set up already), stopping at the first that fails."""
    blocks = [block for block in _BLOCK.finditer(page) if block["kind"] != "setup"]
    return "set -euo pipefail\n" + "\n".join(block["body"] for block in blocks)


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_every_command_of_a_tutorial_works(page: Path, tmp_path: Path) -> None:
    """A newcomer who types what the page says gets what the page says."""
    text = page.read_text()
    environment = {key: value for key, value in os.environ.items() if key != "VEDETTE_BROKER"}
    environment["PATH"] = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{environment['PATH']}"
    said = tmp_path / "said"
    with said.open("wb") as out:  # no pipe: what the script leaves running would keep it open
        shell = subprocess.Popen(
            ("bash", "-xc", script(text)), cwd=tmp_path, env=environment, stdout=out, stderr=out, start_new_session=True
        )
        try:
            code = shell.wait(280)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGTERM)
    if code:
        subprocess.run(
            ("vedette", "broker", "stop"), cwd=tmp_path / "harbour", env=environment, check=False, timeout=60
        )
    assert code == 0, said.read_text()[-4000:]
