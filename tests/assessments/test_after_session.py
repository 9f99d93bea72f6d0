"""How people are after a session: asked before all else, in every arm alike, and apart from the step, which is done."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments import services
from assessments.models import Answer, ScoreRow
from assessments.selectors import Refusal, instruments_of
from assessments.services import DECLINED, Given, Taken
from coaching.models import Enrolment, Message, Occasion
from coaching.selectors.journey import journey_of
from coaching.services import people
from coaching.services.studies import set_state
from coaching.services.walking import go_ahead
from config.tick import CLOSERS, turn
from imagery.services import end_early
from privacy.erasure import erase
from privacy.portability import tables_of
from research.catalogue import describe
from research.codebook import dictionary
from research.counts import design_of, missing_counts, versions_of
from tests import world
from tests.imagery.aftercare import (
    DAY,
    FILES,
    HOUR,
    ITEMS,
    SUPPORT,
    T0,
    aftercare,
    begin,
    browser_at,
    go,
    in_arm,
    sheet,
    someone,
    statuses,
)
from tests.pages import submit, visit

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)
KINDS = {"assessments", "imagery"}


def asked(person: Enrolment, at: dt.datetime) -> list[str]:
    return [each.key for each in journey_of(world.fresh(person), at, KINDS).after]


def give(person: Enrolment, position: int, given: Given, *, at: dt.datetime, step: str = "first") -> Taken | Refusal:
    return services.answer(
        occasion=world.occasion(person, step),
        instrument="after_session",
        position=position,
        given=given,
        now=at,
        language="en",
    )


def well(person: Enrolment, *, at: dt.datetime, step: str = "first") -> None:
    """Answers that nothing is wrong."""
    for position, given in ((1, Given("answered", 0)), (2, Given("answered", text="no"))):
        assert isinstance(give(person, position, given, at=at, step=step), Taken)


def address(person: Enrolment, step: str = "first") -> str:
    return reverse("assessments:start", args=[world.occasion(person, step).public_id])


def location(response: Any) -> str:
    return str(response.headers.get("Location", ""))


# --- when it is asked ------------------------------------------------------------------------------------------------


def test_it_is_asked_once_a_session_is_completed_and_not_before() -> None:
    person = someone()
    assert asked(person, T0) == []
    go(person, until="ease")
    assert asked(person, T0) == []
    go(person)
    assert asked(person, T0 + MINUTE) == ["first"]
    assert sheet(person) is None  # nothing is made before somebody answers


def test_it_is_asked_too_when_the_session_was_ended_early() -> None:
    person = someone()
    go(person, until="water")
    assert end_early(occasion=world.occasion(person, "first"), now=T0) is None
    assert asked(person, T0) == ["first"]


def test_it_is_not_asked_after_a_session_that_was_missed() -> None:
    person = someone()
    begin(person)
    turn(now=T0 + 8 * DAY)
    assert world.occasion(person, "first").state == "missed"
    assert asked(person, T0 + 8 * DAY) == []
    assert sheet(person) is None


def test_a_study_that_does_not_ask_asks_nobody() -> None:
    person = someone(("  ask: {instrument: after_session, after: session}\n", ""))
    go(person)
    assert asked(person, T0) == []
    assert world.occasion(person, "first").after_closes_at is None


def test_next_leads_there_before_anything_else_and_home_says_so(settings: Any) -> None:
    person = go(someone())
    in_arm(person, "training")
    turn(now=T0 + DAY)
    browser = browser_at(settings, person, T0 + DAY)
    assert [each.key for each in journey_of(world.fresh(person), T0 + DAY, KINDS).offered] == ["s1"]
    assert location(browser.get("/me/next/")) == address(person)
    assert location(browser.get(address(person))).endswith("/after_session/1/")
    home = visit(browser, "/me/")
    assert "After this session" in home.text
    assert "Session one" in home.text
    page = visit(browser, location(browser.get(address(person))))
    assert page.name == "question"
    assert "How upset are you right now?" in page.html


def test_whoever_is_through_with_the_study_is_asked_after_their_last_session(settings: Any) -> None:
    person = go(someone())
    in_arm(person, "control")
    turn(now=T0 + DAY)
    well(person, at=T0)
    late = T0 + 30 * DAY
    turn(now=late)  # the optional last step is over
    go(person, "c1", at=late)
    assert world.fresh(person).completed_at == late
    browser = browser_at(settings, person, late + MINUTE)
    assert location(browser.get("/me/next/")) == address(person, "c1")
    well(person, at=late, step="c1")
    assert visit(browser, "/me/next/").name == "done"
    turn(now=late + DAY)
    assert world.fresh(person).next_boundary_at is None


# --- whom, and how often ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arm", "step"), [("training", "s1"), ("control", "c1")])
def test_every_arm_is_asked_alike(arm: str, step: str) -> None:
    person = go(someone())
    in_arm(person, arm)
    turn(now=T0 + DAY)
    well(person, at=T0)
    go(person, step, at=T0 + DAY)
    assert asked(person, T0 + DAY) == [step]


def test_a_study_can_ask_one_arm_alone_and_then_only_after_allocation() -> None:
    only = ("after: session}", "after: session, arms: [control]}")
    person = go(someone(only))
    assert asked(person, T0) == []
    in_arm(person, "training")
    turn(now=T0 + DAY)
    go(person, "s1", at=T0 + DAY)
    assert asked(person, T0 + DAY) == []

    other = world.consented(person.version, T0)  # type: ignore[arg-type]
    go(other)
    in_arm(other, "control")
    turn(now=T0 + DAY)
    go(other, "c1", at=T0 + DAY)
    assert asked(other, T0 + DAY) == ["c1"]


def test_a_study_can_ask_after_each_second_session() -> None:
    person = go(someone(("after: session}", "after: session, every: 2}")))
    assert asked(person, T0) == []
    in_arm(person, "training")
    turn(now=T0 + DAY)
    go(person, "s1", at=T0 + DAY)
    assert asked(person, T0 + DAY) == ["s1"]


# --- what it leaves --------------------------------------------------------------------------------------------------


def test_its_answers_and_scores_have_the_session_as_timepoint() -> None:
    person = go(someone())
    well(person, at=T0 + MINUTE)
    assert statuses(person) == {
        "distress": "answered",
        "unwanted": "answered",
        **dict.fromkeys(("how_often", "trouble", "still", "in_words"), "not_due"),
    }
    rows = ScoreRow.objects.filter(enrolment=person, administration__occasion__key="first")
    assert dict(rows.values_list("score", "value")) == {
        "distress_high_is_worse": 0,
        "unwanted_1_is_yes": 0,
        "trouble_high_is_worse": None,
    }
    assert world.occasion(person, "first").after_settled_at == T0 + MINUTE
    assert asked(person, T0 + MINUTE) == []


def test_each_item_can_be_declined() -> None:
    person = go(someone())
    assert isinstance(give(person, 1, DECLINED, at=T0), Taken)
    assert isinstance(give(person, 2, DECLINED, at=T0), Taken)
    assert {status for status in statuses(person).values() if status != "not_due"} == {"declined"}
    assert asked(person, T0) == []


def test_what_is_missing_of_it_is_counted_at_the_session() -> None:
    person = go(someone())
    assert ("first", "after_session") in design_of(versions_of(person.study))
    turn(now=T0 + 7 * DAY)
    cells, given = missing_counts(person.study)
    assert (given["first", "after_session"].due, given["first", "after_session"].given) == (1, 0)
    assert cells["first", "after_session"].missing > 0


def test_the_codebook_says_where_it_is_asked() -> None:
    asked_at = {each["timepoint"]: each["instruments"] for each in dictionary(aftercare().study)["timepoints"]}
    assert asked_at == {
        "first": ["after_session"],
        "s1": ["after_session"],
        "c1": ["after_session"],
        "post": ["one"],
    }


def test_the_datasets_know_of_it_where_it_is_asked() -> None:
    study = aftercare().study
    wide = next(each for each in describe(study) if each["name"] == "wide")
    names = [column["name"] for column in wide["columns"]]
    for step in ("first", "s1", "c1"):
        assert f"{step}__after_session__distress_high_is_worse" in names
    assert "post__after_session__distress_high_is_worse" not in names


def test_the_person_takes_it_along_and_it_goes_with_them() -> None:
    person = go(someone())
    well(person, at=T0)
    answers = tables_of(world.fresh(person))["answers"]
    assert {row["timepoint"] for row in answers} == {"first"}
    owner = world.staff(person.study)
    erase(enrolment=person, by=owner, reason="asked for it", now=T0 + DAY)
    assert not Answer.objects.exists()
    assert turn(now=T0 + 9 * DAY)["missed"] == 0


# --- until when ------------------------------------------------------------------------------------------------------


def test_it_stays_open_for_as_long_as_the_sessions_window() -> None:
    person = go(someone())
    assert world.occasion(person, "first").after_closes_at == T0 + 7 * DAY
    assert asked(person, T0 + 7 * DAY - MINUTE) == ["first"]
    assert asked(person, T0 + 7 * DAY) == []


def test_a_session_that_ends_late_in_its_window_is_asked_about_for_a_day() -> None:
    late = T0 + 7 * DAY - HOUR
    person = go(someone(), at=late)
    assert world.occasion(person, "first").after_closes_at == late + DAY


def test_a_session_without_a_window_is_asked_about_for_a_day() -> None:
    person = go(someone())
    in_arm(person, "control")
    turn(now=T0 + DAY)
    go(person, "c1", at=T0 + 2 * DAY)
    assert world.occasion(person, "c1").after_closes_at == T0 + 3 * DAY


def test_what_nobody_answered_is_not_reached_once_the_time_is_over() -> None:
    person = go(someone())
    turn(now=T0 + 7 * DAY - MINUTE)
    assert statuses(person) == {}
    turn(now=T0 + 7 * DAY)
    left = statuses(person)
    assert (left["distress"], left["unwanted"]) == ("not_reached", "not_reached")
    assert set(left) == set(ITEMS)
    found = sheet(person)
    assert found is not None
    assert (found.finished_at, found.closed_at, found.instrument_version) == (None, T0 + 7 * DAY, 1)
    assert ScoreRow.objects.filter(enrolment=person, value=None).count() == 3
    turn(now=T0 + 8 * DAY)
    assert Answer.objects.count() == len(ITEMS)


def test_what_was_answered_before_the_time_was_over_stays() -> None:
    person = go(someone())
    give(person, 1, Given("answered", 9), at=T0)
    turn(now=T0 + 7 * DAY)
    assert statuses(person)["distress"] == "answered"
    assert statuses(person)["unwanted"] == "not_reached"


def test_nothing_is_taken_once_the_time_is_over(settings: Any) -> None:
    person = go(someone())
    late = T0 + 7 * DAY
    assert give(person, 1, Given("answered", 3), at=late) is Refusal.CLOSED
    browser = browser_at(settings, person, late)
    assert location(browser.get(address(person))) == "/me/next/"
    page = visit(browser, f"{address(person)}after_session/1/")
    assert (page.name, page.status) == ("error", 200)


def test_a_study_that_closed_takes_nothing_more() -> None:
    person = go(someone())
    set_state(study=person.study, state="closed", by=world.staff(person.study), now=T0 + HOUR)
    assert asked(person, T0 + 2 * HOUR) == []
    person = world.fresh(person)
    assert give(person, 1, Given("answered", 3), at=T0 + 2 * HOUR) is Refusal.CLOSED


def test_a_pause_offers_nothing_and_the_time_runs_on(settings: Any) -> None:
    person = go(someone())
    people.pause(enrolment=person, by="participant", now=T0)
    assert give(person, 1, Given("answered", 3), at=T0) is Refusal.AWAY
    browser = browser_at(settings, person, T0 + MINUTE)
    assert location(browser.get("/me/next/")) == "/me/"
    assert location(browser.get(address(person))) == "/me/"
    turn(now=T0 + 7 * DAY)
    assert statuses(person)["distress"] == "not_reached"


def test_whoever_leaves_leaves_what_they_answered_and_what_they_did_not() -> None:
    person = go(someone())
    give(person, 1, Given("answered", 9), at=T0)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=T0 + HOUR)
    turn(now=T0 + HOUR)
    assert (statuses(person)["distress"], statuses(person)["unwanted"]) == ("answered", "not_reached")
    assert give(world.fresh(person), 2, Given("answered", text="no"), at=T0 + HOUR) is Refusal.AWAY


def test_a_test_persons_own_clock_closes_it() -> None:
    version = aftercare()
    tester, _ = people.invite(study=version.study, by="command", now=T0, is_test=True)
    person = go(world.consented(version, T0, enrolment=tester))
    turn(now=T0 + 30 * DAY)
    assert statuses(person) == {}  # everybody's clock is not theirs
    now = T0
    for _ in range(6):
        seen_s = world.fresh(person).ahead_s
        assert seen_s is not None
        at = go_ahead(enrolment=person, seen_s=seen_s, closers=CLOSERS, by="command", now=now)
        if at is None:
            break
        now = at
    assert statuses(person)["distress"] == "not_reached"


# --- what it leaves alone --------------------------------------------------------------------------------------------


def plan_of(person: Enrolment) -> list[tuple[Any, ...]]:
    rows = Occasion.objects.filter(enrolment=person).order_by("place")
    fields = ("key", "state", "due_at", "opens_at", "closes_at", "started_at", "settled_at", "closed_at")
    return list(rows.values_list(*fields))


def reminders(person: Enrolment) -> list[tuple[Any, ...]]:
    rows = Message.objects.filter(enrolment=person).order_by("timepoint", "n")
    return list(rows.values_list("timepoint", "n", "due_at", "state"))


def test_steps_allocation_and_reminders_are_the_same_with_and_without_it() -> None:
    remind = ("window: [0s, 7d], optional", "window: [0s, 7d], remind: [0s, 2d], optional")
    asking = someone(remind, email="a@people.example")
    silent = world.consented(
        world.publish(
            world.edited(
                {"slug: aftercare": "slug: silent", "  ask: {instrument: after_session, after: session}\n": ""}
                | dict([remind]),
                FILES,
            ),
            now=T0,
        ),
        T0,
        email="b@people.example",
    )
    for person in (asking, silent):
        go(person)
        in_arm(person, "training")
    assert world.fresh(asking).allocated_at == T0
    for at in (T0 + DAY, T0 + 20 * DAY, T0 + 28 * DAY):
        turn(now=at)
        assert plan_of(asking) == plan_of(silent)
        assert reminders(asking) == reminders(silent)
    assert world.fresh(asking).completed_at == world.fresh(silent).completed_at


def test_a_session_counts_as_done_whatever_is_answered_after_it() -> None:
    person = go(someone())
    occasion = world.occasion(person, "first")
    assert (occasion.state, occasion.settled_at, occasion.closed_at) == ("done", T0, T0)
    give(person, 1, Given("answered", 9), at=T0 + HOUR)
    turn(now=T0 + 7 * DAY)
    again = world.occasion(person, "first")
    assert (again.state, again.settled_at, again.closed_at) == ("done", T0, T0)


def test_a_session_that_asks_nothing_has_no_questions() -> None:
    person = someone()
    occasion = world.occasion(person, "first")
    occasion.enrolment = person
    assert instruments_of(occasion) == ()
    browser = world.browser_of(person)
    assert browser.get(address(person)).status_code == 404
    assert browser.get(f"{address(person)}after_session/1/").status_code == 404


def test_nobody_answers_for_another_or_what_the_study_does_not_ask_there() -> None:
    person = go(someone())
    other = world.consented(person.version, T0)  # type: ignore[arg-type]
    assert world.browser_of(other).get(address(person)).status_code == 404
    own = world.browser_of(person)
    assert own.get(f"{address(person)}one/1/").status_code == 404
    assert own.get(f"/q/{uuid.uuid4()}/after_session/1/").status_code == 404


# --- in the browser --------------------------------------------------------------------------------------------------


def answer_page(browser: Client, **given: str) -> Any:
    page = visit(browser, "/me/next/")
    for item, value in given.items():
        assert page.name == "question"
        page = submit(browser, page, **{item: value})
    return page


def test_the_whole_of_it_as_plain_forms_ends_where_help_is(settings: Any) -> None:
    person = go(someone())
    browser = browser_at(settings, person, T0 + MINUTE)
    page = answer_page(
        browser, distress="8", unwanted="yes", how_often="once", trouble="5", still="no", in_words="A lake, again."
    )
    assert page.name == "session"
    assert "Your answers are saved." in page.text
    assert SUPPORT in page.text
    assert "care@example.org" in page.html
    assert "not for emergencies" in page.text
    assert "/me/report-something/" in page.html
    assert Answer.objects.get(item="in_words").text == "A lake, again."
    assert page.primaries[0].get("href") == "/me/next/"
    assert visit(browser, "/me/next/").name == "wait"


def test_everybody_reads_where_help_is_whatever_they_answered(settings: Any) -> None:
    person = go(someone())
    page = answer_page(browser_at(settings, person, T0 + MINUTE), distress="0", unwanted="no")
    assert SUPPORT in page.text


def test_a_question_that_is_answered_again_leads_where_it_led(settings: Any) -> None:
    person = go(someone())
    browser = browser_at(settings, person, T0 + MINUTE)
    place = f"{address(person)}after_session/2/"
    answer_page(browser, distress="0", unwanted="no")
    again = browser.post(place, {"unwanted": "no"})
    assert (again.status_code, location(again)) == (303, address(person))
    other = browser.post(place, {"unwanted": "yes"})
    assert other.status_code == 409
