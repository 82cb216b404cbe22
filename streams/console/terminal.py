"""The live view on a terminal; lines of text where there is none."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.live import Live

from streams.console.layout import render, title
from streams.console.picture import render_png, render_svg, render_text
from streams.console.quiet import quiet_kafka
from streams.console.view import Notice, View

__all__ = ["LineView", "ScreenView", "render", "render_png", "render_svg", "render_text", "watching"]

_REFRESH_S = 0.25
_STATUS_EVERY_S = 10.0


class ScreenView:
    """Redraws a terminal's alternate screen four times a second; what was on it before comes back afterwards."""

    def __init__(self, view: View, lock: threading.Lock, console: Console, clock: Callable[[], float]) -> None:
        self._view, self._lock, self._console, self._clock = view, lock, console, clock
        self._stop = threading.Event()
        self._live = Live(
            console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
        )
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)

    def start(self) -> None:
        """Take over the screen."""
        self._live.start()
        self._thread.start()

    def stop(self) -> None:
        """Give the screen back."""
        self._stop.set()
        self._thread.join()
        self._live.stop()

    def tell(self, notice: Notice) -> None:
        """Nothing to do: the next picture shows it."""

    def _run(self) -> None:
        while not self._stop.wait(_REFRESH_S):
            width, height = self._console.size
            with self._lock:
                picture = render(self._view, self._clock(), width, height)
            self._live.update(picture, refresh=True)


class LineView:
    """One line for everything a person should read, and the state every ten seconds."""

    def __init__(self, view: View, lock: threading.Lock, out: TextIO, clock: Callable[[], float]) -> None:
        self._view, self._lock, self._out, self._clock = view, lock, out, clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)

    def start(self) -> None:
        """Begin to write the state."""
        self._thread.start()

    def stop(self) -> None:
        """Write nothing more."""
        self._stop.set()
        self._thread.join()

    def tell(self, notice: Notice) -> None:
        """Write one line."""
        self._line(notice.text)

    def status(self) -> None:
        """Write the state in one line."""
        with self._lock:
            text = title(self._view, self._clock(), 200).plain
        self._line(text.strip())

    def _run(self) -> None:
        while not self._stop.wait(_STATUS_EVERY_S):
            self.status()

    def _line(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()


@contextmanager
def watching(
    view: View,
    lock: threading.Lock,
    out: TextIO | None = None,
    *,
    clock: Callable[[], float] = time.time,
) -> Iterator[Callable[[Notice], None]]:
    """Show ``view`` on ``out`` (stderr, so that stdout stays for results) until the block ends. ``lock`` guards the
    view; what is yielded takes the notices that :class:`View` returns."""
    out = out if out is not None else sys.stderr
    shown = ScreenView(view, lock, Console(file=out), clock) if out.isatty() else LineView(view, lock, out, clock)
    with quiet_kafka():
        shown.start()
        try:
            yield shown.tell
        finally:
            shown.stop()
