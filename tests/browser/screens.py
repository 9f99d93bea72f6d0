"""The screens that people of a study see, sessions and test walks among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from playwright.sync_api import Page

from tests.browser import aftercare, evenings, kinds
from tests.browser.gallery import Gallery, Shown, press
from tests.walk.journey import ITEMS
from tests.walk.lab import SLUG

WALKER = "walker@gallery.example"  # whose session changes its key with every walk


# --- a participant's screens -----------------------------------------------------------------------------------------


def welcome(gallery: Gallery, page: Page) -> None:
    page.goto(f"/join/{SLUG}/")


def eligibility(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "eligibility")


def eligibility_choice(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "eligibility")
    page.locator("[name=age]").fill("34")
    press(page)


def eligibility_error(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "eligibility")
    page.locator("[name=age]").fill("1.5")
    press(page)


def ineligible(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "ineligible", age="12")


def consent(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "consent")


def consent_german(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "consent", language="de")


def consent_error(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "consent")
    page.locator("label.answer").first.click()
    press(page)


def contact(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "contact")


def contact_error(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "contact")
    page.locator("[name=email]").fill("nobody at example")
    press(page)


def home(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "home")


def home_german(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "home", language="de")


def question(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "question")


def question_german(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "question", language="de")


def question_error(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "question")
    press(page)


def question_chosen(gallery: Gallery, page: Page) -> None:
    """An answer that is chosen and saved."""
    gallery.participant(page, "question")
    with page.expect_response(lambda response: response.url.endswith("/autosave/")):
        page.locator("label.answer").nth(1).click()
    page.locator("[data-save-status]:not(:empty)").wait_for()


def finished(gallery: Gallery, page: Page) -> None:
    """A question of a questionnaire that is finished."""
    browser = gallery.participant(page, "wait")
    page.goto(next(each.url for each in reversed(browser.visited) if each.screen == "question"))


def wait(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "wait")


def home_waiting(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "wait")
    page.goto("/me/")


def change_contact(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "wait", email="someone@gallery.example")
    page.goto("/me/contact/")


def own_reminders(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "wait", email="someone@gallery.example")
    page.goto("/me/reminders/")


def done(gallery: Gallery, page: Page) -> None:
    browser = gallery.participant(page, "wait")
    for days in (14, 28):
        gallery.lab.later(days=days)
        browser.open("/me/next/")
        for item in ITEMS:
            browser.press(**{item: "3"})
    page.goto("/me/next/")


def home_done(gallery: Gallery, page: Page) -> None:
    done(gallery, page)
    page.goto("/me/")


def paused(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "home")
    press(page, "[data-action=pause] button")


def leaving(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "home")
    page.goto("/me/withdraw/")


def leaving_error(gallery: Gallery, page: Page) -> None:
    leaving(gallery, page)
    press(page)


def withdrawn(gallery: Gallery, page: Page) -> None:
    leaving(gallery, page)
    page.locator("label.answer").first.click()
    press(page)


def erased(gallery: Gallery, page: Page) -> None:
    leaving(gallery, page)
    page.locator("label.answer").last.click()
    press(page)


def mydata(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "wait")
    page.goto("/me/data/")


def mail_link(gallery: Gallery, page: Page) -> None:
    page.goto("/me/link/")


def mail_link_error(gallery: Gallery, page: Page) -> None:
    page.goto("/me/link/")
    page.locator("[name=email]").fill("nobody")
    press(page)


def mail_link_sent(gallery: Gallery, page: Page) -> None:
    page.goto("/me/link/")
    page.locator("[name=email]").fill("nobody@gallery.example")
    press(page)


def invitation(gallery: Gallery, page: Page) -> None:
    page.goto(gallery.lab.invite()[1])


def unknown_link(gallery: Gallery, page: Page) -> None:
    page.goto("/p/not-a-link/")


def not_found(gallery: Gallery, page: Page) -> None:
    page.goto("/join/no-such-study/")


def messages_own(gallery: Gallery, page: Page) -> None:
    """A talk of two, the second message being the team's."""
    browser = gallery.participant(page, "home")
    code = browser.open("/me/").code
    browser.open("/me/messages/")
    browser.press(text="May I do the next part in the evening?")
    assert page.context.browser
    beside = page.context.browser.new_context(base_url=gallery.lab.url)
    desk = beside.new_page()
    gallery.staff(desk, "{study}/people/" + code + "/messages/")
    desk.locator("[name=text]").fill("Yes, whenever it suits you.\n\nIt stays open until Sunday.")
    press(desk, "main form .primary")
    beside.close()
    page.goto("/me/messages/")


def messages_own_error(gallery: Gallery, page: Page) -> None:
    gallery.participant(page, "home")
    page.goto("/me/messages/")
    press(page)


def menu_open(gallery: Gallery, page: Page) -> None:
    welcome(gallery, page)
    page.locator("summary").first.click()


# --- as a test person ----------------------------------------------------------------------------------------------


def _as_tester(gallery: Gallery, page: Page, slug: str = SLUG) -> None:
    """Home, as a test person who has just come through the door."""
    page.goto(gallery.lab.staff(WALKER, "researcher"))
    press(page)
    gallery.member(slug, "researcher", WALKER)
    page.goto(f"/studies/{slug}/walk/")
    press(page, "#begin-walk")
    while (screen := page.locator("main").get_attribute("data-screen")) != "home":
        if screen == "eligibility" and page.locator("[name=age]").count():
            page.locator("[name=age]").fill("34")
        elif screen in {"eligibility", "consent"}:
            for answer in page.locator("label.answer").all()[: 1 if screen == "eligibility" else None]:
                answer.click()
        press(page)


def tester_home(gallery: Gallery, page: Page) -> None:
    _as_tester(gallery, page)


