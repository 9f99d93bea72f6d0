"""One questionnaire as a simulated person fills it in: what is due to them, and when each reply was given. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assessments.branching import due, items_of_form
from assessments.derived import Kept, scored, with_not_due
from assessments.entries import Entry, as_given
from protocol.conditions import Given
from protocol.instrument import Instrument
from protocol.study import ScoreRef
from rehearsal.people import Reply

TURNS_MS = 400  # from one question to the next


@dataclass(frozen=True, slots=True)
class Filled:
    """A questionnaire as far as somebody went: each reply with its instant, in the order in which they were given.

    `asked` is how many items were due to them by the end; `form` is their parallel form.
    """

    instrument: Instrument
    form: str
    asked: int
    rows: tuple[tuple[Reply, dt.datetime], ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left to answer. One that asks nothing of them at all is never finished."""
        return 0 < self.asked == len(self.rows)

    def answers(self) -> dict[str, Entry]:
        """What was answered, by item."""
        return {reply.item: Entry(reply.value, reply.text) for reply, _ in self.rows if reply.status == "answered"}

    @property
    def started_at(self) -> dt.datetime | None:
        """When something was said for the first time; None where nothing was."""
        return first_said_at(*self.rows[0]) if self.rows else None

    def until(self, end: dt.datetime) -> Filled:
        """As far as it had come before an instant; of a mind that was changed later, what was said first stands."""
        begun = (row if row[1] < end else _as_first_said(*row) for row in self.rows if first_said_at(*row) < end)
        return replace(self, rows=tuple(begun))

    def scores(self, step: str) -> dict[ScoreRef, float | None]:
        """Its scores at a step."""
        kept = [Kept(reply.item, reply.status, reply.value, reply.text) for reply, _ in self.rows]
        found = scored(self.instrument, self.form, with_not_due(self.instrument, self.form, kept))
        return {ScoreRef(step, self.instrument.id, each.name): each.value for each in found}


def first_ms(reply: Reply) -> int:
    """How many milliseconds after the question was seen its first answer was given."""
    took_ms = round(reply.took_s * 1000)
    return took_ms if reply.first is None else took_ms // 2


def first_said_at(reply: Reply, at: dt.datetime) -> dt.datetime:
    """When a reply that was given at an instant, or what had been said before it, was said."""
    return at - dt.timedelta(milliseconds=round(reply.took_s * 1000) - first_ms(reply))


def filled(instrument: Instrument, form: str, replies: Iterable[Reply], started_at: dt.datetime) -> Filled:
    """A questionnaire with those of these replies that somebody would be asked for, one after the other."""
    at, rows = started_at, []
    for reply in _asked_for(instrument, form, replies):
        at += dt.timedelta(milliseconds=round(reply.took_s * 1000) + TURNS_MS)
        rows.append((reply, at))
    return Filled(instrument, form, len(rows), tuple(rows))


def left_after(sheets: Sequence[Filled], count: int) -> tuple[Filled, ...]:
    """The same questionnaires with only their first `count` replies."""
    kept = []
    for sheet in sheets:
        kept.append(replace(sheet, rows=sheet.rows[:count]))
        count = max(count - len(sheet.rows), 0)
    return tuple(kept)


def first_answers(sheets: Iterable[Filled], instrument: str) -> Mapping[str, Entry]:
    """What was answered to a questionnaire the first time, by item; empty where it never came."""
    return next((sheet.answers() for sheet in sheets if sheet.instrument.id == instrument and sheet.rows), {})


def _as_first_said(reply: Reply, at: dt.datetime) -> tuple[Reply, dt.datetime]:
    first = reply.first or Entry(reply.value, reply.text)
    as_said = replace(reply, value=first.value, text=first.text, took_s=first_ms(reply) / 1000, first=None)
    return as_said, first_said_at(reply, at)


def _asked_for(instrument: Instrument, form: str, replies: Iterable[Reply]) -> list[Reply]:
    """The replies to items that are due after those before them: what an item waits for is always shown before it."""
    items = {item.id: item for item in instrument.items()}
    of_form = items_of_form(instrument, form)
    given: dict[str, Given] = {}
    kept = []
    for reply in replies:
        item = items[reply.item]
        if item.id not in of_form or (item.when is not None and not due(instrument, form, given)[item.id]):
            continue
        given[item.id] = as_given(item, reply.value, reply.text)
        kept.append(reply)
    return kept
