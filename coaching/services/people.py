"""A person's way in, through and out."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.audit import Actor, record
from accounts.models import User
from coaching.encryption import address_hashes, panel_hashes
from coaching.models import (
    ConsentRecord,
    Contact,
    Enrolment,
    Occasion,
    Pause,
    Screening,
    Study,
    StudyVersion,
    ZoneMove,
)
from coaching.selectors.studies import declared, latest_version
from coaching.services import bounces, links, reminders, ways
from coaching.services.occasions import advance, lock
from protocol.study import Consent

# Capital letters and digits that no typeface or voice confuses; a letter first, so that no spreadsheet reads a number.
LETTERS = "CDFGHJKMNPRTVWXY"
SYMBOLS = LETTERS + "34679"
PSEUDONYM_LENGTH = 7
EligibilityAnswers = Mapping[str, int | bool | str]


def new_pseudonym() -> str:
    """A random pseudonym that nobody has had yet."""
    while True:
        name = secrets.choice(LETTERS) + "".join(secrets.choice(SYMBOLS) for _ in range(PSEUDONYM_LENGTH - 1))
        if not Enrolment.objects.filter(pseudonym=name).exists():
            return name


@transaction.atomic
def invite(
    *,
    study: Study,
    by: Actor,
    now: datetime,
    email: str = "",
    timezone: str = "",
    label: str = "",
    is_test: bool = False,
) -> tuple[Enrolment, str]:
    """A new person of the study who has not consented yet, and the token of their link.

    With `is_test` a test person, as whom staff try the study out: simulated, with a clock of their own.
    """
    version = latest_version(study)
    enrolment = Enrolment.objects.create(
        study=study,
        version=version,
        pseudonym=new_pseudonym(),
        timezone=timezone or declared(version).timezone,
        synthetic=is_test,
        ahead_s=0 if is_test else None,
        invited_at=now,
    )
    _write_contact(enrolment, email="" if is_test else email, label=label)
    token = links.mint(enrolment=enrolment, now=now)
    kind = {"is_test": True} if is_test else {}
    record(by=by, action="person.invite", now=now, study=study.slug, subject=enrolment.pseudonym, **kind)
    return enrolment, token


@transaction.atomic
def invite_all(
    *, study: Study, by: Actor, now: datetime, rows: Sequence[Mapping[str, str]]
) -> list[tuple[Enrolment, str]]:
    """Everybody of a list (`email`, `timezone`, `label` each) and their tokens: all of them, or nobody."""
    parts = [{name: row.get(name, "") for name in ("email", "timezone", "label")} for row in rows]
    return [
        invite(study=study, by=by, now=now, email=row["email"], timezone=row["timezone"], label=row["label"])
        for row in parts
    ]


# --- the door --------------------------------------------------------------------------------------------------------


def begin_screening(*, study: Study, now: datetime, key: str | None = None) -> Screening:
    """A count for somebody who came without an invitation; the same one for a repeated `key`."""
    if key:
        existing = Screening.objects.filter(study=study, key=key).first()
        if existing:
            return existing
    try:
        with transaction.atomic():
            return Screening.objects.create(
                study=study, reference=secrets.token_hex(5).upper(), key=key, created_at=now
            )
    except IntegrityError:
        # Another form of this study with the key was quicker; one of another study has it: this one gets another.
        existing = Screening.objects.filter(study=study, key=key).first()
        return existing or begin_screening(study=study, now=now, key=secrets.token_urlsafe(24))


@transaction.atomic
def screen_out(
    *,
    question: str,
    now: datetime,
    screening: Screening | None = None,
    enrolment: Enrolment | None = None,
    forgets_key: bool = False,
) -> None:
    """Counts somebody as not eligible by their first unmet question; nothing else of them is kept.

    With `forgets_key` not even the key of the count, which follows from a panel's id.
    """
    if screening is not None:
        Screening.objects.filter(pk=screening.pk, outcome=Screening.Outcome.UNFINISHED).update(
            outcome=Screening.Outcome.INELIGIBLE, reason=question, key=None if forgets_key else F("key")
        )
    elif enrolment is not None:
        invited = Enrolment.objects.filter(pk=enrolment.pk, consented_at=None, erased_at=None)
        invited.update(ineligible_by=question, screened_at=now)


@transaction.atomic
def note_screening(*, enrolment: Enrolment, now: datetime) -> None:
    """Notes that an invited person began to answer at the door."""
    Enrolment.objects.filter(pk=enrolment.pk, screened_at=None, erased_at=None).update(screened_at=now)


@transaction.atomic
def reopen(*, by: Actor, now: datetime, screening: Screening | None = None, enrolment: Enrolment | None = None) -> None:
    """Lets somebody answer the door's questions again; their count as not eligible is taken back."""
    if screening is not None:
        study, subject = screening.study, screening.reference
        Screening.objects.filter(pk=screening.pk, outcome=Screening.Outcome.INELIGIBLE).delete()
    elif enrolment is not None:
        study, subject = enrolment.study, enrolment.pseudonym
        Enrolment.objects.filter(pk=enrolment.pk).update(ineligible_by="", screened_at=None)
    else:
        return
    record(by=by, action="door.reopen", now=now, study=study.slug, subject=subject)


