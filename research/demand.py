"""How much could expectation explain? What people were told to hope for, how their yardstick moved, who knew the arm.

It names what could stand in for an effect of training; it takes nothing off an effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from assessments.derived import reach
from assessments.models import ScoreRow
from assessments.scoring import direction_of, is_mirrored, members
from coaching.models import Study
from coaching.selectors.studies import declared
from protocol.instrument import Instrument, Score
from protocol.study import OfInstrument
from protocol.study import Study as Declared
from research.analysis import NotComputable
from research.analysis.blinding import Bang, James
from research.analysis.expectation import Correlation, Shift, Spread, correlation, shift, spread
from research.counts import Versions, versions_of
from research.guesses import Guessed, guessed


@dataclass(frozen=True, slots=True)
class Expected:
    """One score of credibility or expectancy.

    Attributes:
        kind: `credibility` or `expectancy`.
        of: The questionnaire and the score.
        ends: The least and the greatest value that it can have; None where an item has no ends.
        direction: `higher_is_more` or `higher_is_less`.
        groups: By timepoint, in the study's order, and by arm; only where somebody has a value.
    """

    kind: str
    of: OfInstrument
    ends: tuple[float, float] | None
    direction: str
    groups: tuple[tuple[str, str, Spread], ...]


@dataclass(frozen=True, slots=True)
class ThenTest:
    """One score of a questionnaire, beside the same score as people look back on it.

    Attributes:
        of: The questionnaire and the score.
        then: The questionnaire that looks back.
        before: The timepoints of before, the first with a value speaks.
        at: The timepoint at which people look back.
        after: The timepoint that tells how they are after.
        direction: `higher_is_more` or `higher_is_less`.
        groups: By arm.
    """

    of: OfInstrument
    then: str
    before: tuple[str, ...]
    at: str
    after: str
    direction: str
    groups: tuple[tuple[str, Shift], ...]


@dataclass(frozen=True, slots=True)
class WithChange:
    """How expectancy, where it is first asked, goes together with the change of a primary outcome, by arm."""

    expectancy: OfInstrument
    asked: str
    outcome: str
    score: OfInstrument
    timepoint: str
    groups: tuple[tuple[str, Correlation], ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """All of it, as the newest version of the study declares it. What is not declared is empty."""

    arms: tuple[str, ...]
    expected: tuple[Expected, ...]
    then_tests: tuple[ThenTest, ...]
    guessed: tuple[Guessed, ...]
    with_change: tuple[WithChange, ...]


def demand_of(study: Study, synthetic: bool | None = None, versions: Versions | None = None) -> Demand:
    """The numbers, of everybody who was not erased; of the simulated alone, or the others, if `synthetic` says so.

    Answers to an earlier content of a questionnaire count where the score is made of the same items in the same way.
    """
    versions = versions or versions_of(study)
    newest = declared(versions[0])
    arms = tuple(dict.fromkeys(arm.name for version in versions for arm in declared(version).arms))
    thens = [each for each in newest.instruments.values() if each.then_of]
    primary = [outcome for outcome in newest.outcomes if outcome.role == "primary"]
    wanted = {
        *newest.demand.credibility,
        *newest.demand.expectancy,
        *(outcome.score for outcome in primary),
        *(
            OfInstrument(id, score.name)
            for each in thens
            for score in each.scores
            for id in (each.id, str(each.then_of))
        ),
    }
    held = _read(study, synthetic, {of: _contents(of, newest, versions) for of in wanted})
    held.groups = (*arms, "")
    return Demand(
        arms=arms,
        expected=tuple(
            _expected(kind, of, newest, held)
            for kind in ("credibility", "expectancy")
            for of in getattr(newest.demand, kind)
        ),
        then_tests=tuple(found for then in thens for found in _then_tests(newest, then, held)),
        guessed=guessed(study, newest.demand.guess, arms, synthetic),
        with_change=tuple(
            _with_change(of, outcome.id, outcome.score, outcome.timepoint, newest, held)
            for outcome in primary
            for of in newest.demand.expectancy
        ),
    )


# --- scores ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Held:
    """Values and changes by score, timepoint and person, and who is in which arm."""

    values: dict[OfInstrument, dict[str, dict[int, tuple[float | None, float | None]]]] = field(default_factory=dict)
    arm_of: dict[int, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()

    def at(self, of: OfInstrument, timepoint: str) -> dict[int, float]:
        """Each person's value, where there is one."""
        found = self.values.get(of, {}).get(timepoint, {})
        return {person: value for person, (value, _change) in found.items() if value is not None}

    def first(self, of: OfInstrument, timepoints: Sequence[str]) -> dict[int, float]:
        """Each person's value at the first of these timepoints that has one."""
        return reduce(or_, (self.at(of, timepoint) for timepoint in reversed(timepoints)), {})

    def changes(self, of: OfInstrument, timepoint: str) -> dict[int, float]:
        """Each person's change against before, where it is known."""
        found = self.values.get(of, {}).get(timepoint, {})
        return {person: change for person, (_value, change) in found.items() if change is not None}

    def by_arm(self, people: Iterable[int]) -> list[tuple[str, list[int]]]:
        """The people of each arm; those without one come last, if there are any."""
        whose: dict[str, list[int]] = {}
        for person in sorted(people):
            whose.setdefault(self.arm_of[person], []).append(person)
        return [(arm, whose[arm]) for arm in self.groups if arm in whose]


