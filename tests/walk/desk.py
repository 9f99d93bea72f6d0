"""Staff at their desk: the same pages by mouse, or by the keys alone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page

MOST_TABS = 250  # a page where the keys need more presses than this to reach something is not one for keys


class _AtPage:
    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, url: str) -> None:
        """Goes to an address."""
        self.page.goto(url)

    def attach(self, label: str, path: Path) -> None:
        """Chooses a file: the dialogue for it is the browser's own."""
        self.page.get_by_label(label, exact=True).set_input_files(path)

    def shows(self, text: str) -> bool:
        """Whether a text is to be seen on the page."""
        return self.page.get_by_text(text).first.is_visible()

    @property
    def heading(self) -> str:
        """What the page calls itself."""
        return self.page.locator("h1").first.inner_text()

    def _named(self, name: str, within: str) -> Locator:
        place = self.page.locator(within)
        # What is hidden from sight is read with a blank before it: "Reply : CODE".
        called = re.compile(rf"^\s*{re.escape(name).replace(':', ' ?:')}\s*$")
        found = place.get_by_role("link", name=called).or_(place.get_by_role("button", name=called))
        return found.locator("visible=true").first


class Mouse(_AtPage):
    """By mouse; the keys only write."""

    def go(self, name: str, *, within: str = "body") -> None:
        """Follows a link or presses a button, told by its name."""
        self.follow(self._named(name, within))

    def follow(self, what: Locator) -> None:
        """Presses a link or button, and waits for the page to which it leads."""
        with self.page.expect_navigation():
            what.click()

    def choose(self, field: Locator) -> None:
        """Ticks a box or chooses an answer, by its label."""
        around = field.locator("xpath=ancestor::label[1]")
        (around if around.count() else self.page.locator(f"label[for='{field.get_attribute('id')}']")).click()

    def write(self, field: Locator, text: str) -> None:
        """Writes into a field."""
        field.click()
        self.page.keyboard.type(text)

    def fill(self, label: str, text: str, *, within: str = "body") -> None:
        self.write(self.page.locator(within).get_by_label(label, exact=True).first, text)

    def pick(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=True).first.select_option(value)

    def tick(self, label: str) -> None:
        self.page.get_by_label(label, exact=True).first.check()


class Keyboard(Mouse):
    """By the keys alone: Tab reaches everything, Enter and Space do it."""

    def follow(self, what: Locator) -> None:
        self._reach(what)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def choose(self, field: Locator) -> None:
        self._reach(field)
        self.page.keyboard.press("Space")

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        self.page.keyboard.type(text)

    def pick(self, label: str, value: str) -> None:
        field = self.page.get_by_label(label, exact=True).first
        self._reach(field)
        values = field.locator("option").evaluate_all("options => options.map(option => option.value)")
        self.page.keyboard.press("Home")
        for _ in range(values.index(value)):
            self.page.keyboard.press("ArrowDown")
        assert field.input_value() == value

    def tick(self, label: str) -> None:
        field = self.page.get_by_label(label, exact=True).first
        self._reach(field)
        if not field.is_checked():
            self.page.keyboard.press("Space")
        assert field.is_checked()

    def _reach(self, target: Locator) -> None:
        handle = target.element_handle()
        assert handle
        for _ in range(MOST_TABS):
            if handle.evaluate("it => it === document.activeElement || it.contains(document.activeElement)"):
                assert handle.evaluate("it => document.activeElement.matches(':focus-visible')"), "no focus to be seen"
                return
            if handle.evaluate("it => it.type === 'radio' && document.activeElement.name === it.name"):
                self.page.keyboard.press("ArrowDown")  # Tab stops once at a group of radios
                continue
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no key reaches {target}")
