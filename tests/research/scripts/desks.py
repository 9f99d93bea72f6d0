"""A script's editor as somebody without JavaScript uses it: a form, filled in as it stands, and its buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from accounts.models import User
from coaching.models import Study, StudyVersion
from tests import world


class Page(HTMLParser):
    """What a page's forms hold: each field by its name, in every form; and the values of the buttons."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.status: int = response.status_code
        self.html: str = response.content.decode()
        self.text = " ".join(response.content.decode().split())
        self.fields: dict[str, str] = {}
        self.buttons: list[str] = []
        self.options: dict[str, list[str]] = {}
        self._area = ""
        self._select = ""
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        name, kind = a.get("name", ""), a.get("type", "")
        if tag == "input" and name and kind != "file" and (kind != "radio" or "checked" in a):
            self.fields[name] = a.get("value", "")
        elif tag == "textarea":
            self._area, self.fields[name] = name, ""
        elif tag == "select":
            self._select, self.options[name] = name, []
        elif tag == "option":
            value = a.get("value", "")
            if not self.options[self._select] or "selected" in a:
                self.fields[self._select] = value
            self.options[self._select].append(value)
        elif tag == "button" and name == "act":
            self.buttons.append(a.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # A browser drops the line break with which a textarea begins.
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data


@dataclass
class Desk:
    """Somebody at the editor of a script."""

    study: Study
    role: str = "coach"
    script: str = "potoo"
    user: User = field(init=False)
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.user = world.staff(self.study, self.role)
        self.client = world.browser_of_staff(self.user)

    @property
    def path(self) -> str:
        return f"/studies/{self.study.slug}/scripts/{self.script}/"

    def open(self, below: str = "", **query: str) -> Page:
        return Page(self.client.get(self.path + below, query))

    def press(self, act: str, page: Page | None = None, **changed: str) -> Any:
        """Presses a button of the page, with some of its fields filled in otherwise."""
        shown = page or self.open()
        return self.client.post(self.path, {**shown.fields, **changed, "act": act})

    def publish(self, who: str = "newcomers", note: str = "Clearer words.", page: Page | None = None) -> Any:
        shown = page or self.open("publish/")
        return self.client.post(f"{self.path}publish/", {**shown.fields, "note": note, "who": who})


def example() -> StudyVersion:
    """The example study, in two languages, with its script `potoo`."""
    return world.example()
