"""How a person's ratings went from session to session: one value a session, on the scale that it was given on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg

from coaching.models import Occasion, Study
from imagery.models import Rating
from imagery.selectors import CHOICE

COMPARE = "compare"
SCALE = ("kind", "scale_min", "scale_max")
FIRST_CHOICE = "vividness"


@dataclass(frozen=True, slots=True)
class Rated:
    """What one person rated of one kind in one session: the mean of what they gave, None where they gave nothing."""

    session: int
    attempt: int
    kind: str
    low: float | None
    high: float | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One person's ratings of one kind, a value a session in their order; None where there is none.

    `low` and `high` are the ends of the scale as it was shown, whatever was given.
    """

    kind: str
    low: float
    high: float
    values: tuple[float | None, ...]


def lines_of(study: Study, pseudonyms: Collection[str], since: datetime) -> dict[str, Line]:
    """The line of each of these people who ended a session after `since`, finished or not; nobody else is in it."""
    rows = (
        Rating.objects.filter(
            run__occasion__enrolment__study=study,
            run__occasion__enrolment__erased_at=None,
            run__occasion__enrolment__pseudonym__in=pseudonyms,
            run__occasion__state__in=[Occasion.State.DONE, Occasion.State.MISSED],
            run__occasion__settled_at__gte=since,
        )
        .exclude(kind__in=[CHOICE, COMPARE])
        .values_list("run__occasion__enrolment__pseudonym", "run__occasion", "run__attempt", *SCALE)
        .annotate(mean=Avg("value"))
        .order_by("run__occasion__settled_at", "run__occasion__place", "run__attempt", *SCALE)
    )
    held: dict[str, list[Rated]] = {}
    for pseudonym, *rated in rows:
        held.setdefault(pseudonym, []).append(Rated(*rated))
    found = {pseudonym: line_of(each) for pseudonym, each in held.items()}
    return {pseudonym: line for pseudonym, line in found.items() if line is not None}


def line_of(ratings: Iterable[Rated]) -> Line | None:
    """The line of one person's ratings, in the order of their sessions; None where no scale is known.

    It shows vividness where that was rated, else what was rated in the most sessions. The scale is that of the last
    session; what was given on another one can't stand on it, and is a gap. Of a session that was begun anew, the last
    attempt stands.
    """
    ratings = list(ratings)
    kind = _kind(ratings)
    of_kind = [each for each in ratings if each.kind == kind and each.low is not None and each.high is not None]
    if not of_kind:
        return None
    low, high = of_kind[-1].low or 0.0, of_kind[-1].high or 0.0
    standing = {each.session: each.attempt for each in ratings}
    values: dict[int, float | None] = dict.fromkeys(standing)
    for each in of_kind:
        if (each.low, each.high) == (low, high) and each.attempt == standing[each.session]:
            values[each.session] = each.value
    return Line(kind, low, high, tuple(values.values()))


def _kind(ratings: Iterable[Rated]) -> str:
    counted = Counter(each.kind for each in ratings)
    if FIRST_CHOICE in counted:
        return FIRST_CHOICE
    return min(counted, key=lambda kind: (-counted[kind], kind), default="")
