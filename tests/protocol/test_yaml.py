"""YAML 1.2 as the bundle reads it: its values, its lines, and all that it refuses."""

from __future__ import annotations

import time

import pytest

from protocol.errors import Fault
from protocol.nodes import MAX_BYTES, MAX_DEPTH, MAX_LINE, MAX_NODES, Mapping, Node, Sequence, plain, read_yaml


def read(text: str | bytes) -> tuple[Node | None, list[str]]:
    """The tree, and what is said of the text."""
    faults: list[Fault] = []
    node = read_yaml(text.encode() if isinstance(text, str) else text, "f.yaml", faults.append)
    return node, [str(fault) for fault in faults]


def value_of(text: str) -> object:
    node, faults = read(f"a: {text}\n")
    assert (node is not None, faults) == (True, [])
    return plain(node)["a"] if node is not None else None


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("Off", "Off"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ('"true"', "true"),
        ("null", None),
        ("~", None),
        ("", None),
        ('""', ""),
        ("12", 12),
        ("012", 12),
        ("+7", 7),
        ("-0", 0),
        ("0o14", 12),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1.0", 1),
        ("1.50", 1.5),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1e-1", 0.1),
        ("'12'", "12"),
        ("1.0.0", "1.0.0"),
        ("09:30", "09:30"),
        ("190:20:30", "190:20:30"),
        ("2026-11-24", "2026-11-24"),
        ("2026-11-24 10:00:00", "2026-11-24 10:00:00"),
        ("=", "="),
        ('"\\u00e9"', "é"),
        ("🦉", "🦉"),
    ],
)
def test_an_unquoted_word_has_the_value_of_the_core_schema(text: str, value: object) -> None:
    found = value_of(text)
    assert found == value
    assert type(found) is type(value)


def test_one_and_one_point_nought_are_the_same_number() -> None:
    assert repr(value_of("1.0")) == repr(value_of("1")) == "1"


def test_a_text_in_block_style_keeps_its_line_breaks() -> None:
    node, _ = read("a: |\n  one\n  two\n")
    assert node is not None
    assert plain(node) == {"a": "one\ntwo\n"}


def test_number_keys_are_one_key_however_they_are_written() -> None:
    node, faults = read("1: a\n1.0: b\n0x1: c\n'1': d\n")
    assert faults == [
        "f.yaml:2: repeats the key '1', first on line 1",
        "f.yaml:3: repeats the key '1', first on line 1",
        "f.yaml:4: repeats the key '1', first on line 1",
    ]
    assert node is not None
    assert plain(node) == {"1": "a"}


def test_keys_keep_their_order() -> None:
    node, _ = read("b: 1\na: 2\nc: 3\n")
    assert node is not None
    assert list(plain(node)) == ["b", "a", "c"]


# --- lines ------------------------------------------------------------------------------------------------------------


def test_lines_count_from_one_and_a_block_is_on_the_line_of_its_key() -> None:
    node, _ = read("# a comment\na:\n  - b\n  -\n    c: d\n\n\ne: >\n  long\n  text\n")
    assert isinstance(node, Mapping)
    sequence = node.entries["a"][1]
    assert isinstance(sequence, Sequence)
    assert (sequence.line, [item.line for item in sequence.items]) == (2, [3, 5])
    assert node.entries["e"][1].line == 8


@pytest.mark.parametrize("text", ["a:\nb: 1\n", "a: # nothing\nb: 1\n", "a:\n\n\nb: 1\n", "a: ~\nb: 1\n"])
def test_nothing_is_on_the_line_of_its_key(text: str) -> None:
    node, _ = read(text)
    assert isinstance(node, Mapping)
    assert node.entries["a"][1].line == 1


