"""A small world in the database, for tests that need a published study, its people and its staff.

`clock.now()` is this world's time unless a test names another; `move_clock` moves it for the product too.
"""

from __future__ import annotations

import datetime as dt
import math
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.test import Client

import clock
from accounts.models import User
from coaching.middleware import SESSION_KEY
from coaching.models import Enrolment, Membership, Occasion, Study, StudyVersion
from coaching.selectors.people import enrolments
from coaching.selectors.studies import declared
from coaching.services import people, studies
from protocol.bundle import read_bundle
from protocol.study import EligibilityQuestion

SMALL_SCENES = Path(__file__).parent / "studies" / "small_scenes"
Files = Mapping[str, str | bytes]

_SESSION_STEPS = (
    "    steps:\n"
    '      - {id: s1, do: session, script: potoo, at: "allocation + 0s", window: [0s, 7d], remind: [1d, 3d], '
    'between: ["09:00", "20:00"]}\n'
    '      - {id: s2, do: session, script: potoo, at: "s1 + 1d", window: [0s, 7d], remind: [0s, 2d], '
    'between: ["09:00", "20:00"]}\n'
)

# A study of one language, one question at the door and one item: for tests that want little on their way.
TINY: Files = {
    "study.yaml": """\
format: 1
slug: tiny
title: Tiny
languages: [en]
timezone: UTC
contact: lab@example.org
summary: welcome.md
consent:
  version: "1"
  text: consent.md
  statements:
    - {id: take_part, text: I take part., required: true}
before:
  - {id: first, title: The first one, do: assess, instruments: [one]}
""",
    "welcome.md": "A tiny study.\n",
    "consent.md": "You answer one question.\n",
    "instruments/one.yaml": """\
id: one
title: One
source: made for the tests
licence: CC0-1.0
scale: {min: 1, max: 3, step: 1, direction: higher_is_more, labels: {1: Nothing, 2: Something, 3: All}}
sections:
  - {id: only, items: [{id: q1, text: How much came}]}
scores:
  total: {of: all, how: sum}
""",
}


# --- studies ---------------------------------------------------------------------------------------------------------


def files(folder: Path = SMALL_SCENES) -> dict[str, str | bytes]:
    """Every file of a bundle by its path, text as text: change some and `publish` them."""
    found: dict[str, str | bytes] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        found[path.relative_to(folder).as_posix()] = content if "media" in path.parts else content.decode()
    return found


def edited(changes: Mapping[str, str], source: Files | None = None, file: str = "study.yaml") -> dict[str, str | bytes]:
    """A bundle's files with pieces of text replaced in one of them; each piece must be there."""
    result = dict(source if source is not None else files())
    text = result[file]
    assert isinstance(text, str)
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return result | {file: text}


def without_sessions() -> dict[str, str | bytes]:
    """The example study with nothing but questions: the arm `sessions` has no steps."""
    return edited({_SESSION_STEPS: "    steps: []\n"})


def written(source: Files, folder: Path) -> Path:
    """A folder that holds these files."""
    for name, content in source.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def publish(source: Path | Files = SMALL_SCENES, *, now: dt.datetime | None = None) -> StudyVersion:
    """The published version of a bundle, given as a folder, a zip or its files."""
    if isinstance(source, Path):
        return studies.publish(read_bundle(source), by="command", now=now or clock.now())[0]
    with tempfile.TemporaryDirectory() as folder:
        return publish(written(source, Path(folder)), now=now)


def example(*, now: dt.datetime | None = None, sessions: bool = True) -> StudyVersion:
    """The example study, published; without `sessions`, no step of it needs more than questionnaires."""
    return publish(SMALL_SCENES if sessions else without_sessions(), now=now)


def tiny(*, slug: str = "tiny", now: dt.datetime | None = None) -> StudyVersion:
    """A study of one question, published under `slug`."""
    return publish(edited({"slug: tiny\n": f"slug: {slug}\n"}, TINY), now=now)


