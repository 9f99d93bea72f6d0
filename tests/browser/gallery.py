"""Every page that people and staff reach, each with something to show: what the checks and the pictures go through."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests import world
from tests.browser import evenings
from tests.walk.client import Browser
from tests.walk.journey import ITEMS
from tests.walk.lab import SLUG, Lab

STAFF = "owner@gallery.example"


@dataclass
class Gallery:
    """An installation with people in it."""

    lab: Lab
    _staff: dict[str, Any] = field(default_factory=dict)
    _person: str = ""
    _evenings: str = ""

    def participant(self, page: Page, upto: str = "home", language: str = "en", **door: str) -> Browser:
        """Makes `page` the browser of somebody who came as far as `upto`, and opens the page where they are."""
        browser = Browser(self.lab.url, language=language)
        come(browser, upto, **door)
        evenings.lend(browser, page)
        page.goto(browser.page.url)
        return browser

    def staff(self, page: Page, path: str, role: str = "owner") -> None:
        """Opens a page as somebody of the staff."""
        if role not in self._staff:
            self._fill()
            page.goto(self.lab.staff(f"{role}@gallery.example", role))
            press(page)
            self._staff[role] = page.context.cookies()
        page.context.add_cookies(self._staff[role])
        places = {"study": f"/studies/{SLUG}", "person": f"/studies/{SLUG}/people/{self._person}"}
        if "evening" in path:
            places["evenings"] = f"/studies/{evenings.SLUG}"
            places["of_evenings"] = f"{places['evenings']}/people/{self.evenings()}"
            self.lab.manage("staff", f"{role}@gallery.example", "--study", evenings.SLUG, "--role", role)
        page.goto(path.format(**places))

    def evenings(self) -> str:
        """The study with sessions, loaded; the code of somebody who finished one, to whom a reminder went."""
        if not self._evenings:
            folder = world.written(evenings.files(), self.lab.product.folder / "evenings")
            self.lab.manage("load_study", str(folder))
            hands = evenings.come(self, "", "someone@gallery.example")
            hands.open("/me/")
            self._evenings = hands.code
            self.lab.later(days=1, hours=1)
            self.lab.mailed_link("someone@gallery.example")
        return self._evenings

    def _fill(self) -> None:
        """Simulated people, one who is real and far on, and a second study."""
        if self._person:
            return
        self.lab.manage("simulate", SLUG, "--participants", "14", "--seed", "7", "--start", self._start())
        self.lab.manage("load_study", str(world.written(world.TINY, self.lab.product.folder / "tiny")))
        self.lab.manage("staff", STAFF, "--study", "tiny", "--role", "coach")
        browser = Browser(self.lab.url)
        come(browser, "wait")
        self._person = browser.open("/me/").code

    def _start(self) -> str:
        return (self.lab.now() - dt.timedelta(days=30)).date().isoformat()


def come(browser: Browser, upto: str, *, age: str = "34", email: str = "", answers: str = "2341") -> None:
    """A newcomer's way, until the page named `upto` is shown."""
    steps: list[Callable[[], Any]] = [
        lambda: browser.open(f"/join/{SLUG}/?lang={browser.language}"),
        browser.press,
        lambda: browser.press(age=age),
        lambda: browser.press(heard="web"),
        lambda: browser.press(take_part="yes", data="yes"),
        lambda: browser.press(email=email, timezone="Europe/London"),
        browser.press,
        *(_answering(browser, item, value) for item, value in zip(ITEMS, answers, strict=True)),
    ]
    for step in steps:
        step()
        if browser.page.screen == upto:
            return
    raise AssertionError(f"{upto} is not on the way; {browser.page.screen} is where it ends")


def _answering(browser: Browser, item: str, value: str) -> Callable[[], Any]:
    return lambda: browser.press(**{item: value})


def press(page: Page, selector: str = "main [data-primary]") -> None:
    """Presses, and waits for the page to which that leads."""
    with page.expect_navigation():
        page.locator(selector).click()


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


# --- staff and everybody ---------------------------------------------------------------------------------------------


def landing(gallery: Gallery, page: Page) -> None:
    page.goto("/")


def sign_in(gallery: Gallery, page: Page) -> None:
    page.goto("/staff/sign-in/")


def sign_in_error(gallery: Gallery, page: Page) -> None:
    page.goto("/staff/sign-in/")
    page.locator("[name=email]").fill(STAFF)
    page.locator("[name=password]").fill("not the one")
    press(page)


def one_time_link(gallery: Gallery, page: Page) -> None:
    page.goto(gallery.lab.staff(STAFF, "owner"))


def used_link(gallery: Gallery, page: Page) -> None:
    page.goto("/staff/link/not-a-link/")


def _staff(path: str, role: str = "owner") -> Callable[[Gallery, Page], None]:
    return lambda gallery, page: gallery.staff(page, path, role)


def revealed(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{person}/")
    press(page, "form[action$='/contact/'] button")


def password_error(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "/staff/password/")
    page.locator("[name=password]").fill("short")
    press(page)


def menu_open(gallery: Gallery, page: Page) -> None:
    welcome(gallery, page)
    page.locator("summary").first.click()


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


SESSION_PAGES: Mapping[str, Callable[[Gallery, Page], None]] = {
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
    "unsubscribe": unsubscribe,
    "unsubscribed": unsubscribed,
}
PARTICIPANT: Mapping[str, Callable[[Gallery, Page], None]] = {
    each.__name__: each
    for each in (
        *(welcome, menu_open, eligibility, eligibility_choice, eligibility_error, ineligible),
        *(consent, consent_german, consent_error, contact, contact_error),
        *(home, home_german, question, question_german, question_error, question_chosen, finished, wait, home_waiting),
        *(change_contact, done, home_done, paused, leaving, leaving_error, withdrawn, erased, mydata),
        *(mail_link, mail_link_error, mail_link_sent, invitation, unknown_link, not_found),
    )
} | SESSION_PAGES
STAFF_PAGES: Mapping[str, Callable[[Gallery, Page], None]] = {
    "landing": landing,
    "sign_in": sign_in,
    "sign_in_error": sign_in_error,
    "one_time_link": one_time_link,
    "used_link": used_link,
    "studies": _staff("/studies/"),
    "study": _staff("{study}/"),
    "people": _staff("{study}/people/"),
    "people_none": _staff("{study}/people/?status=withdrawn"),
    "people_of_all": _staff("/people/"),
    "person": _staff("{person}/"),
    "answers": _staff("{person}/answers/"),
    "revealed": revealed,
    "sessions_none": _staff("{person}/sessions/"),
    "sessions": _staff("{of_evenings}/sessions/"),
    "person_of_evenings": _staff("{of_evenings}/"),
    "messages": _staff("{evenings}/messages/"),
    "messages_none": _staff("/studies/tiny/messages/"),
    "erase_person": _staff("{person}/erase/"),
    "codebook": _staff("{study}/codebook/"),
    "export": _staff("{study}/export/"),
    "team": _staff("{study}/team/"),
    "audit": _staff("{study}/audit/"),
    "roles": _staff("/roles/"),
    "password": _staff("/staff/password/"),
    "password_error": password_error,
    "forbidden": _staff("{study}/team/", "observer"),
}
PAGES = {**PARTICIPANT, **STAFF_PAGES}
# Their like is gone through, in the same way, in test_player.py and test_canvas.py.
SEEN_ELSEWHERE = {
    *("say", "say_settings", "say_paused", "rest", "rate", "rate_line", "report", "draw", "reveal", "compare"),
}
