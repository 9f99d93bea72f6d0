"""What a person is asked, what they answered, and whether an answer is still taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)

from assessments.branching import branches, due, form_at
from assessments.entries import as_given, said
from assessments.models import Administration, Answer, AnswerRevision, ScoreRow
from assessments.ordering import item_order, order_seed
from coaching.models import Enrolment, Occasion, Study
from coaching.prepared import Prepared, Slot
from coaching.selectors.draws import came_before
from coaching.selectors.occasions import Bar, bar, bar_after, step_of
from coaching.selectors.occasions import version_of as version_of
from coaching.selectors.studies import declared
from protocol.instrument import Instrument, Item, Section

Row = dict[str, Any]


class Refusal(StrEnum):
    """Why an answer is not taken."""

    AWAY = "away"  # paused, withdrawn, erased
    NOT_OPEN = "not_open"  # the window has not opened
    FINISHED = "finished"  # the questionnaire was finished
    CLOSED = "closed"  # the window closed, or the step was missed or cancelled
    STALE = "stale"  # a script's save that is older than what is stored
    NOT_DUE = "not_due"  # not asked because of an earlier answer


@dataclass(frozen=True, slots=True)
class Sheet:
    """One questionnaire of one occasion: what is asked, in the order of this person.

    `order` holds every item, those too that turn out not to be due; `form` is the parallel form that is given.
    """

    occasion: Occasion
    instrument: Instrument
    order: tuple[str, ...]
    administration: Administration | None
    form: str = ""

    @property
    def begun(self) -> Administration:
        """The administration, where there is sure to be one.

        Raises:
            ValueError: The questionnaire was not begun.
        """
        if self.administration is None:
            raise ValueError(f"{self.occasion.key}.{self.instrument.id} was not begun")
        return self.administration

    def item(self, position: int) -> Item | None:
        """The item at `position`, 1 the first; None beyond the ends."""
        if not 1 <= position <= len(self.order):
            return None
        return self.section_of(self.order[position - 1])[1]

    def section_of(self, item: str) -> tuple[Section, Item]:
        """An item and the section that it stands in."""
        found = ((s, i) for s in self.instrument.sections for i in s.items if i.id == item)
        return next(found)

    @property
    def branches(self) -> bool:
        """Whether not everybody gets every item of it."""
        return branches(self.instrument)

    def due(self, answers: Iterable[Answer]) -> dict[str, bool | None]:
        """Whether each item is due after these answers; None while that hangs on one that has none yet."""
        items = {item.id: item for item in self.instrument.items()}
        given = {
            answer.item: as_given(items[answer.item], answer.value, answer.text)
            for answer in answers
            if answer.status not in _NOT_GIVEN
        }
        return due(self.instrument, self.form, given)

    def positions(self, answers: Iterable[Answer]) -> list[int]:
        """The positions of the items that are due after these answers, in this person's order."""
        if not self.branches:
            return list(range(1, len(self.order) + 1))
        are_due = self.due(answers)
        return [n for n, item in enumerate(self.order, start=1) if are_due[item]]

    def missing(self, answers: Iterable[Answer]) -> int | None:
        """The position of the first item that is due and that nothing was given for; None when there is none."""
        answers = list(answers)
        given = {answer.item for answer in answers if answer.status not in _NOT_GIVEN}
        return next((n for n in self.positions(answers) if self.order[n - 1] not in given), None)


_NOT_GIVEN = (Answer.Status.NOT_REACHED, Answer.Status.NOT_DUE)


