"""Simulated people answer every kind of question as the real services would have stored it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from assessments.models import Administration, Answer, ChangeJudgement, SchemeBand, ScoreRow
from assessments.selectors import people_with_scores, sheet_of
from assessments.services import rescore
from coaching.models import StudyVersion
from rehearsal.services import simulate
from tests import world

EVERY_KIND = Path(__file__).parents[1] / "studies" / "every_kind"
NOW = dt.datetime(2027, 6, 1, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def version(db: None) -> StudyVersion:
    version = world.publish(EVERY_KIND, now=NOW - dt.timedelta(days=120))
    simulate(version=version, participants=60, seed="7", start=dt.date(2027, 2, 1), now=NOW, by="command")
    return version


def test_deriving_everything_again_changes_nothing(version: StudyVersion) -> None:
    people = list(people_with_scores(version.study))
    assert len(people) > 40

    differences = [each for person in people for each in rescore(enrolment=person, now=NOW).differences]

    assert differences == []
    assert ScoreRow.objects.filter(value__isnull=False).exists()
    assert SchemeBand.objects.exists()
    assert ChangeJudgement.objects.filter(method="off_the_floor").exists()


def test_each_closed_sheet_has_a_row_an_item_that_agrees_with_what_is_due(version: StudyVersion) -> None:
    closed = Administration.objects.filter(closed_at__isnull=False).select_related("occasion__enrolment__version")
    seen: Counter[str] = Counter()
    for sheet in closed:
        paper = sheet_of(sheet.occasion, sheet.instrument, None)
        answers = {answer.item: answer for answer in sheet.answers.all()}
        assert list(sheet.order) == list(paper.order)
        assert sheet.form == paper.form
        assert set(answers) == set(paper.order)
        are_due = sheet_of(sheet.occasion, sheet.instrument, sheet).due(answers.values())
        for item, answer in answers.items():
            assert (answer.status == Answer.Status.NOT_DUE) == (are_due[item] is False), (item, answer.status)
            seen[answer.status] += 1
    assert set(seen) >= {"answered", "declined", "skipped", "not_applicable", "not_reached", "not_due"}


def test_every_form_is_given_about_as_often_as_any_other(version: StudyVersion) -> None:
    forms = Counter(
        Administration.objects.filter(occasion__key="first", instrument="pictures").values_list("form", flat=True)
    )

    assert set(forms) == {"a", "b"}
    assert abs(forms["a"] - forms["b"]) <= 2
