"""Taking a person over to a later version of their study (docs/adr/0021)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record
from coaching.models import Enrolment
from coaching.selectors.moving import ahead_of


@transaction.atomic
def go_over(*, enrolment: Enrolment, now: datetime) -> bool:
    """Takes a locked person over to the version to which their study's team moves them; whether there was one.

    Consent, plan and instruments are the same in both, so that nothing else follows from it.
    """
    before = enrolment.version
    after = ahead_of(before) if before is not None else None
    if before is None or after is None:
        return False
    enrolment.version = after
    enrolment.save(update_fields=["version"])
    record(
        by="product",
        action="person.version",
        now=now,
        study=enrolment.study.slug,
        subject=enrolment.pseudonym,
        was=before.n,
        version=after.n,
    )
    return True
