"""S2's ShapeIndex (Go) over the same polygons and positions, where a Go toolchain is there to build it.

Its edges are geodesics, so it counts a few hits more or less than an index whose edges are straight in lon, lat.
"""

import json
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.zones import ZoneSet

_SOURCE = Path(__file__).parent / "s2"
_PATIENCE_S = 600

Places = Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]


def s2_speeds(world: ZoneSet, places: Places) -> dict[str, object]:
    """Million positions a second of processor time and hits, by set of places; or ``skipped`` with the reason."""
    go = shutil.which("go")
    if go is None:
        return {"skipped": "no Go toolchain on this machine"}
    with tempfile.TemporaryDirectory() as folder:
        program, data = Path(folder) / "s2", Path(folder) / "input"
        built = subprocess.run(
            [go, "build", "-o", str(program), "."], cwd=_SOURCE, capture_output=True, text=True, timeout=_PATIENCE_S
        )
        if built.returncode:
            return {"skipped": f"go build: {(built.stderr.strip().splitlines() or ['failed'])[-1]}"}
        with data.open("wb") as out:
            _write(out, world, places)
        with data.open("rb") as source:
            ran = subprocess.run([str(program)], stdin=source, capture_output=True, text=True, timeout=_PATIENCE_S)
    if ran.returncode:
        return {"skipped": f"S2 ended with {ran.returncode}: {(ran.stderr.strip().splitlines() or [''])[0]}"}
    report = json.loads(ran.stdout)
    figures: dict[str, object] = {"build_s": round(report["build_s"], 2)}
    for (name, (x, _)), one in zip(places.items(), report["sets"], strict=True):
        speed = len(x) / max(one["seconds"], 1e-9) / 1e6
        figures[name] = {"million_per_s": round(speed, 3), "hits": one["hits"], "positions": len(x)}
    return figures


def _write(out: BinaryIO, world: ZoneSet, places: Places) -> None:
    """What ``main.go`` reads."""
    shapes = np.array([zone.geometry for zone in world.areas], object)
    parts = shapely.orient_polygons(shapely.get_parts(shapes))
    out.write(struct.pack("<I", len(parts)))
    for part in parts:
        rings = [shapely.get_coordinates(ring)[:-1] for ring in shapely.get_rings(part)]
        out.write(struct.pack("<I", len(rings)))
        for ring in rings:
            _write_places(out, ring)
    out.write(struct.pack("<I", len(places)))
    for x, y in places.values():
        _write_places(out, np.column_stack([x, y]))


def _write_places(out: BinaryIO, lonlat: NDArray[np.float64]) -> None:
    out.write(struct.pack("<I", len(lonlat)))
    out.write(np.ascontiguousarray(lonlat, "<f8").tobytes())
