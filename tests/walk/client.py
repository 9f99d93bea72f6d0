"""A participant's browser without JavaScript, as any script may be one: the standard library and the contract.

It knows nothing of the product but what the contract says of every screen: `<main data-screen>`, plain HTML forms whose
inputs have names, one main action marked `data-primary`, `data-skip`, and acts marked `data-action`.
"""

from __future__ import annotations

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

Values = Mapping[str, str | bytes]
VOID = {"input", "br", "hr", "meta", "link", "img", "path", "circle", "use"}


@dataclass
class Input:
    """One thing of a form that has a name."""

    name: str
    kind: str
    value: str
    is_on: bool = False
    marks: frozenset[str] = frozenset()


@dataclass
class Form:
    """One form of a page."""

    action: str
    method: str
    act: str
    encoding: str = ""
    inputs: list[Input] = field(default_factory=list)
    has_primary: bool = False

    def standing(self) -> list[tuple[str, str]]:
        """What it sends if nobody touches it, but for its buttons."""
        fields = [i for i in self.inputs if i.name and i.kind not in _BUTTONS | {"file"}]
        return [(i.name, i.value) for i in fields if i.is_on or i.kind not in _CHOSEN]

    def filled(self, values: Values) -> list[tuple[str, str | bytes]]:
        """What it sends when filled in, a file as its bytes; only what stands on the page can be."""
        offered = {i.name for i in self.inputs if i.kind not in _BUTTONS | {"hidden"}}
        assert values.keys() <= offered, f"{sorted(values)} is not all on the page, {sorted(offered)} is"
        for name, value in values.items():
            choices = [i.value for i in self.inputs if i.name == name and i.kind in _CHOSEN]
            assert not choices or value in choices, f"{name}: {value} is none of {choices}"
        kept: list[tuple[str, str | bytes]] = [each for each in self.standing() if each[0] not in values]
        return kept + list(values.items())

    def button(self, mark: str) -> Input | None:
        """The button with a mark such as `data-skip`, or with a name."""
        return next((i for i in self.inputs if i.kind == "submit" and (mark in i.marks or mark == i.name)), None)


_CHOSEN = {"radio", "checkbox", "option"}
_BUTTONS = {"submit", "button"}


class Page(HTMLParser):
    """What came back: its screen, its forms, its one main action, its words."""

    def __init__(self, url: str, status: int, text: str) -> None:
        super().__init__()
        self.url = url
        self.status = status
        self.screen = ""
        self.language = ""
        self.heading = ""
        self.words = ""
        self.code = ""
        self.forms: list[Form] = []
        self.primaries: list[str] = []
        self.links: list[str] = []
        self.skips = 0
        self._form: Form | None = None
        self._select = ""
        self._inside: list[str] = []
        self._is_code = False
        self.feed(text)

    @property
    def main(self) -> Form:
        """The form of the main action."""
        return next(form for form in self.forms if form.has_primary)

    def act(self, name: str) -> Form:
        """The form of an act such as `pause`."""
        return next(form for form in self.forms if form.act == name)

    def chosen(self, name: str) -> str:
        """The value that stands on the page under a name; empty where nothing is chosen."""
        for form in self.forms:
            for each in form.inputs:
                if each.name == name and (each.is_on or each.kind not in _CHOSEN):
                    return each.value
        return ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._inside.append(tag)
        if tag == "html":
            self.language = a.get("lang", "")
        elif tag == "main":
            self.screen = a.get("data-screen", "")
        elif tag == "form":
            addressed = (a.get("action", ""), a.get("method", "get").lower(), a.get("data-action", ""))
            self._form = Form(*addressed, a.get("enctype", ""))
            self.forms.append(self._form)
        elif tag == "a":
            self.links.append(a.get("href", ""))
        elif tag == "strong":
            self._is_code = "mono" in a.get("class", "")
        if "data-primary" in a:
            self.primaries.append(urllib.parse.urljoin(self.url, a["href"]) if tag == "a" else "")
            if self._form and tag == "button":
                self._form.has_primary = True
        self.skips += "data-skip" in a
        if self._form is not None:
            self._read(tag, a, self._form)

    def _read(self, tag: str, a: dict[str, str], form: Form) -> None:
        marks = frozenset(name for name in a if name.startswith("data-"))
        if tag == "select":
            self._select = a.get("name", "")
        elif tag == "option":
            form.inputs.append(Input(self._select, "option", a.get("value", "\0"), "selected" in a))
        elif tag in {"input", "button", "textarea"}:
            kind = {"button": a.get("type", "submit"), "textarea": "textarea"}.get(tag, a.get("type", "text"))
            default = "on" if kind == "checkbox" else ""
            form.inputs.append(Input(a.get("name", ""), kind, a.get("value", default), "checked" in a, marks))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass
        if tag == "form":
            self._form = None
        self._is_code = False

    def handle_data(self, data: str) -> None:
        if "textarea" in self._inside and self._form:
            area = self._form.inputs[-1]
            area.value += data if area.value else data.removeprefix("\n")
            return
        words = " ".join(data.split())
        if "option" in self._inside:
            if self._form and words and self._form.inputs[-1].value == "\0":
                self._form.inputs[-1].value = words
        elif words and "main" in self._inside:
            self.words += words + " "
            self.heading += words if "h1" in self._inside else ""
            self.code = words if self._is_code else self.code


