"""Conditions of items: how they are written, what they are read as, and when they hold."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.conditions import Comparison, Condition, Given, Joined, Op, comparisons, holds, parse_condition
from protocol.errors import shown

A, B, C = (Comparison(id, "==", "1") for id in "abc")


def both(*parts: Condition) -> Joined:
    return Joined("and", parts)


def either(*parts: Condition) -> Joined:
    return Joined("or", parts)


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("q3 == yes", Comparison("q3", "==", "yes")),
        ("q3==yes", Comparison("q3", "==", "yes")),
        ("  q3  ==  yes  ", Comparison("q3", "==", "yes")),
        ("q3 != yes", Comparison("q3", "!=", "yes")),
        ("q3 < 2", Comparison("q3", "<", "2")),
        ("q3 <= 2", Comparison("q3", "<=", "2")),
        ("q3 > -0.5", Comparison("q3", ">", "-0.5")),
        ("q3 >= 2026-01-31", Comparison("q3", ">=", "2026-01-31")),
        ('q3 == "no idea"', Comparison("q3", "==", "no idea")),
        ("q3 == 'no idea'", Comparison("q3", "==", "no idea")),
        ('q3 == "it\'s"', Comparison("q3", "==", "it's")),
        ("q3 == 'say \"so\"'", Comparison("q3", "==", 'say "so"')),
        ('q3 == ""', Comparison("q3", "==", "")),
        ('q3 == " yes "', Comparison("q3", "==", " yes ")),
        ('q3 == "and"', Comparison("q3", "==", "and")),
        ("q3 == \"(a == 1) or 'b'\"", Comparison("q3", "==", "(a == 1) or 'b'")),
        ("q3 == größer", Comparison("q3", "==", "größer")),
        ("q3 == 杯", Comparison("q3", "==", "杯")),
        ("q3 == q3", Comparison("q3", "==", "q3")),
        ("q3 == android", Comparison("q3", "==", "android")),
        ("and == or1", Comparison("and", "==", "or1")),
        ("(q3 == yes)", Comparison("q3", "==", "yes")),
        ("((q3==yes))", Comparison("q3", "==", "yes")),
    ],
)
def test_a_comparison_is_an_item_a_sign_and_a_value(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("a == 1 and b == 1", both(A, B)),
        ("a == 1 or b == 1", either(A, B)),
        ("a == 1 and b == 1 and c == 1", both(A, B, C)),
        ("a == 1 or b == 1 or c == 1", either(A, B, C)),
        ("a == 1 or b == 1 and c == 1", either(A, both(B, C))),
        ("a == 1 and b == 1 or c == 1", either(both(A, B), C)),
        ("(a == 1 or b == 1) and c == 1", both(either(A, B), C)),
        ("a == 1 and (b == 1 or c == 1)", both(A, either(B, C))),
        ("a == 1 and (b == 1 and c == 1)", both(A, both(B, C))),
        ("(a==1 or b==1)and(c==1)", both(either(A, B), C)),
    ],
)
def test_and_binds_tighter_than_or(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has nothing more where an item's id was expected"),
        ("   ", "it has nothing more where an item's id was expected"),
        ("q3", "it has nothing more where one of ==, !=, <, <=, >, >= was expected"),
        ("q3 ==", "it has nothing more where a value was expected"),
        ("q3 == and", "it has 'and' where a value was expected"),
        ("q3 == or", "it has 'or' where a value was expected"),
        ("== yes", "it has '==' where an item's id was expected"),
        ("Q3 == yes", "it has 'Q3' where an item's id was expected"),
        ("q-3 == yes", "it has 'q-3' where an item's id was expected"),
        ("scenes.q3 == yes", "it has 'scenes.q3' where an item's id was expected"),
        (f"{'q' * 25} == yes", f"it has '{'q' * 25}' where an item's id was expected"),
        ("'q3' == yes", "it has 'q3' where an item's id was expected"),
        ("q3 = yes", "'= yes' can't be read; expected a comparison such as q3 == yes"),
        ("q3 === yes", "'= yes' can't be read; expected a comparison such as q3 == yes"),
        ("q3 =! yes", "'=! yes' can't be read; expected a comparison such as q3 == yes"),
        ("q3 => 2", "'=> 2' can't be read; expected a comparison such as q3 == yes"),
        ("!q3 == yes", "'!q3 == yes' can't be read; expected a comparison such as q3 == yes"),
        ("q3 <> yes", "it has '>' where a value was expected"),
        ("q3 == yes q4", "it has 'q4' where and, or, or the end was expected"),
        ("1 < q3 < 4", "it has '1' where an item's id was expected"),
        ("q3 == 1 == q4", "it has '==' where and, or, or the end was expected"),
        ("q3 == yes and", "it has nothing more where an item's id was expected"),
        ("and q3 == yes", "it has 'q3' where one of ==, !=, <, <=, >, >= was expected"),
        ("q3 == yes or or q4 == yes", "it has 'q4' where one of ==, !=, <, <=, >, >= was expected"),
        ("not q3 == yes", "it has 'q3' where one of ==, !=, <, <=, >, >= was expected"),
        ("a==1or b==1", "it has 'b' where and, or, or the end was expected"),
        ("()", "it has ')' where an item's id was expected"),
        ("(q3 == yes", "it has nothing more where ) was expected"),
        ("q3 == yes)", "it has ')' where and, or, or the end was expected"),
        ("q3 == (yes)", "it has '(' where a value was expected"),
        ('q3 == "yes', "'\"yes' can't be read; expected a comparison such as q3 == yes"),
        ('q3 == "a" "b"', "it has 'b' where and, or, or the end was expected"),
        ("(" * 21 + "q3 == yes" + ")" * 21, "it is nested more than 20 deep"),
        ("(" * 200_000, "it is nested more than 20 deep"),
        ("q3 == \u202eyes \u0007", "it has '\\x07' where and, or, or the end was expected"),
        (
            "q3 == '" + "\u200b" * 100,
            "\"'" + "\\u200b" * 56 + '..."' + " can't be read; expected a comparison such as q3 == yes",
        ),
    ],
)
def test_what_is_no_condition_says_what_was_found_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="was expected|can't be read|nested") as raised:
        parse_condition(text)
    assert str(raised.value) == said
    assert said.isprintable()


def test_parentheses_side_by_side_are_not_deep() -> None:
    text = " and ".join(["(((q3 == yes)))"] * 100)
    assert parse_condition(text) == Joined("and", (Comparison("q3", "==", "yes"),) * 100)


def test_the_comparisons_of_a_condition_come_in_the_order_of_the_text() -> None:
    condition = parse_condition("a == 1 or (b != 2 and (c < 3 or a > 4)) or d == 5")
    assert [f"{each.item}{each.op}{each.value}" for each in comparisons(condition)] == [
        *("a==1", "b!=2", "c<3", "a>4", "d==5")
    ]


# --- holding ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "given_", "expected"),
    [
        ("q == yes", "yes", True),
        ("q == yes", "no", False),
        ("q == yes", "Yes", False),
        ("q != yes", "no", True),
        ("q != yes", "yes", False),
        ("q == 1", "1", True),
        ("q == 1.0", "1", False),
        ("q == 3", 3, True),
        ("q == 3.0", 3, True),
        ("q == 0.1", 0.1, True),
        ("q != 3", 4, True),
        ("q < 3", 2.5, True),
        ("q < 3", 3, False),
        ("q <= 3", 3, True),
        ("q > -1", 0, True),
        ("q >= 10", 9, False),
        ("q < 2026-02-01", "2026-01-31", True),
        ("q >= 2026-02-01", "2026-01-31", False),
        ("q == sound", ("sight", "sound"), True),
        ("q == smell", ("sight", "sound"), False),
        ("q != smell", ("sight", "sound"), True),
        ("q != sound", ("sight", "sound"), False),
    ],
)
def test_a_comparison_holds_by_what_was_given(text: str, given_: Given, expected: bool) -> None:
    assert holds(parse_condition(text), {"q": given_}) is expected


@pytest.mark.parametrize("op", ["==", "!=", "<", "<=", ">", ">="])
def test_an_answer_without_a_value_makes_every_comparison_false(op: str) -> None:
    assert holds(parse_condition(f"q {op} 3"), {"q": None}) is False


@pytest.mark.parametrize("op", ["==", "!=", "<", "<=", ">", ">="])
def test_a_comparison_with_an_item_that_was_not_reached_is_open(op: str) -> None:
    assert holds(parse_condition(f"q {op} 3"), {"p": 3}) is None


TRUTHS = {True: 1, False: 2, None: "not reached"}


@pytest.mark.parametrize("values", list(product(TRUTHS, repeat=3)), ids=str)
def test_and_and_or_are_those_of_three_values(values: tuple[bool | None, ...]) -> None:
    """As in Kleene's strong logic: what is open decides only where the others do not."""
    reached: dict[str, Given] = {
        id: 1.0 if value else 2.0 for id, value in zip("abc", values, strict=True) if value is not None
    }
    every = False if False in values else None if None in values else True
    some = True if True in values else None if None in values else False
    assert holds(both(A, B, C), reached) is every
    assert holds(either(A, B, C), reached) is some
    assert holds(both(A, both(B, C)), reached) is every
    assert holds(either(either(A, B), C), reached) is some


