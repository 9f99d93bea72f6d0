"""Mail to one person at a time: text and HTML, in their language, with a link of its own.

Called by views and commands after their transaction. The caller hears of what goes wrong; no log ever holds an address.
"""

from __future__ import annotations

import logging
import smtplib
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from coaching.middleware import interface_language
from coaching.models import Enrolment
from coaching.selectors.people import study_of
from coaching.services import links

log = logging.getLogger(__name__)

Kind = Literal["invitation", "link"]


def send_link(enrolment: Enrolment, kind: Kind, *, now: datetime) -> bool:
    """Whether a mail with a fresh link was handed over; synthetic people, and those without an address, get none."""
    address = enrolment.contact.email if hasattr(enrolment, "contact") else ""
    if not address or enrolment.synthetic:
        return False
    declaration = study_of(enrolment)
    language = enrolment.language or declaration.languages[0]
    context = {
        "study": declaration.title.to(language),
        "contact": declaration.contact,
        "url": links.url_of(links.mint(enrolment=enrolment, now=now)),
        "language": language,
    }
    return send(kind, to=address, language=language, reply_to=declaration.contact, context=context)


def send(kind: Kind, *, to: str, language: str, reply_to: str, context: Mapping[str, Any]) -> bool:
    """Whether the mail `templates/emails/KIND.*` was handed over to the mail server."""
    with translation.override(interface_language(language)):
        subject = one_line(render_to_string(f"emails/{kind}.subject.txt", dict(context)))
        text = render_to_string(f"emails/{kind}.txt", dict(context))
        html = render_to_string(f"emails/{kind}.html", {**context, "subject": subject})
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[one_line(to)],
        reply_to=[one_line(reply_to)],
        # The name is random: neither the person nor the mail's purpose can be read from it.
        headers={"Message-ID": f"<{uuid.uuid4().hex}@{_own_domain()}>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(html, "text/html")
    try:
        return message.send() == 1
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        # The error's own words hold the address, so its type must do.
        log.warning("A mail of kind %s was not taken: %s", kind, type(problem).__name__)
        return False


def one_line(text: str) -> str:
    """The text fit for a header: no line breaks, no other control characters, no blanks at its ends."""
    plain = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in text)
    return " ".join(plain.split())


def _own_domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
