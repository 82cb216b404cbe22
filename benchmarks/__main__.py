"""``make bench``: every benchmark in turn, each in a process of its own; figures to one JSON file each.

python -m benchmarks --out build/bench [NAME...]
"""

import argparse
import ast
import subprocess
import sys
from pathlib import Path

_FOLDER = Path(__file__).parent
_SLOWEST = ("geo", "prove_geo", "transport", "recovery", "plots_chain", "chain")  # these take minutes, and come last


def benchmarks() -> dict[str, str]:
    """Every program here that writes figures, with its first line, from the quickest to the longest."""
    found = {
        path.stem: (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]
        for path in sorted(_FOLDER.glob("*.py"))
        if path != Path(__file__) and 'add_argument("--json"' in path.read_text()
    }
    order = [name for name in found if name not in _SLOWEST] + [name for name in _SLOWEST if name in found]
    return {name: found[name] for name in order}


def main() -> int:
    """Run what was named, or all; the number of benchmarks that ended badly."""
    known = benchmarks()
    listing = "\n".join(f"  {name:12} {line}" for name, line in known.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Run the benchmarks that are named, or all of them.",
        epilog=f"benchmarks:\n{listing}\n\nEach also runs alone: python -m benchmarks.NAME --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="see below; all by default")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="directory for the figures")
    parser.add_argument("--list", action="store_true", help="only say which there are")
    options = parser.parse_args()
    if options.list:
        print(listing)
        return 0
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"unknown benchmark {unknown[0]}; there are {', '.join(known)}")
    options.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name in options.names or known:
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(options.out / f"{name}.json")]
        failed += subprocess.run(command, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
