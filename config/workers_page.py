"""The page that says how the product itself is doing, to those who lead a study on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

import clock
from coaching.http import StaffRequest
from coaching.models import Membership, Role
from config.workings import QUEUE_LATE_S, QueueStatus, Workings, workings

LEAST_FREE = 1_000_000_000
"""Bytes under which the disk is said to be nearly full: some hundred pictures, or an hour of a busy log."""
NOTHING = "–"


@require_safe
def workers(request: StaffRequest) -> HttpResponse:
    """Ticks, messages, queues and disk; what somebody should see to stands first, in words."""
    leads = Membership.objects.filter(user=request.user, role__in=(Role.OWNER, Role.RESEARCHER))
    if not leads.exists():
        raise PermissionDenied
    found = workings(now=clock.now())
    warnings, queues = _warnings(found), [_queue(queue, found) for queue in found.queues]
    in_doubt = found.messages.uncertain + found.messages.failed
    context = {
        "title": _("Workers"),
        "nav": "studies",
        "lead": _("How the product itself is doing. Times in UTC."),
        "warnings": warnings,
        "is_well": not warnings and not in_doubt and not any(queue["is_quiet"] for queue in queues),
        "ticks": _ticks(found),
        "messages_of_all": _messages(found),
        "queues": queues,
        "ground": _ground(found),
    }
    return render(request, "workers.html", context)


def _warnings(found: Workings) -> list[tuple[str, str]]:
    """What somebody should see to, as (kind of notice, text)."""
    texts = []
    if found.is_held:
        texts.append(
            _("This database was put back from a backup. Nothing is sent until “manage.py after_restore” was run.")
        )
    if found.tick is None:
        texts.append(_("There was no tick yet. Nothing is sent and nothing closes."))
    elif found.is_late:
        ago = _length(found.lag_s or 0)
        texts.append(_("The last tick was %(length)s ago. Nothing is sent and nothing closes.") % {"length": ago})
    if found.broker == "away":
        texts.append(_("The broker does not answer. Workers learn of nothing until it does; no message is lost."))
    warnings = [("bad", text) for text in texts]
    if found.rules_differ:
        text = _("Two parts go by different rules of time zones. Update all of them to one version, and restart them.")
        warnings.append(("warn", text))
    if found.disk_free < LEAST_FREE:
        warnings.append(("warn", _("The disk is nearly full.")))
    return warnings


def _ticks(found: Workings) -> list[tuple[str, str]]:
    if found.tick is None:
        return [(_("Last tick"), _("None yet"))]
    counts = (f"{name} {count}" for name, count in found.tick.counts.items() if count and name != "turn")
    return [
        (
            _("Last tick"),
            _("%(instant)s, %(length)s ago") % {"instant": _at(found.tick.at), "length": _length(found.lag_s or 0)},
        ),
        (_("It took"), f"{found.tick.took_ms} ms"),
        (_("It did"), ", ".join(counts) or NOTHING),
        (_("Where"), found.tick.place),
    ]


def _messages(found: Workings) -> list[tuple[str, str]]:
    messages = found.messages
    due = str(messages.due)
    if messages.oldest_due_at is not None:
        due = _("%(count)s, the oldest since %(instant)s") % {"count": due, "instant": _at(messages.oldest_due_at)}
    return [
        (_("Due; some may wait for an hour of the day or for a mail server"), due),
        (_("Nobody knows whether they arrived"), str(messages.uncertain)),
        (_("Not taken, in 24 hours"), str(messages.failed)),
    ]


def _queue(queue: QueueStatus, found: Workings) -> dict[str, Any]:
    heard = queue.heard_at
    return {
        "name": queue.name,
        "depth": _("not known") if queue.depth is None else queue.depth,
        "heard": _at(heard) if heard else _("Never"),
        "is_quiet": heard is None or abs((found.now - heard).total_seconds()) > QUEUE_LATE_S,
        "place": queue.place or NOTHING,
    }


def _ground(found: Workings) -> list[tuple[str, str]]:
    versions = sorted({found.tzdata, *found.zone_rules.values()})
    return [(_("Rules of time zones"), ", ".join(versions)), (_("Free on the disk"), filesizeformat(found.disk_free))]


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}"


def _length(seconds: int) -> str:
    if seconds < 120:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    if seconds < 7200:
        return _("%(n)s minutes") % {"n": seconds // 60}
    return _("%(n)s hours") % {"n": seconds // 3600}
