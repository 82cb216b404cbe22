"""The live view as a picture, for the README and for reports: SVG for the web, PNG for everything else."""

import io
from pathlib import Path

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI, TerminalTheme

from streams.console.layout import render
from streams.console.view import View

_THEME: TerminalTheme = MONOKAI
_FONT_PX = 15
# rich's own frame loads a font from another site; a picture in a README must not
_SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", "Fira Code", monospace; font-size: {char_height}px;
  line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def render_text(view: View, now: float, width: int = 100, height: int = 40) -> str:
    """The view as plain text."""
    console = Console(width=width, height=height, file=io.StringIO(), color_system=None)
    with console.capture() as captured:
        console.print(render(view, now, width, height))
    return captured.get()


def render_svg(view: View, now: float, width: int = 120, height: int = 36) -> str:
    """The view as SVG, the same text for the same view and moment."""
    console = _console(width, height, record=True)
    console.print(render(view, now, width, height))
    return console.export_svg(title=view.title, theme=_THEME, code_format=_SVG, unique_id="vedette")


def render_png(view: View, now: float, path: Path, width: int = 120, height: int = 36) -> None:
    """The view as a PNG, drawn cell by cell with the monospaced font that comes with matplotlib."""
    from matplotlib import get_data_path
    from PIL import Image, ImageDraw, ImageFont

    fonts = Path(get_data_path()) / "fonts" / "ttf"
    plain = ImageFont.truetype(str(fonts / "DejaVuSansMono.ttf"), _FONT_PX)
    bold = ImageFont.truetype(str(fonts / "DejaVuSansMono-Bold.ttf"), _FONT_PX)
    across, down = round(plain.getlength("M")), round(_FONT_PX * 1.3)
    console = _console(width, height)
    lines = console.render_lines(render(view, now, width, height), console.options.update(width=width), pad=False)
    image = Image.new("RGB", (across * (width + 2), down * (len(lines) + 2)), _THEME.background_color)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines, 1):
        column = 1
        for segment in line:
            style = segment.style or Style()
            ink, paper = _colours(style)
            for character in segment.text.rstrip("\n"):
                place = (column * across, row * down)
                if paper is not None:
                    draw.rectangle((*place, place[0] + across - 1, place[1] + down - 1), fill=paper)
                draw.text(place, character, fill=ink, font=bold if style.bold else plain)
                column += 1
    image.save(path)


def _console(width: int, height: int, *, record: bool = False) -> Console:
    return Console(width=width, height=height, record=record, file=io.StringIO(), color_system="truecolor")


def _colours(style: Style) -> tuple[ColorTriplet, ColorTriplet | None]:
    ink = _triplet(style.color, _THEME.foreground_color)
    paper = _triplet(style.bgcolor, _THEME.background_color) if style.bgcolor is not None else None
    if style.reverse:
        ink, paper = paper or _THEME.background_color, ink
    if style.dim:
        ink = ColorTriplet(*((a + b) // 2 for a, b in zip(ink, _THEME.background_color, strict=True)))
    return ink, paper


def _triplet(colour: Color | None, default: ColorTriplet) -> ColorTriplet:
    return default if colour is None or colour.is_default else colour.get_truecolor(_THEME)
