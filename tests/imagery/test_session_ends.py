"""Sessions when nothing is taken any more: not yet open, over, closed, erased, and all at the same time."""

from __future__ import annotations

import datetime as dt

import pytest

from coaching.models import Occasion
from coaching.services import people
from config.tick import turn
from imagery import services
from imagery.models import (
    Drawing,
    DrawingDraft,
    DrawingRevision,
    Rating,
    RatingRevision,
    Report,
    SessionRun,
    StageVisit,
)
from imagery.selectors import Refusal
from imagery.services import Chosen, Rated, Reported, Taken
from imagery.services.drafts import save_draft
from imagery.services.pictures import path_of
from privacy.erasure import erase
from tests import world
from tests.assessments.papers import at_once
from tests.imagery.rounds import (
    DAY,
    MINUTE,
    T0,
    begin,
    drawn,
    everything,
    give,
    go,
    leads,
    line,
    ratings,
    run,
    session,
    someone,
)

pytestmark = pytest.mark.django_db


# --- when nothing is taken -------------------------------------------------------------------------------------------


def test_a_session_that_has_not_opened_can_not_be_begun() -> None:
    person = someone()
    assert begin(person, "second") is Refusal.NOT_OPEN
    assert not SessionRun.objects.exists()
    assert world.occasion(person, "second").started_at is None


def test_after_completion_nothing_is_stored_and_a_repeat_leads_where_it_led() -> None:
    person = someone()
    end = go(person)
    before = everything()
    assert give(person, "clear", Rated(50), at=end) is Refusal.FINISHED
    assert give(person, "after", Reported("more words"), at=end) is Refusal.FINISHED
    assert leads(give(person, "after", at=end)) is None
    assert leads(give(person, "match", at=end)) == "after"
    assert begin(person, at=end, again=1) is Refusal.FINISHED
    assert everything() == before


def test_after_the_window_nothing_is_stored_before_the_tick_and_after_it() -> None:
    person = someone()
    go(person, until="easy")
    before = everything()
    assert give(person, "easy", at=T0 + 7 * DAY) is Refusal.CLOSED
    assert leads(give(person, "clear", at=T0 + 7 * DAY)) == "road"
    assert begin(person, at=T0 + 7 * DAY) is Refusal.CLOSED
    assert everything() == before
    turn(now=T0 + 7 * DAY)
    assert give(person, "easy", at=T0 + 7 * DAY) is Refusal.CLOSED


def test_whoever_is_paused_or_has_left_gives_nothing() -> None:
    person = someone()
    go(person, until="clear")
    people.pause(enrolment=person, by="participant", now=T0)
    assert give(person, "clear") is Refusal.AWAY
    assert give(person, "stage_1") is Refusal.AWAY
    people.resume(enrolment=person, by="participant", now=T0)
    assert isinstance(give(person, "clear"), Taken)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=T0)
    assert give(person, "road") is Refusal.AWAY
    assert begin(person) is Refusal.AWAY


# --- closing ---------------------------------------------------------------------------------------------------------


def test_a_session_left_in_the_middle_is_missed_at_its_close_and_what_was_not_reached_has_its_row() -> None:
    person = someone()
    go(person, until="easy")
    turn(now=T0 + 7 * DAY)
    one = run(person)
    assert (one.status, one.stage, one.completed_at, one.closed_at) == ("missed", "easy", None, T0 + 7 * DAY)
    assert ratings(person) == {
        "clear": ("answered", 0),
        "road": ("answered", 1),
        "easy": ("not_reached", None),
        "match": ("not_reached", None),
    }
    easy, match = (Rating.objects.get(stage=stage) for stage in ("easy", "match"))
    assert (easy.shown_at, easy.answered_at, easy.scale_max) == (T0 + 4 * MINUTE, None, 5)
    assert (match.shown_at, match.kind) == (None, "compare")
    assert world.occasion(person, "first").closed_at == T0 + 7 * DAY


def test_what_was_jumped_over_has_no_row_at_the_close_either() -> None:
    person = someone()
    go(person, until="road")
    give(person, "road", Chosen(2))
    turn(now=T0 + 7 * DAY)
    assert set(ratings(person)) == {"clear", "road", "match"}


def test_a_session_that_was_never_begun_leaves_one_run_and_a_row_for_every_rating() -> None:
    person = someone()
    turn(now=T0 + 7 * DAY)
    one = run(person)
    assert (one.attempt, one.status, one.started_at, one.language) == (1, "missed", None, "")
    assert ratings(person) == dict.fromkeys(("clear", "easy", "match"), ("not_reached", None))
    assert not StageVisit.objects.exists()
    assert not Report.objects.exists()


