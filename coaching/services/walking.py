"""A test person's own clock: it goes forward from moment to moment, and nobody else's does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from accounts.audit import Actor, record
from coaching.models import Enrolment, Study
from coaching.selectors.turns import next_turn
from coaching.services.occasions import Closer, advance, lock
from coaching.services.people import invite


@transaction.atomic
def begin_walk(*, study: Study, by: Actor, now: datetime) -> Enrolment:
    """A test person at the study's door: one whom nobody has begun to walk as, else a new one.

    So a button that is pressed twice makes one person.
    """
    Study.objects.select_for_update().get(pk=study.pk)
    waiting = Enrolment.objects.filter(study=study, ahead_s=0, screened_at=None, consented_at=None, withdrawn_at=None)
    unused = waiting.filter(erased_at=None).select_related("study", "version").order_by("pk").last()
    return unused or invite(study=study, by=by, now=now, is_test=True)[0]


@transaction.atomic
def go_ahead(
    *, enrolment: Enrolment, seen_s: int, closers: Mapping[str, Closer], by: Actor, now: datetime
) -> datetime | None:
    """Puts a test person's clock to where something next happens by itself, and settles what has ended by then.

    Args:
        enrolment: The test person.
        seen_s: How far ahead their clock was on the page whose button was pressed: pressed twice, it moves it once.
        closers: What the rooms do when one of their occasions ends undone.
        by: Who asks.
        now: This instant by the person's own clock.

    Returns:
        The instant to which the clock was put; None where it stays, since nothing more is to come or it has moved on.

    Raises:
        ValueError: It is no test person.
    """
    person = lock(enrolment.pk)
    if person.ahead_s is None:
        raise ValueError(f"{person} lives by everybody's clock")
    if person.ahead_s != seen_s:
        return None
    advance(person, now=now, closers=closers)
    turn = next_turn(person, now)
    if turn is None:
        return None
    further_s = math.ceil((turn.at - now).total_seconds())
    then = now + timedelta(seconds=further_s)
    person.ahead_s += further_s
    person.save(update_fields=["ahead_s"])
    advance(person, now=then, closers=closers)
    record(by=by, action="test.ahead", now=now, study=person.study.slug, subject=person.pseudonym, to=then)
    return then
