"""What instruments/ID.yaml holds."""

from __future__ import annotations

import re

from protocol import grammar
from protocol.definitions.shared import bands, field_identifier, identifier, line, title, truth, words
from protocol.errors import shown
from protocol.kinds import Choice, Defs, Either, Kind, Number, Reading, Schema, Word, Words, check_languages, found
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


def _scale(name: str, means: str, direction_required: bool) -> Record:
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


item = Record(
    "item",
    "One item of a questionnaire.",
    (
        Field("id", field_identifier, "The item's id; `item` in an export.", True, example="h1"),
        Field("text", words, "The item as it is read.", True, example="The outline of the boats against the sky"),
        Field("reverse", truth, "Whether scores count min + max - value.", default=False, example=True),
        Field("optional", truth, "Whether one may go on without an answer.", default=False, example=True),
        Field(
            "scale",
            _scale("item scale", "A scale of the item's own; without `direction` it has the instrument's.", False),
            "Its own scale; without it the instrument's.",
        ),
    ),
)
section = Record(
    "section",
    "Items under one scene.",
    (
        Field("id", identifier, "The section's id.", True, example="harbour"),
        Field("title", title, "The section's heading.", example="A harbour at dusk"),
        Field(
            "lead",
            words,
            "What stands before its items.",
            example="Think of a small harbour as the lamps come on.",
        ),
        Field("items", ListOf(item, "item", 1, 500), "The items.", True),
    ),
)


def _all_or_list(node: Node) -> int | None:
    if isinstance(node, Sequence):
        return 1
    return 0 if isinstance(node, Scalar) and node.value == "all" else None


def _whole_or_fraction(node: Node) -> int | None:
    if not isinstance(node, Scalar) or isinstance(node.value, bool) or not isinstance(node.value, int | float):
        return None
    return 0 if isinstance(node.value, int) else 1


score = Record(
    "score",
    "A score of the instrument.",
    (
        Field(
            "of",
            Either(
                "all, or a list of items and sections",
                (Choice(("all",)), ListOf(identifier, "part", 1, 500, is_set=True)),
                _all_or_list,
            ),
            "What it is made of: all, or ids of items and sections.",
            True,
            example="all",
        ),
        Field("how", Choice(("sum", "mean")), "How the items are put together.", True, example="sum"),
        Field(
            "missing",
            Record(
                "missing",
                "What happens to missing answers.",
                (
                    Field(
                        "allow",
                        Either(
                            "a whole number of items, or a fraction of them from 0 to below 1",
                            (Number(low=0, high=500, is_whole=True), Number(above=0, below=1)),
                            _whole_or_fraction,
                        ),
                        "How many may be missing: a number of items, or a fraction of them, rounded down; "
                        "more gives no score.",
                        default=0,
                        example=1,
                    ),
                    Field(
                        "how",
                        Choice(("prorate", "none")),
                        "Whether a sum is scaled to all items, or left as it is; a mean is always of those answered.",
                        default="none",
                        example="prorate",
                    ),
                ),
            ),
            "What happens to missing answers; without it none may be missing.",
        ),
    ),
)
norm = Record(
    "norm",
    "A reference sample of one score.",
    (
        Field("score", identifier, "The score.", True, example="total"),
        Field("population", line, "Who was measured.", True, example="220 adults of one town"),
        Field("n", Number(low=1, is_whole=True), "How many.", True, example=220),
        Field("mean", Number(), "The mean.", True, example=13.1),
        Field("sd", Number(above=0), "The standard deviation.", True, example=3.2),
        Field("reliability", Number(low=0, below=1), "The reliability.", True, example=0.85),
        Field(
            "kind",
            Choice(("alpha", "retest")),
            "What the reliability is; reliable change is reckoned by `retest` alone.",
            True,
            example="retest",
        ),
        Field("source", words.word, "Where it was published.", True, example="Where these numbers were published"),
    ),
)
instrument = Record(
    "instrument",
    "instruments/ID.yaml: a questionnaire.",
    (
        Field("id", identifier, "The instrument's id; the file is named by it.", True, example="scenes_4"),
        Field("title", title, "The questionnaire's title.", True, example="Four small scenes"),
        Field(
            "about",
            words,
            "What stands before its first item.",
            example="Close your eyes if you like, then say how clear the picture was.",
        ),
        Field("source", words.word, "Where it was published, or that it is your own.", True, example="Own items"),
        Field("licence", line, "Under what licence it may be used.", True, example="CC0-1.0"),
        Field("scale", _scale("scale", "How items are answered.", True), "How items are answered.", True),
        Field("sections", ListOf(section, "section", 1, 100), "Its sections.", True),
        Field(
            "shuffle",
            Choice(("none", "items", "sections")),
            "What comes in an order of the person's own, fixed for each timepoint; items stay within their section.",
            default="none",
            example="items",
        ),
        Field("scores", MapOf(identifier, score, "score", 1, 100, "total"), "Its scores.", True),
        Field(
            "bands",
            MapOf(identifier, bands(identifier), "bands of score", 0, 100),
            "SCORE: {LABEL: [low, high]}; a value belongs to the last band whose low it reaches.",
            default={},
            example={"total": {"none": [4, 4], "dim": [5, 8], "typical": [9, 18], "vivid": [19, 20]}},
        ),
        Field("norms", ListOf(norm, "norm", 0, 100), "Reference samples.", default=[]),
    ),
)
