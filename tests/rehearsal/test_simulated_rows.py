"""Synthetic people's rows are those that real people would have left."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

import pytest

from assessments.models import Administration, Answer, AnswerRevision, ScoreRow
from assessments.scoring import score
from assessments.services import close_occasion, recompute
from coaching.models import ConsentRecord, Enrolment, Measure, Occasion, StudyVersion
from coaching.schedule import finished, plan
from coaching.selectors.people import facts_of
from coaching.selectors.studies import declared
from coaching.services.people import shown_consent
from protocol.bundle import read_bundle
from rehearsal import people
from rehearsal.calendar import Forms, live
from rehearsal.lengths import length_d
from rehearsal.lists import Lists
from tests import world
from tests.rehearsal.test_simulate import MIDNIGHT, NOW, fill

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.mark.usefixtures("crowd")
def test_scores_measures_and_changes_are_what_the_answers_give() -> None:
    tables = (ScoreRow, Measure)
    before = [_facts(model) for model in tables]
    assert any(row["change"] for row in before[0])
    for person in Enrolment.objects.filter(synthetic=True).order_by("pk")[::5]:
        recompute(enrolment=person, now=NOW)
    assert [_facts(model) for model in tables] == before


def _facts(model: Any) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in row.items() if key != "recorded_at"}
        for row in model._default_manager.order_by("pk").values()
    ]


def test_every_occasion_stands_as_the_schedule_says(crowd: StudyVersion) -> None:
    study = declared(crowd)
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


def test_every_closed_questionnaire_has_a_row_for_every_item_and_no_other_does(crowd: StudyVersion) -> None:
    study = declared(crowd)
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


@pytest.mark.usefixtures("crowd")
def test_the_rooms_own_closing_finds_nothing_left_to_do() -> None:
    before = Answer.objects.count()
    for occasion in Occasion.objects.filter(state="missed", kind="assessments"):
        close_occasion(occasion, NOW)
    assert Answer.objects.count() == before


@pytest.mark.usefixtures("crowd")
def test_a_changed_answer_is_in_the_history() -> None:
    revisions = AnswerRevision.objects.select_related("answer")
    assert len(revisions) == Answer.objects.filter(changes=1).count() > 0
    for revision in revisions:
        assert (revision.value, revision.text) != (revision.answer.value, revision.answer.text)
        assert revision.answered_at is not None
        assert revision.answer.answered_at is not None
        assert revision.answered_at < revision.replaced_at == revision.answer.answered_at


def test_consent_is_recorded_word_for_word() -> None:
    version = world.example()
    fill(version, 20)
    languages = set()
    for record in ConsentRecord.objects.filter(enrolment__study=version.study).select_related("enrolment"):
        agreed = {statement["id"] for statement in record.statements if statement["agreed"]}
        shown = shown_consent(declared(version).consent, language=record.language, agreed=agreed)
        assert (record.text, record.statements, record.digest) == (shown.text, shown.statements, shown.digest)
        assert {"take_part", "data"} <= agreed
        languages.add(record.language)
    assert languages == {"en", "de"}


@pytest.mark.usefixtures("crowd")
def test_people_miss_leave_pause_and_finish() -> None:
    everybody = Enrolment.objects.filter(synthetic=True)
    statuses = Counter(
        "withdrawn" if p.withdrawn_at else "completed" if p.completed_at else "paused" if p.paused_at else "active"
        for p in everybody
    )
    assert all(statuses[each] for each in ("withdrawn", "completed", "paused", "active")), statuses
    states = Counter(Occasion.objects.values_list("state", flat=True))
    assert all(states[each] for each in ("waiting", "open", "done", "missed", "cancelled")), states
    kinds = Counter(Answer.objects.values_list("status", flat=True))
    assert all(kinds[each] for each in ("answered", "declined", "skipped", "not_reached")), kinds
    assert kinds["answered"] > 10 * kinds["declined"]
    assert Answer.objects.filter(status="answered", response_time_ms=None).exists()  # no JavaScript
    assert Administration.objects.filter(closed_at=None, started_at__isnull=False).exists()  # half way through


@pytest.mark.usefixtures("crowd")
def test_nobody_does_anything_after_leaving_or_pausing() -> None:
    for person in Enrolment.objects.filter(synthetic=True):
        end = person.withdrawn_at or person.paused_at
        if end is not None:
            mine = Answer.objects.filter(administration__occasion__enrolment=person)
            assert not mine.filter(answered_at__gt=end).exists()


@pytest.mark.usefixtures("crowd")
def test_nothing_that_happened_lies_ahead() -> None:
    assert not Enrolment.objects.filter(consented_at__gte=MIDNIGHT).exists()
    assert not Occasion.objects.filter(settled_at__gt=MIDNIGHT).exists()
    assert not Answer.objects.filter(answered_at__gte=MIDNIGHT).exists()


def test_no_arm_does_better_than_another() -> None:
    """Of people as they would be stored: that their changes are stored so is held above."""
    study, begins = read_bundle(world.SMALL_SCENES).study, dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    instrument, lists, forms = study.instruments["scenes_4"], Lists(study, "s", {}, {}), Forms.of(study)
    change: dict[str, list[float]] = defaultdict(list)
    for number in range(1, 601):
        who = people.person(study, "s", number, length_d(study))
        life = live(who, f"P{number}", forms, start=begins, horizon=MIDNIGHT, place_of=lists.next, before=number - 1)
        totals = {
            sheet.timepoint: total.value
            for sheet in life.sheets
            if sheet.closed_at is not None
            for total in score(instrument, {reply.item: reply.value for reply, _ in sheet.replies})
            if total.name == "total" and total.value is not None
        }
        if life.place is not None and {"baseline", "post"} <= set(totals):
            change[life.place.arm].append(totals["post"] - totals["baseline"])
    means = {arm: sum(values) / len(values) for arm, values in change.items()}
    assert all(len(values) > 100 for values in change.values())
    assert abs(means["sessions"] - means["questions"]) < 0.5
