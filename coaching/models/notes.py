"""What staff write about a person, what staff and a person write to each other, and what staff have seen to."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from coaching.encryption import EncryptedTextField
from coaching.models.people import Enrolment


class Note(models.Model):
    """A note about one person. Its author may change it for a day; afterwards there are only addenda."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    text = EncryptedTextField()
    written_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)
    addendum_to = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="addenda")
    key = models.UUIDField(unique=True, help_text="made with the form, so that a double submit is one note")

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"note {self.pk}"


class Letter(models.Model):
    """One message of the talk between a person and those who look after them; it stays in the product."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="letters")
    is_from_staff = models.BooleanField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    text = EncryptedTextField()
    written_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, help_text="when staff answered it, or said that they had seen it")
    key = models.UUIDField(unique=True, help_text="made with the form, so that a double submit is one message")

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["answered_at"], name="letter_answered")]

    def __str__(self) -> str:
        return f"letter {self.pk}"


class Seen(models.Model):
    """That a member of staff has seen to one reason to look at a person: it leaves the list of who needs them."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="seen")
    reason = models.CharField(max_length=60, help_text="late:STEP:DATE, closing:STEP:DATE")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["enrolment", "reason"], name="seen_unique")]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.reason}"
