"""Who calls the API: a token in the header `Authorization`, and what its account may still do."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

import clock
from accounts.models import User
from accounts.throttle import exceeded, fail, retry_after_s
from coaching.models import Study
from coaching.roles import Access
from coaching.selectors.studies import roles_of
from research.models import ApiToken
from research.selectors import token_by_prefix
from research.services import SCOPES, hash_of, touch_token

if TYPE_CHECKING:
    from rest_framework.views import APIView

_BEARER = re.compile(r"bearer +(?P<token>potoo_(?P<prefix>[a-z0-9]{8})_[A-Za-z0-9_-]{43}) *", re.ASCII | re.IGNORECASE)
_REALM = 'Bearer realm="potoo"'


@dataclass(frozen=True, slots=True)
class Key:
    """A token in use: `scopes` are those of the token that the roles of its account still allow."""

    token: ApiToken
    scopes: frozenset[str]

    @property
    def study(self) -> Study:
        """The one study that it opens."""
        return self.token.study


class TokenAuthentication(BaseAuthentication):
    """Lets in whoever shows a token that is in use and whose account may still do something with it.

    Only failures are limited, by the caller's address; a token that is right is never turned away for them.
    """

    def authenticate(self, request: Request) -> tuple[User, Key]:
        """The account and its key; anything else is a 401, or a 429 after many."""
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            raise NotAuthenticated("Show a token: Authorization: Bearer TOKEN.")
        now, address = clock.now(), request.META.get("REMOTE_ADDR", "")
        key = _key(header, now)
        if key is None:
            if exceeded("api:address", address, now):
                raise Throttled(wait=retry_after_s(now), detail="Too many tokens were refused; wait a while.")
            fail("api:address", address, now)
            raise AuthenticationFailed(
                "This token is unknown, revoked or past its day, or its account may no longer use it."
            )
        touch_token(token=key.token, now=now)
        return key.token.user, key

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return f'{_REALM}, error="invalid_token"' if request.META.get("HTTP_AUTHORIZATION") else _REALM


class HasScope(BasePermission):
    """Whether the key opens the study of the address, and may read what is there.

    The route says which scope it needs (`config.access`). Another study is not there at all.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True, or a 404 for another study, or a 403 for a scope that is missing."""
        key: Any = request.auth
        slug, needs = view.kwargs.get("slug"), getattr(request, "needs_scope", "")
        if slug is not None and slug != key.study.slug:
            raise Http404
        if needs and needs not in key.scopes:
            raise PermissionDenied(f"This needs the scope {needs}; the token has {', '.join(sorted(key.scopes))}.")
        return True


def _key(header: str, now: datetime) -> Key | None:
    match = _BEARER.fullmatch(header)
    token = token_by_prefix(match["prefix"], now) if match else None
    # The same work for an unknown prefix as for a known one, so that time tells nothing.
    stored = token.token_hash if token else "0" * 64
    is_right = secrets.compare_digest(hash_of(match["token"] if match else ""), stored)
    if token is None or not is_right or not token.user.is_active:
        return None
    access = Access(frozenset(roles_of(token.user, token.study)))
    scopes = frozenset(scope for scope in token.scopes if scope in SCOPES and access.may(SCOPES[scope]))
    return Key(token, scopes) if scopes else None
