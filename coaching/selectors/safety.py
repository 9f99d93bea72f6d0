"""What people reported when something was not well."""

from __future__ import annotations

import uuid

from coaching.models import Enrolment, SafetyReport


def reports_of(enrolment: Enrolment) -> list[SafetyReport]:
    """All that a person reported, the newest first."""
    return list(SafetyReport.objects.filter(enrolment=enrolment).select_related("occasion").order_by("-pk"))


def report_called(enrolment: Enrolment, key: uuid.UUID) -> SafetyReport | None:
    """The person's own report that a form of this name made."""
    return SafetyReport.objects.filter(enrolment=enrolment, key=key).first()
