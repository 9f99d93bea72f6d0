"""Posts that come again, too late, from elsewhere, or with ill intent."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse

import clock
from assessments.models import Administration, Answer, AnswerRevision
from coaching.models import Enrolment, Occasion
from coaching.services import people
from config.tick import turn
from tests import world
from tests.assessments.papers import (
    DAY,
    FILES,
    MINUTE,
    NOW,
    SHORT,
    T0,
    browser_at,
    fill,
    give,
    page_of,
    scored,
    screen_of,
    someone,
    start_url,
    statuses,
    stored,
    url,
)

# --- repeats, and posts that come too late ---------------------------------------------------------------------------


def test_repeating_any_submit_leads_where_the_first_did(person: Enrolment, browser: Client) -> None:
    posts = [(url(person, n), {item: "3"}) for n, item in enumerate(("path", "fog", "birds"), start=1)]
    first = [browser.post(place, data)["Location"] for place, data in posts]
    again = [browser.post(place, data) for place, data in posts]
    assert [response["Location"] for response in again] == first
    fill(person, 40, 1, instrument="wide")
    after = [browser.post(place, data) for place, data in posts]
    assert [(response.status_code, response["Location"]) for response in after] == [(303, place) for place in first]
    assert not AnswerRevision.objects.exists()


def test_a_different_answer_after_the_finish_is_not_stored_and_is_told_so(person: Enrolment, browser: Client) -> None:
    fill(person, 2, 4, 5)
    for posted in ({"birds": "1"}, {"rather-not-say": "1"}):
        response = browser.post(url(person, 3), posted)
        assert (response.status_code, screen_of(response)) == (409, "error")
        assert "This answer was not saved." in page_of(response)
        assert f'href="{reverse("coaching:home")}"' in page_of(response)
        assert page_of(response).count("data-primary") == 1
    assert browser.post(url(person, 1), {}).status_code == 409
    assert (stored(person, "birds").value, stored(person, "birds").changes) == (5, 0)
    assert scored(person).value == 9


def test_a_finished_questionnaire_opened_again_can_only_be_left(person: Enrolment, browser: Client) -> None:
    fill(person, 2, 4, 5)
    response = browser.get(url(person, 1))
    assert response.status_code == 200
    assert "You have finished these questions" in page_of(response)
    assert "<input" not in page_of(response).split("<main")[1]


def test_a_post_after_the_close_stores_nothing_and_says_so_before_and_after_the_tick(
    settings: Any, person: Enrolment
) -> None:
    late = T0 + 10 * DAY
    fill(person, 3, at=T0 + 8 * DAY, step="second")
    browser = browser_at(settings, person, late + MINUTE)
    for act in (None, turn):
        if act is not None:
            act(now=clock.now())
        response = browser.post(url(person, 2, step="second"), {"fog": "3"})
        assert (response.status_code, screen_of(response)) == (409, "error")
        assert "These questions are closed" in page_of(response)
        assert "This answer was not saved." in page_of(response)
        assert browser.post(url(person, 1, step="second"), {"path": "3"}).status_code == 303  # it was stored in time
        assert "These questions are closed" in page_of(browser.get(url(person, 2, step="second")))
    assert statuses(person, "second") == {"path": "answered", "fog": "not_reached", "birds": "not_reached"}


def test_a_step_that_is_not_open_yet_takes_nothing(person: Enrolment, browser: Client) -> None:
    response = browser.post(url(person, 1, step="second"), {"path": "3"})
    assert response.status_code == 409
    assert "These questions are not open yet" in page_of(response)
    assert browser.get(url(person, 1, step="second"))["Location"] == reverse("coaching:next")
    assert not Administration.objects.exists()


def test_someone_paused_or_gone_is_led_to_their_page_and_nothing_is_stored(person: Enrolment, browser: Client) -> None:
    give(person, 1, 3)
    people.pause(enrolment=person, by="participant", now=T0)
    acts = [lambda: browser.get(url(person, 2)), lambda: browser.post(url(person, 2), {"fog": "3"})]
    acts += [lambda: browser.post(url(person, 2), {}), lambda: browser.post(url(person, 1), {"path": "3"})]
    for leave in (lambda: None, lambda: people.withdraw(enrolment=person, choice="keep", by="participant", now=T0)):
        leave()
        assert {act()["Location"] for act in acts} == {reverse("coaching:home")}
    assert statuses(person) == {"path": "answered"}


# --- hostile ---------------------------------------------------------------------------------------------------------


def test_what_is_not_the_persons_or_does_not_exist_is_not_found(person: Enrolment, browser: Client) -> None:
    other, unbegun = someone(), someone()
    give(other, 1, 2)
    own = world.occasion(person, "first").public_id
    places = [
        start_url(other),
        start_url(unbegun),
        reverse("assessments:start", args=[uuid4()]),
        url(other, 1),
        url(unbegun, 1),
        reverse("assessments:item", args=[uuid4(), "short", 1]),
        reverse("assessments:item", args=[own, "nothing", 1]),
        reverse("assessments:item", args=[own, "short", 0]),
        reverse("assessments:item", args=[own, "short", 4]),
        reverse("assessments:item", args=[own, "short", 10**30]),
        reverse("assessments:item", args=[world.occasion(person, "second").public_id, "wide", 1]),
    ]
    for place in places:
        assert browser.get(place).status_code == 404, place
    for place in (*places[3:], *(url(who, 1, name="autosave") for who in (other, unbegun))):
        assert browser.post(place, {"path": "3", "answer-rev": "9"}).status_code == 404, place
    assert (Answer.objects.count(), stored(other, "path").value) == (1, 2)


def test_a_session_step_has_no_questions(settings: Any, db: None) -> None:
    world.move_clock(settings, NOW)
    person = world.consented(world.example(now=T0), T0)
    for position in (1, 2, 3, 4):
        give(person, position, 5, step="baseline", instrument="scenes_4")
    session = Occasion.objects.filter(enrolment=person, kind=Occasion.Kind.IMAGERY).first()
    if session is None:  # the other arm
        session = Occasion.objects.create(enrolment=person, key="s1", kind=Occasion.Kind.IMAGERY, place=99)
    browser = world.browser_of(person)
    assert browser.get(reverse("assessments:start", args=[session.public_id])).status_code == 404
    assert browser.get(reverse("assessments:item", args=[session.public_id, "scenes_4", 1])).status_code == 404


def test_nobody_answers_without_being_known(person: Enrolment) -> None:
    for response in (Client().get(url(person, 1)), Client().post(url(person, 1), {"path": "3"})):
        assert (response.status_code, response["Location"]) == (302, reverse("coaching:mail_link"))
    assert not Administration.objects.exists()


def test_a_form_of_another_site_stores_nothing(person: Enrolment) -> None:
    strict = world.browser_of(person, enforce_csrf_checks=True)
    assert strict.post(url(person, 1), {"path": "3"}).status_code == 403
    assert strict.post(url(person, 1, name="autosave"), {"path": "3"}).status_code == 403
    assert not Administration.objects.exists()


def test_other_methods_are_refused(person: Enrolment, browser: Client) -> None:
    assert browser.put(url(person, 1)).status_code == 405
    assert browser.post(start_url(person)).status_code == 405
    assert browser.get(url(person, 1, name="autosave")).status_code == 405


def test_words_of_a_study_are_text_and_never_markup(settings: Any, db: None) -> None:
    world.move_clock(settings, NOW)
    sly = SHORT.replace("The path before you", "'<script>alert(1)</script> & <b>path</b>'")
    person = world.consented(world.publish({**FILES, "instruments/short.yaml": sly}, now=T0), T0)
    page = world.browser_of(person).get(url(person, 1)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
