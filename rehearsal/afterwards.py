"""How simulated people say that they are after a session, where their study asks: most of them well. Pure.

Nothing of it hangs on vividness. Whoever does not answer at once does not answer at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from protocol.instrument import Choice, Instrument, Item
from rehearsal.filling import Filled, filled
from rehearsal.people import SKIPS_OPTIONAL, Person, Reply
from rehearsal.typed import Setting, said

ASKED_FOR = dt.timedelta(hours=24)  # at least, also where the session's own window closes before
ANSWERS = 0.95
IS_WELL = 0.85  # share of answers that say that there is nothing

Given = tuple[float | None, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of asking: until when it was to be, when that was over, and how far the questionnaire came.

    `settled_at` is None while it can still be answered; `sheet` is None where nobody ever saw or closed it.
    """

    closes_at: dt.datetime
    settled_at: dt.datetime | None
    finished_at: dt.datetime | None
    sheet: Filled | None


def asked_after(
    person: Person,
    instrument: Instrument,
    form: str,
    order: Sequence[str],
    rng: Random,
    *,
    done_at: dt.datetime,
    window_closes_at: dt.datetime | None,
    acts_until: dt.datetime,
    end_at: dt.datetime,
    left_at: dt.datetime | None,
    day: dt.date,
) -> Asked:
    """What comes of asking after a session that was completed at `done_at`.

    Args:
        person: Who is asked.
        instrument: By which questionnaire.
        form: In which of its forms.
        order: Its items as they are shown.
        rng: Draws for this alone.
        done_at: When the session was done.
        window_closes_at: When its own window closes.
        acts_until: From when on the person does nothing more.
        end_at: Until when there is anything to tell.
        left_at: When the person left the study, which ends it.
        day: The day on which they answer, where they live.
    """
    until = done_at + ASKED_FOR
    closes_at = max(until, window_closes_at) if window_closes_at else until
    sheet = Filled(instrument, form, 0, ())
    begins_at = done_at + dt.timedelta(seconds=rng.lognormvariate(2, 0.5))
    if rng.random() < ANSWERS:
        replies = said_after(person, instrument, order, rng, day=day)
        sheet = filled(instrument, form, replies, begins_at).until(min(closes_at, acts_until))
    finished_at = sheet.rows[-1][1] if sheet.is_whole else None
    over_at = min(at for at in (closes_at, left_at) if at is not None)
    settled_at = finished_at or (over_at if over_at <= end_at else None)
    return Asked(closes_at, settled_at, finished_at, sheet if sheet.rows or settled_at else None)


def said_after(
    person: Person, instrument: Instrument, order: Sequence[str], rng: Random, *, day: dt.date
) -> tuple[Reply, ...]:
    """What the person says to the items in this order, whether they turn out to be due or not."""
    items = {item.id: item for item in instrument.items()}
    return tuple(_reply(person, items[id], Setting(person.language, day), rng) for id in order)


def _reply(person: Person, item: Item, setting: Setting, rng: Random) -> Reply:
    took_s = max(0.4, person.item_s * rng.lognormvariate(0, 0.45))
    if item.optional and rng.random() < 1 - SKIPS_OPTIONAL:
        return Reply(item.id, "skipped", None, took_s)
    if rng.random() < person.declines:
        return Reply(item.id, "declined", None, took_s)
    value, text = _said(item, setting, rng)
    return Reply(item.id, "answered", value, took_s, text=text)


def _said(item: Item, setting: Setting, rng: Random) -> Given:
    if item.type == "scale" and item.scale is not None:
        points = item.scale.points if item.scale.direction == "higher_is_more" else item.scale.points[::-1]
        step = 0 if rng.random() < IS_WELL else min(1 + int(rng.expovariate(0.7)), len(points) - 1)
        return float(points[step]), ""
    if item.type == "choice" and rng.random() < IS_WELL:
        return None, min(item.choices, key=_weight).id
    entry = said(item, setting, rng)
    return entry.value, entry.text


def _weight(choice: Choice) -> float:
    """What a choice counts; of those that count nothing, the first is as good as any."""
    return float(choice.score) if choice.score is not None else 0.0
