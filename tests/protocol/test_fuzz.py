"""Whatever bytes a bundle is made of, reading it ends in a bundle or in BundleFaults."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.bundle import Bundle, BundleFaults, read_bundle, write_bundle
from protocol.errors import Fault
from protocol.nodes import Node, read_yaml
from tests.protocol.bundles import Files, as_folder, as_zip, example

FILES = example()
TEXTS = sorted(name for name in FILES if not name.startswith("media/"))
# What YAML, the bundle's own small languages and encodings trip over.
PIECES = [
    *(b": ", b"- ", b"\n", b"\n  ", b"{", b"}", b"[", b"]", b",", b"'", b'"', b"|\n", b">\n", b"# ", b"\t", b"? "),
    *(b"&a ", b"*a", b"!t ", b"<<: ", b"---\n", b"...\n", b"%YAML 1.1\n", b"~", b"null", b"true", b"yes", b"0", b"-1"),
    *(b".nan", b".inf", b"1e999", b"9" * 400, b"\\ud800", b'"\\ud800"', b"\0", b"\xff", b"\xef\xbb\xbf"),
    *("\u2028".encode(), "\u0661d".encode(), b"-1d", b"999999d", b"allocation + 0s", b"s1.closed + 1d", b"s1 + 1d"),
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
    name=st.sampled_from(TEXTS),
    edits=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(PIECES) | st.binary(max_size=8)),
        min_size=1,
        max_size=4,
    ),
)
def test_a_mutated_example_is_a_bundle_or_faults(name: str, edits: list[tuple[float, int, bytes]]) -> None:
    content = FILES[name]
    for place, length, piece in edits:
        at = int(place * len(content))
        content = content[:at] + piece + content[at + length :]
    with tempfile.TemporaryDirectory() as folder:
        bundle = read(FILES | {name: content}, Path(folder) / "a")
        if bundle is not None:
            write_bundle(bundle.content, bundle.open_media, Path(folder) / "b")
            again = read_bundle(Path(folder) / "b")
            assert (again.content, again.study) == (bundle.content, bundle.study)


@patiently
@given(name=st.sampled_from(TEXTS), seed=st.integers(0, 2**32))
def test_an_example_with_a_value_put_elsewhere_is_a_bundle_or_faults(name: str, seed: int) -> None:
    draw = random.Random(seed)
    lines = FILES[name].split(b"\n")
    words = [word for line in lines for word in line.split(b" ") if word]
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(lines))
        parts = lines[place].split(b" ")
        parts[draw.randrange(len(parts))] = draw.choice(words)
        lines[place] = b" ".join(parts)
    with tempfile.TemporaryDirectory() as folder:
        read(FILES | {name: b"\n".join(lines)}, Path(folder))


@patiently
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
