"""API tokens."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from coaching.models import Enrolment, Study


class ApiToken(models.Model):
    """A key to one study's data. Only its hash is kept; the prefix finds the row."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="api_tokens")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    prefix = models.CharField(max_length=12, unique=True)
    token_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, help_text="empty for one made by command")
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.prefix


class QualityDecision(models.Model):
    """What a named person decided about one flag of one person's data, and why. The latest stands; all are kept."""

    class Decision(models.TextChoices):
        """Kept, left out of a set of analyses, or the coach is asked. Nothing here removes a row."""

        KEEP = "keep"
        EXCLUDE = "exclude"
        ASK = "ask"

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="quality_decisions")
    rule = models.CharField(max_length=32)
    rule_version = models.PositiveIntegerField()
    timepoint = models.CharField(max_length=24)
    part = models.CharField(max_length=64, help_text="the questionnaire or script")
    decision = models.CharField(max_length=7, choices=Decision.choices)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.rule} {self.decision}"
