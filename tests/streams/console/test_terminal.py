"""The live view on terminals of every width, in pipes, and as pictures."""

import io
import threading
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from rich.cells import cell_len
from rich.console import Console

from streams.console.terminal import LineView, ScreenView, render_png, render_svg, render_text, watching
from streams.console.view import Notice, View
from streams.messages import Severity
from tests.streams.console.sample import NOW, alert, sample_view


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 220])
@pytest.mark.parametrize("height", [24, 40, 60])
def test_no_line_is_wider_than_the_terminal_and_no_picture_higher(width: int, height: int) -> None:
    """A line too many scrolls the screen and makes it flicker; one too wide breaks it."""
    shown = sample_view()
    for number in range(10, 60):
        shown.apply_alert(alert(number))
    lines = render_text(shown, NOW, width, height).splitlines()
    assert len(lines) <= height
    assert max(cell_len(line) for line in lines) <= width


def test_everything_a_watch_officer_needs_is_on_an_ordinary_screen() -> None:
    """State and time up, rates and lag by stage, feeds, and each alert with severity, zone, direction and reason."""
    text = render_text(sample_view(), NOW, 120, 40)
    for part in (
        "running", "0:10:00", "25 events/s", "5 active of 5 alerts", "event → alert p50", "ingest", "surveil", "0.9 s",
        "raw.sim.json", "0.5 s ago", "CRITICAL", "man-overboard beacon is active", "→ in Northland", "16 m/s on course",
        "SIM FAST-BOAT 4", "sim-cutter-west", "offered", "11 min",
    ):  # fmt: skip
        assert part in text, part


def test_a_narrow_terminal_keeps_what_matters_most() -> None:
    """At 70 columns: state, lag, severity, kind, direction and reason; what gives way is the place's long name."""
    text = render_text(sample_view(), NOW, 70, 40)
    for part in ("running", "lag", "CRITICAL", "incursion", "→ in", "entered Northland"):
        assert part in text, part
    assert "age p95" not in text


def test_an_empty_view_says_what_it_waits_for() -> None:
    """Before the first word of a worker the screen explains itself."""
    text = render_text(View("vedette up", NOW), NOW, 80, 24)
    assert "starting" in text
    assert "waiting for the first word of a worker" in text


def test_the_picture_is_the_same_again_and_loads_nothing() -> None:
    """A README's picture changes only when the view does, and fetches no font from another site."""
    first, second = (render_svg(sample_view(), NOW) for _ in range(2))
    assert first == second
    assert ElementTree.fromstring(first).tag.endswith("svg")
    assert first.count("http") == first.count("http://www.w3.org/2000/svg")
    assert "man-overboard" in first


def test_a_png_shows_something(tmp_path: Path) -> None:
    """The drawn picture has the size of its cells and more than one colour."""
    path = tmp_path / "view.png"
    render_png(sample_view(), NOW, path, 100, 30)
    with Image.open(path) as image:
        assert image.width > 800
        assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 10


class _Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_lines_and_no_escape_sequences() -> None:
    """What is piped into a file or a log is read by people and programs later."""
    out = io.StringIO()
    view = sample_view()
    with watching(view, threading.Lock(), out, clock=lambda: NOW) as tell:
        tell(Notice(Severity.HIGH, "04:00:40 HIGH incursion"))
    assert out.getvalue() == "04:00:40 HIGH incursion\n"


def test_the_status_line_is_one_line() -> None:
    """Every ten seconds a pipe gets the title as one line."""
    out = io.StringIO()
    LineView(sample_view(), threading.Lock(), out, lambda: NOW).status()
    assert out.getvalue().count("\n") == 1
    assert "25 events/s" in out.getvalue()


def test_the_screen_comes_back_as_it_was() -> None:
    """The view lives on the alternate screen: entering and leaving it are the first and the last thing it does."""
    out = _Terminal()
    drawn = threading.Event()
    console = Console(file=out, force_terminal=True, width=100, height=30)

    def clock() -> float:
        drawn.set()
        return NOW

    screen = ScreenView(sample_view(), threading.Lock(), console, clock)
    screen.start()
    assert drawn.wait(10.0)
    screen.stop()
    text = out.getvalue()
    assert text.index("\x1b[?1049h") < text.index("stages") < text.rindex("\x1b[?1049l")
