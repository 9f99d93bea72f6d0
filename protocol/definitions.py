"""What the files of a bundle hold, described once: the checker and the published JSON Schemas are made from this."""

from __future__ import annotations

import re

from protocol import grammar
from protocol.durations import parse_duration
from protocol.errors import shown
from protocol.kinds import (
    Checked,
    Choice,
    Constant,
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
from protocol.records import ByKey, ByPresence, Field, ListOf, MapOf, Record
from protocol.zones import is_zone

MAX_DAYS = 7_320
MAX_POINTS = 1_001

ID_NOUN = "an id: a small letter, then small letters, digits or _, at most 24 characters"
SLUG_NOUN = "a slug: a small letter, then small letters, digits, - or _, at most 24 characters"
# What a page's own fields are called can't be the id of a question on it.
TAKEN = "csrfmiddlewaretoken"

identifier = Name(grammar.ID, ID_NOUN)
field_identifier = Name(grammar.ID, ID_NOUN, reserved=TAKEN)
step_identifier = Name(grammar.ID, ID_NOUN, reserved="consent|allocation")
stage_identifier = Name(grammar.ID, ID_NOUN, reserved=rf"{TAKEN}|reason|{grammar.STAGE_RESERVED}")
stratum_identifier = Name(grammar.ID, ID_NOUN, reserved="missing")
slug = Name(grammar.SLUG, SLUG_NOUN)

words = Words(Word(), grammar.LANGUAGE)
title = Words(Word(longest=300, is_one_line=True), grammar.LANGUAGE)
line = Word(longest=500, is_one_line=True, expected="one line of text")
markdown = Words(
    Word("the path of a Markdown file, such as welcome.md", grammar.MARKDOWN_PATH, 200, mention="markdown"),
    grammar.LANGUAGE,
    expected="the path of a Markdown file, or a map of language to path",
)
picture = Word(
    f"the path of a picture under media/ ({', '.join(grammar.PICTURE_SUFFIXES)})",
    grammar.PICTURE_PATH,
    200,
    mention="picture",
)


def _too_long(text: str) -> str | None:
    return f"expected at most {MAX_DAYS}d" if abs(parse_duration(text).nominal_s) > MAX_DAYS * 86_400 else None


duration = Checked(
    Word("a duration of zero or more, such as 90d, 36h, 20m or 15s", grammar.DURATION, 10, is_one_line=True), _too_long
)
signed_duration = Checked(
    Word("a duration such as 90d, 36h, 20m, 15s or -1d", grammar.SIGNED_DURATION, 10, is_one_line=True), _too_long
)
time_of_day = Word("a time of day such as 09:00", grammar.TIME, 5)
truth = Truth()
zone = Checked(
    Word("an IANA time zone such as Europe/London", longest=64, is_one_line=True),
    lambda name: None if is_zone(name) else "expected an IANA time zone with a region, such as Europe/London, or UTC",
)
anchor = Word("an anchor and a duration, such as 'allocation + 14d' or 's1.due + 1d'", grammar.AT, 60)

# --- study.yaml ------------------------------------------------------------------------------------------------------

_question_id = Field("id", field_identifier, "The question's id.", True)
_ask = Field("ask", words, "The question as it is asked.", True)


def _question(kind: str, *fields: Field) -> Record:
    return Record(
        f"{kind} question",
        f"A question at the door whose answer is of type {kind}.",
        (_question_id, _ask, Field("type", Choice((kind,)), "What its answer is.", True), *fields),
        (("choices", "type: choice"),),
    )


comparison = Word("a comparison with a number, such as '>= 18'", grammar.COMPARISON, 30)
choice = Word(longest=100, is_one_line=True, pattern=r"\S(?:.*\S)?", expected="text without space around it")
choices = ListOf(choice, "choice", 1, 100, is_set=True)
question = ByKey(
    "type",
    {
        "integer": _question(
            "integer", Field("require", comparison, "Who may take part: a comparison, such as '>= 18'.")
        ),
        "boolean": _question("boolean", Field("require", truth, "Who may take part: true (yes) or false (no).")),
        "choice": _question(
            "choice",
            Field("choices", choices, "What may be chosen.", True),
            Field("require", choices, "Who may take part: the choices that let in."),
        ),
    },
    "eligibility question",
)

statement = Record(
    "statement",
    "One box of the consent form.",
    (
        Field("id", field_identifier, "The statement's id.", True),
        Field("text", words, "What the person agrees to.", True),
        Field("required", truth, "Whether nobody takes part without it; true where nothing is said."),
    ),
)
consent = Record(
    "consent",
    "The consent form.",
    (
        Field(
            "version", Word("text", longest=40, is_one_line=True), "The version, as the ethics board knows it.", True
        ),
        Field("text", markdown, "The Markdown file with the form's text.", True),
        Field("statements", ListOf(statement, "statement", 1, 50), "The boxes; at least one is required.", True),
    ),
)


def _bands(label: Name) -> Kind:
    return MapOf(label, Pair(Number(), Number(), "two numbers, [low, high]"), "band", 1, 50)


class Pair(Kind):
    """A list of two."""

    def __init__(self, first: Kind, second: Kind, noun: str) -> None:
        self._says = noun
        self._kinds = (first, second)

    def _noun(self) -> str:
        return self._says

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if not isinstance(node, Sequence):
            self.unexpected(node, what, reading)
            return
        if len(node.items) != 2:
            reading.fault(node, f"{what} has {len(node.items)} values; expected {self.noun}")
            return
        for kind, item, place in zip(self._kinds, node.items, ("first", "second"), strict=True):
            kind.check(item, f"the {place} value of {what}", reading)
        node.is_sound = all(item.is_sound for item in node.items)

    def _schema(self, defs: Defs) -> Schema:
        parts = [kind.schema(defs) for kind in self._kinds]
        return {"type": "array", "prefixItems": parts, "minItems": 2, "maxItems": 2}


group = Record(
    "group",
    "A stratum variable: the band of one score of a step of `before`; without that score a person is in `missing`.",
    (
        Field("score", Word("STEP.INSTRUMENT.SCORE", grammar.SCORE_REF, 74), "The score: STEP.INSTRUMENT.SCORE.", True),
        Field(
            "bands",
            _bands(stratum_identifier),
            "LABEL: [low, high]; a value belongs to the last band whose low it reaches.",
            True,
        ),
    ),
)

_step_fields = (
    Field("id", step_identifier, "The step's id: the export's `timepoint`.", True),
    Field("title", title, "What the person reads as the step's name."),
)
_timing = (
    Field("at", anchor, "When: ANCHOR + DURATION; ANCHOR is consent, allocation, or STEP, STEP.done, .due or .closed."),
    Field(
        "window",
        Pair(signed_duration, signed_duration, "two durations, [open, close]"),
        "Open from at + open to at + close; without it from `at` until the study ends.",
    ),
    Field("remind", ListOf(duration, "reminder", 0, 50, is_set=True), "Reminders, from the opening on."),
    Field(
        "between",
        Pair(time_of_day, time_of_day, "two times of day, such as ['09:00', '20:00']"),
        "The person's wall time within which reminders go: from the first up to the second.",
    ),
    Field("optional", truth, "Whether the study goes on without it; false where nothing is said."),
    Field(
        "missed", Choice(("skip", "stop")), "What follows when it is missed; `skip` is the default of optional steps."
    ),
)
step = ByKey(
    "do",
    {
        "assess": Record(
            "assess step",
            "A planned moment at which questionnaires are answered.",
            (
                *_step_fields,
                Field("do", Choice(("assess",)), "What is done: questionnaires.", True),
                Field(
                    "instruments", ListOf(identifier, "instrument", 1, 50, is_set=True), "The instruments' ids.", True
                ),
                *_timing,
            ),
            (("script", "do: session"),),
        ),
        "session": Record(
            "session step",
            "A planned moment at which a guided session is followed.",
            (
                *_step_fields,
                Field("do", Choice(("session",)), "What is done: a guided session.", True),
                Field("script", slug, "The script's slug.", True),
                *_timing,
            ),
            (("instruments", "do: assess"),),
        ),
    },
    "step",
)
steps = ListOf(step, "step", 0, 500)

_by = Field("by", ListOf(identifier, "stratum variable", 0, 10, is_set=True), "Strata: groups and eligibility ids.")
allocation = ByKey(
    "method",
    {
        "simple": Record(
            "simple allocation",
            "Every person by a draw of their own.",
            (Field("method", Choice(("simple",)), "How arms are given out.", True), _by),
            (("blocks", "method: blocks"),),
        ),
        "blocks": Record(
            "blocks allocation",
            "Permuted blocks in each stratum.",
            (
                Field("method", Choice(("blocks",)), "How arms are given out.", True),
                Field(
                    "blocks",
                    ListOf(Number(low=1, high=1_000, is_whole=True), "block", 1, 20),
                    "The blocks' sizes, one drawn each time; multiples of the sum of ratios.",
                    True,
                ),
                _by,
            ),
        ),
    },
    "allocation",
)
arm = Record(
    "arm",
    "One arm of the trial.",
    (
        Field("ratio", Number(low=1, high=100, is_whole=True), "Its share in the allocation; 1 where nothing is said."),
        Field("title", title, "What people read as the arm's name."),
        Field("steps", steps, "Its steps, between `before` and `after`."),
    ),
)

study = Record(
    "study",
    "study.yaml: a whole study.",
    (
        Field("format", Constant(1), "The form of this file: 1.", True),
        Field("slug", slug, "The study's name in addresses and commands.", True),
        Field("title", title, "The study's title.", True),
        Field(
            "languages",
            ListOf(
                Name(grammar.LANGUAGE, "a language tag such as en, de-AT or zh-Hant", 12),
                "language",
                1,
                50,
                is_set=True,
            ),
            "The languages of every text that is a map; the first is the default.",
            True,
        ),
        Field("timezone", zone, "The zone of a person who gives none: an IANA name, such as Europe/London.", True),
        Field("contact", line, "Whom people write to.", True),
        Field("summary", markdown, "The Markdown file that the welcome page shows.", True),
        Field("eligibility", ListOf(question, "eligibility question", 0, 50), "Questions at the door."),
        Field("consent", consent, "The consent form.", True),
        Field("groups", MapOf(identifier, group, "group", 0, 20), "Stratum variables made from scores."),
        Field("before", steps, "Steps of everyone, before allocation."),
        Field("allocation", allocation, "How arms are given out; together with `arms`."),
        Field("arms", MapOf(identifier, arm, "arm", 1, 20), "The arms of the trial; together with `allocation`."),
        Field("after", steps, "Steps of every arm, after the arm's own."),
    ),
)

# --- instruments/*.yaml ----------------------------------------------------------------------------------------------


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
            Field("min", Number(), "The lowest point.", True),
            Field("max", Number(), "The highest point.", True),
            Field("step", Number(above=0), "From point to point; 1 where nothing is said."),
            Field("labels", Labels(), "Words of points: point -> text, or language -> point -> text."),
            Field(
                "direction",
                Choice(("higher_is_more", "higher_is_less")),
                "Whether a higher number means more of what is asked, or less.",
                direction_required,
            ),
        ),
    )


