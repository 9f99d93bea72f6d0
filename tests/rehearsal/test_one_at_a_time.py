"""What simulated people leave keeps to the rules and is what the real services would have left: these are the judge."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

import pytest

from assessments.branching import items_of_form
from assessments.derived import Kept, numbers
from assessments.entries import Entry, is_possible
from assessments.models import Administration, Answer, AnswerRevision, ChangeJudgement, SchemeBand, ScoreRow
from assessments.scoring import score
from assessments.selectors import people_with_scores, sheet_of
from assessments.services import Given, Taken, answer, autosave, close_occasion, rescore
from coaching.models import Enrolment, Measure, Occasion, StudyVersion
from coaching.selectors.studies import declared
from tests.rehearsal.crowds import NOW, sheets
from tests.research.calls import caller

pytestmark = pytest.mark.django_db
PEOPLE = 8


# --- the rules, whatever the seed -------------------------------------------------------------------------------------


def test_each_sheet_is_as_the_rules_of_branching_and_forms_say(filled: StudyVersion) -> None:
    seen: Counter[str] = Counter()
    for sheet in sheets():
        paper = sheet_of(sheet.occasion, sheet.instrument, None)
        answers = {answer.item: answer for answer in sheet.answers.all()}
        assert len(answers) == len(sheet.answers.all())
        assert list(sheet.order) == list(paper.order)
        assert sheet.form == paper.form
        assert all(sheet.order[each.position - 1] == each.item for each in answers.values())
        are_due = sheet_of(sheet.occasion, sheet.instrument, sheet).due(answers.values())
        for item, each in answers.items():
            seen[each.status] += 1
            assert (each.status == Answer.Status.NOT_DUE) == (are_due[item] is False), (item, each.status)
        if sheet.closed_at is not None:
            assert set(answers) == set(paper.order)
        else:
            assert all(are_due[item] for item in answers)
            assert any(are_due[item] is not False for item in set(paper.order) - set(answers))
        if sheet.finished_at is not None:
            assert all(each.status != Answer.Status.NOT_REACHED for each in answers.values())
    assert set(seen) == {"answered", "declined", "skipped", "not_applicable", "not_reached", "not_due"}


def test_every_answer_can_be_given_to_its_item_and_so_could_every_earlier_one(filled: StudyVersion) -> None:
    items = {
        (instrument.id, item.id): item
        for instrument in declared(filled).instruments.values()
        for item in instrument.items()
    }
    for each in Answer.objects.select_related("administration"):
        item = items[each.administration.instrument, each.item]
        assert (each.status == "answered") == is_possible(item, Entry(each.value, each.text)), each.item
        assert each.status != "not_applicable" or item.na
        assert each.status != "skipped" or item.optional
    types = Counter[str]()
    for earlier in AnswerRevision.objects.select_related("answer__administration"):
        item = items[earlier.answer.administration.instrument, earlier.answer.item]
        assert is_possible(item, Entry(earlier.value, earlier.text))
        assert (earlier.value, earlier.text) != (earlier.answer.value, earlier.answer.text)
        types[item.type] += 1
    assert types["scale"]
    assert types["choice"] + types["multi"]


def test_scores_can_be_made_again_from_what_is_exported(filled: StudyVersion) -> None:
    program, instruments = caller(filled.study), declared(filled).instruments
    rows: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in program.rows("responses"):
        rows[row["participant"], row["timepoint"], row["instrument"]].append(row)
    assert sum(map(len, rows.values())) == Answer.objects.count()
    exported = program.rows("scores")
    assert len(exported) == ScoreRow.objects.count() > 50
    for row in exported:
        instrument = instruments[row["instrument"]]
        answers = rows[row["participant"], row["timepoint"], row["instrument"]]
        [form] = {each["form"] or "" for each in answers}
        again = score(
            instrument,
            numbers(instrument, [kept(each) for each in answers]),
            form=items_of_form(instrument, form),
            not_due=frozenset(each["item"] for each in answers if each["status"] == "not_due"),
        )
        [mine] = [each for each in again if each.name == row["score"]]
        said = (row["value"], row["items_answered"], row["items_missing"], row["prorated"], row["direction"])
        assert said == (mine.value, mine.items_answered, mine.items_missing, mine.prorated, mine.direction)


def kept(row: dict[str, Any]) -> Kept:
    value = row["value"]
    is_text = isinstance(value, str)
    return Kept(row["item"], row["status"], None if is_text else value, value if is_text else "")


# --- the services -----------------------------------------------------------------------------------------------------


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
