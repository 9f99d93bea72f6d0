"""A ReproSchema activity as an instrument: items with the same preamble, one after the other, are a section."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from assessments.importers.branching import Answers, NotCarried, joined, stated, written
from assessments.importers.declared import question_of
from assessments.importers.drafts import DIRECTION, NO_LICENCE, Part, check_drafts, drafted
from assessments.importers.json_files import read_json
from assessments.importers.losses import Converted, Fault, ImportFaults, Json, Ledger
from assessments.importers.naming import Names
from assessments.importers.redcap.logic import Compared, Logic, parse_logic
from assessments.importers.reproschema.items import Items, ui_of
from assessments.importers.reproschema.terms import ACTIVITY, ITEM, kind_of
from assessments.importers.reproschema.words import Words
from assessments.importers.wording import LONGEST_TITLE, Text, cut, one_line, said
from protocol.conditions import Condition
from protocol.errors import shown

MAX_FILES = 5_000
_READ = frozenset(
    ("@context", "category", "@type", "id", "@id", "prefLabel", "citation", "preamble", "ui", "compute",
     "schemaVersion", "version")
)  # fmt: skip
_READ_UI = frozenset(("order", "addProperties"))
_READ_PROPERTY = frozenset(("isAbout", "variableName", "isVis", "valueRequired", "requiredValue", "prefLabel"))
_NO_SCALE = {"min": 0, "max": 1, "direction": DIRECTION}
_JS = re.compile(r"""("[^"]*"|'[^']*')|(&&)|(\|\|)|(===?)|(!==?)|\b([A-Za-z_]\w*)\b""")


def from_reproschema(files: Mapping[str, bytes], language: str = "en") -> Converted:
    """The activities among some files as instruments.

    Args:
        files: Their bytes by their path; what is no JSON document of ReproSchema is passed over.
        language: The language of words that don't say theirs.

    Raises:
        ImportFaults: with every fault, by file; nothing is converted then.
    """
    documents, faults = _documents(files)
    activities = [path for path, document in documents.items() if kind_of(document) == ACTIVITY]
    if not activities and not faults:
        faults.append(Fault("the files", "", "hold no activity; expected a document of category reproschema:Activity"))
    ledger = Ledger()
    names = Names()
    drafts = [_Import(path, documents, language, ledger, faults, names).instrument() for path in sorted(activities)]
    if faults:
        raise ImportFaults(faults)
    instruments = {draft["id"]: draft for draft in drafts if draft is not None}
    if not instruments:
        raise ImportFaults([Fault("the files", "", "have no question that can be asked")])
    check_drafts(instruments)
    return Converted(instruments, tuple(ledger))


def _documents(files: Mapping[str, bytes]) -> tuple[dict[str, Any], list[Fault]]:
    if len(files) > MAX_FILES:
        raise ImportFaults([Fault("the files", "", f"are {len(files):,}; expected at most {MAX_FILES:,}")])
    documents: dict[str, Any] = {}
    faults: list[Fault] = []
    for path, content in files.items():
        name = posixpath.basename(path)
        if name.startswith(".") or posixpath.splitext(name)[1] not in ("", ".json", ".jsonld"):
            continue
        try:
            # ReproSchema's own converters write NaN for an end that a field doesn't have.
            documents[posixpath.normpath(path)] = read_json(content, path, not_finite=str)
        except ImportFaults as found:
            # Licences and the like have no ending either.
            if posixpath.splitext(name)[1] or content.lstrip().startswith(b"{"):
                faults += found.faults
    return documents, faults