def tester_waits(gallery: Gallery, page: Page) -> None:
    """The first questionnaire filled in, something to wait for."""
    tester_home(gallery, page)
    press(page, "[data-action=fill-in] button")


def tester_question(gallery: Gallery, page: Page) -> None:
    tester_home(gallery, page)
    page.goto("/me/next/")


def tester_stage(gallery: Gallery, page: Page) -> None:
    gallery.evenings()
    _as_tester(gallery, page, evenings.SLUG)
    press(page)
    press(page)


# --- sessions and mails ----------------------------------------------------------------------------------------------


def unsubscribe(gallery: Gallery, page: Page) -> None:
    gallery.evenings()
    mail = gallery.lab.mails("someone@gallery.example")[-1]
    page.goto(str(mail["List-Unsubscribe"]).strip(" <>"))


def unsubscribed(gallery: Gallery, page: Page) -> None:
    unsubscribe(gallery, page)
    press(page)
    gallery.lab.manage("shell", "--no-imports", "-c", RESUBSCRIBE)


RESUBSCRIBE = "from coaching.models import Enrolment; Enrolment.objects.update(no_mail_at=None)"


def _settings(page: Page) -> None:
    page.locator(".bar-end summary").first.click()


def _quiet(page: Page) -> None:
    page.locator("[data-pause]").click()


SESSION_PAGES: Mapping[str, Shown] = {
    "ready": evenings.at("ready"),
    "say": evenings.at("shape"),
    "say_settings": evenings.at("shape", _settings),
    "say_paused": evenings.at("shape", _quiet),
    "rate": evenings.at("clear"),
    "rate_error": evenings.at("clear", press),
    "rate_line": evenings.at("line"),
    "rate_line_error": evenings.at("line", press),
    "rate_eleven": evenings.at("ease"),
    "choose": evenings.at("road"),
    "choose_error": evenings.at("road", press),
    "rest": evenings.at("breather"),
    "report": evenings.at("words"),
    "report_short": evenings.at("words", press),
    "draw": evenings.at("sketch", lambda page: page.locator("[data-canvas][data-ready]").wait_for()),
    "draw_blank": evenings.at("sketch", lambda page: page.locator("main [data-primary]").click()),
    "reveal": evenings.at("photo"),
    "compare": evenings.at("match"),
    "resume": evenings.resume,
    "resume_late": evenings.resume_late,
    "over": evenings.over,
    "sealed": evenings.sealed,
    "tester_stage": tester_stage,
    "unsubscribe": unsubscribe,
    "unsubscribed": unsubscribed,
}


def _too_many_letters(page: Page) -> None:
    page.locator("textarea").fill("It came bit by bit. " * 11)
    press(page)
    page.locator("[data-letters-left]:not(:empty)").wait_for()


def _ticked(page: Page) -> None:
    """Two of the boxes, saved."""
    for n in (0, 2):
        page.locator("label.answer").nth(n).click()
    page.locator("[data-save-status]:not(:empty)").wait_for()


def _filled(text: str) -> Callable[[Page], None]:
    """Something typed that can't be an answer."""

    def fills(page: Page) -> None:
        page.locator("main .field input").fill(text)
        press(page)

    return fills


KIND_PAGES: Mapping[str, Shown] = {
    "kind_number": kinds.at("age"),
    "kind_number_error": kinds.at("age", _filled("17")),
    "kind_number_german": kinds.at("age", language="de"),
    "kind_number_na": kinds.at("pets"),
    "kind_choice": kinds.at("always"),
    "kind_choice_error": kinds.at("always", press),
    "kind_date": kinds.at("since"),
    "kind_date_error": kinds.at("since", _filled("1929-12-31")),
    "kind_date_german": kinds.at("since", language="de"),
    "kind_words": kinds.at("how"),
    "kind_words_error": kinds.at("how", _too_many_letters),
    "kind_word": kinds.at("name"),
    "kind_several": kinds.at("ways"),
    "kind_several_ticked": kinds.at("ways", _ticked),
    "kind_several_error": kinds.at("ways", press),
    "kind_line_na": kinds.at("share"),
    "kind_eyes": kinds.at("pictures"),
}
SAFETY_PAGES: Mapping[str, Shown] = {
    "ready_note": aftercare.at("ready"),
    "stop": aftercare.at("clear", aftercare.stops),
    "after_session": aftercare.at("distress"),
    "session_over": aftercare.at(""),
    "report_something": aftercare.at("clear", aftercare.tells),
    "report_something_error": aftercare.at("clear", aftercare.tells_nothing),
    "reported": aftercare.at("distress", aftercare.has_told),
}
PARTICIPANT: Mapping[str, Shown] = (
    {
        each.__name__: each
        for each in (
            *(welcome, menu_open, eligibility, eligibility_choice, eligibility_error, ineligible),
            *(consent, consent_german, consent_error, contact, contact_error),
            *(
                home,
                home_german,
                question,
                question_german,
                question_error,
                question_chosen,
                finished,
                wait,
                home_waiting,
            ),
            *(
                change_contact,
                own_reminders,
                messages_own,
                messages_own_error,
                done,
                home_done,
                paused,
                leaving,
                leaving_error,
                withdrawn,
                erased,
                mydata,
            ),
            *(tester_home, tester_waits, tester_question),
            *(mail_link, mail_link_error, mail_link_sent, invitation, unknown_link, not_found),
        )
    }
    | dict(SESSION_PAGES)
    | dict(KIND_PAGES)
    | dict(SAFETY_PAGES)
)
# Their like is gone through, in the same way, in test_player.py and test_canvas.py.
SEEN_ELSEWHERE = {
    *("say", "say_settings", "say_paused", "rest", "rate", "rate_line", "report", "draw", "reveal", "compare"),
}
