"""What a notification and a text message say: little, and nothing that tells a study from a dentist's appointment.

Both are read on locked screens, by whoever stands beside. So the study's own words stay in its mails.
"""

from __future__ import annotations

import json
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from coaching.language import interface_language
from coaching.mailer import one_line
from coaching.models import Message
from coaching.selectors.people import study_of
from coaching.wording import step_title

NAME = "Potoo"
TITLE_LENGTH = 60
LONGEST_WAIT_S, SHORTEST_WAIT_S = 24 * 3600, 60


def pushed(message: Message) -> bytes:
    """What a browser is sent: a title, a line, and the page that a press opens, which is a way in for nobody."""
    page = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('coaching:home')}"
    said = {"title": NAME, "body": _line(message), "url": page}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def texted(message: Message, *, url: str) -> str:
    """A text message: a line, and the person's own link."""
    return f"{NAME}: {_line(message)} {url}"


def worth_s(message: Message, now: datetime) -> int:
    """For how many seconds a push service is to wait for a device that is off: until the step closes, a day at most."""
    closes_at = None
    if message.kind == Message.Kind.REMINDER:
        closes_at = message.enrolment.occasions.values_list("closes_at", flat=True).get(key=message.timepoint)
    left = LONGEST_WAIT_S if closes_at is None else int((closes_at - now).total_seconds())
    return min(max(left, SHORTEST_WAIT_S), LONGEST_WAIT_S)


def _line(message: Message) -> str:
    declaration = study_of(message.enrolment)
    language = message.enrolment.language or declaration.languages[0]
    with translation.override(interface_language(language)):
        if message.kind != Message.Kind.REMINDER:
            return _("There is nothing to do now. We write again when there is.")
        step = next(step for step in declaration.steps() if step.id == message.timepoint)
        title = Truncator(one_line(step_title(step, language))).chars(TITLE_LENGTH)
        return _("%(step)s is ready for you") % {"step": title}
