"""The reliability of a score at one time, of everybody and group by group. It reckons with numpy."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assessments.derived import reach
from assessments.reliability import Alpha, Omega, alpha, item_rest, omega
from assessments.scoring import exact, members
from protocol.bands import band_of
from protocol.instrument import Instrument, Item, Scheme, Score
from research.measured import BAND, BY, Measured, schemes_of
from research.reliability_figures import Bin, bins

SEVERAL_FORMS = "These people were given different forms, whose items differ."


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the people, and how reliable their numbers are.

    Attributes:
        by: What tells them from others: empty for everybody, `arm`, `language`, `form`, or `band:SCHEME`.
        label: Which of these they are; empty for everybody, and where it is not known of them.
        n: How many have a value.
        without: How many have none.
        mean: The mean of the values; None without one.
        sd: The standard deviation (n - 1); None with fewer than two.
        at_least: How many are at the least value of the score; None where it has no ends.
        at_most: How many are at the greatest.
        items: The items that they were asked.
        alpha: Cronbach's alpha of these, over the people who answered all.
        omega: McDonald's omega of these.
        sem: The standard error of measurement by alpha, `sd * sqrt(1 - alpha)`.
        rest: The correlation of each item with the sum of the others; None where either is constant.
        why: Why there is no alpha, as a plain sentence; empty where there is one.
        why_omega: Why there is no omega.
    """

    by: str
    label: str
    n: int
    without: int
    mean: float | None
    sd: float | None
    at_least: int | None
    at_most: int | None
    items: tuple[str, ...]
    alpha: Alpha
    omega: Omega
    sem: float | None
    rest: tuple[float | None, ...]
    why: str
    why_omega: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many values are in one band of one scheme."""

    scheme: Scheme
    band: str
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Consistency:
    """One score at one time.

    Attributes:
        score: The score.
        least: The least value that it can have; None where an item has no ends.
        most: The greatest.
        groups: Everybody first, then those of the variable that was asked for (and of the forms, where these ask other
            items, which have no alpha together), then each scheme's bands.
        counts: The bands of every scheme.
        bins: How often the values come.
    """

    score: Score
    least: float | None
    most: float | None
    groups: tuple[Group, ...]
    counts: tuple[Count, ...]
    bins: tuple[Bin, ...]


def consistency(instrument: Instrument, score: Score, of: Measured, by: str = "") -> Consistency:
    """How reliable one score is: of everybody, by what people are told apart by, and within each scheme's bands."""
    least, most = reach(instrument, score) or (None, None)
    schemes = schemes_of(instrument, score)
    everybody = range(len(of.people))
    chosen: list[tuple[str, str, list[int]]] = [("", "", [*everybody])]
    for name in dict.fromkeys((by, *(["form"] if _differ(of, everybody) else []))):
        if name in BY:
            labels = [BY[name](person) for person in of.people]
            chosen += [(name, each, [n for n in everybody if labels[n] == each]) for each in sorted(set(labels))]
    for scheme in sorted(schemes, key=lambda scheme: by != BAND + scheme.name):  # the one that was asked for first
        found = [band_of(value, scheme.bands) for value in of.values]
        chosen += [
            (BAND + scheme.name, band.label, [n for n in everybody if found[n] == band.label]) for band in scheme.bands
        ]
    values = [value for value in of.values if value is not None]
    return Consistency(
        score=score,
        least=least,
        most=most,
        groups=tuple(_group(of, named, label, places, (least, most)) for named, label, places in chosen),
        counts=tuple(
            Count(scheme, each.label, each.low, each.high, sum(band_of(v, scheme.bands) == each.label for v in values))
            for scheme in schemes
            for each in scheme.bands
        ),
        bins=bins(values, least, most, step_of(instrument, score)),
    )


def step_of(instrument: Instrument, score: Score) -> Fraction | None:
    """How far apart two neighbouring values of a score are, prorated ones aside; None where they may lie anywhere."""
    items = {item.id: item for item in instrument.items()}
    ids = members(score)
    weights = [exact(score.weights.get(id, 1)) for id in ids]
    steps = [_step_of_item(items[id]) for id in ids]
    if not ids or any(step is None for step in steps):
        return None
    parts = [abs(step * by) for step, by in zip(steps, weights, strict=True) if step and by]
    whole = math.lcm(*(part.denominator for part in parts))
    common = math.gcd(*(int(part * whole) for part in parts))
    divisor = abs(sum(weights, Fraction(0))) if score.how == "mean" else Fraction(1)
    return Fraction(common, whole) / divisor if common and divisor else None


