"""The pictures of docs/explanation/geofencing.md, drawn from the index itself: ``make pictures``.

A made-up coast (seeded, so that the files stay the same) is built into tables exactly as borders are; cells, leaves,
edges, flags and crossings are read from those tables. Nothing is drawn by hand.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from geo import ZoneIndex
from geo.index.edges import EdgeTable, edge_table, zone_hashes
from geo.index.grid import step
from geo.index.tree import Tree, build_tree
from geo.zones import read_zones

Floats = NDArray[np.float64]

_FLAG = "a flag: this end lies west of the cell,\nso beyond its height the rays cross\nthe other edge that meets here"
_SHARES = ((0.85, 0.12), (0.85, 0.5), (0.85, 0.9))  # where in the leaf the three positions are

LAND, SEA, LEAF, INK, MARK = "#dbe6c8", "#e9f1f7", "#f6c28b", "#23313b", "#b3261e"


def main() -> int:
    """Draw all three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the SVG files go")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    coast = shapely.Polygon(shore())
    shapes = np.array([coast], object)
    edges = edge_table(shapes, zone_hashes(("coast",)))
    tree = build_tree(edges)
    with mpl.rc_context(
        {"font.size": 10, "svg.hashsalt": "vedette", "svg.fonttype": "none", "font.family": "sans-serif"}
    ):
        _save(_cells(coast, tree), folder / "geofencing-cells.svg")
        _save(_leaf(coast, tree, edges), folder / "geofencing-leaf.svg")
        _save(_crossings(), folder / "geofencing-crossings.svg")
    return 0


def shore() -> Floats:
    """A rough closed coast of some hundred positions, around 30 W 45 N."""
    chance = np.random.default_rng(7)
    ring = np.array([[-30.25, 44.8], [-29.75, 44.82], [-29.7, 45.15], [-30.2, 45.2]])
    size = 0.09
    for _ in range(6):
        after = np.roll(ring, -1, axis=0)
        middle = (ring + after) / 2 + chance.normal(0, size, ring.shape)
        ring = np.stack([ring, middle], axis=1).reshape(-1, 2)
        size *= 0.48
    whole = shapely.make_valid(shapely.Polygon(ring))
    largest = max(shapely.get_parts(whole), key=lambda part: part.area)
    return shapely.get_coordinates(largest.exterior)


def corner(places: NDArray[np.int32]) -> Floats:
    """West, south and size of cells given as column, row, depth; shape ``(n, 3)``."""
    size = np.array([step(int(depth)) for depth in places[:, 2]])
    return np.column_stack([places[:, 0] * size - 180.0, places[:, 1] * size - 90.0, size])


def _save(figure: Figure, target: Path) -> None:
    figure.savefig(target, format="svg", metadata={"Date": None}, bbox_inches="tight")
    print(f"wrote {target}")


def _background(axes: Axes, coast: shapely.Polygon, window: tuple[float, float, float, float]) -> None:
    axes.set_facecolor(SEA)
    xy = shapely.get_coordinates(coast)
    axes.fill(xy[:, 0], xy[:, 1], facecolor=LAND, edgecolor=INK, linewidth=0.9, zorder=2)
    axes.set_xlim(window[0], window[2])
    axes.set_ylim(window[1], window[3])
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])


def _boxes(axes: Axes, boxes: Floats, **look: object) -> None:
    axes.add_collection(
        PatchCollection([Rectangle((x, y), size, size) for x, y, size in boxes.tolist()], **look)  # type: ignore[arg-type]
    )


