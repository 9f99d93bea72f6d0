"""What a question's form posts, read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.entries import NA, Problem, read_entry
from assessments.points import is_of_cards, shown
from assessments.services import CLEARED, DECLINED, NOT_APPLICABLE, SKIPPED, Given
from protocol.instrument import Item

RATHER_NOT = "rather-not-say"
RESPONSE_TIME = "response-time-ms"
# No id of an item has a hyphen, so that none of these can be mistaken for one.
REVISION = "answer-rev"

_LONGEST_MS = 7 * 86_400_000
_LAST_REVISION = 10**15


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a posted form holds no answer, said to the person."""

    text: str


@dataclass(frozen=True, slots=True)
class Posted:
    """What a form held that gave no answer, so that it can be shown again to be mended.

    Attributes:
        typed: What stood in the field of a number, words or a date.
        picked: The boxes that were ticked.
        is_na: Whether *does not apply* was among them.
    """

    typed: str
    picked: tuple[str, ...]
    is_na: bool


def read_answer(item: Item, posted: QueryDict) -> Given | Fault:
    """What the form of one question gives: its inputs are named by the item's id and post its number or choice.

    An optional question whose field comes empty was cleared; one of which nothing comes was passed.
    """
    if RATHER_NOT in posted:
        return DECLINED
    texts = [text for text in posted.getlist(item.id) if text.strip()]
    if item.na is not None and NA in texts:
        return NOT_APPLICABLE if len(texts) == 1 else Fault(_("Choose either an answer or that it does not apply."))
    if not texts and item.optional:
        return CLEARED if item.id in posted and not is_of_radios(item) else SKIPPED
    given = read_entry(item, texts)
    return Fault(_words(item, given)) if isinstance(given, Problem) else Given("answered", given.value, given.text)


def is_of_radios(item: Item) -> bool:
    """Whether one answer is chosen of several, so that nothing given can be taken back on the page."""
    return item.type == "choice" or (item.scale is not None and is_of_cards(item.scale))


def as_posted(item: Item, posted: QueryDict) -> Posted:
    """What a form held for one question, an answer or not."""
    texts = posted.getlist(item.id)
    given = tuple(text for text in texts if item.na is None or text != NA)
    return Posted(next((text for text in given if text.strip()), ""), given, len(given) < len(texts))


def nothing_chosen() -> str:
    """What is said when the main action comes with nothing chosen."""
    return _("Choose the answer that fits best, or choose ‘I would rather not say’.")


def off_scale(item: Item) -> str:
    """What is said when what was typed is no number that can be given."""
    scale = item.scale
    low, high, step = (
        (scale.min, scale.max, scale.step) if scale else (item.bounds.min, item.bounds.max, item.bounds.step)
    )
    ends = {"low": _shown(low), "high": _shown(high), "step": _shown(step)}
    is_whole = step == 1 and float(low or 0).is_integer()
    if low is not None and high is not None and is_whole:
        return _("Give a whole number from %(low)s to %(high)s.") % ends
    if low is not None and high is not None and step is not None:
        return _("Give a number from %(low)s to %(high)s, in steps of %(step)s.") % ends
    if low is not None and high is not None:
        return _("Give a number from %(low)s to %(high)s.") % ends
    if low is not None:
        return _("Give a number of at least %(low)s.") % ends
    if high is not None:
        return _("Give a number of at most %(high)s.") % ends
    return _("Give a whole number.") if is_whole else _("Give a number, in digits.")


def ends_of(item: Item) -> str:
    """Within which ends a date is asked for; empty without any."""
    ends = {"first": _day(item.earliest), "last": _day(item.latest)}
    if item.earliest and item.latest:
        return _("from %(first)s to %(last)s") % ends
    if item.earliest:
        return _("from %(first)s on") % ends
    return _("up to %(last)s") % ends if item.latest else ""


def response_time_ms(posted: QueryDict) -> int | None:
    """How long the person took, as their page measured it; None where it did not, or measured nonsense."""
    return _whole(posted.get(RESPONSE_TIME, ""), _LONGEST_MS)


def revision(posted: QueryDict) -> int:
    """The page's count of its saves; 0 without one."""
    return _whole(posted.get(REVISION, ""), _LAST_REVISION) or 0


def _words(item: Item, problem: Problem) -> str:
    return _SAYS[problem](item)


def _nothing_given(item: Item) -> str:
    if item.type == "text":
        return _("Write something, or choose ‘I would rather not say’.")
    if item.type in ("number", "date"):
        return _("Give an answer, or choose ‘I would rather not say’.")
    return nothing_chosen()


def _no_date(item: Item) -> str:
    return _("Give a date as year, month and day, such as 2026-01-31.")


def _too_long(item: Item) -> str:
    return _("That is too long. At most %(n)d characters fit.") % {"n": item.longest}


_SAYS: Mapping[Problem, Callable[[Item], str]] = {
    Problem.NOTHING: _nothing_given,
    Problem.SEVERAL: lambda item: off_scale(item) if item.type in ("scale", "number") else nothing_chosen(),
    Problem.OFF_SCALE: off_scale,
    Problem.NO_NUMBER: off_scale,
    Problem.OUT_OF_BOUNDS: off_scale,
    Problem.NO_CHOICE: lambda _item: nothing_chosen(),
    Problem.NO_DATE: _no_date,
    Problem.TOO_EARLY_OR_LATE: lambda item: _("Give a date %(ends)s.") % {"ends": ends_of(item)},
    Problem.TOO_LONG: _too_long,
    Problem.UNFIT: lambda _item: _("There is a character in it that can’t be kept. Please write it in plain words."),
}


def _day(date: dt.date | None) -> str:
    return date_format(date, "DATE_FORMAT") if date else ""


def _shown(number: float | None) -> str:
    return "" if number is None else shown(number)


def _whole(text: str, most: int) -> int | None:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        return None
    return int(text) if int(text) <= most else None