@transaction.atomic
def consent(
    *,
    version: StudyVersion,
    agreed: set[str],
    language: str,
    eligibility: EligibilityAnswers,
    external_ids: Mapping[str, str],
    now: datetime,
    screening: Screening | None = None,
    enrolment: Enrolment | None = None,
) -> Enrolment:
    """The enrolment of someone whose consent counts from now on.

    Either an invited person's (`enrolment`) or a newcomer's (`screening`). A repeated call changes nothing and
    answers with the enrolment of the first. `version` is the one that was shown; `agreed` holds the ids of the
    ticked statements, every required one among them (the form has checked that).
    """
    study = version.study
    declaration = declared(version)
    if enrolment is not None:
        enrolment = lock(enrolment.pk)
        if enrolment.consented_at or enrolment.withdrawn_at or enrolment.erased_at:
            return enrolment
    elif screening is not None:
        screening = Screening.objects.select_for_update().get(pk=screening.pk)
        earlier = Enrolment.objects.filter(screening=screening).first()
        if earlier is not None:
            return earlier
        enrolment = Enrolment(
            study=study, screening=screening, pseudonym=new_pseudonym(), timezone=declaration.timezone
        )
        screening.outcome, screening.reason = Screening.Outcome.CONSENTED, ""
        screening.save(update_fields=["outcome", "reason"])
    else:
        raise ValueError("consent needs a screening or an invited enrolment")
    enrolment.version = version
    enrolment.language = language
    enrolment.eligibility = dict(eligibility)
    enrolment.consented_at = now
    enrolment.screened_at = enrolment.screened_at or now
    enrolment.save()
    if not Contact.objects.filter(enrolment=enrolment).exists():
        _write_contact(enrolment, email="", external_ids=external_ids)
    elif external_ids:
        _write_external_ids(enrolment, external_ids)
    panel = declaration.panel
    if panel is not None and external_ids.get(panel.id):
        _write_panel_id(enrolment, external_ids[panel.id])
    shown = shown_consent(declaration.consent, language=language, agreed=agreed)
    ConsentRecord.objects.create(
        enrolment=enrolment,
        version=version,
        consent_version=declaration.consent.version,
        language=language,
        text=shown.text,
        statements=shown.statements,
        digest=shown.digest,
        consented_at=now,
    )
    advance(enrolment, now=now)
    record(
        by="participant",
        action="consent.give",
        now=now,
        study=study.slug,
        subject=enrolment.pseudonym,
        version=version.n,
        consent=declaration.consent.version,
        digest=shown.digest,
    )
    return enrolment


@dataclass(frozen=True, slots=True)
class ShownConsent:
    """The consent form as somebody saw and answered it; `digest` is over what was shown, not over the answers."""

    text: str
    statements: list[dict[str, str | bool]]
    digest: str


def shown_consent(consent: Consent, *, language: str, agreed: Set[str]) -> ShownConsent:
    """The form in a language, with the ids in `agreed` ticked."""
    text = consent.text.to(language)
    statements: list[dict[str, str | bool]] = [
        {"id": s.id, "text": s.text.to(language), "required": s.required, "agreed": s.id in agreed}
        for s in consent.statements
    ]
    shown = json.dumps([text, [[s["id"], s["text"], s["required"]] for s in statements]], ensure_ascii=False)
    return ShownConsent(text, statements, hashlib.sha256(shown.encode()).hexdigest())


@transaction.atomic
def record_contact(*, enrolment: Enrolment, email: str, timezone: str, by: Actor, now: datetime) -> None:
    """Stores where a person can be reached and their zone; what is not yet past moves with the zone.

    Of somebody who has left meanwhile nothing is stored.
    """
    enrolment = lock(enrolment.pk)
    if enrolment.withdrawn_at or enrolment.erased_at:
        return
    changed = [
        name
        for name, differs in (
            ("timezone", enrolment.timezone != timezone),
            ("email", getattr(Contact.objects.filter(enrolment=enrolment).first(), "email", "") != email),
            ("contact_at", enrolment.contact_at is None),
            # Whoever enters an address that came back has looked at it: it is tried again.
            ("held", bool(email) and Contact.objects.filter(enrolment=enrolment, held_at__isnull=False).exists()),
        )
        if differs
    ]
    if not changed:
        return
    if enrolment.timezone != timezone and enrolment.contact_at is not None:
        ZoneMove.objects.create(
            enrolment=enrolment, before=enrolment.timezone, after=timezone, moved_at=now, by=_whose(by)
        )
    enrolment.timezone = timezone
    enrolment.contact_at = enrolment.contact_at or now
    enrolment.save(update_fields=["timezone", "contact_at"])
    _write_contact(enrolment, email=email)
    bounces.release(enrolment)
    advance(enrolment, now=now)
    record(
        by=by, action="contact.change", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym, fields=changed
    )


