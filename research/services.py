"""API tokens, and the traces that reading leaves in the audit log."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from accounts.audit import Actor, record
from accounts.models import User
from coaching.models import Study
from coaching.roles import MATRIX, Access, Capability
from coaching.selectors.studies import roles_of
from research.models import ApiToken

# What a token's account must be allowed to do in the study for each scope to count. A token reads every address at
# once, and a coach is shown them one at a time: it takes an owner.
SCOPES: Mapping[str, Capability] = {"export:read": "export", "contact:read": "team", "unblind:read": "team"}
PREFIX_LENGTH = 8
TOUCH_EVERY = timedelta(minutes=1)

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


class AlreadyMade(ValueError):
    """The form that asks for this token made one before, whose text nothing can show again."""


class ScopeNotGrantable(ValueError):
    """A scope that doesn't exist, or that the account's roles in the study don't allow; the text says which."""


def hash_of(token: str) -> str:
    """What is stored of a token: its secret is 256 random bits, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def create_token(
    *,
    user: User,
    study: Study,
    scopes: Iterable[str],
    by: Actor,
    now: datetime,
    expires_at: datetime | None = None,
    form_key: str = "",
) -> tuple[ApiToken, str]:
    """A new token of an account for one study, and its text, which nothing can show again.

    Without `expires_at` it is good until it is revoked. `form_key` is what the form carries that asks for it, so that a
    form that is sent twice makes one token.

    Raises:
        ScopeNotGrantable: No scope is asked for, or one that the account could not use.
        AlreadyMade: By the same form.
    """
    wanted = list(dict.fromkeys(scopes))
    _check(wanted, Access(frozenset(roles_of(user, study))))
    prefix = _prefix(f"{user.pk}:{study.pk}:{form_key}" if form_key else "")
    text = f"potoo_{prefix}_{secrets.token_urlsafe(32)}"
    token, is_new = ApiToken.objects.get_or_create(
        prefix=prefix,
        defaults={
            "study": study,
            "user": user,
            "token_hash": hash_of(text),
            "scopes": wanted,
            "created_at": now,
            "expires_at": expires_at,
        },
    )
    if not is_new:
        raise AlreadyMade(prefix)
    until = {"expires": expires_at.isoformat()} if expires_at else {}
    record(
        by=by, action="token.create", now=now, study=study.slug, subject=prefix, account=user.pk, scopes=wanted, **until
    )
    return token, text


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Actor, now: datetime) -> None:
    """Ends a token at once; ending it twice is ending it once."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        record(by=by, action="token.revoke", now=now, study=token.study.slug, subject=token.prefix)


def touch_token(*, token: ApiToken, now: datetime) -> None:
    """Notes that a token was used; to the minute, so that reading doesn't wait for a writer's turn at every page."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - TOUCH_EVERY)
    if token.last_used_at is None or token.last_used_at < now - TOUCH_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


@transaction.atomic
def record_export(
    *, study: Study, dataset: str, file_format: str, filters: Mapping[str, str], by: Actor, now: datetime
) -> None:
    """Writes down that a dataset was handed over as a file."""
    asked = {"format": file_format, "filters": dict(filters)}
    record(by=by, action="export.file", now=now, study=study.slug, subject=dataset, **asked)


@transaction.atomic
def record_contacts_read(*, study: Study, people: int, by: Actor, now: datetime) -> None:
    """Writes down that somebody read the addresses of a whole study."""
    record(by=by, action="contacts.read", now=now, study=study.slug, people=people)


def _prefix(form: str) -> str:
    """Eight letters and digits: the same for the same form, and nobody can choose a form for the letters it gives."""
    if not form:
        return "".join(secrets.choice(_ALPHABET) for _ in range(PREFIX_LENGTH))
    digest = salted_hmac("research.services.prefix", form, algorithm="sha256").digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:PREFIX_LENGTH])


def _check(wanted: list[str], access: Access) -> None:
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise ScopeNotGrantable(f"scopes: found {', '.join(unknown) or 'none'}, expected some of {', '.join(SCOPES)}")
    for scope in wanted:
        if not access.may(SCOPES[scope]):
            allowed = ", ".join(sorted(MATRIX[SCOPES[scope]]))
            held = ", ".join(sorted(access.roles)) or "no role"
            raise ScopeNotGrantable(f"scope {scope}: the account has {held} in the study, expected one of {allowed}")