def _contents(of: OfInstrument, newest: Declared, versions: Versions) -> set[int]:
    """The contents of a questionnaire by which a score is made as it is in the newest."""
    now = newest.instruments[of.instrument]
    same = _made_of(now, of.name)
    return {
        version.part_versions["instruments"][of.instrument]
        for version in versions
        if (then := declared(version).instruments.get(of.instrument)) and _made_of(then, of.name) == same
    }


def _made_of(instrument: Instrument, name: str) -> Any:
    score = _score(instrument, name)
    if score is None:
        return None
    items = {item.id: item for item in instrument.items()}
    return (
        score.how,
        direction_of(score, instrument),
        [
            (id, items[id].type, items[id].ends, is_mirrored(items[id], score, instrument), score.weights.get(id, 1))
            for id in members(score)
        ],
        [[(choice.id, choice.score) for choice in items[id].choices] for id in members(score)],
    )


def _score(instrument: Instrument, name: str) -> Score | None:
    return next((score for score in instrument.scores if score.name == name), None)


def _read(study: Study, synthetic: bool | None, wanted: Mapping[OfInstrument, set[int]]) -> _Held:
    held = _Held()
    if not wanted:
        return held
    rows = ScoreRow.objects.filter(enrolment__study=study, enrolment__erased_at=None).filter(
        reduce(or_, (Q(administration__instrument=of.instrument, score=of.name) for of in wanted))
    )
    if synthetic is not None:
        rows = rows.filter(enrolment__synthetic=synthetic)
    columns = rows.order_by().values_list(
        "administration__instrument",
        "administration__instrument_version",
        "score",
        "administration__occasion__key",
        "enrolment",
        "enrolment__arm",
        "value",
        "change",
    )
    for instrument, content, score, timepoint, person, arm, value, change in columns:
        of = OfInstrument(instrument, score)
        if content in wanted[of]:
            held.values.setdefault(of, {}).setdefault(timepoint, {})[person] = (value, change)
            held.arm_of[person] = arm
    return held


def _asking(study: Declared, instrument: str) -> list[str]:
    return [step.id for step in study.steps() if instrument in study.instruments_at(step)]


def _expected(kind: str, of: OfInstrument, study: Declared, held: _Held) -> Expected:
    instrument = study.instruments[of.instrument]
    score = next(each for each in instrument.scores if each.name == of.name)
    return Expected(
        kind=kind,
        of=of,
        ends=reach(instrument, score),
        direction=direction_of(score, instrument),
        groups=tuple(
            (timepoint, arm, spread([values[person] for person in people]))
            for timepoint in _asking(study, of.instrument)
            for values in [held.at(of, timepoint)]
            for arm, people in held.by_arm(values)
        ),
    )


