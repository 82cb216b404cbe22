"""Holds one broker process and never outlives its reason: run by path, with the standard library only.

``python -I -S guard.py PARENT REMOVE LOG COMMAND...`` starts COMMAND with its output appended to LOG, prints its
process id and its own, and ends it, first asking and then killing, when asked to (SIGTERM) or when process PARENT is
gone (0: no parent is watched, and this process goes to the background). Where the parent vanished, directory REMOVE (if
not empty) goes with the broker. COMMAND is killed by the kernel when this process dies, whatever kills it. Watching by
pidfd and not by the parent-death signal: the latter fires when the *thread* that forked ends, and a broker may be
started from a short-lived thread.
"""

import ctypes
import os
import select
import shutil
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_GRACE_S = 10.0
_WORDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def _become(command: list[str], log: str, guard: int, prctl: Callable[[int, int], int]) -> None:
    """In the forked child: die with the guard, write to the log, turn into the command."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:
        os._exit(1)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    for word in _WORDS:
        signal.signal(word, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WORDS)
    try:
        os.execv(command[0], command)
    finally:
        os._exit(127)


def _end(child: int, child_fd: int) -> None:
    """Ask, wait, kill; a stopped process is woken first, since it could not hear."""
    for word, patience_s in ((signal.SIGTERM, _GRACE_S), (signal.SIGKILL, None)):
        os.kill(child, word)
        os.kill(child, signal.SIGCONT)
        if select.select([child_fd], [], [], patience_s)[0]:
            return


def main(argv: list[str]) -> int:
    """Run until the command ends, SIGTERM comes or the parent is gone; the command's exit code, modulo 256."""
    parent, remove, log, command = int(argv[0]), argv[1], argv[2], argv[3:]
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    heard, tell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(tell)
    for word in _WORDS:
        signal.signal(word, lambda *_: None)
    watched = [heard]
    parent_fd = -1
    if parent:
        try:
            parent_fd = os.pidfd_open(parent)
        except ProcessLookupError:
            return 1
        if os.getppid() != parent:
            return 1
        watched.append(parent_fd)
    elif os.fork():
        os._exit(0)  # the caller reaps this one; the guard itself is nobody's child
    guard = os.getpid()
    # Blocked over the fork: between fork and exec our handlers would swallow a word meant for the child.
    signal.pthread_sigmask(signal.SIG_BLOCK, _WORDS)
    child = os.fork()
    if child == 0:
        _become(command, log, guard, prctl)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WORDS)
    child_fd = os.pidfd_open(child)
    os.write(1, b"%d %d\n" % (child, guard))
    os.close(1)
    ready = select.select([*watched, child_fd], [], [])[0]
    if child_fd not in ready:
        _end(child, child_fd)
    _, status = os.waitpid(child, 0)
    if parent_fd in ready and remove:
        shutil.rmtree(remove, ignore_errors=True)
    return os.waitstatus_to_exitcode(status) % 256


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