def test_windows_line_ends_count_as_one() -> None:
    node, faults = read("a: 1\r\nb: 2\r\n")
    assert isinstance(node, Mapping)
    assert (node.entries["b"][1].line, faults) == (2, [])


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["f.yaml:1: is empty"]),
        ("\n\n# nothing\n", ["f.yaml:1: is empty"]),
        ("a: 1\n--- \nb: 2\n", ["f.yaml:2: holds a second document; expected one"]),
        ("a: 1\n...\n---\nb: 2\n", ["f.yaml:3: holds a second document; expected one"]),
        ("%YAML 1.1\n---\na: 1\n", ["f.yaml:2: says that it is YAML 1.1; expected YAML 1.2"]),
        ("%TAG ! tag:example.org,2026:\n---\na: 1\n", ["f.yaml:2: holds a %TAG line; tags are not accepted"]),
        ("a: [1, 2\nb: 3\n", ["f.yaml:2: is not YAML: expected ',' or ']', but got ':'"]),
        ("a: 1\n b: 2\n", ["f.yaml:2: is not YAML: mapping values are not allowed here"]),
        ("a: 1\n\tb: 2\n", ["f.yaml:2: is not YAML: found character '\\t' that cannot start any token"]),
        ('a: "\\q"\n', ["f.yaml:1: is not YAML: found unknown escape character 'q'"]),
        ('a: "\\U00110000"\n', ["f.yaml:1: is not YAML: chr() arg not in range(0x110000)"]),
        ("a: *b\n", ["f.yaml:1: holds the alias '*b'; aliases are not accepted"]),
        ("a: &b 1\n", ["f.yaml:1: holds the anchor '&b'; anchors are not accepted"]),
        (
            "a: &b [1]\nc: *b\n",
            [
                "f.yaml:1: holds the anchor '&b'; anchors are not accepted",
                "f.yaml:2: holds the alias '*b'; aliases are not accepted",
            ],
        ),
        ("a: !!int 1\n", ["f.yaml:1: holds the tag 'tag:yaml.org,2002:int'; tags are not accepted"]),
        ("a: ! b\n", ["f.yaml:1: holds the tag '!'; tags are not accepted"]),
        (
            "a: !!python/object/apply:os.system [id]\n",
            ["f.yaml:1: holds the tag 'tag:yaml.org,2002:python/object/apply:os.system'; tags are not accepted"],
        ),
        ("a: 1\n<<: {b: 2}\n", ["f.yaml:2: holds the merge key '<<'; merge keys are not accepted"]),
        ("a: 1\nb: 2\na: 3\n", ["f.yaml:3: repeats the key 'a', first on line 1"]),
        ("a: {b: 1, b: 2}\n", ["f.yaml:1: repeats the key 'b', first on line 1"]),
        ("? [a, b]\n: 1\n", ["f.yaml:1: holds a list or a mapping as a key; expected a word"]),
        ("a: .inf\n", ["f.yaml:1: holds '.inf'; expected a number between -1e12 and 1e12"]),
        ("a: -.Inf\n", ["f.yaml:1: holds '-.Inf'; expected a number between -1e12 and 1e12"]),
        ("a: .NaN\n", ["f.yaml:1: holds '.NaN'; expected a number between -1e12 and 1e12"]),
        ("a: 1e400\n", ["f.yaml:1: holds '1e400'; expected a number between -1e12 and 1e12"]),
        ("a: " + "9" * 5_000, [f"f.yaml:1: holds '{'9' * 57}...'; expected a number between -1e12 and 1e12"]),
        ('a: 1\nb: "\\0"\n', ["f.yaml:2: holds the control character U+0000; expected text"]),
        ('a: "\\ud800"\n', ["f.yaml:1: holds the control character U+D800; expected text"]),
        ("a: 1\nb: \x07\n", ["f.yaml:2: holds the control character U+0007; expected text"]),
        ("a: \x7f\n", ["f.yaml:1: holds the control character U+007F; expected text"]),
        ("\ufeffa: 1\n", ["f.yaml:1: begins with a byte order mark; expected plain UTF-8 without one"]),
        (
            "a: 1\n".encode("utf-16"),
            ["f.yaml:1: begins with a byte order mark; expected plain UTF-8 without one"],
        ),
        ("a: 1\nb: Übung\n".encode("latin-1"), ["f.yaml:2: holds the byte 0xdc, which is not UTF-8"]),
        (b"a: 1\nb: \xc0\xaf\n", ["f.yaml:2: holds the byte 0xc0, which is not UTF-8"]),
    ],
)
def test_what_a_study_has_no_use_for_is_refused(text: str | bytes, faults: list[str]) -> None:
    assert read(text)[1] == faults


def test_the_deepest_nesting_is_read_and_one_deeper_is_not() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read(deepest)[1] == []
    assert read(f"[{deepest}]")[1] == ["f.yaml:1: is nested deeper than 20 levels"]


def test_the_most_values_are_read_and_one_more_is_not() -> None:
    assert read("- a\n" * (MAX_NODES - 1))[1] == []
    assert read("- a\n" * MAX_NODES)[1] == [f"f.yaml:{MAX_NODES}: holds more than 50000 values"]


def test_the_longest_line_is_read_and_a_longer_one_is_not() -> None:
    assert read("a: " + "x" * (MAX_LINE - 3))[1] == []
    assert read("b: 1\na: " + "x" * MAX_LINE)[1] == [
        "f.yaml:2: has 50,003 characters in one line; expected at most 50,000"
    ]


BOMBS = {
    "a billion laughs": "a: &a [x, x]\n" + "".join(f"a{n}: &a{n} [*a, *a, *a]\n" for n in range(9_000)),
    "an alias to itself": "a: &a [*a]\n" * 20_000,
    "brackets without end": "[" * MAX_LINE,
    "braces without end": "{a: " * 12_000,
    "dashes without end": "- " * 25_000,
    "question marks without end": "? " * 25_000,
    "exclamation marks without end": ("!" * (MAX_LINE - 1) + "\n") * 19,
    "tags without end": ("!a " * 16_000 + "\n") * 20,
    "anchors without end": ("&a " * 16_000 + "\n") * 20,
    "directives without end": "%a\n" * 300_000,
    "documents without end": "---\n" * 240_000,
    "comments without end": "#\n" * 490_000,
    "keys in flow": "{" + ("a: b,\n" * 160_000) + "}",
    "quotes without end": ("'" * (MAX_LINE - 1) + "\n") * 19,
    "backslashes without end": '"' + ("\\" * (MAX_LINE - 2) + "\n") * 19,
    "indented ever further": "".join(f"{' ' * n}a:\n" for n in range(1_300)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_made_to_do_harm_costs_seconds_at_most(name: str) -> None:
    content = BOMBS[name].encode()
    assert len(content) <= MAX_BYTES
    began = time.process_time()
    read(content)
    assert time.process_time() - began < 20
