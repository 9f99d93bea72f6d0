"""Taking what a person gives at a stage, one stage at a time.

Each call holds the person's row from the decision to the last write, as answers do: two tabs, a double submit and a
closing window come one after the other. What was given is stored as given; nothing is ever filled in.

Once a picture was revealed, what was given before it stands: seeing the picture would change it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from coaching.models import Occasion
from coaching.services.occasions import lock_person_of
from imagery.models import StageVisit
from imagery.selectors import Refusal, Session, refusal, session_of
from imagery.services.closing import complete
from imagery.services.given import UNTIMED, Chosen, Given, Timing
from imagery.services.kept import keeper_of
from imagery.services.runs import enter
from protocol.script import Stage


@dataclass(frozen=True, slots=True)
class Taken:
    """What was given at a stage stands, now or as before; `leads_to` is the stage to go on with, None at the end."""

    leads_to: str | None


@transaction.atomic
def submit(
    *,
    occasion: Occasion,
    stage: str,
    given: Given,
    now: datetime,
    language: str = "",
    timing: Timing = UNTIMED,
    attempt: int | None = None,
) -> Taken | Refusal:
    """Where the person goes on after a stage, or why what they gave was not taken.

    The last stage's completes the session and its occasion. The last answer given stands, an earlier, different one
    goes to its history. What says the same as before changes nothing and leads where it led, whatever has been shown,
    completed or closed since. A choice that is changed leads on by its new way.

    Args:
        occasion: Whose session it is; read anew under the lock.
        stage: The id of a stage of its script.
        given: What the person gave there.
        now: When.
        language: The language in which they read it.
        timing: What their page measured.
        attempt: The attempt that the page belonged to; None: the latest.

    Raises:
        ValueError: The session has no such stage, or nothing like that can be given there.
    """
    occasion.enrolment = lock_person_of(occasion)
    session = session_of(occasion)
    here = session.stage(stage) if session else None
    if session is None or here is None:
        raise ValueError(f"{occasion.key} has no stage {stage}")
    keeper = keeper_of(session, here, given)
    why = _refusal(session, here, now, attempt)
    if why is not None:
        keeper.drop()
        # A page of an attempt that was left says nothing about the one that followed.
        is_repeat = why not in {Refusal.AWAY, Refusal.ELSEWHERE} and keeper.says_the_same() and _was_left(session, here)
        return Taken(_next(session, here)) if is_repeat else why
    keeper.keep(now, language, timing)
    if isinstance(given, Chosen):
        session.choices[here.id] = given.option
    _leave(session, here, now, timing)
    return Taken(_go_on(session, here, now, language))


def _refusal(session: Session, stage: Stage, now: datetime, attempt: int | None) -> Refusal | None:
    why = refusal(session.occasion, now)
    if why is Refusal.AWAY or why is Refusal.NOT_OPEN:
        return why
    run = session.run
    if run is None or (attempt is not None and attempt != run.attempt) or not session.has_reached(stage.id):
        return why or Refusal.ELSEWHERE
    if why is not None:
        return why
    return Refusal.SEALED if session.is_sealed(stage.id) else None


def _was_left(session: Session, stage: Stage) -> bool:
    visit = session.visits.get(stage.id)
    return visit is not None and visit.left_at is not None


def _leave(session: Session, stage: Stage, now: datetime, timing: Timing) -> None:
    """Notes how a stage's time was kept, the first time that the person goes on from it."""
    visit = session.visits[stage.id]
    if visit.left_at is not None:
        return
    visit.left_at = now
    visit.quiet_actual_ms, visit.longer_ms = timing.quiet_ms, timing.longer_ms
    visit.pauses, visit.paused_ms, visit.hidden_ms = timing.pauses, timing.paused_ms, timing.hidden_ms
    visit.voice, visit.audio_ms, visit.audio_heard_ms = timing.voice, timing.audio_ms, timing.audio_heard_ms
    visit.save()


def _go_on(session: Session, stage: Stage, now: datetime, language: str) -> str | None:
    """The stage after this one, shown from now on; at the end of the way the first that was left out, or the end."""
    coming = session.following(stage) or session.here()
    run = session.begun
    if coming is None:
        complete(session=session, now=now)
        return None
    if coming.id not in session.visits:
        session.visits[coming.id] = _entered(session, coming, now)
    here = session.here() or coming
    if run.stage != here.id or run.language != language:
        run.stage, run.language = here.id, language
        run.save(update_fields=["stage", "language"])
    return coming.id


def _entered(session: Session, stage: Stage, now: datetime) -> StageVisit:
    return enter(session.begun, stage, session.place(stage.id), now)


def _next(session: Session, stage: Stage) -> str | None:
    coming = session.following(stage) or session.here()
    return coming.id if coming else None
