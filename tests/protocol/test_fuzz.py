"""Whatever bytes a bundle is made of, reading it ends in a bundle or in BundleFaults."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.bundle import Bundle, BundleFaults, read_bundle, write_bundle
from protocol.dumping import yaml_text
from protocol.errors import Fault
from protocol.nodes import Node, plain, read_yaml
from tests.protocol.bundles import ALL_KINDS, PROGRAMME, RECORDED, Files, as_folder, as_zip, example

FILES = example()
STUDIES = (FILES, example(ALL_KINDS), example(RECORDED), example(PROGRAMME))
# Each file of the studies with every key as JSON, and values to put in them.
WHOLE = (STUDIES[1], STUDIES[3])
TREES = [
    {name: json.dumps(plain(read_yaml(text, name, print))) for name, text in files.items() if name.endswith(".yaml")}
    for files in WHOLE
]
VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2.5, 1e12, 1e-320, "", "na", "all", "yes", "2026-01-31", "1e999", "nan", "scenes"),
    *({}, [], ["a"], {"a": "b"}, {"en": "a", "de": "b"}, "higher_is_more", "higher_is_less", "minutes == 1e999"),
    *("scale", "choice", "multi", "number", "text", "date", "dream == yes", "cup == cup and (check > 2)", "l1 < 3"),
    *("3 times", "366 times every 7320d", "train", "train_2", "train_8.closed + random(1d, 3d) at 09:00", ["now"]),
    *("{link}", "{step} {", "distress >= 8", ["probe_1", "train"], "2036-02-30", "90d", 2.555, ["harbour", "street"]),
]
TEXTS = [(files, name) for files in STUDIES for name in sorted(files) if not name.startswith("media/")]
# What YAML, the bundle's own small languages and encodings trip over.
PIECES = [
    *(b": ", b"- ", b"\n", b"\n  ", b"{", b"}", b"[", b"]", b",", b"'", b'"', b"|\n", b">\n", b"# ", b"\t", b"? "),
    *(b"&a ", b"*a", b"!t ", b"<<: ", b"---\n", b"...\n", b"%YAML 1.1\n", b"~", b"null", b"true", b"yes", b"0", b"-1"),
    *(b".nan", b".inf", b"1e999", b"9" * 400, b"\\ud800", b'"\\ud800"', b"\0", b"\xff", b"\xef\xbb\xbf"),
    *("\u2028".encode(), "\u0661d".encode(), b"-1d", b"999999d", b"allocation + 0s", b"s1.closed + 1d", b"s1 + 1d"),
    *(b"when: ", b"q3 == yes", b"h1 > 3", b"and", b"or", b"(", b"==", b"na: true", b"catch: 3", b"choices: [a, b]"),
    *(b"type: choice, ", b"type: multi, ", b"type: number, ", b"type: text, ", b"type: date, ", b"higher_is_more"),
    *(b"scenes.total", b"scenes", b"2026-01-31", b"2026-02-30", b"20260131", b"1e-320", b"0.1", b"; "),
    *(b" at 09:00", b"random(1d, 3d)", b"repeat: 9 times every 1d, ", b"order: latin, ", b"{link}", b"2 times"),
    *(b"all", b"{en: a, de: b}", b"[]", b"{}", b"../x", b"media/potoo.png", b"missing"),
]
patiently = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)


def read(files: Files, folder: Path) -> Bundle | None:
    """The bundle, or nothing after faults that each name a file and a line of it."""
    return _bundle_or_faults(as_folder(files, folder))


@patiently
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_a_tree_or_faults(content: bytes) -> None:
    faults: list[Fault] = []
    node = read_yaml(content, "f.yaml", faults.append)
    assert isinstance(node, Node) or faults


@patiently
@given(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_pieces_of_yaml_are_a_tree_or_faults(content: bytes) -> None:
    faults: list[Fault] = []
    node = read_yaml(content, "f.yaml", faults.append)
    assert isinstance(node, Node) or faults


@patiently
@given(
    text=st.sampled_from(TEXTS),
    edits=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(PIECES) | st.binary(max_size=8)),
        min_size=1,
        max_size=4,
    ),
)
def test_a_mutated_example_is_a_bundle_or_faults(
    text: tuple[Files, str], edits: list[tuple[float, int, bytes]]
) -> None:
    files, name = text
    content = files[name]
    for place, length, piece in edits:
        at = int(place * len(content))
        content = content[:at] + piece + content[at + length :]
    with tempfile.TemporaryDirectory() as folder:
        bundle = read(files | {name: content}, Path(folder) / "a")
        if bundle is not None:
            write_bundle(bundle.content, bundle.open_media, Path(folder) / "b")
            again = read_bundle(Path(folder) / "b")
            assert (again.content, again.study) == (bundle.content, bundle.study)


@patiently
@given(text=st.sampled_from(TEXTS), seed=st.integers(0, 2**32))
def test_an_example_with_a_value_put_elsewhere_is_a_bundle_or_faults(text: tuple[Files, str], seed: int) -> None:
    files, name = text
    draw = random.Random(seed)
    lines = files[name].split(b"\n")
    words = [word for line in lines for word in line.split(b" ") if word]
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(lines))
        parts = lines[place].split(b" ")
        parts[draw.randrange(len(parts))] = draw.choice(words)
        lines[place] = b" ".join(parts)
    with tempfile.TemporaryDirectory() as folder:
        bundle = read(files | {name: b"\n".join(lines)}, Path(folder) / "a")
        if bundle is not None:
            write_bundle(bundle.content, bundle.open_media, Path(folder) / "b")
            assert read_bundle(Path(folder) / "b").content == bundle.content


@patiently
@given(seed=st.integers(0, 2**32))
def test_an_instrument_or_study_with_parts_put_otherwise_is_a_bundle_or_faults(seed: int) -> None:
    """Of sound shape mostly: it reaches the rules that a file with slips of the pen never comes to."""
    draw = random.Random(seed)
    which = draw.randrange(len(WHOLE))
    files, trees = dict(WHOLE[which]), TREES[which]
    name = draw.choice(sorted(trees))
    tree = json.loads(trees[name])
    for _ in range(draw.randint(1, 4)):
        owner, key = draw.choice(list(places(tree)))
        every = [part for _, part in parts_of(json.loads(trees[draw.choice(sorted(trees))]))]
        how = draw.random()
        if how < 0.2:
            del owner[key]
        elif isinstance(owner, dict) and how < 0.4:
            owner[draw.choice([key for key, _ in parts_of(tree) if isinstance(key, str)])] = draw.choice(every)
        else:
            owner[key] = draw.choice([*every, *VALUES])
        tree = json.loads(json.dumps(tree))  # a value that was put in twice is two
    with tempfile.TemporaryDirectory() as folder:
        bundle = read(files | {name: yaml_text(tree).encode()}, Path(folder) / "a")
        if bundle is not None:
            write_bundle(bundle.content, bundle.open_media, Path(folder) / "b")
            assert read_bundle(Path(folder) / "b").content == bundle.content


def parts_of(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every value in a tree, with its key."""
    for key, part in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield key, part
        yield from parts_of(part)


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every mapping or list in a tree with each of its keys."""
    for owner in [tree, *(part for _, part in parts_of(tree))]:
        if isinstance(owner, dict | list):
            yield from ((owner, key) for key in (owner if isinstance(owner, dict) else range(len(owner))))


@patiently
# A control character in a file's name.
@hypothesis.example(edits=[(0.98046875, b"\x01")])
@given(edits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6))
def test_a_mutated_zip_is_a_bundle_or_faults(edits: list[tuple[float, bytes]]) -> None:
    small = {name: content for name, content in FILES.items() if name != "media/potoo.png"}
    with tempfile.TemporaryDirectory() as folder:
        path = as_zip(small | {"media/potoo.png": b"\x89PNG\r\n\x1a\n"}, Path(folder) / "s.zip")
        content = bytearray(path.read_bytes())
        for place, piece in edits:
            # The second half is mostly the table of contents, which is where a zip is fragile.
            at = int(place * (len(content) - len(piece)))
            content[at : at + len(piece)] = piece
        path.write_bytes(content)
        _bundle_or_faults(path)


def _bundle_or_faults(path: Path) -> Bundle | None:
    try:
        return read_bundle(path)
    except BundleFaults as error:
        faults = error.faults
    assert faults
    assert all(fault.line >= 1 and fault.file and str(fault).isprintable() for fault in faults)
    return None
