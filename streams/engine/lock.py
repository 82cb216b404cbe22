"""One live worker per instance id on this machine: two would evict each other from their group for ever."""

import fcntl
import hashlib
import os
import tempfile
from pathlib import Path
from types import TracebackType


class InstanceTaken(RuntimeError):
    """Another live worker on this machine uses this instance id."""


class InstanceLock:
    """Held while the process lives, however it ends; the kernel releases it."""

    def __init__(self, group: str, instance: str, directory: str | None = None) -> None:
        name = hashlib.blake2b(f"{group}/{instance}".encode(), digest_size=8).hexdigest()
        self._path = Path(directory or tempfile.gettempdir()) / f"vedette-{os.getuid()}-{name}.lock"
        self._instance = instance
        self._file: int | None = None

    def __enter__(self) -> "InstanceLock":
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            self._file = None
            raise InstanceTaken(f"instance {self._instance!r} is already running on this machine") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
