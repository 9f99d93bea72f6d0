"""Beginning a guided session, and beginning it again. Its callers hold no lock: these take it."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from coaching.models import Occasion
from coaching.selectors.occasions import version_of
from coaching.services.moving import go_over
from coaching.services.occasions import lock_person_of, start_occasion
from imagery.models import SessionEvent, SessionRun, StageVisit
from imagery.selectors import Refusal, Session, refusal, session_of
from imagery.selectors.exposure import exposure
from imagery.timeline import first_stage, quiet_ms
from protocol.script import Stage


@transaction.atomic
def begin(*, occasion: Occasion, now: datetime, language: str = "", again: int | None = None) -> Session | Refusal:
    """The session as it stands once the person has begun it, or why it can't be begun.

    The first call makes attempt 1. `again` names the attempt that is to be left for a new one: only the one that is
    under way, and only once it has come beyond its first stage, so that a second submit of the same press begins
    nothing. An attempt that was left keeps all that was given in it.

    With the first attempt the person goes over to a later version of the study, if its team moves them to one; a
    session that was begun keeps its script in every attempt.

    Raises:
        ValueError: The occasion is no guided session of its person.
    """
    occasion.enrolment = lock_person_of(occasion)
    session = session_of(occasion)
    if session is None:
        raise ValueError(f"{occasion.key} is no guided session")
    why = refusal(occasion, now)
    if why is not None:
        return why
    if session.run is None:
        if go_over(enrolment=occasion.enrolment, now=now):
            session = session_of(occasion) or session
        start_occasion(occasion=occasion, now=now)
        return _new(session, 1, language, now)
    if again != session.run.attempt or not session.has_moved:
        return session
    session.run.closed_at = now
    session.run.save(update_fields=["closed_at"])
    return _new(session, session.run.attempt + 1, language, now)


def enter(run: SessionRun, stage: Stage, place: int, now: datetime) -> StageVisit:
    """Notes that a stage is shown from now on."""
    return StageVisit.objects.create(
        run=run, stage=stage.id, kind=stage.kind, place=place, entered_at=now, quiet_planned_ms=quiet_ms(stage)
    )


def _new(session: Session, attempt: int, language: str, now: datetime) -> Session:
    met = exposure(session.occasion.enrolment, session.script)
    first = first_stage(session.script, met.locked)
    if first is None:
        raise ValueError(f"{session.script.slug} has no stage that is open")
    run = SessionRun.objects.create(
        occasion=session.occasion,
        attempt=attempt,
        script=session.script.slug,
        script_version=session.run.script_version if session.run else script_version(session),
        language=language,
        stage=first.id,
        started_at=now,
        locked=" ".join(met.locked),
    )
    if session.script.unlock is not None:
        SessionEvent.objects.create(
            run=run,
            event_id=uuid4(),
            seq=0,
            type="unlock",
            payload=met.as_json(session.script),
            happened_at=now,
            received_at=now,
        )
    visit = enter(run, first, session.place(first.id), now)
    return Session(session.occasion, session.script, run, {first.id: visit})


def script_version(session: Session) -> int:
    """Which content of the script the person is shown: n of the first study version that had it."""
    n: int = version_of(session.occasion.enrolment).part_versions["scripts"][session.script.slug]
    return n
