"""Ending a guided session: by its last stage, or because its window closed. Both write down what was not reached."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from coaching.models import Occasion
from coaching.services.occasions import complete_occasion, lock_person_of
from imagery.models import Rating, SessionRun
from imagery.selectors import Refusal, Session, refusal, session_of, unanswered
from imagery.services.kept import ends_of, kind_of
from imagery.services.runs import script_version


def complete(*, session: Session, now: datetime) -> None:
    """Completes a session whose way was gone to its end, and with it the occasion.

    Part of the transaction that stored what was given at the last stage, which holds the person's row.
    """
    run = session.begun
    run.status, run.stage = SessionRun.Status.COMPLETED, ""
    run.completed_at = run.closed_at = now
    run.save()
    complete_occasion(occasion=session.occasion, now=now)


@transaction.atomic
def end_early(*, occasion: Occasion, now: datetime, attempt: int | None = None) -> Refusal | None:
    """Ends a session where the person is, because they want to; why not, where nothing is taken.

    It counts as completed, and says at which stage it was ended; what was not reached says so.
    """
    occasion.enrolment = lock_person_of(occasion)
    session = session_of(occasion)
    if session is None or session.run is None:
        return Refusal.ELSEWHERE
    if session.run.ended_at_stage and session.run.status == SessionRun.Status.COMPLETED:
        return None
    why = refusal(occasion, now)
    here = session.here()
    if why is not None or here is None or (attempt is not None and attempt != session.run.attempt):
        return why or Refusal.ELSEWHERE
    session.run.ended_at_stage = here.id
    _not_reached(session, session.run)
    complete(session=session, now=now)
    return None


@transaction.atomic
def close_session(occasion: Occasion, now: datetime) -> None:
    """Writes down what an occasion that ended undone leaves: its run, and a row for every rating that was not reached.

    A session that was never begun leaves a run too. Called by the programme, which holds the person's row, once a
    window has closed undone (the run is missed then) or the person has left; a second call changes nothing.
    """
    session = session_of(occasion)
    if session is None or (session.run is not None and session.run.closed_at is not None):
        return
    run = session.run or _never_begun(session)
    run.closed_at = now
    if occasion.state == Occasion.State.MISSED:
        run.status = SessionRun.Status.MISSED
    run.save()
    _not_reached(session, run)


def _not_reached(session: Session, run: SessionRun) -> None:
    """Gives everything that was asked on the way and not answered a row that says so."""
    given = {rating.stage: rating for rating in run.ratings.all()}
    Rating.objects.bulk_create(
        Rating(
            run=run,
            stage=stage.id,
            place=session.place(stage.id),
            kind=kind_of(stage),
            status=Rating.Status.NOT_REACHED,
            scale_min=ends_of(stage)[0],
            scale_max=ends_of(stage)[1],
            shown_at=session.visits[stage.id].entered_at if stage.id in session.visits else None,
        )
        for stage in unanswered(session, given)
    )


def _never_begun(session: Session) -> SessionRun:
    return SessionRun(
        occasion=session.occasion,
        attempt=1,
        script=session.script.slug,
        script_version=script_version(session),
    )
