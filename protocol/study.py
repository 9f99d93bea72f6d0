"""What study.yaml declares, as immutable values. Every other room reads these, and nothing else of a bundle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from protocol.bands import Band
from protocol.care import Leaving, Messages, Panel, Payments, Retention, SafetyPlan
from protocol.durations import ZERO, Duration
from protocol.instrument import Instrument
from protocol.script import Script
from protocol.text import Text


@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition on one eligibility answer: a comparison with a number, a truth value, or one of several choices."""

    op: Literal[">=", "<=", ">", "<", "==", "!=", "is", "in"]
    operand: float | bool | tuple[str, ...]

    def holds(self, answer: int | bool | str) -> bool:
        """Whether `answer` meets the condition."""
        return _COMPARE[self.op](answer, self.operand)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "is": lambda a, b: a is b,
    "in": lambda a, b: a in b,
}


@dataclass(frozen=True, slots=True)
class EligibilityQuestion:
    """One question at the door."""

    id: str
    ask: Text
    type: Literal["integer", "choice", "boolean"]
    choices: tuple[str, ...] = ()
    require: Requirement | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One box of the consent form."""

    id: str
    text: Text
    required: bool


@dataclass(frozen=True, slots=True)
class Consent:
    """The consent form; `text` holds the Markdown of the file, not its name."""

    version: str
    text: Text
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class ScoreRef:
    """`STEP.INSTRUMENT.SCORE`."""

    step: str
    instrument: str
    score: str


@dataclass(frozen=True, slots=True)
class Group:
    """A stratum variable: the band of one score."""

    name: str
    score: ScoreRef
    bands: tuple[Band, ...]


Moment = Literal["done", "due", "closed", "settled"]  # the last: done or missed, which only a series says


@dataclass(frozen=True, slots=True)
class At:
    """`ANCHOR + DURATION`, or a draw in its place.

    Attributes:
        anchor: `consent`, `allocation` or a step's id.
        moment: Which moment of a step; read for steps only.
        offset: How far from there; with `upto`, the least of what is drawn for each person.
        upto: The most of what is drawn: whole days where both are days, else whole seconds.
        further: Added to what is drawn: the place of a repeated step in its series.
        hours: The time of that day: between the two, drawn to the minute; exactly there where they are equal.
        drawn_for: Whose draw it is: every step of a series has that of the series.
    """

    anchor: str
    moment: Moment
    offset: Duration
    upto: Duration | None = None
    further: Duration = ZERO
    hours: tuple[dt.time, dt.time] | None = None
    drawn_for: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Open from `at + open` to `at + close`."""

    open: Duration
    close: Duration


Order = Literal["sequence", "random", "latin"]


@dataclass(frozen=True, slots=True)
class Step:
    """One planned moment of everybody who comes to it; its id is the export's `timepoint`.

    Attributes:
        scripts: Of a session: the scripts of which people have one, in the order of the file.
        order: How several scripts are gone through.
        series: Of a repeated step: the id that the file gives it; else empty.
        time: Its place in its series, from 1.
        dealt: The name of the `counterbalance` that deals its script out; else empty.
    """

    id: str
    do: Literal["assess", "session"]
    title: Text | None = None
    instruments: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    order: Order = "sequence"
    at: At | None = None
    window: Window | None = None
    remind: tuple[Duration, ...] = ()
    between: tuple[dt.time, dt.time] | None = None
    optional: bool = False
    missed: Literal["skip", "stop"] = "stop"  # resolved by the reader: optional steps default to skip
    series: str = ""
    time: int = 1
    dealt: str = ""

    @property
    def script(self) -> str | None:
        """The script of a session that is the same for everybody; None of another step."""
        return self.scripts[0] if len(self.scripts) == 1 else None


@dataclass(frozen=True, slots=True)
class Counterbalance:
    """Sessions whose scripts are dealt out to each person in another order."""

    name: str
    at: tuple[str, ...]
    scripts: tuple[str, ...]
    order: Literal["latin", "random"]


@dataclass(frozen=True, slots=True)
class Allocation:
    """How arms are given out. `by` names groups and eligibility questions, in the order of the file."""

    method: Literal["simple", "blocks"]
    blocks: tuple[int, ...] = ()
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of the trial."""

    name: str
    ratio: int
    title: Text | None
    steps: tuple[Step, ...]
    later: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class OfInstrument:
    """`INSTRUMENT.SCORE`, or `INSTRUMENT.ITEM`."""

    instrument: str
    name: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A score at a timepoint that the trial is about."""

    id: str
    score: OfInstrument
    timepoint: str
    role: str


