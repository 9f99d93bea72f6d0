"""Synthetic people's rows are those that real people would have left."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

import pytest

from assessments.models import Administration, Answer, AnswerRevision, ScoreRow
from assessments.services import close_occasion, recompute
from coaching.models import ConsentRecord, Enrolment, Measure, Occasion
from coaching.schedule import finished, plan
from coaching.selectors.people import facts_of
from coaching.selectors.studies import declared
from coaching.services.people import shown_consent
from tests import world
from tests.rehearsal.test_simulate import DEMO, MIDNIGHT, NOW, fill

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_scores_measures_and_changes_are_what_the_answers_give() -> None:
    fill(world.publish(DEMO), 40)
    tables = (ScoreRow, Measure)
    before = [_facts(model) for model in tables]
    assert any(row["change"] for row in before[0])
    for person in Enrolment.objects.filter(synthetic=True):
        recompute(enrolment=person, now=NOW)
    assert [_facts(model) for model in tables] == before


def _facts(model: Any) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in row.items() if key != "recorded_at"}
        for row in model._default_manager.order_by("pk").values()
    ]


def test_every_occasion_stands_as_the_schedule_says() -> None:
    version = world.publish(DEMO)
    fill(version, 80)
    study = declared(version)
    for person in Enrolment.objects.filter(synthetic=True, withdrawn_at=None):
        occasions = list(person.occasions.all())
        facts = facts_of(person, occasions)
        planned = plan(study, facts, MIDNIGHT)
        assert {o.key for o in occasions} == set(planned)
        for occasion in occasions:
            step = planned[occasion.key]
            seen = (occasion.state, occasion.settled_at, occasion.due_at, occasion.opens_at, occasion.closes_at)
            assert seen == (step.state, step.settled_at, step.due_at, step.opens_at, step.closes_at), occasion
        assert (person.completed_at is not None) == finished(study, facts, planned)


def test_every_closed_questionnaire_has_a_row_for_every_item_and_no_other_does() -> None:
    version = world.publish(DEMO)
    fill(version, 80)
    study = declared(version)
    for sheet in Administration.objects.select_related("occasion").prefetch_related("answers", "scores"):
        answers = {answer.item: answer for answer in sheet.answers.all()}
        instrument = study.instruments[sheet.instrument]
        assert sorted(sheet.order) == sorted(item.id for item in instrument.items())
        assert all(sheet.order[answer.position - 1] == answer.item for answer in answers.values())
        if sheet.closed_at is not None:
            assert set(answers) == set(sheet.order)
            assert {row.score for row in sheet.scores.all()} == {score.name for score in instrument.scores}
        else:
            assert len(answers) < len(sheet.order)
            assert not sheet.scores.all()
        if sheet.finished_at is not None:
            assert all(answer.status != "not_reached" for answer in answers.values())
            assert sheet.finished_at == max(answer.answered_at for answer in answers.values() if answer.answered_at)


def test_the_rooms_own_closing_finds_nothing_left_to_do() -> None:
    fill(world.publish(DEMO), 60)
    before = Answer.objects.count()
    for occasion in Occasion.objects.filter(state="missed", kind="assessments"):
        close_occasion(occasion, NOW)
    assert Answer.objects.count() == before


def test_a_changed_answer_is_in_the_history() -> None:
    fill(world.publish(DEMO), 40)
    revisions = AnswerRevision.objects.select_related("answer")
    assert len(revisions) == Answer.objects.filter(changes=1).count() > 0
    for revision in revisions:
        assert revision.value != revision.answer.value
        assert revision.answered_at is not None
        assert revision.answer.answered_at is not None
        assert revision.answered_at < revision.replaced_at == revision.answer.answered_at


def test_consent_is_recorded_word_for_word() -> None:
    version = world.example()
    fill(version, 20)
    languages = set()
    for record in ConsentRecord.objects.select_related("enrolment"):
        agreed = {statement["id"] for statement in record.statements if statement["agreed"]}
        shown = shown_consent(declared(version).consent, language=record.language, agreed=agreed)
        assert (record.text, record.statements, record.digest) == (shown.text, shown.statements, shown.digest)
        assert {"take_part", "data"} <= agreed
        languages.add(record.language)
    assert languages == {"en", "de"}


def test_people_miss_leave_pause_and_finish() -> None:
    fill(world.publish(DEMO), 400)
    people = Enrolment.objects.filter(synthetic=True)
    statuses = Counter(
        "withdrawn" if p.withdrawn_at else "completed" if p.completed_at else "paused" if p.paused_at else "active"
        for p in people
    )
    assert all(statuses[each] for each in ("withdrawn", "completed", "paused", "active")), statuses
    states = Counter(Occasion.objects.values_list("state", flat=True))
    assert all(states[each] for each in ("waiting", "open", "done", "missed", "cancelled")), states
    kinds = Counter(Answer.objects.values_list("status", flat=True))
    assert all(kinds[each] for each in ("answered", "declined", "skipped", "not_reached")), kinds
    assert kinds["answered"] > 10 * kinds["declined"]
    assert Answer.objects.filter(status="answered", response_time_ms=None).exists()  # no JavaScript
    assert Administration.objects.filter(closed_at=None, started_at__isnull=False).exists()  # half way through


def test_nobody_does_anything_after_leaving_or_pausing() -> None:
    fill(world.publish(DEMO), 400)
    for person in Enrolment.objects.filter(synthetic=True):
        end = person.withdrawn_at or person.paused_at
        if end is not None:
            mine = Answer.objects.filter(administration__occasion__enrolment=person)
            assert not mine.filter(answered_at__gt=end).exists()


def test_no_arm_does_better_than_another() -> None:
    fill(world.example(), 600, start=dt.date(2025, 1, 1))
    change: dict[str, list[float]] = defaultdict(list)
    rows = ScoreRow.objects.filter(score="total", administration__occasion__key="post", change__isnull=False)
    for arm, value in rows.values_list("enrolment__arm", "change"):
        change[arm].append(float(value or 0))
    means = {arm: sum(values) / len(values) for arm, values in change.items()}
    assert all(len(values) > 100 for values in change.values())
    assert abs(means["sessions"] - means["questions"]) < 0.5
