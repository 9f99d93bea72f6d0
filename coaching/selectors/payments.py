"""What people are owed: the ledger as staff read it, and each person's own part of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, Q, QuerySet, Sum

from coaching.models import Enrolment, Payment, Study
from coaching.schedule import Planned
from protocol.study import Step
from protocol.study import Study as Declared

State = Literal["due", "approved", "paid"]
STATES: tuple[State, ...] = ("due", "approved", "paid")
_IN_STATE: Mapping[str, Q] = {
    "due": Q(approved_at=None),
    "approved": Q(approved_at__isnull=False, paid_at=None),
    "paid": Q(paid_at__isnull=False),
}


def amounts(study: Declared) -> dict[str, int]:
    """What each step is paid, in hundredths, by its id; of a repeated step, each time."""
    if study.payments is None:
        return {}
    return {step: cents for name, cents in study.payments.steps.items() for step in study.series(name)}


def ledger(study: Study, state: str = "") -> QuerySet[Payment]:
    """The entries of a study, the oldest first, those of erased people among them; in one state, or in any."""
    entries = Payment.objects.filter(_IN_STATE.get(state, Q()), enrolment__study=study)
    return entries.select_related("enrolment", "approved_by", "paid_by").order_by("due_at", "pk")


def state_of(payment: Payment) -> State:
    """How far an entry has come."""
    return "paid" if payment.paid_at else "approved" if payment.approved_at else "due"


@dataclass(frozen=True, slots=True)
class Total:
    """The entries of one currency: how many are in each state, and their sums in hundredths."""

    currency: str
    counts: Mapping[str, int]
    cents: Mapping[str, int]


def totals(study: Study) -> list[Total]:
    """The sums of a study's ledger, a currency each."""
    sums = {f"{state}_cents": Sum("cents", filter=_IN_STATE[state], default=0) for state in STATES}
    counts = {f"{state}_count": Count("pk", filter=_IN_STATE[state]) for state in STATES}
    entries = Payment.objects.filter(enrolment__study=study).order_by("currency")
    rows: Iterable[Mapping[str, Any]] = entries.values("currency").annotate(**sums, **counts)
    return [
        Total(
            row["currency"],
            {state: row[f"{state}_count"] for state in STATES},
            {state: row[f"{state}_cents"] for state in STATES},
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Own:
    """What one step brings one person: `to_come` until it is done, `lost` once it can't be done any more."""

    step: Step
    cents: int
    currency: str
    state: Literal["to_come", "due", "approved", "paid", "lost"]


def own_payments(enrolment: Enrolment, study: Declared, planned: Iterable[Planned]) -> list[Own]:
    """What a person will get and got, in the order of their steps; an entry of the ledger counts as it was made."""
    paid_steps = amounts(study)
    if study.payments is None or not paid_steps:
        return []
    entries = {entry.timepoint: entry for entry in enrolment.payments.all()}
    found = []
    for each in planned:
        entry = entries.get(each.step.id)
        if entry is not None:
            found.append(Own(each.step, entry.cents, entry.currency, state_of(entry)))
        elif each.step.id in paid_steps:
            state: Literal["to_come", "due", "lost"] = "to_come"
            if each.is_settled:
                state = "due" if each.state == "done" else "lost"
            elif enrolment.withdrawn_at is not None:
                state = "lost"
            found.append(Own(each.step, paid_steps[each.step.id], study.payments.currency, state))
    return found
