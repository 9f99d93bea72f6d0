"""Small builders of declared studies, for tests that need a study and not its files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from protocol.bands import Band
from protocol.durations import ZERO, parse_duration
from protocol.study import (
    Allocation,
    Arm,
    At,
    Consent,
    EligibilityQuestion,
    Group,
    Moment,
    Requirement,
    ScoreRef,
    Statement,
    Step,
    Study,
    Window,
)
from protocol.text import Text


def utc(text: str) -> dt.datetime:
    """`2027-03-14T07:30Z` as an aware UTC datetime; anything but UTC is refused."""
    at = dt.datetime.fromisoformat(text)
    assert at.utcoffset() == dt.timedelta(0), text
    return at.astimezone(dt.UTC)


def anchor(text: str) -> At:
    """`s1.closed + 1d`, `allocation`, `s1 - 2h`, as the bundle reader would read it."""
    name, sign, offset = text, "", ""
    for mark in ("+", "-"):
        if mark in text:
            name, sign, offset = text.partition(mark)
    step, _, moment = name.strip().partition(".")
    moments: dict[str, Moment] = {"": "done", "done": "done", "due": "due", "closed": "closed"}
    return At(step, moments[moment], parse_duration(sign + offset.strip()) if offset else ZERO)


def step(
    id: str,
    at: str | None = None,
    window: tuple[str, str] | None = None,
    *,
    remind: Sequence[str] = (),
    between: tuple[str, str] | None = None,
    optional: bool = False,
    missed: Literal["skip", "stop"] | None = None,
    do: Literal["assess", "session"] = "assess",
    instruments: Sequence[str] = ("scenes_4",),
    script: str | None = None,
) -> Step:
    """A step; `missed` defaults as in the bundle: `skip` for optional steps, else `stop`."""
    return Step(
        id=id,
        do=do,
        instruments=tuple(instruments) if do == "assess" else (),
        scripts=(script,) if do == "session" and script else (),
        at=anchor(at) if at else None,
        window=Window(parse_duration(window[0]), parse_duration(window[1])) if window else None,
        remind=tuple(parse_duration(each) for each in remind),
        between=(dt.time.fromisoformat(between[0]), dt.time.fromisoformat(between[1])) if between else None,
        optional=optional,
        missed=missed or ("skip" if optional else "stop"),
    )


def arm(name: str, *steps: Step, ratio: int = 1) -> Arm:
    """An arm of these steps."""
    return Arm(name, ratio, None, tuple(steps))


def study(
    *,
    before: Sequence[Step] = (),
    arms: Sequence[Arm] = (),
    after: Sequence[Step] = (),
    allocation: Allocation | None = None,
    **others: Any,
) -> Study:
    """A study of these steps; with arms and no `allocation` it is allocated by simple draws."""
    return Study(
        slug="built",
        title=Text("Built"),
        languages=("en",),
        timezone="UTC",
        contact="lab@example.org",
        summary=Text("A study."),
        consent=Consent("1", Text("Consent."), (Statement("take_part", Text("I take part."), required=True),)),
        before=tuple(before),
        arms=tuple(arms),
        after=tuple(after),
        allocation=allocation or (Allocation("simple") if arms else None),
        **others,
    )


def bands(spans: Mapping[str, tuple[float, float]]) -> tuple[Band, ...]:
    """Bands from a mapping of label to low and high."""
    return tuple(Band(label, low, high) for label, (low, high) in spans.items())


def example_study() -> Study:
    """The steps, groups and allocation of the study "Small scenes: a pilot", without its texts."""
    day = ("09:00", "20:00")
    built = study(
        before=[step("baseline")],
        arms=[
            arm(
                "sessions",
                step(
                    "s1",
                    "allocation + 0s",
                    ("0s", "7d"),
                    remind=("1d", "3d"),
                    between=day,
                    do="session",
                    script="potoo",
                ),
                step("s2", "s1 + 1d", ("0s", "7d"), remind=("0s", "2d"), between=day, do="session", script="potoo"),
            ),
            arm("questions"),
        ],
        after=[
            step("post", "allocation + 14d", ("-1d", "7d"), remind=("0s", "2d", "5d"), between=day),
            step("day28", "post.due + 28d", ("-3d", "7d"), remind=("0s", "3d"), between=day, optional=True),
        ],
        allocation=Allocation("blocks", (2, 4), ("imagery",)),
        groups=(
            Group(
                "imagery",
                ScoreRef("baseline", "scenes_4", "total"),
                bands({"none": (4, 4), "dim": (5, 8), "typical": (9, 18), "vivid": (19, 20)}),
            ),
        ),
        eligibility=(
            EligibilityQuestion("age", Text("How old are you?"), "integer", (), Requirement(">=", 18)),
            EligibilityQuestion("heard", Text("How did you hear of us?"), "choice", ("clinic", "web", "friend")),
        ),
    )
    return replace(built, slug="small-scenes", languages=("en", "de"), timezone="Europe/London")
