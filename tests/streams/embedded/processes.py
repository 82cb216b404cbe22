"""Waits for processes to end without sleeping, and runs Python in one that may be killed."""

import os
import select
import subprocess
import sys
from pathlib import Path


def gone(pid: int, within_s: float = 20.0) -> bool:
    """Whether process ``pid`` has ended before the time is up."""
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watch], [], [], within_s)[0])
    finally:
        os.close(watch)


def python(program: str, *arguments: str) -> "subprocess.Popen[str]":
    """A Python process in the project's directory whose standard output is read line by line."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        text=True,
    )
