"""The reliability of a study's own data, group by group. It reckons with numpy: imported when somebody asks for it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.derived import reach
from assessments.reliability import (
    Alpha,
    Intraclass,
    Kappa,
    Omega,
    Repeated,
    alpha,
    intraclass,
    item_rest,
    kappa,
    omega,
    repeated,
)
from protocol.bands import band_of
from protocol.study import Instrument, Scheme, Score
from research.measured import Measured, Person


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the people, and how reliable their numbers are.

    `sem` is the standard error of measurement by alpha, `sd * sqrt(1 - alpha)`; None without either. `at_least` and
    `at_most` count values at the ends that the score can have.
    """

    by: str
    label: str
    n: int
    without: int
    mean: float | None
    sd: float | None
    at_least: int
    at_most: int
    alpha: Alpha
    omega: Omega
    sem: float | None


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
    """One score at one timepoint: everybody first, then each group."""

    score: Score
    least: float | None
    most: float | None
    groups: tuple[Group, ...]
    rest: tuple[tuple[str, float | None], ...]
    counts: tuple[Count, ...]
    bins: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True, slots=True)
class Again:
    """One score at two timepoints."""

    score: Score
    pairs: tuple[tuple[float, float], ...]
    repeated: Repeated
    intraclass: Intraclass
    levels: tuple[tuple[float, float, int, float | None], ...]
    kappas: tuple[tuple[Scheme, Kappa], ...]


BY: Mapping[str, Callable[[Person], str]] = {
    "arm": lambda person: person.arm,
    "language": lambda person: person.language,
    "form": lambda person: person.form,
}
_BINS = 20


def consistency(instrument: Instrument, score: Score, of: Measured, by: str = "") -> Consistency:
    """How reliable one score is: of everybody, by what people are told apart by, and within each scheme's bands."""
    least, most = reach(instrument, score) or (None, None)
    schemes = instrument.schemes.get(score.name, ())
    everybody = list(range(len(of.people)))
    chosen: list[tuple[str, str, list[int]]] = [("", "", everybody)]
    if by in BY:
        labels = sorted({BY[by](person) for person in of.people})
        chosen += [(by, label, [n for n in everybody if BY[by](of.people[n]) == label]) for label in labels]
    for scheme in schemes:
        for band in scheme.bands:
            inside = [n for n in everybody if band_of(of.values[n], scheme.bands) == band.label]
            chosen.append((scheme.name, band.label, inside))
    return Consistency(
        score=score,
        least=least,
        most=most,
        groups=tuple(_group(of, named, label, places, (least, most)) for named, label, places in chosen),
        rest=tuple(zip(of.items, item_rest(of.rows), strict=False)) if of.rows else (),
        counts=tuple(
            Count(scheme, b.label, b.low, b.high, sum(band_of(v, scheme.bands) == b.label for v in of.values))
            for scheme in schemes
            for b in scheme.bands
        ),
        bins=_bins([value for value in of.values if value is not None], least, most),
    )


def again(instrument: Instrument, score: Score, first: Measured, second: Measured) -> Again:
    """What a second taking of one score says of its error, of everybody who has both."""
    later = {person.key: value for person, value in zip(second.people, second.values, strict=True)}
    pairs = [
        (one, other)
        for person, one in zip(first.people, first.values, strict=True)
        if one is not None and (other := later.get(person.key)) is not None
    ]
    return Again(
        score=score,
        pairs=tuple(pairs),
        repeated=repeated(pairs),
        intraclass=intraclass(pairs),
        levels=_levels(pairs),
        kappas=tuple(
            (
                scheme,
                kappa(
                    [(band_of(one, scheme.bands), band_of(other, scheme.bands)) for one, other in pairs],
                    categories=[band.label for band in scheme.bands],
                ),
            )
            for scheme in instrument.schemes.get(score.name, ())
        ),
    )


