"""What chance decides for one person once they are here: moments, and the order of their scripts.

Pure, and the same whenever it is asked: every draw follows from a pseudonym, which is random, and from the name of
what is drawn. Orders that are dealt out in turn follow from a person's place among all who came, or among those of
their arm. Allocation is not drawn here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from dataclasses import dataclass
from functools import lru_cache

from protocol.durations import SECONDS, Duration
from protocol.study import At, Step, Study


@dataclass(frozen=True, slots=True)
class Lot:
    """What one person's draws follow from.

    Attributes:
        seed: Their pseudonym.
        place: How many consented before them.
        place_in_arm: How many were given their arm before them; None without an arm.
    """

    seed: str
    place: int = 0
    place_in_arm: int | None = None


def offset_of(at: At, lot: Lot) -> Duration:
    """How far from its anchor a step lies for one person: as declared, or drawn evenly between two durations."""
    if at.upto is None:
        return at.offset
    drawn = _generator(lot, at.drawn_for, "days")
    if at.offset.unit == at.upto.unit == "d":
        return Duration(drawn.randint(at.offset.count, at.upto.count), "d")
    least, most = (each.count * SECONDS[each.unit] for each in (at.offset, at.upto))
    return Duration(drawn.randint(least, most), "s")


def hour_of(at: At, step: str, lot: Lot) -> dt.time | None:
    """The wall time of its day at which a step lies for one person, to the minute; None where it says nothing."""
    if at.hours is None:
        return None
    first, last = (60 * time.hour + time.minute for time in at.hours)
    minute = first if first == last else _generator(lot, step, "hour").randrange(first, last)
    return dt.time(minute // 60, minute % 60)


def script_of(study: Study, step: Step, lot: Lot) -> str | None:
    """The script that one person has at a step; None of a step that is no session."""
    if len(step.scripts) <= 1 or (step.order == "sequence" and not step.dealt):
        return step.scripts[0] if step.scripts else None
    if step.dealt:
        deal = next(each for each in study.counterbalances if each.name == step.dealt)
        order = _dealt(len(deal.scripts), deal.order, deal.name, 0, _place(study, deal.at, lot), lot)
        return deal.scripts[order[deal.at.index(step.id)]]
    count = len(step.scripts)
    round_, place = divmod(step.time - 1, count)
    series = step.series or step.id
    return step.scripts[_dealt(count, step.order, series, round_, _place(study, (step.id,), lot), lot)[place]]


def _place(study: Study, together: tuple[str, ...], lot: Lot) -> int:
    """The person's place in the row of those among whom the orders of these steps are balanced.

    Steps that share one order share the place too: it stays as it was drawn before the arm was known.
    """
    is_before = any(each.id in together for each in study.before)
    return lot.place if is_before or lot.place_in_arm is None else lot.place_in_arm


def _dealt(count: int, order: str, name: str, round_: int, place: int, lot: Lot) -> tuple[int, ...]:
    if order == "latin":
        rows = latin_square(count)
        return rows[(place + round_) % len(rows)]
    drawn = list(range(count))
    _generator(lot, name, f"round {round_}").shuffle(drawn)
    return tuple(drawn)


@lru_cache(maxsize=32)
def latin_square(count: int) -> tuple[tuple[int, ...], ...]:
    """Orders of `count` things, balanced for place and for what comes just before.

    Each thing comes as often at each place, and as often after each other one: `count` rows where it is even, twice as
    many where it is odd. Williams 1949, Australian Journal of Scientific Research A 2:149-168.
    """
    first = [0]
    low, high = 1, count - 1
    while len(first) < count:
        first.append(low)
        low += 1
        if len(first) < count:
            first.append(high)
            high -= 1
    rows = [tuple((thing + shift) % count for thing in first) for shift in range(count)]
    return tuple(rows) if count % 2 == 0 else (*rows, *(row[::-1] for row in rows))


def _generator(lot: Lot, *name: str) -> random.Random:
    digest = hashlib.sha256("\x1f".join((lot.seed, *name)).encode()).digest()
    return random.Random(int.from_bytes(digest[:16], "big"))  # noqa: S311 - a design's draws, repeatable on purpose