def _step_of_item(item: Item) -> Fraction | None:
    """0 where all its answers count the same."""
    if item.scale is not None:
        return exact(item.scale.step)
    if item.type == "number":
        return None if item.bounds.step is None else exact(item.bounds.step)
    scores = [exact(choice.score) for choice in item.choices if choice.score is not None]
    if not scores:
        return None
    whole = math.lcm(*(score.denominator for score in scores))
    return Fraction(math.gcd(*(int((score - scores[0]) * whole) for score in scores)), whole)


def _group(of: Measured, by: str, label: str, places: Sequence[int], ends: tuple[float | None, float | None]) -> Group:
    values = [value for n in places if (value := of.values[n]) is not None]
    asked = _asked(of, places)
    columns = [place for place, id in enumerate(of.items) if not asked or any(id in each for each in asked)]
    # Without anybody, one empty row still says how many items there are.
    rows = [[of.rows[n][place] for place in columns] for n in places] or [[None for _ in columns]]
    differ = _differ(of, places)
    found, factor = alpha(rows), omega(rows)
    sd = statistics.stdev(values) if len(values) > 1 else None
    # Rounding may put an alpha of 1 just above it.
    sem = None if sd is None or found.value is None else sd * math.sqrt(max(1 - found.value, 0))
    return Group(
        by=by,
        label=label,
        n=len(values),
        without=len(places) - len(values),
        mean=statistics.fmean(values) if values else None,
        sd=sd,
        at_least=None if ends[0] is None else sum(value == ends[0] for value in values),
        at_most=None if ends[1] is None else sum(value == ends[1] for value in values),
        items=tuple(of.items[place] for place in columns),
        alpha=found,
        omega=factor,
        sem=sem,
        rest=item_rest(rows),
        why=SEVERAL_FORMS if differ and found.value is None else str(found.reason),
        why_omega=SEVERAL_FORMS if differ and factor.value is None else str(factor.reason),
    )


def _asked(of: Measured, places: Sequence[int]) -> list[frozenset[str]]:
    """The items of each form that some people were given."""
    return [of.of_form.get(form, frozenset(of.items)) for form in sorted({of.people[n].form for n in places})]


def _differ(of: Measured, places: Sequence[int]) -> bool:
    """Whether they were given forms that ask other items for the score."""
    return len(set(_asked(of, places))) > 1


def plain(found: Consistency) -> dict[str, Any]:
    """One score's reliability as plain values, for the API."""
    return {
        "score": found.score.name,
        "least": found.least,
        "most": found.most,
        "groups": [_plain_group(group) for group in found.groups],
        "bands": [
            {
                "scheme": each.scheme.name,
                "version": each.scheme.version,
                "source": each.scheme.source,
                "band": each.band,
                "low": each.low,
                "high": each.high,
                "n": each.n,
            }
            for each in found.counts
        ],
        "distribution": [{"low": each.low, "high": each.high, "n": each.n} for each in found.bins],
    }


def _plain_group(group: Group) -> dict[str, Any]:
    return {
        "by": group.by,
        "group": group.label,
        "n": group.n,
        "without_value": group.without,
        "mean": group.mean,
        "sd": group.sd,
        "at_least": group.at_least,
        "at_most": group.at_most,
        "with_all_items": group.alpha.people,
        "without_all_items": group.n + group.without - group.alpha.people,
        "alpha": group.alpha.value,
        "alpha_low": group.alpha.low,
        "alpha_high": group.alpha.high,
        "alpha_standardised": group.alpha.standardised,
        "omega": group.omega.value,
        "sem": group.sem,
        "items": [{"item": id, "item_rest": value} for id, value in zip(group.items, group.rest, strict=True)],
        "not_computable": group.why,
        "omega_not_computable": group.why_omega,
    }
