"""What a study declares, as immutable values. Every other room reads these and nothing else of a bundle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from protocol.bands import Band
from protocol.conditions import Condition
from protocol.durations import Duration


@dataclass(frozen=True, slots=True)
class Text:
    """Words that a person may read: the same in every language (`plain`), or one wording a language."""

    plain: str | None = None
    by_language: Mapping[str, str] = field(default_factory=dict)

    def to(self, language: str) -> str:
        """The wording in `language`; a text without it answers with its first wording."""
        if self.plain is not None:
            return self.plain
        return self.by_language.get(language) or next(iter(self.by_language.values()), "")


# --- study.yaml ------------------------------------------------------------------------------------------------------


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

    def steps(self) -> Iterator[Step]:
        """Every step once, in the study's order (before, arms as declared, after); one id in two arms comes once."""
        seen: set[str] = set()
        for step in (*self.before, *(s for arm in self.arms for s in arm.steps), *self.after):
            if step.id not in seen:
                seen.add(step.id)
                yield step


# --- instruments/*.yaml ----------------------------------------------------------------------------------------------


Direction = Literal["higher_is_more", "higher_is_less"]


@dataclass(frozen=True, slots=True)
class Scale:
    """A numeric answer scale; `labels` by point, ascending."""

    min: float
    max: float
    step: float
    direction: Direction
    labels: Mapping[float, Text] = field(default_factory=dict)

    @property
    def points(self) -> tuple[float, ...]:
        """Every value that can be chosen, ascending."""
        count = round((self.max - self.min) / self.step)
        values = (self.min + i * self.step for i in range(count + 1))
        return tuple(int(v) if float(v).is_integer() else round(v, 9) for v in values)

    @property
    def least(self) -> float:
        """The end that says least of what is asked ("nothing appeared")."""
        return self.min if self.direction == "higher_is_more" else self.max


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be: from `min` to `max` (None: no end) in steps of `step` from `min` (None: any)."""

    min: float | None = None
    max: float | None = None
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of an item's choices; `id` is what is stored, `score` what it counts where it has a number."""

    id: str
    text: Text
    score: float | None = None


ItemType = Literal["scale", "choice", "multi", "number", "text", "date"]


