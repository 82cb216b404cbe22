"""How a worker ends when going on would lose or invent something, and the codes its supervisor reads."""

import logging
import os
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import NoReturn

_log = logging.getLogger(__name__)


class Exit(IntEnum):
    """Exit codes of a worker. All but the last are restarted with back-off."""

    UNRECOVERABLE = 70  # a failed send, a fault that neither a retry nor a dead letter gets past
    HOLE = 71  # rows are missing between two records of one source
    SEEK = 72  # the consumer could not be placed where the state ends
    STALLED = 75  # alive, but nothing moves, or the lease cannot be kept
    STAY_DOWN = 78  # restarting cannot help: another worker uses this instance id


Leave = Callable[[Exit, str], NoReturn]


def leave(code: Exit, why: str) -> NoReturn:
    """End the process now, without acknowledging anything. ``why`` must hold no identifier or coordinate."""
    _log.critical("leaving with %d (%s): %s", code, code.name.lower(), why)
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
