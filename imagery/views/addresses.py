"""The addresses of pictures and recordings: they say nothing, hold for one person and one run, and not for long."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from coaching.models import Enrolment
from imagery.models import StageVisit
from protocol.script import Stage

MAX_AGE = timedelta(hours=1)
HEARD_FOR = timedelta(hours=12)
"""A recording comes a piece at a time while it is heard, and whoever pauses for a meal goes on in the same page."""

_NAME = re.compile(r"([0-9a-f]{8})([0-9a-f]{64})", re.ASCII)
_RECORDING = re.compile(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{64})", re.ASCII)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the address of a recording leads to: the visit of its stage, and the path of the file in the bundle."""

    visit: StageVisit
    part: int

    def path(self, stage: Stage) -> str | None:
        """The file's path; None where the stage has no such file."""
        return dict(enumerate(_files(stage))).get(self.part)


def picture_address(visit: StageVisit, now: datetime) -> str:
    """Where the picture of a reveal that the person has come to can be fetched for the next hour."""
    minute = f"{_minute(now):08x}"
    return reverse("imagery:picture", args=[minute + _signed("picture", visit.pk, minute)])


def visit_behind(enrolment: Enrolment, name: str, now: datetime) -> StageVisit | None:
    """The reveal whose picture an address names; None unless this person has come to it and the address still holds.

    The address can't be read, only compared: with those of the reveals that the person was shown.
    """
    match = _NAME.fullmatch(name)
    if match is None or not _is_fresh(match[1], now, MAX_AGE):
        return None
    return _signed_for(enrolment, "reveal", "picture", match[1], match[2])


def recording_address(visit: StageVisit, stage: Stage, path: str, now: datetime) -> str:
    """Where a recording of what is said, or its captions, can be fetched for the next hours.

    Args:
        visit: The person's visit of the stage, which they have come to.
        stage: It names the file.
        path: The file's path in the bundle.
        now: The time.
    """
    mark = f"{_minute(now):08x}{_files(stage).index(path):04x}"
    return reverse("imagery:recording", args=[mark + _signed("recording", visit.pk, mark)])


def recording_behind(enrolment: Enrolment, name: str, now: datetime) -> Heard | None:
    """What the address of a recording names; None unless this person has come to it and the address still holds."""
    match = _RECORDING.fullmatch(name)
    if match is None or not _is_fresh(match[1], now, HEARD_FOR):
        return None
    visit = _signed_for(enrolment, "say", "recording", match[1] + match[2], match[3])
    return Heard(visit, int(match[2], 16)) if visit else None


def _files(stage: Stage) -> tuple[str, ...]:
    """The files of what is said, in an order of their own: a language may change while a page is open."""
    return tuple(path for text in (stage.audio, stage.captions) if text for path in text.wordings())


def _signed_for(enrolment: Enrolment, kind: str, what: str, mark: str, signature: str) -> StageVisit | None:
    """The visit for which an address was signed, of the stages of a kind that the person was shown."""
    shown = StageVisit.objects.filter(kind=kind, run__occasion__enrolment=enrolment)
    keys: Iterable[int] = shown.order_by("-pk").values_list("pk", flat=True)
    found = next((key for key in keys if constant_time_compare(_signed(what, key, mark), signature)), None)
    return shown.select_related("run__occasion").filter(pk=found).first() if found else None


def _signed(what: str, visit: int, mark: str) -> str:
    return salted_hmac(f"imagery.{what}", f"{visit}:{mark}", algorithm="sha256").hexdigest()


def _is_fresh(minute: str, now: datetime, for_so_long: timedelta) -> bool:
    return 0 <= _minute(now) - int(minute, 16) <= for_so_long // timedelta(minutes=1)


def _minute(now: datetime) -> int:
    return (now - _EPOCH) // timedelta(minutes=1)
