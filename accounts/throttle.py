"""Limits on failures, kept in the database so that all of the server's processes count together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F
from django.utils.crypto import salted_hmac

from accounts.models import FailureCount

WINDOW_S = 15 * 60
LIMITS: Mapping[str, int] = {
    "sign_in:account": 10,
    "sign_in:address": 50,
    "one_time_link:address": 100,
    "link:account": 5,
    "link:address": 50,
    "personal_link:address": 100,
    "api:address": 100,
    "letter:person": 10,
    "safety:person": 10,
}


def exceeded(kind: str, key: str, now: datetime) -> bool:
    """Whether `key` (an address, an account) has reached the limit of `kind` in this quarter of an hour."""
    row = FailureCount.objects.filter(key=_hash(kind, key), window=_window(now)).values_list("count", flat=True).first()
    return (row or 0) >= LIMITS[kind]


def fail(kind: str, key: str, now: datetime) -> None:
    """Counts one failure; of the key only a keyed hash is kept, and of the past nothing."""
    hashed, window = _hash(kind, key), _window(now)
    if not FailureCount.objects.filter(key=hashed, window=window).update(count=F("count") + 1):
        FailureCount.objects.filter(window__lt=window).delete()
        FailureCount.objects.bulk_create(
            [FailureCount(key=hashed, window=window, count=0)],
            ignore_conflicts=True,
        )
        FailureCount.objects.filter(key=hashed, window=window).update(count=F("count") + 1)


def retry_after_s(now: datetime) -> int:
    """Seconds until the counts start anew."""
    return WINDOW_S - int(now.timestamp()) % WINDOW_S


def _window(now: datetime) -> int:
    return int(now.timestamp()) // WINDOW_S


def _hash(kind: str, key: str) -> str:
    # Keyed, for addresses of people and machines can be guessed.
    return salted_hmac(f"throttle:{kind}", key.strip().lower(), algorithm="sha256").hexdigest()
