"""The zones of the real day: four countries with their territorial seas, from the npm package that holds them."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from geo.osm_borders import read_borders, territories

COUNTRIES = ("US", "CU", "BS", "MX")
_PACKAGE = "@osm_borders/maritime_1000m"


def borders_file() -> Path:
    """``borders.geo.json`` of the package, unpacked into the cache once; skips the test where npm cannot bring it."""
    cache = Path(os.environ.get("VEDETTE_CACHE") or Path.home() / ".cache" / "vedette") / "osm_borders_maritime_1000m"
    found = cache / "package" / "borders.geo.json"
    if found.exists():
        return found
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"npm is not installed, so {_PACKAGE} cannot be unpacked")
    cache.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run((npm, "pack", _PACKAGE), cwd=cache, capture_output=True, text=True, check=False)
    if packed.returncode:
        pytest.skip(f"npm pack {_PACKAGE} failed: {packed.stderr.strip().splitlines()[-1:]}")
    with tarfile.open(cache / packed.stdout.split()[-1]) as archive:
        archive.extractall(cache, filter="data")
    return found


def four_countries() -> dict[str, Any]:
    """A zones FeatureCollection of the four countries of the real day."""
    return territories(read_borders(borders_file()), list(COUNTRIES), package=_PACKAGE, resolution="1000m")
