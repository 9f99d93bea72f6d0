"""Drawings that were begun and not handed in."""

from __future__ import annotations

from django.db.models import QuerySet

from imagery.models import DrawingDraft


def kept_drafts() -> QuerySet[DrawingDraft]:
    """Every draft with its person and their study at hand, the longest untouched first."""
    rows = DrawingDraft.objects.select_related("run__occasion__enrolment__study", "run__occasion__enrolment__version")
    return rows.defer("strokes", "run__occasion__enrolment__version__content").order_by("saved_at", "pk")
