"""What simulated people leave is what the real services would have left: these are the judge."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from assessments.models import Administration, Answer, AnswerRevision, ChangeJudgement, SchemeBand, ScoreRow
from assessments.selectors import people_with_scores
from assessments.services import Given, Taken, answer, autosave, close_occasion, rescore
from coaching.models import Enrolment, Measure, Occasion, StudyVersion
from tests.rehearsal.crowds import NOW

pytestmark = pytest.mark.django_db
PEOPLE = 8


def test_deriving_everything_again_changes_nothing(filled: StudyVersion) -> None:
    everybody = list(people_with_scores(filled.study))
    assert len(everybody) > 20
    before = derived()
    differences = [each for person in everybody for each in rescore(enrolment=person, now=NOW).differences]
    assert differences == []
    assert derived() == before
    assert ScoreRow.objects.filter(value__isnull=False).exists()
    assert SchemeBand.objects.exists()
    assert ChangeJudgement.objects.filter(method="off_the_floor").exists()


def derived(**of: Any) -> list[Any]:
    """All that follows from answers (of some people), without keys of the database's own that may be given anew."""
    score = "administration__occasion__enrolment__pseudonym", "administration__occasion__key"
    of_score = tuple(f"score__{each}" for each in (*score, "administration__instrument", "score"))
    of_scores = {f"score__{key}": value for key, value in of.items()}
    tables = (
        ScoreRow.objects.filter(**of).values_list(*score, *(column(ScoreRow, "administration", "enrolment"))),
        SchemeBand.objects.filter(**of_scores).values_list(*of_score, *column(SchemeBand, "score")),
        ChangeJudgement.objects.filter(**of_scores).values_list(*of_score, *column(ChangeJudgement, "score")),
        Measure.objects.filter(**of).values_list("enrolment__pseudonym", *column(Measure, "enrolment", "recorded_at")),
    )
    return [sorted(rows, key=repr) for rows in tables]


def column(model: Any, *without: str) -> tuple[str, ...]:
    return tuple(field.name for field in model._meta.fields if field.name not in {"id", *without})


def test_the_same_answers_one_at_a_time_leave_the_same_rows(filled: StudyVersion) -> None:
    everybody = list(Enrolment.objects.filter(synthetic=True, withdrawn_at=None).order_by("pk")[:PEOPLE])
    before = {person.pseudonym: kept_of(person) for person in everybody}
    assert sum(len(each["answers"]) for each in before.values()) > 200
    for person in everybody:
        replay(person)
        for table, rows in kept_of(person).items():
            assert rows == before[person.pseudonym][table], (person, table)


def kept_of(person: Enrolment) -> dict[str, list[Any]]:
    """What the database holds of a person's questionnaires, without keys of its own."""
    sheet, mine = "administration__occasion__key", {"administration__occasion__enrolment": person}
    return {
        "sheets": list(
            Administration.objects.filter(occasion__enrolment=person)
            .order_by("occasion__place", "place")
            .values("occasion__key", *column(Administration, "occasion"))
        ),
        "answers": list(
            Answer.objects.filter(**mine)
            .order_by("administration__occasion__place", "administration__place", "position")
            .values(sheet, "administration__instrument", *column(Answer, "administration", "revision"))
        ),
        "revisions": sorted(
            AnswerRevision.objects.filter(**{f"answer__{key}": value for key, value in mine.items()}).values_list(
                f"answer__{sheet}", "answer__item", *column(AnswerRevision, "answer")
            ),
            key=repr,
        ),
        "derived": derived(enrolment=person),
    }


def replay(person: Enrolment) -> None:
    """The person's answers again, each taken by the service that takes anybody's, at the instant of its row."""
    acts: list[tuple[dt.datetime, Occasion, bool, dict[str, Any]]] = []
    for sheet in Administration.objects.filter(occasion__enrolment=person).select_related("occasion"):
        for each in sheet.answers.all():
            rows: list[Answer | AnswerRevision] = [*each.revisions.all(), each]
            for row in rows:
                said: dict[str, Any] = {
                    "instrument": sheet.instrument,
                    "position": each.position,
                    "given": Given(row.status, row.value, row.text),  # type: ignore[arg-type]
                    "now": row.answered_at,
                    "language": sheet.language,
                    "response_time_ms": row.response_time_ms,
                }
                if row.answered_at is not None:
                    acts.append((row.answered_at, sheet.occasion, row is each, said))
    missed = [(each, each.settled_at) for each in person.occasions.filter(state="missed", kind="assessments")]
    Administration.objects.filter(occasion__enrolment=person).delete()
    Measure.objects.filter(enrolment=person).delete()
    Enrolment.objects.filter(pk=person.pk).update(completed_at=None, paused_at=None)
    person.occasions.update(started_at=None)
    person.occasions.filter(state="done").update(state="open", settled_at=None)
    for _, occasion, is_posted, said in sorted(acts, key=lambda act: act[0]):
        was = occasion.state
        if was == "missed":  # it was still open then
            Occasion.objects.filter(pk=occasion.pk).update(state="open", settled_at=None)
        now = Occasion.objects.select_related("enrolment__version").get(pk=occasion.pk)
        # What was changed before the page was left was saved by its script alone.
        taken = answer(occasion=now, **said) if is_posted else autosave(occasion=now, revision=1, **said)
        assert isinstance(taken, Taken), (taken, occasion, said)
        if was == "missed":
            Occasion.objects.filter(pk=occasion.pk).update(state=was, settled_at=occasion.settled_at)
    for occasion, settled_at in missed:
        assert settled_at is not None
        close_occasion(Occasion.objects.select_related("enrolment__version").get(pk=occasion.pk), settled_at)
