"""Ending a questionnaire: by its last answer, or because its window closed. Both write its scores at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from assessments.models import Administration, Answer
from assessments.selectors import Sheet, answers_of, instruments_of, sheet_of
from assessments.services.administrations import lay_out
from assessments.services.scores import record_scores
from coaching.models import Occasion
from coaching.services.occasions import complete_occasion


def finish(*, paper: Sheet, answers: Iterable[Answer], now: datetime) -> None:
    """Finishes a questionnaire that has an answer to every item; the last of the occasion completes the occasion.

    Part of the transaction that stored the last answer, which holds the person's row.
    """
    administration = paper.begun
    administration.finished_at = administration.closed_at = now
    administration.save(update_fields=["finished_at", "closed_at"])
    record_scores(paper=paper, answers=answers, now=now)
    occasion = paper.occasion
    finished = Administration.objects.filter(occasion=occasion, finished_at__isnull=False).count()
    if finished == len(instruments_of(occasion)):
        complete_occasion(occasion=occasion, now=now)


@transaction.atomic
def close_occasion(occasion: Occasion, now: datetime) -> None:
    """Writes down what an occasion that ended undone leaves: a row for every item, and the scores.

    For every questionnaire of the step, never-begun ones included. Called by the programme, which holds the person's
    row, once a window has closed undone or the person has left; a second call changes nothing.
    """
    for instrument, administration in lay_out(occasion).items():
        if administration.closed_at is not None:
            continue
        paper = sheet_of(occasion, instrument, administration)
        answers = answers_of(administration)
        answers |= {a.item: a for a in Answer.objects.bulk_create(_not_reached(paper, answers))}
        administration.closed_at = now
        administration.save(update_fields=["closed_at"])
        record_scores(paper=paper, answers=answers.values(), now=now)


def _not_reached(paper: Sheet, answers: dict[str, Answer]) -> list[Answer]:
    return [
        Answer(administration=paper.begun, item=item, position=n, status=Answer.Status.NOT_REACHED)
        for n, item in enumerate(paper.order, start=1)
        if item not in answers
    ]
