"""Guided sessions as they were run: what was rated, said and drawn, and how the quiet time was kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from coaching.models import Occasion


class SessionRun(models.Model):
    """One run of a guided session. A restart is a new attempt; both are kept."""

    class Status(models.TextChoices):
        """How it stands."""

        STARTED = "started"
        COMPLETED = "completed"
        MISSED = "missed"

    occasion = models.ForeignKey(Occasion, on_delete=models.CASCADE, related_name="runs")
    attempt = models.PositiveIntegerField(help_text="1 for the first")
    script = models.CharField(max_length=64)
    script_version = models.PositiveIntegerField(help_text="n of the first study version with that content")
    language = models.CharField(max_length=35, blank=True)
    stage = models.CharField(max_length=24, blank=True, help_text="where the person is; empty once completed")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.STARTED)
    started_at = models.DateTimeField(null=True, help_text="empty for a session that was never begun")
    completed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, help_text="completed, or the window closed")
    locked = models.TextField(blank=True, help_text="layers that were not open yet, with a space between")
    ended_at_stage = models.CharField(max_length=24, blank=True, help_text="where the person ended it early")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["occasion", "attempt"], name="session_run_unique"),
            models.CheckConstraint(
                name="session_run_completed",
                condition=Q(status="completed", completed_at__isnull=False)
                | (~Q(status="completed") & Q(completed_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occasion_id} {self.script} {self.attempt}"


class StageVisit(models.Model):
    """One stage of a run that was shown: when, and how its quiet time was kept, by the page's own clock."""

    run = models.ForeignKey(SessionRun, on_delete=models.CASCADE, related_name="visits")
    stage = models.CharField(max_length=24)
    kind = models.CharField(max_length=8)
    place = models.PositiveIntegerField(help_text="position among all stages, from 1")
    entered_at = models.DateTimeField(help_text="when the post that led to it was stored")
    left_at = models.DateTimeField(null=True)
    quiet_planned_ms = models.PositiveIntegerField(default=0, help_text="as the script asks")
    quiet_actual_ms = models.PositiveIntegerField(null=True, help_text="as kept, without pauses; null unmeasured")
    longer_ms = models.PositiveIntegerField(null=True, help_text="asked for by 'longer please'; null unmeasured")
    pauses = models.PositiveIntegerField(null=True, help_text="null unmeasured")
    paused_ms = models.PositiveIntegerField(null=True, help_text="null unmeasured")
    hidden_ms = models.PositiveIntegerField(null=True, help_text="while the page was not to be seen; null unmeasured")
    voice = models.CharField(max_length=9, blank=True, help_text="recording, device or words; empty unmeasured")
    audio_ms = models.PositiveIntegerField(null=True, help_text="the recording's length; null without one")
    audio_heard_ms = models.PositiveIntegerField(null=True, help_text="how much of it was played; null without one")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "stage"], name="stage_visit_unique")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.stage}"


class Rating(models.Model):
    """A rating, a comparison or a choice of a run."""

    class Status(models.TextChoices):
        """Kinds of having and of missing one."""

        ANSWERED = "answered"
        DECLINED = "declined"
        NOT_APPLICABLE = "not_applicable"
        NOT_REACHED = "not_reached"

    run = models.ForeignKey(SessionRun, on_delete=models.CASCADE, related_name="ratings")
    stage = models.CharField(max_length=24)
    place = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, help_text="what is rated; 'compare', 'choice', 'form' or 'check'")
    value = models.FloatField(null=True)
    forms = models.CharField(max_length=120, blank=True, help_text="form: which, by ;")
    status = models.CharField(max_length=14, choices=Status.choices)
    scale_min = models.FloatField(null=True)
    scale_max = models.FloatField(null=True)
    shown_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    response_time_ms = models.PositiveIntegerField(null=True)
    changes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "stage"], name="rating_unique"),
            models.CheckConstraint(
                name="rating_answered_has_value",
                condition=Q(status="answered", value__isnull=False) | (~Q(status="answered") & Q(value=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.stage}"


class RatingRevision(models.Model):
    """What had been given to a rating before: a different answer that was replaced."""

    rating = models.ForeignKey(Rating, on_delete=models.CASCADE, related_name="revisions")
    value = models.FloatField(null=True)
    forms = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=14, choices=Rating.Status.choices)
    answered_at = models.DateTimeField(null=True)
    response_time_ms = models.PositiveIntegerField(null=True)
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.rating_id} {self.status}"


