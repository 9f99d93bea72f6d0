"""The dataset of what people are owed and were paid."""

from __future__ import annotations

from django.db.models import Case, CharField, F, FloatField, QuerySet, Value, When
from django.db.models.functions import Cast

from coaching.models import Payment, Study
from coaching.selectors.payments import STATES
from coaching.tables import FILTERS, of_person
from protocol.columns import Column, Table


def payments(study: Study | int) -> QuerySet[Payment]:
    """The entries of a study's people, those of erased ones left out: the staff's ledger alone keeps them."""
    return Payment.objects.filter(enrolment__study=study, enrolment__erased_at=None).order_by("pk")


def _payments() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("enrolment")
    return (
        participant,
        study,
        arm,
        Column(
            "timepoint",
            "text",
            "The id of the step that is paid.",
            source="payments.steps",
            expression=F("timepoint"),
        ),
        Column(
            "amount",
            "number",
            "How much it brings, in the currency: as the study's version said when the step was done.",
            source="payments.steps",
            expression=Cast("cents", FloatField()) / Value(100.0),
        ),
        Column(
            "currency",
            "text",
            "The currency, by its ISO 4217 code.",
            source="payments.currency",
            expression=F("currency"),
        ),
        Column(
            "state",
            "text",
            "How far it has come: due (the step is done), approved (one of the team has said yes), paid (the payer "
            "has paid).",
            levels=STATES,
            source="the study's team",
            expression=Case(
                When(paid_at__isnull=False, then=Value("paid")),
                When(approved_at__isnull=False, then=Value("approved")),
                default=Value("due"),
                output_field=CharField(),
            ),
        ),
        Column("due_at", "time", "When the step was done.", source="the product", expression=F("due_at")),
        Column(
            "approved_at",
            "time",
            "When it was approved. Empty until then.",
            nullable=True,
            source="the study's team",
            expression=F("approved_at"),
        ),
        Column(
            "paid_at",
            "time",
            "When it was marked as paid. Empty until then.",
            nullable=True,
            source="the study's team",
            expression=F("paid_at"),
        ),
        synthetic,
    )


PAYMENTS = Table(
    name="payments",
    title="Payments",
    grain="one step that a person is paid for",
    time="due_at",
    queryset=payments,
    filters=FILTERS,
    columns=_payments(),
)
