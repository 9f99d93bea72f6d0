"""Somebody who hears a page and presses keys, and knows of it what the browser's accessibility tree says, no more.

What a screen reader would speak is reckoned from two looks at the tree, one after the other: the title of a new
document, what has the focus by now with the groups that it is in, what became of the thing that has it, and live
regions whose words changed. A region that came with its words is passed over in silence, as many screen readers do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

GROUPS = {"group", "radiogroup", "dialog", "region", "toolbar"}
LIVE = {"status", "alert", "log"}
STATES = ("checked", "pressed", "expanded", "disabled")
MOST_TABS = 60
LOOKS = 200


@dataclass(frozen=True)
class Heard:
    """One thing of the tree: what it is, what it is called, and what is said of it."""

    id: int
    role: str
    name: str
    about: str
    value: str
    states: Mapping[str, str]
    has_focus: bool
    parts: tuple[int, ...]

    @property
    def words(self) -> str:
        """How it is spoken."""
        states = [f"{name} {value}" for name, value in self.states.items()]
        return ", ".join(each for each in (self.name, self.role, *states, self.value, self.about) if each)


@dataclass
class Look:
    """The tree at one moment."""

    things: dict[int, Heard] = field(default_factory=dict)
    above: dict[int, int] = field(default_factory=dict)
    root: int = 0

    @property
    def focus(self) -> Heard | None:
        """What has the focus; the document itself where nothing of it has."""
        return next((each for each in reversed(self.things.values()) if each.has_focus), None)

    def around(self, thing: Heard) -> list[Heard]:
        """What a thing is inside of, the nearest first."""
        found, id = [], thing.id
        while (id := self.above.get(id, 0)) in self.things:
            found.append(self.things[id])
        return found

    def text(self, of: int | None = None) -> str:
        """The words of a thing in their order; without one, of the whole page."""
        return " ".join(filter(None, self._texts(self.root if of is None else of)))

    def _texts(self, of: int) -> Iterator[str]:
        thing = self.things.get(of)
        if thing is None:
            return
        if thing.role == "StaticText":
            yield " ".join(thing.name.split())
        for part in thing.parts:
            yield from self._texts(part)

    def regions(self) -> dict[int, str]:
        """The words of each live region."""
        return {each.id: self.text(each.id) for each in self.things.values() if each.role in LIVE}


class Listener:
    """`said` is all that was spoken, in its order."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._tree = page.context.new_cdp_session(page)
        self._tree.send("Accessibility.enable")
        self._last = Look()
        self._spoken_before = 0  # the last key
        self.said: list[str] = []

    # --- hearing -----------------------------------------------------------------------------------------------------

    def look(self) -> Look:
        """Looks again, and speaks what has changed."""
        now, before = self._seen(), self._last
        if not now.root or not now.things[now.root].name:
            return before  # it is still being loaded
        self._last = now
        if now.root != before.root and now.root in now.things:
            self.said.append(now.things[now.root].words)
        focus, had = now.focus, before.focus
        if focus is not None and focus.id != now.root:
            if had is None or had.id != focus.id:
                inside = {each.id for each in before.around(had)} if had is not None else set()
                entered = [each for each in now.around(focus) if each.role in GROUPS and each.id not in inside]
                self.said += [each.words for each in reversed(entered) if each.name]
                self.said.append(focus.words)
            elif had.words != focus.words:
                self.said.append(focus.words)
        known, is_new = before.regions(), now.root != before.root
        told = now.regions().items()
        self.said += [text for id, text in told if text and not is_new and known.get(id, text) != text]
        return now

    def _seen(self) -> Look:
        nodes = self._tree.send("Accessibility.getFullAXTree")["nodes"]
        look, ids = Look(), {node["nodeId"]: int(node.get("backendDOMNodeId", 0)) for node in nodes}
        kept = {node["nodeId"]: node for node in nodes}
        for node in nodes:
            thing = _thing(node, tuple(ids[part] for part in node.get("childIds", ()) if part in ids))
            if thing is None:
                continue
            look.things[thing.id] = thing
            look.above[thing.id] = ids.get(node.get("parentId", ""), 0)
            if "parentId" not in node or node["parentId"] not in kept:
                look.root = look.root or thing.id
        return look

    def hears(self, *words: str) -> None:
        """Waits until each of these was spoken since the last key."""
        start = self._spoken_before
        for _ in range(LOOKS):
            self.look()
            if all(any(each in said for said in self.said[start:]) for each in words):
                return
            self._page.wait_for_timeout(25)
        raise AssertionError(f"{words} not heard, but {self.said[start:]}; the page says {self._last.text()}")

    def heard(self, *words: str) -> bool:
        """Whether each of these was spoken at any time."""
        return all(any(each in said for said in self.said) for each in words)

    def text(self) -> str:
        """Whoever reads on hears this."""
        return self.look().text()

    def pictures(self) -> list[str]:
        """What the pictures of the page are called."""
        return [each.name for each in self.look().things.values() if each.role in {"image", "img"}]

    # --- pressing ----------------------------------------------------------------------------------------------------

    def press(self, key: str) -> None:
        """One key."""
        self._spoken_before = len(self.said)
        self._page.keyboard.press(key)
        self.look()

    def type(self, text: str) -> None:
        """Writes where the focus is."""
        self._spoken_before = len(self.said)
        self._page.keyboard.type(text)
        self.look()

    def later(self, seconds: float) -> None:
        """Lets the page's own time go by, half a second at once, for some words stand for a few seconds alone."""
        for _ in range(round(seconds * 2)):
            self._page.clock.run_for(500)
            self.look()

    def go_to(self, role: str, name: str) -> None:
        """Tab by Tab to what is called so."""
        for _ in range(MOST_TABS):
            focus = self.look().focus
            if focus is not None and focus.role == role and focus.name.startswith(name):
                return
            self.press("Tab")
        raise AssertionError(f"Tab never reaches {role} {name!r}; the page says {self.text()}")

    def activate(self, role: str, name: str, *expected: str) -> None:
        """Goes to a button or link and presses Enter on it; what is expected is heard then."""
        self.go_to(role, name)
        self.press("Enter")
        self.hears(*expected)

    def choose(self, name: str) -> None:
        """One of several that exclude each other: Tab to them, then Space, or arrows to the one that is called so."""
        for _ in range(MOST_TABS):
            focus = self.look().focus
            if focus is not None and focus.role == "radio":
                break
            self.press("Tab")
        for n in range(MOST_TABS):
            focus = self.look().focus
            assert focus is not None
            if focus.name.startswith(name):
                if n == 0:
                    self.press("Space")
                break
            self.press("ArrowDown")
        focus = self.look().focus
        assert focus is not None
        assert (focus.name.startswith(name), focus.states["checked"]) == (True, "true"), focus


def _thing(node: Mapping[str, Any], parts: tuple[int, ...]) -> Heard | None:
    id = int(node.get("backendDOMNodeId", 0))
    role = str(node.get("role", {}).get("value", ""))
    if not id or role in {"InlineTextBox", "none"} and not parts:
        return None
    held = {each["name"]: each["value"].get("value") for each in node.get("properties", ())}
    return Heard(
        id=id,
        role="" if node.get("ignored") else role,
        name=str(node.get("name", {}).get("value", "")),
        about=str(node.get("description", {}).get("value", "")),
        value=str(node.get("value", {}).get("value", "")),
        states={name: str(held[name]).lower() for name in STATES if held.get(name) is not None},
        has_focus=bool(held.get("focused")) and not node.get("ignored"),
        parts=parts,
    )
