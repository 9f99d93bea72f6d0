"""Instruments made at random from the format, each one that its checker takes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from assessments.importers.branching import Answers, NotCarried, answered, compared, joined, written
from assessments.importers.declared import Question, digits, question_of
from protocol.conditions import Condition, holds, parse_condition

Json = dict[str, Any]

LANGUAGES = ("en", "de")
# An instrument is much to make: the time that it takes says nothing.
some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
IDS = st.tuples(st.sampled_from("abcdefghijkl"), st.text("az_09", max_size=5)).map("".join)
# Words with all that some file format divides or marks things by.
WORDS = st.lists(
    st.text(st.sampled_from("abzäß語0159'\",;:()[]&<>=!?-/"), min_size=1, max_size=8), min_size=1, max_size=4
).map(" ".join)


def words(draw: st.DrawFn, languages: tuple[str, ...]) -> str | Json:
    """A text: one for all, or, of an instrument in several languages, mostly one for each."""
    if len(languages) > 1 and draw(st.booleans()):
        return {language: draw(WORDS) for language in languages}
    return draw(WORDS)


@st.composite
def instruments(draw: st.DrawFn, *, id: str = "made", several: bool = False, scores: bool = False) -> Json:
    """One instrument; `several`: in two languages, `scores`: with scores of its own."""
    languages = LANGUAGES if several else ()
    used: set[str] = set()
    scale = draw(scales(languages)) | {"direction": draw(st.sampled_from(["higher_is_more", "higher_is_less"]))}
    earlier: list[Answers] = []
    sections = []
    for n in range(draw(st.integers(1, 3))):
        section: Json = {"id": fresh(draw, used)}
        # A section that nothing marks can't be told from the one before.
        marks = draw(st.sampled_from([["title"], ["lead"], ["title", "lead"], *([[]] if n == 0 else [])]))
        section |= {mark: words(draw, languages) for mark in marks}
        section["items"] = []
        for _ in range(draw(st.integers(1, 4))):
            item = {"id": fresh(draw, used), "text": words(draw, languages), **draw(answers(languages))}
            if draw(st.booleans()):
                item["optional"] = True
            if earlier and draw(st.booleans()):
                item["when"] = draw(conditions(earlier))
            section["items"].append(item)
            earlier.append(Answers.of(question_of(item, section["id"], scale)))
        sections.append(section)
    return {
        "id": id,
        "title": words(draw, languages),
        "source": "made for the tests",
        "licence": "CC0-1.0",
        "scale": scale,
        "sections": sections,
        "scores": draw(some_scores(sections)) if scores else {},
    }


def fresh(draw: st.DrawFn, used: set[str]) -> str:
    id = draw(IDS.filter(lambda id: id not in used))
    used.add(id)
    return id


@st.composite
def scales(draw: st.DrawFn, languages: tuple[str, ...] = ()) -> Json:
    """A scale of consecutive whole points, or one from 0 to 100."""
    if draw(st.integers(0, 4)) == 0:
        low, high, labelled = 0, 100, [0, 50, 100]
    else:
        low = draw(st.integers(-2, 3))
        high = low + draw(st.integers(2, 9))
        labelled = list(range(low, high + 1))
    points = draw(st.lists(st.sampled_from(labelled), unique=True, max_size=5))
    labels = {str(point): words(draw, languages) for point in sorted(points)}
    labels = {point: text for point, text in labels.items() if text != point}
    return {"min": low, "max": high, **({"labels": labels} if labels else {})}


@st.composite
def answers(draw: st.DrawFn, languages: tuple[str, ...] = ()) -> Json:
    """How an item is answered: the keys of its type."""
    type = draw(st.sampled_from(["scale", "choice", "multi", "number", "text", "date"]))
    if type == "scale":
        return {"scale": draw(scales(languages))} if draw(st.booleans()) else {}
    return {"type": type} | draw(_KEYS[type](languages))


@st.composite
def choices(draw: st.DrawFn, languages: tuple[str, ...]) -> Json:
    codes = st.text("abABC_0123", min_size=1, max_size=4)
    ids = draw(st.lists(codes, min_size=1, max_size=5, unique_by=str.lower).filter(lambda ids: set(ids) != {"0", "1"}))
    return {"choices": [{"id": id, "text": words(draw, languages)} for id in ids]}


@st.composite
def numbers(draw: st.DrawFn, languages: tuple[str, ...]) -> Json:
    low, high = sorted(draw(st.lists(st.integers(-50, 200), min_size=2, max_size=2, unique=True)))
    ends = draw(st.sampled_from([{}, {"min": low}, {"max": high}, {"min": low, "max": high}]))
    return ends | draw(st.sampled_from([{}, {"step": 1}]))


@st.composite
def dates(draw: st.DrawFn, languages: tuple[str, ...]) -> Json:
    days = st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)).map(dt.date.isoformat)
    low, high = sorted(draw(st.lists(days, min_size=2, max_size=2)))
    return draw(st.sampled_from([{}, {"min": low}, {"max": high}, {"min": low, "max": high}]))


def texts(languages: tuple[str, ...]) -> st.SearchStrategy[Json]:
    return st.sampled_from([{}, {"lines": "one"}, {"lines": "many"}])


_KEYS = {"choice": choices, "multi": choices, "number": numbers, "text": texts, "date": dates}


@st.composite
def conditions(draw: st.DrawFn, earlier: list[Answers]) -> str:
    """A condition on earlier items, as `when` holds it, that some answers meet and others don't."""
    parts = [draw(comparisons(draw(st.sampled_from(earlier)))) for _ in range(draw(st.integers(1, 3)))]
    by = draw(st.sampled_from(["and", "or"]))
    condition = joined(by, parts)
    if len(parts) > 1 and draw(st.booleans()):
        condition = joined(
            "or" if by == "and" else "and", [condition, draw(comparisons(draw(st.sampled_from(earlier))))]
        )
    return written(condition)


