"""Plausible people: who they are, and what they answer. Pure, and the same for the same seed.

Vividness comes in the classes that open data sets of the 16-item vividness questionnaire show (Kvamme 2025, Mas 2025,
Ruby 2025; means 49 to 59 and standard deviations 10 to 17 on 16 to 80, with 6 to 10 % at the very floor), mixed as a
study that looks for aphantasia would meet them: about half of the people at or near the floor. Nobody's answers depend
on their arm: a rehearsal that invented an effect would teach people to see one. Answering the same questions again
moves an answer up by a hair, as practice does. What has no vividness (`rehearsal.typed`) is a habit: mostly, people
choose the same the next time. Looking back, they say about what they said at first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from assessments.entries import Entry, is_possible
from protocol.instrument import Instrument, Item
from protocol.study import EligibilityQuestion, Study
from rehearsal.typed import Setting, at_the_door, checked, said

Imagery = Literal["none", "dim", "typical", "vivid"]
Status = Literal["answered", "declined", "skipped", "not_applicable"]

# Share of people, and the mean and spread of their level: 0 is the least vivid end of a scale, 1 the most vivid.
CLASSES: tuple[tuple[Imagery, float, float, float], ...] = (
    ("none", 0.28, 0.0, 0.0),
    ("dim", 0.22, 0.11, 0.05),
    ("typical", 0.44, 0.66, 0.12),
    ("vivid", 0.06, 0.95, 0.03),
)
ITEM_SPREAD = {"none": 0.03, "dim": 0.09, "typical": 0.17, "vivid": 0.07}
OCCASION_SPREAD = 0.04  # how far a person's level wanders from one questionnaire to the next
PRACTICE = 0.006  # how far it rises each time that they answer it again
CHANGES_MIND = 0.03  # share of answers that were another one first
SKIPS_OPTIONAL = 0.10
NOT_APPLICABLE = 0.12  # share of people to whom a question does not apply, where that can be said
KEEPS = 0.8  # share of choices, numbers and dates that are the same each time
RECALLS = 0.85  # share of those that are recalled as they were
THEN_SHIFT = -0.03  # how far from the first answer one looking back lies, as a share of the scale: a little lower
THEN_SPREAD = 0.1
WORD_S = 1.1  # seconds that writing a word takes

ZONES_ELSEWHERE = ("America/New_York", "Europe/Berlin", "Europe/London", "Australia/Sydney", "Asia/Kolkata")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who takes part.

    Attributes:
        key: What every draw about this person starts from: study, seed and number.
        level: Their vividness, 0 to 1.
        diligence: Chance that they do a step that is open to them.
        item_s: Median seconds that they take for an item.
        declines: Chance that they would rather not say.
        is_timed: Whether their browser measures times (with JavaScript off it can't).
        arrives: When they consent, as a share of the time of recruitment.
        quits_after_d: Days after consent from which they do nothing more, without a word.
        withdraws_after_d: Days after consent at which they withdraw; None: never.
        pauses_after_d: Days after consent at which they pause for good; None: never.
    """

    key: str
    language: str
    timezone: str
    eligibility: dict[str, int | bool | str]
    agreed: frozenset[str]
    imagery: Imagery
    level: float
    diligence: float
    item_s: float
    declines: float
    is_timed: bool
    arrives: float
    quits_after_d: float
    withdraws_after_d: float | None
    pauses_after_d: float | None


@dataclass(frozen=True, slots=True)
class Reply:
    """One item met: what was said, after how many seconds, and what had been said first (None: nothing else).

    A number is a `value`; a choice, words or a date are a `text`.
    """

    item: str
    status: Status
    value: float | None
    took_s: float
    first: Entry | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """An item, and its points from the least vivid to the most, whichever way its numbers and its wording run.

    `points` is empty where it is answered in another way, or not by how vivid anything is. `habit` names what people
    answer alike: an item, whenever it is asked, and the same of its then-test.
    """

    item: Item
    points: tuple[float, ...]
    habit: str


def person(study: Study, seed: str, number: int, length_d: float) -> Person:
    """The person of that number (from 1). The same seed and number give the same one, however many others there are.

    Args:
        study: What they take part in.
        seed: Any text.
        number: Counts the people of one seed.
        length_d: How long the study takes one person, in days: some stop on the way.
    """
    key = f"{study.slug}:{seed}:{number}"
    rng = draws(key)
    imagery, level = _imagery(rng)
    return Person(
        key=key,
        language=study.languages[0] if rng.random() < 0.65 else rng.choice(study.languages),
        timezone=study.timezone if rng.random() < 0.85 else rng.choice(ZONES_ELSEWHERE),
        eligibility={question.id: _fitting(question, rng) for question in study.eligibility},
        agreed=frozenset(s.id for s in study.consent.statements if s.required or rng.random() < 0.7),
        imagery=imagery,
        level=level,
        diligence=rng.betavariate(10, 1.6),
        item_s=rng.lognormvariate(1.5, 0.35),
        declines=0.004 if rng.random() < 0.9 else 0.08,
        is_timed=rng.random() < 0.97,
        arrives=rng.random(),
        quits_after_d=rng.expovariate(1 / (7 * length_d)),
        withdraws_after_d=rng.random() * length_d if rng.random() < 0.03 else None,
        pauses_after_d=rng.random() * length_d if rng.random() < 0.05 else None,
    )


def draws(key: str) -> Random:
    """A generator that gives the same draws for the same key, in every process and whatever else was drawn."""
    return Random(key)  # noqa: S311 - to be the same again is what it is for


