"""A study of eight weeks with a session every other day, and people anywhere on their way through it.

The rows are written as the programme would have left them, so that five hundred people are there in seconds.
"""

from __future__ import annotations

import datetime as dt

import clock
from coaching.models import Enrolment, Letter, Message, Occasion, Study, StudyVersion
from imagery.models import Rating, SessionRun
from tests import world

SLUG = "layers"
DAY = dt.timedelta(days=1)
SESSIONS = 24
CHECK = 26  # the day of the questionnaire
SCRIPT = """\
slug: layers
title: Layers
stages:
  - {say: Begin with a shape., hold: 20s}
  - {id: clear, rate: vividness, scale: {min: 1, max: 5}}
"""


def files() -> dict[str, str | bytes]:
    """The study's files: sessions every other day, each open for a day, and a questionnaire after 26 days."""
    steps = "\n".join(
        f'  - {{id: s{n:02}, title: Session {n}, do: session, script: layers, at: "consent + {2 * n - 1}d", '
        "window: [0s, 1d], missed: skip}"
        for n in range(1, SESSIONS + 1)
    )
    check = (
        f"  - {{id: check, title: Second questionnaire, do: assess, instruments: [one], "
        f'at: "consent + {CHECK}d", window: [0s, 9d], remind: [1d, 2d], missed: skip}}'
    )
    study = world.edited(
        {
            "slug: tiny": f"slug: {SLUG}",
            "title: Tiny": "title: Layers",
            "  - {id: first, title: The first one, do: assess, instruments: [one]}": f"{steps}\n{check}",
            "timezone: UTC": "timezone: Europe/London",
        },
        world.TINY,
    )
    return study | {"scripts/layers.yaml": SCRIPT}


def published() -> StudyVersion:
    """The study, published."""
    return world.publish(files())


def fill(study: Study, count: int, now: dt.datetime, *, synthetic: bool = False) -> list[Enrolment]:
    """So many people of the study, each with their steps, sessions and ratings so far."""
    version = study.versions.latest("n")
    start = Enrolment.objects.count()
    # Two in three are a little past the questionnaire's day, so that some of them are late with it.
    ages = [(27 + n % 7) if n % 3 else (3 + n * 5 % 40) for n in range(count)]
    people = Enrolment.objects.bulk_create(
        Enrolment(
            study=study,
            version=version,
            pseudonym=_name(start + n),
            timezone=("Europe/London", "America/New_York", "Asia/Kolkata")[n % 3],
            synthetic=synthetic,
            language="en",
            consented_at=now - ages[n] * DAY - dt.timedelta(hours=n % 5),
            contact_at=now - ages[n] * DAY,
            paused_at=now - 6 * DAY if n % 11 == 10 else None,
        )
        for n in range(count)
    )
    steps = [step for n, person in enumerate(people) for step in _steps(n, person, now)]
    Occasion.objects.bulk_create(steps)
    begun = [step for step in steps if step.kind == Occasion.Kind.IMAGERY and step.settled_at is not None]
    runs = SessionRun.objects.bulk_create(_run(step) for step in begun)
    Rating.objects.bulk_create(_rating(n, run) for n, run in enumerate(runs))
    reminded = [step for step in steps if step.key == "check" and step.state == "open"]
    Message.objects.bulk_create(
        Message(
            enrolment=step.enrolment,
            timepoint="check",
            kind=Message.Kind.REMINDER,
            n=n,
            due_at=step.due_at + n * DAY,
            sent_at=step.due_at + n * DAY,
            state=Message.State.SENT,
        )
        for step in reminded
        if step.due_at is not None
        for n in (1, 2)
        if step.due_at + n * DAY <= now
    )
    return people


def scene() -> None:
    """A day with something in every part of the page: what the pictures show."""
    now = clock.now()
    study = Study.objects.get(slug=SLUG)
    people = fill(study, 16, now)
    fill(study, 3, now, synthetic=True)
    texts = ("Could I do the sessions with my eyes open?", "Thank you, the longer pauses help.")
    for n, text in enumerate(texts):
        Letter.objects.create(
            enrolment=people[2 + 3 * n],
            is_from_staff=False,
            text=text,
            written_at=now - dt.timedelta(hours=5 + 15 * n),
            answered_at=now if n else None,
            key=f"00000000-0000-0000-0000-00000000000{n}",
        )
    Message.objects.create(
        enrolment=people[4],
        kind=Message.Kind.LINK,
        n=1,
        due_at=now - dt.timedelta(hours=30),
        state=Message.State.UNCERTAIN,
    )


def _name(n: int) -> str:
    """A pseudonym of the right form, another for each number."""
    letters = "CDFGHJKMNPRTVWXY"
    n = n * 7_919 % 16**5  # 7919 is odd: no two numbers below 16^5 share a name
    return "".join(letters[n >> 4 * place & 15] for place in range(5)) + "47"


def _steps(n: int, person: Enrolment, now: dt.datetime) -> list[Occasion]:
    assert person.consented_at is not None
    days = [(f"s{k:02}", Occasion.Kind.IMAGERY, 2 * k - 1, 1) for k in range(1, SESSIONS + 1)]
    days.append(("check", Occasion.Kind.ASSESSMENTS, CHECK, 9))
    return [
        _step(n + place, person, key, kind, place, person.consented_at + day * DAY, open_days, now)
        for place, (key, kind, day, open_days) in enumerate(days)
    ]


def _step(
    turn: int, person: Enrolment, key: str, kind: str, place: int, due: dt.datetime, open_days: int, now: dt.datetime
) -> Occasion:
    closes = due + open_days * DAY
    step = Occasion(
        enrolment=person, kind=kind, key=key, place=place, due_at=due, opens_at=due, closes_at=closes, state="waiting"
    )
    if due > now:
        return step
    was_away = person.paused_at is not None and due > person.paused_at
    done_at = due + dt.timedelta(hours=3)
    if kind == Occasion.Kind.IMAGERY and turn % 9 != 5 and not was_away and done_at <= now:
        step.state, step.started_at, step.settled_at = "done", done_at, done_at
    elif closes <= now:
        step.state, step.settled_at = "missed", closes
        step.started_at = done_at if turn % 2 and not was_away else None
    else:
        step.state = "open"
        step.started_at = done_at if turn % 5 == 2 and done_at <= now else None
    return step


def _run(step: Occasion) -> SessionRun:
    is_done = step.state == "done"
    return SessionRun(
        occasion=step,
        attempt=1,
        script="layers",
        script_version=1,
        language="en",
        status="completed" if is_done else "missed",
        started_at=step.started_at,
        completed_at=step.settled_at if is_done else None,
        closed_at=step.settled_at,
    )


def _rating(n: int, run: SessionRun) -> Rating:
    is_done = run.status == "completed"
    value = 1 + (n // 24) % 3 + (1 if n % 5 == 0 else 0)
    return Rating(
        run=run,
        stage="clear",
        place=2,
        kind="vividness",
        value=value if is_done else None,
        status="answered" if is_done else "not_reached",
        scale_min=1,
        scale_max=5,
        answered_at=run.completed_at,
    )