@st.composite
def comparisons(draw: st.DrawFn, of: Answers) -> Condition:
    if of.type != "multi" and draw(st.integers(0, 5)) == 0:
        return answered(of)
    ops = ["==", "!="] if of.choices or of.type == "text" else ["==", "!=", "<", "<=", ">", ">="]
    values = {
        "scale": lambda: digits(draw(whole_between(of))),
        "number": lambda: digits(draw(whole_between(of))),
        "date": lambda: draw(
            st.sampled_from([str(of.low or of.high or "1950-02-03"), str(of.high or of.low or "2050-02-03")])
        ),
        "text": lambda: draw(st.sampled_from(["yes", "no idea", 'so "so"', "it's"])),
    }
    value = draw(st.sampled_from(of.choices)) if of.choices else values[of.type]()
    try:
        return compared(of, draw(st.sampled_from(ops)), value)
    except NotCarried:
        return compared(of, "==", value)


def whole_between(of: Answers) -> st.SearchStrategy[int]:
    return st.integers(-60 if of.low is None else int(of.low), 300 if of.high is None else int(of.high))


@st.composite
def some_scores(draw: st.DrawFn, sections: list[Json]) -> Json:
    counted = [item["id"] for section in sections for item in section["items"] if item.get("type") in (None, "number")]
    if not counted:
        return {}
    return {"total": {"of": counted, "how": draw(st.sampled_from(["sum", "mean"]))}}


def answers_to(answers: Answers) -> st.SearchStrategy[Any]:
    if answers.type == "multi":
        return st.none() | st.lists(st.sampled_from(answers.choices), min_size=1, unique=True).map(tuple)
    if answers.choices:
        return st.none() | st.sampled_from(answers.choices)
    if answers.are_numbers:
        low = -60 if answers.low is None else int(answers.low)
        return st.none() | st.integers(low, low + 300 if answers.high is None else int(answers.high)).map(float)
    values = ["1950-02-03", "2050-02-03"] if answers.type == "date" else ["yes", "no idea", "-", "it's"]
    return st.none() | st.sampled_from(values)


def is_asked(question: Question, given: Json) -> bool | None:
    """Whether a question is asked of somebody who gave these answers."""
    return holds(parse_condition(question.of["when"]), given) if "when" in question.of else True


def put_something_else(data: st.DataObject, value: Any) -> None:
    """Puts any JSON in the place of some part of a value, however deep."""
    while True:
        key = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        if not isinstance(value[key], dict | list) or not value[key] or data.draw(st.integers(0, 3)) == 0:
            break
        value = value[key]
    value[key] = data.draw(ANY_JSON)


_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
ANY_JSON = st.recursive(_LEAVES, lambda of: st.lists(of, max_size=2) | st.dictionaries(st.just("code"), of, max_size=1))
