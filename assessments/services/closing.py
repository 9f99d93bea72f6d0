"""Ending a questionnaire: by its last answer, or because its window closed. Both write its scores at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from assessments.models import Administration, Answer
from assessments.selectors import Sheet, answers_of, instruments_of, is_session, sheet_of
from assessments.services.administrations import lay_out
from assessments.services.history import keep_earlier
from assessments.services.scores import record_scores
from assessments.services.watching import watch
from coaching.models import Occasion
from coaching.services.occasions import complete_occasion, settle_after


def finish(*, paper: Sheet, answers: Iterable[Answer], now: datetime) -> None:
    """Finishes a questionnaire that has an answer to every item; the last of the occasion completes the occasion.

    Part of the transaction that stored the last answer, which holds the person's row.
    """
    administration = paper.begun
    answers = _with_not_due(paper, {answer.item: answer for answer in answers}, now).values()
    administration.finished_at = administration.closed_at = now
    administration.save(update_fields=["finished_at", "closed_at"])
    record_scores(paper=paper, answers=answers, now=now)
    occasion = paper.occasion
    finished = Administration.objects.filter(occasion=occasion, finished_at__isnull=False).count()
    if finished != len(instruments_of(occasion)):
        return
    # The session itself was done before it was asked how the person is.
    (settle_after if is_session(occasion) else complete_occasion)(occasion=occasion, now=now)


@transaction.atomic
def close_occasion(occasion: Occasion, now: datetime) -> None:
    """Writes down what an occasion that ended undone leaves: a row for every item, and the scores.

    For every questionnaire of the step, never-begun ones included; of a session, for that which follows it. Called by
    the programme, which holds the person's row, once a window has closed undone or the person has left; a second call
    changes nothing.
    """
    for instrument, administration in lay_out(occasion).items():
        if administration.closed_at is not None:
            continue
        paper = sheet_of(occasion, instrument, administration)
        answers = _with_not_due(paper, answers_of(administration), now)
        answers |= {a.item: a for a in Answer.objects.bulk_create(_not_reached(paper, answers))}
        administration.closed_at = now
        administration.save(update_fields=["closed_at"])
        record_scores(paper=paper, answers=answers.values(), now=now)
        watch(paper=paper, now=now, is_over=True)


def _with_not_due(paper: Sheet, answers: dict[str, Answer], now: datetime) -> dict[str, Answer]:
    """The answers with a row for each item that was not due; what was given to one before goes to its history."""
    if not paper.branches:
        return answers
    are_due = paper.due(answers.values())
    new = []
    for n, item in enumerate(paper.order, start=1):
        if are_due[item] is not False:
            continue
        if item not in answers:
            new.append(Answer(administration=paper.begun, item=item, position=n, status=Answer.Status.NOT_DUE))
        elif answers[item].status != Answer.Status.NOT_DUE:
            keep_earlier(answers[item], now)
            _set_not_due(answers[item])
    return answers | {a.item: a for a in Answer.objects.bulk_create(new)}


def _set_not_due(answer: Answer) -> None:
    answer.value, answer.text, answer.status = None, "", Answer.Status.NOT_DUE
    answer.answered_at = answer.response_time_ms = None
    answer.changes += 1
    answer.save(update_fields=["value", "text", "status", "answered_at", "response_time_ms", "changes"])


def _not_reached(paper: Sheet, answers: dict[str, Answer]) -> list[Answer]:
    return [
        Answer(administration=paper.begun, item=item, position=n, status=Answer.Status.NOT_REACHED)
        for n, item in enumerate(paper.order, start=1)
        if item not in answers
    ]
