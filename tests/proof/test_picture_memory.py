"""What a hostile upload or drawing may cost: at its peak, not 50 MB more than an ordinary photograph does."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.pictures import NORMALISED, REFUSED, content, noise

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
MOST_MORE_MB = 50

# Each in a process of its own, since a peak never goes down again; started by a small one, since a process begins with
# the peak of the one that starts it.
START = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, *sys.argv[1:]]))"
MEASURE = """
import resource, sys, warnings
from imagery.drawings.pictures import PictureRefused, read_upload, render
from imagery.drawings.strokes import StrokesFault, read_strokes
kind, path = sys.argv[1:]
warnings.simplefilter("ignore", UserWarning)
outcome = "kept"
try:
    if kind == "picture":
        with open(path, "rb") as file:
            read_upload(file)
    else:
        with open(path, encoding="utf-8") as file:
            drawing = read_strokes(file.read())
        drawing.text, render(drawing)
except (PictureRefused, StrokesFault) as problem:
    outcome = f"refused: {problem}"
unit = 1_048_576 if sys.platform == "darwin" else 1_024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, outcome, sep="|")
"""


def many_points() -> str:
    points = ",".join(f"[{i % 997}.5,{i % 991},{i}]" for i in range(200_000))
    return '{"v":1,"canvas":{"w":1000,"h":1000},"strokes":[{"size":8,"pts":[' + points + "]}]}"


def more_points_than_are_kept() -> str:
    return '{"v":1,"canvas":{"w":1000,"h":1000},"strokes":[{"size":8,"pts":[' + "[1,2,3]," * 620_000 + "[1,2,3]]}]}"


DRAWINGS = {
    "200,000 points": many_points,
    "620,000 points": more_points_than_are_kept,
    "a million lists": lambda: '{"v":1,"canvas":{"w":1000,"h":1000},"ops":[' + "[]," * 1_600_000 + "[]]}",
    "a million objects": lambda: '{"v":1,"canvas":{"w":1000,"h":1000},"ops":[' + "{}," * 1_600_000 + "{}]}",
    "numbers": lambda: '{"v":1,"canvas":{"w":1000,"h":1000},"ops":[' + "0.1," * 480_000 + "1]}",
    "deep": lambda: "[" * 4_900_000,
    "points in points": lambda: '{"v":1,"canvas":{"w":1000,"h":1000},"strokes":[{"pts":' + "[" * 4_900_000,
    "ten thousand lines": lambda: (
        '{"v":1,"canvas":{"w":1000,"h":1000},"strokes":['
        + ",".join('{"size":8,"pts":[[1,1,1],[900,900,2]]}' for _ in range(10_000))
        + "]}"
    ),
}


def peak_mb(folder: Path, kind: str, sent: bytes) -> tuple[float, str]:
    path = folder / "sent"
    path.write_bytes(sent)
    done = subprocess.run(
        [sys.executable, "-c", START, "-c", MEASURE, kind, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    peak, outcome = done.stdout.strip().split("|")
    return float(peak), outcome


@cache
def ordinary() -> bytes:
    """A photograph as a phone takes it: 12 million pixels."""
    return noise(4_032, 3_024, "JPEG", quality=85)


@pytest.fixture(scope="module")
def normal_mb(tmp_path_factory: pytest.TempPathFactory) -> float:
    peak, outcome = peak_mb(tmp_path_factory.mktemp("ordinary"), "picture", ordinary())
    assert outcome == "kept"
    return peak


@pytest.mark.parametrize("name", [*REFUSED, *NORMALISED])
def test_a_hostile_picture_costs_little_more_than_a_photograph(
    name: str, normal_mb: float, tmp_path: Path, record_property: Any
) -> None:
    peak, outcome = peak_mb(tmp_path, "picture", content(name))
    record_property("peak_mb", round(peak))
    print(f"{name}: {peak:.0f} MB ({outcome}), a photograph {normal_mb:.0f} MB")
    assert outcome.startswith("kept" if name in NORMALISED else "refused")
    assert peak - normal_mb < MOST_MORE_MB


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_hostile_drawing_costs_little_more_than_a_photograph(name: str, normal_mb: float, tmp_path: Path) -> None:
    peak, outcome = peak_mb(tmp_path, "strokes", DRAWINGS[name]().encode())
    print(f"{name}: {peak:.0f} MB ({outcome}), a photograph {normal_mb:.0f} MB")
    assert peak - normal_mb < MOST_MORE_MB


def test_the_dearest_pictures_that_are_taken_cost_little_more_than_a_photograph(
    normal_mb: float, tmp_path: Path
) -> None:
    # Each as large as its kind may be: what is refused above was refused, not only left undecoded by luck.
    dear = {
        "4K with transparency": noise(4_096, 2_160, "PNG", "RGBA"),
        "a WebP of the most pixels": noise(2_000, 1_500, "WEBP"),
        "a progressive photograph": noise(4_032, 3_024, "JPEG", progressive=True),
        "four inks": noise(2_200, 1_650, "JPEG", "CMYK"),
    }
    for name, sent in dear.items():
        peak, outcome = peak_mb(tmp_path, "picture", sent)
        print(f"{name}: {peak:.0f} MB ({outcome}), {len(sent) / 1e6:.1f} MB sent")
        assert outcome == "kept", name
        assert peak - normal_mb < MOST_MORE_MB, name
