"""What study.yaml holds."""

from __future__ import annotations

from dataclasses import replace

from protocol import grammar
from protocol.definitions.of_care import counterbalance, messages, panel, payments, retention, safety, withdraw
from protocol.definitions.of_steps import steps
from protocol.definitions.shared import (
    bands,
    field_identifier,
    identifier,
    line,
    markdown,
    of_instrument,
    of_item,
    slug,
    stratum_identifier,
    title,
    truth,
    words,
    zone,
)
from protocol.kinds import Choice, Constant, Name, Number, Word
from protocol.records import ByKey, Field, ListOf, MapOf, Record

_question_id = Field("id", field_identifier, "The question's id.", True)
_ask = Field("ask", words, "The question as it is asked.", True)


def _question(kind: str, called: str, ask: str, *fields: Field) -> Record:
    return Record(
        f"{kind} question",
        f"A question at the door whose answer is of type {kind}.",
        (
            replace(_question_id, example=called),
            replace(_ask, example=ask),
            Field("type", Choice((kind,)), "What its answer is.", True, example=kind),
            *fields,
        ),
        (("choices", "type: choice"),),
    )


comparison = Word("a comparison with a number, such as '>= 18'", grammar.COMPARISON, 30)
choice = Word(longest=100, is_one_line=True, pattern=r"\S(?:.*\S)?", expected="text without space around it")
choices = ListOf(choice, "choice", 1, 100, is_set=True)
question = ByKey(
    "type",
    {
        "integer": _question(
            "integer",
            "age",
            "How old are you?",
            Field("require", comparison, "Who may take part: a comparison; without it everybody.", example=">= 18"),
        ),
        "boolean": _question(
            "boolean",
            "again",
            "Have you taken part before?",
            Field(
                "require", truth, "Who may take part: true (yes) or false (no); without it everybody.", example=False
            ),
        ),
        "choice": _question(
            "choice",
            "heard",
            "How did you hear of us?",
            Field("choices", choices, "What may be chosen.", True, example=["clinic", "web", "friend"]),
            Field(
                "require",
                choices,
                "Who may take part: the choices that let in; without it everybody.",
                example=["clinic", "web"],
            ),
        ),
    },
    "eligibility question",
)

statement = Record(
    "statement",
    "One box of the consent form.",
    (
        Field("id", field_identifier, "The statement's id.", True, example="take_part"),
        Field("text", words, "What the person agrees to.", True, example="I agree to take part."),
        Field("required", truth, "Whether nobody takes part without it.", default=True, example=True),
    ),
)
consent = Record(
    "consent",
    "The consent form.",
    (
        Field(
            "version",
            Word("text", longest=40, is_one_line=True),
            "The version, as the ethics board knows it.",
            True,
            example="1.0",
        ),
        Field("text", markdown, "The Markdown file with the form's text.", True, example="consent.md"),
        Field("statements", ListOf(statement, "statement", 1, 50), "The boxes; at least one is required.", True),
    ),
)


group = Record(
    "group",
    "A stratum variable: the band of one score of a step of `before`; without that score a person is in `missing`.",
    (
        Field(
            "score",
            Word("STEP.INSTRUMENT.SCORE", grammar.SCORE_REF, 74),
            "The score: STEP.INSTRUMENT.SCORE.",
            True,
            example="baseline.scenes_4.total",
        ),
        Field(
            "bands",
            bands(stratum_identifier),
            "LABEL: [low, high]; a value belongs to the last band whose low it reaches.",
            True,
            example={"none": [4, 4], "dim": [5, 8], "typical": [9, 18], "vivid": [19, 20]},
        ),
    ),
)


