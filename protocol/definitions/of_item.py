"""What an item of instruments/ID.yaml holds: its scale, its choices, its bounds."""

from __future__ import annotations

import re

from protocol import grammar
from protocol.conditions import LONGEST, parse_condition
from protocol.definitions.shared import field_identifier, title, truth, words
from protocol.errors import shown
from protocol.kinds import (
    Checked,
    Choice,
    Defs,
    Either,
    Kind,
    Name,
    Number,
    Reading,
    Schema,
    Truth,
    Word,
    Words,
    check_languages,
    found,
)
from protocol.nodes import Mapping, Node, Scalar, Sequence
from protocol.records import Field, ListOf, MapOf, Record

MAX_POINTS = 1_001


class Labels(Kind):
    """Labels of a scale's points: point -> text, or language -> point -> text."""

    def _noun(self) -> str:
        return "a mapping of point to text, or of language to point to text"

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if not isinstance(node, Mapping) or not node.entries:
            self.unexpected(node, what, reading)
        elif any(isinstance(value, Mapping) and not is_point(key) for key, value in node.entries.values()):
            check_languages(node, what, grammar.LANGUAGE, reading)
            for key, value in node.named():
                self._check_points(value, f"{what} in {key.text}", Word(longest=500), reading)
            self._check_same_points(node, what, reading)
        else:
            self._check_points(node, what, Words(Word(longest=500), grammar.LANGUAGE), reading)

    def _check_points(self, node: Node, what: str, kind: Kind, reading: Reading) -> None:
        if not isinstance(node, Mapping):
            reading.fault(node, f"{what} is {found(node)}; expected a mapping of point to text")
            return
        for key, value in node.entries.values():
            if not is_point(key):
                reading.fault(key, f"{what} has the key {shown(key.text)}; expected a point of the scale, a number")
            else:
                kind.check(value, f"label of {key.text}", reading)

    def _check_same_points(self, node: Mapping, what: str, reading: Reading) -> None:
        languages = [(key, value) for key, value in node.named() if isinstance(value, Mapping)]
        every = dict.fromkeys(
            point for _, value in languages for point, (name, _) in value.entries.items() if is_point(name)
        )
        for key, value in languages:
            lacking = [point for point in every if point not in value.entries]
            if lacking:
                reading.remark(value.line, f"{what} in {key.text} lacks the label of {', '.join(lacking)}")

    def _schema(self, defs: Defs) -> Schema:
        # JSON writes a point as a string that holds a number.
        point = r"^-?[0-9]+(\.[0-9]+)?$"
        text = Word(longest=500).schema(defs)

        def of(value: Schema) -> Schema:
            return {
                "type": "object",
                "minProperties": 1,
                "patternProperties": {point: value},
                "additionalProperties": False,
            }

        language = {"type": "object", "minProperties": 1, "propertyNames": {"pattern": f"^{grammar.LANGUAGE}$"}}
        either = Words(Word(longest=500), grammar.LANGUAGE).schema(defs)
        return {"anyOf": [of(either), {**language, "additionalProperties": of(text)}]}


def is_point(key: Scalar) -> bool:
    """Whether a key is a number, in quotes or not."""
    number = key.value if isinstance(key.value, int | float) and not isinstance(key.value, bool) else None
    return number is not None or re.fullmatch(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{0,8}[1-9])?", key.text) is not None


def scale(name: str, means: str, direction_required: bool) -> Record:
    """A numeric scale: the instrument's, or an item's own."""
    return Record(
        name,
        means,
        (
            Field("min", Number(), "The lowest point.", True, example=1),
            Field("max", Number(), "The highest point.", True, example=5),
            Field("step", Number(above=0), "From point to point.", default=1, example=1),
            Field(
                "labels",
                Labels(),
                "Words of points: point -> text, or language -> point -> text.",
                example={"1": "Nothing appears", "5": "As clear as seeing it"},
            ),
            Field(
                "direction",
                Choice(("higher_is_more", "higher_is_less")),
                "Whether a higher number means more of what is asked, or less.",
                direction_required,
                example="higher_is_more",
            ),
        ),
    )


TYPES = ("scale", "choice", "multi", "number", "text", "date")

choice_id = Word("a choice without ; and without space around it", grammar.CHOICE, 100, is_one_line=True)
choice = Record(
    "choice",
    "One choice of an item.",
    (
        Field("id", choice_id, "What is posted and stored.", True, example="cup"),
        Field("text", title, "What is read; without it the id.", example="A cup"),
        Field("score", Number(), "The number that it counts in scores.", example=2),
    ),
)


def _choice_or_word(node: Node) -> int | None:
    return 1 if isinstance(node, Mapping) else 0 if isinstance(node, Scalar) else None


def _list_or_map(node: Node) -> int | None:
    return 0 if isinstance(node, Sequence) else 1 if isinstance(node, Mapping) else None


choices = Either(
    "a list of choices, or a mapping of id to text",
    (
        ListOf(Either("text, or a mapping with id", (choice_id, choice), _choice_or_word), "choice", 1, 200),
        MapOf(Name(grammar.CHOICE, choice_id.expected, choice_id.longest), title, "choice", 1, 200),
    ),
    _list_or_map,
)


