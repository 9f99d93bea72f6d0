"""What the pages of one person's schedule say, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coaching.models import Pause, ZoneMove
from coaching.views.day_words import clock_time, when

ACTS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "move": (
        gettext_lazy("Move it"),
        gettext_lazy("Its window and its reminders move with it, and so do the steps that hang on it."),
    ),
    "longer": (
        gettext_lazy("Give more time"),
        gettext_lazy("It stays open until this time. An earlier time closes it sooner."),
    ),
    "skip": (
        gettext_lazy("Skip it"),
        gettext_lazy("It ends now, undone, and counts as missed. What comes after it goes on."),
    ),
}


def state(state: str, *, is_skipped: bool) -> tuple[str, str]:
    """A state as staff read it, and the look of its tag."""
    if is_skipped and state == "missed":
        return _("Skipped"), ""
    return {
        "done": (_("Done"), "good"),
        "open": (_("Open now"), "info"),
        "missed": (_("Missed"), "warn"),
        "cancelled": (_("Cancelled"), ""),
        "waiting": (_("Later"), ""),
    }[state]


def change(kind: str, step: str, until: datetime | None, where: ZoneInfo, now: datetime) -> str:
    """What was done to a step."""
    said = {
        "moved": _("Moved to %(until)s: %(step)s"),
        "longer": _("Open until %(until)s: %(step)s"),
        "skipped": _("Skipped: %(step)s"),
    }[kind]
    return said % {"step": step, "until": when(until, where, now) if until else ""}


def whose(by: str) -> str:
    """Who did it, as far as the schedule says."""
    return {"participant": _("The person"), "staff": _("The team"), "product": _("A safety rule of the study")}.get(
        by, by
    )


def pause(each: Pause) -> dict[str, Any]:
    """A pause, with who began and ended it."""
    return {
        "begin": each.paused_at,
        "by": whose(each.paused_by),
        # A rule's pause names the rule: that is no word about the person's plan, but an alert's.
        "reason": each.reason if each.paused_by == "staff" else "",
        "end": each.resumed_at,
        "ended_by": whose(each.resumed_by) if each.resumed_by else "",
    }


def zone_move(each: ZoneMove) -> dict[str, Any]:
    """A change of zone, and who made it."""
    return {"before": each.before, "after": each.after, "at": each.moved_at, "by": whose(each.by)}


def asked(act: str, step: str, until: datetime | None, where: ZoneInfo, now: datetime) -> str:
    """What is about to be done to a step."""
    said = {
        "move": _("Move to %(until)s: %(step)s"),
        "longer": _("Keep open until %(until)s: %(step)s"),
        "skip": _("Skip: %(step)s"),
    }[act]
    return said % {"step": step, "until": when(until, where, now) if until else ""}


def done(act: str) -> str:
    """What the page says once a change was made."""
    return {
        "move": _("The step is moved."),
        "longer": _("The step has its new closing time."),
        "skip": _("The step is skipped."),
    }[act]


def fault(kind: str, act: str = "") -> str:
    """Why the plan can't take a change."""
    if kind == "too_early" and act == "move":
        return _("With this time the step would have closed already. Choose a later one.")
    return {
        "settled": _("This step has ended. Its plan can't be changed any more."),
        "unknown": _("This step is not on the person's way yet."),
        "no_day": _("The day of this step is not known yet. It hangs on a step that has to end first."),
        "no_window": _("This step has no closing time that is known, so it can't be given more."),
        "too_early": _("The step has to close after it opens, and not in the past. Choose a later time."),
        "away": _("This person has left the study. Nothing is planned for them any more."),
    }[kind]


def clock_note(typed: datetime, at: datetime, where: ZoneInfo) -> str:
    """A word on a time that the clocks of the zone skip or show twice; empty for every other."""
    local = at.astimezone(where)
    if local.replace(tzinfo=None) != typed:
        return _("On that day the clocks go forward, and there is no %(typed)s. It will be %(time)s.") % {
            "typed": typed.strftime("%H:%M"),
            "time": clock_time(at, where),
        }
    if local.replace(fold=1).utcoffset() != local.replace(fold=0).utcoffset():
        return _("On that day the clocks go back, and %(time)s comes twice. It will be the first of the two.") % {
            "time": clock_time(at, where)
        }
    return ""
