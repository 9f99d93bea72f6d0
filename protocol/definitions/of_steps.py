"""What a step holds: what is done, when, and how often."""

from __future__ import annotations

from protocol import grammar
from protocol.definitions.shared import (
    Pair,
    anchor,
    duration,
    identifier,
    signed_duration,
    slug,
    step_identifier,
    time_of_day,
    title,
    truth,
)
from protocol.kinds import Choice, Either, Word
from protocol.nodes import Scalar, Sequence
from protocol.records import ByKey, Field, ListOf, Record


def _step_fields(called: str, titled: str) -> tuple[Field, Field]:
    return (
        Field("id", step_identifier, "The step's id: the export's `timepoint`.", True, example=called),
        Field("title", title, "What the person reads as the step's name.", example=titled),
    )


_timing = (
    Field(
        "at",
        anchor,
        "When: ANCHOR + DURATION; ANCHOR is consent, allocation, or STEP, STEP.done, .due or .closed. In place of the "
        "duration `random(7d, 21d)` draws one for each person, and `at 09:00` or `at random(09:00, 21:00)` at the end "
        "sets the time of that day. Without `at` the step follows the nearest required step before it.",
        example="allocation + 14d",
    ),
    Field(
        "repeat",
        Word("how often, such as '24 times every 2d' or '10 times'", grammar.REPEAT, 40),
        "N times every DURATION: N steps called ID_1, ID_2, ..., each that much after the one before was due. "
        "N times: each opens when the one before is done or missed. Where another step names ID, its last is meant.",
        example="24 times every 2d",
    ),
    Field(
        "window",
        Pair(signed_duration, signed_duration, "two durations, [open, close]"),
        "Open from at + open to at + close; without it from `at` until the study ends.",
        example=["-1d", "7d"],
    ),
    Field(
        "remind",
        ListOf(duration, "reminder", 0, 50, is_set=True),
        "Reminders, counted from the opening.",
        default=[],
        example=["0s", "2d", "5d"],
    ),
    Field(
        "between",
        Pair(time_of_day, time_of_day, "two times of day, such as ['09:00', '20:00']"),
        "The person's wall time within which reminders go: from the first up to the second; without it at any time.",
        example=["09:00", "20:00"],
    ),
    Field("optional", truth, "Whether the study goes on without it.", default=False, example=True),
    Field(
        "missed",
        Choice(("skip", "stop")),
        "What follows when it is missed: `skip` goes on, `stop` ends what hangs on it. "
        "Without it `skip` for an optional step, `stop` for a required one.",
        example="skip",
    ),
)
_scripts = Either(
    "a slug, or a list of slugs",
    (slug, ListOf(slug, "script", 2, 100, is_set=True)),
    lambda node: 1 if isinstance(node, Sequence) else 0 if isinstance(node, Scalar) else None,
)
step = ByKey(
    "do",
    {
        "assess": Record(
            "assess step",
            "A planned moment at which questionnaires are answered.",
            (
                *_step_fields("post", "Second questionnaire"),
                Field("do", Choice(("assess",)), "What is done: questionnaires.", True, example="assess"),
                Field(
                    "instruments",
                    ListOf(identifier, "instrument", 1, 50, is_set=True),
                    "The instruments' ids; the step is done with the last.",
                    True,
                    example=["scenes_4"],
                ),
                *_timing,
            ),
            (("script", "do: session"), ("order", "do: session")),
        ),
        "session": Record(
            "session step",
            "A planned moment at which a guided session is followed.",
            (
                *_step_fields("s1", "First session"),
                Field("do", Choice(("session",)), "What is done: a guided session.", True, example="session"),
                Field(
                    "script",
                    _scripts,
                    "The script's slug; or a list of slugs, of which each time of a repeated step takes one.",
                    True,
                    example="potoo",
                ),
                Field(
                    "order",
                    Choice(("sequence", "random", "latin")),
                    "How a list of scripts is gone through: as listed, in an order drawn for each person and each "
                    "round of the list, or by the rows of a balanced Latin square, which people take in turn.",
                    default="sequence",
                    example="latin",
                ),
                *_timing,
            ),
            (("instruments", "do: assess"),),
        ),
    },
    "step",
)
steps = ListOf(step, "step", 0, 500)