class Browser:
    """One tab. Tabs of one browser share its cookies."""

    def __init__(self, base: str, *, language: str = "en", cookies: http.cookiejar.CookieJar | None = None) -> None:
        self.base = base
        self.language = language
        self.cookies = cookies if cookies is not None else http.cookiejar.CookieJar()
        self.visited: list[Page] = []
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self.visited[-1]

    def open(self, url: str) -> Page:
        """Shows the page at an address."""
        return self._arrive(urllib.parse.urljoin(self.base, url), None)

    def send(self, form: Form, values: Values | None = None, mark: str = "data-primary") -> Page:
        """Fills in a form of the page and presses one of its buttons, told by its mark or its name."""
        button = form.button(mark)
        pressed = [(button.name, button.value)] if button and button.name else []
        url = urllib.parse.urljoin(self.page.url, form.action or self.page.url)
        return self._arrive(url, form.filled(values or {}) + pressed, form.encoding)

    def press(self, **values: str | bytes) -> Page:
        """Takes the page's one main action."""
        assert len(self.page.primaries) == 1, f"{self.page.url}: {len(self.page.primaries)} main actions"
        link = self.page.primaries[0]
        return self.open(link) if link else self.send(self.page.main, values)

    def back(self) -> Page:
        """The page before, asked for again, as a browser does that keeps no pages."""
        self.visited.pop()
        return self.open(self.visited.pop().url)

    def tab(self) -> Browser:
        """A second tab of the same browser, on the same page."""
        other = Browser(self.base, language=self.language, cookies=self.cookies)
        other.open(self.page.url)
        return other

    def _arrive(self, url: str, sent: list[tuple[str, str | bytes]] | None, encoding: str = "") -> Page:
        request = urllib.request.Request(url, headers={"Accept-Language": self.language, "Accept": "text/html"})
        if sent is not None:
            kind, request.data = _encoded(sent, encoding)
            request.add_header("Content-Type", kind)
        try:
            with self._opener.open(request, timeout=30) as answer:
                page = Page(answer.url, answer.status, answer.read().decode())
        except urllib.error.HTTPError as refusal:
            with refusal:
                page = Page(refusal.url, refusal.code, refusal.read().decode())
        self.visited.append(page)
        return page


def _encoded(sent: list[tuple[str, str | bytes]], encoding: str) -> tuple[str, bytes]:
    """The content type and the body of a form, as a browser makes them."""
    if encoding != "multipart/form-data":
        return "application/x-www-form-urlencoded", urllib.parse.urlencode(sent).encode()
    boundary = uuid.uuid4().hex
    body = b""
    for name, value in sent:
        is_file = isinstance(value, bytes)
        more = '; filename="IMG_0042.PNG"\r\nContent-Type: image/png' if is_file else ""
        content = value if isinstance(value, bytes) else value.replace("\n", "\r\n").encode()
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()
