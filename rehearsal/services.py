"""Filling a study with synthetic people."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from itertools import islice
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from accounts.audit import Actor
from assessments.services import bulk as questionnaires
from coaching.allocation import design_digest
from coaching.models import StudyVersion
from coaching.selectors.studies import declared
from coaching.services import bulk as programme
from coaching.services.people import LETTERS, PSEUDONYM_LENGTH, SYMBOLS
from coaching.windows import zone
from imagery.drawings.pictures import render
from imagery.drawings.strokes import read_strokes
from imagery.selectors.exposure import Exposure
from imagery.services import bulk as sessions
from imagery.services.pictures import Kept
from imagery.timeline import BETWEEN
from protocol.script import Script
from protocol.study import Study
from rehearsal.calendar import RECRUITMENT, Forms, live
from rehearsal.filling import first_ms, first_said_at
from rehearsal.happened import Told, told
from rehearsal.lengths import length_d
from rehearsal.life import Life, Sheet, Sitting
from rehearsal.lists import Lists
from rehearsal.people import Person, Reply, person
from rehearsal.reminding import messages_of
from rehearsal.selectors import holders_of, synthetic_count
from rehearsal.sessions import Drawn, Visit
from rehearsal.sketches import SIDE, SUBJECTS, Sketch, stroke_text

BATCH = 250  # people a transaction
NAMESPACE = uuid5(NAMESPACE_URL, "potoo:rehearsal")
READS_CONTACT_S = 60

Progress = Callable[[int, int], None]


class BadStart(ValueError):
    """The start of the simulated time does not lie before today."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a simulation came to: people asked for, those who were there already, and what was added."""

    participants: int
    existing: int
    added: int
    allocated: int
    completed: int
    withdrawn: int
    answers: int
    sessions: int
    start: date


def simulate(
    *,
    version: StudyVersion,
    participants: int,
    seed: str,
    start: date | None,
    now: datetime,
    by: Actor,
    progress: Progress = lambda done, of: None,
) -> Simulated:
    """Synthetic people number 1 to `participants` of a seed, with what happened to them until the last midnight (UTC).

    The same study, seed and start give the same people; those who are there already stay as they are, so a second call
    adds nothing, and one that asks for more adds the others. What has not come yet is not simulated: from midnight on
    they are in the programme's own hands, like real people who do nothing.

    Args:
        version: What they consent to.
        participants: How many people of that seed there are to be.
        seed: Any text.
        start: The first day on which people come; None: so long ago that some have finished and some have just begun.
        now: This instant.
        by: Who asks for them.
        progress: Called with how many of the missing people are written, and how many are missing.

    Raises:
        BadStart: `start` is not before today.
    """
    study = declared(version)
    course_d = length_d(study)
    horizon = datetime.combine(now.astimezone(UTC).date(), time.min, UTC)
    start = start or (horizon - RECRUITMENT - timedelta(days=course_d / 4)).date()
    begins_at = datetime.combine(start, time.min, zone(study.timezone)).astimezone(UTC)
    if begins_at >= horizon:
        raise BadStart(f"{start.isoformat()}: expected a day before {horizon.date().isoformat()}")
    missing = list(_missing(study, seed, participants))
    design = _design(study, seed)
    taken = programme.places_taken(study=version.study, design=design)
    lists = Lists(study, seed, taken, programme.in_arms(study=version.study))
    forms = Forms.of(study)
    total = Simulated(participants, participants - len(missing), 0, 0, 0, 0, 0, 0, start)
    for batch in _batches(missing, BATCH):
        before = synthetic_count(version.study)
        lives = {
            pseudonym: live(
                person(study, seed, number, course_d),
                pseudonym,
                forms,
                start=begins_at,
                horizon=horizon,
                place_of=lists.next,
                before=before + place,
            )
            for place, (number, pseudonym) in enumerate(batch)
        }
        with transaction.atomic():
            answers = _write(version, design, lives, horizon)
            if total.added + len(lives) == len(missing):
                programme.log_simulation(version=version, seed=seed, added=len(missing), by=by, now=now)
        total = _plus(total, lives.values(), answers)
        progress(total.added, len(missing))
    return total


def pseudonyms(study: str, seed: str, number: int) -> Iterator[str]:
    """The names that a synthetic person may bear, in the order in which they are tried."""
    count = 0
    while True:
        digits = int.from_bytes(hashlib.sha256(f"{study}:{seed}:{number}:{count}".encode()).digest())
        digits, letter = divmod(digits, len(LETTERS))
        name = LETTERS[letter]
        for _ in range(PSEUDONYM_LENGTH - 1):
            digits, symbol = divmod(digits, len(SYMBOLS))
            name += SYMBOLS[symbol]
        yield name
        count += 1


