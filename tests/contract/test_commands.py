"""What there is to run is listed: every benchmark, every make target."""

import re
import subprocess
import sys

from tests.docs.pages import ROOT


def test_every_benchmark_is_listed() -> None:
    """Law: `python -m benchmarks --list` names every program that writes figures, each with what it measures."""
    command = [sys.executable, "-m", "benchmarks", "--list"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = {line.split()[0]: line.split()[1:] for line in said.splitlines()}
    programs = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if 'add_argument("--json"' in path.read_text()}
    assert programs - {"__main__"} == set(listed)
    assert all(listed.values())


def test_make_help_lists_every_target() -> None:
    """Law: every target that is no file is in `make help`, but for what others use: `system` and `browser`."""
    text = (ROOT / "Makefile").read_text()
    targets = set(re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split())  # type: ignore[index]
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in said.splitlines()} == targets - {"system", "browser"}
