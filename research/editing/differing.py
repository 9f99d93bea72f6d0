"""How one wording of a script differs from another, word by word: pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from research.editing.layout import STAGES, kind_of

Json = dict[str, Any]
Sort = Literal["same", "added", "removed"]

_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand in both texts, in the newer alone, or in the older alone."""

    sort: Sort
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One value that differs.

    Attributes:
        key: Its key: `title`, `voice.rate`, `options`.
        language: Of a text; empty for a value that has none.
        runs: The older and the newer as one.
    """

    key: str
    language: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What stands around the stages (`kind` is empty), or one stage.

    Attributes:
        kind: Of the stage.
        sort: `added` and `removed` stages stand in one of the two alone; `same` in both.
        old: Its place before, from 1; None for an added one.
        new: Its place now; None for a removed one.
        changes: What differs in it.
        ids: Its id before and now, where it has another name, or where what is given there is stored under another.
    """

    kind: str
    sort: Sort
    old: int | None
    new: int | None
    changes: tuple[Changed, ...]
    ids: tuple[str, str] | None = None


def differences(before: Json, after: Json, languages: Sequence[str]) -> tuple[Part, ...]:
    """The parts that differ, in the order of the newer, removed ones where they stood."""
    head = Part("", "same", None, None, _changes(_head(before), _head(after), languages))
    parts = [head] if head.changes else []
    for old, new in _paired(before["stages"], after["stages"]):
        part = _part(before["stages"], after["stages"], old, new, languages)
        if part.sort != "same" or part.changes or part.ids:
            parts.append(part)
    return tuple(parts)


def word_runs(old: str, new: str) -> tuple[Run, ...]:
    """Two texts as one, word by word."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    runs: list[Run] = []
    for sort, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if sort == "equal":
            runs.append(Run("same", "".join(before[i:j])))
            continue
        if i < j:
            runs.append(Run("removed", "".join(before[i:j])))
        if k < m:
            runs.append(Run("added", "".join(after[k:m])))
    return tuple(runs)


def _head(script: Json) -> Json:
    return {key: value for key, value in script.items() if key not in ("slug", "stages")}


def _part(
    before: Sequence[Json], after: Sequence[Json], old: int | None, new: int | None, languages: Sequence[str]
) -> Part:
    was = before[old] if old is not None else {}
    now = after[new] if new is not None else {}
    sort: Sort = "same" if was and now else "added" if now else "removed"
    ids = (_id(was, old), _id(now, new)) if was and now and _is_called_otherwise(was, now) else None
    return Part(
        kind=kind_of(now or was),
        sort=sort,
        old=None if old is None else old + 1,
        new=None if new is None else new + 1,
        changes=_changes(_without_id(was), _without_id(now), languages),
        ids=ids if ids and ids[0] != ids[1] else None,
    )


def _is_called_otherwise(was: Json, now: Json) -> bool:
    """Whether it matters what two wordings of a stage are called: it has a name, or something is given there."""
    return was.get("id") != now.get("id") or kind_of(now) not in ("say", "rest", "reveal")


def _id(stage: Json, index: int | None) -> str:
    return str(stage.get("id") or f"stage_{(index or 0) + 1}")


def _without_id(stage: Json) -> Json:
    return {key: value for key, value in stage.items() if key != "id"}


def _paired(before: Sequence[Json], after: Sequence[Json]) -> Iterator[tuple[int | None, int | None]]:
    """Stages that are the same one, changed or not, by their indexes; alone those that stand in one list only.

    The same are equal ones, then those of one id, then, between two that are the same, those of one kind in order.
    """
    olds, news = [_named(stage) for stage in before], [_named(stage) for stage in after]
    for sort, i, j, k, m in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        if sort == "equal":
            yield from zip(range(i, j), range(k, m), strict=True)
        else:
            yield from _by_kind(before, after, list(range(i, j)), list(range(k, m)))


def _named(stage: Json) -> str:
    """What tells a stage from others: its id, else all that it says."""
    return str(stage["id"]) if "id" in stage else json.dumps(stage, sort_keys=True)


def _by_kind(
    before: Sequence[Json], after: Sequence[Json], olds: list[int], news: list[int]
) -> Iterator[tuple[int | None, int | None]]:
    kinds = [kind_of(before[each]) for each in olds], [kind_of(after[each]) for each in news]
    for sort, i, j, k, m in SequenceMatcher(None, *kinds, autojunk=False).get_opcodes():
        if sort == "equal":
            yield from zip(olds[i:j], news[k:m], strict=True)
        else:
            yield from ((each, None) for each in olds[i:j])
            yield from ((None, each) for each in news[k:m])


def _changes(before: Json, after: Json, languages: Sequence[str]) -> tuple[Changed, ...]:
    found: list[Changed] = []
    old, new = dict(_told(before, languages)), dict(_told(after, languages))
    for key in dict.fromkeys([*new, *old]):
        if old.get(key, "") != new.get(key, ""):
            found.append(Changed(*key, word_runs(old.get(key, ""), new.get(key, ""))))
    return tuple(found)


def _told(values: Json, languages: Sequence[str], within: str = "") -> Iterator[tuple[tuple[str, str], str]]:
    """Every value of a part as text, by its key and its language."""
    for name, value in values.items():
        key = f"{within}{name}"
        if isinstance(value, dict) and not set(value) <= set(languages):
            yield from _told(value, languages, f"{key}.")
        elif isinstance(value, dict):
            yield from (((key, language), str(text)) for language, text in value.items())
        elif isinstance(value, list):
            yield from _listed(key, value, languages)
        elif _is_words(name):
            yield from (((key, language), str(value)) for language in languages)
        else:
            yield (key, ""), str(value)


def _listed(key: str, values: Sequence[Any], languages: Sequence[str]) -> Iterator[tuple[tuple[str, str], str]]:
    if all(isinstance(each, str) for each in values) and not _is_words(key):
        yield (key, ""), ", ".join(values)
        return
    for n, each in enumerate(values, start=1):
        yield from _told(
            each if isinstance(each, dict) and "label" in each else {"text": each}, languages, f"{key}.{n}."
        )


_WORDED = frozenset(
    {
        *("title", "about", "note", "exit", "alt", "na", "label", "text", "choices", "audio", "captions"),
        *(kind for kind in STAGES if kind not in ("rate", "reveal", "rest")),
    }
)


def _is_words(name: str) -> bool:
    """Whether a key holds a text of each language, also where it is one for all of them."""
    return name in _WORDED


def by_part(parts: Sequence[Part]) -> Mapping[Sort, int]:
    """How many parts were added, taken out and changed (`same`)."""
    counts: dict[Sort, int] = {"added": 0, "removed": 0, "same": 0}
    for part in parts:
        counts[part.sort] += 1
    return counts
