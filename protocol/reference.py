"""The reference of the bundle's files in Markdown, made from the same definitions as the checker and the schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from protocol import definitions, grammar
from protocol.dumping import yaml_text
from protocol.kinds import Checked, Choice, Constant, Either, Kind, Name, Word, Words
from protocol.records import ByKey, ByPresence, Field, ListOf, MapOf, Record

RULES = "bundle-rules.md"

HEAD = f"""\
# The study bundle, key by key

Made by `manage.py bundle_reference` from the definitions that the checker and the JSON Schemas are made from. A test
holds this page against them. How the parts work together (durations, anchors, windows, reminders, allocation, scores)
and what a fault looks like stands in [How a bundle is read]({RULES}).

A bundle is a folder, or a zip of one:

| file | holds |
|---|---|
| `study.yaml` | [the study](#studyyaml) |
| `instruments/ID.yaml` | [a questionnaire](#instrumentsidyaml) each |
| `scripts/SLUG.yaml` | [a guided session](#scriptsslugyaml) each |
| `media/…` | pictures, recordings and their captions |
| `*.md` | the texts that `study.yaml` names, such as `welcome.md` and `consent.md` |

The JSON Schemas of the three kinds of YAML file are served at `/api/v1/schemas/study.json`, `instrument.json` and
`script.json`, for editors that check while one types. In the tables, *required* means that a file without the key is
refused; a key with a default may be left out, and then means the default; *optional* means that without it there is
no such thing, or what its meaning says. Examples show every key of a part at once; few files need them all.
"""
FILES = {"study.yaml": definitions.study, "instruments/ID.yaml": definitions.instrument}
FILES |= {"scripts/SLUG.yaml": definitions.script}

Part = Record | ByKey | ByPresence


def page() -> list[str]:
    """The lines of docs/bundle.md."""
    return "\n".join(_lines()).rstrip().splitlines()


def _lines() -> Iterator[str]:
    yield HEAD
    for file, record in FILES.items():
        yield f"## {file}"
        yield ""
        yield from _of_record(record)
        for part in parts(record):
            yield f"### {part.name}"
            yield ""
            yield from _of_record(part) if isinstance(part, Record) else _of_sorts(part)


def parts(record: Record) -> list[Part]:
    """What a record is made of, each once and without the record itself, in the order of their first mention."""
    found: list[Part] = []
    for field in record.fields:
        for part in _parts_of(field.kind):
            if part.name not in {other.name for other in found}:
                found.append(part)
    return found


def _parts_of(kind: Kind) -> Iterator[Part]:
    if isinstance(kind, ListOf | MapOf):
        yield from _parts_of(kind.kind)
    elif isinstance(kind, Either):
        for each in kind.kinds:
            yield from _parts_of(each)
    elif isinstance(kind, Record):
        yield kind
        yield from parts(kind)
    elif isinstance(kind, ByKey | ByPresence):
        yield kind
        for record in kind.sorts.values():
            yield from _parts_of(record)


# --- tables ----------------------------------------------------------------------------------------------------------


def _of_record(record: Record) -> Iterator[str]:
    yield record.means
    yield ""
    yield "| key | value | needed | means |"
    yield "|---|---|---|---|"
    for field in record.fields:
        cells = (f"`{field.name}`", _said(field.kind), _needed(field), field.means)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""
    yield "```yaml"
    yield yaml_text(samples(record) if record.examples else sample(record)).rstrip("\n")
    yield "```"
    yield ""


def _of_sorts(part: ByKey | ByPresence) -> Iterator[str]:
    told = f"by `{part.key}`" if isinstance(part, ByKey) else "by which of these keys it has"
    yield f"One of these, told apart {told}:"
    yield ""
    for key, record in part.sorts.items():
        shown = f"{part.key}: {key}" if isinstance(part, ByKey) else key
        yield f"- `{shown}`: {_link(record)}. {record.means}"
    yield ""


def _needed(field: Field) -> str:
    if field.required:
        return "required"
    if field.default is None:
        return "optional"
    return f"default `{yaml_text({'key': field.default}).strip().removeprefix('key: ')}`"


def _link(part: Part) -> str:
    return f"[{part.name}](#{part.name.replace(' ', '-')})"


def _said(kind: Kind) -> str:
    """What may stand there."""
    if isinstance(kind, Record | ByKey | ByPresence):
        return _link(kind)
    if isinstance(kind, ListOf):
        count = str(kind.least) if kind.least == kind.most else f"{kind.least} to {kind.most}"
        return f"list of {count}: {_said(kind.kind)}{'; none twice' if kind.is_set else ''}"
    if isinstance(kind, MapOf):
        return f"mapping of {kind.least} to {kind.most}: {_said(kind.key)} → {_said(kind.kind)}"
    if isinstance(kind, Choice):
        return " or ".join(f"`{word}`" for word in kind.words)
    if isinstance(kind, Constant):
        return f"`{kind.value}`"
    if isinstance(kind, Either):
        return "; ".join([kind.expected, *(_link(part) for part in _parts_of(kind))])
    if isinstance(kind, Name):
        return _said_of_name(kind)
    if isinstance(kind, Words):
        called = kind.word.expected if kind.word.mention else _said(kind.word)
        return f"{called}; one, or [one a language]({RULES}#texts)"
    if isinstance(kind, Word):
        called = "one line of text" if kind.expected == "text" and kind.is_one_line else kind.expected
        is_bounded = kind.pattern is None and kind.longest < 20_000
        return f"{called}, at most {kind.longest:,} characters" if is_bounded else called
    return _said(kind.base) if isinstance(kind, Checked) else kind.noun


def _said_of_name(name: Name) -> str:
    called = {grammar.ID: f"[id]({RULES}#ids)", grammar.SLUG: f"[slug]({RULES}#ids)"}.get(name.pattern, name.expected)
    reserved = " or ".join(f"`{word}`" for word in re.split(r"\|", name.reserved or "") if word)
    return f"{called}, not {reserved}" if reserved else called


# --- examples --------------------------------------------------------------------------------------------------------


def sample(record: Record) -> dict[str, Any]:
    """An example of the record, with every key where it can have all."""
    return samples(record)[0]


def samples(record: Record) -> list[dict[str, Any]]:
    """Examples that together show every key of the record."""
    return list(record.examples) or [{field.name: _sample_of(field) for field in record.fields}]


def _sample_of(field: Field) -> Any:
    return field.example if field.example is not None else _composed(field.kind)


def _composed(kind: Kind) -> Any:
    if isinstance(kind, Record):
        return sample(kind)
    if isinstance(kind, ListOf) and isinstance(kind.kind, ByKey | ByPresence):
        return [sample(record) for record in kind.kind.sorts.values()]
    if isinstance(kind, ListOf):
        return samples(kind.kind) if isinstance(kind.kind, Record) else [_composed(kind.kind)]
    if isinstance(kind, MapOf):
        return {kind.called: _composed(kind.kind)}
    if isinstance(kind, ByKey):
        return sample(list(kind.sorts.values())[-1])
    raise ValueError(f"{kind.noun}: its key has no example in the definitions")
