"""What this room holds of one person, for that person to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from coaching.models import Adjustment, ConsentRecord, Contact, Enrolment, PersonalLink, PushSubscription
from coaching.selectors.care import alerts_of
from coaching.selectors.safety import reports_of
from coaching.selectors.studies import declared
from protocol.study import Step

Row = dict[str, Any]


def own_rows(enrolment: Enrolment) -> Mapping[str, list[Row]]:
    """Every fact about the person in this room, by table, as plain values (text, numbers, booleans, instants, None).

    The lists that arms are given from are not theirs: only their own arm is in it. Links are there by date; what
    opens them is stored nowhere.
    """
    return {
        "person": [_person(enrolment)],
        "door_answers": _door_answers(enrolment),
        "consents": _consents(enrolment),
        "consent_statements": _statements(enrolment),
        "contact": _contact(enrolment),
        "devices": _devices(enrolment),
        "links": _links(enrolment),
        "timetable": _timetable(enrolment),
        "timetable_changes": _changes(enrolment),
        "payments": _payments(enrolment),
        "messages": _letters(enrolment),
        "safety_reports": _reports(enrolment),
        "alerts": _alerts(enrolment),
        "adverse_events": _adverse_events(enrolment),
        "notes": _notes(enrolment),
    }


def _person(enrolment: Enrolment) -> Row:
    return {
        "participant": enrolment.pseudonym,
        "study": enrolment.study.slug,
        "study_version": enrolment.version.n if enrolment.version else None,
        "language": enrolment.language,
        "timezone": enrolment.timezone,
        "arm": enrolment.arm,
        **{f"group_{name}": label for name, label in enrolment.groups.items()},
        "invited_at": enrolment.invited_at,
        "screened_at": enrolment.screened_at,
        "not_eligible_by": enrolment.ineligible_by,
        "consented_at": enrolment.consented_at,
        "contact_at": enrolment.contact_at,
        "allocated_at": enrolment.allocated_at,
        "excluded_at": enrolment.excluded_at,
        "excluded_by": enrolment.excluded_by,
        "paused_at": enrolment.paused_at,
        "no_reminders_since": enrolment.no_mail_at,
        "left_training_at": enrolment.left_training_at,
        "no_contact_since": enrolment.no_contact_at,
        "completed_at": enrolment.completed_at,
        "withdrawn_at": enrolment.withdrawn_at,
        "withdrawal": enrolment.withdrawal,
        "synthetic": enrolment.synthetic,
    }


def _door_answers(enrolment: Enrolment) -> list[Row]:
    asked = {}
    if enrolment.version is not None:
        asked = {question.id: question.ask for question in declared(enrolment.version).eligibility}
    return [
        {"question": key, "asked": asked[key].to(enrolment.language) if key in asked else "", "answer": answer}
        for key, answer in enrolment.eligibility.items()
    ]


def _consents(enrolment: Enrolment) -> list[Row]:
    return [
        {
            "consent_version": consent.consent_version,
            "study_version": consent.version.n,
            "language": consent.language,
            "consented_at": consent.consented_at,
            "text": consent.text,
            "digest": consent.digest,
        }
        for consent in _records(enrolment)
    ]


def _statements(enrolment: Enrolment) -> list[Row]:
    return [
        {
            "consent_version": consent.consent_version,
            "consented_at": consent.consented_at,
            "statement": statement["id"],
            "text": statement["text"],
            "required": statement["required"],
            "agreed": statement["agreed"],
        }
        for consent in _records(enrolment)
        for statement in consent.statements
    ]


def _records(enrolment: Enrolment) -> list[ConsentRecord]:
    return list(ConsentRecord.objects.filter(enrolment=enrolment).select_related("version").order_by("pk"))


def _contact(enrolment: Enrolment) -> list[Row]:
    contact = Contact.objects.filter(enrolment=enrolment).first()
    if contact is None:
        return []
    external: dict[str, str] = json.loads(contact.external_ids) if contact.external_ids else {}
    return [
        {
            "email": contact.email,
            "phone": contact.phone,
            "reminders_by": contact.way,
            "label": contact.label,
            "external_ids": json.dumps(external, ensure_ascii=False),
            "held_since": contact.held_at,
            "held_because": contact.held_reason,
        }
    ]


def _devices(enrolment: Enrolment) -> list[Row]:
    """The browsers that show them reminders. Its two keys are of no use to a person, and open the browser to others."""
    devices = PushSubscription.objects.filter(enrolment=enrolment).order_by("pk")
    return [{"address": device.endpoint, "made_at": device.made_at} for device in devices]


def _links(enrolment: Enrolment) -> list[Row]:
    rows = PersonalLink.objects.filter(enrolment=enrolment).order_by("pk").values_list("created_at", "revoked_at")
    return [{"created_at": created_at, "revoked_at": revoked_at} for created_at, revoked_at in rows]


def _timetable(enrolment: Enrolment) -> list[Row]:
    steps: dict[str, Step] = {}
    if enrolment.version is not None:
        steps = {step.id: step for step in declared(enrolment.version).steps()}
    rows = []
    for occasion in enrolment.occasions.order_by("place"):
        title = steps[occasion.key].title if occasion.key in steps else None
        rows.append(
            {
                "timepoint": occasion.key,
                "title": title.to(enrolment.language) if title else "",
                "optional": occasion.optional,
                "due_at": occasion.due_at,
                "opens_at": occasion.opens_at,
                "closes_at": occasion.closes_at,
                "state": occasion.state,
                "started_at": occasion.started_at,
                "settled_at": occasion.settled_at,
            }
        )
    return rows


def _changes(enrolment: Enrolment) -> list[Row]:
    changes = Adjustment.objects.filter(occasion__enrolment=enrolment).select_related("occasion").order_by("pk")
    return [
        {
            "timepoint": change.occasion.key,
            "change": change.kind,
            "due_at": change.due_at,
            "closes_at": change.closes_at,
            "reason": change.reason,
            "made_at": change.made_at,
        }
        for change in changes
    ]


def _payments(enrolment: Enrolment) -> list[Row]:
    """What they are owed; who of the team approved it is not the person's own."""
    return [
        {
            "timepoint": entry.timepoint,
            "amount": entry.cents / 100,
            "currency": entry.currency,
            "due_at": entry.due_at,
            "approved_at": entry.approved_at,
            "paid_at": entry.paid_at,
            "reference": entry.reference,
        }
        for entry in enrolment.payments.order_by("pk")
    ]


