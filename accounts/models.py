"""Staff accounts and the audit log. Participants are not users: they come by personal link."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower


class UserManager(BaseUserManager["User"]):
    """Finds and makes staff accounts by address, whatever its case."""

    def create_user(self, email: str, password: str | None = None) -> User:
        """A stored account; without a password it can be entered by one-time link alone."""
        user = self.model(email=self.normalize_email(email).lower())
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """The account of an address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A member of staff. What they may do hangs on their role in each study, not on the account."""

    email = models.EmailField(max_length=254)
    is_active = models.BooleanField(default=True)
    is_creator = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return f"user {self.pk}"


class SignInLink(models.Model):
    """A one-time way in. Only the hash of its token is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sign-in link {self.pk}"


class FailureCount(models.Model):
    """How often something failed for one key (the hash of an address or account) in one stretch of time."""

    key = models.CharField(max_length=64)
    window = models.BigIntegerField(help_text="number of the stretch of time since 1970")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "window"], name="failure_key_window")]

    def __str__(self) -> str:
        return f"failures {self.key[:8]} {self.window}"


class AuditEntry(models.Model):
    """One act that changed something. Triggers refuse UPDATE and DELETE; a row's `digest` covers the one before."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=80, help_text="'staff:ID', 'participant', 'command' or 'product'")
    action = models.CharField(max_length=60)
    study = models.CharField(max_length=64, blank=True, db_index=True)
    subject = models.CharField(max_length=120, blank=True, help_text="pseudonym, version or account; never a name")
    detail = models.TextField(default="{}", help_text="JSON; field names and hashes, never values that identify")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
