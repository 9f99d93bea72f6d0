"""By which way what reminds a person reaches them, and which there are here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from coaching.models import Contact, Enrolment, PushSubscription, Way
from coaching.web_push import VapidKey


@dataclass(frozen=True, slots=True)
class Reached:
    """How somebody is reached: by `way`, at an address, a number, or so many devices."""

    way: Way
    email: str
    phone: str
    devices: tuple[int, ...]


def push_key() -> VapidKey | None:
    """The key under which notifications leave; none where this installation sends none."""
    return _key(settings.VAPID_KEY) if settings.VAPID_KEY else None


def has_texts() -> bool:
    """Whether this installation sends text messages."""
    return settings.SMS is not None


def reached(enrolment: Enrolment) -> Reached:
    """How what reminds the person reaches them now: whatever can't be kept up here is mail."""
    contact = Contact.objects.filter(enrolment=enrolment).first()
    if contact is None:
        return Reached(Way.MAIL, "", "", ())
    devices = tuple(each.pk for each in live(enrolment.pk))
    holds = {Way.PUSH: bool(devices), Way.SMS: bool(contact.phone) and has_texts()}
    way = Way(contact.way) if holds.get(Way(contact.way)) else Way.MAIL
    return Reached(way, contact.email, contact.phone, devices)


def live(enrolment_id: int) -> list[PushSubscription]:
    """The devices of somebody that were subscribed under the key of today; a push service takes nothing for others."""
    key = push_key()
    if key is None:
        return []
    return list(PushSubscription.objects.filter(enrolment=enrolment_id, server_key=key.name).order_by("pk"))


@lru_cache(maxsize=4)
def _key(secret: str) -> VapidKey:
    return VapidKey(secret)
