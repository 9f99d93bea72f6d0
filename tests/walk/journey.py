"""A person's way through the example study, the same for every kind of hands, and what the rows must say of it.

On the way each of them submits forms twice, goes back and changes an answer, and answers one question in two tabs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tests.walk.hands import Hands
from tests.walk.lab import SLUG, Lab, Row

ITEMS = ("h1", "h2", "d1", "d2")
Values = tuple[int, ...]


@dataclass(frozen=True)
class Person:
    """Who walks, and what they answer.

    `baseline`: their four first answers; the third is what they say before they would rather not say. `second_thought`
    replaces the second. `day28` may be shorter than the questionnaire, or empty: then its window closes on it.
    """

    language: str
    email: str
    timezone: str
    baseline: Values
    second_thought: int
    post: Values
    day28: Values


@dataclass(frozen=True)
class Given:
    """What an item's row must say."""

    value: int | None
    status: str = "answered"
    changes: int = 0


def comes_in(hands: Hands, person: Person, *, is_invited: bool) -> None:
    """From the welcome page to home."""
    assert hands.screen == "welcome"
    assert hands.language == person.language
    hands.press()
    assert hands.screen == "eligibility"
    hands.press()
    assert hands.screen == "eligibility", "nothing given leads nowhere"
    hands.fill("age", "34")
    hands.press()
    assert hands.shown("heard") == ""
    hands.choose("heard", "web")
    hands.press_twice()
    assert hands.screen == "consent"
    hands.back()
    assert hands.screen == "eligibility"
    assert hands.shown("heard") == "web"
    hands.press()
    assert [hands.shown(name) for name in ("take_part", "data", "recontact")] == ["", "", ""]
    other = hands.tab()
    for tab in (other, hands):
        tab.choose("take_part", "yes")
        tab.choose("data", "yes")
    other.press()
    hands.press_twice()
    assert [other.screen, hands.screen] == ["contact", "contact"]
    hands.open(f"/join/{SLUG}/")
    assert hands.screen == "contact", "whoever consented is led to what is left to do"
    if is_invited:
        assert [hands.shown("email"), hands.shown("timezone")] == [person.email, person.timezone]
    else:
        if person.email:
            hands.fill("email", person.email)
        hands.pick("timezone", person.timezone)
    hands.press_twice()
    assert hands.screen == "home"


def answers_first(hands: Hands, person: Person, *, then: tuple[str, ...] = ("wait",)) -> None:
    """The first questionnaire, with second thoughts; `then` are the screens to which it may lead."""
    hands.press()
    h1, h2, d1, d2 = (str(value) for value in person.baseline)
    _answer(hands, "h1", h1)
    _answer(hands, "h2", h2, is_twice=True)
    assert hands.shown("d1") == ""
    hands.back()
    assert hands.shown("h2") == h2, "going back shows what was answered"
    hands.choose("h2", str(person.second_thought))
    hands.press()
    other = hands.tab()
    _answer(hands, "d1", d1)
    assert other.shown("d1") == ""
    other.skip()
    assert hands.shown("d2") == other.shown("d2") == ""
    _answer(hands, "d2", d2, is_twice=True)
    assert hands.screen in then
    hands.back()
    assert hands.screen in {"error", "question"}, "a page of a finished questionnaire, shown or refused"
    hands.open("/me/next/")
    assert hands.screen in then


def answers_later(hands: Hands, values: Values) -> None:
    """A later questionnaire, every submit of it twice."""
    assert hands.screen == "home"
    hands.press()
    for item, value in zip(ITEMS, values, strict=False):
        assert hands.screen == "question"
        _answer(hands, item, str(value), is_twice=True)


def _answer(hands: Hands, item: str, value: str, *, is_twice: bool = False) -> None:
    assert hands.shown(item) == "", "nothing is chosen beforehand"
    hands.choose(item, value)
    if is_twice:
        hands.press_twice()
    else:
        hands.press()


def given(person: Person) -> dict[str, dict[str, Given]]:
    """What was given, by timepoint and item."""
    h1, _, _, d2 = person.baseline
    missing = Given(None, "not_reached")
    return {
        "baseline": {
            "h1": Given(h1),
            "h2": Given(person.second_thought, changes=1),
            "d1": Given(None, "declined", changes=1),
            "d2": Given(d2),
        },
        "post": {item: Given(value) for item, value in zip(ITEMS, person.post, strict=True)},
        "day28": dict.fromkeys(ITEMS, missing) | {i: Given(v) for i, v in zip(ITEMS, person.day28, strict=False)},
    }


# --- the scores, reckoned again --------------------------------------------------------------------------------------


