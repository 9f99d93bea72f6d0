"""What instruments/ID.yaml holds."""

from __future__ import annotations

import re

from protocol import grammar
from protocol.definitions.of_item import item, scale
from protocol.definitions.shared import bands, duration, identifier, line, title, truth, words
from protocol.kinds import Choice, Either, Number, Word
from protocol.nodes import Mapping, Node, Scalar, Sequence
from protocol.records import Field, ListOf, MapOf, Record

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
        Field(
            "direction",
            Choice(("higher_is_more", "higher_is_less")),
            "What a higher score means; without it as of the instrument's scale. Items whose scale says otherwise are "
            "mirrored before they count, so a score can be named by its direction.",
            example="higher_is_more",
        ),
        Field(
            "weights",
            MapOf(identifier, Number(), "weight", 0, 500, "h1"),
            "How much an item counts; 1 where it is not named.",
            default={},
            example={"h1": 2},
        ),
    ),
)
level_error = Record(
    "level error",
    "The standard error of measurement at one stretch of a score.",
    (
        Field("from", Number(), "The stretch's lowest value.", True, example=4),
        Field("to", Number(), "The stretch's highest value.", True, example=8),
        Field("sem", Number(above=0), "The standard error there.", True, example=0.9),
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
        Field(
            "selected",
            truth,
            "Whether the sample was chosen by this very score: then its SD speaks of nobody else, and no reliable "
            "change is reckoned by it unless the study's `change` says so.",
            default=False,
            example=False,
        ),
        Field(
            "tag",
            Choice(("unverified",)),
            "`unverified`: shown with that mark, and never used for a verdict.",
            example="unverified",
        ),
        Field(
            "sd_after", Number(above=0), "The SD at the second occasion, for the index of Maassen (2004).", example=3
        ),
        Field("practice_gain", Number(), "The mean change of people who were not trained.", example=0.4),
        Field(
            "errors",
            ListOf(level_error, "error", 1, 50),
            "Standard errors of measurement by level: near the floor one for all levels is false.",
        ),
        Field("interval", line, "The time between test and retest.", example="two weeks"),
    ),
)
scheme = Record(
    "scheme",
    "One published way to put a score into bands. Several may stand side by side: each says its own name.",
    (
        Field("name", identifier, "Its name.", True, example="strict_floor"),
        Field("version", Word("text", longest=40, is_one_line=True), "Its version.", True, example="1"),
        Field("source", words.word, "Where it was published.", True, example="Where these limits were published"),
        Field(
            "bands",
            bands(identifier),
            "LABEL: [low, high]; a value belongs to the last band whose low it reaches.",
            True,
            example={"floor": [4, 4], "above": [5, 20]},
        ),
    ),
)


def _duration_or_words(node: Node) -> int | None:
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return 0 if re.fullmatch(grammar.DURATION, node.value) else 1
    return 1 if isinstance(node, Mapping) else None


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
        Field("scale", scale("scale", "How items are answered.", True), "How items are answered.", True),
        Field(
            "sections",
            ListOf(section, "section", 1, 100),
            "Its sections.",
            True,
            example=[
                {"id": "harbour", "title": "A harbour at dusk", "items": list(item.examples)},
                {"id": "desk", "title": "Your desk", "items": [{"id": "d1", "text": "How the light falls across it"}]},
            ],
        ),
        Field(
            "shuffle",
            Choice(("none", "items", "sections")),
            "What comes in an order of the person's own, fixed for each timepoint; items stay within their section.",
            default="none",
            example="items",
        ),
        Field("scores", MapOf(identifier, score, "score", 0, 100, "total"), "Its scores; {} where it has none.", True),
        Field(
            "bands",
            MapOf(identifier, bands(identifier), "bands of score", 0, 100),
            "SCORE: {LABEL: [low, high]}; a value belongs to the last band whose low it reaches.",
            default={},
            example={"total": {"none": [4, 4], "dim": [5, 8], "typical": [9, 18], "vivid": [19, 20]}},
        ),
        Field("norms", ListOf(norm, "norm", 0, 100), "Reference samples.", default=[]),
        Field(
            "eyes",
            Choice(("open", "closed", "either")),
            "How it is answered: said above each question.",
            example="closed",
        ),
        Field(
            "recall",
            Either("a duration such as 7d, or text", (duration, words), _duration_or_words),
            "The time that its questions look back on: said above each question.",
            example="7d",
        ),
        Field(
            "then_of",
            identifier,
            "The instrument whose then-test this is: the same items, asked afterwards of how one was before.",
            example="scenes_now",
        ),
        Field(
            "forms",
            MapOf(identifier, ListOf(identifier, "section", 1, 100, is_set=True), "form", 2, 8, "a"),
            "Parallel forms and the sections of each; a section in none is in all. A person gets another form at each "
            "timepoint, and everybody the forms in another order.",
            example={"a": ["harbour"], "b": ["desk"]},
        ),
        Field(
            "schemes",
            MapOf(identifier, ListOf(scheme, "scheme", 1, 20), "schemes of score", 0, 100, "total"),
            "Published band schemes by score, several at once.",
            default={},
        ),
        Field(
            "interpretation",
            words,
            "What may be concluded from it, and what not.",
            example="It tells how clear pictures are said to be; it tells nothing of what somebody can do.",
        ),
    ),
)
