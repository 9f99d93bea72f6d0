"""Why a step is due when it is, in the reader's language: a sentence a link of the chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from coaching.explanation import Explained, Link
from protocol.durations import parse_duration

Told = Callable[[datetime], str]
Named = Callable[[str], str]

_ANCHORS: Mapping[tuple[str, str], str | Promise] = {
    ("consent", ""): gettext_lazy("It hangs on the consent, given %(at)s."),
    ("allocation", ""): gettext_lazy("It hangs on the allocation to a group, %(at)s."),
    ("", "done"): gettext_lazy("It hangs on “%(step)s” being done. That ended %(at)s."),
    ("", "due"): gettext_lazy("It hangs on when “%(step)s” is due: %(at)s."),
    ("", "closed"): gettext_lazy("It hangs on when “%(step)s” closes, done or not: %(at)s."),
    ("", "settled"): gettext_lazy("It follows “%(step)s”, done or missed. That ended %(at)s."),
}
_WAITS: Mapping[tuple[str, str], str | Promise] = {
    ("consent", ""): gettext_lazy("It hangs on the consent, which has not been given."),
    ("allocation", ""): gettext_lazy("It hangs on the allocation to a group, which has not come."),
    ("", "done"): gettext_lazy("It hangs on “%(step)s” being done, which has not come."),
    ("", "due"): gettext_lazy("It hangs on when “%(step)s” is due, which is not known yet."),
    ("", "closed"): gettext_lazy("It hangs on when “%(step)s” closes, which is not known yet."),
    ("", "settled"): gettext_lazy("It follows “%(step)s”, done or missed, which has not come."),
}
_PLAIN: Mapping[str, str | Promise] = {
    "in_series": gettext_lazy("It is number %(n)s of %(of)s of “%(series)s”."),
    "anchor_lost": gettext_lazy("It hung on “%(step)s”, which was missed %(at)s: so it can't come any more."),
    "drawn": gettext_lazy("Chance drew %(length)s for this person, between %(least)s and %(most)s."),
    "further": gettext_lazy("As number %(n)s of its series it lies %(length)s further."),
    "hour": gettext_lazy("The study sets the time of that day: %(hour)s."),
    "drawn_hour": gettext_lazy("Chance drew %(hour)s for this person, between %(first)s and %(last)s of that day."),
    "zone": gettext_lazy("Days and times are read on the person's clocks, in %(zone)s."),
    "clocks": gettext_lazy("The clocks change in between, from %(before)s to %(after)s: the time of day stays."),
    "missing_hour": gettext_lazy("On that day the clocks have no %(hour)s. They go forward, so it is %(at)s."),
    "due": gettext_lazy("So it is due %(at)s."),
    "caps": gettext_lazy("Of all reminders together, the study sends at most %(caps)s. What is above is not sent."),
    "open": gettext_lazy("It is open, and not done."),
    "skipped": gettext_lazy("The team skipped it %(at)s. It counts as missed, and what comes after it goes on."),
    "left_training": gettext_lazy("It was missed %(at)s, when the person stopped the training."),
    "closed": gettext_lazy("It was missed: its window closed %(at)s, and it was not done."),
    "lost": gettext_lazy("It was missed %(at)s, because what it hung on was missed."),
    "ended": gettext_lazy("It was missed %(at)s, because the study ended then for this person."),
    "missed": gettext_lazy("It was missed %(at)s. By what is known today, it would not have been then."),
    "done": gettext_lazy("It was done %(at)s."),
}


def sentences(told: Explained, *, at: Told, named: Named, sees_reasons: bool = True) -> list[str]:
    """The chain in words, a sentence or two a link.

    Args:
        told: The chain.
        at: How an instant is said.
        named: How a step is called.
        sees_reasons: Whether the reader may know who of the team changed something, and why.
    """
    return [_sentence(link, at, named, sees_reasons) for link in told.links]


def _sentence(link: Link, at: Told, named: Named, sees_reasons: bool) -> str:
    values = _said(link.values, at, named)
    kind = link.kind
    if kind in {"anchor", "follows", "anchor_waits"}:
        step, moment = link.values["step"], link.values["moment"]
        said = (_WAITS if kind == "anchor_waits" else _ANCHORS)[("", moment) if moment else (step, "")]
        return str(said) % values
    if kind in {"moved", "more_time"}:
        return _changed(kind, link, values, at, sees_reasons)
    if kind == "caps":
        values["caps"] = _caps(link.values)
    special = {"length": _length, "window": _window, "no_window": _no_window, "reminder": _reminder}
    special |= {"no_reminder": _no_reminder, "waiting": _waiting}
    if kind in special:
        return special[kind](link, values)
    return str(_PLAIN[kind]) % values


def _said(values: Mapping[str, Any], at: Told, named: Named) -> dict[str, Any]:
    """The values of a link as they are read: instants said, steps named."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, datetime):
            found[name] = at(value)
        elif name in {"step", "series"}:
            found[name] = named(value)
        elif name in {"length", "least", "most"}:
            found[name] = _long(value)
        else:
            found[name] = value
    return found


