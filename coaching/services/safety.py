"""What people report when something is not well, and that staff have seen to it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accounts.audit import Actor, record
from coaching.models import Enrolment, Occasion, SafetyReport
from coaching.services.care import raise_for_report
from coaching.services.occasions import lock

LONGEST_TEXT = 4_000
SCREENS = (
    *("contact", "home", "question", "session", "draw", "task", "wait", "done", "paused", "mydata", "messages"),
    "error",
)
"""Where somebody can come from."""


class NotOfStudy(ValueError):
    """Somebody who has not consented, or who left: nothing new is stored of them."""


@transaction.atomic
def report(
    *,
    enrolment: Enrolment,
    kind: str,
    text: str,
    wants_contact: bool | None,
    screen: str,
    occasion: Occasion | None,
    key: uuid.UUID,
    now: datetime,
) -> SafetyReport | None:
    """A report of a person's own, also in a pause and once they are through; None where they were erased meanwhile.

    The same under the same `key` is one report, however often the form is sent. Something else under it, of a form
    that was gone back to, is another report.

    Args:
        enrolment: Who reports.
        kind: What it is about, one of `SafetyReport.Kind`.
        text: In their own words; may be empty.
        wants_contact: Whether somebody may get in touch with them; None where they did not say.
        screen: Where they came from, one of `SCREENS`; empty where nobody knows.
        occasion: Whose page that was, one of the person's own; None for a page of none.
        key: Names the form.
        now: When.

    Raises:
        NotOfStudy: They have not consented yet, or left.
        ValueError: The kind, the screen or the text can't be taken.
    """
    if kind not in SafetyReport.Kind.values or (screen and screen not in SCREENS) or len(text) > LONGEST_TEXT:
        raise ValueError(f"a report of kind {kind!r}, from {screen!r}, of {len(text)} characters")
    enrolment = lock(enrolment.pk)
    if enrolment.erased_at is not None:
        return None
    if enrolment.consented_at is None or enrolment.withdrawn_at is not None:
        raise NotOfStudy(f"{enrolment} is not of the study")
    earlier = SafetyReport.objects.filter(key=key).first()
    if earlier is not None:
        said = (earlier.enrolment_id, earlier.kind, earlier.text, earlier.wants_contact)
        if said == (enrolment.pk, kind, text, wants_contact):
            return earlier
        key = uuid.uuid4()
    made = SafetyReport.objects.create(
        enrolment=enrolment,
        occasion=occasion if occasion is not None and occasion.enrolment_id == enrolment.pk else None,
        screen=screen,
        kind=kind,
        text=text,
        wants_contact=wants_contact,
        made_at=now,
        key=key,
    )
    raise_for_report(report=made, now=now)
    # What it says goes when the person is erased; the log would keep it.
    record(by="participant", action="safety.report", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)
    return made


@transaction.atomic
def see(*, enrolment: Enrolment, report: int, by: Actor, now: datetime) -> bool:
    """Writes down that one report of a person's was seen to; whether it had not been before."""
    enrolment = lock(enrolment.pk)
    seen = SafetyReport.objects.filter(enrolment=enrolment, pk=report, seen_at=None).update(seen_at=now)
    if seen:
        record(by=by, action="safety.seen", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)
    return bool(seen)
