"""A guided session as a person without JavaScript goes through it, page by page."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import clock
from coaching.models import Enrolment, Occasion
from imagery.models import Drawing, Rating, Report, SessionRun, StageVisit
from tests import world
from tests.imagery.rounds import DAY, FILES, SLOWLY, begin, give, go, rounds, run
from tests.imagery.turning import WORDS, rows, stage_of, start_url, url
from tests.pages import Screen, submit, visit

pytestmark = pytest.mark.django_db

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
