"""Making accounts, and the one-time links that open them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.audit import Actor, record
from accounts.models import SignInLink, User

LINK_LIFE = timedelta(days=7)


@transaction.atomic
def ensure_account(*, email: str, by: Actor, now: datetime, creator: bool = False) -> User:
    """The account of an address, made if there is none; `creator` lets it make studies in the browser."""
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        user = User(email=email.strip().lower(), created_at=now)
        user.set_unusable_password()
        user.save()
        record(by=by, action="account.make", now=now, subject=f"staff:{user.pk}")
    if creator and not user.is_creator:
        user.is_creator = True
        user.save(update_fields=["is_creator"])
        record(by=by, action="account.creator", now=now, subject=f"staff:{user.pk}")
    return user


@transaction.atomic
def mint_sign_in_link(*, user: User, by: Actor, now: datetime) -> str:
    """The address of a one-time way in, good for seven days; only the hash of its token is stored."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(user=user, token_hash=_hash(token), created_at=now, expires_at=now + LINK_LIFE)
    record(by=by, action="account.link", now=now, subject=f"staff:{user.pk}")
    return f"{settings.PUBLIC_URL.rstrip('/')}/staff/link/{token}/"


def is_good(token: str, *, now: datetime) -> bool:
    """Whether a one-time link would still open its account."""
    return _good(token, now) is not None


@transaction.atomic
def use_sign_in_link(*, token: str, now: datetime) -> User | None:
    """Whom the link lets in, this once; None for one that is unknown, used, too old, or of a disabled account."""
    link = _good(token, now)
    # The condition and the mark are one statement, so that of two who press at once only one comes in.
    if link is None or not SignInLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
        return None
    record(by=link.user, action="account.sign_in", now=now, subject=f"staff:{link.user_id}", how="link")
    return link.user


@transaction.atomic
def note_sign_in(*, user: User, now: datetime, how: str = "password") -> None:
    """Writes down that somebody came in, and by what."""
    record(by=user, action="account.sign_in", now=now, subject=f"staff:{user.pk}", how=how)


@transaction.atomic
def set_password(*, user: User, password: str, now: datetime) -> None:
    """Replaces the password (the form has checked it against the validators)."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record(by=user, action="account.password", now=now, subject=f"staff:{user.pk}")


def _good(token: str, now: datetime) -> SignInLink | None:
    links = SignInLink.objects.select_related("user").filter(user__is_active=True)
    return links.filter(token_hash=_hash(token), used_at=None, expires_at__gt=now).first()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
