"""The broker that stays after the command that started it: ``vedette broker start`` and ``stop``."""

import os
import signal
import time
from pathlib import Path
from typing import ClassVar, Self

import msgspec

from streams.embedded.broker import EmbeddedBroker
from streams.embedded.errors import BrokerFailed

_PATIENCE_S = 20.0


class Standing(msgspec.Struct, frozen=True):
    """What is remembered of it in ``.vedette/broker.json``. A process is known by its id *and* its start time."""

    FILE: ClassVar[Path] = Path(".vedette") / "broker.json"

    bootstrap: str
    pid: int
    guard_pid: int
    guard_started: int  # clock ticks since boot
    data_dir: str

    @classmethod
    def start(cls, data_dir: Path, *, for_load: bool = False) -> Self:
        """Start a broker that outlives this process, or return the one that runs."""
        running = cls.read()
        if running is not None and running.alive():
            return running
        broker = EmbeddedBroker(data_dir, for_load=for_load, detached=True).start()
        started = _started(broker.guard_pid)
        assert started is not None
        standing = cls(broker.bootstrap, broker.pid, broker.guard_pid, started, str(broker.data_dir))
        cls.FILE.parent.mkdir(parents=True, exist_ok=True)
        cls.FILE.write_bytes(msgspec.json.format(msgspec.json.encode(standing)))
        return standing

    @classmethod
    def read(cls) -> Self | None:
        """The remembered broker, running or not; None when none was started here."""
        try:
            return msgspec.json.decode(cls.FILE.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError):
            return None

    def alive(self) -> bool:
        """Whether it still runs."""
        return _started(self.guard_pid) == self.guard_started

    def stop(self) -> None:
        """Stop it cleanly and forget it; its data stays."""
        deadline = time.monotonic() + _PATIENCE_S
        if self.alive():
            os.kill(self.guard_pid, signal.SIGTERM)
        while self.alive():
            if time.monotonic() > deadline:
                raise BrokerFailed(f"the broker (process {self.pid}) does not end")
            time.sleep(0.02)
        self.FILE.unlink(missing_ok=True)


def _started(pid: int) -> int | None:
    """When a live process began, in clock ticks since boot; None when there is none (a zombie is none)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])
