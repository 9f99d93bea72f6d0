"""What scripts/SLUG.yaml holds."""

from __future__ import annotations

from protocol import grammar
from protocol.definitions.shared import (
    ID_NOUN,
    audio,
    captions,
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
from protocol.script import FORMS, PURPOSES, USUAL_FORMS

unlock = Record(
    "unlock",
    "How a later layer comes to be offered. The first layer always is.",
    (
        Field(
            "by",
            Choice(("exposure", "rating")),
            "By having gone through the layer before, or by how it was rated. Both are in the log.",
            True,
            example="exposure",
        ),
        Field(
            "times",
            Number(low=1, high=100, is_whole=True),
            "In how many sessions of this script.",
            default=2,
            example=2,
        ),
        Field("rating", identifier, "By rating: which `rate` of the layer before."),
        Field("at_least", Number(), "By rating: the least that opens the next layer."),
    ),
    examples=({"by": "exposure", "times": 2}, {"by": "rating", "times": 2, "rating": "clarity", "at_least": 4}),
)
safety = Record(
    "script safety",
    "What is said beforehand, and for whom it becomes too much.",
    (
        Field(
            "note",
            words,
            "What it may touch, read before it begins.",
            example="It is about water. There is a dry path, too.",
        ),
        Field(
            "exit",
            words,
            "What is said to somebody who wants out of it; without it to look up and name five things around.",
            example="Feel your feet on the floor. Look around. Name five things that you see.",
        ),
    ),
)
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
    layer = Field(
        "layer",
        identifier,
        "The layer that the stage belongs to; stages of one layer stand one after the other.",
        example="texture",
    )
    return Record(f"{kind} stage", means, (named, layer, *fields))


_rating = (
    Field("scale", rating_range, "The rating's two ends.", True),
    Field(
        "na",
        words,
        "What stands beside the scale for whom there is nothing to rate; stored as `not_applicable`.",
        example="There was no picture to rate",
    ),
)
stage = ByPresence(
    {
        "say": _stage(
            "say",
            "shape",
            "Something said, and a silence after it.",
            Field("say", words, "What is said.", True, example="Begin with a shape: a small upright pillow."),
            Field("hold", duration, "The silence after it.", example="20s"),
            Field(
                "audio", audio, "A recording of it, which is heard before any other voice.", example="media/shape.mp3"
            ),
            Field(
                "captions",
                captions,
                "When each of its sentences is heard in the recording, as WebVTT: a cue a sentence.",
                example="media/shape.vtt",
            ),
        ),
        "rate": _stage(
            "rate",
            "layer_1",
            "A rating.",
            Field("rate", identifier, "What is rated; `kind` in an export.", True, example="vividness"),
            *_rating,
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
            *_rating,
        ),
        "form": _stage(
            "form",
            "in_what_form",
            "In what form it came. Several can be chosen; that nothing came is offered first.",
            Field("form", words, "The prompt.", True, example="In what form did it come, if it came?"),
            Field(
                "forms",
                ListOf(Choice(FORMS), "form", 1, len(FORMS), is_set=True),
                f"Which forms are offered, in this order; without it {', '.join(USUAL_FORMS)}.",
                example=["knowing", "words", "place", "picture"],
            ),
        ),
        "check": _stage(
            "check",
            "attending",
            "A question with one right answer, which tells whether somebody was attending.",
            Field("check", words, "The question.", True, example="What did the leaf do?"),
            Field(
                "choices",
                ListOf(words, "choice", 2, 10),
                "The answers to choose from.",
                True,
                example=["It fell", "It burned", "There was no leaf"],
            ),
            Field(
                "answer", Number(low=1, high=10, is_whole=True), "The number of the right one, from 1.", True, example=1
            ),
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
            "purpose",
            Choice(PURPOSES),
            "What it is for: practice, measurement by what is never practised, or a comparison without imagery.",
            default="training",
            example="control",
        ),
        Field(
            "matched_to",
            slug,
            "Of a control: the script that it takes as long as, and asks as much as.",
            example="kitchen",
        ),
        Field("unlock", unlock, "How a later layer comes to be offered; without it all of them are from the start."),
        Field("safety", safety, "What is said beforehand, and for whom it becomes too much."),
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
                {"layer": "shape", "say": "Begin with a shape: a small upright pillow.", "hold": "20s"},
                {"layer": "feathers", "say": "Cover it with feathers.", "hold": "20s"},
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