def _missing(study: Study, seed: str, participants: int) -> Iterator[tuple[int, str]]:
    """Number and pseudonym of the people of a seed who are not there yet.

    A pseudonym that somebody else bears is passed over for the next; so is one that an earlier person of this seed
    took, which makes a person's name independent of how many others there are.
    """
    first = {number: next(pseudonyms(study.slug, seed, number)) for number in range(1, participants + 1)}
    holders = holders_of(first.values())
    given: set[str] = set()
    for number in range(1, participants + 1):
        for name in pseudonyms(study.slug, seed, number):
            if name in given:
                continue
            if name != first[number]:
                holders |= holders_of([name])
            holder = holders.get(name)
            if holder is None:
                given.add(name)
                yield number, name
                break
            if holder.is_of(study.slug, partial(public_id, f"{study.slug}:{seed}:{number}")):
                given.add(name)
                break


def public_id(person_key: str, step: str) -> UUID:
    """The public id of a synthetic person's occasion: it also tells whose person it is."""
    return uuid5(NAMESPACE, f"{person_key}:{step}")


def _design(study: Study, seed: str) -> str:
    """The name of the allocation lists of a seed: nobody else is ever allocated from them."""
    of = design_digest(study) if study.allocation else ""
    return hashlib.sha256(f"{of}:{seed}".encode()).hexdigest()


def _write(version: StudyVersion, design: str, lives: Mapping[str, Life], horizon: datetime) -> int:
    people = [_person_row(pseudonym, life, horizon) for pseudonym, life in lives.items()]
    written = programme.write_synthetic(version=version, design=design, people=people)
    sheets = [
        _sheet_row(sheet, life.person, written[pseudonym]) for pseudonym, life in lives.items() for sheet in life.sheets
    ]
    scripts = declared(version).scripts
    runs = [
        _run_row(scripts[sitting.script], sitting, life.person, written[pseudonym])
        for pseudonym, life in lives.items()
        for sitting in life.sittings
    ]
    sessions.write_runs(version=version, runs=runs)
    return questionnaires.write_sheets(version=version, sheets=sheets)


def _person_row(pseudonym: str, life: Life, horizon: datetime) -> programme.PersonRow:
    return programme.PersonRow(
        pseudonym=pseudonym,
        language=life.person.language,
        timezone=life.person.timezone,
        eligibility=life.person.eligibility,
        agreed=life.person.agreed,
        consented_at=life.consented_at,
        contact_at=life.consented_at + timedelta(seconds=READS_CONTACT_S),
        arm=life.place.arm if life.place else "",
        place_in_arm=life.place.number_in_arm if life.place else None,
        allocated_at=life.allocated_at,
        slot=programme.SlotRow(stratum=life.place.stratum, position=life.place.position, block=life.place.block)
        if life.place
        else None,
        groups=life.groups,
        excluded_at=life.excluded_at,
        excluded_by=life.excluded_by,
        paused_at=life.paused_at,
        withdrawn_at=life.withdrawn_at,
        completed_at=life.completed_at,
        next_boundary_at=life.next_boundary_at,
        occasions=[
            programme.OccasionRow(
                key=happening.planned.step.id,
                public_id=public_id(life.person.key, happening.planned.step.id),
                state=happening.state,
                due_at=happening.planned.due_at,
                opens_at=happening.planned.opens_at,
                closes_at=happening.planned.closes_at,
                started_at=happening.started_at,
                settled_at=happening.settled_at,
                is_closed=happening.state in {"done", "missed"} or happening.started_at is not None,
                messages=tuple(messages_of(happening, life, horizon)),
                after_closes_at=happening.asked.closes_at if happening.asked else None,
                after_settled_at=happening.asked.settled_at if happening.asked else None,
            )
            for happening in life.happenings
        ],
    )


def _sheet_row(sheet: Sheet, who: Person, written: programme.Written) -> questionnaires.SheetRow:
    return questionnaires.SheetRow(
        enrolment_id=written.enrolment_id,
        occasion_id=written.occasions[sheet.timepoint],
        timepoint=sheet.timepoint,
        instrument=sheet.instrument,
        place=sheet.place,
        language=who.language,
        order=sheet.order,
        started_at=sheet.started_at,
        finished_at=sheet.finished_at,
        closed_at=sheet.closed_at,
        answers=[_answer_row(reply, at, who) for reply, at in sheet.replies],
        form=sheet.form,
    )


def _answer_row(reply: Reply, at: datetime, who: Person) -> questionnaires.AnswerRow:
    earlier = None
    if reply.first is not None:
        earlier = questionnaires.EarlierRow(
            reply.first.value,
            first_said_at(reply, at),
            first_ms(reply) if who.is_timed else None,
            reply.first.text,
        )
    took_ms = round(reply.took_s * 1000) if who.is_timed else None
    return questionnaires.AnswerRow(reply.item, reply.status, reply.value, at, took_ms, earlier, reply.text)


