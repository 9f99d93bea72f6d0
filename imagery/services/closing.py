"""Ending a guided session: by its last stage, or because its window closed. Both write down what was not reached."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from coaching.models import Occasion
from coaching.services.occasions import complete_occasion
from imagery.models import Rating, SessionRun
from imagery.selectors import Session, session_of, unanswered
from imagery.services.kept import kind_of
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
    given = {rating.stage: rating for rating in run.ratings.all()}
    Rating.objects.bulk_create(
        Rating(
            run=run,
            stage=stage.id,
            place=session.place(stage.id),
            kind=kind_of(stage),
            status=Rating.Status.NOT_REACHED,
            scale_min=stage.scale.min if stage.scale else None,
            scale_max=stage.scale.max if stage.scale else None,
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
