"""What a questionnaire's file declares, as immutable values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from protocol.bands import Band
from protocol.conditions import Condition
from protocol.durations import Duration
from protocol.text import Text

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
