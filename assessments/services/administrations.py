"""Beginning the questionnaires of an occasion. Its callers hold the person's row."""

from __future__ import annotations

from datetime import datetime

from assessments.models import Administration
from assessments.selectors import instruments_of, sheet_of, version_of
from coaching.models import Occasion
from coaching.services.occasions import start_occasion


def begin(*, occasion: Occasion, now: datetime) -> dict[str, Administration]:
    """The occasion's administrations by instrument, at the person's first answer; makes those that were not there."""
    if occasion.started_at is None:
        start_occasion(occasion=occasion, now=now)
        occasion.started_at = now
    return lay_out(occasion)


def lay_out(occasion: Occasion, only: str | None = None) -> dict[str, Administration]:
    """The occasion's administrations by instrument, in the order of the step; makes those that were not there.

    With `only`, that one alone.
    """
    there = {a.instrument: a for a in occasion.administrations.all()}
    places = {id: place for place, id in enumerate(instruments_of(occasion)) if only in (None, id)}
    new = [_new(occasion, id, place) for id, place in places.items() if id not in there]
    there |= {a.instrument: a for a in Administration.objects.bulk_create(new)}
    return {id: there[id] for id in places}


def _new(occasion: Occasion, instrument: str, place: int) -> Administration:
    paper = sheet_of(occasion, instrument, None)
    return Administration(
        occasion=occasion,
        instrument=instrument,
        instrument_version=version_of(occasion.enrolment).part_versions["instruments"][instrument],
        place=place,
        order=list(paper.order),
        form=paper.form,
        eyes=paper.instrument.eyes or "",
    )
