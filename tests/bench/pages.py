"""The server's time for each staff page with 500 people in the study, beside the same page of a study with nobody.

`staff_pages` asks for them, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

PAGES = ("", "today/", "people/", "messages/", "quality/", "export/", "codebook/", "versions/", "team/", "audit/")
PEOPLE = 500
Rounds = list[dict[str, dict[str, float]]]


def measure(database: str, folder: Path, asked: argparse.Namespace) -> Rounds:
    """Milliseconds by page for the full and the empty study, a pair a round."""
    root = Path(__file__).resolve().parents[2]
    environment = dict(os.environ) | {"DATABASE_URL": database, "DATA_DIR": str(folder / "data")}
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=root, env=environment, check=True)
    command = [sys.executable, "-m", "tests.bench.staff_pages", str(asked.rounds)]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    rounds: Rounds = json.loads(done.stdout)
    return rounds


def report(rounds: Rounds) -> dict[str, object]:
    """Prints the table; the figures."""
    print(f"Staff pages with {PEOPLE} people, beside the same page with nobody; ms in the server, medians\n")
    print(f"{'':24}{'nobody':>10}{PEOPLE:>10}{'ratio':>10}")
    ratios = {}
    for page in PAGES:
        empty, full = (statistics.median(each[who][page] for each in rounds) for who in ("empty", "full"))
        ratios[page or "overview"] = statistics.median(each["full"][page] / each["empty"][page] for each in rounds)
        print(f"{page.strip('/') or 'overview':24}{empty:>10.1f}{full:>10.1f}{ratios[page or 'overview']:>10.2f}")
    print()
    return {"rounds": rounds, "ratios": ratios}