@dataclass(frozen=True, slots=True)
class Question:
    """One item of a questionnaire, what is stored for it, and what its being taken hangs on: all in one reading.

    Attributes:
        paper: The questionnaire that it stands in.
        position: Its place in this person's order, 1 the first.
        item: As declared.
        stored: Its answer; None where there is none.
        occasions: All of the person's, the paper's among them.
        answers: All of the paper's, where it branches; None where what is asked hangs on no other answer.
    """

    paper: Sheet
    position: int
    item: Item
    stored: Answer | None
    occasions: tuple[Occasion, ...]
    answers: Mapping[str, Answer] | None = None

    @property
    def is_last(self) -> bool:
        """Whether its post may finish the questionnaire: where it branches, any may."""
        return self.answers is not None or self.position == len(self.paper.order)

    @property
    def positions(self) -> list[int]:
        """The positions of the items that are due, in this person's order."""
        return self.paper.positions((self.answers or {}).values())

    def refusal(self, now: datetime) -> Refusal | None:
        """Why no answer to it is taken at `now`; None while one is."""
        why = _bar(self.paper.occasion, now, self.occasions)
        if why is not None:
            return Refusal(why.value)
        administration = self.paper.administration
        return Refusal.FINISHED if administration is not None and administration.closed_at is not None else None


_QUESTION = Prepared(
    lambda: (
        Occasion.objects.filter(enrolment=Slot("enrolment", BigIntegerField()))  # type: ignore[misc]
        .annotate(
            sheet=FilteredRelation(
                "administrations", condition=Q(administrations__instrument=Slot("instrument", CharField()))
            ),
            stored=FilteredRelation("sheet__answers", condition=Q(sheet__answers__position=Slot("n", IntegerField()))),
        )
        .select_related("sheet", "stored")
        .order_by("place")
    )
)


def question(enrolment: Enrolment, occasion_id: UUID, instrument: str, position: int) -> Question | None:
    """The item at a position of a questionnaire of the person's occasion with that public id; None if there is none.

    There is none for anybody else's occasion, either.
    """
    described = declared(enrolment.version).instruments.get(instrument) if enrolment.version else None
    if described is None or not 1 <= position <= len(described.items()):
        return None
    occasions = tuple(_QUESTION.all(enrolment=enrolment.pk, instrument=instrument, n=position))
    occasion = next((o for o in occasions if o.public_id == occasion_id), None)
    if occasion is None:
        return None
    occasion.enrolment = enrolment
    if instrument not in instruments_of(occasion):
        return None
    # Django sets nothing where nothing was joined.
    paper = sheet_of(occasion, instrument, getattr(occasion, "sheet", None))
    item = paper.item(position)
    answers = answers_of(paper.administration) if paper.branches else None
    return Question(paper, position, item, getattr(occasion, "stored", None), occasions, answers) if item else None


def occasion_of(enrolment: Enrolment, occasion_id: UUID) -> Occasion | None:
    """The person's occasion with that public id, if it is of this room or a session that is asked about."""
    is_ours = Q(kind=Occasion.Kind.ASSESSMENTS) | Q(after_closes_at__isnull=False)
    return enrolment.occasions.filter(is_ours, public_id=occasion_id).first()


def sheet_of(occasion: Occasion, instrument: str, administration: Administration | None) -> Sheet:
    """One questionnaire of an occasion whose person is at hand; `administration` is None before it is begun."""
    described = declared(version_of(occasion.enrolment)).instruments[instrument]
    order = administration.order if administration else None
    seed = order_seed(occasion.enrolment.pseudonym, occasion.key, instrument)
    form = administration.form if administration else form_of(occasion, described)
    return Sheet(occasion, described, tuple(order or item_order(described, seed)), administration, form)


def form_of(occasion: Occasion, instrument: Instrument) -> str:
    """The parallel form that a person gets at an occasion; empty where the questionnaire has none.

    People are counted as they came into the study, real and synthetic ones apart, without those whose answers were
    imported. That number, and how often the questionnaire stands before on their own way, never change, so that a form
    is the same whenever it is asked for.
    """
    if not instrument.forms:
        return ""
    person = occasion.enrolment
    path = declared(version_of(person)).path(person.arm or None)
    use = 0
    for step in path:
        if step.id == occasion.key:
            break
        use += instrument.id in step.instruments
    return form_at(instrument, came_before(person), use)


