"""Taking out what a person practised."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from coaching.models import Enrolment
from imagery.models import (
    Drawing,
    DrawingDraft,
    DrawingRevision,
    Rating,
    RatingRevision,
    Report,
    ReportRevision,
    SessionEvent,
    SessionRun,
    StageVisit,
)
from imagery.services.pictures import discard


@transaction.atomic
def erase_person(enrolment: Enrolment) -> None:
    """Removes all that this room holds of a person: ratings, texts, drawings with files, histories, events, runs.

    Part of an erasure. The files go once it is committed, since nobody can bring them back.
    """
    drawings = Drawing.objects.filter(run__occasion__enrolment=enrolment)
    earlier = DrawingRevision.objects.filter(drawing__in=drawings)
    files = [*drawings.values_list("file", flat=True), *earlier.values_list("file", flat=True)]
    earlier.delete()
    RatingRevision.objects.filter(rating__run__occasion__enrolment=enrolment).delete()
    ReportRevision.objects.filter(report__run__occasion__enrolment=enrolment).delete()
    for table in (Rating, Report, Drawing, DrawingDraft, StageVisit, SessionEvent):
        table.objects.filter(run__occasion__enrolment=enrolment).delete()
    SessionRun.objects.filter(occasion__enrolment=enrolment).delete()
    transaction.on_commit(partial(discard, *files))
