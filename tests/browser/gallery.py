"""Every page that people and staff reach, each with something to show: what the checks and the pictures go through."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests import world
from tests.browser import evenings
from tests.coaching import weeks
from tests.walk.client import Browser
from tests.walk.journey import ITEMS
from tests.walk.lab import SLUG, Lab

STAFF = "owner@gallery.example"
WALKER = "walker@gallery.example"  # whose session changes its key with every walk
TRIAL = Path(__file__).resolve().parents[2] / "studies" / "potoo-demo"
FAULTY = world.edited({"title: Tiny\n": "titel: Tiny\n", "do: assess": "do: asses"}, world.TINY)


@dataclass
class Gallery:
    """An installation with people in it."""

    lab: Lab
    _staff: dict[str, Any] = field(default_factory=dict)
    _person: str = ""
    _evenings: str = ""
    _has_weeks: bool = False
    _has_trial: bool = False

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
        if "weeks" in path:
            places["weeks"] = f"/studies/{self.weeks()}"
            self.lab.manage("staff", f"{role}@gallery.example", "--study", weeks.SLUG, "--role", role)
        if "trial" in path:
            places["trial"] = f"/studies/{self.trial()}"
            self.lab.manage("staff", f"{role}@gallery.example", "--study", TRIAL.name, "--role", role)
        page.goto(path.format(**places))

    def trial(self) -> str:
        """The demonstration's study with simulated people and a plan: two groups, sessions, many timepoints."""
        if not self._has_trial:
            self.lab.manage("load_study", str(TRIAL))
            start = (self.lab.now() - dt.timedelta(days=80)).date()
            self.lab.manage("simulate", TRIAL.name, "--participants", "61", "--seed", "7", "--start", start.isoformat())
            plan = {"target": 80, "recruit_from": start, "recruit_until": start + dt.timedelta(days=100)}
            told = ", ".join(f"{name}={str(value)!r}" for name, value in plan.items())
            code = f"from coaching.models import Study; Study.objects.filter(slug={TRIAL.name!r}).update({told})"
            self.lab.manage("shell", "--no-imports", "-c", code)
            self._has_trial = True
        return TRIAL.name

    def weeks(self) -> str:
        """The study of many weeks, loaded, with people anywhere in it and some who need somebody."""
        if not self._has_weeks:
            self.lab.manage("load_study", str(world.written(weeks.files(), self.lab.product.folder / "weeks")))
            self.lab.manage("shell", "--no-imports", "-c", "from tests.coaching import weeks; weeks.scene()")
            self._has_weeks = True
        return weeks.SLUG

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


# --- a study in numbers ----------------------------------------------------------------------------------------------


