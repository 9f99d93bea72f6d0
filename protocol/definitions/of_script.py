"""What scripts/SLUG.yaml holds."""

from __future__ import annotations

from protocol import grammar
from protocol.definitions.shared import (
    ID_NOUN,
    duration,
    identifier,
    line,
    picture,
    slug,
    stage_identifier,
    title,
    words,
)
from protocol.kinds import Choice, Name, Number
from protocol.records import ByPresence, Field, ListOf, Record

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
