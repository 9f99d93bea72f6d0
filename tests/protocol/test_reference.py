"""The reference of the bundle says what the checker takes, and what a file without a key says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from protocol.building import study_from_content
from protocol.bundle import read_bundle
from protocol.dumping import yaml_text
from protocol.kinds import Either, Reading
from protocol.nodes import read_yaml
from protocol.records import ByKey, ByPresence, Field, ListOf, MapOf, Record
from protocol.reference import FILES, parts, sample, samples
from protocol.schema import instrument_schema, script_schema, study_schema
from tests.protocol.bundles import as_folder, example

RECORDS = [
    record for file in FILES.values() for record in [file, *(part for part in parts(file) if isinstance(part, Record))]
]
NAMES = {"study.yaml": "study.yaml", "instruments/ID.yaml": "instruments/scenes_4.yaml"}
NAMES |= {"scripts/SLUG.yaml": "scripts/potoo.yaml"}
HEAD = {"source": "Own items", "licence": "CC0-1.0", "scale": {"min": 1, "max": 9, "direction": "higher_is_more"}}
ARM_GUESS = {
    **{"id": "arm_guess", "title": "A guess", **HEAD},
    "sections": [
        {
            "id": "a",
            "items": [
                {
                    **{"id": "guess", "text": "Which half are you in?", "type": "choice"},
                    "choices": ["training", "comparison", "don't know"],
                },
                {"id": "sure", "text": "How sure are you?"},
            ],
        }
    ],
    "scores": {},
}
CREDIBILITY = {
    **{"id": "credibility_6", "title": "What you expect", **HEAD},
    "sections": [{"id": "a", "items": [{"id": "c1", "text": "How sensible does it seem?"}]}],
    "scores": {"credibility": {"of": "all", "how": "sum"}, "expectancy": {"of": "all", "how": "sum"}},
}
AFTER_SESSION = {
    **{"id": "after_session", "title": "How you are now", **HEAD},
    "sections": [{"id": "a", "items": [{"id": "distress", "text": "How upset are you?"}]}],
    "scores": {},
}
PROBES = [
    {"id": "probe_1", "do": "session", "script": "potoo"},
    {"id": "probe_2", "do": "session", "script": "kitchen"},
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_the_checker_takes_the_example_of_each_part(record: Record) -> None:
    faults: list[object] = []
    for example_of_it in samples(record):
        node = read_yaml(yaml_text(example_of_it).encode(), "example.yaml", faults.append)
        assert node is not None
        record.check(node, record.name, Reading("example.yaml", faults.append))
    assert faults == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_the_example_of_each_part_shows_every_key(record: Record) -> None:
    shown = dict.fromkeys(key for example_of_it in samples(record) for key in example_of_it)
    assert sorted(shown) == sorted(field.name for field in record.fields)


@pytest.mark.parametrize("schema", [study_schema(), instrument_schema(), script_schema()], ids=lambda s: s["title"])
def test_the_schema_takes_its_own_examples_and_defaults(schema: dict[str, Any]) -> None:
    tried = 0
    for part in (schema, *schema["$defs"].values()):
        for key, of_key in part["properties"].items():
            values = [*of_key.get("examples", []), *([of_key["default"]] if "default" in of_key else [])]
            for value in values:
                whole = {**of_key, "$defs": schema["$defs"]}
                assert list(Draft202012Validator(whole).iter_errors(value)) == [], key
                tried += 1
    assert tried > 10


def test_the_examples_of_the_three_files_make_a_study_that_loads(tmp_path: Path) -> None:
    files = {NAMES[file]: yaml_text(sample(record)).encode() for file, record in FILES.items()}
    # The examples name four other instruments: the one that is looked back on, two of what people expect, and the one
    # after sessions.
    now = {key: value for key, value in sample(FILES["instruments/ID.yaml"]).items() if key != "then_of"}
    now["id"] = "scenes_now"
    files["instruments/scenes_now.yaml"] = yaml_text(now).encode()
    files["instruments/arm_guess.yaml"] = yaml_text(ARM_GUESS).encode()
    files["instruments/after_session.yaml"] = yaml_text(AFTER_SESSION).encode()
    files["instruments/credibility_6.yaml"] = yaml_text(CREDIBILITY).encode()
    # Its script is a control, matched to another one.
    kitchen = {"slug": "kitchen", "title": "A kitchen", "stages": [{"rest": "30s"}]}
    files["scripts/kitchen.yaml"] = yaml_text(kitchen).encode()
    others = {name: content for name, content in example().items() if not name.endswith(".yaml")}
    others["debrief.md"] = b"Thank you."
    study = read_bundle(as_folder(others | files, tmp_path)).study
    assert [step.id for step in study.steps()] == ["baseline", "s1", "post", "probe_1", "probe_2"]
    assert study.arm("questions").later[0].id == "s1"


@pytest.mark.parametrize("has_parts", [True, False], ids=["in every part", "of the files themselves"])
def test_a_key_that_is_left_out_says_its_default(has_parts: bool) -> None:
    bare = {file: without_defaults(record, has_parts) for file, record in FILES.items()}
    said: set[str] = set()
    whole = {file: with_defaults(record, bare[file], said) for file, record in FILES.items()}
    assert built(bare) == built(whole)
    if has_parts:
        every = {f"{r.name}: {field.name}" for r in RECORDS for field in r.fields if is_left_out(field, has_parts)}
        # A study has one method of allocation; both know this key as the same field.
        assert every - said == {"blocks allocation: by"}


def is_left_out(field: Field, has_parts: bool) -> bool:
    return field.default is not None and not (has_parts and any(True for _ in records_in(field.kind)))


def records_in(kind: Any) -> Iterator[Record]:
    """The records of which a value is made: of each sort one."""
    if isinstance(kind, Record):
        yield kind
    elif isinstance(kind, ByKey | ByPresence):
        yield from kind.sorts.values()
    elif isinstance(kind, ListOf | MapOf):
        yield from records_in(kind.kind)
    elif isinstance(kind, Either):
        for each in kind.kinds:
            yield from records_in(each)


def without_defaults(record: Record, has_parts: bool) -> dict[str, Any]:
    """An example without the keys that have a default; with `has_parts`, with those that are made of other records."""
    shown = samples(record)[0]
    value = {}
    for field in record.fields:
        if not is_left_out(field, has_parts) and field.name in shown:
            made = [without_defaults(part, has_parts) for part in records_in(field.kind)]
            value[field.name] = shaped(field.kind, made) if made else field.example
    return value


def shaped(kind: Any, made: list[dict[str, Any]]) -> Any:
    if isinstance(kind, ListOf):
        return made
    if isinstance(kind, MapOf):
        of_one = kind.kind
        return {f"{kind.called}_{place}": shaped(of_one, [each]) for place, each in enumerate(made)}
    return made[0]


def with_defaults(record: Record, value: dict[str, Any], said: set[str]) -> dict[str, Any]:
    """The same with every default said; `said` gathers which."""
    filled = dict(value)
    for field in record.fields:
        if field.name in value:
            filled[field.name] = inside(field.kind, value[field.name], said)
        elif field.default is not None:
            filled[field.name] = field.default
            said.add(f"{record.name}: {field.name}")
    return filled


def inside(kind: Any, value: Any, said: set[str]) -> Any:
    if isinstance(kind, Record):
        return with_defaults(kind, value, said)
    if isinstance(kind, ByKey):
        return with_defaults(kind.sorts[value[kind.key]], value, said)
    if isinstance(kind, ByPresence):
        return with_defaults(next(kind.sorts[key] for key in kind.sorts if key in value), value, said)
    if isinstance(kind, ListOf):
        return [inside(kind.kind, each, said) for each in value]
    if isinstance(kind, MapOf):
        return {key: inside(kind.kind, each, said) for key, each in value.items()}
    return value


def built(of_file: dict[str, dict[str, Any]]) -> object:
    """What the product makes of the three files."""
    study, instrument, script = (of_file[file] for file in FILES)
    if study.get("counterbalance"):  # the sessions that its example deals out
        study = {**study, "after": [*study.get("after", []), *PROBES]}
    whole = {"study": study, "media": {}, "instruments": {"scenes_4": instrument}, "scripts": {"potoo": script}}
    whole["texts"] = dict.fromkeys(("welcome.md", "welcome.de.md", "consent.md", "debrief.md"), "")
    return study_from_content(json.dumps(whole))
