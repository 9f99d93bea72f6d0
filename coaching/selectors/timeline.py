"""What has happened to one person so far, as one line of events: the newest first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.models import AuditEntry
from coaching.models import Adjustment, ConsentRecord, Enrolment, Letter, Note, SafetyReport
from coaching.selectors.people import plan_of
from coaching.selectors.staff import addresses_of

# What the log alone keeps the times of, in the words of its actions.
LOGGED = (
    *("person.pause", "person.resume", "person.version", "mail.stop", "mail.resume"),
    *("links.revoke", "contact.change", "letter.seen", "safety.seen"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened.

    Attributes:
        at: When.
        kind: What: an action of the log's, or `invited`, `ineligible`, `consented`, `allocated`, `excluded`, `begun`,
            `done`, `missed`, `moved`, `longer`, `skipped`, `safety`, `letter.person`, `letter.team`, `note`,
            `note.addendum`, `completed`, `left`.
        by: The address of the account that did it; empty for the person themself and for the product.
        step: The id of the step that it is about; else empty.
        text: A reason, a note, a letter, a group, a question: what `kind` says something of.
        until: Where a step was moved to, or until when it stays open.
        version: The version of the study that was consented to, or gone over to.
        refused: The statements that were not agreed to.
    """

    at: datetime
    kind: str
    by: str = ""
    step: str = ""
    text: str = ""
    until: datetime | None = None
    version: int | None = None
    refused: tuple[str, ...] = ()


def timeline_of(
    person: Enrolment, now: datetime, *, with_letters: bool, with_notes: bool, reports: Iterable[SafetyReport] = ()
) -> list[Event]:
    """Everything so far; letters, notes and the `reports` at hand with their words, for those who may read them."""
    found = [*_milestones(person), *_consents(person), *_steps(person, now), *_adjustments(person), *_logged(person)]
    if with_letters:
        found += _letters(person)
    found += [_reported(report) for report in reports]
    if with_notes:
        found += _notes(person)
    # Of what came at one instant, what is named later here came later.
    return [event for _, event in sorted(enumerate(found), key=lambda each: (each[1].at, each[0]), reverse=True)]


def _milestones(person: Enrolment) -> Iterator[Event]:
    if person.invited_at:
        yield Event(at=person.invited_at, kind="invited")
    if person.ineligible_by and person.screened_at:
        yield Event(at=person.screened_at, kind="ineligible", text=person.ineligible_by)
    if person.allocated_at:
        yield Event(at=person.allocated_at, kind="allocated", text=person.arm)
    if person.excluded_at:
        yield Event(at=person.excluded_at, kind="excluded", text=person.excluded_by)
    if person.completed_at:
        yield Event(at=person.completed_at, kind="completed")
    if person.withdrawn_at:
        yield Event(at=person.withdrawn_at, kind="left")


def _consents(person: Enrolment) -> Iterator[Event]:
    for consent in ConsentRecord.objects.filter(enrolment=person).select_related("version").order_by("pk"):
        refused = tuple(str(each["text"]) for each in consent.statements if not each["agreed"])
        yield Event(at=consent.consented_at, kind="consented", version=consent.version.n, refused=refused)


def _steps(person: Enrolment, now: datetime) -> Iterator[Event]:
    """Steps as they stand now: one whose window closed since the last settling is missed already."""
    occasions = sorted(person.occasions.all(), key=lambda each: each.place)
    planned = plan_of(person, occasions, now) if person.consented_at and person.version else {}
    for occasion in occasions:
        state, settled_at = occasion.state, occasion.settled_at
        if settled_at is None and (step := planned.get(occasion.key)) is not None:
            state, settled_at = step.state, step.settled_at
        if occasion.started_at is not None and state != "done":
            yield Event(at=occasion.started_at, kind="begun", step=occasion.key)
        # A skipped step's line is that of the change; those cancelled went with the person.
        if settled_at is not None and state in {"done", "missed"} and occasion.skipped_at is None:
            yield Event(at=settled_at, kind=state, step=occasion.key)


def _adjustments(person: Enrolment) -> Iterator[Event]:
    changes = Adjustment.objects.filter(occasion__enrolment=person).select_related("occasion", "by")
    for change in changes.order_by("pk"):
        yield Event(
            at=change.made_at,
            kind=change.kind,
            by=change.by.email if change.by else "",
            step=change.occasion.key,
            text=change.reason,
            until=change.due_at or change.closes_at,
        )


def _logged(person: Enrolment) -> Iterator[Event]:
    rows = AuditEntry.objects.filter(study=person.study.slug, subject=person.pseudonym, action__in=LOGGED)
    entries = list(rows.order_by("id").values_list("at", "action", "actor", "detail"))
    addresses = addresses_of(actor for _, _, actor, _ in entries)
    # A page that read the person knows already where there are none.
    reasons, zones = {}, {}
    if getattr(person, "has_pauses", True):
        reasons = {each.paused_at: each.reason for each in person.pauses.filter(paused_by="staff")}
    if getattr(person, "has_zone_moves", True):
        zones = {each.moved_at: f"{each.before} → {each.after}" for each in person.zone_moves.all()}
    for at, action, actor, detail in entries:
        if action == "contact.change" and not _moved_away(json.loads(detail)):
            continue
        version = json.loads(detail)["version"] if action == "person.version" else None
        text = {"person.pause": reasons, "contact.change": zones}.get(action, {}).get(at, "")
        yield Event(at=at, kind=action, by=addresses.get(actor, ""), version=version, text=text)
    if person.paused_at and not any(action == "person.pause" for _, action, _, _ in entries):
        yield Event(at=person.paused_at, kind="person.pause")


def _moved_away(detail: Mapping[str, object]) -> bool:
    """Whether a change of contact was one of zone, after the first: that moves what is to come."""
    fields = detail.get("fields")
    return isinstance(fields, list) and "timezone" in fields and "contact_at" not in fields


def _letters(person: Enrolment) -> Iterator[Event]:
    for letter in Letter.objects.filter(enrolment=person).select_related("author").order_by("pk"):
        kind = "letter.team" if letter.is_from_staff else "letter.person"
        by = letter.author.email if letter.author else ""
        yield Event(at=letter.written_at, kind=kind, by=by, text=letter.text)


def _reported(report: SafetyReport) -> Event:
    step = report.occasion.key if report.occasion else ""
    return Event(at=report.made_at, kind="safety", step=step, text=report.text)


def _notes(person: Enrolment) -> Iterator[Event]:
    for note in Note.objects.filter(enrolment=person).select_related("author").order_by("pk"):
        kind = "note.addendum" if note.addendum_to_id else "note"
        yield Event(at=note.written_at, kind=kind, by=note.author.email if note.author else "", text=note.text)
