"""Where what takes long to make is kept for the next start: Kafka's jars and class data, indices of zones."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_dir() -> Path:
    """``VEDETTE_CACHE``, else ``vedette`` under the user's cache directory."""
    chosen = os.environ.get("VEDETTE_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vedette"


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Holds ``directory`` for one process, so that two starts at once never make the same thing twice."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
