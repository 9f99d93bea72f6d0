"""The ledger of what people are owed: written when a paid step is done, approved and settled by the team."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.audit import Actor, record
from accounts.models import User
from coaching.encryption import panel_hashes
from coaching.models import Contact, Enrolment, Payment, Study
from coaching.selectors.payments import amounts
from coaching.selectors.people import study_of

MOST_REFERENCE = 80


def owe(enrolment: Enrolment, *, step: str, now: datetime) -> None:
    """Enters what a step brings that is done; part of its transaction. Nobody pays simulated people.

    A second call enters nothing: each step of each person is in the ledger once.
    """
    if enrolment.synthetic:
        return
    study = study_of(enrolment)
    cents = amounts(study).get(step)
    if cents is None or study.payments is None:
        return
    entry = Payment(enrolment=enrolment, timepoint=step, cents=cents, currency=study.payments.currency, due_at=now)
    Payment.objects.bulk_create([entry], ignore_conflicts=True)


@transaction.atomic
def approve(*, study: Study, payments: Collection[int], by: User, now: datetime) -> int:
    """Approves those of a study's entries that are due; how many were."""
    due = list(_locked(study).filter(pk__in=payments, approved_at=None))
    for entry in due:
        entry.approved_at, entry.approved_by = now, by
        entry.save(update_fields=["approved_at", "approved_by"])
    _note(due, action="payment.approve", by=by, now=now)
    return len(due)


@transaction.atomic
def mark_paid(*, study: Study, payments: Collection[int], reference: str, by: User, now: datetime) -> int:
    """Marks those of a study's entries as paid that are approved and not paid yet; how many were.

    `reference` is what the payer calls the payment.
    """
    return _settle(_locked(study).filter(pk__in=payments), dict.fromkeys(payments, reference), by=by, now=now)


@dataclass(frozen=True, slots=True)
class Settled:
    """A row of the payer's file.

    Attributes:
        row: Its number, as a spreadsheet counts.
        participant: Whose it is; empty where `panel_id` says so.
        panel_id: What the panel calls them.
        timepoint: The step that was paid; empty: every approved one of theirs.
        reference: What the payer calls the payment.
    """

    row: int
    participant: str
    panel_id: str
    timepoint: str
    reference: str


class PaymentFaults(Exception):
    """All that is wrong with a payer's file: row, column, and why in a word that the page has a sentence for."""

    def __init__(self, faults: Sequence[tuple[int, str, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{len(self.faults)} faults")


@transaction.atomic
def settle_file(*, study: Study, rows: Sequence[Settled], by: User, now: datetime) -> int:
    """Marks what a payer's file says was paid; how many entries became paid. All of it, or nothing.

    Entries that were paid before under the same reference stay as they are, so that a file may come twice.

    Raises:
        PaymentFaults: `unknown` (nobody of this study, or no entry), `not approved`, `other reference` (it was paid
            under another one), `twice` (two rows for one entry).
    """
    people = _people(study, rows)
    entries: dict[int, list[Payment]] = {}
    for entry in _locked(study).filter(enrolment__in=set(people.values())):
        entries.setdefault(entry.enrolment_id, []).append(entry)
    references: dict[int, str] = {}
    faults: list[tuple[int, str, str]] = []
    for row in rows:
        column = "participant" if row.participant else "panel_id"
        theirs = entries.get(people.get((row.participant, row.panel_id), 0), [])
        theirs = [each for each in theirs if row.timepoint in ("", each.timepoint)]
        open_ones = [each for each in theirs if each.approved_at is not None and each.paid_at is None]
        if not theirs:
            faults.append((row.row, "timepoint" if row.timepoint and _is_known(people, row) else column, "unknown"))
        elif open_ones and any(each.pk in references for each in open_ones):
            faults.append((row.row, column, "twice"))
        elif open_ones:
            references |= {each.pk: row.reference for each in open_ones}
        elif not any(_is_under(each, row.reference) for each in theirs):
            was_paid = any(each.paid_at is not None for each in theirs)
            fault = ("reference", "other reference") if was_paid else (column, "not approved")
            faults.append((row.row, *fault))
    if faults:
        raise PaymentFaults(faults)
    return _settle(_locked(study).filter(pk__in=references), references, by=by, now=now)


def _is_under(entry: Payment, reference: str) -> bool:
    """Whether an entry was paid under a reference; that of an erased person has none any more."""
    return entry.paid_at is not None and (entry.reference == reference or entry.enrolment.erased_at is not None)


def _is_known(people: Mapping[tuple[str, str], int], row: Settled) -> bool:
    return (row.participant, row.panel_id) in people


def _people(study: Study, rows: Iterable[Settled]) -> dict[tuple[str, str], int]:
    """The people that a file names, by what it calls them; erased ones by their pseudonym alone."""
    rows = list(rows)
    named = Enrolment.objects.filter(study=study, pseudonym__in={row.participant for row in rows if row.participant})
    by_name = dict(named.values_list("pseudonym", "pk"))
    hashes = {row.panel_id: panel_hashes(study.slug, row.panel_id) for row in rows if row.panel_id}
    wanted = [each for several in hashes.values() for each in several]
    found = Contact.objects.filter(enrolment__study=study, panel_hash__in=wanted)
    by_hash = dict(found.values_list("panel_hash", "enrolment_id"))
    result: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.participant:
            pk = by_name.get(row.participant)
        else:
            pk = next((by_hash[each] for each in hashes[row.panel_id] if each in by_hash), None)
        if pk is not None:
            result[row.participant, row.panel_id] = pk
    return result


def _locked(study: Study) -> QuerySet[Payment]:
    """The entries of a study, held until the transaction ends."""
    entries = Payment.objects.filter(enrolment__study=study).select_related("enrolment__study")
    return entries.select_for_update(of=("self",)).order_by("pk")


def _settle(entries: QuerySet[Payment], references: Mapping[int, str], *, by: User, now: datetime) -> int:
    settled = list(entries.filter(approved_at__isnull=False, paid_at=None))
    for entry in settled:
        # The books of an erased person hold nothing that leads to them.
        reference = "" if entry.enrolment.erased_at is not None else references[entry.pk]
        entry.paid_at, entry.paid_by, entry.reference = now, by, reference[:MOST_REFERENCE]
        entry.save(update_fields=["paid_at", "paid_by", "reference"])
    _note(settled, action="payment.paid", by=by, now=now)
    return len(settled)


def _note(entries: Iterable[Payment], *, action: str, by: Actor, now: datetime) -> None:
    for entry in entries:
        person, amount = entry.enrolment, f"{entry.cents / 100:.2f} {entry.currency}"
        record(
            by=by,
            action=action,
            now=now,
            study=person.study.slug,
            subject=person.pseudonym,
            timepoint=entry.timepoint,
            amount=amount,
        )
