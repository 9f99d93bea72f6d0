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
    (
        Field("min", Number(), "The low end.", True, example=0),
        Field("max", Number(), "The high end.", True, example=100),
    ),
)
option = Record(
    "option",
    "One way on.",
    (
        Field("label", words, "What the person reads.", True, example="Go on to the picture"),
        Field(
            "goto",
            Name(grammar.ID, ID_NOUN),
            "The stage that follows, a later one; without it the next.",
            example="photo",
        ),
    ),
)


def _stage(kind: str, called: str, means: str, *fields: Field) -> Record:
    named = Field(
        "id",
        stage_identifier,
        "The stage's id; without it `stage_N`, N its place among all stages.",
        example=called,
    )
    return Record(f"{kind} stage", means, (named, *fields))


_rating = Field("scale", rating_range, "The rating's two ends.", True)
stage = ByPresence(
    {
        "say": _stage(
            "say",
            "shape",
            "Something said, and a silence after it.",
            Field("say", words, "What is said.", True, example="Begin with a shape: a small upright pillow."),
            Field("hold", duration, "The silence after it.", example="20s"),
        ),
        "rate": _stage(
            "rate",
            "layer_1",
            "A rating.",
            Field("rate", identifier, "What is rated; `kind` in an export.", True, example="vividness"),
            _rating,
        ),
        "report": _stage(
            "report",
            "what_came",
            "The person's own words.",
            Field("report", words, "The prompt.", True, example="What came to you?"),
            Field(
                "min_words",
                Number(low=0, high=1_000, is_whole=True),
                "How many words are asked for.",
                default=0,
                example=5,
            ),
        ),
        "draw": _stage(
            "draw",
            "sketch",
            "A drawing.",
            Field("draw", words, "The prompt.", True, example="Draw it from your imagination."),
            Field(
                "seconds",
                Number(low=1, high=7_200, is_whole=True),
                "How long there is to draw; without it no limit.",
                example=120,
            ),
            Field(
                "condition", Choice(("imagery", "memory", "copy")), "From what it is drawn.", True, example="imagery"
            ),
        ),
        "reveal": _stage(
            "reveal",
            "photo",
            "The picture itself.",
            Field("reveal", picture, "The picture's path in the bundle.", True, example="media/potoo.png"),
            Field("alt", words, "The picture in words.", True, example="A brown bird with large dark eyes on a branch"),
            Field("credit", line, "Who made it, under what licence.", example="Drawn for this study, CC0"),
        ),
        "compare": _stage(
            "compare",
            "match",
            "A rating of how close what came was to what was shown.",
            Field("compare", words, "The prompt.", True, example="How close was what came to you?"),
            _rating,
        ),
        "rest": _stage("rest", "quiet", "A pause.", Field("rest", duration, "How long.", True, example="30s")),
        "choose": _stage(
            "choose",
            "way",
            "A choice of how to go on.",
            Field("choose", words, "The prompt.", True, example="Would you like to hear it once more?"),
            Field("options", ListOf(option, "option", 1, 20), "The ways on.", True),
        ),
    },
    "stage",
)
script = Record(
    "script",
    "scripts/SLUG.yaml: a guided session.",
    (
        Field("slug", slug, "The script's slug; the file is named by it.", True, example="potoo"),
        Field("title", title, "The session's title.", True, example="A bird you have never seen"),
        Field("about", words, "What it is, for staff.", example="A night bird, built up a layer at a time."),
        Field(
            "voice",
            Record(
                "voice",
                "How it is read aloud.",
                (
                    Field(
                        "rate", Number(low=0.25, high=4), "The speed, 1 being the voice's own.", default=1, example=0.9
                    ),
                    Field("pause", duration, "The pause between sentences.", default="1s", example="2s"),
                ),
            ),
            "How it is read aloud.",
        ),
        Field(
            "stages",
            ListOf(stage, "stage", 1, 500),
            "Its stages, in order.",
            True,
            example=[
                {"say": "Begin with a shape: a small upright pillow.", "hold": "20s"},
                {"id": "layer_1", "rate": "vividness", "scale": {"min": 0, "max": 100}},
                {
                    "choose": "Would you like more time with it?",
                    "options": [{"label": "More time"}, {"label": "Go on to the picture", "goto": "photo"}],
                },
                {"rest": "30s"},
                {"id": "what_came", "report": "What came to you?", "min_words": 0},
                {"id": "photo", "reveal": "media/potoo.png", "alt": "A brown bird with large dark eyes on a branch"},
                {"id": "match", "compare": "How close was what came to you?", "scale": {"min": 0, "max": 100}},
            ],
        ),
    ),
)
