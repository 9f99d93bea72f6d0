"""What lies about of a person outside the database: mails that were written as files, where no mail server is set."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Collection
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

from django.conf import settings

from coaching.encryption import address_hashes
from coaching.models import Contact, Enrolment, PersonalLink
from coaching.selectors.people import token_hash

_LINK = re.compile(r"/p/([A-Za-z0-9_-]{16,})/")


def mails_to(enrolment: Enrolment) -> list[Path]:
    """The files of all mails to one person: those that hold a link of theirs, whatever address they went to.

    A mail without a link counts by its address, unless somebody else who is known has the same one.
    """
    folder = Path(settings.EMAIL_FILE_PATH) if getattr(settings, "EMAIL_FILE_PATH", None) else None
    if folder is None or not folder.is_dir():
        return []
    links = set(PersonalLink.objects.filter(enrolment=enrolment).values_list("token_hash", flat=True))
    addresses = _own_addresses(enrolment)
    return [path for path in sorted(folder.glob("*.eml")) if _is_theirs(path, links, addresses)]


def _own_addresses(enrolment: Enrolment) -> set[str]:
    contact = Contact.objects.filter(enrolment=enrolment).first()
    if contact is None or not contact.email:
        return set()
    others = Contact.objects.filter(email_hash__in=address_hashes(contact.email)).exclude(enrolment=enrolment)
    return set() if others.exists() else {contact.email.strip().lower()}


def _is_theirs(path: Path, links: Collection[str], addresses: Collection[str]) -> bool:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    tokens = set(_LINK.findall(_text(message)))
    if tokens:
        return any(token_hash(token) in links for token in tokens)
    recipients = getaddresses([str(message.get(name, "")) for name in ("To", "Cc", "Bcc")])
    return any(address.strip().lower() in addresses for _, address in recipients)


def _text(message: EmailMessage) -> str:
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join(str(part.get_content()) for part in parts)