class Report(models.Model):
    """What a person wrote; the last wording stands, earlier ones are kept beside it."""

    run = models.ForeignKey(SessionRun, on_delete=models.CASCADE, related_name="reports")
    stage = models.CharField(max_length=24)
    place = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    words = models.PositiveIntegerField()
    language = models.CharField(max_length=35)
    after_reveal = models.BooleanField()
    written_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "stage"], name="report_unique")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.stage}"


class ReportRevision(models.Model):
    """An earlier wording of a report."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="revisions")
    text = models.TextField(blank=True)
    written_at = models.DateTimeField()
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.report_id} {self.written_at}"


class Drawing(models.Model):
    """A drawing: timed strokes, an uploaded picture, words instead, or why there is none. The last one stands."""

    class Status(models.TextChoices):
        """What it is made of."""

        DRAWN = "drawn"
        UPLOADED = "uploaded"
        WORDS = "words"
        SKIPPED = "skipped"

    run = models.ForeignKey(SessionRun, on_delete=models.CASCADE, related_name="drawings")
    stage = models.CharField(max_length=24)
    place = models.PositiveIntegerField()
    condition = models.CharField(max_length=8)
    status = models.CharField(max_length=8, choices=Status.choices)
    reason = models.CharField(max_length=16, blank=True, help_text="rather_not, nothing_came or cannot")
    words = models.TextField(blank=True)
    strokes = models.TextField(blank=True, help_text="the timed strokes as JSON; the picture can be made again from it")
    file = models.CharField(max_length=64, blank=True, help_text="random name of the PNG in DATA_DIR/drawings")
    width = models.PositiveIntegerField(null=True, help_text="px")
    height = models.PositiveIntegerField(null=True, help_text="px")
    stroke_count = models.PositiveIntegerField(null=True)
    ink_fraction = models.FloatField(null=True, help_text="share of the surface that is inked, 0 to 1")
    duration_s = models.FloatField(null=True, help_text="from the first to the last mark")
    saved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "stage"], name="drawing_unique")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.stage}"


class DrawingRevision(models.Model):
    """A drawing that was replaced by a different one, with its file."""

    drawing = models.ForeignKey(Drawing, on_delete=models.CASCADE, related_name="revisions")
    status = models.CharField(max_length=8, choices=Drawing.Status.choices)
    reason = models.CharField(max_length=16, blank=True)
    words = models.TextField(blank=True)
    strokes = models.TextField(blank=True)
    file = models.CharField(max_length=64, blank=True)
    saved_at = models.DateTimeField()
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.drawing_id} {self.saved_at}"


class DrawingDraft(models.Model):
    """The strokes of a drawing that is not finished, so that another device, or another day, can go on with it."""

    run = models.ForeignKey(SessionRun, on_delete=models.CASCADE, related_name="drafts")
    stage = models.CharField(max_length=24)
    rev = models.BigIntegerField(help_text="rises with each save of a page; what comes late is dropped")
    strokes = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "stage"], name="drawing_draft_unique")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.stage}"


class SessionEvent(models.Model):
    """One thing that happened in a session: by its page, which may send it twice, or by the product itself.

    Nothing about where a pointer was, what was typed, or what the device is beyond its class.
    """

    run = models.ForeignKey(SessionRun, on_delete=models.CASCADE, related_name="events")
    event_id = models.UUIDField(help_text="made by the page, so that what arrives twice is stored once")
    seq = models.BigIntegerField(help_text="the page's own order")
    type = models.CharField(max_length=24)
    stage = models.CharField(max_length=24, blank=True)
    state = models.CharField(max_length=16, blank=True, help_text="of the player")
    t_mono_ms = models.FloatField(null=True, help_text="since the page's own clock began; null by the product")
    happened_at = models.DateTimeField(help_text="by the device's clock; by the server's for the product's own")
    tz_offset_min = models.IntegerField(null=True)
    clock_offset_ms = models.IntegerField(null=True, help_text="the server's clock less the device's; null unmeasured")
    payload = models.TextField(blank=True, help_text="JSON")
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "event_id"], name="session_event_unique")]
        indexes: ClassVar = [models.Index(fields=["run", "seq"])]

    def __str__(self) -> str:
        return f"{self.run_id} {self.seq} {self.type}"
