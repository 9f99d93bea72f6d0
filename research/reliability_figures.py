"""Pictures of scores as shapes: how often each value comes, and how two takings of one score differ."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise

from assessments.scoring import exact
from research.figures import Tick, nice_step

WIDTH, HEIGHT = 500, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 490, 26, 222
CLOUD_RIGHT = 436  # beside it stand the levels
MOST_BINS = 20
MOST_MARKS = 6
MOST_DOTS = 400
ROUNDING = Fraction(1, 10**9)
"""As a share of a score's step: what is nearer to a value than this is that value."""


@dataclass(frozen=True, slots=True)
class Bin:
    """So many values from `low` to below `high`; the last bin holds `high` too, and where both are one, it alone."""

    low: float
    high: float
    n: int


def bins(
    values: Sequence[float], least: float | None, most: float | None, step: Fraction | None = None
) -> tuple[Bin, ...]:
    """How often the values come, over the whole range of the score, or of the values where it has no ends.

    A bin for each value that the score can take, in steps of `step`, where these are few and prorating put none
    between them; else at most twenty of a round width. No values make no bins.
    """
    if not values:
        return ()
    given = Counter(exact(value) for value in values)
    low = min(given) if least is None else min(exact(least), *given)
    high = max(given) if most is None else max(exact(most), *given)
    if low == high:
        return (Bin(float(low), float(high), len(values)),)
    if step and (high - low) / step < MOST_BINS:
        places = {value: round((value - low) / step) for value in given}
        if all(abs((value - low) / step - at) < ROUNDING for value, at in places.items()):
            return tuple(
                Bin(float(value), float(value), sum(given[each] for each, at in places.items() if at == place))
                for place, value in enumerate(_steps(low, high + step * ROUNDING, step))
            )
    width = next(width for width in _round_widths(high - low) if (high - low) / width <= MOST_BINS)
    if least is None:
        low = math.floor(low / width) * width
    edges = [*_steps(low, high, width)]
    if edges[-1] < high:
        edges.append(edges[-1] + width)
    counts = [0] * (len(edges) - 1)
    for value, n in given.items():
        counts[min(int((value - low) / width), len(counts) - 1)] += n
    return tuple(Bin(float(a), float(b), n) for (a, b), n in zip(pairwise(edges), counts, strict=True))


def _steps(low: Fraction, high: Fraction, width: Fraction) -> Iterator[Fraction]:
    return (low + n * width for n in range(int((high - low) / width) + 1))


def _round_widths(span: Fraction) -> Iterator[Fraction]:
    """1, 2, 4 and 5 of each power of ten, from below: first those that go into the span, then any that may do."""
    lowest = math.floor(math.log10(span / MOST_BINS))
    widths = [by * Fraction(10) ** power for power in (lowest, lowest + 1) for by in (1, 2, 4, 5)]
    yield from (width for width in widths if not span % width)
    yield from widths
    yield from (Fraction(10) ** power for power in count(lowest + 2))


# --- the distribution ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on an axis of a score: where, and which value."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """The bars with their two axes; `mean` is where a line of the mean stands."""

    bars: tuple[Bar, ...]
    rows: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    mean: float