def _cells(coast: shapely.Polygon, tree: Tree) -> Figure:
    """The raster, what is refined of it, and the leaves; then one raster cell, enlarged."""
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    west, south, east, north = coast.bounds
    blocks, leaves = corner(tree.block_places), corner(tree.leaf_places)
    raster = blocks[tree.block_places[:, 2] == 0]
    reach = max(east - west, north - south) / 2 + 0.06
    x, y = (west + east) / 2, (south + north) / 2
    _background(left, coast, (x - reach, y - reach, x + reach, y + reach))
    first = (np.add(raster[:, :2].min(0), (180.0, 90.0)) / step(0)).astype(int) - 3
    near = np.array(
        [
            [i * step(0) - 180.0, j * step(0) - 90.0, step(0)]
            for i in range(first[0], first[0] + 12)
            for j in range(first[1], first[1] + 12)
        ]
    )
    _boxes(left, near, facecolor="none", edgecolor="#9aa7b0", linewidth=0.6, zorder=3)
    _boxes(left, raster, facecolor="none", edgecolor=INK, linewidth=1.3, zorder=4)
    _boxes(left, leaves, facecolor=LEAF, edgecolor="#a8641a", linewidth=0.15, alpha=0.85, zorder=3)
    left.set_title("cells of 0.176°; only the orange parts need any arithmetic", loc="left", fontsize=10)
    counts = [
        int(((leaves[:, 0] >= x) & (leaves[:, 0] < x + s) & (leaves[:, 1] >= y) & (leaves[:, 1] < y + s)).sum())
        for x, y, s in raster
    ]
    x, y, size = raster[int(np.argmax(counts))].tolist()
    _boxes(left, np.array([[x, y, size]]), facecolor="none", edgecolor=MARK, linewidth=2.2, zorder=5)
    pad = size * 0.04
    _background(right, coast, (x - pad, y - pad, x + size + pad, y + size + pad))
    inner = blocks[(blocks[:, 2] <= size) & (tree.block_places[:, 2] < 3)]
    cuts = []
    for west, south, wide in inner.tolist():
        if abs(west - x) < 2 * size and abs(south - y) < 2 * size:
            for at in np.linspace(0.0, wide, 9).tolist():
                cuts += [
                    [(west + at, south), (west + at, south + wide)],
                    [(west, south + at), (west + wide, south + at)],
                ]
    right.add_collection(LineCollection(cuts, colors="#8593a0", linewidths=0.35, zorder=4))
    _boxes(right, leaves, facecolor=LEAF, edgecolor="#a8641a", linewidth=0.4, alpha=0.75, zorder=3)
    right.set_title("the red one: divided 8 × 8, and again where more than 4 edges are", loc="left", fontsize=10)
    return figure


def _leaf(coast: shapely.Polygon, tree: Tree, edges: EdgeTable) -> Figure:
    """One leaf with its edges, the rays of three positions, and the height at which its flag adds a crossing."""
    leaf, entries = _telling_leaf(coast, tree, edges)
    x, y, size = corner(tree.leaf_places)[leaf].tolist()
    figure = Figure(figsize=(10, 5.2), layout="constrained")
    axes = figure.subplots()
    _background(axes, coast, (x - 1.5 * size, y - 0.35 * size, x + 1.5 * size, y + 1.35 * size))
    _boxes(axes, np.array([[x, y, size]]), facecolor=LEAF, edgecolor="#a8641a", linewidth=1.6, alpha=0.35, zorder=3)
    own = np.unique(entries >> 2)
    lines = [edges.xy[edge].reshape(2, 2) for edge in own.tolist()]
    axes.add_collection(LineCollection(lines, colors=MARK, linewidths=2.6, zorder=5))
    for edge, flags in zip((entries >> 2).tolist(), (entries & 3).tolist(), strict=True):
        for end, bit in ((0, 1), (1, 2)):
            if flags & bit:
                at = edges.xy[edge].reshape(2, 2)[end]
                axes.plot(*at, "o", color=MARK, ms=8, zorder=6)
                axes.plot([at[0], x + size], [at[1], at[1]], ":", color=MARK, linewidth=1.6, zorder=4)
                axes.annotate(
                    _FLAG,
                    at, (-8, 40), textcoords="offset points", ha="right", va="bottom", fontsize=9, zorder=8,
                    arrowprops={"arrowstyle": "->", "color": INK},
                )  # fmt: skip
    for share_x, share_y in _SHARES:
        px, py = x + share_x * size, y + share_y * size
        inside = bool(shapely.covers(coast, shapely.Point(px, py)))
        axes.annotate(
            "", (x - 1.5 * size, py), (px, py), arrowprops={"arrowstyle": "->", "color": "#4a5a66", "lw": 1}, zorder=4
        )
        axes.plot(px, py, "s" if inside else "o", color=INK, mfc=INK if inside else "white", ms=8, zorder=7)
        axes.annotate(
            "inside" if inside else "outside", (px, py), (10, -3), textcoords="offset points", fontsize=9, zorder=8
        )
    axes.set_title(
        f"one leaf: {len(own)} edges (red, whole, never clipped) decide every position in it", loc="left", fontsize=10
    )
    return figure