item = Record(
    "item",
    "One item of a questionnaire.",
    (
        Field("id", field_identifier, "The item's id.", True),
        Field("text", words, "The item as it is read.", True),
        Field("reverse", truth, "Whether scores count min + max - value."),
        Field("optional", truth, "Whether one may go on without an answer."),
        Field(
            "scale", _scale("item scale", "A scale of the item's own.", False), "Its own scale; else the instrument's."
        ),
    ),
)
section = Record(
    "section",
    "Items under one scene.",
    (
        Field("id", identifier, "The section's id.", True),
        Field("title", title, "The section's heading."),
        Field("lead", words, "What stands before its items."),
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
        ),
        Field("how", Choice(("sum", "mean")), "How the items are put together.", True),
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
                        "How many may be missing: a number of items, or a fraction of them; more gives no score.",
                    ),
                    Field(
                        "how", Choice(("prorate", "none")), "Whether a sum is scaled to all items, or left as it is."
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
        Field("score", identifier, "The score.", True),
        Field("population", line, "Who was measured.", True),
        Field("n", Number(low=1, is_whole=True), "How many.", True),
        Field("mean", Number(), "The mean.", True),
        Field("sd", Number(above=0), "The standard deviation.", True),
        Field("reliability", Number(low=0, below=1), "The reliability.", True),
        Field("kind", Choice(("alpha", "retest")), "What the reliability is.", True),
        Field("source", words.word, "Where it was published.", True),
    ),
)
instrument = Record(
    "instrument",
    "instruments/ID.yaml: a questionnaire.",
    (
        Field("id", identifier, "The instrument's id; the file is named by it.", True),
        Field("title", title, "The questionnaire's title.", True),
        Field("about", words, "What stands before its first item."),
        Field("source", words.word, "Where it was published, or that it is your own.", True),
        Field("licence", line, "Under what licence it may be used.", True),
        Field("scale", _scale("scale", "How items are answered.", True), "How items are answered.", True),
        Field("sections", ListOf(section, "section", 1, 100), "Its sections.", True),
        Field("shuffle", Choice(("none", "items", "sections")), "What comes in an order of the person's own."),
        Field("scores", MapOf(identifier, score, "score", 1, 100), "Its scores.", True),
        Field(
            "bands",
            MapOf(identifier, _bands(identifier), "bands of score", 0, 100),
            "SCORE: {LABEL: [low, high]}.",
        ),
        Field("norms", ListOf(norm, "norm", 0, 100), "Reference samples."),
    ),
)

