"""Enrolment against the plan: the curve, its table, and what it says in words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coaching.models import Study
from research import figures
from research.sums import LEAST_JOINED, PACE, Plan, curve, projection, week


def enrolment(study: Study, joined: Sequence[date], today: date) -> dict[str, Any]:
    """What the part of the page shows; `joined` has a day for each person, ascending."""
    plan = plan_of(study)
    if len(joined) < LEAST_JOINED:
        return {"joined": len(joined), "least": LEAST_JOINED, "picture": None}
    points = curve(joined)
    return {
        "joined": len(joined),
        "picture": figures.enrolment(points, plan, today),
        "width": figures.WIDTH,
        "height": figures.HEIGHT,
        "left": figures.LEFT,
        "right": figures.RIGHT,
        "bottom": figures.BOTTOM,
        "words": " ".join([_so_far(joined, plan, today), *_ahead(joined, study.target, plan, today)]),
        "rule": _rule() if study.target and len(joined) < study.target else "",
        "rows": _table(joined, plan, today),
        "has_plan": plan is not None,
    }


def _rule() -> str:
    """How the day is reckoned on which the target is reached."""
    return _(
        "Pace: those who joined in the last %(days)d days (or since the first, if that is less), the same number "
        "each day from here on."
    ) % {"days": PACE.days}


def plan_of(study: Study) -> Plan | None:
    """The study's plan, where all of it is known."""
    if study.target is None or study.recruit_from is None or study.recruit_until is None:
        return None
    return Plan(study.target, study.recruit_from, study.recruit_until)


def _first(joined: Sequence[date], plan: Plan | None) -> date:
    return min(joined[0], plan.first) if plan else joined[0]


def _so_far(joined: Sequence[date], plan: Plan | None, today: date) -> str:
    n, first = len(joined), _first(joined, plan)
    now = {"n": n, "week": week(today, first)}
    if plan is None:
        return ngettext("Week %(week)d: %(n)d person has joined.", "Week %(week)d: %(n)d people have joined.", n) % now
    now["of"] = max(week(plan.last, first), 1)
    more = n - round(plan.by(today))
    told = ngettext(
        "Week %(week)d of %(of)d: %(n)d person has joined,", "Week %(week)d of %(of)d: %(n)d people have joined,", n
    )
    if more > 0:
        against = ngettext("%(n)d more than planned.", "%(n)d more than planned.", more) % {"n": more}
    elif more < 0:
        against = ngettext("%(n)d fewer than planned.", "%(n)d fewer than planned.", -more) % {"n": -more}
    else:
        against = _("just as many as planned.")
    return f"{told % now} {against}"


def _ahead(joined: Sequence[date], target: int | None, plan: Plan | None, today: date) -> list[str]:
    if target is None:
        return []
    if len(joined) >= target:
        return [_("The target of %(n)d is reached.") % {"n": target}]
    leads = projection(joined, target, today)
    if leads is None or leads.day is None:
        return [
            _("Nobody joined in the last %(days)d days, so no day can be reckoned for %(n)d.")
            % {"days": PACE.days, "n": target}
        ]
    reached = {"n": target, "week": week(leads.day, _first(joined, plan)), "day": date_format(leads.day, "DATE_FORMAT")}
    return [_("At this pace the study reaches %(n)d in week %(week)d (%(day)s).") % reached]


def _table(joined: Sequence[date], plan: Plan | None, today: date) -> list[dict[str, Any]]:
    """A row a week: its first day, who joined in it, how many by its end (or today), how many were planned."""
    first = _first(joined, plan)
    rows = []
    for n in range(1, week(max(today, joined[-1]), first) + 1):
        begins = first + timedelta(weeks=n - 1)
        ends = min(begins + timedelta(days=6), max(today, joined[-1]))
        rows.append(
            {
                "week": n,
                "day": begins,
                "joined": bisect_right(joined, ends) - bisect_left(joined, begins),
                "total": bisect_right(joined, ends),
                "planned": round(plan.by(ends)) if plan else None,
            }
        )
    return rows
