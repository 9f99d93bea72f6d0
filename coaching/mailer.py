"""Composing a mail to one person: text and HTML, in their language, with a link of its own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from coaching.language import interface_language
from coaching.models import Enrolment, Message
from coaching.selectors.care import on_call
from coaching.selectors.people import study_of
from coaching.wording import moment, step_title
from protocol.care import Wording
from protocol.study import Study as Declared

UNSUBSCRIBE_SALT = "coaching.unsubscribe"
STOPPABLE = (Message.Kind.REMINDER, Message.Kind.WAITING)
"""What one click ends for good."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a mail says."""

    subject: str
    text: str
    html: str


def compose(message: Message, *, to: str, url: str, now: datetime) -> EmailMultiAlternatives:
    """The mail that a message is, to one address; `url` is the personal link that it carries."""
    enrolment = message.enrolment
    declaration = study_of(enrolment)
    language = enrolment.language or declaration.languages[0]
    stop_url = unsubscribe_url(enrolment) if message.kind in STOPPABLE else ""
    with translation.override(interface_language(language)):
        of_step = _of_step(message, language, now) if message.kind == Message.Kind.REMINDER else {}
        said = words_of(
            declaration,
            message.kind,
            message.timepoint,
            {"language": language, "url": url, "stop_url": stop_url, **of_step},
        )
    headers = {
        # The name is random and the same in every attempt: neither person nor purpose can be read from it, and a
        # receiver that folds duplicates can.
        "Message-ID": f"<{message.key.hex}@{_own_domain()}>",
        "X-Followup-Key": message.key.hex,
        "Auto-Submitted": "auto-generated",
        "Date": now.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    }
    if stop_url:
        headers["List-Unsubscribe"] = f"<{stop_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        subject=said.subject,
        body=said.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[one_line(to)],
        reply_to=[one_line(declaration.contact)],
        headers=headers,
    )
    mail.attach_alternative(said.html, "text/html")
    return mail


def words_of(declaration: Declared, kind: str, timepoint: str, values: Mapping[str, str]) -> Said:
    """What a mail of that kind says: in the study's words where it has any, else in the product's.

    Called within the interface language of whoever reads it.

    Args:
        declaration: The study.
        kind: The kind of message.
        timepoint: The step of a reminder; else empty.
        values: What is put in: `language`, `url` (the personal link), `stop_url` (where one click ends such mails;
            empty where none does), and of a reminder `step` and `until` (empty while the step has no end).
    """
    language = values["language"]
    hours = declaration.messages.hours
    context = {
        "study": declaration.title.to(language),
        "contact": declaration.contact,
        "hours": hours.to(language) if hours and kind == Message.Kind.MESSAGE else "",
        **values,
    }
    wording = wording_of(declaration, kind, timepoint)
    if wording is None:
        subject = one_line(render_to_string(f"emails/{kind}.subject.txt", context))
        text = render_to_string(f"emails/{kind}.txt", context)
        return Said(subject, text, render_to_string(f"emails/{kind}.html", {**context, "subject": subject}))
    filled = {**context, "link": context["url"]}
    if kind == Message.Kind.REMINDER:
        filled["until"] = context["until"] or _("the end of the study")
    subject = one_line(put_in(wording.subject.to(language), filled))
    body = put_in(wording.text.to(language), filled).strip()
    paragraphs = [part for part in re.split(r"\n\s*\n", body) if part]
    own = {**context, "subject": subject, "body": body, "paragraphs": paragraphs}
    return Said(subject, render_to_string("emails/own.txt", own), render_to_string("emails/own.html", own))


def wording_of(declaration: Declared, kind: str, timepoint: str) -> Wording | None:
    """The study's own words for a message of that kind; None where it leaves them to the product."""
    messages = declaration.messages
    if kind == Message.Kind.WAITING:
        return messages.waiting.wording if messages.waiting else None
    if kind == Message.Kind.REMINDER:
        for name, wording in messages.of_steps.items():
            if timepoint in declaration.series(name):
                return wording
    return messages.wordings.get(kind)


def put_in(text: str, values: Mapping[str, str]) -> str:
    """A wording with its names in braces filled in; what it can't know stays as it stands."""
    return re.sub(r"\{([a-z]+)\}", lambda match: values.get(match[1], match[0]), text)


def compose_alert(message: Message, *, now: datetime) -> EmailMultiAlternatives:
    """The mail to who is on call: a pseudonym, what raised it, by when it is to be looked at, and the page.

    Nothing that a person wrote or answered is in it, for mail is read on locked screens.
    """
    alert = message.alert
    if alert is None:
        raise ValueError(f"message {message.pk} is an alert of nothing")
    enrolment = message.enrolment
    declaration = study_of(enrolment)
    addresses = on_call(enrolment)
    path = reverse("coaching:alert", args=[enrolment.study.slug, enrolment.pseudonym, alert.pk])
    context = {
        "study": declaration.title.to(declaration.languages[0]),
        "person": enrolment.pseudonym,
        "rule": alert.rule,
        "url": f"{settings.PUBLIC_URL.rstrip('/')}{path}",
        "look_by": moment(alert.look_by, declaration.timezone, now),
        "raised": moment(alert.raised_at, declaration.timezone, now),
        "paused": alert.paused,
        "is_again": message.level > 1,
        "zone": declaration.timezone,
    }
    with translation.override(interface_language(declaration.languages[0])):
        said = alert_words(context)
    return EmailMultiAlternatives(
        subject=said.subject,
        body=said.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[one_line(addresses[min(message.level, len(addresses)) - 1])],
        headers={
            "Message-ID": f"<{message.key.hex}@{_own_domain()}>",
            "X-Followup-Key": message.key.hex,
            "Auto-Submitted": "auto-generated",
            "Importance": "high",
            "Date": now.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        },
    )


def alert_words(context: Mapping[str, object]) -> Said:
    """What the mail to who is on call says; it has no HTML."""
    text = render_to_string("emails/alert.txt", dict(context))
    return Said(one_line(render_to_string("emails/alert.subject.txt", dict(context))), text, "")


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