@dataclass(frozen=True, slots=True)
class Item:
    """One item. What it is answered by hangs on its type, and only that is set.

    Attributes:
        scale: Of `scale`; already the instrument's where the file gives none of its own.
        choices: Of `choice` and `multi`.
        bounds: Of `number`.
        unit: Of `number`, such as `years`.
        earliest, latest: Of `date`; None for no end.
        longest: Of `text`, in characters.
        is_line: Whether a `text` is one line.
        when: What earlier answers must be for it to be asked; None: it always is.
        na: What *does not apply* is called; None where one can't say that.
        catch: The expected answer of an attention check; None for a real question.
    """

    id: str
    text: Text
    scale: Scale | None
    reverse: bool = False
    optional: bool = False
    type: ItemType = "scale"
    choices: tuple[Choice, ...] = ()
    bounds: Bounds = Bounds()
    unit: Text | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None
    longest: int = 4_000
    is_line: bool = False
    when: Condition | None = None
    na: Text | None = None
    catch: str | None = None

    @property
    def ends(self) -> tuple[float, float] | None:
        """The two ends of its numbers, between which it can be mirrored; None where it has none."""
        if self.scale is not None:
            return self.scale.min, self.scale.max
        low, high = self.bounds.min, self.bounds.max
        return (low, high) if self.type == "number" and low is not None and high is not None else None

    @property
    def has_number(self) -> bool:
        """Whether each of its answers is or counts a number."""
        if self.type in ("scale", "number"):
            return True
        return self.type == "choice" and all(choice.score is not None for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Section:
    """Items under one scene-setting text."""

    id: str
    items: tuple[Item, ...]
    title: Text | None = None
    lead: Text | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A score of an instrument; `of` holds item ids (sections and `all` are already spelled out).

    `direction` is what a higher value means; an item whose scale says otherwise is mirrored before it counts. Without
    one it is that of the instrument's scale, and no item is mirrored but those that are reversed.
    """

    name: str
    of: tuple[str, ...]
    how: Literal["sum", "mean"]
    allow: int | float = 0  # an int counts items; a float is a fraction of the score's items
    missing: Literal["prorate", "none"] = "none"
    direction: Direction | None = None  # None: the instrument's scale's
    weights: Mapping[str, float] = field(default_factory=dict)  # 1 where an item has none


@dataclass(frozen=True, slots=True)
class Norm:
    """A reference sample of one score."""

    score: str
    population: str
    n: int
    mean: float
    sd: float
    reliability: float
    kind: Literal["alpha", "retest"]
    source: str
    selected: bool = False  # chosen by this very score: its sd is too small or too large for anybody else
    unverified: bool = False  # shown with its mark, and never used
    sd_after: float | None = None  # at the second occasion
    practice_gain: float | None = None  # mean change of people who were not trained
    errors: tuple[LevelError, ...] = ()
    interval: str = ""  # between test and retest


@dataclass(frozen=True, slots=True)
class LevelError:
    """The standard error of measurement of values from `low` to `high`."""

    low: float
    high: float
    sem: float


@dataclass(frozen=True, slots=True)
class Scheme:
    """One published way to put a score into bands."""

    name: str
    version: str
    source: str
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire.

    Attributes:
        eyes: How it is answered, where it says so.
        recall: The time that it looks back on: a duration such as `7d`, or words.
        then_of: The instrument whose then-test it is: the same items, asked afterwards of how one was before.
        forms: Its parallel forms: the sections of each.
        schemes: Published band schemes by score.
        interpretation: What may be concluded from it, and what not.
    """

    id: str
    title: Text
    source: str
    licence: str
    scale: Scale
    sections: tuple[Section, ...]
    scores: tuple[Score, ...]
    about: Text | None = None
    shuffle: Literal["none", "items", "sections"] = "none"
    bands: Mapping[str, tuple[Band, ...]] = field(default_factory=dict)
    norms: tuple[Norm, ...] = ()
    eyes: Literal["open", "closed", "either"] | None = None
    recall: Text | Duration | None = None
    then_of: str | None = None
    forms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    schemes: Mapping[str, tuple[Scheme, ...]] = field(default_factory=dict)
    interpretation: Text | None = None

    def items(self) -> tuple[Item, ...]:
        """Every item, in the file's order."""
        return tuple(item for section in self.sections for item in section.items)


# --- scripts/*.yaml --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Range:
    """The two ends of a rating."""

    min: float
    max: float


@dataclass(frozen=True, slots=True)
class Option:
    """One way on from a `choose`; `goto` is the id of a later stage, or None for the next."""

    label: Text
    goto: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a guided session: `kind` says which of the other fields are set."""

    id: str
    kind: Literal["say", "rate", "report", "draw", "reveal", "compare", "rest", "choose"]
    text: Text | None = None  # what is said, or the prompt
    hold: Duration | None = None  # say; rest: how long
    rates: str | None = None  # rate: what is rated, such as "vividness"
    scale: Range | None = None  # rate, compare
    min_words: int = 0  # report
    seconds: int | None = None  # draw
    condition: Literal["imagery", "memory", "copy"] | None = None  # draw
    media: str | None = None  # reveal: path in the bundle
    alt: Text | None = None  # reveal
    credit: str | None = None  # reveal
    options: tuple[Option, ...] = ()  # choose


@dataclass(frozen=True, slots=True)
class Voice:
    """How a script is read aloud."""

    rate: float = 1.0
    pause: Duration = Duration(1, "s")


@dataclass(frozen=True, slots=True)
class Script:
    """A guided session."""

    slug: str
    title: Text
    stages: tuple[Stage, ...]
    about: Text | None = None
    voice: Voice = Voice()
