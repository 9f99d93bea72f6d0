"""All that follows from answers to a questionnaire: scores, bands by scheme, changes, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assessments.branching import branches, due, items_of_form
from assessments.change import Judgement, Verdict, changes, judged, off_the_floor
from assessments.entries import as_given, counted
from assessments.scoring import Scored, exact, members, score
from protocol.bands import band_of
from protocol.instrument import Choice, Instrument, Score
from protocol.study import Study

NOT_DUE = "not_due"
_NOT_GIVEN = (NOT_DUE, "not_reached")


@dataclass(frozen=True, slots=True)
class Kept:
    """One item's row as it is stored."""

    item: str
    status: str
    value: float | None
    text: str


@dataclass(frozen=True, slots=True)
class InScheme:
    """The band of a score by one published scheme; None without a value, and below the lowest band."""

    score: str
    scheme: str
    version: str
    band: str | None


@dataclass(frozen=True, slots=True)
class OffFloor:
    """What the study's own rule at the floor says up to one timepoint.

    Attributes:
        items: On how many of the score's items the answer lies above the least end; None where missing answers leave
            that open.
        least: How many the rule asks for, at two timepoints in a row.
        is_met: Whether it is met by now; None while nobody can tell.
    """

    items: int | None
    least: int
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class Moved:
    """The change of one score at one timepoint, and what is said of it."""

    change: float | None
    reliable_change: float | None
    verdict: Verdict | None
    judgements: tuple[Judgement, ...]
    floor: OffFloor | None = None


def scored(instrument: Instrument, form: str, rows: Iterable[Kept]) -> tuple[Scored, ...]:
    """Every score of one filled-in questionnaire from its rows as stored, in the declared order."""
    rows = list(rows)
    return score(
        instrument,
        numbers(instrument, rows),
        form=items_of_form(instrument, form) if instrument.forms else None,
        not_due=frozenset(row.item for row in rows if row.status == NOT_DUE),
    )


def with_not_due(instrument: Instrument, form: str, rows: Iterable[Kept]) -> list[Kept]:
    """The rows, and one for each item that is not due after them."""
    rows = list(rows)
    if not branches(instrument):
        return rows
    items = {item.id: item for item in instrument.items()}
    given = {row.item: as_given(items[row.item], row.value, row.text) for row in rows if row.status not in _NOT_GIVEN}
    there = {row.item for row in rows}
    are_due = due(instrument, form, given)
    return [
        *rows,
        *(Kept(id, NOT_DUE, None, "") for id, is_due in are_due.items() if is_due is False and id not in there),
    ]


def numbers(instrument: Instrument, rows: Iterable[Kept]) -> dict[str, float | None]:
    """The number that each row counts in scores, by item."""
    items = {item.id: item for item in instrument.items()}
    return {row.item: counted(items[row.item], row.value, row.text) for row in rows if row.item in items}


def in_schemes(instrument: Instrument, scores: Iterable[Scored]) -> tuple[InScheme, ...]:
    """The band of every score by every scheme that the questionnaire names for it."""
    return tuple(
        InScheme(each.name, scheme.name, scheme.version, band_of(each.value, scheme.bands))
        for each in scores
        for scheme in instrument.schemes.get(each.name, ())
    )


def floor_rule(study: Study, instrument: Instrument, declared: Score) -> int | None:
    """On how many items at least the study's rule at the floor wants a score to be above it; None without a rule."""
    of = (instrument.id, declared.name)
    return next((rule.items for rule in study.change.floor if (rule.score.instrument, rule.score.name) == of), None)


def items_above(instrument: Instrument, declared: Score, form: str, rows: Iterable[Kept], least: int) -> int | None:
    """On how many of a score's items the answer says more than the least that can be said.

    None where unanswered items leave open whether that is on at least `least` of them.
    """
    by_item = {row.item: row for row in rows}
    given = numbers(instrument, by_item.values())
    asked = items_of_form(instrument, form)
    above = unknown = 0
    for item in instrument.items():
        if item.id not in members(declared) or item.id not in asked or item.scale is None:
            continue
        if (row := by_item.get(item.id)) is not None and row.status == NOT_DUE:
            continue
        value = given.get(item.id)
        floor = item.scale.min + item.scale.max - item.scale.least if item.reverse else item.scale.least
        above += value is not None and value != floor
        unknown += value is None
    return None if above < least <= above + unknown else above


def moved(
    study: Study,
    instrument: Instrument,
    declared: Score,
    series: Sequence[tuple[str, float | None]],
    above: Sequence[int | None] = (),
) -> tuple[Moved, ...]:
    """One row a timepoint of one score of a person, given as (timepoint, value) in the study's order.

    `above` says on how many items each lies above the floor, where the study has a rule for that.
    """
    allowed = study.change.selected_norms
    rows = changes(series, instrument.norms, declared.name, baseline=study.baseline, selected_norms=allowed)
    # The row that the others are measured from is the one with a value and no change.
    reference = next((row.value for row in rows if row.value is not None and row.change is None), None)
    least, most = reach(instrument, declared) or (None, None)
    floors = _floors(floor_rule(study, instrument, declared), above, [row.change is not None for row in rows])
    return tuple(
        Moved(
            row.change,
            row.reliable_change,
            row.verdict,
            judged(
                reference,
                row.value,
                instrument.norms,
                declared.name,
                selected_norms=allowed,
                least=least,
                most=most,
            )
            if row.change is not None
            else (),
            floor,
        )
        for row, floor in zip(rows, floors, strict=True)
    )


def _floors(least: int | None, above: Sequence[int | None], counts: Sequence[bool]) -> list[OffFloor | None]:
    """What the rule says up to each timepoint that is measured against the reference."""
    if least is None or not above:
        return [None] * len(counts)
    found: list[OffFloor | None] = []
    seen: list[int | None] = []
    for items, is_counted in zip(above, counts, strict=True):
        if not is_counted:
            found.append(None)
            continue
        seen.append(items)
        found.append(OffFloor(items, least, off_the_floor(seen, least).is_met))
    return found


def reach(instrument: Instrument, declared: Score) -> tuple[float, float] | None:
    """The least and the greatest value that a score can have; None where an item has no ends.

    Of parallel forms that of the first, since a score is to mean the same on each.
    """
    # A mirrored item has the same ends.
    items: Mapping[str, tuple[float, float]] = {
        item.id: ends for item in instrument.items() if (ends := item.ends or _of_choices(item.choices)) is not None
    }
    form = items_of_form(instrument, next(iter(instrument.forms), ""))
    counts = [id for id in members(declared) if id in form]
    if not counts or any(id not in items for id in counts):
        return None
    weights = [exact(declared.weights.get(id, 1)) for id in counts]
    lows = highs = exact(0)
    for id, weight in zip(counts, weights, strict=True):
        weighed = sorted(exact(end) * weight for end in items[id])
        lows, highs = lows + weighed[0], highs + weighed[1]
    by = sum(weights, exact(0)) if declared.how == "mean" else exact(1)
    return (float(lows / by), float(highs / by)) if by else None


def _of_choices(choices: Iterable[Choice]) -> tuple[float, float] | None:
    scores = [choice.score for choice in choices if choice.score is not None]
    return (min(scores), max(scores)) if scores else None