def _condition_problem(text: str) -> str | None:
    try:
        parse_condition(text)
    except ValueError as error:
        return str(error)
    return None


def _number_or_date(node: Node) -> int | None:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, str):
        return 1 if re.fullmatch(grammar.DATE, value) else None
    return 0 if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number_or_choice(node: Node) -> int | None:
    value = node.value if isinstance(node, Scalar) else None
    return 1 if isinstance(value, str) else 0 if isinstance(value, int | float) else None


def _truth_or_words(node: Node) -> int | None:
    if isinstance(node, Mapping) or (isinstance(node, Scalar) and isinstance(node.value, str)):
        return 1
    return 0 if isinstance(node, Scalar) and isinstance(node.value, bool) else None


date = Word("a date such as 2026-01-31", grammar.DATE, 10)
_end = Either("a number, or a date such as 2026-01-31", (Number(), date), _number_or_date)

item = Record(
    "item",
    "One item of a questionnaire. Which keys it may have beside its text hangs on its type.",
    (
        Field("id", field_identifier, "The item's id; `item` in an export.", True, example="h1"),
        Field("text", words, "The item as it is read.", True, example="The outline of the boats against the sky"),
        Field(
            "type",
            Choice(TYPES),
            "How it is answered: a point of a scale, one of its choices, several of them, a number, words, a date.",
            default="scale",
            example="scale",
        ),
        Field("reverse", truth, "Whether scores count min + max - value.", default=False, example=True),
        Field("optional", truth, "Whether one may go on without an answer.", default=False, example=True),
        Field(
            "scale",
            scale("item scale", "A scale of the item's own; without `direction` it has the instrument's.", False),
            "Its own scale; without it the instrument's. Of a `number` its ends and step.",
        ),
        Field(
            "choices",
            choices,
            "What a `choice` or `multi` offers: a list of words (what is read is what is stored), a list of mappings "
            "with `id`, `text` and `score`, or a mapping of id to text.",
            example=["yes", "no"],
        ),
        Field("min", _end, "The least `number`, or the earliest `date`; without it there is no end.", example=0),
        Field("max", _end, "The greatest `number`, or the latest `date`; without it there is no end.", example=60),
        Field(
            "step",
            Number(above=0),
            "From number to number, counted from `min`; without it any number.",
            example=0.5,
        ),
        Field("unit", title, "The unit of a `number`.", example="minutes"),
        Field(
            "longest",
            Number(low=1, high=20_000, is_whole=True),
            "Of a `text`: how many characters at most; without it 4,000.",
            example=500,
        ),
        Field(
            "lines",
            Choice(("one", "many")),
            "Of a `text`: whether it is one line or may be many; without it many.",
            example="one",
        ),
        Field(
            "when",
            Checked(Word("a condition such as q3 == yes", longest=LONGEST, is_one_line=True), _condition_problem),
            "Asked only if this holds: comparisons (`==`, `!=`, `<`, `<=`, `>`, `>=`) of earlier items, joined by "
            "`and`, `or` and parentheses. An item without an answer makes every comparison false.",
            example="came == cup",
        ),
        Field(
            "na",
            Either("true, false, or text", (Truth(), words), _truth_or_words),
            "Whether one may say that it does not apply, and in what words.",
            example="Nothing came",
        ),
        Field(
            "catch",
            Either(
                "the expected answer: a number or a choice",
                (Number(), choice_id),
                _number_or_choice,
            ),
            "The expected answer of an attention check; no score by `all` counts it, and another answer is a flag.",
            example=3,
        ),
    ),
    examples=(
        {
            "id": "h1",
            "text": "The outline of the boats against the sky",
            "type": "scale",
            "reverse": True,
            "optional": True,
            "scale": {
                "min": 0,
                "max": 10,
                "step": 1,
                "labels": {"0": "Nothing appears", "10": "As clear as seeing it"},
                "direction": "higher_is_more",
            },
        },
        {
            "id": "minutes",
            "text": "How long did it stay?",
            "type": "number",
            "min": 0,
            "max": 60,
            "step": 0.5,
            "unit": "minutes",
        },
        {
            "id": "came",
            "text": "What came first?",
            "type": "choice",
            "choices": [
                {"id": "cup", "text": "A cup", "score": 2},
                {"id": "word", "text": "The word for it", "score": 1},
            ],
            "na": "Nothing came",
        },
        {
            "id": "senses",
            "text": "What else was there?",
            "type": "multi",
            "choices": ["sound", "touch", "smell"],
            "when": "came == cup and minutes > 0",
        },
        {"id": "words", "text": "Say it in a sentence.", "type": "text", "longest": 500, "lines": "one"},
        {"id": "since", "text": "When was the last time?", "type": "date", "min": "2000-01-01", "max": "2040-12-31"},
        {"id": "check", "text": "Please choose 3 here.", "catch": 3},
    ),
)
