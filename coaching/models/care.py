"""Alerts on people who are not well, and what a safety board needs to know of what happened to them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from coaching.encryption import EncryptedTextField
from coaching.models.occasions import Occasion
from coaching.models.people import Enrolment
from coaching.models.safety import SafetyReport


class SafetyAlert(models.Model):
    """That somebody is to be looked at, and how soon; the mails about it are messages of kind `alert`."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="alerts")
    rule = models.CharField(max_length=24, help_text="the study's rule; empty for a report of the person's own")
    occasion = models.ForeignKey(Occasion, null=True, on_delete=models.CASCADE, related_name="alerts")
    report = models.OneToOneField(SafetyReport, null=True, on_delete=models.CASCADE, related_name="alert")
    raised_at = models.DateTimeField()
    paused = models.BooleanField(default=False, help_text="whether the person's programme was let rest by it")
    look_by = models.DateTimeField(help_text="when it goes to the next address if nobody has looked")
    level = models.PositiveSmallIntegerField(default=1, help_text="how many have been written to")
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    done = models.CharField(max_length=300, blank=True, help_text="what was done, in the words of who looked")

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enrolment", "rule", "occasion"], name="alert_once"),
            models.CheckConstraint(
                name="alert_has_cause", condition=Q(report__isnull=False) | Q(occasion__isnull=False)
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["seen_at", "look_by"], name="alert_unseen")]

    def __str__(self) -> str:
        return f"alert {self.pk}"


class AdverseEvent(models.Model):
    """One entry of the listing of adverse events. Never changed: a later word on it is a row that replaces it."""

    class Severity(models.TextChoices):
        """How much of the person's day it took, after CTCAE's grades 1 to 3 and above."""

        MILD = "mild"
        MODERATE = "moderate"
        SEVERE = "severe"

    class Relatedness(models.TextChoices):
        """Whether the study brought it about, on the scale of ICH E2A and the WHO-UMC system."""

        UNRELATED = "unrelated"
        UNLIKELY = "unlikely"
        POSSIBLE = "possible"
        PROBABLE = "probable"
        DEFINITE = "definite"

    class Action(models.TextChoices):
        """What was done with the person's programme."""

        NONE = "none"
        PAUSED = "paused"
        LEFT_TRAINING = "left_training"
        WITHDRAWN = "withdrawn"
        REFERRED = "referred"

    class Outcome(models.TextChoices):
        """How it ended."""

        RECOVERED = "recovered"
        RECOVERING = "recovering"
        NOT_RECOVERED = "not_recovered"
        WITH_SEQUELAE = "with_sequelae"
        FATAL = "fatal"
        UNKNOWN = "unknown"

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="adverse_events")
    number = models.PositiveIntegerField(help_text="counts a person's events from 1; the same in every version of one")
    replaces = models.OneToOneField("self", null=True, on_delete=models.CASCADE, related_name="replaced_by")
    alert = models.ForeignKey(SafetyAlert, null=True, on_delete=models.CASCADE, related_name="events")
    term = models.CharField(max_length=120, help_text="what it is, in a word or two")
    description = EncryptedTextField(blank=True)
    onset_on = models.DateField()
    severity = models.CharField(max_length=8, choices=Severity.choices)
    serious = models.BooleanField(help_text="by ICH E2A: death, danger to life, hospital, lasting harm, birth defect")
    relatedness = models.CharField(max_length=9, choices=Relatedness.choices)
    expected = models.BooleanField(help_text="whether the consent form or protocol names it")
    action = models.CharField(max_length=13, choices=Action.choices)
    outcome = models.CharField(max_length=13, choices=Outcome.choices)
    resolved_on = models.DateField(null=True)
    reason = models.CharField(max_length=300, blank=True, help_text="why it replaces an earlier version")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    key = models.UUIDField(unique=True, help_text="made with the form, so that a double submit is one entry")

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"adverse event {self.enrolment_id}.{self.number}"
