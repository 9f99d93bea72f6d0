"""What a person did, wrote and drew last in their sessions."""

from __future__ import annotations

from coaching.models import Enrolment
from imagery.models import Drawing, Report, SessionRun


def latest_run(enrolment: Enrolment) -> SessionRun | None:
    """The session that was begun last; None where none was begun."""
    runs = SessionRun.objects.filter(occasion__enrolment=enrolment, started_at__isnull=False)
    return runs.select_related("occasion").order_by("-started_at", "-pk").first()


def latest_report(enrolment: Enrolment) -> Report | None:
    """The words that were written last; None where nobody wrote any."""
    reports = Report.objects.filter(run__occasion__enrolment=enrolment).exclude(text="")
    return reports.order_by("-written_at", "-pk").first()


def latest_drawing(enrolment: Enrolment) -> Drawing | None:
    """The picture, or the words in its place, that was made last; None where there is none."""
    drawings = Drawing.objects.filter(run__occasion__enrolment=enrolment).exclude(file="", words="")
    return drawings.order_by("-saved_at", "-pk").first()
