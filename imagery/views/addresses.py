"""The addresses of a reveal's pictures: they say nothing, hold for one person and one run, and not for long."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from coaching.models import Enrolment
from imagery.models import StageVisit

MAX_AGE = timedelta(hours=1)

_NAME = re.compile(r"([0-9a-f]{8})([0-9a-f]{64})", re.ASCII)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def picture_address(visit: StageVisit, now: datetime) -> str:
    """Where the picture of a reveal that the person has come to can be fetched for the next hour."""
    return reverse("imagery:picture", args=[_name(visit, f"{_minute(now):08x}")])


def visit_behind(enrolment: Enrolment, name: str, now: datetime) -> StageVisit | None:
    """The reveal whose picture an address names; None unless this person has come to it and the address still holds.

    The address can't be read, only compared: with those of the reveals that the person was shown.
    """
    match = _NAME.fullmatch(name)
    if match is None or not 0 <= _minute(now) - int(match[1], 16) <= MAX_AGE // timedelta(minutes=1):
        return None
    shown = StageVisit.objects.filter(kind="reveal", run__occasion__enrolment=enrolment)
    visits = shown.select_related("run__occasion").order_by("-pk")
    return next((visit for visit in visits if constant_time_compare(_name(visit, match[1]), name)), None)


def _name(visit: StageVisit, minute: str) -> str:
    signed = salted_hmac("imagery.picture", f"{visit.pk}:{minute}", algorithm="sha256").hexdigest()
    return minute + signed


def _minute(now: datetime) -> int:
    return (now - _EPOCH) // timedelta(minutes=1)
