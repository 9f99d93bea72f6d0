"""One score taken twice of the same people: how far it repeats itself, at which level, and as a norm to keep."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from assessments.derived import reach
from assessments.reliability import Coefficient, Intraclass, Kappa, Repeated, intraclass, kappa, repeated
from assessments.scoring import exact
from coaching.models import Study
from protocol.bands import band_of
from protocol.instrument import Instrument, Scheme, Score
from research.consistency import consistency, plain, step_of
from research.measured import BAND, Measured, Person, Place, in_order, measured, schemes_of
from research.reliability_figures import ROUNDING

FEWEST_AT_A_LEVEL = 3
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Level:
    """The standard error of measurement of people whose mean of both values lies in one stretch of the score.

    Attributes:
        by: `third`, or `band:SCHEME`.
        label: The band; empty for a third.
        low: Where the stretch begins, and
        high: where it ends; both belong to it.
        n: How many people.
        sem: The standard deviation of their differences over the square root of two; None with fewer than three.
    """

    by: str
    label: str
    low: float
    high: float
    n: int
    sem: float | None


@dataclass(frozen=True, slots=True)
class Again:
    """One score at two times, of everybody who has both values.

    Attributes:
        score: The score.
        pairs: Both values of each person, in the order of time.
        repeated: What they say of its error.
        intraclass: All six coefficients.
        levels: The error by thirds of the people, then by each scheme's bands.
        kappas: The agreement of the bands, by scheme.
        days: The median number of days between the two; None where it is not known.
        simulated: How many of the people are simulated.
        least: The least value of the score, None where it has no ends.
        most: The greatest.
    """

    score: Score
    pairs: tuple[Pair, ...]
    repeated: Repeated
    intraclass: Intraclass
    levels: tuple[Level, ...]
    kappas: tuple[tuple[Scheme, Kappa], ...]
    days: float | None
    simulated: int
    least: float | None
    most: float | None


def again(instrument: Instrument, score: Score, first: Measured, second: Measured) -> Again:
    """What a second taking of one score says of its error."""
    one, other = (_by_key(of) for of in (first, second))
    taken = [
        (one[key].value if key in one else None, other[key].value if key in other else None)
        for key in dict.fromkeys((*one, *other))
    ]
    both = [(one[key], other[key]) for key in one if key in other]
    pairs = tuple((a.value, b.value) for a, b in both)
    apart = [
        (b.person.answered_at - a.person.answered_at).total_seconds() / 86_400
        for a, b in both
        if a.person.answered_at is not None and b.person.answered_at is not None
    ]
    schemes = schemes_of(instrument, score)
    ends = reach(instrument, score)
    return Again(
        score=score,
        pairs=pairs,
        repeated=repeated(taken),
        intraclass=intraclass(pairs),
        levels=(
            *_thirds(pairs, ends, step_of(instrument, score)),
            *(level for scheme in schemes for level in _by_band(pairs, scheme)),
        ),
        kappas=tuple((scheme, _kappa(pairs, scheme)) for scheme in schemes),
        days=statistics.median(apart) if apart and len(apart) == len(both) else None,
        simulated=sum(a.person.synthetic for a, _ in both),
        least=ends[0] if ends else None,
        most=ends[1] if ends else None,
    )


class _Value(NamedTuple):
    person: Person
    value: float


def _by_key(of: Measured) -> dict[int, _Value]:
    """The values that there are, by person."""
    both = zip(of.people, of.values, strict=True)
    return {person.key: _Value(person, value) for person, value in both if value is not None}


def _kappa(pairs: Sequence[Pair], scheme: Scheme) -> Kappa:
    found = [(band_of(one, scheme.bands), band_of(other, scheme.bands)) for one, other in pairs]
    return kappa(found, categories=[band.label for band in scheme.bands])


# --- the error by level ----------------------------------------------------------------------------------------------


def _thirds(pairs: Sequence[Pair], ends: tuple[float, float] | None, gap: Fraction | None) -> list[Level]:
    """Thirds of the people by the mean of both values, rounded down to a value that the score can have.

    People of one level stay together, so that a third may be larger, or two be one. The stretches meet, from the least
    value of the score to its greatest: each value lies in one.
    """
    if len(pairs) < 3 * FEWEST_AT_A_LEVEL:
        return []
    values = sorted(exact(value) for pair in pairs for value in pair)
    low, high = map(exact, ends) if ends else (values[0], values[-1])
    levels = [_mean(pair) if gap is None else low + ((_mean(pair) - low) / gap + ROUNDING) // 1 * gap for pair in pairs]
    ordered = sorted(levels)
    tops = sorted({ordered[len(ordered) * n // 3 - 1] for n in (1, 2)} - {ordered[-1]})
    begins = [low, *(top + gap if gap else next(value for value in values if value > top) for top in tops)]
    found = []
    for begin, below, top in zip(begins, [None, *tops], [*tops, high], strict=True):
        inside = [pair for pair, at in zip(pairs, levels, strict=True) if (below is None or at > below) and at <= top]
        found.append(Level("third", "", float(begin), float(top), len(inside), _error(inside)))
    return found


def _by_band(pairs: Sequence[Pair], scheme: Scheme) -> list[Level]:
    found = [band_of(float(_mean(pair)), scheme.bands) for pair in pairs]
    inside = {
        band.label: [pair for pair, label in zip(pairs, found, strict=True) if label == band.label]
        for band in scheme.bands
    }
    return [
        Level(BAND + scheme.name, band.label, band.low, band.high, len(inside[band.label]), _error(inside[band.label]))
        for band in scheme.bands
    ]


def _mean(pair: Pair) -> Fraction:
    return (exact(pair[0]) + exact(pair[1])) / 2


def _error(pairs: Sequence[Pair]) -> float | None:
    if len(pairs) < FEWEST_AT_A_LEVEL:
        return None
    return statistics.stdev(other - one for one, other in pairs) / math.sqrt(2)


# --- as a norm -------------------------------------------------------------------------------------------------------


def norm_of(found: Again, population: str, source: str) -> str:
    """The `norms` of a questionnaire's file that these data make, as YAML; empty where they make none.

    Simulated people make none, and neither does an ICC(2,1) that is no reliability: below 0, or 1.
    """
    again, reliability = found.repeated, found.intraclass.icc_2_1.value
    if found.simulated or reliability is None or not 0 <= round(reliability, 6) < 1:
        return ""
    first = [one for one, _other in found.pairs]
    lines = [
        "norms:",
        f"  - score: {found.score.name}",
        f"    population: {_quoted(population)}",
        f"    n: {again.people}",
        f"    mean: {statistics.fmean(first):.4f}",
        f"    sd: {statistics.stdev(first):.4f}",
        f"    reliability: {reliability:.6f}",
        "    kind: retest",
        *([f"    interval: {_quoted(_days(found.days))}"] if found.days is not None else []),
    ]
    thirds = [level for level in found.levels if level.by == "third" and level.sem]
    if thirds:
        lines.append("    errors:")
        lines += [f"      - {{from: {level.low:.6g}, to: {level.high:.6g}, sem: {level.sem:.4f}}}" for level in thirds]
    return "\n".join([*lines, f"    source: {_quoted(source)}"])


def _days(days: float) -> str:
    return f"{days:.3g} days (median)"


def _quoted(text: str) -> str:
    """A text as YAML and JSON both write it."""
    return json.dumps(text, ensure_ascii=False)


# --- for the API -----------------------------------------------------------------------------------------------------


def reckoned(study: Study, place: Place, first: str, second: str, by: str, synthetic: bool | None) -> dict[str, Any]:
    """Every score of a questionnaire at one time, and beside the second if there is one, as plain values."""
    instrument = place.instrument
    of = measured(study, place, [key for key in (first, second) if key], synthetic)
    before, after = in_order(place, first, second or first)
    return {
        "instrument": instrument.id,
        "instrument_version": place.version,
        "timepoint": first,
        "second": second or None,
        "scores": [plain(consistency(instrument, score, of[first][score.name], by)) for score in instrument.scores],
        "repeated": [
            plain_again(again(instrument, score, of[before][score.name], of[after][score.name]))
            for score in (instrument.scores if second else ())
        ],
    }


def plain_again(found: Again) -> dict[str, Any]:
    """One score at two times as plain values."""
    again, icc = found.repeated, found.intraclass
    return {
        "score": found.score.name,
        "people": again.people,
        "left_out": again.left_out,
        "days": found.days,
        "icc_1_1": _plain(icc.icc_1_1),
        "icc_2_1": _plain(icc.icc_2_1),
        "icc_3_1": _plain(icc.icc_3_1),
        "icc_1_k": _plain(icc.icc_1_k),
        "icc_2_k": _plain(icc.icc_2_k),
        "icc_3_k": _plain(icc.icc_3_k),
        "pearson": again.pearson,
        "bias": again.bias,
        "sd_difference": again.sd_difference,
        "limit_low": again.lower_limit,
        "limit_high": again.upper_limit,
        "sem_agreement": again.sem_agreement,
        "sdc95": again.sdc95,
        "levels": [
            {"by": each.by, "band": each.label, "low": each.low, "high": each.high, "people": each.n, "sem": each.sem}
            for each in found.levels
        ],
        "kappas": [_plain_kappa(scheme, each) for scheme, each in found.kappas],
        "not_computable": str(again.reason),
    }


def _plain_kappa(scheme: Scheme, found: Kappa) -> dict[str, Any]:
    return {
        "scheme": scheme.name,
        "version": scheme.version,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "agreement": found.agreement,
        "people": found.judged,
        "not_computable": str(found.reason),
    }


def _plain(coefficient: Coefficient) -> dict[str, Any]:
    return {
        "value": coefficient.value,
        "low": coefficient.low,
        "high": coefficient.high,
        "not_computable": str(coefficient.reason),
    }
