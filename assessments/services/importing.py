"""Storing answers that were collected elsewhere: a whole file of them, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.audit import Actor
from assessments.answer_file import Row
from assessments.answer_map import AnswerFaults
from assessments.models import Administration, Answer
from assessments.ordering import item_order, order_seed
from assessments.selectors import answers_of, sheet_of
from assessments.services.administrations import lay_out
from assessments.services.bulk import AnswerRow, SheetRow, write_sheets
from assessments.services.closing import finish
from coaching.models import Enrolment, Occasion, Study, StudyVersion
from coaching.selectors.importing import imported_by_name
from coaching.selectors.studies import declared
from coaching.services.importing import Newcomer, done_elsewhere, enrol_imported, record_import
from coaching.services.occasions import lock
from protocol.instrument import Instrument


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: people with answers now, those of them who are new, and the answers that were given."""

    people: int
    created: int
    answers: int


@transaction.atomic
def import_answers(
    *,
    version: StudyVersion,
    instrument: str,
    timepoint: str,
    rows: Sequence[Row],
    columns: Mapping[str, str],
    creates: bool,
    by: Actor,
    now: datetime,
) -> Imported:
    """Stores every row as a finished questionnaire at a timepoint, with its scores; all rows, or none.

    People are known by their pseudonym, or by what an earlier import called them. With `creates` the others are
    enrolled as imported: outside consent and allocation. `columns` names the column of each role in the file, where it
    is not the role's own name.

    Raises:
        AnswerFaults: A person is unknown or erased, does not come to that timepoint, is asked other questions by their
            version of the study, or has answers there already; or answers lie ahead of `now`.
    """
    study = version.study
    known = _known(study, (row.participant for row in rows))
    described = declared(version).instruments[instrument]
    who, when = (columns.get(role, role) for role in ("participant", "answered_at"))
    faults = [*_ahead(rows, when, now), *_faults(study, rows, who, known, described, timepoint, creates=creates)]
    if faults:
        raise AnswerFaults(faults)
    new = [row for row in rows if row.participant not in known]
    created = enrol_imported(
        version=version, newcomers=[Newcomer(row.participant, row.language) for row in new], now=now
    )
    _write_new(version, instrument, timepoint, list(zip(created, new, strict=True)), now)
    for row in rows:
        if row.participant in known:
            _write_known(known[row.participant], instrument, timepoint, row, now)
    record_import(
        study=study, instrument=instrument, timepoint=timepoint, people=len(rows), created=len(created), by=by, now=now
    )
    given = sum(cell.status == "answered" for row in rows for cell in row.cells.values())
    return Imported(len(rows), len(created), given)


def _known(study: Study, names: Iterable[str]) -> Mapping[str, Enrolment]:
    """The people of a study by what a file calls them: pseudonyms, and names of earlier imports."""
    # Each person of the study is looked at, since no database takes a list of any length.
    wanted = set(names)
    people = Enrolment.objects.filter(study=study, erased_at=None).select_related("version").iterator()
    return {
        **imported_by_name(study, wanted),
        **{person.pseudonym: person for person in people if person.pseudonym in wanted},
    }


def _ahead(rows: Sequence[Row], column: str, now: datetime) -> list[str]:
    return [
        f"row {row.number}, column {column}: {row.answered_at.isoformat()} lies ahead; expected a time that has come"
        for row in rows
        if row.answered_at is not None and row.answered_at > now
    ]


def _faults(
    study: Study,
    rows: Sequence[Row],
    column: str,
    known: Mapping[str, Enrolment],
    instrument: Instrument,
    timepoint: str,
    *,
    creates: bool,
) -> list[str]:
    # Whoever was erased must not come back under their old pseudonym as the name of somebody new.
    erased = set(Enrolment.objects.filter(study=study, erased_at__isnull=False).values_list("pseudonym", flat=True))
    at = Occasion.objects.filter(enrolment__study=study, key=timepoint)
    occasions = {occasion.enrolment_id: occasion for occasion in at}
    sheets = Administration.objects.filter(occasion__in=at, instrument=instrument.id)
    begun = {a.occasion_id for a in sheets if a.closed_at is not None or a.started_at is not None}
    faults: list[str] = []
    seen: dict[int, int] = {}
    for row in rows:
        where = f"row {row.number}, column {column}"
        person = known.get(row.participant)
        if person is None:
            if row.participant in erased:
                faults.append(f"{where}: {row.participant} was erased; expected somebody who takes part")
            elif not creates:
                faults.append(
                    f"{where}: there is no {row.participant!r} in the study; expected a pseudonym, or --create"
                )
            continue
        if person.pk in seen:
            faults.append(f"{where}: is the same person as in row {seen[person.pk]}; expected a row a person")
        seen.setdefault(person.pk, row.number)
        problem = _problem(person, occasions.get(person.pk), begun, instrument, timepoint)
        if problem is not None:
            faults.append(f"{where}: {problem}")
    return faults