def _whose(by: Actor) -> str:
    """Whether a person did it themselves, or somebody of the team, or a rule; names are the log's."""
    return "staff" if isinstance(by, User) else str(by)


def _write_contact(
    enrolment: Enrolment, *, email: str, label: str | None = None, external_ids: Mapping[str, str] | None = None
) -> None:
    contact, _ = Contact.objects.get_or_create(enrolment=enrolment)
    contact.email = email.strip()
    contact.email_hash = address_hashes(email)[0] if email.strip() else ""
    if label is not None:
        contact.label = label
    if external_ids is not None:
        contact.external_ids = json.dumps(dict(external_ids)) if external_ids else ""
    contact.save()


def _write_external_ids(enrolment: Enrolment, external_ids: Mapping[str, str]) -> None:
    contact = Contact.objects.get(enrolment=enrolment)
    known = json.loads(contact.external_ids) if contact.external_ids else {}
    contact.external_ids = json.dumps({**known, **external_ids})
    contact.save(update_fields=["external_ids"])


def _write_panel_id(enrolment: Enrolment, panel_id: str) -> None:
    """Whoever comes again with the id is this person from now on, unless it leads to somebody else already."""
    hashes = panel_hashes(enrolment.study.slug, panel_id)
    if not Contact.objects.filter(panel_hash__in=hashes).exclude(enrolment=enrolment).exists():
        Contact.objects.filter(enrolment=enrolment).update(panel_hash=hashes[0])


# --- on the way ------------------------------------------------------------------------------------------------------


@transaction.atomic
def choose_language(*, enrolment: Enrolment, language: str) -> None:
    """The language in which the person reads from now on."""
    Enrolment.objects.filter(pk=enrolment.pk, erased_at=None).update(language=language)


@transaction.atomic
def pause(*, enrolment: Enrolment, by: Actor, now: datetime, reason: str = "") -> None:
    """Nothing is offered or sent from now on; windows run on. Pausing twice is one pause."""
    changed = Enrolment.objects.filter(pk=enrolment.pk, paused_at=None, withdrawn_at=None, erased_at=None).update(
        paused_at=now
    )
    if changed:
        reminders.hold_back(enrolment)
        Pause.objects.create(enrolment=enrolment, paused_at=now, paused_by=_whose(by), reason=reason)
        record(by=by, action="person.pause", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)


@transaction.atomic
def resume(*, enrolment: Enrolment, by: Actor, now: datetime) -> None:
    """Ends a pause."""
    changed = Enrolment.objects.filter(pk=enrolment.pk, paused_at__isnull=False).update(paused_at=None)
    if changed:
        enrolment.pauses.filter(resumed_at=None).update(resumed_at=now, resumed_by=_whose(by))
        record(by=by, action="person.resume", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)


@transaction.atomic
def stop_mail(*, enrolment: Enrolment, by: Actor, now: datetime) -> None:
    """No reminder is sent from now on; the programme goes on. Asking twice is asking once."""
    changed = Enrolment.objects.filter(pk=enrolment.pk, no_mail_at=None, erased_at=None).update(no_mail_at=now)
    if changed:
        reminders.hold_back(enrolment)
        record(by=by, action="mail.stop", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)


@transaction.atomic
def resume_mail(*, enrolment: Enrolment, by: Actor, now: datetime) -> None:
    """Reminders are sent again."""
    changed = Enrolment.objects.filter(pk=enrolment.pk, no_mail_at__isnull=False).update(no_mail_at=None)
    if changed:
        record(by=by, action="mail.resume", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)


@transaction.atomic
def withdraw(*, enrolment: Enrolment, choice: Literal["keep", "erase"], by: Actor, now: datetime) -> None:
    """Ends the participation: what is still to come is cancelled. Erasure, if chosen, is the caller's next act."""
    enrolment = lock(enrolment.pk)
    if enrolment.withdrawn_at or enrolment.erased_at:
        return
    enrolment.withdrawn_at = now
    enrolment.withdrawal = choice
    enrolment.paused_at = None
    enrolment.next_boundary_at = now  # the next tick lets the rooms close what was begun
    enrolment.save(update_fields=["withdrawn_at", "withdrawal", "paused_at", "next_boundary_at"])
    enrolment.occasions.filter(settled_at=None).update(state=Occasion.State.CANCELLED, settled_at=now)
    reminders.cancel_all(enrolment, reason="withdrawn")
    ways.forget(enrolment)
    record(
        by=by, action="person.withdraw", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym, choice=choice
    )
