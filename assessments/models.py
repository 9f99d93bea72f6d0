"""Questionnaires as given and answered. Answers are stored as chosen; reversal and totals happen in `scoring`."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
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
    order = models.JSONField(default=list, help_text="item ids in the order shown, those that turn out not due too")
    form = models.CharField(max_length=24, blank=True, help_text="the parallel form given; empty where there is none")
    eyes = models.CharField(max_length=6, blank=True, help_text="open, closed, either; empty where it is not said")
    imported = models.BooleanField(default=False, help_text="collected elsewhere and read from a file")
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
        NOT_APPLICABLE = "not_applicable"
        NOT_REACHED = "not_reached"
        NOT_DUE = "not_due"
        LOST = "lost"

    administration = models.ForeignKey(Administration, on_delete=models.CASCADE, related_name="answers")
    item = models.CharField(max_length=24)
    position = models.PositiveIntegerField(help_text="1 for the first item shown")
    value = models.FloatField(null=True, help_text="the number as chosen, before reversing")
    text = models.TextField(blank=True, help_text="the choice, words or date given; several choices between semicolons")
    status = models.CharField(max_length=14, choices=Status.choices)
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
                condition=Q(status="answered", value__isnull=False, text="")
                | (Q(status="answered", value__isnull=True) & ~Q(text=""))
                | (~Q(status="answered") & Q(value__isnull=True, text="")),
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
    text = models.TextField(blank=True)
    status = models.CharField(max_length=14, choices=Answer.Status.choices)
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
    direction = models.CharField(max_length=16, default="higher_is_more", help_text="what a higher value means")
    change = models.FloatField(null=True, help_text="value minus the value that it is measured against")
    reliable_change = models.FloatField(null=True)
    reliable_change_verdict = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["administration", "score"], name="score_row_unique")]

    def __str__(self) -> str:
        return f"{self.administration_id} {self.score}"


class SchemeBand(models.Model):
    """The band of one score by one of the published schemes that its questionnaire names. Derived."""

    score = models.ForeignKey(ScoreRow, on_delete=models.CASCADE, related_name="scheme_bands")
    scheme = models.CharField(max_length=24)
    scheme_version = models.CharField(max_length=40)
    band = models.CharField(max_length=24, blank=True, help_text="empty without a value, and below the lowest band")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["score", "scheme"], name="scheme_band_unique")]

    def __str__(self) -> str:
        return f"{self.score_id} {self.scheme}"


class ChangeJudgement(models.Model):
    """What one method says of one change of score, by one reference sample. Derived."""

    score = models.ForeignKey(ScoreRow, on_delete=models.CASCADE, related_name="judgements")
    method = models.CharField(max_length=24)
    reference = models.TextField(help_text="the sample that it was judged by, or the rule")
    expected = models.FloatField(default=0, help_text="the change of people who were not trained")
    standard_error = models.FloatField(null=True)
    index = models.FloatField(null=True)
    threshold = models.FloatField(null=True, help_text="how far beyond the expected a change is more than error")
    verdict = models.CharField(max_length=24, blank=True)
    refused = models.CharField(max_length=12, blank=True, help_text="why the sample does not speak")
    one_sided = models.BooleanField(default=False, help_text="the reference value is at an end of the scale")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["score", "method"], name="judgement_unique")]

    def __str__(self) -> str:
        return f"{self.score_id} {self.method}"


class ArmGuess(models.Model):
    """What a coach or rater thinks which arm a person is in; each new one stands beside the earlier ones."""

    class Role(models.TextChoices):
        """Who guesses."""

        COACH = "coach"
        RATER = "rater"

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="arm_guesses")
    role = models.CharField(max_length=5, choices=Role.choices)
    guess = models.CharField(max_length=24, help_text="an arm, or dont_know")
    confidence = models.PositiveSmallIntegerField(null=True, help_text="0 a guess, 10 certain")
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.role} on {self.enrolment_id}"
