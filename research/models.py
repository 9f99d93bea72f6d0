"""API tokens, decisions about flags, and drafts of scripts."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from coaching.models import Enrolment, Study, StudyVersion


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


class ScriptDraft(models.Model):
    """A script as somebody would have it. One of a script is worked on; those that ended are kept as they were."""

    class End(models.TextChoices):
        """How a draft ended: in a version, put aside by hand, or with another in its place."""

        PUBLISHED = "published"
        ASIDE = "aside"
        REPLACED = "replaced"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="script_drafts")
    slug = models.CharField(max_length=24)
    base = models.ForeignKey(
        StudyVersion, on_delete=models.PROTECT, related_name="+", help_text="the newest version when it was begun"
    )
    content = models.TextField(help_text="the script as JSON; a text, since the order of keys means something")
    rev = models.PositiveIntegerField(default=1, help_text="rises with each save: who saves an older one is told")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", help_text="who saved it last"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=9, choices=End.choices, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["study", "slug"], condition=models.Q(ended_at=None), name="script_draft_one_open"
            ),
            models.CheckConstraint(
                name="script_draft_ended_how",
                condition=models.Q(ended_at=None, end="") | (models.Q(ended_at__isnull=False) & ~models.Q(end="")),
            ),
        ]
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.slug} {self.rev}"


class ScriptFile(models.Model):
    """A recording, its captions or a picture that drafts of a study may name; its bytes lie under their digest."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="script_files")
    path = models.CharField(max_length=200, help_text="in the bundle; a part of its digest is in the name")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["study", "path"], name="script_file_unique")]
        ordering: ClassVar = ["path"]

    def __str__(self) -> str:
        return self.path
