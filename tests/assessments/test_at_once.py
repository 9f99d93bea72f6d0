"""Two tabs, double submits, and the tick, all at the same time."""

from __future__ import annotations

import pytest

from assessments.models import Administration, Answer, AnswerRevision, ScoreRow
from coaching.models import Occasion
from config.tick import turn
from tests import world
from tests.assessments.papers import (
    MINUTE,
    T0,
    at_once,
    fill,
    give,
    leads,
    someone,
    statuses,
    stored,
)

# --- at the same time ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_equal_submits_at_once_are_one_answer_and_lead_to_one_place() -> None:
    person = someone()
    outcomes = at_once([lambda: give(person, 1, 3)] * 12)
    assert {leads(outcome) for outcome in outcomes} == {2}
    assert Answer.objects.count() == 1
    assert Administration.objects.count() == 2
    assert (stored(person, "path").changes, AnswerRevision.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_many_last_submits_at_once_are_one_completion() -> None:
    person = world.consented(world.example(), T0)
    for position in (1, 2, 3):
        give(person, position, 5, step="baseline", instrument="scenes_4")
    outcomes = at_once([lambda: give(person, 4, 5, step="baseline", instrument="scenes_4")] * 12)
    assert {leads(outcome) for outcome in outcomes} == {None}
    assert ScoreRow.objects.filter(enrolment=person).count() == 2
    assert world.fresh(person).allocation_slot.list.slots.filter(taken_at__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_different_answers_at_once_all_leave_their_trace() -> None:
    person = someone()
    at_once([lambda value=value: give(person, 1, value) for value in (1, 2, 3, 4, 5)])
    answer = stored(person, "path")
    assert answer.changes == answer.revisions.count() == 4
    seen = {answer.value, *answer.revisions.values_list("value", flat=True)}
    assert seen == {1, 2, 3, 4, 5}


@pytest.mark.django_db(transaction=True)
def test_different_items_in_two_tabs_merge() -> None:
    person = someone()
    at_once([lambda: give(person, 1, 2), lambda: give(person, 2, 4), lambda: give(person, 1, 40, instrument="wide")])
    assert statuses(person) == {"path": "answered", "fog": "answered", "line": "answered"}


@pytest.mark.django_db(transaction=True)
def test_a_tick_and_an_answer_at_the_close_never_leave_an_item_without_its_one_row() -> None:
    person = someone()
    closes = world.occasion(person, "second").closes_at
    assert closes is not None
    fill(person, 2, 4, at=closes - MINUTE, step="second")
    in_time = closes - MINUTE
    at_once([lambda: give(person, 3, 5, step="second", at=in_time), lambda: turn(now=closes)])
    occasion = world.occasion(person, "second")
    closed = Administration.objects.get(occasion=occasion)
    rows = statuses(person, "second")
    if occasion.state == Occasion.State.DONE:
        assert (rows["birds"], closed.finished_at) == ("answered", in_time)
    else:
        assert (rows["birds"], closed.finished_at, closed.closed_at) == ("not_reached", None, closes)
    assert len(rows) == 3
    assert ScoreRow.objects.filter(administration=closed).count() == 2