class _Import:
    """Converts one activity."""

    def __init__(
        self,
        path: str,
        documents: Mapping[str, Any],
        language: str,
        ledger: Ledger,
        faults: list[Fault],
        names: Names,
    ) -> None:
        self._path = path
        self._documents = documents
        self._activity: Json = documents[path]
        self._ledger = ledger
        self._faults = faults
        stem = posixpath.basename(path).partition(".")[0].removesuffix("_schema")
        self._id = names.give(stem, "activity")
        if self._id != stem:
            ledger.changed(path, f"its id is {self._id!r}")
        self._paths = self._item_paths()
        of_items = [documents[path] for path in self._paths.values()]
        self._words = Words([self._activity, *of_items], language, ledger)
        self._items = Items(documents, self._words, ledger, faults)

    def instrument(self) -> Json | None:
        if self._faults:
            return None
        self._note()
        return drafted(
            id=self._id,
            title=self._title(),
            source=cut(said(self._words.text(self._activity, "citation", self._path), "en"), 2_000)
            or f"ReproSchema activity {posixpath.basename(self._path)}",
            licence=NO_LICENCE,
            parts=self._parts(),
            about=self._words.text(self._activity, "preamble", self._path),
            ledger=self._ledger,
        )

    def _title(self) -> Text:
        return (
            self._words.text(self._activity, "prefLabel", self._path, longest=LONGEST_TITLE, is_line=True) or self._id
        )

    def _properties(self) -> list[Json]:
        found = ui_of(self._activity).get("addProperties", self._activity.get("addProperties", []))
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    def _item_paths(self) -> dict[str, str]:
        """The items' documents by their place in `order`, as the activity names them."""
        order = ui_of(self._activity).get("order", [])
        named = [each for each in order if isinstance(each, str)] if isinstance(order, list) else []
        named += [str(each.get("isAbout")) for each in self._properties() if each.get("isAbout") not in named]
        paths: dict[str, str] = {}
        for name in named:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(self._path), name))
            if "://" in name:
                self._ledger.lost(f"{self._path} {name}", "the whole item: it lies elsewhere")
            elif kind_of(self._documents.get(path)) != ITEM:
                message = f"names {shown(name)}; expected an item among the files, at {path}"
                self._faults.append(Fault(self._path, "order", message))
            else:
                paths[name] = path
        if not named:
            self._faults.append(Fault(self._path, "order", "has no items; expected their paths"))
        return paths

    def _note(self) -> None:
        for key, value in self._activity.items():
            if key not in _READ:
                self._ledger.lost(self._path, f"{key}: {shown(value)}")
        for key, value in ui_of(self._activity).items():
            if key not in _READ_UI and not (key == "shuffle" and value is False):
                self._ledger.lost(self._path, f"ui.{key}: {shown(value)}")

    def _parts(self) -> list[Part]:
        computed = self._computed()
        properties = {str(each.get("isAbout")): each for each in self._properties()}
        names = Names()
        parts: list[Part] = []
        known: dict[str, Answers] = {}
        before: Text | None = None
        for name, path in self._paths.items():
            has = properties.get(name, {})
            variable = str(has.get("variableName") or posixpath.basename(name).partition(".")[0])
            document = self._documents[path]
            if variable in computed:
                self._ledger.lost(variable, f"the whole item: its value is reckoned, by {computed[variable]}")
                continue
            if ui_of(document).get("inputType") == "static":
                parts.append(self._said(variable, document, has))
                before = ""
                continue
            item = self._item(variable, document, has, names)
            if item is None:
                continue
            preamble = self._words.text(document, "preamble", variable)
            if not parts or (preamble != before and (preamble or parts[-1].items)):
                parts.append(_part(preamble))
            before = preamble
            self._ask(variable, item, has.get("isVis", True), known)
            known[variable] = Answers.of(question_of(item, "", _NO_SCALE))
            parts[-1].items.append(item)
        for n, part in enumerate(parts, start=1):
            part.id = names.give(f"part_{n}", "part")
        return parts

    def _said(self, variable: str, document: Json, has: Json) -> Part:
        """What only says something: it leads the items after it."""
        if has.get("isVis", True) is not True:
            self._ledger.lost(variable, "isVis: what leads a section is shown to everybody")
        self._ledger.changed(variable, "it stands before the items after it")
        return Part("", leads=[self._words.text(document, "question", variable)])

    def _computed(self) -> dict[str, str]:
        compute = self._activity.get("compute", [])
        found = [each for each in compute if isinstance(each, dict)] if isinstance(compute, list) else []
        return {str(each.get("variableName")): shown(each.get("jsExpression")) for each in found}

    def _item(self, variable: str, document: Json, has: Json, names: Names) -> Json | None:
        for key, value in has.items():
            if key not in _READ_PROPERTY:
                self._ledger.lost(variable, f"{key}: {shown(value)}")
        if has.get("isVis") is False:
            self._ledger.lost(variable, "the whole item: it is never visible")
            return None
        id = names.give(variable, "q")
        item = self._items.item(document, id, variable)
        if item is None:
            return None
        if id != variable:
            self._ledger.changed(variable, f"its id is {id!r}")
        if not has.get("valueRequired", has.get("requiredValue", False)):
            item["optional"] = True
        return item

    # --- branching -------------------------------------------------------------------------------------------------

    def _ask(self, variable: str, item: Json, visible: Any, known: Mapping[str, Answers]) -> None:
        if visible is True or str(visible).strip().lower() in ("true", ""):
            return
        try:
            logic = parse_logic(_as_logic(str(visible), known))
            item["when"] = written(_condition(logic, known))
        except (NotCarried, ValueError) as why:
            self._ledger.lost(variable, f"isVis: {one_line(str(why))}; it is asked of everybody")
            return
        if "!=" in str(visible):
            self._ledger.changed(variable, "isVis: while what it names has no answer it isn't asked here")


def _part(preamble: Text) -> Part:
    words = [preamble] if isinstance(preamble, str) else list(preamble.values())
    if all(len(each) <= LONGEST_TITLE and "\n" not in each for each in words):
        return Part("", title=preamble)
    return Part("", leads=[preamble])


def _as_logic(js: str, known: Mapping[str, Answers]) -> str:
    """JavaScript's signs as the branching logic that is read already: variables in brackets, and, or, =, <>."""
    several = sorted((name for name, answers in known.items() if answers.type == "multi"), key=len, reverse=True)

    def turned(match: re.Match[str]) -> str:
        quoted, both, either, same, other, name = match.groups()
        if quoted:
            return str(quoted)
        if name:
            owner = next((each for each in several if name.startswith(f"{each}___")), None)
            return f"[{owner}({name[len(owner) + 3 :]})]" if owner else f"[{name}]"
        return " and " if both else " or " if either else "=" if same else "<>" if other else ""

    return _JS.sub(turned, js)


def _condition(logic: Logic, known: Mapping[str, Answers]) -> Condition:
    if isinstance(logic, Compared):
        named = next((answers for name, answers in known.items() if name.lower() == logic.field), None)
        if named is None:
            raise NotCarried(f"names {shown(logic.field)}, which isn't asked before it")
        return stated(named, logic.code, logic.op, logic.value)
    return joined(logic.by, [_condition(part, known) for part in logic.parts])
