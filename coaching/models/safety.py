"""What people report when something is not well, whenever they want to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from coaching.models.occasions import Occasion
from coaching.models.people import Enrolment


class SafetyReport(models.Model):
    """One report of a person's own: made on any page, at any time, also in a pause. What it says is never changed."""

    class Kind(models.TextChoices):
        """What it is about, as the person chose."""

        UNWANTED = "unwanted"
        UNWELL = "unwell"
        NOT_WORKING = "not_working"
        OTHER = "other"

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="safety_reports")
    occasion = models.ForeignKey(
        Occasion, null=True, on_delete=models.CASCADE, related_name="safety_reports", help_text="whose page led to it"
    )
    screen = models.CharField(max_length=12, blank=True, help_text="data-screen of the page that they came from")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    text = models.TextField(blank=True)
    wants_contact = models.BooleanField(null=True, help_text="whether somebody may get in touch; null: not said")
    made_at = models.DateTimeField()
    key = models.UUIDField(unique=True, help_text="made with the form, so that a double submit is one report")
    seen_at = models.DateTimeField(null=True, help_text="when staff said that they had seen to it")

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["seen_at"], name="safety_report_seen")]

    def __str__(self) -> str:
        return f"safety report {self.pk}"
