"""Personal links."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.audit import Actor, record
from coaching.models import Enrolment, Message, PersonalLink
from coaching.selectors.people import token_hash


def mint(*, enrolment: Enrolment, now: datetime) -> str:
    """A new token of 256 random bits; only its hash is stored, so it can't be shown again."""
    token = new_token()
    keep(enrolment_id=enrolment.pk, token=token, now=now)
    return token


def new_token() -> str:
    """256 random bits that are nobody's yet."""
    return secrets.token_urlsafe(32)


def keep(*, enrolment_id: int, token: str, now: datetime) -> None:
    """Makes a token the person's way in; only its hash is stored."""
    PersonalLink.objects.create(enrolment_id=enrolment_id, token_hash=token_hash(token), created_at=now)


def url_of(token: str) -> str:
    """The full address of a personal link: from PUBLIC_URL, never from a request."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/p/{token}/"


@transaction.atomic
def revoke(*, enrolment: Enrolment, by: Actor, now: datetime) -> int:
    """How many links of the person stopped working."""
    count = PersonalLink.objects.filter(enrolment=enrolment, revoked_at=None).update(revoked_at=now)
    # An invitation or link that has not left yet would only make a new way in.
    Message.objects.filter(enrolment=enrolment, timepoint="", state__in=Message.UNSENT).update(
        state=Message.State.CANCELLED, reason="revoked"
    )
    record(by=by, action="links.revoke", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym, links=count)
    return count