# --- for any condition ------------------------------------------------------------------------------------------------

OPS: tuple[Op, ...] = ("==", "!=", "<", "<=", ">", ">=")
ids = st.from_regex(r"[a-z][a-z0-9_]{0,23}", fullmatch=True)
values = st.text(max_size=20).filter(lambda text: not ('"' in text and "'" in text))
single = st.builds(Comparison, ids, st.sampled_from(OPS), values)
conditions = st.recursive(
    single,
    lambda parts: st.builds(Joined, st.sampled_from(["and", "or"]), st.lists(parts, min_size=2, max_size=4).map(tuple)),
    max_leaves=12,
)


def written(condition: Condition) -> str:
    """The condition as text; parentheses stand round each part that is joined itself."""
    if isinstance(condition, Comparison):
        quote = "'" if '"' in condition.value else '"'
        return f"{condition.item} {condition.op} {quote}{condition.value}{quote}"
    return f" {condition.by} ".join(
        written(p) if isinstance(p, Comparison) else f"({written(p)})" for p in condition.parts
    )


def depth(condition: Condition) -> int:
    return 0 if isinstance(condition, Comparison) else 1 + max(depth(part) for part in condition.parts)


@settings(deadline=None)
@given(conditions.filter(lambda condition: depth(condition) <= 20))
def test_a_condition_that_is_written_and_read_is_the_same(condition: Condition) -> None:
    assert parse_condition(written(condition)) == condition


