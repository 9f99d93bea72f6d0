"""The pages of staff and of everybody who has not come in."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page

from tests import world
from tests.browser.care import CARE_PAGES
from tests.browser.gallery import STAFF, Gallery, Shown, come, of_staff, press
from tests.browser.screens import tester_waits
from tests.browser.scripts import SCRIPT_PAGES
from tests.walk.client import Browser

FAULTY = world.edited({"title: Tiny\n": "titel: Tiny\n", "do: assess": "do: asses"}, world.TINY)


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


def revealed(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{person}/")
    press(page, "form[action$='/contact/'] button")


def password_error(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "/staff/password/")
    page.locator("[name=password]").fill("short")
    press(page)


# --- a study in numbers ----------------------------------------------------------------------------------------------


def demand(gallery: Gallery, page: Page) -> None:
    slug = gallery.kinds()
    start = (gallery.lab.now() - dt.timedelta(days=80)).date()
    gallery.lab.manage("simulate", slug, "--participants", "30", "--seed", "7", "--start", start.isoformat())
    gallery.staff(page, "/studies/")
    gallery.member(slug, "owner")
    page.goto(f"/studies/{slug}/demand/?people=all")


def guess_error(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{person}/guess/")
    press(page, "main form .primary")


def quality_flag(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "{trial}/quality/?state=all&rule=same")
    press(page, ".rows .btn")


def quality_flag_error(gallery: Gallery, page: Page) -> None:
    quality_flag(gallery, page)
    press(page)


# --- a study's making ------------------------------------------------------------------------------------------------


def _creator(path: str) -> Shown:
    """A page as somebody who may make studies and has none yet."""

    def opened(gallery: Gallery, page: Page) -> None:
        if "creator" not in gallery._staff:
            page.goto(str(gallery.lab.manage("staff", "creator@gallery.example", "--creator")[0]["url"]))
            press(page)
            gallery._staff["creator"] = page.context.cookies()
        page.context.add_cookies(gallery._staff["creator"])
        page.goto(path)

    return opened


def _uploading(files: world.Files, act: str) -> Shown:
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


def walks(gallery: Gallery, page: Page) -> None:
    """Somebody who walked to the end of the first questionnaire, and somebody at the door."""
    tester_waits(gallery, page)
    press(page, "[data-action=end-walk] button")
    press(page, "#begin-walk")
    press(page, "[data-action=end-walk] button")


def walks_none(gallery: Gallery, page: Page) -> None:
    gallery.staff(page, "/studies/")
    gallery.member("tiny", "researcher", STAFF)
    page.goto("/studies/tiny/walk/")


# --- one person's pages, and enrolling -------------------------------------------------------------------------------


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


STAFF_PAGES: Mapping[str, Shown] = {
    "landing": landing,
    "sign_in": sign_in,
    "sign_in_error": sign_in_error,
    "one_time_link": one_time_link,
    "used_link": used_link,
    "studies": of_staff("/studies/"),
    "study": of_staff("{study}/"),
    "study_trial": of_staff("{trial}/"),
    "study_none": of_staff("/studies/tiny/"),
    "missing": of_staff("{trial}/missing/post/scenes_16/"),
    "demand": demand,
    "demand_none": of_staff("{study}/demand/"),
    "quality": of_staff("{trial}/quality/?state=all"),
    "quality_none": of_staff("{study}/quality/"),
    "reliability": of_staff("{trial}/reliability/?by=arm"),
    "reliability_none": of_staff("/studies/tiny/reliability/"),
    "quality_flag": quality_flag,
    "quality_flag_error": quality_flag_error,
    "today": of_staff("{weeks}/today/", "coach"),
    "today_seen_by_an_observer": of_staff("{weeks}/today/", "observer"),
    "today_quiet": of_staff("/studies/tiny/today/"),
    "today_of_all": of_staff("/today/"),
    "people": of_staff("{study}/people/"),
    "people_none": of_staff("{study}/people/?status=withdrawn"),
    "people_of_all": of_staff("/people/"),
    "person": of_staff("{person}/"),
    "person_observed": of_staff("{person}/", "observer"),
    "notes_none": of_staff("{of_evenings}/notes/"),
    "notes": notes,
    "note_change": note_change,
    "talk_none": of_staff("{of_evenings}/messages/"),
    "talk": talk,
    "talk_error": talk_error,
    "schedule": of_staff("{person}/schedule/"),
    "why_due": of_staff("{person}/schedule/baseline/why/"),
    "change_step": change_step,
    "change_step_error": change_step_error,
    "change_step_check": change_step_check,
    "change_step_done": change_step_done,
    "enrol": of_staff("{study}/people/add/"),
    "enrol_error": enrol_error,
    "enrolled": enrolled,
    "enrol_list": of_staff("{study}/people/add/file/"),
    "enrol_check": enrol_check,
    "enrol_check_error": enrol_check_error,
    "enrolled_many": enrolled_many,
    "answers": of_staff("{person}/answers/"),
    "guess": of_staff("{person}/guess/", "coach"),
    "guess_error": guess_error,
    "revealed": revealed,
    "sessions_none": of_staff("{person}/sessions/"),
    "sessions": of_staff("{of_evenings}/sessions/"),
    "person_of_evenings": of_staff("{of_evenings}/"),
    "messages": of_staff("{evenings}/messages/"),
    "messages_plan": of_staff("{evenings}/messages/plan/"),
    "messages_none": of_staff("/studies/tiny/messages/"),
    "erase_person": of_staff("{person}/erase/"),
    "walks": walks,
    "walks_none": walks_none,
    "codebook": of_staff("{study}/codebook/"),
    "export": of_staff("{study}/export/"),
    "studies_none": _creator("/studies/"),
    "new_study": _creator("/studies/new/"),
    "new_study_faults": _uploading(FAULTY, "store"),
    "new_study_checked": _uploading(world.edited({"slug: small-scenes": "slug: large-scenes"}), "check"),
    "versions": of_staff("{study}/versions/"),
    "version": of_staff("{study}/versions/1/"),
    "upload_version": of_staff("{study}/versions/upload/"),
    **SCRIPT_PAGES,
    **CARE_PAGES,
    "settings": of_staff("{study}/settings/"),
    "settings_error": settings_error,
    "team": of_staff("{study}/team/"),
    "team_link": team_link,
    "team_leave": team_leave,
    "token_made": token_made,
    "tokens": of_staff("{study}/tokens/"),
    "audit": of_staff("{study}/audit/"),
    "roles": of_staff("/roles/"),
    "workers": of_staff("/staff/workers/"),
    "password": of_staff("/staff/password/"),
    "password_error": password_error,
    "forbidden": of_staff("{study}/team/", "observer"),
}
