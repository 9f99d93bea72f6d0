"""Who people are and how to reach them: apart from everything else, encrypted, in no dataset."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from coaching.encryption import EncryptedTextField
from coaching.models.people import Enrolment


class Way(models.TextChoices):
    """How what reminds a person reaches them."""

    MAIL = "mail"
    PUSH = "push"
    SMS = "sms"


class Contact(models.Model):
    """Address, number, label and external ids of one person, and the way that they chose for what reminds them."""

    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="contact")
    email = EncryptedTextField(blank=True, default="")
    email_hash = models.CharField(max_length=64, blank=True, db_index=True)
    label = EncryptedTextField(blank=True, default="")
    external_ids = EncryptedTextField(blank=True, default="", help_text="JSON object")
    panel_hash = models.CharField(
        max_length=64, blank=True, db_index=True, help_text="of the study and the panel's id: finds who comes again"
    )
    held_at = models.DateTimeField(null=True, help_text="since when nothing goes to the address")
    held_reason = models.CharField(max_length=20, blank=True, help_text="bounce or complaint")
    phone = EncryptedTextField(blank=True, default="", help_text="with + and the country's code; only for the way sms")
    way = models.CharField(max_length=4, choices=Way.choices, default=Way.MAIL, help_text="of what reminds them")

    def __str__(self) -> str:
        return f"contact of {self.enrolment_id}"


class PushSubscription(models.Model):
    """A browser of somebody's that shows what is sent to it. Whoever knows all of it can write to that browser."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="devices")
    endpoint = EncryptedTextField(help_text="the address at the browser's push service")
    endpoint_hash = models.CharField(max_length=64, unique=True, help_text="keyed; a browser is one person's")
    p256dh = EncryptedTextField(help_text="the browser's public key")
    auth = EncryptedTextField(help_text="the secret that the browser shares with us")
    server_key = models.CharField(max_length=16, help_text="the end of the public key of ours that it was made for")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"a device of {self.enrolment_id}"


class ClosedPanelId(models.Model):
    """That somebody with a panel's id was here and is not known any more: the id's keyed hash, tied to nobody.

    It keeps whoever comes again with the id from counting as a new person. It has no date, and no other key than the
    hash itself, so that it says nothing of whose it was.
    """

    panel_hash = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return "closed panel id"


class PersonalLink(models.Model):
    """A way in for one person, good until erasure or revocation. Only the hash of its token is kept."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="links", db_index=False)
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        # A column's own `unique` would come with a second index, for beginnings of a hash.
        constraints: ClassVar = [models.UniqueConstraint(fields=["token_hash"], name="personallink_token_hash")]
        indexes: ClassVar = [models.Index(fields=["enrolment", "created_at"])]

    def __str__(self) -> str:
        return f"link of {self.enrolment_id}"
