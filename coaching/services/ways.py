"""How what reminds somebody reaches them: one way at a time, and nothing is kept that another way would need."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.audit import Actor, record
from coaching.encryption import endpoint_hashes
from coaching.models import Contact, Enrolment, PushSubscription, Way
from coaching.selectors.ways import has_texts, live, push_key
from coaching.services import reminders
from coaching.services.occasions import lock
from coaching.web_push import are_keys, endpoint_in

MOST_DEVICES = 5
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)  # E.164
_WRITTEN_BETWEEN = re.compile(r"[ \u00a0\u202f()./-]")


class NotThere(Exception):
    """This installation has no such way, or what was given leads nowhere."""


def number_in(typed: str) -> str:
    """A telephone number with + and the country's code, however it was written; empty for anything else."""
    bare = _WRITTEN_BETWEEN.sub("", typed.strip())
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    return bare if _NUMBER.fullmatch(bare) else ""


@transaction.atomic
def choose_mail(*, enrolment: Enrolment, by: Actor, now: datetime) -> bool:
    """By e-mail from now on; number and devices are forgotten. Whether that was a change."""
    enrolment = lock(enrolment.pk)
    return forget(enrolment) and _chosen(enrolment, Way.MAIL, by, now)


@transaction.atomic
def choose_texts(*, enrolment: Enrolment, phone: str, by: Actor, now: datetime) -> bool:
    """By text message to this number from now on; devices are forgotten. Whether that was a change.

    Raises:
        NotThere: Nobody sends text messages here, or that is no number.
    """
    if not has_texts() or number_in(phone) != phone:
        raise NotThere
    enrolment = lock(enrolment.pk)
    if not _is_reached(enrolment):
        return False
    contact, _ = Contact.objects.get_or_create(enrolment=enrolment)
    if contact.way == Way.SMS and contact.phone == phone:
        return False
    PushSubscription.objects.filter(enrolment=enrolment).delete()
    contact.way, contact.phone = Way.SMS, phone
    contact.save(update_fields=["way", "phone"])
    return _chosen(enrolment, Way.SMS, by, now)


@transaction.atomic
def choose_device(
    *, enrolment: Enrolment, endpoint: str, p256dh: str, auth: str, by: Actor, now: datetime
) -> PushSubscription | None:
    """On this browser from now on, beside others of theirs; a number is forgotten. None for somebody who has left.

    A browser is one person's: whoever was reached on it before is not any more. Of more than `MOST_DEVICES` the oldest
    goes.

    Raises:
        NotThere: Nobody sends notifications here, or that is no browser's address and keys.
    """
    key = push_key()
    if key is None or endpoint_in(endpoint) is None or not are_keys(p256dh, auth):
        raise NotThere
    enrolment = lock(enrolment.pk)
    if not _is_reached(enrolment):
        return None
    hashes = endpoint_hashes(endpoint)
    held = PushSubscription.objects.filter(endpoint_hash__in=hashes)
    same = held.filter(enrolment=enrolment, server_key=key.name).first()
    contact, _ = Contact.objects.get_or_create(enrolment=enrolment)
    if same is not None and contact.way == Way.PUSH and (same.p256dh, same.auth) == (p256dh, auth):
        return same
    others = set(held.exclude(enrolment=enrolment).values_list("enrolment_id", flat=True))
    held.delete()
    for other in others:
        _back_to_mail(other)
    device = PushSubscription.objects.create(
        **{"enrolment": enrolment, "endpoint": endpoint, "endpoint_hash": hashes[0], "p256dh": p256dh, "auth": auth},
        **{"server_key": key.name, "made_at": now},
    )
    own = PushSubscription.objects.filter(enrolment=enrolment).order_by("-pk").values_list("pk", flat=True)
    PushSubscription.objects.filter(pk__in=list(own)[MOST_DEVICES:]).delete()
    contact.way, contact.phone = Way.PUSH, ""
    contact.save(update_fields=["way", "phone"])
    _chosen(enrolment, Way.PUSH, by, now)
    return device


@transaction.atomic
def leave_device(*, enrolment: Enrolment, device: int, by: Actor, now: datetime) -> bool:
    """Nothing comes to this browser any more; after the last, by e-mail again. Whether that was a change."""
    enrolment = lock(enrolment.pk)
    if not PushSubscription.objects.filter(enrolment=enrolment, pk=device).delete()[0]:
        return False
    reminders.hold_back(enrolment)
    if not _back_to_mail(enrolment.pk):
        record(by=by, action="way.device_off", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)
        return True
    return _chosen(enrolment, Way.MAIL, by, now)


@transaction.atomic
def lose(*, enrolment_id: int, devices: Collection[int], now: datetime) -> None:
    """Forgets browsers of which their push service says that they are not there any more."""
    enrolment = lock(enrolment_id)
    if not PushSubscription.objects.filter(enrolment=enrolment, pk__in=devices).delete()[0]:
        return
    _back_to_mail(enrolment.pk)
    record(by="product", action="way.lost", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)


def forget(enrolment: Enrolment) -> bool:
    """Forgets number and devices of a locked person; whether there was anything.

    Part of an act that ends their being reached so, and takes claimed messages back in the same transaction.
    """
    gone = PushSubscription.objects.filter(enrolment=enrolment).delete()[0]
    contacts = Contact.objects.filter(enrolment=enrolment)
    changed = sum(
        Contact.objects.filter(pk=contact.pk).update(phone="", way=Way.MAIL)
        for contact in contacts
        if contact.phone or contact.way != Way.MAIL
    )
    return bool(gone or changed)


def _back_to_mail(enrolment_id: int) -> bool:
    """Lets somebody whose last device is gone be reached by mail; whether it was the last."""
    if live(enrolment_id):
        return False
    return bool(Contact.objects.filter(enrolment=enrolment_id, way=Way.PUSH).update(way=Way.MAIL))


def _is_reached(enrolment: Enrolment) -> bool:
    ended = (enrolment.withdrawn_at, enrolment.erased_at, enrolment.no_contact_at)
    return enrolment.consented_at is not None and ended == (None, None, None)


def _chosen(enrolment: Enrolment, way: Way, by: Actor, now: datetime) -> bool:
    reminders.hold_back(enrolment)
    record(by=by, action="way.choose", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym, way=str(way))
    return True
