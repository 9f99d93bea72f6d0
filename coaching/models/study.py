"""A study and its published versions."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Study(models.Model):
    """A study; what it declares is in its versions, where it stands in its life is here."""

    class State(models.TextChoices):
        """Whom it lets in: nobody yet, newcomers, nobody new, nobody any more."""

        DRAFT = "draft"
        OPEN = "open"
        PAUSED = "paused"
        CLOSED = "closed"

    slug = models.SlugField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField(null=True, help_text="when it first let people in")
    closed_at = models.DateTimeField(null=True, help_text="when it ended for everybody; it never opens again")
    target = models.PositiveIntegerField(null=True, help_text="how many people are planned")
    recruit_from = models.DateField(null=True, help_text="the first day of the plan")
    recruit_until = models.DateField(null=True, help_text="the day by which the target is planned")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="study_closed_has_time",
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at=None)),
            )
        ]

    def __str__(self) -> str:
        return self.slug


class StudyVersion(models.Model):
    """A bundle as it was loaded; never changed afterwards."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="versions")
    n = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    content = models.TextField(help_text="JSON; a text and not a JSON column, since the order of keys means something")
    part_versions = models.JSONField(
        default=dict, help_text="{'instruments': {id: n}, 'scripts': {slug: n}}: the first version with that content"
    )
    is_cohort = models.BooleanField(default=False, help_text="no arms: nobody is allocated (derived from the content)")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True, help_text="why, in the words of whoever stored it")
    takes_over = models.BooleanField(
        default=False, help_text="people of earlier versions go over to it at their next session, where they can"
    )

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["study", "n"], name="version_n_unique")]
        ordering: ClassVar = ["study", "n"]

    def __str__(self) -> str:
        return f"{self.study_id} v{self.n}"


class BundleFile(models.Model):
    """A media file of a version; its bytes lie in DATA_DIR under their digest."""

    version = models.ForeignKey(StudyVersion, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "path"], name="bundle_file_unique")]

    def __str__(self) -> str:
        return self.path


class Role(models.TextChoices):
    """What someone is in a study."""

    OWNER = "owner"
    RESEARCHER = "researcher"
    COACH = "coach"
    DATA_MANAGER = "data_manager"
    OBSERVER = "observer"


class Membership(models.Model):
    """A role of a member of staff in a study."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "study", "role"], name="membership_unique")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.study_id}"