# --- scripts/*.yaml --------------------------------------------------------------------------------------------------

rating_range = Record(
    "range",
    "The two ends of a rating.",
    (Field("min", Number(), "The low end.", True), Field("max", Number(), "The high end.", True)),
)
option = Record(
    "option",
    "One way on.",
    (
        Field("label", words, "What the person reads.", True),
        Field("goto", Name(grammar.ID, ID_NOUN), "The stage that follows, a later one; without it the next."),
    ),
)


def _stage(kind: str, means: str, *fields: Field) -> Record:
    named = Field("id", stage_identifier, "The stage's id; else it is stage_N, N its place among all stages.")
    return Record(f"{kind} stage", means, (named, *fields))


_rating = Field("scale", rating_range, "The rating's two ends.", True)
stage = ByPresence(
    {
        "say": _stage(
            "say",
            "Something said, and a silence after it.",
            Field("say", words, "What is said.", True),
            Field("hold", duration, "The silence after it."),
        ),
        "rate": _stage(
            "rate",
            "A rating.",
            Field("rate", identifier, "What is rated, such as vividness.", True),
            _rating,
        ),
        "report": _stage(
            "report",
            "The person's own words.",
            Field("report", words, "The prompt.", True),
            Field("min_words", Number(low=0, high=1_000, is_whole=True), "How many words are asked for; 0 else."),
        ),
        "draw": _stage(
            "draw",
            "A drawing.",
            Field("draw", words, "The prompt.", True),
            Field("seconds", Number(low=1, high=7_200, is_whole=True), "How long there is to draw; else no limit."),
            Field("condition", Choice(("imagery", "memory", "copy")), "From what it is drawn.", True),
        ),
        "reveal": _stage(
            "reveal",
            "The picture itself.",
            Field("reveal", picture, "The picture's path in the bundle.", True),
            Field("alt", words, "The picture in words.", True),
            Field("credit", line, "Who made it, under what licence."),
        ),
        "compare": _stage(
            "compare",
            "A rating of how close what came was to what was shown.",
            Field("compare", words, "The prompt.", True),
            _rating,
        ),
        "rest": _stage("rest", "A pause.", Field("rest", duration, "How long.", True)),
        "choose": _stage(
            "choose",
            "A choice of how to go on.",
            Field("choose", words, "The prompt.", True),
            Field("options", ListOf(option, "option", 1, 20), "The ways on.", True),
        ),
    },
    "stage",
)
script = Record(
    "script",
    "scripts/SLUG.yaml: a guided session.",
    (
        Field("slug", slug, "The script's slug; the file is named by it.", True),
        Field("title", title, "The session's title.", True),
        Field("about", words, "What it is, for staff."),
        Field(
            "voice",
            Record(
                "voice",
                "How it is read aloud.",
                (
                    Field("rate", Number(low=0.25, high=4), "The speed; 1 where nothing is said."),
                    Field("pause", duration, "The pause between sentences; 1s where nothing is said."),
                ),
            ),
            "How it is read aloud.",
        ),
        Field("stages", ListOf(stage, "stage", 1, 500), "Its stages, in order.", True),
    ),
)
