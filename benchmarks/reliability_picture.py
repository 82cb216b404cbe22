"""The reliability diagram as SVG: what was told across, what came true upwards; on the diagonal they agree."""

from collections.abc import Mapping, Sequence
from typing import Any

from geo.chance.labels import CONFIRMED, POSSIBLE, PROBABLE

_SIDE, _LEFT, _TOP, _GAP = 250, 60, 70, 70
_COLOURS = {"before": "#b0552f", "fitted": "#1f5f9e"}
_MEANT = {"before": "before: wide accelerations, courses kept for ever", "fitted": "as used (bigger dots: more cases)"}
_LEAST = 20  # fewer cases say nothing


def picture(found: Sequence[Mapping[str, Any]], before: str = _MEANT["before"]) -> str:
    """One panel a source and horizon; ``found`` are the lines of :mod:`benchmarks.reliability`; ``before`` says what
    is compared."""
    sources = list(dict.fromkeys(line["source"] for line in found))
    horizons = list(dict.fromkeys(line["horizon_s"] for line in found))
    width, height = _LEFT + len(horizons) * (_SIDE + _GAP), _TOP + len(sources) * (_SIDE + _GAP) - 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="24" font-size="16">Predicted crossings: told chance (across) and how often it came true'
        " (upwards)</text>",
    ]
    for at, (model, colour) in enumerate(_COLOURS.items()):
        x = _LEFT + at * 360
        parts.append(f'<circle cx="{x + 6}" cy="42" r="5" fill="{colour}"/>')
        meant = before if model == "before" else _MEANT[model]
        parts.append(f'<text x="{x + 18}" y="46">{meant}</text>')
    for row, source in enumerate(sources):
        for column, horizon_s in enumerate(horizons):
            lines = [line for line in found if (line["source"], line["horizon_s"]) == (source, horizon_s)]
            parts += _panel(_LEFT + column * (_SIDE + _GAP), _TOP + row * (_SIDE + _GAP), lines)
    return "\n".join([*parts, "</svg>\n"])


def _panel(x: int, y: int, lines: Sequence[Mapping[str, Any]]) -> list[str]:
    first = lines[0]
    title = f"{first['source']}, within {first['horizon_s']:.0f} s: {first['crossed']} of {first['cases']} crossed"
    parts = [f'<text x="{x}" y="{y - 6 + 14}">{title}</text>']
    y += 20
    side = _SIDE - 20
    parts.append(f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="none" stroke="#999"/>')
    parts.append(f'<line x1="{x}" y1="{y + side}" x2="{x + side}" y2="{y}" stroke="#bbb" stroke-dasharray="4 4"/>')
    for chance in (0.0, POSSIBLE, PROBABLE, CONFIRMED):
        across, up = x + side * chance, y + side * (1 - chance)
        if chance:
            parts.append(f'<line x1="{across}" y1="{y}" x2="{across}" y2="{y + side}" stroke="#eee"/>')
        parts.append(f'<text x="{across}" y="{y + side + 14}" text-anchor="middle" font-size="10">{chance:g}</text>')
        parts.append(f'<text x="{x - 6}" y="{up + 4}" text-anchor="end" font-size="10">{chance:g}</text>')
    for line in lines:
        colour = _COLOURS[line["model"]]
        kept = [bin_ for bin_ in line["bins"] if bin_["cases"] >= _LEAST]
        points = [(x + side * bin_["told"], y + side * (1 - bin_["came"])) for bin_ in kept]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-opacity="0.6"/>')
        for (a, b), bin_ in zip(points, kept, strict=True):
            radius = 2.5 + min(len(str(bin_["cases"])), 6) * 0.8
            parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{radius:.1f}" fill="{colour}"/>')
    for at, line in enumerate(lines):
        parts.append(f'<text x="{x + 8}" y="{y + 18 + 16 * at}" fill="{_COLOURS[line["model"]]}">'
                     f'Brier {line["brier"]:.4f}</text>')  # fmt: skip
    return parts
