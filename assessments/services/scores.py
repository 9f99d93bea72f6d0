"""Scores, bands, changes and judgements: derived from the answers, and the same whenever they are derived again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from django.db import transaction

from assessments import derived
from assessments.models import Administration, Answer, ChangeJudgement, SchemeBand, ScoreRow
from assessments.scoring import Scored
from assessments.selectors import Sheet, answers_of, sheet_of, version_of
from coaching.models import Enrolment
from coaching.selectors.studies import declared
from coaching.services.occasions import lock, record_measure
from protocol.instrument import Instrument, Norm
from protocol.study import Study as Declared

_SCORED = ("value", "items_answered", "items_missing", "prorated", "band", "direction")
_CHANGED = ("change", "reliable_change", "reliable_change_verdict")


def record_scores(*, paper: Sheet, answers: Iterable[Answer], now: datetime) -> None:
    """Stores the scores of a questionnaire just finished or closed, the programme's measures, and every change.

    Part of the caller's transaction. Rows that are there already are updated in place, so they keep their keys.
    """
    occasion, instrument = paper.occasion, paper.instrument
    kept = [derived.Kept(answer.item, answer.status, answer.value, answer.text) for answer in answers]
    scored = derived.scored(instrument, paper.form, kept)
    rows = ScoreRow.objects.bulk_create(
        [score_row(each, paper.begun, occasion.enrolment_id) for each in scored],
        update_conflicts=True,
        unique_fields=["administration", "score"],
        update_fields=_SCORED,
    )
    _record_bands(rows, derived.in_schemes(instrument, scored))
    record_measure(
        enrolment=occasion.enrolment,
        timepoint=occasion.key,
        instrument=instrument.id,
        values={each.name: each.value for each in scored},
        now=now,
    )
    _record_changes(occasion.enrolment, declared(version_of(occasion.enrolment)), instrument)


class Difference(TypedDict):
    """One derived value that was another before it was derived again; None where there was, or is, none."""

    participant: str
    timepoint: str
    instrument: str
    score: str
    what: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Rescored:
    """What deriving a person's scores again came to."""

    questionnaires: int
    differences: tuple[Difference, ...]


@transaction.atomic
def rescore(*, enrolment: Enrolment, now: datetime) -> Rescored:
    """Derives all of a person's scores again and says what differed; a second call finds nothing."""
    lock(enrolment.pk)
    before = _derived(enrolment)
    count = recompute(enrolment=enrolment, now=now)
    after = _derived(enrolment)
    differences = tuple(
        Difference(
            participant=enrolment.pseudonym,
            timepoint=place[0],
            instrument=place[1],
            score=place[2],
            what=place[3],
            before=before.get(place),
            after=after.get(place),
        )
        for place in dict.fromkeys((*before, *after))
        if before.get(place) != after.get(place)
    )
    return Rescored(count, differences)


@transaction.atomic
def recompute(*, enrolment: Enrolment, now: datetime) -> int:
    """Makes every score, measure and change of a person again from their answers; how many questionnaires that were."""
    enrolment = lock(enrolment.pk)
    closed = (
        Administration.objects.filter(occasion__enrolment=enrolment, closed_at__isnull=False)
        .select_related("occasion")
        .prefetch_related("answers")
        .order_by("occasion__place", "place")
    )
    for administration in closed:
        occasion = administration.occasion
        occasion.enrolment = enrolment
        paper = sheet_of(occasion, administration.instrument, administration)
        record_scores(paper=paper, answers=answers_of(administration).values(), now=now)
    return len(closed)


def score_row(scored: Scored, administration: Administration, enrolment_id: int) -> ScoreRow:
    """The row of one score, not yet stored."""
    return ScoreRow(
        administration=administration,
        enrolment_id=enrolment_id,
        score=scored.name,
        value=scored.value,
        items_answered=scored.items_answered,
        items_missing=scored.items_missing,
        prorated=scored.prorated,
        band=scored.band or "",
        direction=scored.direction,
    )


def band_row(row: ScoreRow, given: derived.InScheme) -> SchemeBand:
    """The row of one scheme's band, not yet stored."""
    return SchemeBand(score=row, scheme=given.scheme, scheme_version=given.version, band=given.band or "")


def judgement_rows(row: ScoreRow, moved: derived.Moved) -> list[ChangeJudgement]:
    """The rows of all that is said of one change, not yet stored."""
    said = [
        ChangeJudgement(
            score=row,
            method=each.method,
            reference=_reference(each.norm),
            expected=each.expected,
            standard_error=each.standard_error,
            index=each.index,
            threshold=each.threshold,
            verdict=each.verdict or "",
            refused=each.refused or "",
            one_sided=each.one_sided,
        )
        for each in moved.judgements
    ]
    return said if moved.floor is None else [*said, _floor_row(row, moved.floor)]


OFF_THE_FLOOR = "off_the_floor"
_MET = {True: "met", False: "not_met", None: ""}


