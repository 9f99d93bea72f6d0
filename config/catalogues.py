"""The catalogues of what is said, found and compiled without the gettext programs: they may not be on the machine."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOMS = ("accounts", "assessments", "coaching", "config", "imagery", "privacy", "protocol", "rehearsal", "research")

# templatize turns a template into calls of these amid X's that stand for the rest.
_IN_TEMPLATE = re.compile(r"\b(?:gettext|ngettext|pgettext|npgettext|_)\(")


@dataclass(frozen=True)
class Said:
    """One string that is translated: its English text, its plural and its context, empty where it has none."""

    text: str
    plural: str = ""
    context: str = ""
    places: list[tuple[str, str]] = field(default_factory=list, compare=False)


def found_strings(root: Path) -> list[Said]:
    """Every translated string of the code and the templates of the project, each with the places it stands in."""
    found: dict[tuple[str, str], Said] = {}
    for said in _all_strings(root):
        known = found.setdefault((said.context, said.text), said)
        if known is not said:
            known.places.extend(said.places)
    return sorted(found.values(), key=lambda said: (said.places[0], said.text))


def update(catalogue: Path, strings: list[Said]) -> tuple[int, int]:
    """Bring a `.po` file level with the strings: new ones come in untranslated, those that nobody says any more leave.

    Returns:
        How many came and how many left.
    """
    old = polib.pofile(str(catalogue)) if catalogue.exists() else polib.POFile()
    new = polib.POFile(wrapwidth=120)
    new.metadata = old.metadata or {"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}
    kept = {(entry.msgctxt or "", entry.msgid): entry for entry in old if not entry.obsolete}
    came = 0
    for said in strings:
        entry = kept.get((said.context, said.text))
        came += entry is None
        # The files suffice: line numbers would change a catalogue with every line of code.
        places = [(place, "") for place in dict.fromkeys(place for place, _ in said.places)]
        context = {"msgctxt": said.context} if said.context else {}
        fresh = polib.POEntry(msgid=said.text, msgid_plural=said.plural, occurrences=places, **context)
        if said.plural:
            fresh.msgstr_plural = (entry.msgstr_plural if entry else None) or {0: "", 1: ""}
        else:
            fresh.msgstr = entry.msgstr if entry else ""
        fresh.flags = list(entry.flags) if entry else []
        new.append(fresh)
    left = len(kept) - (len(new) - came)
    catalogue.parent.mkdir(parents=True, exist_ok=True)
    new.save(str(catalogue))
    return came, left


def compile_all(folder: Path) -> int:
    """Compile each `.po` file under a folder to the `.mo` file beside it, and answer how many there are."""
    catalogues = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    for catalogue in catalogues:
        polib.pofile(str(catalogue)).save_as_mofile(str(catalogue.with_suffix(".mo")))
    return len(catalogues)


def _all_strings(root: Path) -> Iterator[Said]:
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            yield from _in_code(path.read_text(encoding="utf-8"), str(path.relative_to(root)))
    for path in sorted((root / "templates").rglob("*")):
        if path.is_file() and path.suffix in {".html", ".txt", ".xml"}:
            text = path.read_text(encoding="utf-8")
            yield from _in_template(text, str(path.relative_to(root)))


def _in_code(source: str, place: str) -> Iterator[Said]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from _said_by(node, place)


def _in_template(source: str, place: str) -> Iterator[Said]:
    python = templatize(source, origin=place)
    for match in _IN_TEMPLATE.finditer(python):
        call = _call_at(python, match.start())
        if call is not None:
            yield from _said_by(call, place)


def _call_at(text: str, start: int) -> ast.Call | None:
    """The call that begins here: it ends at the first bracket with which it is whole."""
    end = start
    while (end := text.find(")", end + 1)) != -1:
        try:
            node = ast.parse(text[start : end + 1].strip(), mode="eval").body
        except SyntaxError:
            continue
        return node if isinstance(node, ast.Call) else None
    return None


def _said_by(call: ast.Call, place: str) -> Iterator[Said]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    values = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    texts = [value for value in values if isinstance(value, str)]
    where = [(place, str(call.lineno))]
    if name in {"_", "gettext", "gettext_lazy", "gettext_noop"} and texts:
        yield Said(texts[0], places=where)
    elif name in {"ngettext", "ngettext_lazy"} and len(texts) >= 2:
        yield Said(texts[0], plural=texts[1], places=where)
    elif name in {"pgettext", "pgettext_lazy"} and len(texts) >= 2:
        yield Said(texts[1], context=texts[0], places=where)
    elif name in {"npgettext", "npgettext_lazy"} and len(texts) >= 3:
        yield Said(texts[1], plural=texts[2], context=texts[0], places=where)
