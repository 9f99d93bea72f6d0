"""Everything that can be posted to, with who may and what an honest browser would send; and the database, digested.

`Cast` is a study in full swing: somebody at each stage of the way, staff, a token. `DOORS` names every route that takes
a POST. `digest()` tells whether anything at all changed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any, Literal

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.auth import SESSION_KEY as STAFF_KEY
from django.core import signing
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import clock
from accounts.models import User
from accounts.services import mint_sign_in_link
from coaching.mailer import UNSUBSCRIBE_SALT
from coaching.middleware import SESSION_KEY
from coaching.models import (
    AdverseEvent,
    Enrolment,
    Letter,
    Message,
    Note,
    Payment,
    SafetyAlert,
    Screening,
    StudyVersion,
)
from coaching.selectors.people import enrolments
from coaching.services import people
from coaching.views.visit import STORE
from imagery.models import SessionRun, StageVisit
from research.models import ApiToken
from research.services import create_token
from tests import world
from tests.research.calls import caller

Who = Literal["anyone", "newcomer", "ready", "invited", "without contact", "participant", "guided", "tester", "owner"]

# Counts of failures, and what a browser was told: no act of anybody's.
NOT_ACTS = frozenset({"coaching_heartbeat", "accounts_failurecount", "coaching_browsersession"})
PASSWORD = "an honest password, long enough"
SLUG = "small-scenes"
ADVERSE = uuid.UUID(int=53)
TOLD = {
    **{"term": "Headache", "onset_on": "2026-01-02", "severity": "mild", "serious": "no", "relatedness": "possible"},
    **{"expected": "no", "action": "none", "outcome": "unknown"},
}
BROWSER = {
    **{"way": "push", "endpoint": "https://push.example/send/one", "auth": "MDEyMzQ1Njc4OWFiY2RlZg"},
    "p256dh": "BGemvsJA3uBlHPJY0ubP6KpgZ8XD1BdaWTp95pSZXS-i3mkrcCLRMVhsJJtJRk1EmRVCx-4gmspsScJM4UQf7tU",
}
PAYMENT = 4_242
NOTE, LETTER = uuid.UUID(int=31), uuid.UUID(int=32)
TESTERS_STEP = "00000000-0000-4000-8000-000000000077"
GUIDED_STEP = "00000000-0000-4000-8000-000000000078"
EVENT = {
    **{"event_id": str(uuid.UUID(int=41)), "seq": 1, "type": "pause", "state": "quiet", "stage": "layer_1"},
    **{"t_mono_ms": 12.5, "t_wall_utc": "2027-03-01T09:00:00.000Z", "tz_offset_min": 60, "clock_offset_ms": None},
    "payload": {"source": "key"},
}


@dataclass(frozen=True)
class Door:
    """A route that takes a POST.

    `is_act`: pressing the button is all that it takes, so that no field of it can be wrong. `free`: its text may be
    anything. `takes_no_token`: a mail program posts to it by itself (RFC 8058), so it asks for no CSRF token.
    """

    name: str
    who: Who
    body: Mapping[str, str] = field(default_factory=dict)
    is_act: bool = False
    free: bool = False
    takes_no_token: bool = False

    def __str__(self) -> str:
        return self.name


DOORS = (
    Door("theme", "anyone", {"theme": "dusk", "next": "/"}, is_act=True),
    Door("coaching:eligibility", "newcomer", {"age": "30"}),
    Door("coaching:consent", "ready", {"study-version": "1", "take_part": "yes", "data": "yes", "door-key": "k" * 32}),
    Door("coaching:join_contact", "without contact", {"email": "new@people.example", "timezone": "Europe/Berlin"}),
    Door("coaching:link", "anyone", is_act=True),
    Door("coaching:mail_link", "anyone", {"email": "walker@people.example"}),
    Door("coaching:contact", "participant", {"email": "new@people.example", "timezone": "Europe/Berlin"}),
    Door("coaching:own_reminders", "participant", BROWSER),
    Door("coaching:own_messages", "participant", {"text": "I have a question.", "key": str(uuid.UUID(int=21))}),
    Door("coaching:tell", "participant", {"kind": "unwell", "text": "It came back.", "key": str(uuid.UUID(int=26))}),
    Door("coaching:pause", "participant", is_act=True),
    Door("coaching:resume", "participant", is_act=True),
    Door("coaching:leave_part", "participant", is_act=True),
    Door("coaching:allow_contact", "participant", is_act=True),
    Door("coaching:language", "participant", {"language": "de"}),
    Door("coaching:sign_out", "participant", is_act=True),
    Door("coaching:unsubscribe", "anyone", is_act=True, takes_no_token=True),
    Door("coaching:resume_mail", "participant", is_act=True),
    Door("privacy:download", "participant", is_act=True),
    Door("privacy:withdraw", "participant", {"data": "keep"}),
    Door("privacy:erase", "participant", is_act=True),
    Door("assessments:item", "participant", {"h1": "3"}),
    Door("assessments:autosave", "participant", {"h1": "3", "answer-rev": "1"}),
    Door("imagery:events", "guided", {"attempt": "1", "events": json.dumps([EVENT])}),
    Door("assessments:guess", "owner", {"role": "coach", "guess": "dont_know", "reason": "Nothing showed."}, free=True),
    Door("ahead", "tester", {"ahead-s": "0"}),
    Door("rehearsal:fill_in", "tester", {"step": TESTERS_STEP}),
    Door("rehearsal:end_walk", "tester", is_act=True),
    Door("rehearsal:walk", "owner", {"act": "begin"}),
    Door("accounts:sign_in", "anyone", {"email": "owner@staff.example", "password": PASSWORD}),
    Door("accounts:one_time_link", "anyone", is_act=True),
    Door("accounts:sign_out", "owner", is_act=True),
    Door("accounts:password", "owner", {"password": "another honest password"}, free=True),
    Door("research:export_file", "owner", {"format": "csv"}),
    Door("research:quality_flag", "owner", {"decision": "keep", "reason": "It is true."}, free=True),
    Door("research:new_script", "owner", {"script": "dusk", "like": "potoo"}),
    Door("research:script", "owner", {"act": "save", "rev": "0", "stages": "1", "stage-1-kind": "say"}),
    Door("research:preview_script", "owner", is_act=True),
    Door("research:preview_stage", "owner", {"layer_1": "3"}),
    Door("research:publish_script", "owner", {"note": "Why", "who": "newcomers", "rev": "1", "onto": "1"}),
    Door("research:set_state", "owner", {"act": "pause"}),
    Door("research:set_plan", "owner", {"target": "80", "recruit_from": "2027-01-01", "recruit_until": "2027-06-30"}),
    Door("research:invite_member", "owner", {"email": "new@staff.example", "role": "coach"}),
    Door("research:fresh_link", "owner", {"email": "colleague@staff.example"}),
    Door("research:revoke_role", "owner", {"email": "colleague@staff.example", "role": "coach"}),
    Door("research:make_token", "owner", {"scopes": "export:read", "days": "30", "key": "k" * 32}),
    Door("research:revoke_token", "owner", {"token": "castsown"}),
    Door("coaching:reveal_contact", "owner", is_act=True),
    Door("coaching:seen", "owner", {"reason": "late:baseline:2027-01-01"}),
    Door("coaching:enrol", "owner", {"timezone": "Europe/Berlin", "key": str(uuid.UUID(int=22))}),
    Door("coaching:person_notes", "owner", {"text": "Wants to start later.", "key": str(uuid.UUID(int=23))}),
    Door("coaching:change_note", "owner", {"act": "change", "text": "Other words", "key": str(uuid.UUID(int=24))}),
    Door("coaching:write_message", "owner", {"text": "Here is an answer.", "key": str(uuid.UUID(int=25))}),
    Door("coaching:messages_seen", "owner", {"newest": str(LETTER)}),
    Door("coaching:change_step", "owner", {"act": "move", "date": "2031-05-05", "time": "09:00", "reason": "Asked."}),
    Door("coaching:alert", "owner", {"done": "Called her."}, free=True),
    Door("coaching:record_event", "owner", {**TOLD, "key": str(uuid.UUID(int=51))}),
    Door(
        "coaching:change_event", "owner", {**TOLD, "key": str(uuid.UUID(int=52)), "base": str(ADVERSE), "reason": "So."}
    ),
    Door("research:safety_file", "owner", {"groups": "", "people": "real"}),
    Door("coaching:hold_address", "owner", is_act=True),
    Door("coaching:pause_person", "owner", {"act": "pause"}),
    Door("coaching:revoke_links", "owner", is_act=True),
    Door("coaching:resolve_message", "owner", {"act": "delivered"}),
    Door("coaching:reopen_door", "owner", {"reference": "NEVERKNOWN"}),
    Door("coaching:change_payments", "owner", {"act": "approve", "payment": str(PAYMENT)}),
    Door("coaching:payments_file", "owner", {"state": "all"}),
    Door("privacy:erase_person", "owner", {"reason": "asked by letter"}, free=True),
)
BY_NAME = {door.name: door for door in DOORS}


def _patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}", pattern


PATTERNS = dict(_patterns(get_resolver()))


# For a part of an address that names none of the cast's things.
SAMPLES = {
    "UUIDConverter": uuid.UUID(int=0),
    "IntConverter": 1,
    "StringConverter": "x",
    "SlugConverter": "x",
    "PathConverter": "x",
}
# Rooms whose doors take more than forms, and are tried beside the room itself.
APART = (
    *("imagery:", "coaching:enrol_", "coaching:upload_payments", "research:new_study", "research:upload_version"),
    *("research:script_media", "rehearsal:demo_door"),
)


class Cast:
    """The people of one study, at every stage of it."""

    def __init__(self) -> None:
        self._handlers: dict[bool, ClientHandler] = {}
        now = clock.now()
        self.version: StudyVersion = world.example(sessions=False)
        self.study = self.version.study
        self.walker: Enrolment = world.consented(self.version, email="walker@people.example")
        self.other: Enrolment = world.consented(self.version, email="other@people.example")
        self.without_contact: Enrolment = world.consented(self.version, contact=False)
        self.invited, self.invitation = world.invited(self.study, email="invited@people.example", label="Ingrid")
        self.tester: Enrolment = world.consented(
            self.version, enrolment=people.invite(study=self.study, by="command", now=now, is_test=True)[0]
        )
        self.tester.occasions.filter(key="baseline").update(public_id=TESTERS_STEP)
        self.guided = self._guided(now)
        self.ineligible: Screening = people.begin_screening(study=self.study, now=now)
        people.screen_out(question="age", now=now, screening=self.ineligible)
        self.owner: User = world.staff(self.study, "owner", email="owner@staff.example", password=PASSWORD)
        self.sign_in_url = mint_sign_in_link(user=self.owner, by="command", now=now)
        self.occasion = world.occasion(self.walker, "baseline")
        self.message = Message.objects.create(
            enrolment=self.walker, kind=Message.Kind.LINK, n=99, due_at=now, state=Message.State.UNCERTAIN
        )
        self.caller = caller(self.study, scopes=("export:read", "contact:read"))
        Note.objects.create(enrolment=self.walker, author=self.owner, text="Own words", written_at=now, key=NOTE)
        Letter.objects.create(enrolment=self.walker, is_from_staff=False, text="A question", written_at=now, key=LETTER)
        self.alert = SafetyAlert.objects.create(
            enrolment=self.walker,
            occasion=self.occasion,
            rule="upset",
            raised_at=now,
            look_by=now + dt.timedelta(days=999),
        )
        AdverseEvent.objects.create(
            **{"enrolment": self.walker, "number": 1, "term": "Headache", "onset_on": now.date(), "severity": "mild"},
            **{"serious": False, "relatedness": "possible", "expected": False, "action": "none", "outcome": "unknown"},
            **{"by": self.owner, "made_at": now, "key": ADVERSE},
        )
        Payment.objects.create(
            id=PAYMENT, enrolment=self.walker, timepoint="baseline", cents=250, currency="EUR", due_at=now
        )
        # Somebody of the team who never came in, and a token that can be named.
        world.staff(self.study, "coach", email="colleague@staff.example")
        own, _ = create_token(user=self.owner, study=self.study, scopes=["export:read"], by="command", now=now)
        ApiToken.objects.filter(pk=own.pk).update(prefix="castsown")
        # What the database holds at the beginning of every test.
        self.at_first = digest()

    def _guided(self, now: dt.datetime) -> Enrolment:
        """Somebody who has just been through a session."""
        person = world.consented(self.version, email="guided@people.example")
        occasion = person.occasions.create(
            **{"key": "s1", "kind": "imagery", "place": 9, "public_id": GUIDED_STEP, "state": "done"},
            **{"started_at": now, "settled_at": now, "closed_at": now},
        )
        run = SessionRun.objects.create(
            **{"occasion": occasion, "attempt": 1, "script": "potoo", "script_version": 1, "status": "completed"},
            **{"started_at": now, "completed_at": now, "closed_at": now},
        )
        StageVisit.objects.create(run=run, stage="layer_1", kind="rate", place=3, entered_at=now, left_at=now)
        return person

    @cached_property
    def known(self) -> dict[str, Any]:
        """A value for each part of an address."""
        return {
            "slug": self.study.slug,
            "pseudonym": self.walker.pseudonym,
            "occasion": self.occasion.public_id,
            "instrument": "scenes_4",
            "n": 1,
            "key": self.message.key,
            "note": NOTE,
            "act": "contact",
            "alert": self.alert.pk,
            "event": 1,
            "step": "baseline",
            "timepoint": "baseline",
            "measure": "scenes_4",
            "rule": "fast",
            "part": "scenes_4",
            "dataset": "responses",
            "script": "potoo",
            "language": "en",
            "stage": "layer_1",
            "name": "study",
            "rest": "no/such/thing",
        }

    def address(self, route: str, **other: Any) -> str:
        """An address of a route, of this cast's own things unless told `other`."""
        tokens = {
            "accounts:one_time_link": self.sign_in_url.rstrip("/").rpartition("/")[2],
            "coaching:unsubscribe": signing.dumps(self.walker.pseudonym, salt=UNSUBSCRIBE_SALT),
        }
        occasion = GUIDED_STEP if route == "imagery:events" else self.known["occasion"]
        known = {"token": tokens.get(route, self.invitation), **self.known, "occasion": occasion, **other}
        parts = PATTERNS[route].pattern.converters
        return reverse(route, kwargs={name: known.get(name, SAMPLES[type(parts[name]).__name__]) for name in parts})

    def browser(self, who: Who, **options: Any) -> Client:
        """A browser that is this person's."""
        client = Client(**{"raise_request_exception": False, **options})
        # One stack of middleware for all browsers of a kind: making it looks at every static file.
        client.handler = self._handlers.setdefault(client.handler.enforce_csrf_checks, client.handler)
        if who == "owner":
            return self._signed_in(client)
        person = {
            "participant": self.walker,
            "guided": self.guided,
            "tester": self.tester,
            "without contact": self.without_contact,
            "invited": self.invited,
        }.get(who)
        session = client.session
        if person is not None:
            session[SESSION_KEY] = person.pk
        elif who == "ready":
            session[STORE] = {SLUG: {"answers": {"age": 30, "heard": "web"}}}
        else:
            return client
        session.save()
        return client

    def _signed_in(self, client: Client) -> Client:
        """The browser of the owner; signing in itself would leave a trace."""
        session = client.session
        session[STAFF_KEY] = str(self.owner.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = self.owner.get_session_auth_hash()
        session.save()
        return client

    def fresh(self, person: Enrolment) -> Enrolment:
        """The person as the database has them now."""
        return enrolments().get(pk=person.pk)


def digest(leave_out: frozenset[str] = NOT_ACTS) -> dict[str, str]:
    """What each table holds, as a digest of its rows."""
    held = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in leave_out:
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = sorted(repr(row) for row in cursor.fetchall())
            held[table] = hashlib.sha256("\n".join(rows).encode("utf-8", "backslashreplace")).hexdigest()
    return held


@contextmanager
def nothing_changes(but: frozenset[str] = frozenset(), *, since: Mapping[str, str] | None = None) -> Iterator[None]:
    """Fails when any table but those of failures and sessions, and `but`, holds something else afterwards.

    `since` is what they held before, where that is known.
    """
    before = since or digest()
    yield
    after = digest(NOT_ACTS | but)
    changed = sorted(table for table in after if before[table] != after[table])
    assert not changed, f"changed: {', '.join(changed)}"


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.heading = ""
        self._within = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._within = self._within or tag == "h1"

    def handle_endtag(self, tag: str) -> None:
        self._within = self._within and tag != "h1"

    def handle_data(self, data: str) -> None:
        if self._within:
            self.heading += data.strip()


def content_of(response: HttpResponse) -> str:
    """The body of a response, streamed or not."""
    whole = b"".join(response) if response.streaming else response.content
    return whole.decode("utf-8", "replace")


def is_clear(response: HttpResponse) -> str:
    """Why an answer is none that a person or a program can make something of; empty for a clear one.

    Clear is a page with a heading, JSON with a reason, a way on, a file, or one of the statuses that say it all. It
    tells nothing of the product's inside.
    """
    if response.status_code >= 500:
        return f"{response.status_code}"
    text = content_of(response)
    if response.status_code in {301, 302, 303}:
        return "" if response.headers.get("Location") else "a redirect to nowhere"
    if re.search(r"Traceback|site-packages|File \".*\.py\"|SELECT .* FROM|DoesNotExist|psycopg|sqlite3", text):
        return "it tells of the inside"
    if response.status_code == 405:
        return "" if response.headers.get("Allow") else "a 405 that does not say what is allowed"
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if kind == "text/html":
        words = _Words()
        words.feed(text)
        return (
            ""
            if words.heading or (response.status_code == 200 and text)
            else f"a page of status {response.status_code} without a heading"
        )
    return "" if text or response.status_code == 200 else f"nothing but the status {response.status_code}"
