"""The borders of all countries as a zones file, made once with the command people use."""

import subprocess
import sys
import tempfile
from pathlib import Path


def imported(resolution: str) -> Path:
    """The file for a resolution (``10m`` or ``1000m``), in the directory of temporary files.

    Raises CalledProcessError where the package cannot be fetched."""
    out = Path(tempfile.gettempdir()) / f"vedette-bench-borders-{resolution}.geojson"
    if not out.exists():
        command = [sys.executable, "-m", "streams.cli.main", "zones", "import", "osm-borders", "--countries", "all"]
        subprocess.run([*command, "--resolution", resolution, "--out", str(out)], check=True)
    return out
