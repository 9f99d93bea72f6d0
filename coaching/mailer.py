"""Composing a mail to one person: text and HTML, in their language, with a link of its own."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from coaching.language import interface_language
from coaching.models import Enrolment, Message
from coaching.selectors.people import study_of
from coaching.wording import moment, step_title

UNSUBSCRIBE_SALT = "coaching.unsubscribe"


def compose(message: Message, *, to: str, url: str, now: datetime) -> EmailMultiAlternatives:
    """The mail that a message is, to one address; `url` is the personal link that it carries."""
    enrolment = message.enrolment
    declaration = study_of(enrolment)
    language = enrolment.language or declaration.languages[0]
    with translation.override(interface_language(language)):
        context = {
            "study": declaration.title.to(language),
            "contact": declaration.contact,
            "url": url,
            "language": language,
            **(_of_step(message, language, now) if message.kind == Message.Kind.REMINDER else {}),
        }
        subject = one_line(render_to_string(f"emails/{message.kind}.subject.txt", context))
        text = render_to_string(f"emails/{message.kind}.txt", context)
        html = render_to_string(f"emails/{message.kind}.html", {**context, "subject": subject})
    headers = {
        # The name is random and the same in every attempt: neither person nor purpose can be read from it, and a
        # receiver that folds duplicates can.
        "Message-ID": f"<{message.key.hex}@{_own_domain()}>",
        "X-Followup-Key": message.key.hex,
        "Auto-Submitted": "auto-generated",
        "Date": now.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    }
    if message.kind == Message.Kind.REMINDER:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url(enrolment)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[one_line(to)],
        reply_to=[one_line(declaration.contact)],
        headers=headers,
    )
    mail.attach_alternative(html, "text/html")
    return mail


def unsubscribe_url(enrolment: Enrolment) -> str:
    """Where one click ends the reminders: signed, and good for nothing else."""
    token = signing.dumps(enrolment.pseudonym, salt=UNSUBSCRIBE_SALT)
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('coaching:unsubscribe', args=[token])}"


def one_line(text: str) -> str:
    """The text fit for a header: no line breaks, no other control characters, no blanks at its ends."""
    plain = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in text)
    return " ".join(plain.split())


def _of_step(message: Message, language: str, now: datetime) -> dict[str, str]:
    """What a reminder says of its step: a title that gives nothing away, and until when it is open."""
    enrolment = message.enrolment
    closes_at = enrolment.occasions.values_list("closes_at", flat=True).get(key=message.timepoint)
    step = next(step for step in study_of(enrolment).steps() if step.id == message.timepoint)
    return {
        "step": step_title(step, language),
        "until": moment(closes_at, enrolment.timezone, now) if closes_at else "",
    }


def _own_domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
