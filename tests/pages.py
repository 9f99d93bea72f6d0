"""A page as a plain HTML client sees it: its screen, its forms, its one main action. No JavaScript."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

VOID = {"input", "br", "hr", "meta", "link", "img"}


@dataclass
class Field:
    """One input of a form, as it stands on the page."""

    name: str
    type: str
    value: str
    is_chosen: bool


@dataclass
class Form:
    """One form of a page."""

    action: str
    method: str
    data_action: str
    fields: list[Field] = field(default_factory=list)
    is_main: bool = False

    @property
    def given(self) -> dict[str, str]:
        """What it posts if nobody touches it."""
        plain = {f.name: f.value for f in self.fields if f.type not in {"radio", "checkbox", "submit"}}
        return plain | {f.name: f.value for f in self.fields if f.type in {"radio", "checkbox"} and f.is_chosen}

    def options(self, name: str) -> list[str]:
        """The values that can be chosen under a name."""
        return [f.value for f in self.fields if f.name == name]

    def names(self) -> set[str]:
        """The names of what people fill in."""
        return {f.name for f in self.fields if f.type not in {"hidden", "submit"}}


class Screen(HTMLParser):
    """The page of a response."""

    def __init__(self, response: Any, url: str = "") -> None:
        super().__init__()
        self.url = url
        self.status = response.status_code
        self.html = response.content.decode()
        self.name = ""
        self.language = ""
        self.primaries: list[dict[str, str]] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.text = ""
        self._form: Form | None = None
        self._select = ""
        self._is_in_main = False
        self.feed(self.html)

    @property
    def form(self) -> Form:
        """The form that holds the main action."""
        return next(form for form in self.forms if form.is_main)

    def act(self, data_action: str) -> Form:
        """The form of an act such as `pause`."""
        return next(form for form in self.forms if form.data_action == data_action)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = a.get("lang", "")
        if tag == "main":
            self.name, self._is_in_main = a.get("data-screen", ""), True
        if tag == "form":
            self._form = Form(a.get("action", ""), a.get("method", "get"), a.get("data-action", ""))
            self.forms.append(self._form)
        if "data-primary" in a:
            self.primaries.append(a)
            if self._form and tag == "button":
                self._form.is_main = True
        if tag == "a":
            self.links.append(a.get("href", ""))
        if self._form is None or not (a.get("name") or tag == "option"):
            return
        if tag in {"input", "button"}:
            kind = a.get("type", "submit" if tag == "button" else "text")
            self._form.fields.append(Field(a["name"], kind, a.get("value", ""), "checked" in a))
        elif tag == "select":
            self._select = a["name"]
        elif tag == "option" and "selected" in a:
            self._form.fields.append(Field(self._select, "select", a.get("value", ""), True))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "main":
            self._is_in_main = False

    def handle_data(self, data: str) -> None:
        if self._is_in_main and data.strip():
            self.text += data.strip() + " "
        if (
            self._form
            and self._form.fields
            and self._form.fields[-1].type == "select"
            and not self._form.fields[-1].value
        ):
            self._form.fields[-1].value = data.strip()


def visit(client: Client, url: str, **headers: Any) -> Screen:
    """The page at an address, after its redirects."""
    return _landed(client.get(url, follow=True, **headers), url)


def follow(client: Client, screen: Screen) -> Screen:
    """The page to which the main action, a link, leads."""
    return visit(client, screen.primaries[0]["href"])


def submit(client: Client, screen: Screen, form: Form | None = None, **values: str) -> Screen:
    """The page after a form was filled in with `values` and sent."""
    sent = form or screen.form
    return _landed(
        client.post(sent.action or screen.url, {**sent.given, **values}, follow=True), sent.action or screen.url
    )


def _landed(response: Any, url: str) -> Screen:
    chain = getattr(response, "redirect_chain", [])
    return Screen(response, chain[-1][0] if chain else url)