def instruments_of(occasion: Occasion) -> tuple[str, ...]:
    """The questionnaires that an occasion asks for, in the order of the step.

    Of a session, that which asks how the person is after it, once it does; else none.
    """
    ask = declared(version_of(occasion.enrolment)).safety.ask
    if is_session(occasion):
        return (ask.instrument,) if ask is not None and occasion.after_closes_at is not None else ()
    step = step_of(occasion)
    return step.instruments if step else ()


def is_session(occasion: Occasion) -> bool:
    """Whether what is asked is how the person is after a session; the step is another room's, and done by then."""
    return occasion.kind == Occasion.Kind.IMAGERY


def refusal(occasion: Occasion, now: datetime) -> Refusal | None:
    """Why no answer to an occasion, whose person is at hand, is taken at `now`; None while one is."""
    why = _bar(occasion, now)
    return Refusal(why.value) if why else None


def _bar(occasion: Occasion, now: datetime, occasions: Sequence[Occasion] | None = None) -> Bar | None:
    return bar_after(occasion, now) if is_session(occasion) else bar(occasion, now, occasions)


def answers_of(administration: Administration | None) -> dict[str, Answer]:
    """What is stored for a questionnaire, by item; empty before it is begun."""
    if administration is None:
        return {}
    return {answer.item: answer for answer in administration.answers.all()}


def next_place(occasion: Occasion) -> tuple[str, int] | None:
    """The instrument and position to go on at: the first item without an answer of the first unfinished questionnaire.

    A questionnaire whose items all have an answer, but which was not finished, goes on at its last item. None when
    every questionnaire is finished.
    """
    begun = {a.instrument: a for a in occasion.administrations.prefetch_related("answers")}
    for instrument in instruments_of(occasion):
        administration = begun.get(instrument)
        if administration is None or administration.closed_at is None:
            paper = sheet_of(occasion, instrument, administration)
            answers = answers_of(administration).values()
            return instrument, paper.missing(answers) or (paper.positions(answers) or [len(paper.order)])[-1]
    return None


# --- for staff -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filled:
    """One questionnaire of a person as staff read it."""

    administration: Administration
    instrument: Instrument
    answers: tuple[tuple[Item, Answer | None], ...]
    scores: tuple[ScoreRow, ...]


def filled_by(enrolment: Enrolment) -> dict[str, list[Filled]]:
    """Every questionnaire that a person began or missed, by timepoint, in the study's order; items in theirs."""
    if enrolment.version is None:
        return {}
    revisions = Prefetch("revisions", queryset=AnswerRevision.objects.order_by("pk"))
    administrations = (
        Administration.objects.filter(occasion__enrolment=enrolment)
        .select_related("occasion")
        .prefetch_related(
            Prefetch("answers", queryset=Answer.objects.prefetch_related(revisions)),
            "scores__scheme_bands",
            "scores__judgements",
        )
        .order_by("occasion__place", "place")
    )
    described = declared(enrolment.version).instruments
    filled: dict[str, list[Filled]] = {}
    for each in administrations:
        each.occasion.enrolment = enrolment
        filled.setdefault(each.occasion.key, []).append(_filled(each, described[each.instrument]))
    return filled


def _filled(administration: Administration, instrument: Instrument) -> Filled:
    answers = answers_of(administration)
    items: Mapping[str, Item] = {item.id: item for item in instrument.items()}
    scores = {row.score: row for row in administration.scores.all()}
    return Filled(
        administration,
        instrument,
        tuple((items[id], answers.get(id)) for id in administration.order),
        tuple(scores[score.name] for score in instrument.scores if score.name in scores),
    )