def _problem(
    person: Enrolment, occasion: Occasion | None, begun: set[int], instrument: Instrument, timepoint: str
) -> str | None:
    if person.version is None or (person.consented_at is None and person.imported_at is None):
        return f"{person.pseudonym} has not consented; expected somebody who takes part"
    if person.withdrawn_at is not None:
        return f"{person.pseudonym} has left the study; expected somebody who takes part"
    step = next((step for step in declared(person.version).steps() if step.id == timepoint), None)
    if step is None or instrument.id not in step.instruments:
        return f"{person.pseudonym}'s version of the study does not ask {instrument.id} at {timepoint}"
    theirs = declared(person.version).instruments[instrument.id]
    if (theirs.sections, theirs.forms) != (instrument.sections, instrument.forms):
        return f"{person.pseudonym}'s version of the study asks other items in {instrument.id}; expected the same ones"
    if person.imported_at is None and (occasion is None or occasion.opens_at is None):
        return f"{person.pseudonym} does not come to {timepoint}, or not yet"
    if occasion is not None and occasion.pk in begun:
        return f"{person.pseudonym} has answers to {instrument.id} at {timepoint} already; nothing is ever replaced"
    if person.imported_at is None and occasion is not None and occasion.settled_at is not None:
        return f"{person.pseudonym}'s {timepoint} is over; expected one that can still be done"
    return None


def _write_new(
    version: StudyVersion, instrument: str, timepoint: str, people: Sequence[tuple[Enrolment, Row]], now: datetime
) -> None:
    """The rows of people who have no other answers, all at once."""
    described = declared(version).instruments[instrument]
    step = next(step for step in declared(version).steps() if step.id == timepoint)
    occasions = done_elsewhere(people=[person for person, _ in people], timepoint=timepoint, now=now)
    write_sheets(
        version=version,
        sheets=[
            SheetRow(
                enrolment_id=person.pk,
                occasion_id=occasion.pk,
                timepoint=timepoint,
                instrument=instrument,
                place=step.instruments.index(instrument),
                language=row.language,
                order=item_order(described, order_seed(person.pseudonym, timepoint, instrument)),
                started_at=row.answered_at,
                finished_at=now,
                closed_at=now,
                answers=[
                    AnswerRow(
                        item=item,
                        status=cell.status,
                        value=cell.entry.value,
                        text=cell.entry.text,
                        answered_at=row.answered_at if cell.status == "answered" else None,
                        response_time_ms=None,
                    )
                    for item, cell in row.cells.items()
                ],
                form=row.form,
                imported=True,
            )
            for (person, row), occasion in zip(people, occasions, strict=True)
        ],
    )


def _write_known(person: Enrolment, instrument: str, timepoint: str, row: Row, now: datetime) -> None:
    """One person's row, with all that the study makes of it, as if they had answered here."""
    person = lock(person.pk)
    if person.imported_at is not None:
        occasion = done_elsewhere(people=[person], timepoint=timepoint, now=now)[0]
    else:
        occasion = Occasion.objects.get(enrolment=person, key=timepoint)
    occasion.enrolment = person
    # Of an imported person there is what was brought, and nothing that is still to be asked.
    only = None if person.imported_at is None else instrument
    administration = lay_out(occasion, only)[instrument]
    administration.language, administration.imported = row.language, True
    administration.form = row.form
    administration.started_at = row.answered_at or now
    administration.save(update_fields=["language", "imported", "form", "started_at"])
    paper = sheet_of(occasion, instrument, administration)
    Answer.objects.bulk_create(
        Answer(
            administration=administration,
            item=item,
            position=n,
            value=row.cells[item].entry.value,
            text=row.cells[item].entry.text,
            status=row.cells[item].status,
            answered_at=row.answered_at if row.cells[item].status == "answered" else None,
            language=row.language,
        )
        for n, item in enumerate(paper.order, start=1)
    )
    finish(paper=paper, answers=answers_of(administration).values(), now=now)