def _then_tests(study: Declared, then: Instrument, held: _Held) -> Iterable[ThenTest]:
    now = study.instruments[str(then.then_of)]
    asking = _asking(study, now.id)
    if not asking:
        return
    before = tuple(step for step in study.baseline if step in asking) or (asking[0],)
    order = [step.id for step in study.steps()]
    for at in _asking(study, then.id):
        # How people are when they look back: asked at the same step, else the last time before it.
        sofar = [step for step in asking if order.index(step) <= order.index(at)]
        after = at if at in asking else (sofar or asking)[-1]
        for score in then.scores:
            declared_now = _score(now, score.name)
            if declared_now is None or after in before:
                continue
            of = OfInstrument(now.id, score.name)
            three = (held.first(of, before), held.at(OfInstrument(then.id, score.name), at), held.at(of, after))
            groups = tuple(
                (arm, shift([(three[0].get(each), three[1][each], three[2].get(each)) for each in people]))
                for arm, people in held.by_arm(three[1])
            )
            yield ThenTest(of, then.id, before, at, after, direction_of(declared_now, now), groups)


def _with_change(
    of: OfInstrument, outcome: str, score: OfInstrument, timepoint: str, study: Declared, held: _Held
) -> WithChange:
    asked = next((step for step in _asking(study, of.instrument) if held.at(of, step)), "")
    hoped, changed = held.at(of, asked), held.changes(score, timepoint)

    groups = tuple(
        (arm, correlation([(hoped[person], changed[person]) for person in people]))
        for arm, people in held.by_arm(hoped.keys() & changed.keys())
    )
    return WithChange(of, asked, outcome, score, timepoint, groups)


# --- for programs ----------------------------------------------------------------------------------------------------


def plain(found: Demand) -> dict[str, Any]:
    """The numbers as JSON has them; null where one can't be had, with `why_not` beside it where that needs a word."""
    return {
        "arms": list(found.arms),
        "expected": [
            {
                "kind": each.kind,
                "score": _name(each.of),
                "direction": each.direction,
                "least": each.ends[0] if each.ends else None,
                "greatest": each.ends[1] if each.ends else None,
                "groups": [{"timepoint": at, "arm": arm or None, **asdict(of)} for at, arm, of in each.groups],
            }
            for each in found.expected
        ],
        "then_tests": [
            {
                "score": _name(each.of),
                "then": each.then,
                "direction": each.direction,
                "before": list(each.before),
                "asked_at": each.at,
                "after": each.after,
                "groups": [{"arm": arm or None, **asdict(of)} for arm, of in each.groups],
            }
            for each in found.then_tests
        ],
        "guesses": [
            {
                "who": each.who,
                "james": _index(each.james),
                "arms": [
                    {
                        "arm": arm.arm,
                        "named": dict(arm.named),
                        "dont_know": arm.dont_know,
                        "confidence": asdict(arm.confidence),
                        "bang": _index(arm.bang),
                    }
                    for arm in each.arms
                ],
            }
            for each in found.guessed
        ],
        "expectancy_and_change": [
            {
                "expectancy": _name(each.expectancy),
                "asked_at": each.asked or None,
                "outcome": each.outcome,
                "score": _name(each.score),
                "timepoint": each.timepoint,
                "groups": [{"arm": arm or None, **asdict(of)} for arm, of in each.groups],
            }
            for each in found.with_change
        ],
    }


def _name(of: OfInstrument) -> str:
    return f"{of.instrument}.{of.name}"


def _index(of: Bang | James | NotComputable) -> dict[str, Any]:
    empty = {"value": None, "se": None, "low": None, "high": None}
    if isinstance(of, NotComputable):
        return {**empty, "why_not": str(of.reason)}
    return {**asdict(of), "why_not": None}
