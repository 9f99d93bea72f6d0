"""The strokes of a drawing that is being made, saved while it is made."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from coaching.models import Occasion
from coaching.services.occasions import lock_person_of
from imagery.models import DrawingDraft, SessionRun
from imagery.selectors import Refusal, refusal, session_of
from imagery.services.pictures import read


@transaction.atomic
def save_draft(
    *, occasion: Occasion, stage: str, attempt: int | None, strokes_text: str, rev: int, now: datetime
) -> Refusal | None:
    """Keeps the strokes as they are now, unless a later save was kept already; None, or why nothing is kept.

    Args:
        occasion: Whose session it is; read anew under the lock.
        stage: The id of a stage that the person has come to, and at which they draw.
        attempt: The attempt that the page belongs to; None: the latest.
        strokes_text: The strokes as JSON; checked before anything is locked.
        rev: Rises with each save of a page.
        now: When.

    Raises:
        PictureFault: The strokes can't be read.
        ValueError: The session has no such stage, or nothing is drawn there.
    """
    drawing = read(strokes_text)
    text = drawing.text if drawing else ""
    occasion.enrolment = lock_person_of(occasion)
    session = session_of(occasion)
    here = session.stage(stage) if session else None
    if session is None or here is None or here.kind != "draw":
        raise ValueError(f"{occasion.key} has no drawing {stage}")
    why = refusal(session.occasion, now)
    if why is not None:
        return why
    if session.run is None or attempt not in {None, session.run.attempt} or not session.has_reached(stage):
        return Refusal.ELSEWHERE
    if session.is_sealed(stage):
        return Refusal.SEALED
    stored = session.run.drafts.filter(stage=stage).first()
    if stored is None:
        DrawingDraft.objects.create(run=session.run, stage=stage, rev=rev, strokes=text, saved_at=now)
    elif stored.rev < rev:
        stored.rev, stored.strokes, stored.saved_at = rev, text, now
        stored.save()
    return None


@transaction.atomic
def forget_draft(draft: DrawingDraft) -> bool:
    """Removes a draft that was kept long enough, unless it was saved again since it was read; whether it went."""
    return bool(DrawingDraft.objects.filter(pk=draft.pk, saved_at=draft.saved_at).delete()[0])


def drop_draft(*, run: SessionRun, stage: str) -> None:
    """Forgets the draft of a drawing that is finished; part of the transaction that stores the drawing."""
    run.drafts.filter(stage=stage).delete()
