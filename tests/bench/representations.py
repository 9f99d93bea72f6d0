"""All four methods of representations on 200 simulated people, beside the time and the memory that they may take.

Run as `python -m tests.bench.representations` it prints one JSON line: seconds by method, the process's peak memory in
MB, and by which encoder sentences were read: the installed model, or one made here where it is not.
"""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import time
import zlib
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from representations.coding import Example, code_reports
from representations.designs import drawn_features, drawn_weights, joined, played
from representations.encoder_minilm import MiniLM, ModelFault
from representations.groups import aligned
from representations.profile_tables import ItemDrawing
from representations.profiles import rotation_profile
from representations.rotation import TurnedAngle, set_rotation
from representations.sentences import Report
from representations.shared import find_shared_content
from representations.strokes import read_drawing

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 200
ITEMS, DIMENSIONS, TRIALS = 24, 30, 120  # of the judgements: ratings of pairs
THINGS = 8  # that everybody draws
REPORTS, SENTENCES = 2, 4  # that everybody writes
MOST_S, MOST_MB = 300.0, 1536.0
GROUPS = ("control", "low")
CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "vivid": ("clear", "bright", "sharp", "detailed", "lifelike", "colourful"),
    "dim": ("faint", "blurred", "grey", "fleeting", "vague", "pale"),
    "none": ("absent", "blank", "missing", "empty", "unseen", "dark"),
}
PLACES = ("beach", "kitchen", "forest", "street", "garden", "station", "church", "market", "harbour", "meadow")
PARTS = ("door", "window", "tree", "bench", "lamp", "wall", "path", "roof", "face", "hand", "cup", "boat")


class MadeEncoder:
    """Seven layers of 384 numbers made of a sentence's words: what the method does with them is timed."""

    settings: Mapping[str, str] = {"model": "made for the benchmark"}

    def states(self, sentences: Sequence[str], progress: Any = None) -> npt.NDArray[np.float32]:
        words = {word for text in sentences for word in text.lower().split()}
        vectors = {word: np.random.default_rng(zlib.crc32(word.encode())).normal(size=384) for word in sorted(words)}
        layer = np.stack([np.mean([vectors[word] for word in text.lower().split()], axis=0) for text in sentences])
        generator = np.random.default_rng(7)
        layers = [layer]
        for _ in range(6):
            layers.append(np.tanh(layers[-1] + 0.3 * layers[-1] @ generator.normal(size=(384, 384)) / math.sqrt(384)))
        if progress is not None:
            progress(len(sentences), len(sentences))
        return np.stack(layers, axis=1).astype(np.float32)


def measure(_database: str, _folder: Path, _asked: Namespace) -> dict[str, Any]:
    """Once, in a process of its own: what is asked is not how the time varies but whether it is far from the limit."""
    # One thread: several of them wait for each other by turning in circles where something else runs beside.
    environment = dict(os.environ) | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.representations"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def report(found: dict[str, Any]) -> dict[str, Any]:
    """Prints the figures, and gives them."""
    spent = sum(found["seconds"].values())
    print(f"\nrepresentations of {PEOPLE} simulated people, one process, one thread; sentences by: {found['encoder']}")
    for name, seconds in found["seconds"].items():
        print(f"{name:24}{seconds:>10.1f} s")
    print(f"{'all':24}{spent:>10.1f} s  peak {found['peak_mb']:.0f} MB")
    ratios = {"share_of_5_min": spent / MOST_S, "share_of_1_5_gb": found["peak_mb"] / MOST_MB}
    print(f"{'ratio to the limit':24}{ratios['share_of_5_min']:>10.3f}    memory {ratios['share_of_1_5_gb']:.3f}\n")
    return {**found, **ratios}


def _names() -> list[str]:
    return [f"P{k:03d}" for k in range(PEOPLE)]


