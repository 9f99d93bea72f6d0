"""What people are owed, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from coaching.models.people import Enrolment


class Payment(models.Model):
    """One entry of the ledger: due for a step, approved by one of the team, paid by whatever pays."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="payments")
    timepoint = models.CharField(max_length=24, help_text="the step")
    cents = models.PositiveIntegerField(help_text="hundredths of the currency")
    currency = models.CharField(max_length=3)
    due_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    paid_at = models.DateTimeField(null=True)
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=80, blank=True, help_text="what the payer calls it")

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enrolment", "timepoint"], name="payment_once"),
            models.CheckConstraint(
                name="paid_was_approved", condition=Q(paid_at__isnull=True) | Q(approved_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cents} {self.currency} for {self.timepoint}"
