"""Instruments made to wear the checker out: it says where, in few words, and looks at each part once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from protocol.errors import listed, quoted
from protocol.rules.branching import MOST_CIRCLES, circles
from tests.protocol.bundles import ALL_KINDS, PROGRAMME, as_folder, example, faults_of

HEAD = "id: notes\ntitle: T\nsource: S\nlicence: L\nscale: {min: 0, max: 9, direction: higher_is_more}\n"


def instrument(count: int, item: Callable[[int], str], tail: str = "scores: {}\n", per_section: int = 490) -> str:
    """An instrument of many items, in as few sections as there may be."""
    lines = [
        f"  - id: s{n // per_section}\n    items:\n      - {item(n)}\n"
        if n % per_section == 0
        else f"      - {item(n)}\n"
        for n in range(count)
    ]
    return f"{HEAD}sections:\n{''.join(lines)}{tail}"


def asked_when(condition: Callable[[int], str]) -> Callable[[int], str]:
    return lambda n: f'{{id: q{n}, text: T, when: "{condition(n)}"}}'


def plain_item(n: int) -> str:
    return f"{{id: q{n}, text: T}}"


def said_of(text: str, folder: Path) -> list[str]:
    """What is said of the study of all kinds with this instrument in it."""
    return faults_of(as_folder(example(ALL_KINDS) | {"instruments/notes.yaml": text.encode()}, folder))


def test_five_thousand_items_that_each_hang_on_the_one_before_are_no_fault(tmp_path: Path) -> None:
    after = asked_when(lambda n: f"q{n - 1} == 1")
    assert said_of(instrument(5_000, lambda n: after(n) if n else plain_item(0)), tmp_path) == []


def test_a_ring_of_five_thousand_items_is_one_circle_told_in_short(tmp_path: Path) -> None:
    faults = said_of(instrument(5_000, asked_when(lambda n: f"q{(n + 1) % 5_000} == 1")), tmp_path)
    way = " -> ".join(f"q{n}" for n in range(10))
    assert faults[:2] == [
        f"instruments/notes.yaml:9: when leads in a circle: {way} -> ... -> q0",
        "instruments/notes.yaml:10: when names 'q2', which comes later; expected an item before 'q1'",
    ]
    assert len(faults) == 501


CONDITIONS: Mapping[str, tuple[int, Callable[[int], str]]] = {
    "each names thirty others": (600, lambda n: " or ".join(f"q{(37 * n + 53 * k) % 600} == 1" for k in range(30))),
    "each closes a circle of its own": (2_000, lambda n: f"q{(n + 1) % 2_000} == 1 or q{n // 2} == 1 or q0 == 1"),
    "each names forty that aren't there": (600, lambda n: " or ".join(f"a{k} < 1" for k in range(40))),
    "each repeats itself forty times": (600, lambda n: " or ".join(["q0 == 77"] * 40)),
}


@pytest.mark.parametrize("claim", CONDITIONS)
def test_conditions_in_a_tangle_are_faults_that_say_where(claim: str, tmp_path: Path) -> None:
    count, condition = CONDITIONS[claim]
    faults = said_of(instrument(count, asked_when(condition)), tmp_path)
    assert len(faults) == 501
    assert all(fault.startswith("instruments/notes.yaml:") and len(fault) < 300 for fault in faults)


SECTIONS = ", ".join(f"s{n}" for n in range(100))
SCORES = {
    "each of all": "of: all, how: sum",
    "each of a hundred sections": f"of: [{SECTIONS}], how: sum, direction: higher_is_less",
}


@pytest.mark.parametrize("claim", SCORES)
def test_a_hundred_scores_of_two_thousand_items_are_no_fault(claim: str, tmp_path: Path) -> None:
    scores = "scores:\n" + "".join(f"  z{n}: {{{SCORES[claim]}}}\n" for n in range(100))
    assert said_of(instrument(2_000, plain_item, scores, per_section=20), tmp_path) == []


def test_a_hundred_scores_of_two_thousand_texts_have_a_fault_each_that_is_told_in_short(tmp_path: Path) -> None:
    scores = "scores:\n" + "".join(f"  z{n}: {{{SCORES['each of a hundred sections']}}}\n" for n in range(100))
    faults = said_of(
        instrument(2_000, lambda n: f"{{id: q{n}, text: T, type: text}}", scores, per_section=20), tmp_path
    )
    assert len(faults) == 100
    assert all("and 1980 others, without a number" in fault and len(fault) < 1_000 for fault in faults)


def test_two_hundred_choices_are_not_all_listed(tmp_path: Path) -> None:
    choices = ", ".join("\u202e" + "x" * 90 + str(n) for n in range(200))
    first = f"{{id: c, text: T, type: choice, choices: [{choices}]}}"
    text = instrument(50, lambda n: asked_when(lambda _: "c == x or c == y")(n) if n else first)
    faults = said_of(text, tmp_path)
    assert len(faults) == 98
    assert all(fault.endswith("or 180 others") and fault.isprintable() and len(fault) < 3_000 for fault in faults)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("type: number, min: 1e999", "holds '1e999'; expected a number between -1e12 and 1e12"),
        ("type: number, max: .nan", "holds '.nan'; expected a number between -1e12 and 1e12"),
        ("catch: .inf", "holds '.inf'; expected a number between -1e12 and 1e12"),
        ("type: number, step: 1e-999", "step of item 'q0' is the number 0; expected a number above 0"),
        (
            "type: number, min: -1e12, max: 1e12, step: 1e-320, catch: 0.1",
            "step is 9.99989e-321, too fine for -1e+12 to 1e+12",
        ),
        ("scale: {min: -1e12, max: 1e12, step: 1e-320}, catch: 0.1", "the scale has inf points; expected at most 1001"),
        ("type: number, min: 0, max: 1, when: '" + "(" * 240 + "'", "it is nested more than 20 deep"),
        ("type: number, when: q0 == q0", "when leads in a circle: q0 -> q0"),
        ("type: choice, choices: {? [a, b] : c}", "holds a list or a mapping as a key; expected a word"),
    ],
)
def test_what_no_machine_can_reckon_with_is_a_fault_of_its_line(item: str, said: str, tmp_path: Path) -> None:
    faults = said_of(instrument(1, lambda n: f"{{id: q{n}, text: T, {item}}}"), tmp_path)
    assert faults
    assert all(fault.startswith("instruments/notes.yaml:9: ") for fault in faults)
    assert any(said in fault for fault in faults)


# --- circles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({}, {}),
        ({"a": [], "b": ["a"], "c": ["a", "b"]}, {}),
        ({"a": ["x"], "b": ["a"]}, {}),
        ({"a": ["a"]}, {"a": "aa"}),
        ({"a": ["b"], "b": ["a"]}, {"a": "aba"}),
        ({"a": [], "b": ["c"], "c": ["a", "b"]}, {"b": "bcb"}),
        ({"a": ["d"], "b": ["c"], "c": ["b"], "d": ["c"]}, {"b": "bcb"}),
        ({"a": ["b"], "b": ["c"], "c": ["d"], "d": ["a"]}, {"a": "abcda"}),
        ({"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]}, {"a": "aba", "c": "cdc"}),
    ],
)
def test_a_circle_is_told_from_its_first_item_back_to_it(names: dict[str, list[str]], found: dict[str, str]) -> None:
    assert {first: "".join(way) for first, way in circles(names).items()} == found


def test_each_condition_is_followed_once() -> None:
    followed: list[str] = []

    class Named(list[str]):
        def __iter__(self) -> Iterator[str]:
            for name in super().__iter__():
                followed.append(name)
                yield name

    names = {str(n): Named(str(m % 300) for m in range(n, n + 40)) for n in range(300)}
    assert circles(names)
    assert len(followed) == 300 * 40


def test_of_very_many_circles_some_are_told() -> None:
    assert len(circles({str(n): [str(n ^ 1)] for n in range(1_000)})) == MOST_CIRCLES


def test_a_list_in_a_message_is_cut() -> None:
    assert listed([]) == "nothing"
    assert listed(["a"]) == "a"
    assert listed(str(n) for n in range(20)).endswith("17, 18 or 19")
    assert listed(str(n) for n in range(21)).endswith("18, 19 or 20")
    assert listed(str(n) for n in range(22)).endswith("18, 19 or 2 others")
    assert quoted(["it's", "\u202e"], "and") == "\"it's\" and '\\u202e'"


# --- programmes ------------------------------------------------------------------------------------------------------


def programme(steps: int, times: int, arms: int) -> dict[str, bytes]:
    """A study with so many repeated steps in every list that there is."""

    def listed_steps(prefix: str) -> str:
        return "[" + ", ".join(f"{{id: {prefix}{n}, {what}, repeat: {times} times}}" for n in range(steps)) + "]"

    what = "do: assess, instruments: [mood]"
    files = example(PROGRAMME)
    head = files["study.yaml"].decode().partition("before:\n")[0]
    lists = [f"  a{arm}: {{steps: {listed_steps('s')}, later: {listed_steps('l')}}}" for arm in range(arms)]
    body = [
        "allocation: {method: simple}",
        f"before: {listed_steps('b')}",
        f"after: {listed_steps('e')}",
        "arms:",
        *lists,
    ]
    return files | {"study.yaml": (head + "\n".join(body) + "\n").encode()}


def test_repeats_that_make_millions_of_steps_are_told_in_short(tmp_path: Path) -> None:
    faults = faults_of(as_folder(programme(steps=100, times=366, arms=3), tmp_path))
    assert len(faults) == 8
    assert faults[0] == (
        "study.yaml:10: before has 36,600 steps with all times of the repeated ones; expected at most 2,000"
    )


def test_the_most_steps_that_lists_may_have_are_no_fault(tmp_path: Path) -> None:
    assert faults_of(as_folder(programme(steps=5, times=366, arms=4), tmp_path)) == []
