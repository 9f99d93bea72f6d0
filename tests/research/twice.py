"""A study that asks two questionnaires twice, with answers of which science says what they come to."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.core.management import call_command

from coaching.models import StudyVersion
from tests import world

SLUG = "twice"
FILES: world.Files = {
    **{name: content for name, content in world.TINY.items() if not name.startswith("instruments/")},
    "study.yaml": str(world.TINY["study.yaml"])
    .replace("slug: tiny", f"slug: {SLUG}")
    .replace("title: Tiny", "title: Taken twice")
    .partition("before:")[0]
    + """\
before:
  - {id: early, title: Early, do: assess, instruments: [four, points]}
  - {id: late, title: Late, do: assess, instruments: [four, points], at: "early + 14d", window: [0s, 7d], missed: skip}
  - {id: later, title: Later, do: assess, instruments: [four], at: "early + 28d", window: [0s, 7d], missed: skip}
baseline: [early, late]
""",
    "instruments/four.yaml": """\
id: four
title: Four items
source: Own items
licence: CC0-1.0
scale: {min: 1, max: 5, step: 1, direction: higher_is_more}
sections:
  - id: only
    items:
      - {id: a1, text: One}
      - {id: a2, text: Two}
      - {id: a3, text: Three}
      - {id: a4, text: Four, reverse: true}
      - {id: why, text: Why, type: text, optional: true}
scores:
  total: {of: all, how: sum, missing: {allow: 1, how: prorate}}
  single: {of: [a1], how: mean}
  heavy: {of: [a1, a2, a4], how: sum, weights: {a1: 3}}
bands:
  total: {low: [4, 11], high: [12, 20]}
schemes:
  total:
    - {name: floor, version: "7", source: "Nobody (2024)", bands: {bottom: [4, 4], above: [5, 20]}}
""",
    "instruments/points.yaml": """\
id: points
title: Points
source: Own items
licence: CC0-1.0
scale: {min: 0, max: 100, step: 1, direction: higher_is_more}
sections: [{id: only, items: [{id: p, text: How many points}]}]
scores: {points: {of: all, how: sum}}
schemes:
  points:
    - {name: halves, version: "1", source: "Nobody (2024)", bands: {low: [0, 45], high: [46, 100]}}
""",
}
# science.md, 4.2 and 4.3.
SIX_BY_FOUR = [(1, 2, 1, 2), (2, 2, 3, 2), (3, 3, 3, 4), (4, 4, 5, 4), (5, 4, 5, 5), (2, 1, 2, 2)]
PAIRS = [(16, 17), (20, 24), (31, 29), (45, 49), (52, 50), (58, 63), (61, 60), (70, 74)]


def published() -> StudyVersion:
    return world.publish(FILES)


def give(
    version: StudyVersion, instrument: str, timepoint: str, answers: Mapping[str, Mapping[str, object]], at: str = ""
) -> None:
    """Imports answers by item of each person; all at one instant, if it is given."""
    items = list(dict.fromkeys(item for given in answers.values() for item in given))
    lines = [
        ",".join(["participant", *items, *(["answered_at"] if at else [])]),
        *(
            ",".join([who, *(str(given.get(item, "")) for item in items), *([at] if at else [])])
            for who, given in answers.items()
        ),
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.csv"
        file.write_text("\n".join(lines) + "\n")
        call_command(
            "import_answers", version.study.slug, str(file), instrument=instrument, timepoint=timepoint, create=True
        )


def four(rows: Sequence[Sequence[int | None]]) -> dict[str, dict[str, object]]:
    """Rows as a person would answer them: the last item is turned round, and None is not answered."""
    return {
        f"p{place}": {
            f"a{n}": "" if value is None else 6 - value if n == 4 else value for n, value in enumerate(row, start=1)
        }
        | {"why": "because"}
        for place, row in enumerate(rows)
    }


def points(values: Sequence[int]) -> dict[str, dict[str, object]]:
    return {f"q{place}": {"p": value} for place, value in enumerate(values)}