def histogram(of: Sequence[Bin], mean: float) -> Histogram:
    """The picture of a distribution as `bins` gives it (with at least one bin)."""
    most = max(each.n for each in of)
    step = nice_step(most)
    top = step * math.ceil(most / step)
    is_single = of[0].low == of[0].high
    half = (of[1].low - of[0].low) / 2 if is_single and len(of) > 1 else 0.5 if is_single else 0.0
    first, last = of[0].low - half, of[-1].high + half

    def x(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * (value - first) / (last - first)

    def y(n: float) -> float:
        return _round(BOTTOM - (BOTTOM - TOP) * n / top)

    return Histogram(
        bars=tuple(
            Bar(
                x=_round(x(each.low - half) + 1),
                y=y(each.n),
                width=_round(x(each.high + half) - x(each.low - half) - 2),
                height=_round(BOTTOM - y(each.n)),
            )
            for each in of
        ),
        rows=tuple(Tick(y(n), n) for n in range(0, top + 1, step)),
        marks=tuple(Mark(_round(x(value)), value) for value in _marked(of, is_single)),
        mean=_round(x(mean)),
    )


def _marked(of: Sequence[Bin], is_single: bool) -> list[float]:
    """The values below the axis: evenly, and both ends where that can be."""
    edges = [each.low for each in of] if is_single else [*(each.low for each in of), of[-1].high]
    gaps = len(edges) - 1
    least = max(math.ceil(gaps / MOST_MARKS), 1)
    step = next((each for each in range(least, 2 * least + 1) if not gaps % each), least)
    return edges[::step]


# --- two takings -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dot:
    """People with one mean and one difference of their two values; a greater dot is more of them."""

    x: float
    y: float
    r: float
    mean: float
    difference: float
    n: int


@dataclass(frozen=True, slots=True)
class Level:
    """A line across at a difference, and where its words stand, clear of the others'."""

    y: float
    words_y: float
    value: float


@dataclass(frozen=True, slots=True)
class Cloud:
    """Bland and Altman's picture: the difference of two values over their mean.

    `columns` are marks of the mean, `rows` of the difference; `levels` the upper limit, the mean difference and the
    lower limit, from above.
    """

    dots: tuple[Dot, ...]
    columns: tuple[Mark, ...]
    rows: tuple[Mark, ...]
    levels: tuple[Level, ...]


def cloud(
    pairs: Sequence[tuple[float, float]],
    levels: tuple[float, float, float],
    least: float | None = None,
    most: float | None = None,
) -> Cloud:
    """The picture of pairs (first, second), of which there is at least one.

    Args:
        pairs: A pair a person; those who share a place share a dot. With more than 400 places, near ones share one.
        levels: Upper limit, mean difference and lower limit.
        least: The least value of the score, where it has one: the axis begins there.
        most: The greatest, where it ends.
    """
    places = Counter((float(exact(one) + exact(other)) / 2, float(exact(other) - exact(one))) for one, other in pairs)
    first, last = _wide([mean for mean, _ in places] + [end for end in (least, most) if end is not None])
    bottom, top = _wide([0.0, *levels, *(difference for _, difference in places)])
    rows = _scale(bottom, top)
    if len(places) > MOST_DOTS:
        places = _nearby(places, (last - first) / 40, (rows[-1] - rows[0]) / 24)

    def x(value: float) -> float:
        return _round(LEFT + 8 + (CLOUD_RIGHT - LEFT - 16) * (value - first) / (last - first))

    def y(value: float) -> float:
        return _round(BOTTOM - (BOTTOM - TOP) * (value - rows[0]) / (rows[-1] - rows[0]))

    largest = max(places.values())
    return Cloud(
        dots=tuple(
            Dot(x(mean), y(difference), _round(3 + 6 * math.sqrt((n - 1) / largest)), mean, difference, n)
            for (mean, difference), n in sorted(places.items())
        ),
        columns=tuple(Mark(x(value), value) for value in _scale(first, last) if first <= value <= last),
        rows=tuple(Mark(y(value), value) for value in rows),
        levels=tuple(
            Level(y(value), words_y, value)
            for value, words_y in zip(levels, _apart([y(v) for v in levels]), strict=True)
        ),
    )


def _wide(values: Sequence[float]) -> tuple[float, float]:
    """The least and the greatest, never the same."""
    low, high = min(values), max(values)
    return (low, high) if low < high else (low - 1, high + 1)


def _scale(low: float, high: float) -> list[float]:
    """Round values, from one at or below `low` to one at or above `high`."""
    power = Fraction(10) ** (math.floor(math.log10(high - low)) - 1)
    step = next(step for by in (1, 2, 5, 10, 20, 50) if (high - low) / (step := by * power) < MOST_MARKS)
    return [float(n * step) for n in range(math.floor(Fraction(low) / step), math.ceil(Fraction(high) / step) + 1)]


def _nearby(places: Counter[tuple[float, float]], across: float, up: float) -> Counter[tuple[float, float]]:
    """The places by a grid of that width and height."""
    found: Counter[tuple[float, float]] = Counter()
    for (mean, difference), n in places.items():
        found[round(round(mean / across) * across, 6), round(round(difference / up) * up, 6)] += n
    return found


def _apart(ys: Sequence[float], least: float = 20) -> list[float]:
    """Where three lines of words stand: at their lines, but never upon each other."""
    upper, middle, lower = ys
    return [min(upper, middle - least), middle, max(lower, middle + least)]


def _round(value: float) -> float:
    return round(value, 1)
