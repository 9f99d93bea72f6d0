"""What a question's form posts, read."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from assessments.points import chosen_point, shown
from assessments.services import DECLINED, SKIPPED, Given
from protocol.study import Item

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


def read_answer(item: Item, posted: QueryDict) -> Given | Fault:
    """What the form of one question gives: its input is named by the item's id and posts a point of its scale."""
    if RATHER_NOT in posted:
        return DECLINED
    texts = [text for text in posted.getlist(item.id) if text.strip()]
    if not texts:
        return SKIPPED if item.optional else Fault(nothing_chosen())
    value = chosen_point(item.scale, texts[0]) if len(texts) == 1 else None
    return Fault(off_scale(item)) if value is None else Given("answered", value)


def nothing_chosen() -> str:
    """What is said when the main action comes with nothing chosen."""
    return _("Choose the answer that fits best, or choose ‘I would rather not say’.")


def off_scale(item: Item) -> str:
    """What is said when what was typed is no point of the scale."""
    scale = item.scale
    ends = {"low": shown(scale.min), "high": shown(scale.max), "step": shown(scale.step)}
    if scale.step == 1 and float(scale.min).is_integer():
        return _("Give a whole number from %(low)s to %(high)s.") % ends
    return _("Give a number from %(low)s to %(high)s, in steps of %(step)s.") % ends


def response_time_ms(posted: QueryDict) -> int | None:
    """How long the person took, as their page measured it; None where it did not, or measured nonsense."""
    return _whole(posted.get(RESPONSE_TIME, ""), _LONGEST_MS)


def revision(posted: QueryDict) -> int:
    """The page's count of its saves; 0 without one."""
    return _whole(posted.get(REVISION, ""), _LAST_REVISION) or 0


def _whole(text: str, most: int) -> int | None:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        return None
    return int(text) if int(text) <= most else None
