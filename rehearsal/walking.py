"""Walking as a test person: what they could do now is done for them, by plausible answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random
from uuid import UUID

from django.db import transaction

import assessments.selectors as sheets
from assessments.services import Given as Answered
from assessments.services import answer
from coaching.models import Enrolment, Occasion
from coaching.selectors.journey import asked_about
from coaching.selectors.occasions import step_of
from coaching.selectors.people import open_occasions, study_of
from coaching.selectors.turns import Turn, next_turn
from coaching.windows import zone
from imagery import services as sessions
from imagery.selectors import Refusal
from imagery.timeline import stage_called
from protocol.instrument import Instrument
from protocol.study import Step
from rehearsal.afterwards import said_after
from rehearsal.people import Person, Reply, draws, ladders, person, replies
from rehearsal.selectors import first_answers_of
from rehearsal.services import kept_drawing
from rehearsal.sessions import Visit, level_of, visited

Says = Callable[[Instrument, Reply], Reply]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a test person can do now (the occasion and its step; None: nothing), and what comes next by itself.

    `is_after`: what can be done is to say how they are after that session, which is done.
    """

    occasion: Occasion | None
    step: Step | None
    turn: Turn | None
    is_after: bool = False


def standing(enrolment: Enrolment, now: datetime) -> Standing:
    """Where a test person stands at `now`, by their own clock."""
    after = asked_about(enrolment, enrolment.occasions.all(), now)
    occasion = next(iter(after or open_occasions(enrolment, now)), None)
    if occasion is not None:
        occasion.enrolment = enrolment
    step = step_of(occasion) if occasion else None
    return Standing(occasion, step, next_turn(enrolment, now), is_after=bool(after))


@transaction.atomic
def fill_in(*, enrolment: Enrolment, occasion_id: UUID, now: datetime) -> bool:
    """Finishes one open step of a test person, from where it stands; whether it was open.

    Of a session that is done, what is asked after it counts as open while it is.

    What they have answered themselves stays. All of it goes through the services that take anybody's answers, and
    leaves the traces that theirs would, but for times that nobody measured.

    Raises:
        ValueError: It is no test person.
    """
    if enrolment.ahead_s is None:
        raise ValueError(f"{enrolment} answers for themself")
    after = asked_about(enrolment, enrolment.occasions.all(), now)
    doable = (*after, *open_occasions(enrolment, now))
    occasion = next((each for each in doable if each.public_id == occasion_id), None)
    if occasion is None:
        return False
    occasion.enrolment = enrolment
    study = study_of(enrolment)
    who = person(study, f"walk:{enrolment.pseudonym}", 1, 1.0)
    known = enrolment.eligibility or who.eligibility
    who = replace(who, language=enrolment.language or study.languages[0], eligibility=known)
    do(occasion=occasion, who=who, now=now, is_after=occasion in after)
    return True


def do(
    *, occasion: Occasion, who: Person, now: datetime, is_after: bool = False, says: Says = lambda of, reply: reply
) -> None:
    """Does one step as `who` would, from where it stands; with `is_after`, says how they are after that session.

    `says` has the last word on each answer to a questionnaire: it is told whose item it is, and what they would say.
    """
    rng = draws(f"{who.key}:{occasion.key}")
    if is_after or occasion.kind == Occasion.Kind.ASSESSMENTS:
        _answer_all(occasion, who, rng, now, says)
    else:
        _go_through(occasion, who, rng, now)


def _answer_all(occasion: Occasion, who: Person, rng: Random, now: datetime, says: Says) -> None:
    """Every questionnaire of a step, or the one that is asked after a session."""
    day = now.astimezone(zone(occasion.enrolment.timezone)).date()
    while (place := sheets.next_place(occasion)) is not None:
        name, first = place
        begun = occasion.administrations.filter(instrument=name).first()
        paper, given = sheets.sheet_of(occasion, name, begun), sheets.answers_of(begun)
        said = {each.item: says(paper.instrument, each) for each in _said(occasion, paper, who, rng, day)}
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


def _said(occasion: Occasion, paper: sheets.Sheet, who: Person, rng: Random, day: date) -> tuple[Reply, ...]:
    if sheets.is_session(occasion):
        return said_after(who, paper.instrument, paper.order, rng, day=day)
    known = ladders(paper.instrument)
    before = first_answers_of(occasion.enrolment, paper.instrument.then_of) if paper.instrument.then_of else None
    return replies(who, (known[item] for item in paper.order), 0, rng, day=day, before=before)


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