def _long(length: str) -> str:
    """A duration of the bundle, without its sign, in words."""
    duration = parse_duration(length)
    n = abs(duration.count)
    return {
        "d": ngettext("%(n)s day", "%(n)s days", n),
        "h": ngettext("%(n)s hour", "%(n)s hours", n),
        "m": ngettext("%(n)s minute", "%(n)s minutes", n),
        "s": ngettext("%(n)s second", "%(n)s seconds", n),
    }[duration.unit] % {"n": n}


def _length(link: Link, values: Mapping[str, Any]) -> str:
    length = link.values["length"]
    if length.startswith("-"):
        return _("It lies %(length)s before that.") % values
    if length.rstrip("dhms") == "0":
        return _("It lies at that very time.")
    return _("It lies %(length)s after that.") % values


def _window(link: Link, values: Mapping[str, Any]) -> str:
    return _("Its window is from %(opens)s to %(closes)s.") % values


def _no_window(link: Link, values: Mapping[str, Any]) -> str:
    if link.values["closes"] is None:
        return _("It has no window of its own: open from %(opens)s until the study ends.") % values
    return _("It is open from %(opens)s to %(closes)s.") % values


def _reminder(link: Link, values: Mapping[str, Any]) -> str:
    if not parse_duration(link.values["length"]).count:
        if "first" in values:
            return (
                _("Reminder %(n)s is due %(at)s: as the step opens, put off to between %(first)s and %(last)s.")
                % values
            )
        return _("Reminder %(n)s is due %(at)s: as the step opens.") % values
    if "first" in values:
        return (
            _("Reminder %(n)s is due %(at)s: %(length)s after the opening, put off to between %(first)s and %(last)s.")
            % values
        )
    return _("Reminder %(n)s is due %(at)s: %(length)s after the opening.") % values


def _no_reminder(link: Link, values: Mapping[str, Any]) -> str:
    return (
        _("Reminder %(n)s, %(length)s after the opening, would come when the step has ended: there is none.") % values
    )


def _waiting(link: Link, values: Mapping[str, Any]) -> str:
    if link.values["at"] is None:
        return _("It has not opened yet, and its day is not known.")
    return _("It has not opened yet.")


def _changed(kind: str, link: Link, values: Mapping[str, Any], at: Told, sees_reasons: bool) -> str:
    said = _("The team moved it to %(at)s.") if kind == "moved" else _("The team has set its end to %(at)s.")
    said %= values
    if not sees_reasons or not link.values["reason"]:
        return said
    who = link.values["by"] or "–"
    made_at = link.values["made_at"]
    why = _("%(who)s, %(when)s: %(reason)s") % {
        "who": who,
        "when": at(made_at) if made_at else "–",
        "reason": link.values["reason"],
    }
    return f"{said} {why}"


def _caps(values: Mapping[str, Any]) -> str:
    day, week = values["day"], values["week"]
    parts = [
        ngettext("%(count)s in a day", "%(count)s in a day", day) % {"count": day} if day is not None else "",
        ngettext("%(count)s in a week", "%(count)s in a week", week) % {"count": week} if week is not None else "",
    ]
    return _(" and ").join(part for part in parts if part)