def latest_scores(enrolment: Enrolment) -> list[tuple[Instrument, ScoreRow]]:
    """The latest of each score of a person, with its questionnaire as declared; the newest questionnaire first."""
    if enrolment.version is None:
        return []
    described = declared(enrolment.version).instruments
    rows = ScoreRow.objects.filter(enrolment=enrolment).select_related("administration__occasion")
    latest: dict[tuple[str, str], ScoreRow] = {}
    for row in rows.order_by("administration__occasion__place", "administration__place", "pk"):
        latest[row.administration.instrument, row.score] = row
    found = [(described[instrument], row) for (instrument, _), row in latest.items() if instrument in described]
    return sorted(found, key=lambda each: -each[1].administration.occasion.place)


def people_with_scores(study: Study) -> QuerySet[Enrolment]:
    """Everybody of a study who has a score, in the order in which they came."""
    scored = ScoreRow.objects.filter(enrolment=OuterRef("pk"))
    return Enrolment.objects.filter(Exists(scored), study=study, erased_at=None).order_by("pk")


# --- for the person themself -----------------------------------------------------------------------------------------


def own_rows(enrolment: Enrolment) -> Mapping[str, list[Row]]:
    """All that this room holds of one person, by table, as plain values; questions in the words that they read."""
    filled = [each for questionnaires in filled_by(enrolment).values() for each in questionnaires]
    return {
        "questionnaires": [_own_questionnaire(each) for each in filled],
        "answers": [row for each in filled for row in _own_answers(each)],
        "earlier_answers": [row for each in filled for row in _own_earlier_answers(each)],
        "scores": [row for each in filled for row in _own_scores(each)],
    }


def _own_place(filled: Filled) -> Row:
    return {"timepoint": filled.administration.occasion.key, "instrument": filled.administration.instrument}


def _own_questionnaire(filled: Filled) -> Row:
    administration = filled.administration
    return _own_place(filled) | {
        "title": filled.instrument.title.to(_read_in(filled)),
        "instrument_version": administration.instrument_version,
        "language": administration.language,
        "form": administration.form,
        "order": " ".join(administration.order),
        "started_at": administration.started_at,
        "finished_at": administration.finished_at,
        "closed_at": administration.closed_at,
    }


def _own_answers(filled: Filled) -> list[Row]:
    return [
        _own_place(filled)
        | {
            "item": item.id,
            "position": answer.position,
            "question": item.text.to(answer.language or _read_in(filled)),
            "value": answer.value if answer.value is not None else answer.text or None,
            "meaning": said(item, answer.value, answer.text, answer.language),
            "status": answer.status,
            "answered_at": answer.answered_at,
            "response_time_ms": answer.response_time_ms,
            "changes": answer.changes,
            "language": answer.language,
        }
        for item, answer in filled.answers
        if answer is not None
    ]


def _own_earlier_answers(filled: Filled) -> list[Row]:
    return [
        _own_place(filled)
        | {
            "item": item.id,
            "value": earlier.value if earlier.value is not None else earlier.text or None,
            "meaning": said(item, earlier.value, earlier.text, answer.language),
            "status": earlier.status,
            "answered_at": earlier.answered_at,
            "response_time_ms": earlier.response_time_ms,
            "replaced_at": earlier.replaced_at,
        }
        for item, answer in filled.answers
        if answer is not None
        for earlier in answer.revisions.all()
    ]


def _own_scores(filled: Filled) -> list[Row]:
    return [
        _own_place(filled)
        | {
            "score": row.score,
            "value": row.value,
            "items_answered": row.items_answered,
            "items_missing": row.items_missing,
            "prorated": row.prorated,
            "band": row.band,
            "bands": "; ".join(f"{b.scheme} {b.scheme_version}: {b.band}" for b in row.scheme_bands.all() if b.band),
            "direction": row.direction,
            "change": row.change,
            "reliable_change": row.reliable_change,
            "reliable_change_verdict": row.reliable_change_verdict,
        }
        for row in filled.scores
    ]


def _read_in(filled: Filled) -> str:
    """The language of the questionnaire's last answer; of one that was never begun, the person's."""
    return filled.administration.language or filled.administration.occasion.enrolment.language
