"""What study.yaml declares, as immutable values. Every other room reads these, and nothing else of a bundle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from protocol.bands import Band
from protocol.durations import Duration
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


Moment = Literal["done", "due", "closed"]


@dataclass(frozen=True, slots=True)
class At:
    """`ANCHOR + DURATION`. `anchor` is `consent`, `allocation` or a step's id; `moment` is read for steps only."""

    anchor: str
    moment: Moment
    offset: Duration


@dataclass(frozen=True, slots=True)
class Window:
    """Open from `at + open` to `at + close`."""

    open: Duration
    close: Duration


@dataclass(frozen=True, slots=True)
class Step:
    """One planned moment of everybody who comes to it; its id is the export's `timepoint`."""

    id: str
    do: Literal["assess", "session"]
    title: Text | None = None
    instruments: tuple[str, ...] = ()
    script: str | None = None
    at: At | None = None
    window: Window | None = None
    remind: tuple[Duration, ...] = ()
    between: tuple[dt.time, dt.time] | None = None
    optional: bool = False
    missed: Literal["skip", "stop"] = "stop"  # resolved by the reader: optional steps default to skip


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
class Ask:
    """Which questionnaire asks how people are after their sessions.

    Attributes:
        instrument: The questionnaire.
        every: It follows each Nth session of a person's way, those counted that they missed.
        arms: The arms that are asked, in the sessions that come after allocation; empty: everybody, in every session.
    """

    instrument: str
    every: int = 1
    arms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SafetyPlan:
    """How a study looks after people.

    Attributes:
        ask: The questionnaire after sessions; None where there is none.
        support: Where they find help, in the study's own words.
        to: The address of whom they write to when they are not well; None: the study's `contact`.
    """

    ask: Ask | None = None
    support: Text | None = None
    to: str | None = None


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
        between = self.arm(arm).steps if arm else ()
        return (*self.before, *between, *self.after)

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
        """Every step once, in the study's order (before, arms as declared, after); one id in two arms comes once."""
        seen: set[str] = set()
        for step in (*self.before, *(s for arm in self.arms for s in arm.steps), *self.after):
            if step.id not in seen:
                seen.add(step.id)
                yield step