def quality_flag(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{trial}/quality/?state=all&rule=same")
    press(page, ".rows .btn")


def quality_flag_error(gallery: Gallery, page: Page) -> None:
    quality_flag(gallery, page)
    press(page)


# --- a study's making ------------------------------------------------------------------------------------------------


def _creator(path: str) -> Callable[[Gallery, Page], None]:
    """A page as somebody who may make studies and has none yet."""

    def opened(gallery: Gallery, page: Page) -> None:
        if "creator" not in gallery._staff:
            page.goto(str(gallery.lab.manage("staff", "creator@gallery.example", "--creator")[0]["url"]))
            press(page)
            gallery._staff["creator"] = page.context.cookies()
        page.context.add_cookies(gallery._staff["creator"])
        page.goto(path)

    return opened


def _uploading(files: world.Files, act: str) -> Callable[[Gallery, Page], None]:
    """What follows when these files are sent."""

    def sent(gallery: Gallery, page: Page) -> None:
        _creator("/studies/new/")(gallery, page)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        file: Any = {"name": "study.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}
        page.locator("#bundle").set_input_files(file)
        press(page, f"button[value={act}]")

    return sent


def settings_error(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{study}/settings/")
    page.locator("summary", has_text="Close the study").click()
    page.locator("[name=slug]").fill("Small scenes")
    press(page, "button[value=close]")


def team_link(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{study}/team/")
    page.locator("#id_email").fill("colleague@gallery.example")
    page.locator("select[name=role]").select_option("coach")
    press(page, "form[action$='/invite/'] button")


def team_leave(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{study}/team/")
    press(page, f"button[aria-label^='Remove {STAFF}']")


def token_made(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{study}/tokens/")
    page.locator("label.answer").first.click()
    page.locator("label.answer", has_text="90").click()
    press(page, "form[action$='/tokens/new/'] button")


def _as_tester(gallery: Gallery, page: Page, slug: str = SLUG) -> None:
    """Home, as a test person who has just come through the door."""
    page.goto(gallery.lab.staff(WALKER, "researcher"))
    press(page)
    gallery.lab.manage("staff", WALKER, "--study", slug, "--role", "researcher")
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


def walks(gallery: Gallery, page: Page) -> None:
    """Somebody who walked to the end of the first questionnaire, and somebody at the door."""
    tester_waits(gallery, page)
    press(page, "[data-action=end-walk] button")
    press(page, "#begin-walk")
    press(page, "[data-action=end-walk] button")


def walks_none(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "/studies/")
    gallery.lab.manage("staff", STAFF, "--study", "tiny", "--role", "researcher")
    page.goto("/studies/tiny/walk/")


# --- one person's pages, and enrolling -------------------------------------------------------------------------------


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


def notes(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{person}/notes/")
    page.locator("[name=text]").fill("Called. Would like to start on a Monday, and sits better with the eyes open.")
    press(page, "main form .primary")


def note_change(gallery: Gallery, page: Page) -> None:
    notes(gallery, page)
    with page.expect_navigation():
        page.locator(".letters a").first.click()


def talk(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{person}/messages/")
    page.locator("[name=text]").fill("Thank you for the first part.\n\nWrite to us whenever something is not clear.")
    press(page, "main form .primary")


def talk_error(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{person}/messages/")
    press(page, "main form .primary")


def change_step(gallery: Gallery, page: Page) -> None:
    """A step that has yet to open: of somebody new, for time goes on in the gallery."""
    browser = Browser(gallery.lab.url)
    come(browser, "wait")
    gallery.staff(page, "{study}/people/" + browser.open("/me/").code + "/schedule/post/")


def change_step_error(gallery: Gallery, page: Page) -> None:
    change_step(gallery, page)
    press(page, "main form .primary")


def change_step_check(gallery: Gallery, page: Page) -> None:
    change_step(gallery, page)
    day = (gallery.lab.now() + dt.timedelta(days=21)).date().isoformat()
    page.locator("#move_date").fill(day)
    page.locator("#move_time").fill("10:30")
    page.locator("#move_reason").fill("Away until then, as told by phone.")
    press(page, "main form .primary")


def change_step_done(gallery: Gallery, page: Page) -> None:
    change_step_check(gallery, page)
    press(page, "main form .primary")


def enrol_error(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{study}/people/add/")
    page.locator("[name=email]").fill("nobody at example")
    press(page, "main form .primary")


def enrolled(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{study}/people/add/")
    page.locator("[name=label]").fill("Group of the Monday lecture")
    press(page, "main form .primary")


def _file(gallery: Gallery, page: Page, text: str) -> None:
    gallery.staff(page, "{study}/people/add/file/")
    page.locator("[name=file]").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": text.encode()})
    press(page, "main form .primary")


def enrol_check(gallery: Gallery, page: Page) -> None:
    rows = ("new@gallery.example,Europe/Berlin,Row one", "second@gallery.example,,", "new@gallery.example,,Again")
    _file(gallery, page, "\n".join(["email,timezone,label", *rows]))


def enrol_check_error(gallery: Gallery, page: Page) -> None:
    _file(gallery, page, "email,timezone,label\nfirst@gallery.example,Mars/Base,One\nno address,,Two\n,,Three\n")


def enrolled_many(gallery: Gallery, page: Page) -> None:
    enrol_check(gallery, page)
    press(page, "main form .primary")


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
    "tester_stage": tester_stage,
    "unsubscribe": unsubscribe,
    "unsubscribed": unsubscribed,
}
PARTICIPANT: Mapping[str, Callable[[Gallery, Page], None]] = {
    each.__name__: each
    for each in (
        *(welcome, menu_open, eligibility, eligibility_choice, eligibility_error, ineligible),
        *(consent, consent_german, consent_error, contact, contact_error),
        *(home, home_german, question, question_german, question_error, question_chosen, finished, wait, home_waiting),
        *(
            change_contact,
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
} | SESSION_PAGES
STAFF_PAGES: Mapping[str, Callable[[Gallery, Page], None]] = {
    "landing": landing,
    "sign_in": sign_in,
    "sign_in_error": sign_in_error,
    "one_time_link": one_time_link,
    "used_link": used_link,
    "studies": _staff("/studies/"),
    "study": _staff("{study}/"),
    "study_trial": _staff("{trial}/"),
    "study_none": _staff("/studies/tiny/"),
    "missing": _staff("{trial}/missing/post/scenes_16/"),
    "quality": _staff("{trial}/quality/?state=all"),
    "quality_none": _staff("{study}/quality/"),
    "quality_flag": quality_flag,
    "quality_flag_error": quality_flag_error,
    "today": _staff("{weeks}/today/", "coach"),
    "today_seen_by_an_observer": _staff("{weeks}/today/", "observer"),
    "today_quiet": _staff("/studies/tiny/today/"),
    "today_of_all": _staff("/today/"),
    "people": _staff("{study}/people/"),
    "people_none": _staff("{study}/people/?status=withdrawn"),
    "people_of_all": _staff("/people/"),
    "person": _staff("{person}/"),
    "person_observed": _staff("{person}/", "observer"),
    "notes_none": _staff("{of_evenings}/notes/"),
    "notes": notes,
    "note_change": note_change,
    "talk_none": _staff("{of_evenings}/messages/"),
    "talk": talk,
    "talk_error": talk_error,
    "schedule": _staff("{person}/schedule/"),
    "change_step": change_step,
    "change_step_error": change_step_error,
    "change_step_check": change_step_check,
    "change_step_done": change_step_done,
    "enrol": _staff("{study}/people/add/"),
    "enrol_error": enrol_error,
    "enrolled": enrolled,
    "enrol_list": _staff("{study}/people/add/file/"),
    "enrol_check": enrol_check,
    "enrol_check_error": enrol_check_error,
    "enrolled_many": enrolled_many,
    "answers": _staff("{person}/answers/"),
    "revealed": revealed,
    "sessions_none": _staff("{person}/sessions/"),
    "sessions": _staff("{of_evenings}/sessions/"),
    "person_of_evenings": _staff("{of_evenings}/"),
    "messages": _staff("{evenings}/messages/"),
    "messages_none": _staff("/studies/tiny/messages/"),
    "erase_person": _staff("{person}/erase/"),
    "walks": walks,
    "walks_none": walks_none,
    "codebook": _staff("{study}/codebook/"),
    "export": _staff("{study}/export/"),
    "studies_none": _creator("/studies/"),
    "new_study": _creator("/studies/new/"),
    "new_study_faults": _uploading(FAULTY, "store"),
    "new_study_checked": _uploading(world.edited({"slug: small-scenes": "slug: large-scenes"}), "check"),
    "versions": _staff("{study}/versions/"),
    "version": _staff("{study}/versions/1/"),
    "upload_version": _staff("{study}/versions/upload/"),
    "settings": _staff("{study}/settings/"),
    "settings_error": settings_error,
    "team": _staff("{study}/team/"),
    "team_link": team_link,
    "team_leave": team_leave,
    "token_made": token_made,
    "tokens": _staff("{study}/tokens/"),
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
