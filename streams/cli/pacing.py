"""What the commands that play events share: ``--speed``, and ending cleanly on Ctrl-C."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])


def speed_option(default: str) -> Callable[[_F], _F]:
    """Add ``--speed``: a factor of the recording's own pace, None for as fast as it goes."""
    return click.option(
        "--speed",
        default=default,
        show_default=True,
        metavar="1x|60x|max",
        callback=_speed,
        help="A factor of the events' own pace, or as fast as it goes.",
    )


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, so that what was begun is ended; a second Ctrl-C ends at once."""
    stop = threading.Event()

    def ask(number: int, _: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _speed(_: click.Context, parameter: click.Parameter, value: str) -> float | None:
    from streams.publisher.speed import parse_speed

    try:
        return parse_speed(value)
    except ValueError as problem:
        raise click.BadParameter(str(problem), param=parameter) from problem
