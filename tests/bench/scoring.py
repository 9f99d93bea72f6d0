"""Scoring 100,000 filled-in questionnaires of 45 items, beside numpy's bare sum over the same numbers.

Run as `python -m tests.bench.scoring SIDE` (product or bare) it prints one JSON line: seconds, and the process's peak
memory before and after, in MB. Each side is a process of its own, so that neither's memory counts for the other.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np

from assessments.scoring import Scorer
from protocol.instrument import Instrument, Item, Scale, Score, Section
from protocol.text import Text

ROOT = Path(__file__).resolve().parents[2]
SHEETS, ITEMS = 100_000, 45
BLOCK = 5_000  # sheets are read and scored in blocks, as the product reads them
WANTED_S = 10.0

Side = dict[str, float]


def measure(_database: str, _folder: Path, asked: Namespace) -> list[dict[str, Side]]:
    """Both sides in turn, a round after the other."""
    return [{side: _run(side) for side in ("bare", "product")} for _ in range(asked.rounds)]


def report(rounds: list[dict[str, Side]]) -> dict[str, Any]:
    """Prints the figures, and gives them."""
    said = {
        side: {name: statistics.median(each[side][name] for each in rounds) for name in rounds[0][side]}
        for side in ("bare", "product")
    }
    print(f"\nscoring {SHEETS:,} questionnaires of {ITEMS} items (sum of 45 and three means of 15; 1 in 20 missing)")
    for side, of in said.items():
        print(f"{side:10} {of['seconds']:8.3f} s  peak {of['peak_mb']:6.0f} MB, of it {of['grew_mb']:.0f} for it")
    spent = said["product"]["seconds"]
    ratio, share = spent / said["bare"]["seconds"], spent / WANTED_S
    print(f"{'ratio':10} {ratio:8.0f} times the bare sum; {share:.2f} of the {WANTED_S:.0f} s wanted\n")
    return {**said, "ratio": ratio, "share_of_wanted": share}


def _run(side: str) -> Side:
    environment = dict(os.environ) | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.scoring", side], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: Side = json.loads(done.stdout)
    return found


def _answers() -> Any:
    """Answers of 1 to 5 as floats, one in twenty missing; the same at each call."""
    draws = np.random.default_rng(45)
    answers = draws.integers(1, 6, (SHEETS, ITEMS)).astype(np.float64)
    answers[draws.random((SHEETS, ITEMS)) < 0.05] = np.nan
    return answers


def _instrument() -> Instrument:
    scale = Scale(1, 5, 1, "higher_is_more")
    items = tuple(Item(f"q{n}", Text(f"Detail {n}"), scale, reverse=n in (2, 9, 41, 42)) for n in range(1, ITEMS + 1))
    ids = [item.id for item in items]
    parts = (Score(f"part_{n}", tuple(ids[n * 15 : n * 15 + 15]), "mean", 0.2, "prorate") for n in range(3))
    scores = (Score("total", tuple(ids), "sum", 0.2, "prorate"), *parts)
    return Instrument("bench_45", Text("A benchmark"), "made here", "CC0-1.0", scale, (Section("s", items),), scores)


def _product(answers: Any) -> float:
    instrument = _instrument()
    ids = [item.id for item in instrument.items()]
    began = time.perf_counter()
    scorer = Scorer(instrument)
    total = 0.0
    for first in range(0, SHEETS, BLOCK):
        for row in answers[first : first + BLOCK].tolist():
            scored = scorer({id: value for id, value in zip(ids, row, strict=True) if value == value})
            total += scored[0].value or 0.0
    spent = time.perf_counter() - began
    assert total > 0
    return spent


def _bare(answers: Any) -> float:
    began = time.perf_counter()
    total = np.nansum(answers, axis=1)
    spent = time.perf_counter() - began
    assert total.sum() > 0
    return spent


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    answers = _answers()
    before = _peak_mb()
    seconds = {"product": _product, "bare": _bare}[sys.argv[1]](answers)
    print(json.dumps({"seconds": seconds, "peak_mb": _peak_mb(), "grew_mb": _peak_mb() - before}))


if __name__ == "__main__":
    main()
