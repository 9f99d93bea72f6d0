"""Who is to be looked at, by when, and who is written to about it."""

from __future__ import annotations

from datetime import datetime

from coaching import windows
from coaching.models import Enrolment, Message, Occasion, SafetyAlert
from coaching.selectors.people import study_of
from coaching.windows import zone
from protocol.care import SafetyRule


def look_by(person: Enrolment, since: datetime) -> datetime:
    """By when somebody of the team must have looked at what was raised at `since`, as the study promises."""
    declaration = study_of(person)
    return windows.add(since, declaration.safety.within, zone(declaration.timezone))


def on_call(person: Enrolment) -> tuple[str, ...]:
    """The addresses that are written to about a person, one after the other: at least one."""
    declaration = study_of(person)
    return (declaration.safety.to or declaration.contact, *declaration.safety.escalate)


def rule_of(alert: SafetyAlert) -> SafetyRule | None:
    """The study's rule that raised an alert; None for a report, and where the person's version has it no more."""
    rules = study_of(alert.enrolment).safety.rules
    return next((rule for rule in rules if rule.id == alert.rule), None)


def told_to(person: Enrolment) -> SafetyAlert | None:
    """The alert that the person's own pages tell them of: the oldest that nobody looked at; None without one.

    One that nobody was written to about, and that let nothing rest, promises nothing, and is not told of.
    """
    unseen = person.alerts.filter(seen_at=None).order_by("pk")
    return next((alert for alert in unseen if alert.level or alert.paused), None)


def told_at(occasion: Occasion) -> SafetyAlert | None:
    """The same, of what was answered at one occasion."""
    if not study_of(occasion.enrolment).safety.rules:
        return None
    unseen = occasion.alerts.filter(seen_at=None).order_by("pk")
    return next((alert for alert in unseen if alert.level or alert.paused), None)


def alert_called(person: Enrolment, number: int) -> SafetyAlert | None:
    """One alert of a person, with what raised it at hand."""
    found = SafetyAlert.objects.filter(enrolment=person, pk=number)
    return found.select_related("report__occasion", "occasion", "seen_by").first()


def alerts_of(person: Enrolment) -> list[SafetyAlert]:
    """Every alert on a person, the newest first."""
    return list(person.alerts.select_related("report", "occasion").order_by("-pk"))


def mails_about(alert: SafetyAlert) -> list[Message]:
    """The messages about an alert, in the order in which they were planned."""
    return list(Message.objects.filter(alert=alert).order_by("pk"))
