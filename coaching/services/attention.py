"""Staff say that they have seen to a reason to look at a person: it leaves the list of who needs somebody."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.audit import record
from accounts.models import User
from coaching.models import Enrolment, Seen
from coaching.selectors.attention import reasons_of
from coaching.services import letters, safety
from coaching.services.occasions import lock

REASON = re.compile(
    r"(?:help|safety):[0-9]{1,18}|(?:late|closing):[a-z][a-z0-9_]{0,23}:[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|held:[0-9]{4}-[0-9]{2}-[0-9]{2}",
    re.ASCII,
)


@transaction.atomic
def see_to(*, enrolment: Enrolment, reasons: Collection[str], by: User, now: datetime) -> bool:
    """Writes down that a person's reasons need no act, and whether they all held or had been seen to before.

    Where one no longer holds and nobody has seen to it, things changed meanwhile, and nothing is written.
    """
    # The person's row, held: two who press at once are one after the other, and the second finds it done.
    enrolment = lock(enrolment.pk)
    standing = reasons_of(enrolment, now)
    new: list[str] = []
    for reason in dict.fromkeys(reasons):
        if _stands(enrolment, reason, standing):
            new.append(reason)
        elif not _is_seen(enrolment, reason):
            return False
    written = [letter for reason in new if (letter := _number(reason, "help")) is not None]
    if written:
        letters.see(enrolment=enrolment, newest=max(written), by=by, now=now)
    for reason in new:
        if (report := _number(reason, "safety")) is not None:
            safety.see(enrolment=enrolment, report=report, by=by, now=now)
    kept = [reason for reason in new if reason.startswith(_KEPT)]
    Seen.objects.bulk_create(Seen(enrolment=enrolment, reason=reason, by=by, at=now) for reason in kept)
    if kept:
        slug = enrolment.study.slug
        record(by=by, action="need.seen", now=now, study=slug, subject=enrolment.pseudonym, reasons=kept)
    return True


_KEPT = ("late:", "closing:", "held:")  # nothing else says that they were seen to


def _stands(enrolment: Enrolment, reason: str, standing: Collection[str]) -> bool:
    """Whether a reason holds now; a letter's does until it is answered, whatever was written since."""
    letter = _number(reason, "help")
    if letter is None:
        return reason in standing
    return enrolment.letters.filter(is_from_staff=False, answered_at=None, pk=letter).exists()


def _is_seen(enrolment: Enrolment, reason: str) -> bool:
    letter, report = _number(reason, "help"), _number(reason, "safety")
    if report is not None:
        return enrolment.safety_reports.filter(pk=report, seen_at__isnull=False).exists()
    if letter is None:
        return enrolment.seen.filter(reason=reason).exists()
    return enrolment.letters.filter(is_from_staff=False, pk=letter).exists()


def _number(reason: str, of: str) -> int | None:
    """The letter (`help`) or the report (`safety`) that a reason names; None for any other reason."""
    kind, _, rest = reason.partition(":")
    return int(rest) if kind == of else None
