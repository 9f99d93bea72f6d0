"""Which items are due to one person: those of their form whose conditions hold. Not due is not missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import permutations

from protocol.conditions import Given, holds
from protocol.instrument import Instrument


def branches(instrument: Instrument) -> bool:
    """Whether not everybody gets every item."""
    return bool(instrument.forms) or any(item.when is not None for item in instrument.items())


def due(instrument: Instrument, form: str, given: Mapping[str, Given]) -> dict[str, bool | None]:
    """Whether each item is due, in the file's order; None while that hangs on an item that has no answer yet.

    Args:
        instrument: The questionnaire.
        form: Which of its parallel forms is given; empty where it has none.
        given: What was given so far, by item; None for an answer without a value. What was given to an item that is
            not due (any more) doesn't count.
    """
    elsewhere = {section for name, sections in instrument.forms.items() if name != form for section in sections}
    found: dict[str, bool | None] = {}
    counting: dict[str, Given] = {}
    for section in instrument.sections:
        for item in section.items:
            is_due: bool | None = section.id not in elsewhere
            if is_due and item.when is not None:
                is_due = holds(item.when, counting)
            found[item.id] = is_due
            if is_due is False:
                counting[item.id] = None
            elif is_due and item.id in given:
                counting[item.id] = given[item.id]
    return found


def items_of_form(instrument: Instrument, form: str) -> frozenset[str]:
    """The items that a form asks, whatever their conditions; all of an instrument without forms."""
    elsewhere = {section for name, sections in instrument.forms.items() if name != form for section in sections}
    return frozenset(
        item.id for section in instrument.sections if section.id not in elsewhere for item in section.items
    )


def form_at(instrument: Instrument, place: int, use: int) -> str:
    """The form that somebody gets; empty where there is none.

    The orders of the forms are gone through one person after the other, so that each is used as often as any other:
    all orders of up to three forms, the rotations of more (a cyclic Latin square).

    Args:
        instrument: The questionnaire.
        place: How many people came into the study before this one.
        use: How often this questionnaire stands before this timepoint on the person's way.
    """
    if not instrument.forms:
        return ""
    orders = _orders(tuple(instrument.forms))
    order = orders[place % len(orders)]
    return order[use % len(order)]


@lru_cache(maxsize=64)
def _orders(names: tuple[str, ...]) -> Sequence[tuple[str, ...]]:
    if len(names) <= 3:
        return list(permutations(names))
    return [names[n:] + names[:n] for n in range(len(names))]
