"""A study that looks after its people in both of its arms, and short ways to a night on which somebody is not well."""

from __future__ import annotations

import datetime as dt
import json
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.test import Client

import clock
from coaching.models import Enrolment, SafetyAlert, StudyVersion
from coaching.services import safety
from coaching.services.occasions import advance, lock
from config.tick import turn
from tests import world
from tests.outbox.mail_server import Manners
from tests.pages import Screen, submit, visit
from tests.processes import ROOT, free_port

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
NIGHT = dt.datetime(2027, 3, 9, 2, tzinfo=dt.timezone(-dt.timedelta(hours=5))).astimezone(dt.UTC)
"""Two o'clock at night in New York, where the person is; it is eight in the morning where the study is."""
ZONE = "America/New_York"
ON_CALL, SECOND, THIRD = "oncall@care.example", "second@care.example", "third@care.example"
HOURS = "We read this from 9 to 17. At other times somebody on call does."
SUPPORT = "Call the listening line on 116 123."
WITHIN = 30 * MINUTE
ARMS = ("training", "wait")
STEP_OF = {"training": "s1", "wait": "w1"}

STUDY = """\
format: 1
slug: night-watch
title: Night watch
languages: [en]
timezone: Europe/Berlin
contact: lab@example.org
summary: welcome.md
consent:
  version: "1"
  text: consent.md
  statements:
    - {id: take_part, text: I take part., required: true}
before:
  - {id: start, title: The beginning, do: assess, instruments: [one]}
allocation: {method: simple}
arms:
  training:
    steps:
      - {id: s1, do: session, script: words, at: "allocation + 0s", window: [0s, 7d], missed: skip}
      - id: w1
        do: assess
        instruments: [after_session]
        at: "allocation + 0s"
        window: [0s, 7d]
        remind: [0s]
        between: ["10:00", "20:00"]
        missed: skip
  wait:
    steps:
      - id: w1
        do: assess
        instruments: [after_session]
        at: "allocation + 0s"
        window: [0s, 7d]
        remind: [0s]
        between: ["10:00", "20:00"]
        missed: skip
after:
  - {id: w2, do: assess, instruments: [after_session], at: "allocation + 7d", window: [0s, 7d], missed: skip}
  - {id: post, title: The end, do: assess, instruments: [one], at: "allocation + 20d", window: [0s, 7d]}
safety:
  ask: {instrument: after_session, after: session}
  rules:
    - {id: distress, instrument: after_session, when: distress >= 8, do: [pause, alert]}
    - {id: images, instrument: after_session, when: unwanted == yes, times: 2}
  support: Call the listening line on 116 123.
  to: oncall@care.example
  within: 30m
  escalate: [second@care.example, third@care.example]
  hours: We read this from 9 to 17. At other times somebody on call does.
"""
CHECK = """\
id: after_session
title: How you are
source: made for the tests
licence: CC0-1.0
scale: {min: 0, max: 10, step: 1, direction: higher_is_more, labels: {0: Not at all, 10: Very much}}
sections:
  - id: now
    items:
      - {id: distress, text: How upset are you}
      - id: unwanted
        type: choice
        text: Did pictures come that you did not want
        choices: [{id: "no", text: "No", score: 0}, {id: "yes", text: "Yes", score: 1}]
scores:
  distress: {of: [distress], how: sum}
"""
SCRIPT = """\
slug: words
title: Words
stages:
  - {id: listen, say: Hear a word., hold: 20s}
"""
FILES: world.Files = {
    "study.yaml": STUDY,
    "instruments/after_session.yaml": CHECK,
    "instruments/one.yaml": str(world.TINY["instruments/one.yaml"]),
    "scripts/words.yaml": SCRIPT,
    "welcome.md": "A study that looks after its people.\n",
    "consent.md": "You answer some questions.\n",
}


def study(*changes: tuple[str, str], now: dt.datetime = NIGHT - DAY) -> StudyVersion:
    """The study, published, with pieces of its study.yaml replaced."""
    return world.publish(world.edited(dict(changes), FILES), now=now)


def someone(version: StudyVersion, arm: str = "wait", *, now: dt.datetime = NIGHT - DAY, **about: Any) -> Enrolment:
    """Somebody of an arm in New York, a day before that night."""
    person = world.consented(version, now, timezone=ZONE, **{"email": f"{uuid.uuid4().hex}@people.example"} | about)
    Enrolment.objects.filter(pk=person.pk).update(arm=arm, allocated_at=now)
    person.occasions.filter(key="start").update(state="done", settled_at=now, closed_at=now, started_at=now)
    advance(lock(person.pk), now=now)
    return world.fresh(person)


def browser(settings: Any, person: Enrolment, at: dt.datetime = NIGHT) -> Client:
    """The person's browser at an instant."""
    world.move_clock(settings, at)
    return world.browser_of(person)


def answer(client: Client, *, distress: str, unwanted: str = "no", step: str = "", person: Enrolment) -> Screen:
    """The page after the questionnaire that asks how people are was filled in, to its end."""
    at = f"/q/{world.occasion(person, step or 'w1').public_id}/"
    page = visit(client, at)
    if page.name == "session":  # that somebody looks at an earlier answer, and the way on
        page = visit(client, page.primaries[0]["href"])
    given = {"distress": distress, "unwanted": unwanted}
    while page.name == "question":
        item = next(name for name in given if f'name="{name}"' in page.html)
        page = submit(client, page, **{item: given[item]})
    return page


def report(person: Enrolment, kind: str = "unwell", *, now: dt.datetime = NIGHT) -> SafetyAlert | None:
    """The alert that a report raised; None where it raised none."""
    made = safety.report(
        enrolment=person,
        kind=kind,
        text="It came back at night, vigil-canary.",
        wants_contact=True,
        screen="home",
        occasion=None,
        key=uuid.uuid4(),
        now=now,
    )
    assert made is not None
    return SafetyAlert.objects.filter(report=made).first()


# --- mail ------------------------------------------------------------------------------------------------------------


class Letterbox:
    """What a mail server in a process of its own has taken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def mails(self) -> list[EmailMessage]:
        """Every mail, in the order in which they came."""
        found = (message_from_bytes(p.read_bytes(), policy=policy.default) for p in sorted(self.folder.glob("*.eml")))
        return [mail for mail in found if isinstance(mail, EmailMessage)]

    def to(self) -> list[str]:
        """To whom, in the order in which they came."""
        return [str(mail["X-Rcpt"]) for mail in self.mails]

    def tick(self, settings: Any, at: dt.datetime) -> list[str]:
        """To whom the mails of a turn at an instant went."""
        world.move_clock(settings, at)
        before = len(self.mails)
        turn(now=clock.now())
        return self.to()[before:]


@contextmanager
def mail_server(folder: Path, settings: Any, manners: Manners | None = None) -> Iterator[Letterbox]:
    """A real mail server, to which the product's settings lead."""
    port = free_port()
    folder.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.outbox.mail_server", str(folder), str(port)], cwd=ROOT, stdin=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(manners or Manners())).encode())
    process.stdin.close()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Letterbox(folder)
    finally:
        process.kill()
        process.wait(10)
