"""``make bench``: every benchmark in turn, each in a process of its own; figures to one JSON file each.

python -m benchmarks --out build/bench [NAME...]
"""

import argparse
import subprocess
import sys
from pathlib import Path

# From the quickest to the longest; what each measures stands in its own first lines.
BENCHMARKS = ("broker", "ingest", "surveil", "transport", "chain")


def main() -> int:
    """Run what was named, or all; the number of benchmarks that ended badly."""
    parser = argparse.ArgumentParser(description="run the benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="directory for the figures")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"unknown benchmark {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    options.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name in options.names or BENCHMARKS:
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(options.out / f"{name}.json")]
        failed += subprocess.run(command, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