def tampered(version: StudyVersion, old: str, new: str) -> StudyVersion:
    """The version with a piece of its stored content replaced, past every check of the reader."""
    assert old in version.content, old
    # Another digest too: parsed versions are kept in memory under it.
    StudyVersion.objects.filter(pk=version.pk).update(
        content=version.content.replace(old, new), digest=secrets.token_hex(32)
    )
    return StudyVersion.objects.get(pk=version.pk)


# --- people ----------------------------------------------------------------------------------------------------------


def invited(
    study: Study, *, email: str = "", timezone: str = "", label: str = "", now: dt.datetime | None = None
) -> tuple[Enrolment, str]:
    """Somebody invited who has not consented yet, and the token of their link."""
    return people.invite(study=study, by="command", now=now or clock.now(), email=email, timezone=timezone, label=label)


def consented(
    version: StudyVersion,
    now: dt.datetime | None = None,
    *,
    email: str = "",
    timezone: str | None = None,
    language: str | None = None,
    eligibility: Mapping[str, int | bool | str] | None = None,
    agreed: set[str] | None = None,
    external_ids: Mapping[str, str] | None = None,
    enrolment: Enrolment | None = None,
    contact: bool = True,
) -> Enrolment:
    """Somebody who consented and, unless `contact` is off, gave contact and zone.

    A newcomer, or the invited `enrolment`. Left out: answers at the door that let them in, every statement agreed to,
    the study's first language and own zone.
    """
    now = now or clock.now()
    declaration = declared(version)
    person = people.consent(
        version=version,
        agreed=agreed if agreed is not None else {s.id for s in declaration.consent.statements},
        language=language or declaration.languages[0],
        eligibility=eligibility if eligibility is not None else {q.id: _fit(q) for q in declaration.eligibility},
        external_ids=external_ids or {},
        now=now,
        screening=None if enrolment else people.begin_screening(study=version.study, now=now),
        enrolment=enrolment,
    )
    if contact:
        people.record_contact(
            enrolment=person,
            email=email,
            timezone=timezone or declaration.timezone,
            by="participant",
            now=now,
        )
    return fresh(person)


def fresh(enrolment: Enrolment) -> Enrolment:
    """The person as the database has them now."""
    return enrolments().get(pk=enrolment.pk)


def occasion(enrolment: Enrolment, key: str) -> Occasion:
    """One planned step of a person."""
    return enrolment.occasions.get(key=key)


def browser_of(enrolment: Enrolment, **headers: Any) -> Client:
    """A browser, without JavaScript, that is this participant's."""
    client = Client(**headers)
    session = client.session
    session[SESSION_KEY] = enrolment.pk
    session.save()
    return client


def _fit(question: EligibilityQuestion) -> int | bool | str:
    """An answer that meets the question's requirement."""
    candidates: dict[str, tuple[int | bool | str, ...]] = {
        "integer": (30, 0, 1, 10, 100, 1_000),
        "boolean": (True, False),
        "choice": question.choices,
    }
    fitting = (a for a in candidates[question.type] if question.require is None or question.require.holds(a))
    return next(fitting)


# --- staff -----------------------------------------------------------------------------------------------------------


def staff(
    study: Study | None = None, role: str = "owner", *, email: str | None = None, password: str | None = None
) -> User:
    """A member of staff, with a role in `study` if one is given."""
    now = clock.now()
    user = User(email=email or f"{role}-{User.objects.count()}@staff.example", created_at=now)
    user.set_password(password)
    user.save()
    if study is not None:
        Membership.objects.create(user=user, study=study, role=role, created_at=now)
    return user


def browser_of_staff(user: User) -> Client:
    """A browser, without JavaScript, in which this account is signed in."""
    client = Client()
    client.force_login(user)
    return client


# --- time ------------------------------------------------------------------------------------------------------------


def move_clock(settings: Any, to: dt.datetime | dt.timedelta) -> dt.datetime:
    """Moves the product's clock (`settings` is pytest-django's fixture) to an instant, or by a length of time."""
    real = dt.datetime.now(dt.UTC)
    target = to if isinstance(to, dt.datetime) else clock.now() + to
    # Upwards, so that what falls due at that instant has come.
    settings.CLOCK = f"{math.ceil((target - real).total_seconds()):+d}s"
    return clock.now()
