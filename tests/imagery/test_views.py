"""A guided session as a person without JavaScript goes through it, page by page."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import clock
from coaching.models import Enrolment, Occasion
from coaching.services import people
from config.tick import turn
from imagery.models import Drawing, Rating, Report, SessionRun, StageVisit
from tests import world
from tests.imagery.rounds import DAY, FILES, MINUTE, SLOWLY, begin, give, go, rounds, run
from tests.pages import Screen, submit, visit

pytestmark = pytest.mark.django_db

WORDS = {
    "clear": {"clear": "7"},
    "road": {"road": "1"},
    "easy": {"easy": "2"},
    "words": {"words": "one two three"},
    "sketch": {"drawing-words": "round and dark"},
    "match": {"match": "3"},
    "after": {"after": "a bird"},
}


@pytest.fixture
def now() -> dt.datetime:
    """A day ago, when the study was published and the person consented."""
    return clock.now() - DAY


@pytest.fixture
def person(now: dt.datetime) -> Enrolment:
    return world.consented(rounds(now=now), now)


@pytest.fixture
def browser(person: Enrolment) -> Client:
    return world.browser_of(person)


def start_url(person: Enrolment, step: str = "first") -> str:
    return reverse("imagery:start", args=[world.occasion(person, step).public_id])


def url(person: Enrolment, stage: str, step: str = "first") -> str:
    return reverse("imagery:stage", args=[world.occasion(person, step).public_id, stage])


def stage_of(screen: Screen) -> str:
    return screen.url.rstrip("/").rsplit("/", 1)[-1]


def rows() -> list[int]:
    return [table.objects.count() for table in (SessionRun, StageVisit, Rating, Report, Drawing)]


# --- from the first page to the last ---------------------------------------------------------------------------------


def test_a_person_goes_through_a_session_by_what_each_page_offers(person: Enrolment, browser: Client) -> None:
    screen = visit(browser, reverse("coaching:next"))
    assert (screen.name, screen.url) == ("session", start_url(person))
    assert not SessionRun.objects.exists()
    screen = submit(browser, screen)
    for stage in SLOWLY:
        assert stage_of(screen) == stage
        assert screen.name == ("draw" if stage == "sketch" else "session")
        assert len(screen.primaries) == 1
        screen = submit(browser, screen, **WORDS.get(stage, {}))
    assert (screen.url, screen.name) == (reverse("coaching:next"), "wait")
    assert run(person).status == "completed"
    assert world.occasion(person, "first").state == Occasion.State.DONE
    values = dict(Rating.objects.values_list("stage", "value"))
    assert values == {"clear": 7, "road": 1, "easy": 2, "match": 3}
    assert dict(Report.objects.values_list("stage", "text")) == {"words": "one two three", "after": "a bird"}
    assert Drawing.objects.get().words == "round and dark"


def test_home_offers_a_session_and_leads_to_it(person: Enrolment, browser: Client) -> None:
    screen = visit(browser, reverse("coaching:home"))
    assert "Session one" in screen.text
    assert visit(browser, screen.primaries[0]["href"]).url == start_url(person)


def test_a_draw_without_anything_is_skipped_by_the_main_action(person: Enrolment, browser: Client) -> None:
    go(person, until="sketch", at=clock.now())
    screen = visit(browser, url(person, "sketch"))
    assert screen.form.options("reason") == ["rather_not", "nothing_came", "cannot"]
    assert screen.form.given["reason"] == "rather_not"
    assert {"sketch", "reason"} <= screen.form.names()
    assert 'name="drawing-words"' in screen.html
    assert stage_of(submit(browser, screen)) == "stage_9"
    assert (Drawing.objects.get().status, Drawing.objects.get().reason) == ("skipped", "rather_not")


def test_a_picture_of_a_drawing_can_be_sent_as_a_file(person: Enrolment, browser: Client) -> None:
    go(person, until="sketch", at=clock.now())
    content = world.files()["media/potoo.png"]
    assert isinstance(content, bytes)
    screen = visit(browser, url(person, "sketch"))
    picture = SimpleUploadedFile("mine.png", content, "image/png")
    response = browser.post(screen.url, {**screen.form.given, "sketch": picture})
    assert response["Location"] == url(person, "stage_9")
    drawing = Drawing.objects.get()
    assert (drawing.status, bool(drawing.file)) == ("uploaded", True)
    # Back to it: the picture is shown, and going on again leaves it.
    screen = visit(browser, url(person, "sketch"))
    assert drawing.file in screen.html
    submit(browser, screen)
    assert Drawing.objects.get().status == "uploaded"


def test_a_file_that_is_no_picture_is_said_to_be_none_and_stores_nothing(person: Enrolment, browser: Client) -> None:
    go(person, until="sketch", at=clock.now())
    bad = SimpleUploadedFile("mine.png", b"<svg>" + b" " * 100, "image/png")
    response = browser.post(url(person, "sketch"), {"sketch": bad, "drawing-words": "kept in the form"})
    screen = Screen(response)
    assert response.status_code in {400, 422}
    assert "Error:" in screen.html
    assert "kept in the form" in screen.html
    assert not Drawing.objects.exists()


# --- what a page holds, and what it does not -------------------------------------------------------------------------

LATER = {
    "stage_1": ["Begin with a shape"],
    "clear": ["How clear was any picture"],
    "road": ["How do you go on?", "At once"],
    "stage_4": ["Pink mouth"],
    "easy": ["How easily did it come"],
    "words": ["What came, if anything?"],
    "sketch": ["Draw what came"],
    "photo": ["A brown bird", "Drawn for the tests", "/m/"],
    "match": ["How close was it?"],
    "after": ["And now?"],
}


def test_nothing_of_a_later_stage_is_in_a_page_before_its_time(person: Enrolment, browser: Client) -> None:
    ahead = [*LATER]
    screen = visit(browser, start_url(person))
    pages = [("", screen)]
    screen = submit(browser, screen)
    for stage in SLOWLY:
        pages.append((stage, screen))
        screen = submit(browser, screen, **WORDS.get(stage, {}))
    assert len(pages) == len(SLOWLY) + 1
    for stage, page in pages:
        ahead = ahead[ahead.index(stage) + 1 :] if stage in ahead else ahead
        for later in ahead:
            for text in LATER[later]:
                assert text not in page.html, (stage, text)
            if not later.startswith("stage_"):
                assert f"/{later}/" not in page.html, (stage, later)
        if stage in LATER:
            assert LATER[stage][0] in page.html, stage


def test_neither_title_nor_slug_of_the_script_nor_its_file_is_ever_in_a_page(
    person: Enrolment, browser: Client
) -> None:
    screen = submit(browser, visit(browser, start_url(person)))
    seen = [visit(browser, reverse("coaching:home")).html, visit(browser, start_url(person)).html]
    for stage in SLOWLY:
        seen.append(screen.html)
        screen = submit(browser, screen, **WORDS.get(stage, {}))
    for html in seen:
        assert "night-bird" not in html
        assert "The potoo of the night" not in html
        assert "potoo.png" not in html
        assert "Session one" in html


def test_a_step_without_a_title_is_a_session(person: Enrolment, browser: Client, settings: Any) -> None:
    world.move_clock(settings, clock.now() + 9 * DAY)
    assert "<h1>Session</h1>" in visit(browser, start_url(person, "second")).html


def test_parts_are_counted_without_saying_what_they_are(person: Enrolment, browser: Client) -> None:
    screen = submit(browser, visit(browser, start_url(person)))
    assert "Part 1 of 12" in screen.html
    screen = submit(browser, screen)
    assert "Part 2 of 12" in screen.html


def test_what_is_said_is_there_sentence_by_sentence_with_its_quiet_time(person: Enrolment, browser: Client) -> None:
    screen = submit(browser, visit(browser, start_url(person)))
    said = re.findall(r"<p data-sentence>(.*?)</p>", screen.html)
    assert said == ["Begin with a shape.", "It is round."]
    for mark in ('data-kind="say"', 'data-hold-s="20"', 'data-voice-rate="0.9"', 'data-voice-pause-s="2"'):
        assert mark in screen.html, mark
    assert "Stay with this for 20 seconds" in screen.text


def test_a_person_reads_the_session_in_their_language(now: dt.datetime) -> None:
    person = world.consented(rounds(now=now), now, language="de")
    browser = world.browser_of(person)
    screen = submit(browser, visit(browser, start_url(person)))
    assert (screen.language, "Beginnen Sie mit einer Form." in screen.text) == ("de", True)
    assert "Erste Sitzung" in screen.html
    assert run(person).language == "de"


def test_a_short_rating_is_cards_and_a_long_one_a_number_and_nothing_is_chosen_beforehand(
    person: Enrolment, browser: Client
) -> None:
    go(person, until="clear", at=clock.now())
    wide = visit(browser, url(person, "clear"))
    [field] = [field for field in wide.form.fields if field.name == "clear"]
    assert (field.type, field.value) == ("number", "")
    go(person, until="easy", at=clock.now())
    cards = visit(browser, url(person, "easy"))
    assert cards.form.options("easy") == ["1", "2", "3", "4", "5"]
    assert not any(field.is_chosen for field in cards.form.fields)
    assert "It did not come" in cards.text


def test_five_points_of_vividness_have_words_and_the_least_says_that_nothing_was_seen(now: dt.datetime) -> None:
    files = world.edited(
        {"rate: vividness, scale: {min: 0, max: 100}": "rate: vividness, scale: {min: 1, max: 5}"},
        FILES,
        "scripts/night-bird.yaml",
    )
    person = world.consented(world.publish(files, now=now), now)
    go(person, until="clear", at=now)
    page = visit(world.browser_of(person), url(person, "clear"))
    words = ("Nothing seen", "I only knew I was thinking of it", "Very faint", "Fairly clear", "Clear")
    places = [page.html.index(word) for word in words]
    assert places == sorted(places)
    assert page.html.index('value="1"', page.html.index("<legend")) < places[0]


def test_a_get_writes_nothing(person: Enrolment, browser: Client) -> None:
    go(person, until="easy", at=clock.now())
    occasion = world.occasion(person, "first")
    before = rows(), list(StageVisit.objects.order_by("pk").values()), list(SessionRun.objects.values())
    for address in (start_url(person), *(url(person, stage) for stage in SLOWLY)):
        assert browser.get(address).status_code in {200, 303}
        assert browser.head(address).status_code in {200, 303}
    after = rows(), list(StageVisit.objects.order_by("pk").values()), list(SessionRun.objects.values())
    assert after == before
    assert world.occasion(person, "first").started_at == occasion.started_at


# --- forms -----------------------------------------------------------------------------------------------------------


def test_the_main_action_with_nothing_chosen_stores_nothing_and_asks_again(person: Enrolment, browser: Client) -> None:
    go(person, until="clear", at=clock.now())
    for stage in ("clear", "road", "easy"):
        screen = visit(browser, url(person, stage))
        again = Screen(browser.post(screen.url, screen.form.given))
        assert (again.status, "Error:" in again.html) == (422, True), stage
        assert not Rating.objects.filter(stage=stage).exists()
        give(person, stage, at=clock.now())
        if stage == "road":
            give(person, "stage_4", at=clock.now())


@pytest.mark.parametrize("text", ["101", "-1", "0.5", "seven", "nan", "1e1", "٣", "7 7"])
def test_what_is_no_point_of_the_scale_stores_nothing_and_stays_to_be_mended(
    person: Enrolment, browser: Client, text: str
) -> None:
    go(person, until="clear", at=clock.now())
    response = browser.post(url(person, "clear"), {"clear": text})
    assert response.status_code == 422
    assert "Give a whole number from 0 to 100." in response.content.decode()
    assert not Rating.objects.exists()


def test_two_values_under_one_name_are_none(person: Enrolment, browser: Client) -> None:
    go(person, until="clear", at=clock.now())
    assert browser.post(url(person, "clear"), {"clear": ["7", "8"]}).status_code == 422
    assert not Rating.objects.exists()


def test_i_would_rather_not_say_is_stored_as_that_whatever_was_chosen(person: Enrolment, browser: Client) -> None:
    go(person, until="clear", at=clock.now())
    response = browser.post(url(person, "clear"), {"clear": "50", "rather-not-say": "1"})
    assert response["Location"] == url(person, "road")
    assert Rating.objects.values_list("status", "value").get() == ("declined", None)
    assert "You said that you would rather not say." in visit(browser, url(person, "clear")).text


def test_going_back_shows_what_was_given_and_clears_nothing(person: Enrolment, browser: Client) -> None:
    go(person, until="sketch", at=clock.now())
    assert visit(browser, url(person, "road")).form.given["road"] == "1"
    assert visit(browser, url(person, "easy")).form.given["easy"] == "3"
    assert visit(browser, url(person, "clear")).form.given["clear"] == "0"
    assert "nothing at all came" in visit(browser, url(person, "words")).html
    assert Rating.objects.get(stage="easy").value == 3


def test_few_words_are_asked_about_once_and_then_taken(person: Enrolment, browser: Client) -> None:
    go(person, until="words", at=clock.now())
    screen = visit(browser, url(person, "words"))
    again = Screen(browser.post(screen.url, {**screen.form.given, "words": "dark"}), screen.url)
    assert (again.status, Report.objects.count()) == (422, 0)
    assert "write 3 words or more" in again.text
    assert "dark" in again.html
    assert stage_of(submit(browser, again, words="dark")) == "sketch"
    assert Report.objects.values_list("text", "words").get() == ("dark", 1)


def test_nothing_to_add_is_always_an_answer(person: Enrolment, browser: Client) -> None:
    go(person, until="words", at=clock.now())
    response = browser.post(url(person, "words"), {"words": "half a tho", "nothing-to-add": "1"})
    assert response["Location"] == url(person, "sketch")
    assert Report.objects.values_list("text", "words").get() == ("", 0)


def test_a_text_without_bounds_may_be_empty_and_one_without_end_is_not_cut(person: Enrolment, browser: Client) -> None:
    go(person, until="after", at=clock.now())
    assert browser.post(url(person, "after"), {"after": "x" * 20_001}).status_code == 422
    assert not Report.objects.filter(stage="after").exists()
    assert browser.post(url(person, "after"), {"after": ""})["Location"] == reverse("coaching:next")


def test_times_that_the_page_measured_are_kept_and_nonsense_is_dropped(person: Enrolment, browser: Client) -> None:
    begin(person, at=clock.now())
    kept = {"quiet-ms": "21500", "longer-ms": "-5", "pauses": "two", "paused-ms": "9" * 30, "hidden-ms": "12.4"}
    assert browser.post(url(person, "stage_1"), kept).status_code == 303
    visit_ = StageVisit.objects.get(stage="stage_1")
    assert (visit_.quiet_actual_ms, visit_.hidden_ms) == (21_500, 12)
    assert (visit_.longer_ms, visit_.pauses, visit_.paused_ms) == (None, None, None)
    browser.post(url(person, "clear"), {"clear": "4", "response-time-ms": "1801"})
    assert Rating.objects.get().response_time_ms == 1801


def test_numbers_are_written_with_a_point_in_every_language(settings: Any, now: dt.datetime) -> None:
    person = world.consented(rounds(now=now), now, language="de")
    go(person, until="clear", at=now)
    page = visit(world.browser_of(person), url(person, "clear")).html
    assert 'data-voice-rate="0.9"' in page
    assert 'max="100"' in page


# --- leaving and coming back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", list(SLOWLY)[1:])
def test_a_session_left_at_any_stage_is_taken_up_there_on_another_device(person: Enrolment, stage: str) -> None:
    at = clock.now()
    go(person, until=stage, at=at - 30 * MINUTE)
    other = world.browser_of(person)
    screen = visit(other, reverse("coaching:next"))
    place = list(SLOWLY).index(stage) + 1
    assert f"You stopped in part {place} of 12, on " in screen.text
    assert "Start this session again" in screen.html
    assert stage_of(submit(other, screen)) == stage
    assert SessionRun.objects.count() == 1


def test_a_session_begun_but_not_gone_on_with_is_offered_as_new(person: Enrolment, browser: Client) -> None:
    begin(person, at=clock.now())
    screen = visit(browser, start_url(person))
    assert "You stopped" not in screen.text
    assert stage_of(submit(browser, screen)) == "stage_1"


def test_starting_again_makes_the_second_attempt(person: Enrolment, browser: Client) -> None:
    go(person, until="words", at=clock.now() - MINUTE)
    screen = visit(browser, start_url(person))
    restart = next(field for field in screen.form.fields if field.name == "restart")
    response = browser.post(start_url(person), {"restart": restart.value})
    assert response["Location"] == url(person, "stage_1")
    assert SessionRun.objects.count() == 2
    assert browser.post(start_url(person), {"restart": restart.value})["Location"] == url(person, "stage_1")
    assert SessionRun.objects.count() == 2


def test_after_twelve_hours_starting_again_is_offered_first(person: Enrolment, browser: Client) -> None:
    go(person, until="words", at=clock.now() - dt.timedelta(hours=11, minutes=40))
    assert visit(browser, start_url(person)).primaries[0]["name"] == "carry-on"
    StageVisit.objects.update(entered_at=clock.now() - dt.timedelta(hours=12, minutes=1))
    screen = visit(browser, start_url(person))
    assert (screen.primaries[0]["name"], screen.primaries[0]["value"]) == ("restart", "1")
    assert "Carry on" in screen.html


def test_a_stage_that_was_not_reached_leads_to_where_the_person_is(person: Enrolment, browser: Client) -> None:
    assert browser.get(url(person, "clear"))["Location"] == start_url(person)
    go(person, until="road", at=clock.now())
    for stage in ("stage_4", "photo", "after"):
        for response in (browser.get(url(person, stage)), browser.post(url(person, stage), WORDS.get(stage, {}))):
            assert (response.status_code, response["Location"]) == (303, url(person, "road"))
    browser.post(url(person, "road"), {"road": "2"})
    assert browser.get(url(person, "stage_4"))["Location"] == url(person, "words")


def test_what_was_given_before_a_picture_stands_and_is_said_to(person: Enrolment, browser: Client) -> None:
    go(person, until="match", at=clock.now())
    screen = Screen(browser.post(url(person, "clear"), {"clear": "90"}))
    assert (screen.status, screen.name) == (409, "error")
    assert "This was not saved." in screen.text
    assert screen.primaries[0]["href"] == url(person, "match")
    assert Rating.objects.get(stage="clear").value == 0


# --- refusals --------------------------------------------------------------------------------------------------------


def test_after_completion_a_post_says_that_nothing_was_stored(person: Enrolment, browser: Client) -> None:
    go(person, at=clock.now())
    before = rows()
    screen = Screen(browser.post(url(person, "clear"), {"clear": "90"}))
    assert (screen.status, screen.name) == (409, "error")
    assert "This was not saved." in screen.text
    assert "You have finished this session" in visit(browser, url(person, "clear")).text
    assert browser.post(url(person, "after"), {"after": ""})["Location"] == reverse("coaching:next")
    assert browser.get(start_url(person))["Location"] == reverse("coaching:next")
    assert browser.post(start_url(person), {"restart": "1"})["Location"] == reverse("coaching:next")
    assert rows() == before


def test_after_the_window_a_post_says_that_nothing_was_stored(
    person: Enrolment, browser: Client, settings: Any
) -> None:
    go(person, until="easy", at=clock.now())
    before = rows()
    now = world.move_clock(settings, clock.now() + 7 * DAY)
    for _ in range(2):
        screen = Screen(browser.post(url(person, "easy"), {"easy": "2"}))
        assert (screen.status, screen.name) == (409, "error")
        assert "closed" in visit(browser, url(person, "easy")).text
        assert Screen(browser.post(start_url(person))).status == 409
        assert rows()[2:] == before[2:] or Rating.objects.filter(status="not_reached").exists()
        turn(now=now)
    assert Rating.objects.get(stage="easy").status == "not_reached"


def test_whoever_is_paused_or_has_left_is_led_home(person: Enrolment, browser: Client) -> None:
    go(person, until="clear", at=clock.now())
    people.pause(enrolment=person, by="participant", now=clock.now())
    for response in (
        browser.get(start_url(person)),
        browser.post(start_url(person)),
        browser.get(url(person, "clear")),
        browser.post(url(person, "clear"), {"clear": "3"}),
        browser.post(url(person, "clear"), {}),
    ):
        assert response["Location"] == reverse("coaching:home")
    assert not Rating.objects.exists()


def test_a_session_that_is_not_open_leads_to_what_is_next(person: Enrolment, browser: Client) -> None:
    for response in (browser.get(start_url(person, "second")), browser.post(start_url(person, "second"))):
        assert response["Location"] == reverse("coaching:next")
    assert browser.get(url(person, "clear", "second"))["Location"] == reverse("coaching:next")


def test_anothers_session_and_unknown_addresses_are_not_found(person: Enrolment, browser: Client) -> None:
    other = world.consented(rounds(now=clock.now()), clock.now())
    go(other, until="clear", at=clock.now())
    questions = world.occasion(person, "last")
    for address in (
        start_url(other),
        url(other, "stage_1"),
        reverse("imagery:start", args=[uuid4()]),
        url(person, "nowhere"),
        reverse("imagery:start", args=[questions.public_id]),
        reverse("imagery:stage", args=[questions.public_id, "q1"]),
    ):
        for response in (browser.get(address), browser.post(address, {"clear": "1"})):
            assert response.status_code == 404, address
    assert SessionRun.objects.filter(occasion__enrolment=person).count() == 0


def test_a_session_needs_its_person(person: Enrolment) -> None:
    assert Client().get(start_url(person))["Location"] == reverse("coaching:mail_link")


def test_a_page_turn_of_a_session_stays_cheap(person: Enrolment, browser: Client) -> None:
    go(person, until="easy", at=clock.now())
    with CaptureQueriesContext(connection) as queries:
        response = browser.post(url(person, "easy"), {"easy": "2"})
        assert browser.get(response["Location"]).status_code == 200
    assert len(queries) <= 19, [query["sql"][:90] for query in queries.captured_queries]


# --- the picture -----------------------------------------------------------------------------------------------------


def test_the_picture_is_in_the_page_of_its_reveal_and_can_be_fetched_from_there(
    person: Enrolment, browser: Client
) -> None:
    go(person, until="photo", at=clock.now())
    page = visit(browser, url(person, "photo"))
    found = re.search(r'<img src="(/m/[^"]+/)" alt="A brown bird on a branch"', page.html)
    assert found is not None
    response = browser.get(found[1])
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert b"".join(response.streaming_content) == world.files()["media/potoo.png"]  # type: ignore[arg-type]
    stranger = world.browser_of(world.consented(rounds(now=clock.now()), clock.now()))
    assert stranger.get(found[1]).status_code == 404


# --- staff -----------------------------------------------------------------------------------------------------------


def test_staff_read_sessions_ratings_words_and_drawings(person: Enrolment) -> None:
    go(person, at=clock.now())
    address = reverse("imagery:person", args=[person.study.slug, person.pseudonym])
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    page = browser.get(address).content.decode()
    for text in (
        "The potoo of the night",
        "Session one",
        "Completed",
        "nothing at all came",
        "a dark shape",
        "How close",
        "Slowly",
    ):
        assert text in page, text
    fragment = browser.get(address + "?fragment=1").content.decode()
    assert "nothing at all came" in fragment
    assert "<html" not in fragment


def test_sessions_are_for_those_who_may_see_answers_and_words_for_those_who_may_see_words(
    person: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(person, at=clock.now())
    address = reverse("imagery:person", args=[person.study.slug, person.pseudonym])
    assert world.browser_of_staff(world.staff(person.study, "observer")).get(address).status_code == 403
    stranger = world.browser_of_staff(world.staff(world.tiny().study, "owner"))
    assert stranger.get(address).status_code == 404
    assert stranger.get(reverse("imagery:person", args=["tiny", person.pseudonym])).status_code == 404
    # No role of today reads answers without words; one that did would read no words here.
    monkeypatch.setitem(__import__("coaching.roles", fromlist=["MATRIX"]).MATRIX, "words", frozenset({"owner"}))
    page = world.browser_of_staff(world.staff(person.study, "coach")).get(address).content.decode()
    assert "How close" in page
    assert "nothing at all came" not in page
    assert "a dark shape" not in page


def test_the_page_of_a_person_leads_to_their_sessions(person: Enrolment) -> None:
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    page = browser.get(reverse("coaching:person", args=[person.study.slug, person.pseudonym])).content.decode()
    assert reverse("imagery:person", args=[person.study.slug, person.pseudonym]) in page
