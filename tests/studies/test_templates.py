"""The templates: each loads without a fault, says everything in both languages, and looks after all arms alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from protocol.bundle import read_bundle
from protocol.study import Study
from protocol.text import Text
from tests.rehearsal.players import NAMES, TEMPLATES

pytestmark = pytest.mark.once

STUDIES = TEMPLATES.parent
LIBRARIES = {"instruments": STUDIES / "instrument-library", "scripts": STUDIES / "script-library"}
OWN = {"ways_6.yaml", "today_2.yaml", "by-place.yaml", "by-words.yaml"}
MOST_WORDS = 15
BARRED = re.compile(r"\b(cure[sd]?|fix(es|ed)?|improves? your|normal|fail(ed|s)?|heilt|heilen|verbessert Ihre)\b", re.I)
each = pytest.mark.parametrize("name", NAMES)


@cache
def study(name: str) -> Study:
    return read_bundle(TEMPLATES / name).study


def test_every_template_is_known_and_has_a_line_in_the_readme() -> None:
    assert {folder.name for folder in TEMPLATES.iterdir() if folder.is_dir()} == set(NAMES)
    lines = (TEMPLATES / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line.split("`")[1] for line in lines if line.startswith("| `")] == sorted(NAMES, key=_in_readme(lines))


def _in_readme(lines: list[str]) -> Callable[[str], int]:
    return lambda name: next(n for n, line in enumerate(lines) if line.startswith(f"| `{name}`"))


@each
def test_it_is_called_by_its_folder_and_has_all_that_a_programme_needs(name: str) -> None:
    declared = study(name)
    assert declared.slug == name
    assert declared.languages == ("en", "de")
    assert declared.debrief is not None
    assert declared.payments is not None
    assert declared.leaving == ("training", "contact", "data")
    assert set(declared.messages.wordings) == {"invitation", "reminder", "link", "message"}
    assert declared.safety.escalate
    assert declared.safety.hours is not None
    assert {rule.instrument for rule in declared.safety.rules} == {"after_session", "adverse_events"}


@each
def test_every_arm_is_asked_at_the_same_times_and_after_every_session(name: str) -> None:
    declared = study(name)
    ways = [declared.path(arm.name) for arm in declared.arms] or [declared.path(None)]
    asked = [{(step.id, step.at) for step in way if "adverse_events" in step.instruments} for way in ways]
    assert asked[0]
    assert all(each == asked[0] for each in asked)
    for arm in [arm.name for arm in declared.arms] or [None]:
        sessions = [step.id for step in declared.path(arm) if step.do == "session"]
        assert list(declared.asked_after(arm)) == sessions


@each
def test_what_it_takes_from_the_libraries_is_as_it_is_there(name: str) -> None:
    """But for layers that open one by one, which a script that comes once or twice leaves out."""
    for kind, library in LIBRARIES.items():
        for file in sorted((TEMPLATES / name / kind).iterdir()):
            if file.name in OWN:
                continue
            theirs = (library / kind / file.name).read_text(encoding="utf-8")
            ours = file.read_text(encoding="utf-8")
            assert ours in (theirs, re.sub(r"^unlock:.*\n", "", theirs, flags=re.M)), file.name


@each
def test_its_words_are_short_and_promise_nothing(name: str) -> None:
    for where, text in _words(name):
        assert not BARRED.search(text), (where, text)
        for sentence in re.split(r"(?<=[.!?:])\s+", text):
            assert len(sentence.split()) <= MOST_WORDS, (where, sentence)


def _words(name: str) -> list[tuple[str, str]]:
    found = []
    for file in sorted((TEMPLATES / name).glob("*.md")):
        lines = file.read_text(encoding="utf-8").splitlines()
        found += [(file.name, line.lstrip("-# ")) for line in lines if line.strip()]
    declared = study(name)
    texts = [declared.title, declared.safety.support, declared.safety.hours, declared.messages.hours]
    texts += [step.title for step in declared.steps()]
    for wording in declared.messages.wordings.values():
        texts += [wording.subject, wording.text]
    if declared.messages.waiting is not None:
        texts += [declared.messages.waiting.wording.subject, declared.messages.waiting.wording.text]
    for text in texts:
        if isinstance(text, Text):
            assert set(text.by_language) == {"en", "de"}
            found += [("study.yaml", said) for said in text.by_language.values()]
    return found


def test_the_files_are_where_the_documentation_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")
    assert "studies/templates/README.md" in page