def _floor_row(row: ScoreRow, floor: derived.OffFloor) -> ChangeJudgement:
    return ChangeJudgement(
        score=row,
        method=OFF_THE_FLOOR,
        reference=f"the study's own rule: above the floor on at least {floor.least} items at two timepoints in a row",
        index=floor.items,
        threshold=floor.least,
        verdict=_MET[floor.is_met],
    )


def _reference(norm: Norm) -> str:
    interval = f" over {norm.interval}" if norm.interval else ""
    return f"{norm.population}: n {norm.n}, sd {norm.sd:g}, {norm.kind} {norm.reliability:g}{interval} ({norm.source})"


def set_change(row: ScoreRow, moved: derived.Moved) -> bool:
    """Writes a change into its row; whether that is another than before."""
    fresh = (moved.change, moved.reliable_change, moved.verdict or "")
    if fresh == (row.change, row.reliable_change, row.reliable_change_verdict):
        return False
    row.change, row.reliable_change, row.reliable_change_verdict = fresh
    return True


def _derived(enrolment: Enrolment) -> dict[tuple[str, str, str, str], Any]:
    """Every derived value of a person by timepoint, instrument, score and what it is."""
    rows = (
        ScoreRow.objects.filter(enrolment=enrolment)
        .select_related("administration__occasion")
        .prefetch_related("scheme_bands", "judgements")
        .order_by("administration__occasion__place", "administration__place", "pk")
    )
    found: dict[tuple[str, str, str, str], Any] = {}
    for row in rows:
        place = (row.administration.occasion.key, row.administration.instrument, row.score)
        found |= {(*place, field): getattr(row, field) for field in (*_SCORED, *_CHANGED)}
        found |= {(*place, f"band by {b.scheme}"): [b.scheme_version, b.band] for b in row.scheme_bands.all()}
        for each in row.judgements.all():
            numbers = [each.expected, each.standard_error, each.index, each.threshold]
            said = [each.reference, *numbers, each.verdict, each.refused, each.one_sided]
            found[(*place, f"change by {each.method}")] = said
    measures = enrolment.measures.values_list("timepoint", "instrument", "score", "value")
    return found | {(timepoint, of, score, "measure"): value for timepoint, of, score, value in measures}


def _record_bands(rows: Sequence[ScoreRow], bands: Sequence[derived.InScheme]) -> None:
    if not bands:
        return
    by_name = {row.score: row for row in rows}
    SchemeBand.objects.bulk_create(
        [band_row(by_name[each.score], each) for each in bands],
        update_conflicts=True,
        unique_fields=["score", "scheme"],
        update_fields=["scheme_version", "band"],
    )


def _record_changes(enrolment: Enrolment, study: Declared, instrument: Instrument) -> None:
    """Every change of the instrument's scores: a late value may be the one that the others are measured from."""
    rows = list(
        ScoreRow.objects.filter(enrolment=enrolment, administration__instrument=instrument.id)
        .select_related("administration__occasion")
        .only("score", "value", *_CHANGED, "administration__form", "administration__occasion__key")
        .order_by("administration__occasion__place", "pk")
    )
    has_rules = any(derived.floor_rule(study, instrument, score) for score in instrument.scores)
    kept = _kept_by_sheet(rows) if has_rules else {}
    differing: list[ScoreRow] = []
    judgements: list[ChangeJudgement] = []
    for score in instrument.scores:
        series = [row for row in rows if row.score == score.name]
        values = [(row.administration.occasion.key, row.value) for row in series]
        least = derived.floor_rule(study, instrument, score)
        above = [
            derived.items_above(instrument, score, row.administration.form, kept.get(row.administration_id, ()), least)
            for row in series
            if least is not None
        ]
        for row, moved in zip(series, derived.moved(study, instrument, score, values, above), strict=True):
            differing += [row] if set_change(row, moved) else []
            judgements += judgement_rows(row, moved)
    if differing:
        ScoreRow.objects.bulk_update(differing, _CHANGED)
    if instrument.norms or has_rules:
        _replace_judgements(rows, judgements)


def _kept_by_sheet(rows: Iterable[ScoreRow]) -> dict[int, list[derived.Kept]]:
    found: dict[int, list[derived.Kept]] = {}
    for answer in Answer.objects.filter(administration__in={row.administration_id for row in rows}):
        kept = derived.Kept(answer.item, answer.status, answer.value, answer.text)
        found.setdefault(answer.administration_id, []).append(kept)
    return found


def _replace_judgements(rows: Sequence[ScoreRow], fresh: Sequence[ChangeJudgement]) -> None:
    there = list(ChangeJudgement.objects.filter(score__in=[row.pk for row in rows]))
    if sorted(map(_says, there)) != sorted(map(_says, fresh)):
        ChangeJudgement.objects.filter(pk__in=[each.pk for each in there]).delete()
        ChangeJudgement.objects.bulk_create(fresh)


def _says(row: ChangeJudgement) -> tuple[Any, ...]:
    numbers = (row.expected, row.standard_error, row.index, row.threshold)
    said = tuple((number is not None, number or 0.0) for number in numbers)
    return (row.score_id, row.method, row.reference, said, row.verdict, row.refused, row.one_sided)
