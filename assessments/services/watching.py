"""Answers that call for somebody to look: a study's safety rules, asked of each answer as it is given."""

from __future__ import annotations

from datetime import datetime

from assessments.entries import as_given
from assessments.models import Administration, Answer
from assessments.selectors import Sheet
from coaching.care import is_met
from coaching.selectors.occasions import version_of
from coaching.selectors.studies import declared
from coaching.services.care import raise_for_answers
from protocol.care import SafetyRule
from protocol.conditions import Given
from protocol.instrument import Instrument


def watch(*, paper: Sheet, now: datetime, is_over: bool) -> None:
    """Raises what the study's rules ask for after these answers, in the transaction that stored them.

    An alert is raised as soon as an answer that was sent calls for it, for nobody knows whether the rest is ever filled
    in. What a page only saved by itself is looked at when it is sent, or when the window closes. A pause
    waits until the questionnaire `is_over`: it would keep the person from going on with it.
    """
    occasion, rules = paper.occasion, rules_on(paper)
    if not rules or paper.administration is None:
        return
    asked = _asked(paper)
    for rule in rules:
        if is_met(rule, asked):
            raise_for_answers(enrolment=occasion.enrolment, occasion=occasion, rule=rule, now=now, is_over=is_over)


def rules_on(paper: Sheet) -> list[SafetyRule]:
    """The study's rules on the answers of a questionnaire; none for most."""
    rules = declared(version_of(paper.occasion.enrolment)).safety.rules
    return [rule for rule in rules if rule.instrument == paper.instrument.id]


def _asked(paper: Sheet) -> list[dict[str, Given]]:
    """What was given each time that the person was asked, this time last; times without any answer don't count."""
    person = paper.occasion.enrolment_id
    others = (
        Administration.objects.filter(occasion__enrolment=person, instrument=paper.instrument.id)
        .exclude(pk=paper.begun.pk)
        .filter(closed_at__isnull=False, started_at__isnull=False)
        .order_by("closed_at", "pk")
        .prefetch_related("answers")
    )
    earlier = [given for each in others if (given := _given(paper.instrument, each))]
    return [*earlier, _given(paper.instrument, paper.begun)]


def _given(instrument: Instrument, of: Administration) -> dict[str, Given]:
    items = {item.id: item for item in instrument.items()}
    return {
        row.item: as_given(items[row.item], row.value, row.text)
        for row in of.answers.all()
        if row.status not in (Answer.Status.NOT_REACHED, Answer.Status.NOT_DUE) and row.item in items
    }
