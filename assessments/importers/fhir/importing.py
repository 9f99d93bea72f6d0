"""A Questionnaire as an instrument: a group is a section, what is only displayed leads the items after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assessments.importers.drafts import MAX_ITEMS, NO_LICENCE, Part, check_drafts, drafted, together
from assessments.importers.fhir.asking import Asked, attach
from assessments.importers.fhir.questions import Questions
from assessments.importers.fhir.reading import read_questionnaire
from assessments.importers.fhir.terms import control_of, extensions
from assessments.importers.fhir.wording import Words
from assessments.importers.losses import Converted, Fault, ImportFaults, Json, Ledger
from assessments.importers.naming import Names
from assessments.importers.wording import LONGEST_TITLE, Text, cut, one_line
from protocol.errors import shown

SOURCE = "Source: "
_READ = frozenset(
    ("resourceType", "item", "title", "name", "url", "version", "publisher", "copyright", "language", "status",
     "contained", "extension", "id")
)  # fmt: skip
_NOT_SPOKEN = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9]+")


def from_questionnaire(content: bytes, language: str = "en") -> Converted:
    """A FHIR R4B Questionnaire as an instrument.

    Args:
        content: The resource as JSON.
        language: The language of its words, where it doesn't say another; its translations stand beside them.

    Raises:
        ImportFaults: with every fault, by linkId; nothing is converted then.
    """
    resource = read_questionnaire(content)
    return _Import(resource, language).converted()


class _Import:
    """Converts one questionnaire."""

    def __init__(self, resource: Json, language: str) -> None:
        self._resource = resource
        self._ledger = Ledger()
        self._words = Words(resource, language, self._ledger)
        self._questions = Questions(resource, self._words, language, self._ledger)
        self._names = Names()
        self._ids = self._given_ids()
        self._parts: list[Part] = []
        self._about: list[Text] = []
        self._asked: dict[str, Asked] = {}

    def converted(self) -> Converted:
        id = Names().give(self._called(), "questionnaire")
        self._note_resource(id)
        self._walk(self._resource.get("item", ()), (), is_top=True)
        attach(self._asked, self._questions.values, self._ledger)
        for part in self._parts:
            if part.leads and not part.items:
                self._ledger.lost(f"section {part.id}", "what is displayed after the last question")
        draft = drafted(
            id=id,
            title=self._title(id),
            source=self._source(),
            licence=self._licence(),
            parts=self._parts,
            about=together(self._about),
            ledger=self._ledger,
        )
        if draft is None:
            raise ImportFaults([Fault("the file", "item", "has no question that can be asked")])
        check_drafts({id: draft})
        return Converted({id: draft}, tuple(self._ledger))

    # --- the resource ----------------------------------------------------------------------------------------------

    def _called(self) -> str:
        for key in ("name", "id", "title", "url"):
            value = self._resource.get(key)
            if isinstance(value, str) and value.strip() and not _NOT_SPOKEN.fullmatch(value):
                return value.rpartition("/")[2] if key == "url" else value
        return ""

    def _title(self, id: str) -> Text:
        for key in ("title", "name"):
            title = self._words.text(self._resource, key, "the questionnaire", longest=LONGEST_TITLE, is_line=True)
            if title:
                return title
        self._ledger.changed("the questionnaire", f"it has no title: {id!r} stands for it")
        return id

    def _source(self) -> str:
        description = self._resource.get("description")
        if isinstance(description, str) and description.startswith(SOURCE):
            return description.removeprefix(SOURCE).strip()
        address = self._resource.get("url", "")
        version = self._resource.get("version", "")
        named = [self._resource.get("publisher"), f"{address}|{version}" if address and version else address or version]
        told = ", ".join(one_line(part) for part in named if isinstance(part, str) and part.strip())
        return cut(f"FHIR Questionnaire: {told}" if told else "FHIR Questionnaire", 2_000)

    def _licence(self) -> str:
        copyright = self._resource.get("copyright")
        line = one_line(copyright) if isinstance(copyright, str) else ""
        if line and len(line) > 500:
            self._ledger.changed("the questionnaire", "copyright: it is cut off at 500 characters")
        return cut(line, 500) or NO_LICENCE

    def _note_resource(self, id: str) -> None:
        self._ledger.changed("the questionnaire", f"its id is {id!r}")
        for key, value in self._resource.items():
            is_source = key == "description" and isinstance(value, str) and value.startswith(SOURCE)
            if key not in _READ and not is_source and not key.startswith("_"):
                self._ledger.lost("the questionnaire", f"{key}: {shown(value)}")
        for url, _ in extensions(self._resource):
            self._ledger.lost("the questionnaire", f"extension {url.rpartition('/')[2]}")

    # --- its items -------------------------------------------------------------------------------------------------

    def _given_ids(self) -> dict[str, str]:
        """Ids of the questions, and of groups from what is left: linkIds that nobody would say are counted."""
        every = list(_every(self._resource.get("item", ())))
        links = [item for item in every if item["type"] not in ("group", "display")]
        links += [item for item in every if item["type"] == "group"]
        ids: dict[str, str] = {}
        for item in links:
            link, stem = item["linkId"], "part" if item["type"] == "group" else "q"
            count = sum(1 for id in ids.values() if re.fullmatch(rf"{stem}[0-9]+", id)) + 1
            ids[link] = self._names.give(f"{stem}{count}" if _NOT_SPOKEN.fullmatch(link) else link, stem)
        return ids

    def _walk(self, items: Sequence[Json], within: tuple[Json, ...], *, is_top: bool = False) -> None:
        part: Part | None = None
        for item in items:
            if item["type"] == "group":
                self._group(item, within)
                part = None
            elif item["type"] == "display" and is_top and not self._parts:
                self._display(item, self._about)
            else:
                if part is None or (part.items and item["type"] == "display") or len(part.items) >= MAX_ITEMS:
                    part = self._open(within)
                self._into(part, item, within)

    def _into(self, part: Part, item: Json, within: tuple[Json, ...]) -> None:
        if item["type"] == "display":
            self._display(item, part.leads)
            return
        self._question(item, part, within)
        nested = [child for child in item.get("item", ()) if child["type"] != "display"]
        for child in item.get("item", ()):
            self._nested(child, item)
        if nested:
            self._ledger.changed(f"linkId {item['linkId']}", "the questions within it are asked after it")
            self._walk(nested, (*within, {}))

    def _nested(self, child: Json, question: Json) -> None:
        """Notes what is displayed beside a question, but for the ends of a slider."""
        is_end = control_of(child) in ("lower", "upper") and control_of(question) == "slider"
        if child["type"] == "display" and not is_end:
            self._ledger.lost(
                f"linkId {child['linkId']}", f"what is displayed beside a question: {shown(child.get('text'))}"
            )

    def _group(self, group: Json, within: tuple[Json, ...]) -> None:
        where = f"linkId {group['linkId']}"
        if group.get("repeats"):
            self._ledger.lost(where, "repeats: its questions are asked once")
        link = self._ids[group["linkId"]]
        if link != group["linkId"]:
            self._ledger.changed(where, f"its id is {link!r}")
        self._questions.note_rest(group, where)
        self._walk(group.get("item", ()), (*within, group))

    def _open(self, within: tuple[Json, ...]) -> Part:
        """Begins a section: the group's own the first time, one of the same title after that."""
        group = next((each for each in reversed(within) if each), None)
        if group is None:
            part = Part(self._names.give("part", "part"))
        else:
            id = self._ids[group["linkId"]]
            is_again = any(each.id == id for each in self._parts)
            part = Part(self._names.give(id, id) if is_again else id)
            text = self._words.text(group, "text", f"linkId {group['linkId']}")
            if text and _fits(text):
                part.title = text
            elif text and not is_again:
                part.leads.append(text)
        self._parts.append(part)
        return part

    def _display(self, item: Json, into: list[Text]) -> None:
        where = f"linkId {item['linkId']}"
        text = self._words.text(item, "text", where)
        if text:
            into.append(text)
        if item.get("enableWhen"):
            self._ledger.lost(where, "enableWhen: what is displayed is shown to everybody")
        self._questions.note_rest(item, where)

    def _question(self, question: Json, part: Part, within: tuple[Json, ...]) -> None:
        link = question["linkId"]
        id = self._ids[link]
        item = self._questions.item(question, id)
        if item is None:
            return
        if id != link:
            self._ledger.changed(f"linkId {link}", f"its id is {id!r}")
        part.items.append(item)
        self._asked[link] = Asked(link, item, len(self._asked), (*within, question))


def _every(items: Sequence[Json]) -> Iterator[Json]:
    for item in items:
        yield item
        yield from _every(item.get("item", ()))


def _fits(text: Text) -> bool:
    words = [text] if isinstance(text, str) else list(text.values())
    return all(len(each) <= LONGEST_TITLE and "\n" not in each for each in words)
