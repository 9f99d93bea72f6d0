"""The datasets of people, of the messages to them, and of what they reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.db.models import (
    Case,
    CharField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import NullIf

from coaching.models import ConsentRecord, Enrolment, Message, SafetyReport, Study
from coaching.selectors.studies import declarations
from coaching.services.safety import SCREENS
from protocol.columns import Column, Table
from protocol.study import Study as Declared

STATUSES = ("consented", "active", "paused", "completed", "withdrawn", "imported")

# What the rows that belong to a step of a person can be picked by.
FILTERS = {name: name for name in ("participant", "arm", "timepoint", "synthetic")}
IN_THE_STUDY = Q(consented_at__isnull=False) | Q(imported_at__isnull=False)


def people(study: Study | int) -> QuerySet[Enrolment]:
    """Everybody of a study who consented, or whose answers were imported, and is not erased."""
    return Enrolment.objects.filter(IN_THE_STUDY, study=study, erased_at=None)


def participants(study: Study) -> Table:
    """The table of people; the study's groups are columns of it."""
    return Table(
        name="participants",
        title="Participants",
        grain="one person who consented, or whose answers were imported",
        time="consented_at",
        columns=columns(declarations(study)),
        queryset=people,
        filters={"participant": "participant", "arm": "arm", "synthetic": "synthetic"},
    )


def columns(versions: Mapping[int, Declared]) -> tuple[Column, ...]:
    """The columns of people for a study that declares these versions, by their key; those of any study come first."""
    groups = group_names(versions.values())
    further = (_group(name) for name in groups[1:])
    first = _leading(next(iter(groups), None), versions)
    return (*first, *_TIMES, SYNTHETIC, CONSENTED_VERSION, *_LEFT_A_PART, *further)


def group_names(versions: Iterable[Declared]) -> list[str]:
    """Every group that a version declares, once: those of the first of `versions` first, in its order."""
    return list(dict.fromkeys(group.name for declared in versions for group in declared.groups))


def or_null(field: str) -> Combinable:
    """A text, null where it is empty."""
    return NullIf(F(field), Value(""), output_field=TextField())


def group_column(study: Study) -> Column:
    """The column `group`: the first group that the study declares."""
    return _first_group(next(iter(group_names(declarations(study).values())), None))


PARTICIPANT = Column(
    "participant",
    "text",
    "The person's pseudonym: 6 to 8 random capital letters and digits, the same in every dataset and for good. It says "
    "nothing about the person and may be published; who it stands for is in no dataset.",
    expression=F("pseudonym"),
)
STUDY = Column("study", "text", "The study's slug.", expression=F("study__slug"))
ARM = Column(
    "arm",
    "text",
    "The arm that the person was allocated to, by its name in the study's file. Empty until allocation, and always in "
    "a study without arms. Analyse people by it whatever they went on to do.",
    nullable=True,
    source="allocation",
    expression=or_null("arm"),
)
SYNTHETIC = Column(
    "synthetic",
    "boolean",
    "Whether the person was simulated. Simulated people were never mailed and never counted in the allocation of real "
    "ones; leave them out of every analysis (the filter synthetic=false does).",
    expression=F("synthetic"),
)


def of_person(path: str) -> tuple[Column, Column, Column, Column]:
    """Who a row belongs to, as every dataset says it: participant, study, arm, synthetic.

    Args:
        path: Leads from the row to the enrolment.
    """
    return (
        replace(PARTICIPANT, expression=F(f"{path}__pseudonym")),
        replace(STUDY, expression=F(f"{path}__study__slug")),
        replace(ARM, expression=or_null(f"{path}__arm")),
        replace(SYNTHETIC, expression=F(f"{path}__synthetic")),
    )


_TIMES = (
    Column(
        "consented_at",
        "time",
        "When consent was given. Empty for imported people alone, whose consent was given elsewhere.",
        nullable=True,
        expression=F("consented_at"),
    ),
    Column(
        "allocated_at",
        "time",
        "When the arm was given. Empty until then, and always in a study without arms.",
        nullable=True,
        expression=F("allocated_at"),
    ),
    Column(
        "completed_at",
        "time",
        "When the person's last step was done or could no longer be done, whether or not they did any. Empty until "
        "then.",
        nullable=True,
        expression=F("completed_at"),
    ),
    Column(
        "withdrawn_at",
        "time",
        "When the person left the study and let their answers be kept (those who asked for erasure are in no dataset). "
        "Empty for everybody else.",
        nullable=True,
        expression=F("withdrawn_at"),
    ),
)


