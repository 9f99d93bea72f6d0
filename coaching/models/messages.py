"""Messages to people: a row each, made with the plan, settled by what became of it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from coaching.models.care import SafetyAlert
from coaching.models.contact import Way
from coaching.models.people import Enrolment


class Message(models.Model):
    """One message to one person. What it says is composed when it leaves; its `key` and what became of it are kept.

    `attempts` counts claims and fences each attempt against the others; `refusals` counts what the mail server put
    off, and alone decides when to try again and when to give up.
    """

    class Kind(models.TextChoices):
        """What it is for."""

        INVITATION = "invitation"
        REMINDER = "reminder"
        LINK = "link"
        MESSAGE = "message"
        WAITING = "waiting"
        ALERT = "alert"

    class State(models.TextChoices):
        """Where it stands. Only `scheduled` and `claimed` may still become anything but what the mail server says."""

        SCHEDULED = "scheduled"
        CLAIMED = "claimed"
        HANDING_OVER = "handing_over"
        SENT = "sent"
        FAILED = "failed"
        MISSED = "missed"
        CANCELLED = "cancelled"
        UNCERTAIN = "uncertain"

    UNSENT = (State.SCHEDULED, State.CLAIMED)

    # Every index is written at each of the four steps of a sending: none is there twice, or for what nearly no row has.
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="messages", db_index=False)
    timepoint = models.CharField(max_length=24, blank=True, help_text="the step; empty for invitations and links")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    alert = models.ForeignKey(SafetyAlert, null=True, on_delete=models.CASCADE, related_name="messages", db_index=False)
    level = models.PositiveSmallIntegerField(default=0, help_text="of an alert: which of its addresses, from 1")
    n = models.PositiveIntegerField(help_text="counts a step's messages, or a person's of that kind, from 1")
    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="names the mail (Message-ID), in every attempt")
    due_at = models.DateTimeField(help_text="by the product's clock; a refusal never moves it")
    not_before = models.DateTimeField(null=True, help_text="after a refusal, by the database's clock")
    state = models.CharField(max_length=12, choices=State.choices, default=State.SCHEDULED)
    reason = models.CharField(max_length=40, blank=True, help_text="a word on a state that nobody wanted")
    attempts = models.PositiveIntegerField(default=0)
    refusals = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, help_text="by the database's clock")
    handing_over_at = models.DateTimeField(null=True, help_text="by the database's clock")
    sent_at = models.DateTimeField(null=True, help_text="when the mail server had taken it, by the product's clock")
    way = models.CharField(max_length=4, choices=Way.choices, default=Way.MAIL, help_text="by which it left")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enrolment", "timepoint", "kind", "n"], name="message_unique"),
            models.CheckConstraint(name="message_sent_has_time", condition=~Q(state="sent") | Q(sent_at__isnull=False)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="message_state_due"),
            models.Index(fields=["alert"], name="message_alert", condition=Q(alert__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.timepoint} {self.n}"