_by = Field(
    "by",
    ListOf(identifier, "stratum variable", 0, 10, is_set=True),
    "What strata are made of: names of groups and ids of eligibility questions.",
    default=[],
    example=["imagery"],
)
allocation = ByKey(
    "method",
    {
        "simple": Record(
            "simple allocation",
            "Every person by a draw of their own.",
            (Field("method", Choice(("simple",)), "How arms are given out.", True, example="simple"), _by),
            (("blocks", "method: blocks"),),
        ),
        "blocks": Record(
            "blocks allocation",
            "Permuted blocks in each stratum.",
            (
                Field("method", Choice(("blocks",)), "How arms are given out.", True, example="blocks"),
                Field(
                    "blocks",
                    ListOf(Number(low=1, high=1_000, is_whole=True), "block", 1, 20),
                    "The blocks' sizes, one drawn each time; multiples of the sum of ratios.",
                    True,
                    example=[2, 4],
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
        Field("ratio", Number(low=1, high=100, is_whole=True), "Its share in the allocation.", default=1, example=1),
        Field("title", title, "What staff read as the arm's name.", example="Sessions first"),
        Field(
            "steps",
            steps,
            "Its steps, between `before` and `after`.",
            default=[],
            example=[
                {"id": "s1", "do": "session", "script": "potoo", "at": "allocation + 0s", "window": ["0s", "7d"]},
                {"id": "s2", "do": "session", "script": "potoo", "at": "s1 + 1d", "window": ["0s", "7d"]},
            ],
        ),
        Field(
            "later",
            steps,
            "Its steps that come after those of `after`, and may be anchored on them: what people who waited get then.",
            default=[],
            example=[{"id": "late_1", "do": "session", "script": "potoo", "at": "post.closed + 1d"}],
        ),
    ),
)

_role = Name(grammar.ID, "primary, secondary, exploratory, or an id of your own")
outcome = Record(
    "outcome",
    "A score at a timepoint that the trial is about.",
    (
        Field("id", identifier, "Its name.", True, example="vividness_after"),
        Field("score", of_instrument, "INSTRUMENT.SCORE.", True, example="scenes_4.total"),
        Field("timepoint", identifier, "The step at which it counts.", True, example="post"),
        Field("role", _role, "What it is for: primary, secondary, exploratory, ...", True, example="primary"),
    ),
)
floor_rule = Record(
    "floor rule",
    "A rule that was declared beforehand: off the floor on some items, at two occasions in a row.",
    (
        Field("score", of_instrument, "INSTRUMENT.SCORE, whose items are looked at.", True, example="scenes_4.total"),
        Field(
            "items",
            Number(low=1, high=500, is_whole=True),
            "On how many items at least an answer lies above the least vivid end.",
            True,
            example=2,
        ),
    ),
)
change = Record(
    "change",
    "How change is judged.",
    (
        Field(
            "selected_norms",
            truth,
            "Whether the SD of a sample that was selected by the score may be used for reliable change.",
            default=False,
            example=False,
        ),
        Field("floor", ListOf(floor_rule, "floor rule", 0, 20), "Rules at the floor.", default=[]),
    ),
)
guess = Record(
    "guess",
    "The question which arm one thinks one is in.",
    (
        Field("item", of_item, "INSTRUMENT.ITEM, an item of type choice.", True, example="arm_guess.guess"),
        Field(
            "arms",
            MapOf(Name(grammar.CHOICE, "a choice", 100), identifier, "choice", 1, 20, "training"),
            "CHOICE: ARM; every other choice means *don't know*.",
            True,
            example={"training": "sessions", "comparison": "questions"},
        ),
        Field("confidence", of_item, "INSTRUMENT.ITEM with how sure one is.", example="arm_guess.sure"),
    ),
)
demand = Record(
    "demand",
    "Where the study asks what people expect: how much of a change expectation could explain.",
    (
        Field(
            "credibility",
            ListOf(of_instrument, "score", 0, 20, is_set=True),
            "INSTRUMENT.SCORE: how credible the training is.",
            default=[],
            example=["credibility_6.credibility"],
        ),
        Field(
            "expectancy",
            ListOf(of_instrument, "score", 0, 20, is_set=True),
            "INSTRUMENT.SCORE: how much people expect of it.",
            default=[],
            example=["credibility_6.expectancy"],
        ),
        Field("guess", guess, "The guess of the arm."),
    ),
)
feedback = Record(
    "feedback",
    "The person's own report: which of their scores they may read, with the error of measurement.",
    (
        Field(
            "scores",
            ListOf(of_instrument, "score", 1, 20, is_set=True),
            "INSTRUMENT.SCORE of each.",
            True,
            example=["scenes_4.total"],
        ),
        Field(
            "after",
            identifier,
            "The step after which it may be read; without it once the person has completed the study.",
            example="post",
        ),
    ),
)
study = Record(
    "study",
    "study.yaml: a whole study.",
    (
        Field("format", Constant(1), "The form of this file.", True, example=1),
        Field("slug", slug, "The study's name in addresses and commands.", True, example="small-scenes"),
        Field("title", title, "The study's title.", True, example="Small scenes: a pilot"),
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
            example=["en", "de"],
        ),
        Field("timezone", zone, "The zone of a person who gives none: an IANA name.", True, example="Europe/London"),
        Field("contact", line, "Whom people write to.", True, example="lab@example.org"),
        Field(
            "summary",
            markdown,
            "The Markdown file that the welcome page shows.",
            True,
            example={"en": "welcome.md", "de": "welcome.de.md"},
        ),
        Field("eligibility", ListOf(question, "eligibility question", 0, 50), "Questions at the door.", default=[]),
        Field("consent", consent, "The consent form.", True),
        Field(
            "groups",
            MapOf(identifier, group, "group", 0, 20, "imagery"),
            "Stratum variables made from scores.",
            default={},
        ),
        Field(
            "before",
            steps,
            "Steps of everyone, before allocation.",
            default=[],
            example=[{"id": "baseline", "do": "assess", "instruments": ["scenes_4"]}],
        ),
        Field("allocation", allocation, "How arms are given out; together with `arms`, or neither."),
        Field(
            "arms",
            MapOf(identifier, arm, "arm", 1, 20),
            "The arms of the trial; together with `allocation`, or neither.",
            example={
                "sessions": {
                    "title": "Sessions first",
                    "steps": [{"id": "s1", "do": "session", "script": "potoo", "at": "allocation + 0s"}],
                },
                "questions": {
                    "title": "Questions first",
                    "later": [{"id": "s1", "do": "session", "script": "potoo", "at": "post.closed + 1d"}],
                },
            },
        ),
        Field(
            "after",
            steps,
            "Steps of every arm, after the arm's own.",
            default=[],
            example=[
                {
                    "id": "post",
                    "do": "assess",
                    "instruments": ["scenes_4"],
                    "at": "allocation + 14d",
                    "window": ["-1d", "7d"],
                    "remind": ["0s", "2d"],
                },
                {"id": "probe_1", "do": "session", "script": "potoo", "at": "post.due + 8d"},
                {"id": "probe_2", "do": "session", "script": "kitchen", "at": "probe_1.due + 7d"},
            ],
        ),
        Field(
            "baseline",
            ListOf(identifier, "step", 0, 20, is_set=True),
            "The steps that change is measured against: the first of them at which a score has a value. Without it the "
            "first of all.",
            default=[],
            example=["baseline"],
        ),
        Field("outcomes", ListOf(outcome, "outcome", 0, 100), "What the trial is about.", default=[]),
        Field("change", change, "How change is judged."),
        Field("demand", demand, "Where the study asks what people expect."),
        Field("feedback", feedback, "The person's own report."),
        Field("safety", safety, "How people are looked after."),
        Field(
            "counterbalance",
            MapOf(identifier, counterbalance, "counterbalance", 0, 20, "probes"),
            "Sessions whose scripts come in another order for each person.",
            default={},
            example={"probes": {"at": ["probe_1", "probe_2"], "order": "latin"}},
        ),
        Field("messages", messages, "The words that the study sends."),
        Field("panel", panel, "Where people come from a panel."),
        Field("payments", payments, "What people are paid."),
        Field(
            "debrief",
            markdown,
            "The Markdown file that people read when they have finished, or left.",
            example="debrief.md",
        ),
        Field("withdraw", withdraw, "What people may leave, each by itself."),
        Field("retention", retention, "How long data are kept."),
    ),
)
