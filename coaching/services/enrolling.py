"""Enrolling from a page: one person or a list, all of it or nothing, and once however often the form is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.audit import name_of, record
from accounts.models import AuditEntry, User
from coaching.models import Enrolment, Message, Study
from coaching.selectors.enrolling import known_addresses
from coaching.selectors.people import people_in
from coaching.services import links, people, reminders

ACTION = "people.enrol"
Row = Mapping[str, str]


class DoorShut(ValueError):
    """The study is not open: a link into it would lead to a shut door."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of a list.

    Attributes:
        people: Each new person, the token of their link and the row that they came by; of a form that was sent before,
            whoever has yet to come, with no row where they gave another address meanwhile.
        left_out: How many rows were left out, for their address was in the study or in an earlier row.
        mails: How many invitations were put into the outbox.
        is_again: Whether the form had been sent before: nobody was enrolled by this.
    """

    people: tuple[tuple[Enrolment, str, Row], ...]
    left_out: int
    mails: int
    is_again: bool


@transaction.atomic
def enrol(
    *,
    study: Study,
    rows: Sequence[Row],
    key: UUID,
    leaves_out_known: bool,
    sends: bool,
    by: User,
    now: datetime,
) -> Enrolled:
    """Enrols everybody of a list (`email`, `timezone`, `label` each) and, if told so, invites those with an address.

    `key` was made with the form. The same list sent again with it enrols nobody: its people get fresh links, for those
    of the first answer may never have been seen, and only their hashes are kept.

    Raises:
        DoorShut: The study is not open.
    """
    # The study's row, held: of two that are sent at once, the second finds what the first did.
    locked = Study.objects.select_for_update().get(pk=study.pk)
    form = _form(key, rows, leaves_out_known)
    earlier = _earlier(study, form, by)
    if earlier is not None:
        return _again(study, earlier, rows, by=by, now=now)
    if locked.state != Study.State.OPEN:
        raise DoorShut(f"the study is {locked.state}")
    chosen = _without_known(study, rows) if leaves_out_known else list(rows)
    invited = people.invite_all(study=study, by=by, now=now, rows=chosen)
    mailed = [person for row, (person, _) in zip(chosen, invited, strict=True) if sends and row["email"]]
    for person in mailed:
        reminders.schedule(enrolment=person, kind=Message.Kind.INVITATION, now=now)
    counts = {"people": len(invited), "mails": len(mailed)}
    record(by=by, action=ACTION, now=now, study=study.slug, subject=study.slug, form=form, **counts)
    added = tuple((*each, row) for each, row in zip(invited, chosen, strict=True))
    return Enrolled(added, len(rows) - len(chosen), len(mailed), is_again=False)


def _without_known(study: Study, rows: Sequence[Row]) -> list[Row]:
    """The rows whose address is neither in the study nor in an earlier row; those without one stay."""
    seen = known_addresses(study, (row["email"] for row in rows))
    chosen = []
    for row in rows:
        address = row["email"].strip().lower()
        if not address or address not in seen:
            chosen.append(row)
        seen.add(address)
    return chosen


def _form(key: UUID, rows: Sequence[Row], leaves_out_known: bool) -> str:
    """A name for one form with one list in it, from which nobody can guess an address."""
    held = json.dumps([str(key), leaves_out_known, [sorted(row.items()) for row in rows]], ensure_ascii=False)
    return salted_hmac("coaching.enrol", held, algorithm="sha256").hexdigest()[:40]


def _earlier(study: Study, form: str, by: User) -> AuditEntry | None:
    """What the log says of the same form, sent by the same account; the log is the one place that keeps it."""
    sent = AuditEntry.objects.filter(study=study.slug, action=ACTION, actor=name_of(by))
    return sent.filter(detail__contains=f'"{form}"').order_by("id").first()


def _again(study: Study, earlier: AuditEntry, rows: Sequence[Row], *, by: User, now: datetime) -> Enrolled:
    counts = json.loads(earlier.detail)
    # The log was this transaction's from its first row on, so its rows stand together.
    invited = AuditEntry.objects.filter(pk__lt=earlier.pk, study=study.slug, action="person.invite")
    names = list(invited.order_by("-id").values_list("subject", flat=True)[: counts["people"]])
    people = people_in(study).filter(pseudonym__in=names, consented_at=None, withdrawn_at=None)
    left, fresh = list(rows), []
    for person in people.select_related("contact"):
        held = (person.contact.email, person.contact.label)
        row = next((each for each in left if (each["email"].strip(), each["label"]) == held), None)
        if row is not None:
            left.remove(row)
        fresh.append((person, links.mint(enrolment=person, now=now), row or {}))
    if fresh:
        record(by=by, action="links.again", now=now, study=study.slug, subject=study.slug, links=len(fresh))
    return Enrolled(tuple(fresh), 0, counts["mails"], is_again=True)
