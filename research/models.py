"""API tokens."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from coaching.models import Study


class ApiToken(models.Model):
    """A key to one study's data. Only its hash is kept; the prefix finds the row."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="api_tokens")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    prefix = models.CharField(max_length=12, unique=True)
    token_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.prefix
