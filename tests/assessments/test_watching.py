"""Answers that call for somebody to look: when a rule holds, what it does, and what the person reads next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from assessments import services
from assessments.models import Administration
from assessments.services import DECLINED, Given
from coaching.care import is_met
from coaching.models import Enrolment, Message, Pause, SafetyAlert
from coaching.services import people
from config.tick import turn
from imagery import services as sessions
from protocol.care import SafetyRule
from protocol.conditions import Given as Said
from protocol.conditions import parse_condition
from tests import world
from tests.coaching import vigil
from tests.coaching.vigil import DAY, HOURS, MINUTE, NIGHT, SUPPORT
from tests.pages import follow, submit, visit

DISTRESS, UNWANTED = 1, 2
AFTER = vigil.STUDY[vigil.STUDY.index("after:") : vigil.STUDY.index("safety:")]
"""Taken out, the questionnaire on that night is the last thing that is asked."""


def rule(when: str, times: int = 1) -> SafetyRule:
    return SafetyRule("r", "check", parse_condition(when), times=times)


@pytest.mark.once
@pytest.mark.parametrize(
    ("when", "times", "asked", "expected"),
    [
        ("distress >= 8", 1, [{"distress": 8.0}], True),
        ("distress >= 8", 1, [{"distress": 7.0}], False),
        ("distress >= 8", 1, [{"distress": None}], False),
        ("distress >= 8", 1, [{}], False),
        ("distress >= 8", 1, [], False),
        ("distress >= 8", 1, [{"distress": 9.0}, {"distress": 2.0}], False),
        ("unwanted == yes", 2, [{"unwanted": "yes"}], False),
        ("unwanted == yes", 2, [{"unwanted": "yes"}, {"unwanted": "yes"}], True),
        ("unwanted == yes", 2, [{"unwanted": "yes"}, {"unwanted": "no"}, {"unwanted": "yes"}], False),
        ("unwanted == yes", 2, [{"unwanted": "yes"}, {"unwanted": None}, {"unwanted": "yes"}], False),
        ("unwanted == yes", 2, [{"unwanted": "no"}, {"unwanted": "yes"}, {"unwanted": "yes"}], True),
        ("distress >= 8 or unwanted == yes", 1, [{"distress": 9.0}], True),
        ("distress >= 8 and unwanted == yes", 1, [{"distress": 9.0}], False),
        ("distress != 0", 1, [{"distress": None}], False),
    ],
)
def test_a_rule_holds_over_the_last_times_that_somebody_was_asked(
    when: str, times: int, asked: list[Mapping[str, Said]], expected: bool
) -> None:
    assert is_met(rule(when, times), asked) is expected


def give(person: Enrolment, position: int, given: Given, *, at: dt.datetime, step: str = "w1") -> None:
    services.answer(
        occasion=world.occasion(person, step), instrument="after_session", position=position, given=given, now=at
    )


def fill(person: Enrolment, distress: float, unwanted: str, *, at: dt.datetime, step: str = "w1") -> None:
    give(person, DISTRESS, Given("answered", distress), at=at, step=step)
    give(person, UNWANTED, Given("answered", text=unwanted), at=at, step=step)


def raised(person: Enrolment) -> list[tuple[str, bool]]:
    return list(person.alerts.order_by("pk").values_list("rule", "paused"))


@pytest.mark.django_db
def test_the_alert_comes_with_the_answer_and_the_rest_with_the_end() -> None:
    person = vigil.someone(vigil.study())
    give(person, DISTRESS, Given("answered", 9.0), at=NIGHT)
    assert raised(person) == [("distress", False)]
    assert Message.objects.get(kind="alert").due_at == NIGHT
    assert world.fresh(person).paused_at is None
    give(person, UNWANTED, Given("answered", text="no"), at=NIGHT + MINUTE)
    assert raised(person) == [("distress", True)]
    assert world.fresh(person).paused_at == NIGHT + MINUTE
    pause = Pause.objects.get(enrolment=person)
    assert (pause.paused_by, pause.reason) == ("product", "distress")
    assert Message.objects.filter(kind="alert").count() == 1


def save(person: Enrolment, value: float, revision: int) -> None:
    services.autosave(
        occasion=world.occasion(person, "w1"),
        instrument="after_session",
        position=DISTRESS,
        given=Given("answered", value),
        now=NIGHT,
        revision=revision,
    )


@pytest.mark.django_db
def test_what_a_page_saved_by_itself_raises_the_alert_when_it_is_sent(settings: Any) -> None:
    person = vigil.someone(vigil.study())
    browser, step = vigil.browser(settings, person, NIGHT), world.occasion(person, "w1")
    page = visit(browser, f"/q/{step.public_id}/after_session/1/")
    save(person, 10, 1)
    assert raised(person) == []
    for _ in range(2):
        submit(browser, page, distress="10", **{"answer-rev": "2"})
        assert raised(person) == [("distress", False)]


@pytest.mark.django_db
def test_a_slip_of_the_finger_that_is_put_right_raises_nothing() -> None:
    person = vigil.someone(vigil.study())
    save(person, 10, 1)
    fill(person, 1, "no", at=NIGHT)
    assert raised(person) == []


@pytest.mark.django_db
def test_what_was_saved_and_never_sent_is_looked_at_when_the_window_closes() -> None:
    person = vigil.someone(vigil.study())
    save(person, 10, 1)
    turn(now=NIGHT + 6.5 * DAY)
    assert [rule for rule, _ in raised(person)] == ["distress"]


@pytest.mark.django_db
def test_an_answer_taken_back_leaves_the_alert() -> None:
    person = vigil.someone(vigil.study())
    give(person, DISTRESS, Given("answered", 9.0), at=NIGHT)
    give(person, DISTRESS, Given("answered", 2.0), at=NIGHT + MINUTE)
    give(person, UNWANTED, Given("answered", text="no"), at=NIGHT + 2 * MINUTE)
    assert raised(person) == [("distress", False)]
    assert world.fresh(person).paused_at is None


@pytest.mark.django_db
@pytest.mark.parametrize("given", [DECLINED, Given("answered", 7.0)])
def test_what_is_declined_or_below_raises_nothing(given: Given) -> None:
    person = vigil.someone(vigil.study())
    give(person, DISTRESS, given, at=NIGHT)
    give(person, UNWANTED, Given("answered", text="no"), at=NIGHT)
    assert raised(person) == []


@pytest.mark.django_db
@pytest.mark.parametrize("arm", vigil.ARMS)
def test_unwanted_images_twice_running_in_every_arm(arm: str) -> None:
    person = vigil.someone(vigil.study(), arm)
    fill(person, 1, "yes", at=NIGHT)
    assert raised(person) == []
    turn(now=NIGHT + 6.5 * DAY)
    fill(person, 1, "yes", at=NIGHT + 6.5 * DAY, step="w2")
    assert raised(person) == [("images", False)]


@pytest.mark.django_db
def test_the_questionnaire_after_a_session_is_watched_too() -> None:
    person = vigil.someone(vigil.study(), "training")
    step = world.occasion(person, "s1")
    sessions.begin(occasion=step, now=NIGHT, language="en")
    sessions.submit(
        occasion=step,
        stage="listen",
        given=sessions.PASSED,
        now=NIGHT,
        language="en",
        timing=sessions.UNTIMED,
        attempt=None,
    )
    fill(person, 8, "no", at=NIGHT + MINUTE, step="s1")
    assert raised(person) == [("distress", True)]
    assert SafetyAlert.objects.get().occasion == step


@pytest.mark.django_db
def test_one_left_in_the_middle_is_looked_at_again_when_its_window_closes() -> None:
    person = vigil.someone(vigil.study())
    give(person, DISTRESS, Given("answered", 9.0), at=NIGHT)
    turn(now=NIGHT + 6.5 * DAY)
    assert raised(person) == [("distress", True)]
    assert Administration.objects.get(occasion__enrolment=person, occasion__key="w1").closed_at is not None


@pytest.mark.django_db
def test_whoever_is_through_rests_from_nothing_and_is_looked_at_all_the_same() -> None:
    person = vigil.someone(vigil.study((AFTER, "")))
    fill(person, 9, "no", at=NIGHT)
    assert world.fresh(person).completed_at == NIGHT
    assert raised(person) == [("distress", False)]
    assert world.fresh(person).paused_at is None


@pytest.mark.django_db
def test_a_pause_that_somebody_ended_does_not_come_back_by_the_same_alert() -> None:
    person = vigil.someone(vigil.study())
    fill(person, 9, "no", at=NIGHT)
    people.resume(enrolment=person, by="participant", now=NIGHT + MINUTE)
    turn(now=NIGHT + 6.5 * DAY)
    assert world.fresh(person).paused_at is None


@pytest.mark.django_db
def test_a_simulated_person_raises_an_alert_and_nobody_is_written_to() -> None:
    person = vigil.someone(vigil.study())
    Enrolment.objects.filter(pk=person.pk).update(synthetic=True)
    fill(person, 9, "no", at=NIGHT)
    assert raised(person) == [("distress", True)]
    turn(now=NIGHT + DAY)
    assert not Message.objects.filter(kind="alert").exists()


# --- what the person reads -------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("arm", vigil.ARMS)
def test_hours_stand_on_every_screen_that_asks_how_people_are(settings: Any, arm: str) -> None:
    person = vigil.someone(vigil.study(), arm)
    browser = vigil.browser(settings, person)
    question = f"/q/{world.occasion(person, 'w1').public_id}/after_session/1/"
    for path in (question, "/me/report-something/", "/me/messages/"):
        assert HOURS in visit(browser, path).text, path
    assert HOURS not in visit(browser, "/me/").text
    assert HOURS not in visit(browser, "/me/contact/").text


@pytest.mark.django_db
def test_hours_stand_on_the_stop_page(settings: Any) -> None:
    person = vigil.someone(vigil.study(), "training")
    browser = vigil.browser(settings, person)
    step = world.occasion(person, "s1")
    sessions.begin(occasion=step, now=NIGHT, language="en")
    assert HOURS in visit(browser, f"/s/{step.public_id}/stop/").text


@pytest.mark.django_db
def test_the_next_screen_says_who_looks_by_when_where_help_is_and_that_the_programme_rests(settings: Any) -> None:
    person = vigil.someone(vigil.study())
    browser = vigil.browser(settings, person)
    page = vigil.answer(browser, distress="9", person=person)
    assert page.name == "paused"
    assert "looks at it by Tuesday 9 March, 02:3" in page.text
    assert "The study rests for now. Nothing is asked of you." in page.text
    assert SUPPORT in page.text
    home = submit(browser, page)
    assert home.name == "home"
    assert "looks at it by" in home.text
    assert "rests" not in home.text


@pytest.mark.django_db
def test_without_a_pause_the_page_after_the_questionnaire_says_it_and_leads_on(settings: Any) -> None:
    person = vigil.someone(vigil.study((", do: [pause, alert]", "")))
    browser = vigil.browser(settings, person)
    page = vigil.answer(browser, distress="8", person=person)
    assert (page.name, page.status) == ("session", 200)
    assert "looks at it by" in page.text
    assert "end of this session" not in page.text
    assert SUPPORT in page.text
    on = follow(browser, page)
    assert on.name in {"wait", "question"}


@pytest.mark.django_db
def test_whoever_comes_back_to_the_middle_reads_it_and_goes_on_there(settings: Any) -> None:
    person = vigil.someone(vigil.study())
    give(person, DISTRESS, Given("answered", 9.0), at=NIGHT)
    browser = vigil.browser(settings, person)
    page = visit(browser, "/me/next/")
    assert page.name == "session"
    assert "looks at it by" in page.text
    on = follow(browser, page)
    assert on.name == "question"
    assert 'name="unwanted"' in on.html


@pytest.mark.django_db
def test_when_the_time_has_passed_it_is_said_as_it_is(settings: Any) -> None:
    person = vigil.someone(vigil.study())
    vigil.report(person)
    page = visit(vigil.browser(settings, person, NIGHT + vigil.HOUR), "/me/")
    assert "It takes longer than we said." in page.text


@pytest.mark.django_db
def test_nothing_is_said_to_whoever_raised_nothing(settings: Any) -> None:
    person = vigil.someone(vigil.study())
    browser = vigil.browser(settings, person)
    page = vigil.answer(browser, distress="3", person=person)
    assert "looks at it by" not in page.text
    assert "looks at it by" not in visit(browser, "/me/").text


@pytest.mark.django_db
def test_a_rule_that_only_pauses_promises_nobody(settings: Any) -> None:
    person = vigil.someone(vigil.study(("do: [pause, alert]", "do: [pause]")))
    browser = vigil.browser(settings, person)
    page = vigil.answer(browser, distress="9", person=person)
    assert "The study rests for now." in page.text
    assert "looks at it by" not in page.text
    assert not Message.objects.filter(kind="alert").exists()