def test_closing_twice_changes_nothing() -> None:
    person = someone()
    turn(now=T0 + 7 * DAY)
    before = everything()
    occasion = world.occasion(person, "first")
    occasion.enrolment = world.fresh(person)
    services.close_session(occasion, T0 + 8 * DAY)
    assert everything() == before
    assert run(person).closed_at == T0 + 7 * DAY


def test_only_the_attempt_under_way_is_missed() -> None:
    person = someone()
    go(person, until="easy")
    begin(person, at=T0 + DAY, again=1)
    turn(now=T0 + 7 * DAY)
    assert list(SessionRun.objects.order_by("attempt").values_list("status", flat=True)) == ["started", "missed"]
    assert not run(person).ratings.filter(status="not_reached").exists()
    assert run(person, attempt=2).ratings.count() == 3


def test_a_session_cut_off_by_leaving_the_study_is_closed_but_not_missed() -> None:
    person = someone()
    go(person, until="easy")
    people.withdraw(enrolment=person, choice="keep", by="participant", now=T0 + DAY)
    turn(now=T0 + DAY)
    one = run(person)
    assert (one.status, one.closed_at) == ("started", T0 + DAY)
    assert ratings(person)["match"] == ("not_reached", None)


# --- erasure ---------------------------------------------------------------------------------------------------------


def test_erasing_a_person_takes_every_row_and_file_and_leaves_other_peoples(
    django_capture_on_commit_callbacks: object,
) -> None:
    person, other = someone(), someone()
    for each in (person, other):
        go(each, until="clear")
        for value in (3, 4):
            give(each, "clear", Rated(value))
        for stage in ("road", "stage_4", "easy", "stage_6"):
            give(each, stage)
        for words in ("one two three", "four five six"):
            give(each, "words", Reported(words))
        save_draft(
            occasion=world.occasion(each, "first"), stage="sketch", attempt=1, strokes_text=line(5), rev=1, now=T0
        )
        give(each, "sketch", drawn(line(100)))
        give(each, "sketch", drawn(line(200)))
        save_draft(
            occasion=world.occasion(each, "first"), stage="sketch", attempt=1, strokes_text=line(6), rev=2, now=T0
        )
    files = [Drawing.objects.get(run=run(person)).file, DrawingRevision.objects.get(drawing__run=run(person)).file]
    left = [Drawing.objects.get(run=run(other)).file, DrawingRevision.objects.get(drawing__run=run(other)).file]
    before = everything()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        erase(enrolment=person, by="command", reason="asked", now=T0 + DAY)
    assert [2 * count for count in everything()] == before
    assert DrawingDraft.objects.get().run == run(other)
    assert not SessionRun.objects.filter(occasion__enrolment=person).exists()
    assert not any(path_of(name, small=small).exists() for name in files for small in (False, True))
    assert all(path_of(name).exists() for name in left)


# --- at the same time ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_equal_submits_at_once_are_one_and_lead_to_one_place() -> None:
    person = someone()
    go(person, until="clear")
    outcomes = at_once([lambda: give(person, "clear", Rated(7))] * 12)
    assert {leads(outcome) for outcome in outcomes} == {"road"}
    assert (Rating.objects.count(), RatingRevision.objects.count()) == (1, 0)
    assert StageVisit.objects.filter(stage="road").count() == 1


@pytest.mark.django_db(transaction=True)
def test_beginning_in_many_tabs_at_once_is_one_attempt() -> None:
    person = someone()
    at_once([lambda: begin(person)] * 12)
    assert (SessionRun.objects.count(), StageVisit.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_many_last_submits_at_once_are_one_completion() -> None:
    person = someone()
    end = go(person, until="after")
    outcomes = at_once([lambda: give(person, "after", at=end)] * 12)
    assert {leads(outcome) for outcome in outcomes} == {None}
    assert (Report.objects.filter(stage="after").count(), run(person).status) == (1, "completed")


@pytest.mark.django_db(transaction=True)
def test_a_tick_and_a_last_submit_at_the_close_never_disagree() -> None:
    person = someone()
    closes: dt.datetime = T0 + 7 * DAY
    go(person, until="match", at=closes - 20 * MINUTE)
    in_time = closes - MINUTE
    at_once([lambda: give(person, "match", at=in_time), lambda: turn(now=closes)])
    status, _ = ratings(person)["match"]
    # The rating came in time or the row says that it was not reached; there is one row for it either way.
    assert status in {"answered", "not_reached"}
    assert run(person).status == "missed"
    assert session(person).occasion.state == Occasion.State.MISSED