def _letters(enrolment: Enrolment) -> list[Row]:
    return [
        {
            "from": "study team" if letter.is_from_staff else "you",
            "text": letter.text,
            "written_at": letter.written_at,
            "answered_at": letter.answered_at,
        }
        for letter in enrolment.letters.order_by("pk")
    ]


def _reports(enrolment: Enrolment) -> list[Row]:
    return [
        {
            "timepoint": report.occasion.key if report.occasion else "",
            "screen": report.screen,
            "kind": report.kind,
            "text": report.text,
            "wants_contact": report.wants_contact,
            "made_at": report.made_at,
            "seen_at": report.seen_at,
        }
        for report in reports_of(enrolment)[::-1]
    ]


def _alerts(enrolment: Enrolment) -> list[Row]:
    """What made the team look; who of them looked, and whom the mails went to, is not the person's own."""
    return [
        {
            "timepoint": alert.occasion.key if alert.occasion else "",
            "rule": alert.rule,
            "raised_by": "rule" if alert.report_id is None else "report",
            "raised_at": alert.raised_at,
            "paused": alert.paused,
            "seen_at": alert.seen_at,
            "done": alert.done,
        }
        for alert in alerts_of(enrolment)[::-1]
    ]


def _adverse_events(enrolment: Enrolment) -> list[Row]:
    """What the team wrote down of what happened to the person, each version a row."""
    fields = (
        *("number", "term", "description", "severity", "serious", "relatedness", "expected", "action", "outcome"),
        *("reason", "made_at"),
    )
    return [
        {name: getattr(event, name) for name in fields}
        | {
            "onset_on": event.onset_on.isoformat(),
            "resolved_on": event.resolved_on.isoformat() if event.resolved_on else "",
        }
        for event in enrolment.adverse_events.order_by("pk")
    ]


def _notes(enrolment: Enrolment) -> list[Row]:
    """What staff wrote about the person; who of them wrote it is not the person's own."""
    notes = list(enrolment.notes.order_by("pk"))
    place = {note.pk: n for n, note in enumerate(notes, start=1)}
    return [
        {
            "note": place[note.pk],
            "added_to_note": place.get(note.addendum_to_id or 0),
            "text": note.text,
            "written_at": note.written_at,
            "changed_at": note.changed_at,
        }
        for note in notes
    ]
