"""What study.yaml holds."""

from __future__ import annotations

from protocol import grammar
from protocol.definitions.shared import (
    Pair,
    anchor,
    bands,
    duration,
    field_identifier,
    identifier,
    line,
    markdown,
    signed_duration,
    slug,
    step_identifier,
    stratum_identifier,
    time_of_day,
    title,
    truth,
    words,
    zone,
)
from protocol.kinds import Choice, Constant, Name, Number, Word
from protocol.records import ByKey, Field, ListOf, MapOf, Record

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


group = Record(
    "group",
    "A stratum variable: the band of one score of a step of `before`; without that score a person is in `missing`.",
    (
        Field("score", Word("STEP.INSTRUMENT.SCORE", grammar.SCORE_REF, 74), "The score: STEP.INSTRUMENT.SCORE.", True),
        Field(
            "bands",
            bands(stratum_identifier),
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