CONSENTED_VERSION = Column(
    "consented_version",
    "integer",
    "The version of the study that the person consented to, counted from 1. Empty for people who came with answers "
    "collected elsewhere.",
    nullable=True,
    expression=Subquery(
        ConsentRecord.objects.filter(enrolment=OuterRef("pk")).order_by("pk").values("version__n")[:1],
        output_field=IntegerField(),
    ),
)


_LEFT_A_PART = (
    Column(
        "left_training_at",
        "time",
        "When the person stopped the training and stayed in the study: sessions not done by then are missed, the "
        "questionnaires went on. Empty for everybody else. It is not a withdrawal, and the status stays.",
        nullable=True,
        source="the person",
        expression=F("left_training_at"),
    ),
    Column(
        "no_contact_at",
        "time",
        "Since when the person wants nothing sent to them, as it is now. Empty for everybody else, and for who "
        "changed their mind.",
        nullable=True,
        source="the person",
        expression=F("no_contact_at"),
    ),
)


def _leading(first_group: str | None, versions: Mapping[int, Declared]) -> tuple[Column, ...]:
    return (
        PARTICIPANT,
        STUDY,
        Column(
            "study_version",
            "integer",
            "The version of the study that the person goes by, counted from 1: the one that they consented to, or a "
            "later one to which the study's team moved them. What was given names its own version.",
            expression=F("version__n"),
        ),
        ARM,
        _first_group(first_group),
        Column(
            "status",
            "text",
            "Where the person stands, the first of these that holds: withdrawn (left the study), completed (no step is "
            "open or can still open), paused (asked for quiet; windows run on), active (allocated, or, in a study "
            "without arms, consented), consented (not yet allocated). imported: only their answers are here, collected "
            "elsewhere; they never consented here and are in no arm.",
            levels=STATUSES,
            expression=_status(versions),
        ),
        Column(
            "language",
            "text",
            "The language in which the person reads the study now, as a BCP 47 tag; each answer names its own.",
            expression=or_null("language"),
            nullable=True,
        ),
        Column(
            "timezone",
            "text",
            "The person's time zone by its IANA name, as it is now. With a rare zone in a small sample it narrows a "
            "person down: leave it out of what is published.",
            expression=F("timezone"),
        ),
    )


def _status(versions: Mapping[int, Declared]) -> Combinable:
    cohorts = [pk for pk, declared in versions.items() if declared.is_cohort]
    return Case(
        When(imported_at__isnull=False, then=Value("imported")),
        When(withdrawn_at__isnull=False, then=Value("withdrawn")),
        When(completed_at__isnull=False, then=Value("completed")),
        When(paused_at__isnull=False, then=Value("paused")),
        When(allocated_at__isnull=False, then=Value("active")),
        When(version__in=cohorts, then=Value("active")),
        default=Value("consented"),
        output_field=CharField(),
    )


def _first_group(name: str | None) -> Column:
    if name is None:
        return Column(
            "group",
            "text",
            "Always empty: this study declares no groups.",
            nullable=True,
            expression=Value(None, output_field=CharField()),
        )
    return _group(name, "group")


def _group(name: str, column: str = "") -> Column:
    return Column(
        column or f"group_{name}",
        "text",
        f"The band of the person in the group {name} when they were allocated, by the score and bands that their "
        "version of the study declares; missing where that score was null. Empty until allocation, and always in a "
        "study without arms.",
        nullable=True,
        source=f"groups.{name}",
        expression=KeyTextTransform(name, "groups"),
    )


# --- messages --------------------------------------------------------------------------------------------------------


def messages(study: Study | int) -> QuerySet[Message]:
    """Every message to a study's people, planned or settled, invitations included."""
    return Message.objects.filter(enrolment__study=study, enrolment__erased_at=None).order_by("pk")