def _run_row(script: Script, sitting: Sitting, who: Person, written: programme.Written) -> sessions.RunRow:
    key = f"{who.key}:{sitting.timepoint}"
    return sessions.RunRow(
        occasion_id=written.occasions[sitting.timepoint],
        script=sitting.script,
        attempt=1,
        language=who.language if sitting.visits else "",
        status=sitting.status,
        started_at=sitting.started_at,
        completed_at=sitting.completed_at,
        closed_at=sitting.closed_at,
        visits=[_visit_row(visit, key) for visit in sitting.visits],
        locked=sitting.opened.locked,
        ended_at_stage=sitting.visits[-1].stage.id if sitting.is_early else "",
        events=[*_unlocked(script, sitting, key), *(_event_row(event, key) for event in told(who, sitting))],
    )


def _unlocked(script: Script, sitting: Sitting, key: str) -> Iterator[sessions.EventRow]:
    """What the product notes as a session in layers begins."""
    if script.unlock is None or sitting.started_at is None:
        return
    met = Exposure(dict(sitting.opened.exposures), dict(sitting.opened.ratings), sitting.opened.locked)
    yield sessions.EventRow(
        event_id=uuid5(NAMESPACE, f"{key}:unlock"),
        seq=0,
        type="unlock",
        payload=met.as_json(script),
        happened_at=sitting.started_at,
        received_at=sitting.started_at,
    )


def _event_row(event: Told, key: str) -> sessions.EventRow:
    return sessions.EventRow(
        event_id=uuid5(NAMESPACE, f"{key}:{event.seq}"),
        seq=event.seq,
        type=event.type,
        stage=event.stage,
        state=event.state,
        t_mono_ms=event.t_mono_ms,
        happened_at=event.happened_at,
        tz_offset_min=event.tz_offset_min,
        clock_offset_ms=event.clock_offset_ms,
        payload=event.payload,
        received_at=event.received_at,
    )


def _visit_row(visit: Visit, key: str) -> sessions.VisitRow:
    return sessions.VisitRow(
        stage=visit.stage,
        place=visit.place,
        entered_at=visit.entered_at,
        left_at=visit.left_at,
        status=visit.status,
        value=visit.value,
        forms=BETWEEN.join(visit.forms),
        response_time_ms=visit.response_time_ms,
        text=visit.text,
        after_reveal=visit.after_reveal,
        drawing=kept_drawing(visit.drawing, f"{key}:{visit.stage.id}") if visit.drawing else None,
        quiet_actual_ms=visit.quiet_ms,
        longer_ms=visit.longer_ms,
        pauses=visit.pauses,
        paused_ms=visit.paused_ms,
        hidden_ms=visit.hidden_ms,
        voice=visit.voice,
        audio_ms=visit.audio_ms,
        audio_heard_ms=visit.audio_heard_ms,
    )


def kept_drawing(drawn: Drawn, key: str) -> Kept:
    """A drawing as it is kept. Its picture is made from the strokes when somebody looks at it."""
    if drawn.sketch is None:
        return Kept(drawn.status, words=drawn.words, reason=drawn.reason)
    strokes = stroke_text(drawn.sketch)
    drawing = read_strokes(strokes)
    return Kept(
        drawn.status,
        file=f"{uuid5(NAMESPACE, key).hex}.png",
        width=SIDE,
        height=drawing.height,
        stroke_count=len(drawing.shown),
        ink_fraction=_ink(drawn.sketch.subject),
        duration_s=drawing.duration_s,
        strokes=strokes,
        words=drawn.words,
    )


@lru_cache(maxsize=len(SUBJECTS))
def _ink(subject: int) -> float | None:
    """The inked share of a subject's picture: the same wherever on the paper it is drawn."""
    return render(read_strokes(stroke_text(Sketch(subject, 0, 0, 100)))).ink_fraction


def _plus(total: Simulated, lives: Iterable[Life], answers: int) -> Simulated:
    added = list(lives)
    return Simulated(
        participants=total.participants,
        existing=total.existing,
        added=total.added + len(added),
        allocated=total.allocated + sum(life.allocated_at is not None for life in added),
        completed=total.completed + sum(life.completed_at is not None for life in added),
        withdrawn=total.withdrawn + sum(life.withdrawn_at is not None for life in added),
        answers=total.answers + answers,
        sessions=total.sessions + sum(sitting.status == "completed" for life in added for sitting in life.sittings),
        start=total.start,
    )


def _batches(rows: Sequence[tuple[int, str]], size: int) -> Iterator[list[tuple[int, str]]]:
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch
