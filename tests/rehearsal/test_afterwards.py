"""How simulated people are after a session: the rows that the services leave, one answer at a time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from assessments.models import Administration, Answer, ScoreRow
from assessments.selectors import people_with_scores
from assessments.services import Given, Taken, answer, close_occasion, rescore
from coaching.models import Enrolment, Measure, Occasion, StudyVersion
from coaching.services.occasions import settle_after
from imagery.models import SessionRun
from tests import world
from tests.imagery.whole import BUNDLE
from tests.rehearsal.crowds import NOW, fill
from tests.rehearsal.test_sessions_one_at_a_time import acts_of, column, occasion

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

START = dt.date(2027, 4, 1)
MIDNIGHT = NOW.replace(hour=0, minute=0)
AFTER = """\
id: afterwards
title: {en: "After it", de: "Danach"}
source: made for the tests
licence: CC0-1.0
scale: {min: 0, max: 10, step: 1, direction: higher_is_more, labels: {0: {en: "Not at all", de: "Gar nicht"}}}
sections:
  - id: now
    items:
      - {id: upset, text: {en: "How upset are you?", de: "Wie belastet sind Sie?"}}
      - id: unwanted
        type: choice
        text: {en: "Did anything come back?", de: "Kam etwas wieder?"}
        choices:
          - {id: "no", text: {en: "No", de: "Nein"}, score: 0}
          - {id: "yes", text: {en: "Yes", de: "Ja"}, score: 1}
      - {id: how_much, text: {en: "How much?", de: "Wie sehr?"}, when: unwanted == yes}
      - {id: words, type: text, text: {en: "More?", de: "Mehr?"}, when: unwanted == yes, optional: true}
scores:
  upset: {of: [upset], how: sum}
"""
ASKING: world.Files = {
    **world.edited({"before:\n": "safety: {ask: {instrument: afterwards, after: session}}\nbefore:\n"}, BUNDLE),
    "instruments/afterwards.yaml": AFTER,
}
EACH_SECOND = world.edited({"after: session": "after: session, every: 2"}, ASKING)


@pytest.fixture(params=[ASKING, EACH_SECOND], ids=["after each session", "after each second"])
def asking(db: None, request: pytest.FixtureRequest) -> StudyVersion:
    version = world.publish(request.param, now=NOW - dt.timedelta(days=120))
    fill(version, 40, "after", START)
    return version


def sheets_of(person: Enrolment) -> dict[str, list[Any]]:
    """What the database holds of what a person was asked after sessions, without keys of its own."""
    of = "administration__occasion__key"
    mine = {"administration__occasion__enrolment": person, "administration__instrument": "afterwards"}
    return {
        "occasions": list(person.occasions.filter(kind="imagery").values("key", "after_closes_at", "after_settled_at")),
        "sheets": list(
            Administration.objects.filter(occasion__enrolment=person, instrument="afterwards")
            .order_by("occasion__place")
            .values("occasion__key", *column(Administration, "occasion"))
        ),
        "answers": list(
            Answer.objects.filter(**mine)
            .order_by("administration__occasion__place", "position")
            .values(of, *column(Answer, "administration", "revision"))
        ),
        "scores": list(
            ScoreRow.objects.filter(**mine)
            .order_by("administration__occasion__place")
            .values(of, *column(ScoreRow, "administration", "enrolment"))
        ),
    }


def test_the_same_answers_one_at_a_time_leave_the_same_rows(asking: StudyVersion) -> None:
    seen: Counter[str] = Counter()
    for person in Enrolment.objects.filter(synthetic=True, withdrawn_at=None).order_by("pk"):
        before = sheets_of(person)
        replay(person)
        after = sheets_of(person)
        for table in ("occasions", "sheets", "answers", "scores"):
            assert after[table] == before[table], (person, table)
            seen[table] += len(before[table])
        seen.update(row["status"] for row in before["answers"])
        seen["open"] += sum(row["after_closes_at"] is not None for row in before["occasions"])
    assert seen["answered"] > 100
    assert all(seen[status] for status in ("not_due", "not_reached", "open"))


def replay(person: Enrolment) -> None:
    acts: list[tuple[dt.datetime, Callable[[], object]]] = []
    missed = [(each.pk, each.settled_at) for each in person.occasions.filter(state="missed", kind="imagery")]
    for run in SessionRun.objects.filter(occasion__enrolment=person, started_at__isnull=False):
        acts += acts_of(run)
    for sheet in Administration.objects.filter(occasion__enrolment=person, instrument="afterwards"):
        for each in sheet.answers.filter(answered_at__isnull=False):
            acts.append((each.answered_at or NOW, said(sheet, each)))
    SessionRun.objects.filter(occasion__enrolment=person).delete()
    Administration.objects.filter(occasion__enrolment=person, instrument="afterwards").delete()
    Measure.objects.filter(enrolment=person, instrument="afterwards").delete()
    Enrolment.objects.filter(pk=person.pk).update(completed_at=None, paused_at=None)
    sessions = person.occasions.filter(kind="imagery")
    sessions.filter(state__in=["done", "missed"]).update(state="open", settled_at=None, closed_at=None)
    sessions.update(started_at=None, after_closes_at=None, after_settled_at=None)
    for _, act in sorted(acts, key=lambda each: each[0]):
        act()
    for pk, settled_at in missed:
        Occasion.objects.filter(pk=pk).update(state="missed", settled_at=settled_at)
    for over in person.occasions.filter(after_closes_at__lte=MIDNIGHT, after_settled_at=None):
        assert over.after_closes_at is not None
        close_occasion(occasion(over.pk), over.after_closes_at)
        settle_after(occasion=over, now=over.after_closes_at)


def said(sheet: Administration, row: Answer) -> Callable[[], object]:
    pk = sheet.occasion_id

    def act() -> None:
        taken = answer(
            occasion=occasion(pk),
            instrument=sheet.instrument,
            position=row.position,
            given=Given(row.status, row.value, row.text),  # type: ignore[arg-type]
            now=row.answered_at or NOW,
            language=sheet.language,
            response_time_ms=row.response_time_ms,
        )
        assert isinstance(taken, Taken), taken

    return act


def test_deriving_everything_again_changes_nothing(asking: StudyVersion) -> None:
    for person in people_with_scores(asking.study):
        assert not rescore(enrolment=person, now=NOW).differences


def test_most_are_well_whatever_pictures_they_have(asking: StudyVersion) -> None:
    upset = Answer.objects.filter(item="upset", status="answered").values_list("value", flat=True)
    assert sum(value == 0 for value in upset) > len(upset) / 2
    assert any(value for value in upset)


def test_what_can_still_be_answered_is_the_next_thing_that_ends_by_itself(asking: StudyVersion) -> None:
    for person in Enrolment.objects.filter(synthetic=True):
        left = person.occasions.filter(after_closes_at__isnull=False, after_settled_at=None)
        if person.withdrawn_at is not None:
            assert not left.exists()
        for each in left:
            assert each.after_closes_at is not None
            assert each.after_closes_at > MIDNIGHT
            assert person.next_boundary_at is not None
            assert person.next_boundary_at <= each.after_closes_at


def test_who_was_not_done_is_not_asked(asking: StudyVersion) -> None:
    assert not Occasion.objects.filter(after_closes_at__isnull=False).exclude(state="done").exists()
    asked = Occasion.objects.filter(after_closes_at__isnull=False)
    assert asked.count() > 40
    assert asked.filter(after_settled_at__isnull=False).count() > 40
