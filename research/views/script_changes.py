"""How a script differs from another wording of it, as its pages show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from coaching.language import named
from research.editing.differing import Changed, Part
from research.views import script_words


def shown_parts(parts: Iterable[Part], languages: Sequence[str]) -> list[dict[str, Any]]:
    """Each part that differs: its title, a tag, and its values word by word."""
    kinds, labels, names = script_words.kind_words(), script_words.label_words(), dict(named(languages))
    return [
        {
            "title": _title(part, kinds),
            "tag": _tag(part),
            "changes": [(_label(each, labels, names), each.language, each.runs) for each in part.changes],
            "ids": part.ids,
        }
        for part in parts
    ]


def _title(part: Part, kinds: script_words.Words) -> str:
    if not part.kind:
        return _("Around the parts")
    return _("Part %(n)d: %(kind)s") % {"n": part.new or part.old or 0, "kind": kinds[part.kind]}


def _tag(part: Part) -> tuple[str, str]:
    """What became of a part, and the look of its tag."""
    words = {"added": (_("New"), "good"), "removed": (_("Taken out"), "bad"), "same": (_("Changed"), "info")}
    if part.sort == "same" and part.old != part.new:
        return _("Changed; was part %(n)d") % {"n": part.old or 0}, "info"
    return words[part.sort]


def _label(change: Changed, labels: script_words.Words, names: script_words.Words) -> str:
    """A value's label: `options.2.label` is the second way on."""
    parts = change.key.split(".")
    number = next((int(each) for each in parts if each.isdigit()), 0)
    key = ".".join(each for each in parts if not each.isdigit()).removesuffix(".text")
    text = labels.get(key, key)
    text = text % {"n": number} if "%(n)d" in text else text
    if not change.language or len(names) == 1:
        return text
    return _("%(label)s, %(language)s") % {"label": text, "language": names.get(change.language, change.language)}
