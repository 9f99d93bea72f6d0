"""People of a study, under pseudonyms. Who they are is in `contact`, apart and encrypted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from coaching.models.study import Study, StudyVersion


class Screening(models.Model):
    """Somebody at the door who came without an invitation: a count, with nothing else known of them."""

    class Outcome(models.TextChoices):
        """How far they came."""

        UNFINISHED = "unfinished"
        INELIGIBLE = "ineligible"
        CONSENTED = "consented"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="screenings")
    reference = models.CharField(max_length=12, unique=True, help_text="what the person can tell staff to be let in")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.UNFINISHED)
    key = models.CharField(  # noqa: DJ001 - unique where there is one, so "none" must be NULL
        max_length=43, null=True, unique=True, help_text="random name of one shown form, to know its double submit"
    )
    reason = models.CharField(max_length=24, blank=True, help_text="id of the first question that was not met")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"screening {self.reference}"


class Enrolment(models.Model):
    """One person in one study, from the invitation or the consent on.

    After erasure the row is the tombstone: pseudonym and date, and what the participant flow counts (arm and dates
    of consent and allocation); everything else of it is emptied.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="enrolments")
    version = models.ForeignKey(
        StudyVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="enrolments",
        help_text="the one consented to, or a later one to which the study's team moved them",
    )
    screening = models.OneToOneField(
        Screening, null=True, on_delete=models.SET_NULL, related_name="enrolment", help_text="empty for the invited"
    )
    pseudonym = models.CharField(max_length=8, unique=True)
    language = models.CharField(max_length=35, blank=True)
    timezone = models.CharField(max_length=64)
    synthetic = models.BooleanField(default=False)
    eligibility = models.JSONField(default=dict, help_text="answers at the door, by question")
    ineligible_by = models.CharField(max_length=24, blank=True, help_text="an invited person's first unmet question")
    screened_at = models.DateTimeField(null=True, help_text="an invited person's first answer at the door")
    groups = models.JSONField(default=dict, help_text="{group: band label} as they were at allocation")
    arm = models.CharField(max_length=24, blank=True)
    place_in_arm = models.PositiveIntegerField(
        null=True, help_text="how many had been given the arm before: orders are dealt out in turn by it"
    )
    invited_at = models.DateTimeField(null=True)
    consented_at = models.DateTimeField(null=True)
    contact_at = models.DateTimeField(null=True, help_text="when contact and zone were first given")
    allocated_at = models.DateTimeField(null=True)
    excluded_at = models.DateTimeField(null=True, help_text="when a missed step ended it before allocation")
    excluded_by = models.CharField(max_length=40, blank=True, help_text="missed:STEP, study_closed")
    paused_at = models.DateTimeField(null=True)
    no_mail_at = models.DateTimeField(null=True, help_text="when they asked for no more reminders")
    left_training_at = models.DateTimeField(null=True, help_text="when they stopped the training and stayed in")
    no_contact_at = models.DateTimeField(null=True, help_text="when they asked that nothing be sent any more")
    completed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal = models.CharField(max_length=5, blank=True, help_text="keep or erase")
    erased_at = models.DateTimeField(null=True)
    ahead_s = models.BigIntegerField(
        null=True, help_text="a test person's own clock is that far ahead of the product's; empty for everybody else"
    )
    imported_at = models.DateTimeField(
        null=True, help_text="made from a file of answers collected elsewhere: outside consent and allocation"
    )
    next_boundary_at = models.DateTimeField(
        null=True, db_index=True, help_text="when something changes though nobody acts; the tick looks then"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="allocated_has_arm", condition=Q(allocated_at__isnull=True, arm="") | Q(allocated_at__isnull=False)
            ),
            models.CheckConstraint(
                name="imported_stays_outside",
                condition=Q(imported_at__isnull=True)
                | Q(version__isnull=False, consented_at__isnull=True, allocated_at__isnull=True),
            ),
            models.CheckConstraint(name="test_is_synthetic", condition=Q(ahead_s__isnull=True) | Q(synthetic=True)),
            models.CheckConstraint(
                name="consented_has_version", condition=Q(consented_at__isnull=True) | Q(version__isnull=False)
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["study", "id"])]

    def __str__(self) -> str:
        return self.pseudonym


class Pause(models.Model):
    """One pause of one person's programme, with who began and ended it, and why."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="pauses")
    paused_at = models.DateTimeField()
    paused_by = models.CharField(max_length=40, help_text="participant, staff, or the safety rule")
    reason = models.CharField(max_length=300, blank=True)
    resumed_at = models.DateTimeField(null=True)
    resumed_by = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"pause of {self.enrolment_id}"


class ZoneMove(models.Model):
    """That somebody's clocks are read in another zone from then on."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="zone_moves")
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64)
    moved_at = models.DateTimeField()
    by = models.CharField(max_length=40, help_text="participant or staff")

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.before} to {self.after}"


class ConsentRecord(models.Model):
    """The exact text that a person agreed to."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="consents")
    version = models.ForeignKey(StudyVersion, on_delete=models.PROTECT, related_name="+")
    consent_version = models.CharField(max_length=64)
    language = models.CharField(max_length=35)
    text = models.TextField(help_text="the Markdown as shown")
    statements = models.JSONField(help_text="[{id, text, required, agreed}] as shown")
    digest = models.CharField(max_length=64, help_text="SHA-256 over text and statements")
    consented_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"consent {self.consent_version}"