def ladders(instrument: Instrument) -> dict[str, Ladder]:
    """Every item's ladder, by its id."""
    of = instrument.then_of or instrument.id
    return {item.id: Ladder(item, _points(item), f"{of}:{item.id}") for item in instrument.items()}


def replies(
    person: Person,
    order: Iterable[Ladder],
    times_before: int,
    rng: Random,
    *,
    day: dt.date,
    before: Mapping[str, Entry] | None = None,
) -> tuple[Reply, ...]:
    """What the person says to the items in this order, whether they turn out to be due or not.

    Args:
        person: Who answers.
        order: The items as they are shown.
        times_before: How often they have answered this questionnaire already.
        rng: Draws for this questionnaire alone.
        day: The day on which they answer, where they live.
        before: Of a then-test what they first said, by item.
    """
    spread = ITEM_SPREAD[person.imagery]
    level = person.level
    if person.imagery != "none":
        level += rng.gauss(0, OCCASION_SPREAD) + PRACTICE * times_before
    setting, first = Setting(person.language, day), before or {}
    return tuple(_reply(person, ladder, level, spread, setting, first.get(ladder.item.id), rng) for ladder in order)


def _reply(
    person: Person,
    ladder: Ladder,
    level: float,
    spread: float,
    setting: Setting,
    before: Entry | None,
    rng: Random,
) -> Reply:
    item = ladder.item
    took_s = max(0.4, person.item_s * rng.lognormvariate(0, 0.45))
    if item.optional and rng.random() < SKIPS_OPTIONAL:
        return Reply(item.id, "skipped", None, took_s)
    if rng.random() < person.declines:
        return Reply(item.id, "declined", None, took_s)
    if item.na is not None and draws(f"{person.key}:{ladder.habit}:na").random() < NOT_APPLICABLE:
        return Reply(item.id, "not_applicable", None, took_s)
    if item.catch is not None:
        return _answered(item, checked(item, setting, person.diligence, rng), took_s)
    if before is not None and is_possible(item, before):
        return _answered(item, _recalled(ladder, before, setting, rng), took_s)
    if not ladder.points:
        return _otherwise(person, ladder, setting, took_s, rng)
    last = len(ladder.points) - 1
    step = min(max(round((level + rng.gauss(0, spread)) * last), 0), last)
    first = None
    if last and rng.random() < CHANGES_MIND:
        first = Entry(ladder.points[step + 1 if step < last else step - 1])
    return Reply(item.id, "answered", ladder.points[step], took_s, first)


def _otherwise(person: Person, ladder: Ladder, setting: Setting, took_s: float, rng: Random) -> Reply:
    """An answer that does not hang on how vivid anything is."""
    item = ladder.item
    keeps = rng.random() < KEEPS and item.type != "text"
    drawn_by = draws(f"{person.key}:{ladder.habit}") if keeps else rng
    entry = at_the_door(item, person.eligibility) or said(item, setting, drawn_by)
    first = said(item, setting, rng) if rng.random() < CHANGES_MIND else entry
    return _answered(item, entry, took_s, None if first == entry else first)


def _recalled(ladder: Ladder, before: Entry, setting: Setting, rng: Random) -> Entry:
    """What is said of how one was, near what was said then."""
    if not ladder.points:
        return before if rng.random() < RECALLS else said(ladder.item, setting, rng)
    last = len(ladder.points) - 1
    step = _step_of(ladder.points, before.value or 0) + round(last * rng.gauss(THEN_SHIFT, THEN_SPREAD))
    return Entry(ladder.points[min(max(step, 0), last)])


def _step_of(points: Sequence[float], value: float) -> int:
    return min(range(len(points)), key=lambda step: abs(points[step] - value))


def _answered(item: Item, entry: Entry, took_s: float, first: Entry | None = None) -> Reply:
    took_s += WORD_S * len(entry.text.split()) if item.type == "text" else 0
    return Reply(item.id, "answered", entry.value, took_s, first, entry.text)


def _points(item: Item) -> tuple[float, ...]:
    scale = item.scale
    if scale is None or item.catch is not None:
        return ()
    upward = (scale.direction == "higher_is_more") != item.reverse
    return scale.points if upward else scale.points[::-1]


def _imagery(rng: Random) -> tuple[Imagery, float]:
    names = [name for name, _, _, _ in CLASSES]
    drawn = rng.choices(names, weights=[share for _, share, _, _ in CLASSES])[0]
    mean, spread = next((m, s) for name, _, m, s in CLASSES if name == drawn)
    return drawn, min(max(rng.gauss(mean, spread), 0.0), 1.0)


def _fitting(question: EligibilityQuestion, rng: Random) -> int | bool | str:
    """An answer that lets in; where no plausible one does, one that at least is an answer."""
    for _ in range(40):
        answer = _plausible(question, rng)
        if question.require is None or question.require.holds(answer):
            return answer
    return _nearest(question, answer)


def _plausible(question: EligibilityQuestion, rng: Random) -> int | bool | str:
    if question.type == "integer":
        return min(max(round(rng.lognormvariate(3.5, 0.4)), 18), 85)
    if question.type == "boolean":
        return rng.random() < 0.5
    return rng.choice(question.choices)


def _nearest(question: EligibilityQuestion, answer: int | bool | str) -> int | bool | str:
    """For requirements that ordinary answers never meet, such as an age below 10: the edge that they name."""
    require = question.require
    if require is None or question.type != "integer" or isinstance(require.operand, tuple):
        return answer
    edge = round(float(require.operand))
    return next((near for near in (edge, edge + 1, edge - 1) if require.holds(near)), answer)
