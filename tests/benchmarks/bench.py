"""Runs every benchmark of this folder and prints its tables: what ``make bench`` does.

    python tests/benchmarks/bench.py [NAME ...] [--list] [--quick] [-- options for the scripts]

Each ``bench_*.py`` is a script of its own and runs in a fresh interpreter, so that what one of
them compiled or imported speeds up no other. Results are compared with the peers' before anything
is timed; a script whose comparison fails ends with an error, and so does this one. The end is one
table of all: ours, the peer that the goal speaks of, the ratio, and the goal.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from contest import ROWS, gathered, print_rows

FOLDER = Path(__file__).resolve().parent
#: Benchmarks of the window: they need a display and have no peers, so they run when named.
WINDOW = frozenset({"queue"})
#: Whose versions decide the numbers: what we run on, and what we compare with.
PACKAGES = (
    "napari-mask-audit",
    "numpy",
    "scipy",
    "numba",
    "scikit-learn",
    "scikit-image",
    "opencv-python-headless",
    "surface-distance-based-measures",
    "medpy",
    "monai",
    "stardist",
    "SimpleITK",
)


def scripts() -> dict[str, Path]:
    """Benchmarks by short name."""
    return {path.stem.removeprefix("bench_"): path for path in sorted(FOLDER.glob("bench_*.py"))}


def machine() -> str:
    """What the numbers were measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    lines = [f"Python {platform.python_version()}, {platform.machine()}, {cores} cores"]
    for name in PACKAGES:
        try:
            lines.append(f"  {name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"  {name}: not installed, left out")
    return "\n".join(lines)


def main() -> int:
    """Run what was asked for; the number of scripts that failed."""
    known = scripts()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(known)}")
    parser.add_argument("--list", action="store_true", help="only list the benchmarks")
    parser.add_argument("--quick", action="store_true", help="leave out the slow peers")
    given = [*sys.argv[1:], "--"]
    own, passed_on = given[: given.index("--")], given[given.index("--") + 1 : -1]
    options = parser.parse_args(own)
    if unknown := set(options.names) - set(known):
        parser.error(
            f"no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(known)}"
        )
    wanted = options.names or known.keys() - WINDOW
    chosen = {name: path for name, path in known.items() if name in wanted}
    if options.list:
        print("\n".join(chosen))
        return 0
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        rows = Path(temporary) / "rows.jsonl"
        rows.touch()
        failed = run(chosen, options.quick, passed_on, rows)
        print(f"\n== all {'=' * 70}")
        print_rows(gathered(rows))
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


def run(chosen: dict[str, Path], quick: bool, passed_on: list[str], rows: Path) -> list[str]:
    """Run scripts that write their rows to a file; the names of those that failed."""
    environment = os.environ | {ROWS: str(rows)}
    failed = []
    for name, path in chosen.items():
        print(f"\n== {name} {'=' * (70 - len(name))}", flush=True)
        knows_quick = '"--quick"' in path.read_text(encoding="utf-8")
        extra = ["--quick"] if quick and knows_quick else []
        command = [sys.executable, str(path), *extra, *passed_on]
        if subprocess.run(command, check=False, env=environment).returncode:
            failed.append(name)
    return failed


if __name__ == "__main__":
    sys.exit(main())