def _alignment() -> None:
    generator = np.random.default_rng(1)
    features, common = drawn_features(ITEMS, DIMENSIONS, generator), np.ones(DIMENSIONS)
    parts = [
        played(features, drawn_weights(common, PEOPLE // 2, 0.5, generator), snr, TRIALS, generator, group)
        for group, snr in zip(GROUPS, (4.0, 1.0), strict=True)
    ]
    judgements = joined(*parts)
    group_of = {name: next(group for group in GROUPS if name.startswith(group)) for name in judgements.people}
    assert len(aligned(judgements, group_of, features=features).table("people").rows()) == PEOPLE


def _strokes(lines: Sequence[npt.NDArray[np.float64]]) -> bytes:
    strokes = [
        {"id": n, "tool": "pen", "size": 8, "color": "ink", "pointer": "pen", "mode": "free", "removed_at": None,
         "pts": [[round(float(x), 1), round(float(y), 1), 10 * t] for t, (x, y) in enumerate(line)]}
        for n, line in enumerate(lines, 1)
    ]  # fmt: skip
    return json.dumps({"v": 1, "canvas": {"w": 1000, "h": 1000}, "strokes": strokes, "words": [], "ops": []}).encode()


def _thing(generator: np.random.Generator) -> list[npt.NDArray[np.float64]]:
    """Four winding lines about the middle of the paper."""
    steps = generator.normal(0, 45, size=(4, 24, 2)).cumsum(axis=1)
    starts = generator.uniform(350, 650, size=(4, 1, 2))
    return list(np.clip(starts + steps, 20, 980))


def _drawings() -> tuple[dict[str, Any], list[ItemDrawing]]:
    generator = np.random.default_rng(2)
    things = {f"thing {k}": _thing(generator) for k in range(THINGS)}
    stimuli = {name: read_drawing(_strokes(lines)) for name, lines in things.items()}
    drawings = []
    for k, person in enumerate(_names()):
        hand = generator.normal(0, 12, size=2)
        for name, lines in things.items():
            moved = [np.clip(line + hand + generator.normal(0, 15, size=line.shape), 0, 1000) for line in lines]
            drawings.append(ItemDrawing(person, name, read_drawing(_strokes(moved)), GROUPS[k % 2]))
    return stimuli, drawings


def _symmetry() -> None:
    stimuli, drawings = _drawings()
    assert rotation_profile(drawings, stimuli, seed=1).tables
    generator = np.random.default_rng(3)
    settings = [
        TurnedAngle(person, f"thing {item}", turn, turn + generator.normal(5, 12), GROUPS[k % 2])
        for k, person in enumerate(_names())
        for item in range(THINGS)
        for turn in range(0, 360, 45)
    ]
    assert set_rotation(settings, seed=1).tables


def _sentence(generator: np.random.Generator, category: str) -> str:
    """A sentence that seldom comes twice, so that each has to be read."""
    word = generator.choice(CATEGORIES[category])
    place, other = generator.choice(PLACES, 2)
    first, second, third = generator.choice(PARTS, 3)
    return f"The {first} near the {place} was {word}, with the {second} and the {third} of a {other} beyond it."


def _coding() -> str:
    generator = np.random.default_rng(4)
    names = list(CATEGORIES)
    examples = [Example(_sentence(generator, category), category) for category in names for _ in range(40)]
    known = {example.text for example in examples}
    reports = []
    for person in _names():
        for n in range(REPORTS):
            texts = [_sentence(generator, str(generator.choice(names))) for _ in range(SENTENCES)]
            reports.append(Report(f"{person} {n}", " ".join(text for text in texts if text not in known), "en"))
    try:
        encoder: Any = MiniLM()
    except ModelFault:
        encoder = MadeEncoder()
    unique = list({example.text: example for example in examples}.values())
    result = code_reports(reports, unique, encoder, seed=1)
    assert len(result.table("sentences").rows()) > PEOPLE
    return str(encoder.settings["model"])


def _shared() -> None:
    stimuli, drawings = _drawings()
    result = find_shared_content(
        np.stack([np.asarray(each.picture) for each in drawings]),
        np.stack([stimuli[each.item] for each in drawings]),
        [each.item for each in drawings],
        people=[each.person for each in drawings],
        groups={each.person: each.group for each in drawings},
    )
    assert len(result.table("people").rows()) == PEOPLE


def main() -> None:
    seconds: dict[str, float] = {}
    encoder = ""
    parts: dict[str, Callable[[], str | None]] = {
        "alignment": _alignment,
        "symmetry, rotation": _symmetry,
        "consistency": _coding,
        "shared and exclusive": _shared,
    }
    for name, part in parts.items():
        began = time.perf_counter()
        encoder = part() or encoder
        seconds[name] = time.perf_counter() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb, "encoder": encoder}))


if __name__ == "__main__":
    main()