@dataclass(frozen=True, slots=True)
class FloorRule:
    """Off the floor: at least `items` items above their least at two occasions in a row, declared beforehand."""

    score: OfInstrument
    items: int


@dataclass(frozen=True, slots=True)
class ChangeRules:
    """What the study says of change: whether the SD of a selected sample may speak, and its rules at the floor."""

    selected_norms: bool = False
    floor: tuple[FloorRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Guess:
    """The item that asks which arm one thinks one is in; `arms` by choice, any other choice is *don't know*."""

    item: OfInstrument
    arms: Mapping[str, str]
    confidence: OfInstrument | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """Where the study asks what people expect: scores of credibility and expectancy, and the guess of the arm."""

    credibility: tuple[OfInstrument, ...] = ()
    expectancy: tuple[OfInstrument, ...] = ()
    guess: Guess | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """Which of their own scores people may read: once `after` is settled, or once they have completed the study."""

    scores: tuple[OfInstrument, ...]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """A whole study, checked: every name in it leads somewhere.

    `baseline` holds the steps that change is measured against, the first with a value; empty: the first of all.
    """

    slug: str
    title: Text
    languages: tuple[str, ...]
    timezone: str
    contact: str
    summary: Text  # the Markdown itself
    consent: Consent
    eligibility: tuple[EligibilityQuestion, ...] = ()
    groups: tuple[Group, ...] = ()
    before: tuple[Step, ...] = ()
    allocation: Allocation | None = None
    arms: tuple[Arm, ...] = ()
    after: tuple[Step, ...] = ()
    baseline: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    change: ChangeRules = ChangeRules()
    demand: Demand = Demand()
    feedback: Feedback | None = None
    safety: SafetyPlan = SafetyPlan()
    counterbalances: tuple[Counterbalance, ...] = ()
    messages: Messages = field(default_factory=Messages)
    panel: Panel | None = None
    payments: Payments | None = None
    debrief: Text | None = None  # the Markdown itself
    leaving: tuple[Leaving, ...] = ("training", "contact", "data")
    retention: Retention = Retention()
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    scripts: Mapping[str, Script] = field(default_factory=dict)

    @property
    def is_cohort(self) -> bool:
        """Whether nobody is allocated: everyone does `before` and `after`."""
        return not self.arms

    def arm(self, name: str) -> Arm:
        """The arm called `name` (KeyError without it)."""
        return {arm.name: arm for arm in self.arms}[name]

    def path(self, arm: str | None) -> tuple[Step, ...]:
        """The steps of someone in `arm`, in the study's order; without an arm, those that need none."""
        own = self.arm(arm) if arm else None
        return (*self.before, *(own.steps if own else ()), *self.after, *(own.later if own else ()))

    def series(self, id: str) -> tuple[str, ...]:
        """The ids of the steps that `id` names: its own, or all times of a repeated step."""
        return tuple(step.id for step in self.steps() if id in (step.id, step.series))

    def asked_after(self, arm: str | None) -> tuple[str, ...]:
        """The sessions of somebody in `arm` (None: in none, or none yet) after which it is asked how they are."""
        ask = self.safety.ask
        if ask is None or (ask.arms and arm not in ask.arms):
            return ()
        # Whoever is asked by arm is not asked before they have one: it would tell people apart too early.
        sessions = [
            step.id for step in self.path(arm) if step.do == "session" and not (ask.arms and step in self.before)
        ]
        return tuple(sessions[ask.every - 1 :: ask.every])

    def instruments_at(self, step: Step) -> tuple[str, ...]:
        """Every questionnaire that has this step as its timepoint, for whomever: its own, or that after a session."""
        ask = self.safety.ask
        ways = (None, *(arm.name for arm in self.arms))
        if ask is None or not any(step.id in self.asked_after(way) for way in ways):
            return step.instruments
        return (*step.instruments, ask.instrument)

    def steps(self) -> Iterator[Step]:
        """Every step once, in the study's order: before, arms, after, later; one id in two arms comes once."""
        seen: set[str] = set()
        later = (step for arm in self.arms for step in arm.later)
        for step in (*self.before, *(s for arm in self.arms for s in arm.steps), *self.after, *later):
            if step.id not in seen:
                seen.add(step.id)
                yield step
