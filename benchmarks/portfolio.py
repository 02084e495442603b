"""How long a portfolio of many clients takes: made-up trackers in eight layouts, looked at as people run it.

python benchmarks/portfolio.py [--clients 100] [--rows 200] [--jobs 2] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from coach.layouts import AS_OF, LAYOUTS, client_paths, make_client

_OUTPUTS: Final[dict[str, tuple[str, ...]]] = {
    "the view alone": (),
    "with workbook and page": ("--out", "portfolio.xlsx", "--html", "portfolio.html"),
}


def main() -> None:
    """Make the trackers, then time each kind of run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="where to make the trackers, which stay there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        clients = folder / "clients"
        clients.mkdir(parents=True, exist_ok=True)
        for number, path in client_paths(clients, given.clients):
            if not path.exists():
                make_client(path, number, rows=given.rows, layout=number % len(LAYOUTS))
        print(f"{given.clients} clients x {given.rows} rows in {len(LAYOUTS)} layouts, --jobs {given.jobs}")
        for name, outputs in _OUTPUTS.items():
            seconds, totals = _timed(sorted(clients.iterdir()), given.jobs, outputs, folder)
            print(f"{name:24} {seconds:6.1f} s   {totals}")


def _timed(paths: Sequence[Path], jobs: int, outputs: Sequence[str], folder: Path) -> tuple[float, str]:
    """Seconds of one run, and what it counted."""
    command = [str(Path(sys.executable).with_name("sheetsync")), "portfolio", *map(str, paths)]
    began = time.perf_counter()
    done = subprocess.run(
        [*command, "--as-of", AS_OF.isoformat(), "--jobs", str(jobs), "--json", *outputs],
        capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    took = time.perf_counter() - began
    totals = json.loads(done.stdout)["totals"]
    return took, f"{totals['clients']} clients, {totals['open']} open threads, {totals['counts']['Overdue']} overdue"


if __name__ == "__main__":
    main()
