"""Three ways of using the same pages: a mouse, a keyboard alone, and a plain HTTP client without JavaScript."""

from __future__ import annotations

from typing import Protocol, Self

from playwright.sync_api import Locator, Page

from tests.walk.client import Browser


class Hands(Protocol):
    """Somebody at a page."""

    @property
    def screen(self) -> str:
        """`data-screen` of what is shown."""

    @property
    def url(self) -> str:
        """Its address."""

    @property
    def language(self) -> str:
        """The language of what is shown."""

    @property
    def code(self) -> str:
        """The person's code in the study, where the page tells it."""

    def open(self, url: str) -> None:
        """Goes to an address."""

    def shown(self, name: str) -> str:
        """What stands in a field, or is chosen of several; empty for nothing."""

    def choose(self, name: str, value: str) -> None:
        """Chooses one of several, or ticks a box."""

    def fill(self, name: str, value: str) -> None:
        """Writes into an empty field."""

    def pick(self, name: str, value: str) -> None:
        """Chooses from a list that folds out."""

    def point(self, name: str, value: int) -> int:
        """Gives a place on a scale from 0 to 100, or one as near to it as these hands come; the place."""

    def upload(self, name: str, picture: bytes) -> None:
        """Sends a picture with the page."""

    def draw(self) -> None:
        """Draws two lines on the paper."""

    def leave_blank(self, reason: str) -> None:
        """Gives no drawing, and says why."""

    def press(self) -> None:
        """Takes the one main action."""

    def press_twice(self) -> None:
        """Takes it twice, as fast as it goes."""

    def skip(self) -> None:
        """Would rather not say."""

    def act(self, name: str) -> None:
        """Presses another button, told by its name."""

    def back(self) -> None:
        """Back by the browser."""

    def tab(self) -> Self:
        """The same page in a second tab."""