def _followups() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("enrolment")
    return (
        participant,
        study,
        arm,
        Column(
            "timepoint",
            "text",
            "The id of the step that the message reminds of. Empty for all but reminders.",
            nullable=True,
            expression=or_null("timepoint"),
        ),
        Column(
            "kind",
            "text",
            "What the message is for: reminder (a step is open), invitation, link (the person asked for a fresh one), "
            "message (staff wrote to the person; what they wrote is in no dataset), waiting (news to those who wait), "
            "alert (to the team, that somebody look at the person: the only kind that does not go to them).",
            levels=tuple(Message.Kind.values),
            expression=F("kind"),
        ),
        Column(
            "n",
            "integer",
            "Counts the messages of a step, or those of that kind to the person, from 1.",
            expression=F("n"),
        ),
        Column(
            "due_at",
            "time",
            "When the message was due by the study's schedule, on the person's own clock. A mail server's refusal "
            "never moves it.",
            expression=F("due_at"),
        ),
        Column(
            "sent_at",
            "time",
            "When the mail server had taken the message. Empty unless it was sent.",
            nullable=True,
            expression=F("sent_at"),
        ),
        Column(
            "state",
            "text",
            "Where the message stands. scheduled, claimed, handing_over: not settled yet. sent: the mail server took "
            "it. failed: it never will, or there was no address. missed: the window closed, or a later message of the "
            "step went in its place. cancelled: no longer needed, or due during a pause. uncertain: it may or may not "
            "have arrived, and nobody has said yet; it is never sent again by itself.",
            levels=tuple(Message.State.values),
            expression=F("state"),
        ),
        Column(
            "attempts",
            "integer",
            "How often a worker took the message up. 1 for most; 0 for one that was settled before it was due.",
            expression=F("attempts"),
        ),
        synthetic,
    )


FOLLOWUPS = Table(
    name="followups",
    title="Messages",
    grain="one message to one person",
    time="due_at",
    queryset=messages,
    filters=FILTERS,
    columns=_followups(),
)


# --- what people report ----------------------------------------------------------------------------------------------


def safety_reports(study: Study | int) -> QuerySet[SafetyReport]:
    """Every report of a study's people that something is not well."""
    return SafetyReport.objects.filter(enrolment__study=study, enrolment__erased_at=None).order_by("pk")


def _safety_reports() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("enrolment")
    return (
        participant,
        study,
        arm,
        Column(
            "timepoint",
            "text",
            "The id of the step whose page the person was on when they went to report. Empty for every other page.",
            nullable=True,
            source="the product",
            expression=F("occasion__key"),
        ),
        Column(
            "screen",
            "text",
            "Which page that was. Empty where nobody knows.",
            levels=SCREENS,
            nullable=True,
            source="the product",
            expression=or_null("screen"),
        ),
        Column(
            "kind",
            "text",
            "What it is about, as the person chose: unwanted (images or thoughts that they did not want), unwell "
            "(upset or unwell), not_working (something did not work), other. Whether the training caused it, nobody "
            "has judged.",
            levels=tuple(str(value) for value in SafetyReport.Kind.values),
            source="the person",
            expression=F("kind"),
        ),
        Column(
            "text",
            "text",
            "What they wrote, word for word. It may name somebody: read it before it is published. Empty where they "
            "wrote nothing.",
            nullable=True,
            source="the person",
            sensitivity="free_text",
            expression=or_null("text"),
        ),
        Column(
            "wants_contact",
            "boolean",
            "Whether somebody may get in touch with them about it. Empty where they did not say.",
            nullable=True,
            source="the person",
            expression=F("wants_contact"),
        ),
        Column(
            "made_at",
            "time",
            "When the report was made, by the server's clock.",
            source="the product",
            expression=F("made_at"),
        ),
        Column(
            "seen_at",
            "time",
            "When one of the team said that they had seen to it. Empty until then.",
            nullable=True,
            source="the product",
            expression=F("seen_at"),
        ),
        synthetic,
    )


SAFETY_REPORTS = Table(
    name="safety_reports",
    title="Safety reports",
    grain="one report of a person's own that something is not well",
    time="made_at",
    queryset=safety_reports,
    filters=FILTERS,
    columns=_safety_reports(),
)