def _telling_leaf(coast: shapely.Polygon, tree: Tree, edges: EdgeTable) -> tuple[int, NDArray[np.int32]]:
    """A leaf with few edges and one flag near its middle's height, some of whose positions are inside."""
    boxes = corner(tree.leaf_places)
    best, chosen = np.inf, 0
    for leaf in range(len(boxes)):
        entries = tree.entries[tree.leaf_starts[leaf] : tree.leaf_starts[leaf + 1]]
        flags = entries & 3
        if len(entries) not in {2, 3} or (flags > 0).sum() != 1 or flags.max() == 3:
            continue
        entry = int(entries[flags > 0][0])
        height = edges.xy[entry >> 2][3 if entry & 2 else 1]
        end = edges.xy[entry >> 2][2 if entry & 2 else 0]
        x, y, size = boxes[leaf].tolist()
        answers = {shapely.covers(coast, shapely.Point(x + a * size, y + b * size)) for a, b in _SHARES}
        if len(answers) == 1:
            continue
        off = abs((height - y) / size - 0.5) + abs((x - end) / size - 0.5)
        if off < best:
            best, chosen = off, leaf
    return chosen, tree.entries[tree.leaf_starts[chosen] : tree.leaf_starts[chosen + 1]]


def _crossings() -> Figure:
    """A segment through a bay, a port and a corner: what the index says of every stretch."""
    ring = [[0, 0], [4, 0], [4, 3], [2.6, 3], [2.2, 1.2], [1.6, 3], [0, 3], [0, 0]]
    port = [[3.0, 1.2], [3.5, 1.2], [3.5, 2.2], [3.0, 2.2], [3.0, 1.2]]
    reserve = [[5.0, 1.875], [5.8, 2.5], [5.5, 3.0], [5.0, 1.875]]
    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"zone_id": zone_id, "kind": kind, "name": zone_id},
                "geometry": {"type": "Polygon", "coordinates": [own]},
            }
            for zone_id, kind, own in (
                ("land", "territory", ring), ("port", "port_of_entry", port), ("reserve", "protected", reserve)
            )
        ],
    }  # fmt: skip
    index = ZoneIndex.from_zones(read_zones(collection))
    p0, p1 = np.array([[-1.0, 1.5]]), np.array([[7.0, 2.0]])
    rows = index.crossings(p0, p1)
    figure = Figure(figsize=(10.5, 5), layout="constrained")
    axes = figure.subplots()
    for own, colour in ((ring, LAND), (port, "white"), (reserve, "#d8e9e4")):
        xy = np.array(own)
        axes.fill(xy[:, 0], xy[:, 1], facecolor=colour, edgecolor=INK, linewidth=1.2)
    axes.set_facecolor(SEA)
    axes.set_xlim(-1.3, 7.3)
    axes.set_ylim(-0.3, 3.3)
    axes.annotate(
        "", p1[0], p0[0], arrowprops={"arrowstyle": "->", "color": INK, "lw": 1.8, "shrinkA": 0, "shrinkB": 0}
    )
    ends = [0.0, *rows["u"].tolist(), 1.0]
    sets = [int(index.sets(p0)[0]), *rows["after"].tolist()]
    for number, (a, b) in enumerate(pairwise(ends)):
        middle = p0[0] + (a + b) / 2 * (p1[0] - p0[0])
        names = ", ".join(index.zones_of(sets[number])) or "none"
        axes.annotate(
            names, middle, (0, 16 if number % 2 else -24), textcoords="offset points", ha="center", fontsize=9,
            bbox={"boxstyle": "round", "fc": "white", "ec": "#9aa7b0"},
        )  # fmt: skip
        axes.plot(*middle, "|", color=INK, ms=10, mew=1.6)
    axes.plot(rows["lon"], rows["lat"], "o", color=MARK, ms=8, zorder=5)
    axes.text(2.05, 2.75, "bay", ha="center", fontsize=9, color="#4a5a66")
    axes.text(
        5.05, 1.15, "reserve: touched at one corner,\nwhich changes nothing", ha="left", fontsize=9, color="#4a5a66"
    )
    axes.text(3.25, 2.28, "port", ha="center", fontsize=9, color="#4a5a66")
    axes.set_title(
        f"{len(rows)} crossings (red); the set of zones is asked at the middle of every stretch (ticks)",
        loc="left",
        fontsize=10,
    )
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
