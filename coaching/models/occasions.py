"""Planned moments, the values that the programme reads, and the lists from which arms are given."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from coaching.models.people import Enrolment
from coaching.models.study import Study


class Occasion(models.Model):
    """One planned step of one enrolment; its key is the step's id, the export's `timepoint`."""

    class Kind(models.TextChoices):
        """The room that knows how it is done; also its URL namespace."""

        ASSESSMENTS = "assessments"
        IMAGERY = "imagery"

    class State(models.TextChoices):
        """As of the last settling; between ticks `coaching.selectors.plan_of` is the truth."""

        WAITING = "waiting"
        OPEN = "open"
        DONE = "done"
        MISSED = "missed"
        CANCELLED = "cancelled"

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="occasions")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=24)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    place = models.PositiveIntegerField(help_text="position in the study's order")
    optional = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    started_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True, help_text="when it was done, missed or cancelled")
    closed_at = models.DateTimeField(null=True, help_text="when its room had written down what was not reached")
    set_due_at = models.DateTimeField(null=True, help_text="as staff moved it, in place of what the study says")
    set_closes_at = models.DateTimeField(null=True, help_text="as staff moved it, in place of what the study says")
    skipped_at = models.DateTimeField(null=True, help_text="missed from then on by staff's word; what follows goes on")
    # How the person is after a session is asked apart from the step, which is done by then.
    after_closes_at = models.DateTimeField(null=True, help_text="until when that is asked; empty where it is not")
    after_settled_at = models.DateTimeField(null=True, help_text="when that was answered, or its time was over")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enrolment", "key"], name="occasion_key_unique"),
            models.CheckConstraint(
                name="occasion_settled",
                condition=Q(state__in=["waiting", "open"], settled_at__isnull=True)
                | Q(state__in=["done", "missed", "cancelled"], settled_at__isnull=False),
            ),
        ]
        ordering: ClassVar = ["enrolment", "place"]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.key}"


class Adjustment(models.Model):
    """One change that staff made to one person's plan, with its reason; never changed itself."""

    class Kind(models.TextChoices):
        """What was done."""

        MOVED = "moved"
        LONGER = "longer"
        SKIPPED = "skipped"

    occasion = models.ForeignKey(Occasion, on_delete=models.CASCADE, related_name="adjustments")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    due_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.occasion_id}"


class Measure(models.Model):
    """A score that the programme reads (allocation, bands). Derived: it can be recomputed from answers at any time."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="measures")
    timepoint = models.CharField(max_length=24)
    instrument = models.CharField(max_length=24)
    score = models.CharField(max_length=24)
    value = models.FloatField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enrolment", "timepoint", "instrument", "score"], name="measure_unique")
        ]

    def __str__(self) -> str:
        return f"{self.timepoint}.{self.instrument}.{self.score}"


class AllocationList(models.Model):
    """The list of one stratum under one design. Synthetic people have lists of their own."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="allocation_lists")
    design = models.CharField(max_length=64, help_text="digest of all that decides the lists")
    stratum = models.TextField(blank=True)
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["study", "design", "stratum", "synthetic"], name="allocation_list_unique")
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.stratum}"


class AllocationSlot(models.Model):
    """One place of a list. A block's places are made when its first person comes: there is no longer list to read."""

    list = models.ForeignKey(AllocationList, on_delete=models.PROTECT, related_name="slots")
    position = models.PositiveIntegerField()
    block = models.PositiveIntegerField()
    arm = models.CharField(max_length=24)
    enrolment = models.OneToOneField(
        Enrolment, null=True, on_delete=models.PROTECT, related_name="allocation_slot", help_text="empty: not yet given"
    )
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list", "position"], name="allocation_slot_unique"),
            models.CheckConstraint(
                name="slot_taken", condition=Q(enrolment__isnull=True, taken_at=None) | Q(taken_at__isnull=False)
            ),
        ]
        ordering: ClassVar = ["list", "position"]

    def __str__(self) -> str:
        return f"{self.list_id}:{self.position}"
