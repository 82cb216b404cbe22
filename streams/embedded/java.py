"""Finds the Java runtime the broker runs on."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

from streams.embedded.errors import ToolMissing

OLDEST = 17  # Kafka 4 brokers need Java 17


class Java(NamedTuple):
    """A runtime: its launcher and its full version, which a class-data archive is bound to."""

    launcher: Path
    version: str


@cache
def find_java() -> Java:
    """The runtime of ``JAVA_HOME``, else of the search path; :class:`ToolMissing` when it is absent or too old."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else None
    found = found or shutil.which("java")
    if found is None:
        raise ToolMissing(f"no Java runtime found; install one of version {OLDEST} or newer, or run `make setup`")
    spoken = subprocess.run([found, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "((\d+)[^"]*)"', spoken.stderr + spoken.stdout)
    if version is None or int(version[2]) < OLDEST:
        saw = version[1] if version else "an unknown version"
        raise ToolMissing(f"{found} is {saw}; the broker needs Java {OLDEST} or newer (JAVA_HOME chooses another)")
    return Java(Path(found), version[1])
