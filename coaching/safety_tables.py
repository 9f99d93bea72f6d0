"""The datasets of alerts and of adverse events."""

from __future__ import annotations

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from coaching.models import AdverseEvent, Message, SafetyAlert, Study
from coaching.tables import FILTERS, of_person, or_null
from protocol.columns import Column, Table


def safety_alerts(study: Study | int) -> QuerySet[SafetyAlert]:
    """Every alert on a study's people."""
    return SafetyAlert.objects.filter(enrolment__study=study, enrolment__erased_at=None).order_by("pk")


def adverse_events(study: Study | int) -> QuerySet[AdverseEvent]:
    """Every version of every adverse event of a study's people; what happened, encrypted at rest, is in no dataset."""
    return AdverseEvent.objects.filter(enrolment__study=study, enrolment__erased_at=None).order_by("pk")


def _safety_alerts() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("enrolment")
    mails = Message.objects.filter(alert=OuterRef("pk"), state=Message.State.SENT).order_by()
    return (
        participant,
        study,
        arm,
        Column(
            "timepoint",
            "text",
            "The id of the step at which the answer was given, or whose page the person was on when they went to "
            "report. Empty for every other page.",
            nullable=True,
            source="the product",
            expression=Case(
                When(occasion__isnull=False, then=F("occasion__key")),
                default=F("report__occasion__key"),
                output_field=CharField(),
            ),
        ),
        Column(
            "raised_by",
            "text",
            "What raised the alert: rule (an answer met a rule of the study) or report (the person reported it).",
            levels=("rule", "report"),
            source="the product",
            expression=Case(
                When(report__isnull=False, then=Value("report")), default=Value("rule"), output_field=CharField()
            ),
        ),
        Column(
            "rule",
            "text",
            "The id of the study's rule. Empty for a report.",
            nullable=True,
            source="safety.rules",
            expression=or_null("rule"),
        ),
        Column(
            "raised_at",
            "time",
            "When the answer was given or the report was made, by the server's clock.",
            source="the product",
            expression=F("raised_at"),
        ),
        Column(
            "paused",
            "boolean",
            "Whether it let the person's programme rest.",
            source="the product",
            expression=F("paused"),
        ),
        Column(
            "level",
            "integer",
            "How many addresses were written to, one after the other, the first at once; 0 where the rule writes to "
            "nobody. It may be more than there are addresses: the last is written to again.",
            source="the product",
            expression=F("level"),
        ),
        Column(
            "mails_sent",
            "integer",
            "How many mails about it a mail server has taken.",
            source="the product",
            expression=Coalesce(
                Subquery(mails.values("alert").annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
            ),
        ),
        Column(
            "seen_at",
            "time",
            "When one of the team said that they had looked. Empty until then.",
            nullable=True,
            source="the product",
            expression=F("seen_at"),
        ),
        Column(
            "done",
            "text",
            "What was done, in the words of who looked. It may name somebody: read it before it is published. Empty "
            "until somebody looked.",
            nullable=True,
            source="the team",
            sensitivity="free_text",
            expression=or_null("done"),
        ),
        synthetic,
    )


SAFETY_ALERTS = Table(
    name="safety_alerts",
    title="Alerts",
    grain="one alert: an answer that met a rule, or a report, at which somebody was to look",
    time="raised_at",
    queryset=safety_alerts,
    filters=FILTERS,
    columns=_safety_alerts(),
)


def _choice(name: str, means: str, choices: type[TextChoices]) -> Column:
    levels = tuple(str(value) for value in choices.values)
    return Column(name, "text", means, levels=levels, source="the team", expression=F(name))


def _adverse_events() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("enrolment")
    earlier = AdverseEvent.objects.filter(
        enrolment=OuterRef("enrolment"), number=OuterRef("number"), pk__lte=OuterRef("pk")
    ).order_by()
    later = AdverseEvent.objects.filter(replaces=OuterRef("pk"))
    return (
        participant,
        study,
        arm,
        Column(
            "event",
            "integer",
            "Counts the person's adverse events from 1. Every version of one has the same number.",
            source="the product",
            expression=F("number"),
        ),
        Column(
            "version",
            "integer",
            "Counts the versions of the event from 1. Nothing is ever changed: a later word on it is a row of its own.",
            source="the product",
            expression=Subquery(
                earlier.values("number").annotate(n=Count("pk")).values("n"), output_field=IntegerField()
            ),
        ),
        Column(
            "is_latest",
            "boolean",
            "Whether it is the latest version of the event. Count only these.",
            source="the product",
            expression=Case(When(Exists(later), then=Value(False)), default=Value(True), output_field=BooleanField()),
        ),
        Column(
            "term",
            "text",
            "What it is, in a word or two of the team's. It may name somebody: read it before it is published.",
            source="the team",
            sensitivity="free_text",
            expression=F("term"),
        ),
        Column(
            "onset_on",
            "text",
            "The day on which it began, on the person's calendar, as YYYY-MM-DD.",
            source="the team",
            expression=Cast("onset_on", CharField()),
        ),
        _choice(
            "severity",
            "How much of the person's day it took: mild (noticed, the day went on as usual), moderate (some of it), "
            "severe (the day could not go on as usual).",
            AdverseEvent.Severity,
        ),
        Column(
            "serious",
            "boolean",
            "Whether it was serious by ICH E2A: death, danger to life, a stay in hospital, lasting harm, or a birth "
            "defect. Not the same as severe.",
            source="the team",
            expression=F("serious"),
        ),
        _choice(
            "relatedness",
            "Whether the study brought it about, as the team judged it.",
            AdverseEvent.Relatedness,
        ),
        Column(
            "expected",
            "boolean",
            "Whether the consent form or the protocol names it.",
            source="the team",
            expression=F("expected"),
        ),
        _choice("action", "What was done with the person's programme.", AdverseEvent.Action),
        _choice("outcome", "How it ended, as far as was known when this version was written.", AdverseEvent.Outcome),
        Column(
            "resolved_on",
            "text",
            "The day on which it was over, as YYYY-MM-DD. Empty while it is not, and where nobody knows.",
            nullable=True,
            source="the team",
            expression=Cast("resolved_on", CharField()),
        ),
        Column(
            "reason",
            "text",
            "Why this version replaces the one before. Empty in the first.",
            nullable=True,
            source="the team",
            sensitivity="free_text",
            expression=or_null("reason"),
        ),
        Column(
            "from_alert",
            "boolean",
            "Whether it was recorded from an alert.",
            source="the product",
            expression=Case(
                When(alert__isnull=False, then=Value(True)), default=Value(False), output_field=BooleanField()
            ),
        ),
        Column(
            "recorded_at",
            "time",
            "When this version was written, by the server's clock.",
            source="the product",
            expression=F("made_at"),
        ),
        synthetic,
    )


ADVERSE_EVENTS = Table(
    name="adverse_events",
    title="Adverse events",
    grain="one version of one adverse event",
    time="recorded_at",
    queryset=adverse_events,
    filters={name: name for name in ("participant", "arm", "synthetic")},
    columns=_adverse_events(),
)
