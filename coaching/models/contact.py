"""Who people are and how to reach them: apart from everything else, encrypted, in no dataset."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from coaching.encryption import EncryptedTextField
from coaching.models.people import Enrolment


class Contact(models.Model):
    """Address, label and external ids of one person."""

    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="contact")
    email = EncryptedTextField(blank=True, default="")
    email_hash = models.CharField(max_length=64, blank=True, db_index=True)
    label = EncryptedTextField(blank=True, default="")
    external_ids = EncryptedTextField(blank=True, default="", help_text="JSON object")

    def __str__(self) -> str:
        return f"contact of {self.enrolment_id}"


class PersonalLink(models.Model):
    """A way in for one person, good until erasure or revocation. Only the hash of its token is kept."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["enrolment", "created_at"])]

    def __str__(self) -> str:
        return f"link of {self.enrolment_id}"