class Plain:
    """A client without JavaScript."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._filled: dict[str, str | bytes] = {}

    @property
    def screen(self) -> str:
        return self.browser.page.screen

    @property
    def url(self) -> str:
        return self.browser.page.url

    @property
    def language(self) -> str:
        return self.browser.page.language

    @property
    def code(self) -> str:
        return self.browser.page.code

    def open(self, url: str) -> None:
        self._filled = {}
        self.browser.open(url)

    def shown(self, name: str) -> str:
        return self.browser.page.chosen(name)

    def choose(self, name: str, value: str) -> None:
        self._filled[name] = value

    fill = pick = choose

    def point(self, name: str, value: int) -> int:
        self.fill(name, str(value))
        return value

    def upload(self, name: str, picture: bytes) -> None:
        self._filled[name] = picture

    def draw(self) -> None:
        raise AssertionError("without JavaScript there is no paper")

    def leave_blank(self, reason: str) -> None:
        self.choose("reason", reason)
        self.press()

    def press(self) -> None:
        filled, self._filled = self._filled, {}
        self.browser.press(**filled)

    def press_twice(self) -> None:
        """Both leave before either is answered for all that the client knows: the second from the page as it was."""
        page, filled = self.browser.page, dict(self._filled)
        self.press()
        first = self.url
        self.browser.visited.append(page)
        self._filled = filled
        self.press()
        assert self.url == first, "the second submit led elsewhere"
        del self.browser.visited[-3:-1]

    def skip(self) -> None:
        self._filled = {}
        assert self.browser.page.skips == 1
        self.browser.send(self.browser.page.main, mark="data-skip")

    def act(self, name: str) -> None:
        self._filled = {}
        form = next(form for form in self.browser.page.forms if form.button(name))
        self.browser.send(form, mark=name)

    def back(self) -> None:
        self._filled = {}
        self.browser.back()

    def tab(self) -> Plain:
        return Plain(self.browser.tab())


class Mouse:
    """A person with a mouse, who types only where there is something to type."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def screen(self) -> str:
        return self.page.locator("main").get_attribute("data-screen") or ""

    @property
    def url(self) -> str:
        return self.page.url

    @property
    def language(self) -> str:
        return self.page.locator("html").get_attribute("lang") or ""

    @property
    def code(self) -> str:
        return self.page.locator("main strong.mono").first.inner_text()

    def open(self, url: str) -> None:
        self.page.goto(url)

    def shown(self, name: str) -> str:
        fields = self.page.locator(f"main [name='{name}']")
        kind = fields.first.get_attribute("type")
        if kind not in {"radio", "checkbox"}:
            return fields.input_value()
        chosen = self.page.locator(f"main [name='{name}']:checked")
        return chosen.get_attribute("value") or "" if chosen.count() else ""

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f"label.answer:has(input[name='{name}'][value='{value}'])").click()

    def fill(self, name: str, value: str) -> None:
        self.page.locator(f"main [name='{name}']").click()
        self.page.keyboard.type(value)

    def pick(self, name: str, value: str) -> None:
        self.page.locator(f"main select[name='{name}']").select_option(value)

    def point(self, name: str, value: int) -> int:
        line = self.page.locator(f".line:has([name='{name}']) input[type=range]")
        box = line.bounding_box()
        assert box
        line.click(position={"x": value / 100 * box["width"], "y": box["height"] / 2}, force=True)
        return int(self.shown(name))

    def upload(self, name: str, picture: bytes) -> None:
        file = {"name": "IMG_0042.PNG", "mimeType": "image/png", "buffer": picture}
        self.page.locator(f"main input[type=file][name='{name}']").set_input_files(file)  # type: ignore[arg-type]

    def draw(self) -> None:
        self._paper.scroll_into_view_if_needed()
        box = self._paper.bounding_box()
        assert box
        for height in (0.3, 0.6):
            self.page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + height * box["height"])
            self.page.mouse.down()
            self.page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + height * box["height"], steps=5)
            self.page.mouse.up()

    def leave_blank(self, reason: str) -> None:
        self._primary.click()
        self.choose("reason", reason)
        with self.page.expect_navigation():
            self.page.locator("[data-leave-blank]").click()

    def press(self) -> None:
        with self.page.expect_navigation():
            self._primary.click()

    def press_twice(self) -> None:
        with self.page.expect_navigation():
            self._primary.dblclick()

    def skip(self) -> None:
        # A session that went on in another window goes on here from where it is by now.
        if self.page.locator("[data-moved-box]").count():
            self._use_it_here("[data-moved-box]")
            return
        self._press_on(self.page.locator("[data-skip]"))

    def _use_it_here(self, panel: str) -> None:
        self._press_on(self.page.locator(f"{panel} button"))

    def _press_on(self, target: Locator) -> None:
        with self.page.expect_navigation():
            target.click()

    def act(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.locator(f"main button[name='{name}']").click()

    def back(self) -> None:
        self.page.go_back()

    def tab(self) -> Self:
        other = self.page.context.new_page()
        other.goto(self.page.url)
        hands = type(self)(other)
        if other.locator("form[data-player]").count():
            hands._use_it_here("[data-elsewhere-box]")
        return hands

    @property
    def _paper(self) -> Locator:
        self.page.locator("[data-canvas][data-ready]").wait_for()
        return self.page.locator("main canvas")

    @property
    def _primary(self) -> Locator:
        primary = self.page.locator("main [data-primary]")
        assert primary.count() == 1, f"{self.url}: {primary.count()} main actions"
        return primary


class Keyboard(Mouse):
    """A person with a keyboard alone: Tab, Space, arrows, Enter, number keys."""

    def choose(self, name: str, value: str) -> None:
        """By Space or an arrow where one press does it, else by the number key."""
        inputs = self.page.locator(f"input[name='{name}']")
        values = [each.get_attribute("value") for each in inputs.all()]
        if inputs.first.get_attribute("type") == "checkbox":
            self._go_to(inputs)
            self.page.keyboard.press("Space")
        elif self.shown(name) or (value not in {values[0], values[1], values[-1]}):
            self.page.keyboard.press(value if value in values[:9] and value.isdigit() else str(values.index(value) + 1))
        else:
            self._go_to(inputs.first)
            self.page.keyboard.press({values[1]: "ArrowDown", values[-1]: "ArrowUp"}.get(value, "Space"))
        assert self.shown(name) == value

    def fill(self, name: str, value: str) -> None:
        self._go_to(self.page.locator(f"main [name='{name}']"))
        self.page.keyboard.type(value)

    def pick(self, name: str, value: str) -> None:
        self._go_to(self.page.locator(f"main select[name='{name}']"))
        self.page.keyboard.type(value)
        assert self.shown(name) == value

    def point(self, name: str, value: int) -> int:
        self._go_to(self.page.locator(f".line:has([name='{name}']) input[type=range]"))
        self.page.keyboard.type(str(value))
        return int(self.shown(name))

    def draw(self) -> None:
        self._go_to(self._paper)
        for key in ("Space", "ArrowRight", "ArrowRight", "Shift+ArrowDown", "Space"):
            self.page.keyboard.press(key)
        for key in ("Shift+ArrowLeft", "Space", "Shift+ArrowUp", "Space"):
            self.page.keyboard.press(key)

    def leave_blank(self, reason: str) -> None:
        self._go_to(self._primary)
        self.page.keyboard.press("Enter")
        self._go_to(self.page.locator("[name=reason]:checked"))
        for _ in range({"rather_not": 0, "nothing_came": 1, "cannot": 2}[reason]):
            self.page.keyboard.press("ArrowDown")
        self._go_to(self.page.locator("[data-leave-blank]"))
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press(self) -> None:
        """From where something was just filled in or chosen, Enter does it; else the way leads to the button."""
        if not self._primary.evaluate(
            "each => document.activeElement.matches('input') && each.form?.contains(document.activeElement)"
        ):
            self._go_to(self._primary)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press_twice(self) -> None:
        self._go_to(self._primary)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
            self.page.keyboard.press("Enter")

    def _press_on(self, target: Locator) -> None:
        target.wait_for()
        self._go_to(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def act(self, name: str) -> None:
        self._go_to(self.page.locator(f"main button[name='{name}']"))
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def _go_to(self, target: Locator) -> None:
        for _ in range(60):
            if target.evaluate("each => each === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{self.url}: Tab never reaches {target}")