def _group(of: Measured, by: str, label: str, places: Sequence[int], ends: tuple[float | None, float | None]) -> Group:
    values = [value for n in places if (value := of.values[n]) is not None]
    rows = [of.rows[n] for n in places]
    found = alpha(rows)
    sd = statistics.stdev(values) if len(values) > 1 else None
    sem = sd * math.sqrt(1 - found.value) if sd is not None and found.value is not None and found.value <= 1 else None
    return Group(
        by=by,
        label=label,
        n=len(values),
        without=len(places) - len(values),
        mean=statistics.fmean(values) if values else None,
        sd=sd,
        at_least=sum(value == ends[0] for value in values),
        at_most=sum(value == ends[1] for value in values),
        alpha=found,
        omega=omega(rows),
        sem=sem,
    )


def _bins(values: Sequence[float], least: float | None, most: float | None) -> tuple[tuple[float, float, int], ...]:
    """The distribution in equal steps between the score's ends, or of what there is where it has none."""
    if not values:
        return ()
    low, high = (least, most) if least is not None and most is not None else (min(values), max(values))
    if high <= low:
        return ((low, high, len(values)),)
    width = (high - low) / _BINS
    counts = [0] * _BINS
    for value in values:
        counts[min(max(int((value - low) / width), 0), _BINS - 1)] += 1
    return tuple((low + width * n, low + width * (n + 1), count) for n, count in enumerate(counts))


def _levels(pairs: Sequence[tuple[float, float]]) -> tuple[tuple[float, float, int, float | None], ...]:
    """The standard error of measurement in thirds of the mean of both values: low, high, people, error.

    Each is `sd of the differences / sqrt(2)` within the third; None with fewer than three people.
    """
    ordered = sorted(pairs, key=sum)
    if len(ordered) < 9:
        return ()
    thirds = [ordered[len(ordered) * n // 3 : len(ordered) * (n + 1) // 3] for n in range(3)]
    return tuple(
        (
            min(map(min, third)),
            max(map(max, third)),
            len(third),
            statistics.stdev(other - one for one, other in third) / math.sqrt(2) if len(third) > 2 else None,
        )
        for third in thirds
    )


def plain(found: Consistency) -> dict[str, Any]:
    """One score's reliability as plain values, for the API."""
    return {
        "score": found.score.name,
        "least": found.least,
        "most": found.most,
        "groups": [
            {
                "by": group.by,
                "group": group.label,
                "n": group.n,
                "without_value": group.without,
                "without_all_items": group.alpha.left_out,
                "mean": group.mean,
                "sd": group.sd,
                "at_least": group.at_least,
                "at_most": group.at_most,
                "alpha": group.alpha.value,
                "alpha_low": group.alpha.low,
                "alpha_high": group.alpha.high,
                "alpha_standardised": group.alpha.standardised,
                "omega": group.omega.value,
                "sem": group.sem,
                "not_computable": str(group.alpha.reason),
            }
            for group in found.groups
        ],
        "items": [{"item": item, "item_rest": value} for item, value in found.rest],
        "bands": [
            {"scheme": each.scheme.name, "version": each.scheme.version, "band": each.band, "n": each.n}
            for each in found.counts
        ],
    }


def plain_again(found: Again) -> dict[str, Any]:
    """One score at two timepoints as plain values, for the API."""
    again, icc = found.repeated, found.intraclass
    names = ("icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k")
    return {
        "score": found.score.name,
        "people": again.people,
        **{name: getattr(icc, name).value for name in names},
        "pearson": again.pearson,
        "bias": again.bias,
        "limits_of_agreement": [again.lower_limit, again.upper_limit],
        "sem_agreement": again.sem_agreement,
        "sdc95": again.sdc95,
        "levels": [{"low": low, "high": high, "people": n, "sem": sem} for low, high, n, sem in found.levels],
        "kappas": [
            {"scheme": scheme.name, "kappa": each.value, "people": each.judged} for scheme, each in found.kappas
        ],
        "not_computable": str(again.reason),
    }