def scores(person: Person) -> dict[tuple[str, str], Row]:
    """What each row of `scores` must say, by timepoint and score: from the study's files by pencil and paper."""
    expected: dict[tuple[str, str], Row] = {}
    for timepoint, items in given(person).items():
        values = [each.value for each in items.values()]
        expected[timepoint, "total"] = _total(values)
        expected[timepoint, "harbour"] = _harbour(values[:2])
    for score in ("total", "harbour"):
        first = next((t for t in given(person) if expected[t, score]["value"] is not None), None)
        for timepoint in given(person):
            _compare(expected[timepoint, score], expected[first, score] if first else None, is_normed=score == "total")
    return expected


def _total(values: list[int | None]) -> Row:
    """The sum of four; one may be missing, and is then taken to be as the others are."""
    there = [value for value in values if value is not None]
    value = sum(there) * 4 / len(there) if len(there) >= 3 else None
    bands = [name for name, low in (("none", 4), ("dim", 5), ("typical", 9), ("vivid", 19)) if value and value >= low]
    return {
        "value": value,
        "items_answered": len(there),
        "items_missing": 4 - len(there),
        "prorated": len(there) == 3,
        "band": bands[-1] if bands else None,
    }


def _harbour(values: list[int | None]) -> Row:
    """The mean of two; neither may be missing."""
    there = [value for value in values if value is not None]
    value = sum(there) / 2 if len(there) == 2 else None
    answered = {"items_answered": len(there), "items_missing": 2 - len(there)}
    return {"value": value, "prorated": False, "band": None, **answered}


def _compare(row: Row, first: Row | None, *, is_normed: bool) -> None:
    row |= {"change": None, "reliable_change": None, "reliable_change_verdict": None}
    if first is None or row is first or row["value"] is None:
        return
    row["change"] = row["value"] - first["value"]
    if is_normed:
        index = row["change"] / (3.0 * math.sqrt(2 * (1 - 0.85)))
        verdict = "increased" if index > 1.96 else "decreased" if index < -1.96 else "no_reliable_change"
        row |= {"reliable_change": index, "reliable_change_verdict": verdict}


# --- what the researcher reads ---------------------------------------------------------------------------------------


def check_rows(lab: Lab, person: Person, code: str, *, is_timed: bool, window: tuple[str, str]) -> None:
    """The API's rows of one person are what they entered, one for one."""
    responses = lab.rows_once("responses", 12, participant=code)
    expected = given(person)
    for row in responses:
        wanted = expected[row["timepoint"]].pop(row["item"])
        assert [row["value"], row["status"], row["changes"]] == [wanted.value, wanted.status, wanted.changes], row
        assert row["position"] == ITEMS.index(row["item"]) + 1
        assert [row["study"], row["instrument"], row["instrument_version"]] == [SLUG, "scenes_4", 1]
        if wanted.status == "not_reached":
            assert [row["answered_at"], row["response_time_ms"]] == [None, None]
            continue
        assert row["language"] == person.language
        assert window[0] <= row["answered_at"] <= window[1]
        assert (row["response_time_ms"] is not None) == (is_timed and wanted.status == "answered"), row
        assert row["response_time_ms"] is None or 0 <= row["response_time_ms"] < 60_000
    assert not any(expected.values()), "rows are missing"
    _check_scores(lab, person, code)


def _check_scores(lab: Lab, person: Person, code: str) -> None:
    reckoned = scores(person)
    wide = lab.rows("wide", participant=code)[0]
    rows = lab.rows_once("scores", 6, participant=code)
    for row in rows:
        wanted = reckoned.pop((row["timepoint"], row["score"]))
        for name, value in wanted.items():
            close = isinstance(value, float) and row[name] is not None and math.isclose(row[name], value, abs_tol=1e-9)
            assert close or row[name] == value, (name, value, row)
        assert wide[f"{row['timepoint']}__scenes_4__{row['score']}"] == row["value"]
    assert not reckoned, "scores are missing"
    participant = lab.rows("participants", participant=code)[0]
    assert participant["arm"] in {"sessions", "questions"}
    assert {row["arm"] for row in [*rows, wide]} == {participant["arm"]}
    group = scores(person)["baseline", "total"]["band"]
    assert [participant["group"], wide["group"], participant["status"]] == [group, group, "completed"]
    assert [participant["language"], participant["timezone"]] == [person.language, person.timezone]
    assert participant["consented_at"] < participant["allocated_at"] < participant["completed_at"]
    assert [participant["study_version"], participant["withdrawn_at"], participant["synthetic"]] == [1, None, False]
