"""Instruments put together from what an importer found, within the limits of the format, and checked by its checker."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from assessments.importers.declared import Number, digits, number
from assessments.importers.losses import Fault, ImportFaults, Json, Ledger
from assessments.importers.wording import LONGEST_LABEL, Text
from protocol import definitions
from protocol.dumping import yaml_text
from protocol.kinds import Reading
from protocol.nodes import read_yaml
from protocol.rules.instrument import check_instrument

MAX_SECTIONS = 100
MAX_ITEMS = 500
MAX_CHOICES = 200
MAX_POINTS = 1_001

DIRECTION = "higher_is_more"
NO_LICENCE = "not stated"
# Of an instrument without a scale item: the format wants one, and nothing is answered by it.
_UNUSED = {"min": 0, "max": 1, "direction": DIRECTION}


@dataclass(slots=True)
class Part:
    """A section that is being filled."""

    id: str
    title: Text = ""
    leads: list[Text] = field(default_factory=list)
    items: list[Json] = field(default_factory=list)


def scale_of(points: Sequence[Number], labels: dict[str, Text]) -> Json:
    """A scale as an item holds it; points that are labelled by nothing but themselves have no label."""
    scale: Json = {"min": points[0], "max": points[-1]}
    step = float(Fraction(str(points[1])) - Fraction(str(points[0]))) if len(points) > 1 else 1
    if step != 1:
        scale["step"] = number(step)
    kept = {point: text for point, text in labels.items() if text and not _says_no_more(text, point)}
    return scale | ({"labels": kept} if kept else {})


def _says_no_more(text: Text, point: str) -> bool:
    return text == point if isinstance(text, str) else all(words == point for words in text.values())


def is_run(numbers: Sequence[Number]) -> bool:
    """Whether whole numbers follow each other, each one more than the one before, at least two of them."""
    return len(numbers) > 1 and list(numbers) == list(range(int(numbers[0]), int(numbers[0]) + len(numbers)))


def is_even(numbers: Sequence[Number]) -> bool:
    """Whether numbers rise by the same step each time, at least two of them, and as a scale has them."""
    if len(numbers) < 2:
        return False
    exact = [Fraction(str(number)) for number in numbers]
    steps = {later - earlier for earlier, later in pairwise(exact)}
    return len(steps) == 1 and min(steps) > 0


def labels_by_point(points: Iterable[Number], texts: Iterable[Text]) -> dict[str, Text]:
    """Labels as a scale holds them, those too long cut off."""
    return {
        digits(point): text[:LONGEST_LABEL] if isinstance(text, str) else text
        for point, text in zip(points, texts, strict=True)
    }


def drafted(
    *, id: str, title: Text, source: str, licence: str, parts: Iterable[Part], about: Text = "", ledger: Ledger
) -> Json | None:
    """The instrument that parts make; None, and a loss, where nothing in them can be asked.

    Its scale is the one that most of its scale items have, and they have none of their own then.
    """
    sections = [_section(part) for part in parts if part.items]
    if not sections:
        ledger.lost(id, "the whole questionnaire: nothing in it can be asked")
        return None
    items = [item for section in sections for item in section["items"]]
    scale = _commonest([item["scale"] for item in items if "scale" in item])
    for item in items:
        if scale is not None and item.get("scale") == scale:
            del item["scale"]
    if scale is None:
        scale = dict(_UNUSED)
    else:
        ledger.changed(
            id, f"direction: {DIRECTION} was written, for the file doesn't say which end means more; check it"
        )
        ledger.changed(id, "scores: {} was written; no score was invented")
    if licence == NO_LICENCE:
        ledger.changed(id, f"licence: {NO_LICENCE!r} was written, for the file doesn't say it; ask whose it is")
    return {
        "id": id,
        "title": title,
        **({"about": about} if about else {}),
        "source": source,
        "licence": licence,
        "scale": {"direction": DIRECTION, **scale} if "direction" not in scale else scale,
        "sections": sections,
        "scores": {},
    }


def _section(part: Part) -> Json:
    lead = together(part.leads)
    return {
        "id": part.id,
        **({"title": part.title} if part.title else {}),
        **({"lead": lead} if lead else {}),
        "items": part.items,
    }


def together(texts: Sequence[Text]) -> Text:
    """Several texts as one, a blank line between them; in every language in which one of them is."""
    if all(isinstance(text, str) for text in texts):
        return "\n\n".join(str(text) for text in texts)
    languages = dict.fromkeys(key for text in texts if isinstance(text, dict) for key in text)
    return {
        language: "\n\n".join(text if isinstance(text, str) else text.get(language, "") for text in texts)
        for language in languages
    }


def _commonest(scales: Sequence[Json]) -> Json | None:
    counts = Counter(json.dumps(scale) for scale in scales)
    return json.loads(counts.most_common(1)[0][0]) if counts else None


def check_drafts(instruments: dict[str, Json]) -> None:
    """Holds instruments against the format's own checker, as if their files were read.

    Raises:
        ImportFaults: with all that it finds: more than a study may hold.
    """
    faults: list[Fault] = []
    for id, instrument in instruments.items():
        faults += [Fault(f"instrument {id}", "", message) for message in problems(instrument)]
    if faults:
        raise ImportFaults(faults)


def problems(instrument: Json) -> list[str]:
    """What the format's checker says of an instrument."""
    found: list[str] = []
    reading = Reading(f"instruments/{instrument['id']}.yaml", lambda fault: found.append(fault.message))
    node = read_yaml(yaml_text(instrument).encode("utf-8"), reading.file, lambda fault: found.append(fault.message))
    if node is not None:
        definitions.instrument.check(node, "instrument", reading)
        check_instrument(node, reading)
    return found
