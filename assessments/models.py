"""Questionnaires as given and answered. Answers are stored as chosen; reversal and totals happen in `scoring`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from coaching.models import Enrolment, Occasion


class Administration(models.Model):
    """One questionnaire on one occasion."""

    occasion = models.ForeignKey(Occasion, on_delete=models.CASCADE, related_name="administrations")
    instrument = models.CharField(max_length=24)
    instrument_version = models.PositiveIntegerField(help_text="n of the first study version with that content")
    place = models.PositiveIntegerField(help_text="position among the step's instruments")
    language = models.CharField(max_length=35, blank=True, help_text="of the last answer; empty if never begun")
    order = models.JSONField(default=list, help_text="item ids in the order shown")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True, help_text="the last item's post")
    closed_at = models.DateTimeField(null=True, help_text="when every item had its row: finished, or the window closed")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["occasion", "instrument"], name="administration_unique"),
            models.CheckConstraint(
                name="finished_is_closed", condition=Q(finished_at__isnull=True) | Q(closed_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occasion_id} {self.instrument}"


class Answer(models.Model):
    """The last answer to one item, or why there is none."""

    class Status(models.TextChoices):
        """Kinds of having and of missing an answer, kept apart everywhere."""

        ANSWERED = "answered"
        DECLINED = "declined"
        SKIPPED = "skipped"
        NOT_REACHED = "not_reached"
        NOT_DUE = "not_due"
        LOST = "lost"

    administration = models.ForeignKey(Administration, on_delete=models.CASCADE, related_name="answers")
    item = models.CharField(max_length=24)
    position = models.PositiveIntegerField(help_text="1 for the first item shown")
    value = models.FloatField(null=True, help_text="as chosen, before reversing")
    status = models.CharField(max_length=12, choices=Status.choices)
    answered_at = models.DateTimeField(null=True)
    response_time_ms = models.PositiveIntegerField(null=True)
    changes = models.PositiveIntegerField(default=0)
    language = models.CharField(max_length=35, blank=True)
    revision = models.BigIntegerField(default=0, help_text="of the page's last autosave, so that a late one is known")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["administration", "item"], name="answer_unique"),
            models.CheckConstraint(
                name="answered_has_value",
                condition=Q(status="answered", value__isnull=False) | (~Q(status="answered") & Q(value__isnull=True)),
            ),
        ]
        # The few that are missing among the many that are not: what a study's overview counts.
        indexes: ClassVar = [
            models.Index(fields=["administration", "status"], name="answer_missing", condition=~Q(status="answered"))
        ]

    def __str__(self) -> str:
        return f"{self.administration_id} {self.item}"


class AnswerRevision(models.Model):
    """An earlier, different answer."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="revisions")
    value = models.FloatField(null=True)
    status = models.CharField(max_length=12, choices=Answer.Status.choices)
    answered_at = models.DateTimeField(null=True)
    response_time_ms = models.PositiveIntegerField(null=True)
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"revision of {self.answer_id}"


class ScoreRow(models.Model):
    """One score of a finished or closed questionnaire. Derived: it can be recomputed from answers at any time."""

    administration = models.ForeignKey(Administration, on_delete=models.CASCADE, related_name="scores")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="score_rows")
    score = models.CharField(max_length=24)
    value = models.FloatField(null=True)
    items_answered = models.PositiveIntegerField()
    items_missing = models.PositiveIntegerField()
    prorated = models.BooleanField()
    band = models.CharField(max_length=24, blank=True)
    change = models.FloatField(null=True, help_text="value minus the value at the first timepoint that has one")
    reliable_change = models.FloatField(null=True)
    reliable_change_verdict = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["administration", "score"], name="score_row_unique")]

    def __str__(self) -> str:
        return f"{self.administration_id} {self.score}"
