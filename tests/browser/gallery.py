"""An installation with people in it, in which every page has something to show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests import world
from tests.browser import evenings, kinds
from tests.coaching import weeks
from tests.walk.client import Browser
from tests.walk.journey import ITEMS
from tests.walk.lab import SLUG, Lab

STAFF = "owner@gallery.example"
TRIAL = Path(__file__).resolve().parents[2] / "studies" / "potoo-demo"


@dataclass
class Gallery:
    """An installation with people in it."""

    lab: Lab
    _staff: dict[str, Any] = field(default_factory=dict)
    _members: set[tuple[str, str, str]] = field(default_factory=set)
    _person: str = ""
    _evenings: str = ""
    _has_weeks: bool = False
    _has_trial: bool = False
    _has_kinds: bool = False

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
            self.member(evenings.SLUG, role)
        if "weeks" in path:
            places["weeks"] = f"/studies/{self.weeks()}"
            self.member(weeks.SLUG, role)
        if "trial" in path:
            places["trial"] = f"/studies/{self.trial()}"
            self.member(TRIAL.name, role)
        page.goto(path.format(**places))

    def member(self, slug: str, role: str, email: str = "") -> None:
        """Gives an account, that of the role unless another is named, its role in a further study: once is enough."""
        membership = (email or f"{role}@gallery.example", slug, role)
        if membership not in self._members:
            self.lab.manage("staff", membership[0], "--study", slug, "--role", role)
            self._members.add(membership)

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

    def kinds(self) -> str:
        """The study with every kind of question, loaded."""
        if not self._has_kinds:
            self.lab.manage("load_study", str(kinds.FOLDER))
            self._has_kinds = True
        return kinds.SLUG

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


# What brings a page to where it is looked at.
Shown = Callable[[Gallery, Page], None]


def of_staff(path: str, role: str = "owner") -> Shown:
    """A page as somebody of the staff."""
    return lambda gallery, page: gallery.staff(page, path, role)
