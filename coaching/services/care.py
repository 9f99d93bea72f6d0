"""Alerts: raised by answers and reports, written about at once, passed on while nobody looks, and seen to."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.audit import Actor, record
from accounts.models import User
from coaching.models import Enrolment, Message, Occasion, SafetyAlert, SafetyReport
from coaching.selectors.care import look_by, on_call
from coaching.services import people, reminders
from coaching.services.occasions import lock
from protocol.care import SafetyRule

SELDOM = timedelta(days=1)
"""How far apart mails to the last address come to be."""
LOUD = (SafetyReport.Kind.UNWANTED, SafetyReport.Kind.UNWELL)
"""The reports that raise an alert."""


@transaction.atomic
def raise_for_answers(
    *, enrolment: Enrolment, occasion: Occasion, rule: SafetyRule, now: datetime, is_over: bool
) -> SafetyAlert | None:
    """What a rule of the study asks for when its condition is met at an occasion; once, however often it is told.

    The programme rests only once the questionnaire `is_over`, and only where there is still something to rest. Of a
    simulated person and a test person an alert is kept and nobody is written to; of an erased person, none.
    """
    enrolment = lock(enrolment.pk)
    if enrolment.erased_at is not None:
        return None
    alert = enrolment.alerts.filter(rule=rule.id, occasion=occasion).first() or _raise(
        enrolment, now=now, rule=rule.id, occasion=occasion, writes=rule.alerts
    )
    has_ended = enrolment.withdrawn_at is not None or enrolment.completed_at is not None
    if rule.pauses and is_over and not (has_ended or enrolment.paused_at is not None or alert.paused):
        people.pause(enrolment=enrolment, by="product", now=now, reason=rule.id)
        SafetyAlert.objects.filter(pk=alert.pk).update(paused=True)
        alert.paused = True
    return alert


@transaction.atomic
def raise_for_report(*, report: SafetyReport, now: datetime) -> SafetyAlert | None:
    """An alert for a report that somebody is not well; none for any other report, and one at most."""
    if report.kind not in LOUD:
        return None
    enrolment = lock(report.enrolment_id)
    if enrolment.erased_at is not None or SafetyAlert.objects.filter(report=report).exists():
        return None
    return _raise(enrolment, now=now, rule="", report=report, writes=True)


def _raise(
    enrolment: Enrolment,
    *,
    now: datetime,
    rule: str,
    writes: bool,
    occasion: Occasion | None = None,
    report: SafetyReport | None = None,
) -> SafetyAlert:
    made = SafetyAlert.objects.create(
        enrolment=enrolment,
        rule=rule,
        occasion=occasion,
        report=report,
        raised_at=now,
        look_by=look_by(enrolment, now),
        level=1 if writes else 0,
    )
    if writes and not enrolment.synthetic:
        reminders.alert(about=made, now=now)
    record(
        by="product",
        action="safety.alert",
        now=now,
        study=enrolment.study.slug,
        subject=enrolment.pseudonym,
        rule=rule or "report",
    )
    return made


def escalate_due(*, now: datetime) -> int:
    """Writes about each alert that nobody looked at in time to its next address; how many went on.

    It goes on at once where the mail to an address was refused for good. After the last address it goes to that one
    again until somebody looks: after the study's time, then after twice that, and so on up to once a day, so that an
    alert that is forgotten does not fill a mailbox.
    """
    refused = Message.objects.filter(alert=OuterRef("pk"), level=OuterRef("level"), state=Message.State.FAILED)
    waiting = SafetyAlert.objects.filter(
        Q(look_by__lte=now) | Exists(refused), seen_at=None, level__gte=1, enrolment__synthetic=False
    )
    found = list(waiting.order_by("look_by", "pk").values_list("pk", "enrolment"))
    return sum(_escalate(pk, person, now) for pk, person in found)


@transaction.atomic
def _escalate(pk: int, person: int, now: datetime) -> bool:
    """Whether the alert went on. The person is held first, as everywhere: an erasure waits, or has taken it along."""
    enrolment = lock(person)
    alert = SafetyAlert.objects.filter(pk=pk, seen_at=None).first()
    if alert is None or enrolment.erased_at is not None:
        return False
    if alert.look_by > now and not _is_refused(alert, enrolment):
        return False
    alert.level += 1
    within = look_by(enrolment, now) - now
    repeats = max(0, alert.level - len(on_call(enrolment)))
    alert.look_by = now + min(within * 2 ** min(repeats, 16), max(within, SELDOM))
    alert.save(update_fields=["level", "look_by"])
    reminders.alert(about=alert, now=now)
    record(
        by="product",
        action="safety.escalate",
        now=now,
        study=enrolment.study.slug,
        subject=enrolment.pseudonym,
        level=alert.level,
    )
    return True


def _is_refused(alert: SafetyAlert, enrolment: Enrolment) -> bool:
    """Whether the address that the alert has come to takes no mail, and there is another."""
    if alert.level >= len(on_call(enrolment)):
        return False
    return alert.messages.filter(level=alert.level, state=Message.State.FAILED).exists()


@transaction.atomic
def look(*, alert: SafetyAlert, done: str, by: User, now: datetime) -> bool:
    """Writes down that somebody of the team has looked, and what was done; whether nobody had before."""
    unseen = SafetyAlert.objects.filter(Q(pk=alert.pk), seen_at=None)
    if not unseen.update(seen_at=now, seen_by=by, done=done):
        return False
    if alert.report_id is not None:
        SafetyReport.objects.filter(pk=alert.report_id, seen_at=None).update(seen_at=now)
    _say(alert, "safety.look", by=by, now=now)
    return True


def _say(alert: SafetyAlert, action: str, *, by: Actor, now: datetime) -> None:
    person = alert.enrolment
    record(by=by, action=action, now=now, study=person.study.slug, subject=person.pseudonym, alert=alert.pk)
