"""The process that workers are forked from. What they import is imported here once: a fork takes 20 ms, a start 2 s.

It does nothing but wait: no thread, no loop, no connection, so there is nothing a fork could tear in two. It ends when
the supervisor does, and the workers with it.

    python -m streams.prefork_server CHANNEL MODULE...      the number of a socket, and what to import beforehand
"""

import ctypes
import gc
import importlib
import os
import runpy
import select
import signal
import socket
import sys
from collections.abc import Sequence

import msgspec

_PR_SET_PDEATHSIG = 1
LARGEST = 1 << 18  # bytes of one message


class Order(msgspec.Struct, frozen=True):
    """Run ``module`` with ``arguments``; what it prints goes to the end of the file ``log``."""

    module: str
    arguments: tuple[str, ...]
    log: str
    environment: dict[str, str]


class Started(msgspec.Struct, frozen=True, tag=True):
    """The order before is running."""

    pid: int


class Ended(msgspec.Struct, frozen=True, tag=True):
    """A process is gone; the code is negative where a signal ended it."""

    pid: int
    code: int


def die_with_parent() -> None:
    """In a child, before it runs: ask the kernel for SIGTERM when the parent is gone, however it went."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _serve(channel: socket.socket) -> Order | None:
    """Fork for every order; returns the order in the child, and None in the parent when the supervisor is gone."""
    children: dict[int, int] = {}  # pidfd -> pid
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    while True:
        for ready, _ in poll.poll():
            if pid := children.pop(ready, 0):
                poll.unregister(ready)
                os.close(ready)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                channel.send(msgspec.json.encode(Ended(pid, code)))
                continue
            if not (message := channel.recv(LARGEST)):
                return None
            parent, pid = os.getpid(), os.fork()
            if pid == 0:
                for inherited in (channel.fileno(), *children):
                    os.close(inherited)
                die_with_parent()
                if os.getppid() != parent:
                    return None
                return msgspec.json.decode(message, type=Order)
            children[pidfd := os.pidfd_open(pid)] = pid
            poll.register(pidfd, select.POLLIN)
            channel.send(msgspec.json.encode(Started(pid)))


def _become(order: Order) -> None:
    """Be the process that was ordered, as if started by itself."""
    os.setsid()
    null, log = os.open(os.devnull, os.O_RDONLY), os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for old, new in ((null, 0), (log, 1), (log, 2)):
        os.dup2(old, new)
    os.close(null)
    os.close(log)
    os.environ.clear()
    os.environ.update(order.environment)
    sys.argv[1:] = order.arguments
    runpy.run_module(order.module, run_name="__main__", alter_sys=True)


def main(arguments: Sequence[str]) -> None:
    """Import, then serve until the supervisor is gone."""
    channel, *modules = arguments
    for name in modules:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # the collector would touch, and so copy, every page the children share
    link = socket.socket(fileno=int(channel))
    order = _serve(link)
    if order is None:
        return
    link.detach()  # closed already, in the child
    _become(order)


if __name__ == "__main__":
    main(sys.argv[1:])
