"""Walking as a test person: what they could do now is done for them, by plausible answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from uuid import UUID

from django.db import transaction

import assessments.selectors as sheets
from assessments.services import Given as Answered
from assessments.services import answer
from coaching.models import Enrolment, Occasion
from coaching.selectors.occasions import step_of
from coaching.selectors.people import open_occasions, study_of
from coaching.selectors.turns import Turn, next_turn
from coaching.windows import zone
from imagery import services as sessions
from imagery.selectors import Refusal
from imagery.timeline import stage_called
from protocol.study import Step
from rehearsal.people import Person, draws, ladders, person, replies
from rehearsal.selectors import first_answers_of
from rehearsal.services import kept_drawing
from rehearsal.sessions import Visit, level_of, visited


@dataclass(frozen=True, slots=True)
class Standing:
    """What a test person can do now (the occasion and its step; None: nothing), and what comes next by itself."""

    occasion: Occasion | None
    step: Step | None
    turn: Turn | None


def standing(enrolment: Enrolment, now: datetime) -> Standing:
    """Where a test person stands at `now`, by their own clock."""
    occasion = next(iter(open_occasions(enrolment, now)), None)
    if occasion is not None:
        occasion.enrolment = enrolment
    return Standing(occasion, step_of(occasion) if occasion else None, next_turn(enrolment, now))


@transaction.atomic
def fill_in(*, enrolment: Enrolment, occasion_id: UUID, now: datetime) -> bool:
    """Finishes one open step of a test person, from where it stands; whether it was open.

    What they have answered themselves stays. All of it goes through the services that take anybody's answers, and
    leaves the traces that theirs would, but for times that nobody measured.

    Raises:
        ValueError: It is no test person.
    """
    if enrolment.ahead_s is None:
        raise ValueError(f"{enrolment} answers for themself")
    occasion = next((each for each in open_occasions(enrolment, now) if each.public_id == occasion_id), None)
    if occasion is None:
        return False
    occasion.enrolment = enrolment
    study = study_of(enrolment)
    who = person(study, f"walk:{enrolment.pseudonym}", 1, 1.0)
    known = enrolment.eligibility or who.eligibility
    who = replace(who, language=enrolment.language or study.languages[0], eligibility=known)
    _FILLS[occasion.kind](occasion, who, draws(f"{who.key}:{occasion.key}"), now)
    return True


def _answer_all(occasion: Occasion, who: Person, rng: Random, now: datetime) -> None:
    day = now.astimezone(zone(occasion.enrolment.timezone)).date()
    while (place := sheets.next_place(occasion)) is not None:
        name, first = place
        begun = occasion.administrations.filter(instrument=name).first()
        paper, given = sheets.sheet_of(occasion, name, begun), sheets.answers_of(begun)
        known = ladders(paper.instrument)
        asked = (known[item] for item in paper.order)
        before = first_answers_of(occasion.enrolment, paper.instrument.then_of) if paper.instrument.then_of else None
        said = {each.item: each for each in replies(who, asked, 0, rng, day=day, before=before)}
        position: int | None = first
        while position is not None:
            item = paper.order[position - 1]
            # The last one's answer finishes the questionnaire, the same as before or a new one.
            reply = given.get(item) or said[item]
            gives = Answered(reply.status, reply.value, reply.text)  # type: ignore[arg-type]
            taken = answer(
                occasion=occasion, instrument=name, position=position, given=gives, now=now, language=who.language
            )
            if isinstance(taken, sheets.Refusal):
                return
            position = taken.leads_to


def _go_through(occasion: Occasion, who: Person, rng: Random, now: datetime) -> None:
    session = sessions.begin(occasion=occasion, now=now, language=who.language)
    if isinstance(session, Refusal):
        return
    level, here = level_of(who, 0, rng), session.here()
    key = f"{who.key}:{occasion.key}:{session.begun.attempt}"
    while here is not None:
        visit = visited(who, session.script, here, level, now, rng)
        taken = sessions.submit(
            occasion=occasion, stage=here.id, given=_given(visit, key), now=now, language=who.language
        )
        if isinstance(taken, Refusal):
            return
        here = stage_called(session.script, taken.leads_to) if taken.leads_to else None


_FILLS: Mapping[str, Callable[[Occasion, Person, Random, datetime], None]] = {
    Occasion.Kind.ASSESSMENTS: _answer_all,
    Occasion.Kind.IMAGERY: _go_through,
}


def _given(visit: Visit, key: str) -> sessions.Given:
    """What a simulated person did at a stage, as the session's own services take it."""
    if visit.drawing is not None:
        return sessions.Drawn(kept_drawing(visit.drawing, f"{key}:{visit.stage.id}"))
    if visit.text is not None:
        return sessions.Reported(visit.text)
    if visit.status == "declined":
        return sessions.DECLINED
    if visit.status == "not_applicable":
        return sessions.NOT_APPLICABLE
    if visit.value is None:
        return sessions.PASSED
    if visit.stage.kind == "form":
        return sessions.Forms(visit.forms)
    return sessions.Chosen(int(visit.value)) if visit.stage.kind in {"choose", "check"} else sessions.Rated(visit.value)
