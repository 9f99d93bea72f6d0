"""The bar on every page of a test person: whose page it is, what time it is there, and what comes next."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

import clock
from coaching.models import Enrolment
from coaching.selectors.turns import Turn
from coaching.wording import moment, step_title
from rehearsal.walking import standing


def walk_bar(enrolment: Enrolment | None) -> dict[str, Any] | None:
    """What the bar says, in the language of the page; None for everybody who is no test person."""
    if enrolment is None or enrolment.ahead_s is None:
        return None
    now = clock.now()
    stands = standing(enrolment, now)
    title = step_title(stands.step, enrolment.language) if stands.step else ""
    return {
        "clock": moment(now, enrolment.timezone, now),
        "ahead_s": enrolment.ahead_s,
        "next": _what_comes(stands.turn, enrolment) if stands.turn else "",
        "open": f"{_('After this session')}: {title}" if stands.is_after else title,
        "step": stands.occasion.public_id if stands.occasion else "",
    }


def _what_comes(turn: Turn, enrolment: Enrolment) -> str:
    of = {
        "step": step_title(turn.step, enrolment.language),
        "moment": moment(turn.at, enrolment.timezone, clock.now()),
    }
    if turn.is_opening:
        return _("“%(step)s” opens on %(moment)s.") % of
    return _("“%(step)s” closes on %(moment)s.") % of