@settings(deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from([*OPS, "q3", "and", "or", "(", ")", '"', "'", "1", " ", "é", "!"])).map("".join)
)
def test_any_text_is_a_condition_or_a_value_error_that_can_be_printed(text: str) -> None:
    said, condition = "", None
    try:
        condition = parse_condition(text)
    except ValueError as error:
        said = str(error)
    assert said.isprintable()
    assert len(said) < 500
    assert condition is None or parse_condition(written(condition)) == condition


@settings(deadline=None)
@given(conditions, st.dictionaries(ids, st.none() | st.text(max_size=5) | st.just(("a", "b"))), st.data())
def test_what_holds_by_a_part_of_the_answers_holds_by_all_of_them(
    condition: Condition, more: dict[str, Given], data: st.DataObject
) -> None:
    """A person is shown an item once its condition holds, and nothing that they answer later undoes that."""
    named = sorted({comparison.item for comparison in comparisons(condition)})
    answer = st.none() | st.text(max_size=5) | st.just(("a", "b"))
    part: dict[str, Given] = {id: data.draw(answer) for id in named if data.draw(st.booleans())}
    whole = {**more, **{id: data.draw(answer) for id in named}, **part}
    early, late = holds(condition, part), holds(condition, whole)
    assert late is not None
    assert early is None or early is late


def test_what_was_found_is_shown_short() -> None:
    with pytest.raises(ValueError, match="where and, or, or the end was expected") as raised:
        parse_condition("q3 == yes " + "x" * 10_000)
    assert str(raised.value) == f"it has {shown('x' * 10_000)} where and, or, or the end was expected"


def test_a_condition_of_many_comparisons_is_read() -> None:
    text = " or ".join(f'q{n % 100} == "{n}"' for n in range(20_000))
    assert len(list(comparisons(parse_condition(text)))) == 20_000
