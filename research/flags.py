"""Flags of a study: what the rules of `quality` see in its data, and what was decided about each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import NullIf

from assessments.entries import written
from assessments.models import Answer
from assessments.points import shown
from coaching.models import Enrolment, Study
from coaching.selectors.studies import declared
from coaching.tables import ARM, PARTICIPANT, STUDY, SYNTHETIC
from imagery.models import Drawing, StageVisit
from protocol.columns import Column, Table
from protocol.instrument import Instrument, Item, Scale
from protocol.study import Study as Declared
from research.counts import left_behind
from research.models import QualityDecision
from research.quality import (
    FAST_MS,
    HIDDEN_LEAST_MS,
    LEAST_ITEMS,
    RULES,
    Check,
    NoDrawing,
    Rule,
    Seen,
    Sheet,
    of_checks,
    of_drawings,
    of_session,
    of_sheet,
)

_ORDER = {"check": 0, "may_be_true": 1, "finding": 2}
_WERE_SHOWN = (Answer.Status.ANSWERED, Answer.Status.DECLINED, Answer.Status.SKIPPED, Answer.Status.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: what a rule saw, in whose data and where, with the decision that stands (None: none yet).

    `missed` are the attention checks that it is about: what each expected, and what was given.
    """

    rule: Rule
    numbers: Mapping[str, float]
    pseudonym: str
    timepoint: str
    part: str
    decision: QualityDecision | None
    missed: tuple[Check, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether somebody is to decide: a finding asks for nothing."""
        return self.decision is None and self.rule.tag != "finding"


def flags_of(study: Study, *, synthetic: bool | None = None, enrolment: Enrolment | None = None) -> list[Flag]:
    """Every flag of a study, or of one person in it: those to check first. It asks the database six times at most."""
    whom: dict[str, Any] = {"study": study, "erased_at": None}
    if synthetic is not None:
        whom["synthetic"] = synthetic
    if enrolment is not None:
        whom["pk"] = enrolment.pk
    decided = {_key(each): each for each in _of(QualityDecision.objects, "enrolment", whom).select_related("enrolment")}
    by_n = {version.n: declared(version) for version in study.versions.defer("content")}
    found = [*_in_sheets(whom, by_n), *_in_checks(whom, by_n), *_in_sessions(whom), *_in_drawings(whom)]
    flags = [
        Flag(
            seen.rule,
            seen.numbers,
            *place,
            decision=decided.get((place[0], seen.rule.name, seen.rule.version, *place[1:])),
            missed=seen.missed,
        )
        for place, seen in found
    ]
    return sorted(flags, key=lambda each: (_ORDER[each.rule.tag], _PLACE[each.rule.name], each.pseudonym))


def decisions_on(enrolment: Enrolment, flag: Flag) -> QuerySet[QualityDecision]:
    """Everything that was ever decided about a flag, the latest first."""
    return QualityDecision.objects.filter(
        enrolment=enrolment, rule=flag.rule.name, timepoint=flag.timepoint, part=flag.part
    ).order_by("-pk")


def own_rows(enrolment: Enrolment) -> Mapping[str, list[dict[str, Any]]]:
    """What this room holds of one person, for that person to read."""
    return {
        "quality_decisions": [
            {
                "rule": each.rule,
                "rule_version": each.rule_version,
                "timepoint": each.timepoint,
                "part": each.part,
                "decision": each.decision,
                "reason": each.reason,
                "decided_at": each.decided_at,
            }
            for each in enrolment.quality_decisions.all()
        ]
    }


def _decisions(study: Study | int) -> QuerySet[QualityDecision]:
    return QualityDecision.objects.filter(enrolment__study=study, enrolment__erased_at=None).order_by("pk")


DECISIONS = Table(
    name="decisions",
    title="Decisions about data quality",
    grain="one decision about a flag in one person's data; of several about one flag the latest stands",
    time="decided_at",
    queryset=_decisions,
    filters={name: name for name in ("participant", "arm", "timepoint", "synthetic")},
    columns=(
        replace(PARTICIPANT, expression=F("enrolment__pseudonym")),
        replace(STUDY, expression=F("enrolment__study__slug")),
        replace(ARM, expression=NullIf(F("enrolment__arm"), Value(""))),
        Column("timepoint", "text", "The id of the step whose data the flag is about.", expression=F("timepoint")),
        Column("part", "text", "The questionnaire, by its id, or the script, by its slug.", expression=F("part")),
        Column(
            "rule",
            "text",
            "What was seen: fast (half or more of 8 or more timed answers under 1.2 s), hidden (a session out of sight "
            "for over half of its time), catch (an attention check answered otherwise than it asks), same (8 or more "
            "answers, all the same), empty (two drawings without a line), "
            "floor (8 or more answers, all at the end that says least: a finding, never left out).",
            levels=tuple(RULES),
            source="the product",
            expression=F("rule"),
        ),
        Column(
            "rule_version",
            "integer",
            "The version of the rule that the decision is about.",
            source="the product",
            expression=F("rule_version"),
        ),
        Column(
            "decision",
            "text",
            "What was decided: keep; exclude (leave out of a set of analyses: the reason says of which); ask (the "
            "coach is asked). No row of any dataset is left out for it: whoever analyses does that, or not.",
            levels=tuple(str(value) for value in QualityDecision.Decision.values),
            source="the study's team",
            expression=F("decision"),
        ),
        Column(
            "reason",
            "text",
            "Why, in the words of whoever decided. It may hold what tells who the person is.",
            sensitivity="free_text",
            source="the study's team",
            expression=F("reason"),
        ),
        Column("decided_at", "time", "When it was decided.", source="the product", expression=F("decided_at")),
        replace(SYNTHETIC, expression=F("enrolment__synthetic")),
    ),
)


_PLACE = {name: place for place, name in enumerate(RULES)}
_Where = tuple[str, str, str]  # pseudonym, timepoint, part


def _key(decision: QualityDecision) -> tuple[str, str, int, str, str]:
    pseudonym = decision.enrolment.pseudonym
    return pseudonym, decision.rule, decision.rule_version, decision.timepoint, decision.part


def _of(table: Any, path: str, whom: Mapping[str, Any]) -> Any:
    return table.filter(**{f"{path}__{name}": value for name, value in whom.items()})


def _in_sheets(whom: Mapping[str, Any], by_n: Mapping[int, Declared]) -> Iterator[tuple[_Where, Seen]]:
    scaled = _on_scales(by_n)
    rows = (
        _of(Answer.objects, "administration__occasion__enrolment", whom)
        .filter(status=Answer.Status.ANSWERED, administration__closed_at__isnull=False)
        .order_by()
        .values_list(
            "administration__occasion__enrolment__pseudonym",
            "administration__occasion__key",
            "administration__instrument",
            "administration__instrument_version",
        )
        .annotate(
            answered=Count("pk", filter=scaled),
            lowest=Min("value", filter=scaled),
            highest=Max("value", filter=scaled),
            at_floor=Count("pk", filter=_at_floor(by_n)),
            timed=Count("response_time_ms"),
            fast=Count("pk", filter=Q(response_time_ms__lt=FAST_MS)),
            took_ms=Sum("response_time_ms"),
        )
        # Only what a rule could see; the rules themselves are asked below.
        .filter(
            Q(answered__gte=LEAST_ITEMS, lowest=F("highest"))
            | Q(answered__gte=LEAST_ITEMS, at_floor=F("answered"))
            | Q(timed__gte=LEAST_ITEMS, fast__gte=F("timed") - F("fast"))
        )
    )
    floors_of = {(n, id): _floors(each) for n, study in by_n.items() for id, each in study.instruments.items()}
    for pseudonym, key, instrument, version, answered, lowest, highest, mixed, timed, fast, took_ms in rows:
        floors = floors_of[version, instrument] or {0.0}
        at_floor = mixed
        if len(floors) == 1:
            at_floor = answered if lowest == highest == next(iter(floors)) else 0
        sheet = Sheet(answered, lowest, highest, at_floor, timed, fast, took_ms or 0)
        for seen in of_sheet(sheet):
            yield (pseudonym, key, instrument), seen


def floor_of(scale: Scale, *, is_reversed: bool) -> float:
    """The point of an item's scale, as chosen, that says least of what the questionnaire asks."""
    return scale.min + scale.max - scale.least if is_reversed else scale.least


def _scaled(instrument: Instrument) -> Iterator[tuple[Item, float]]:
    """The items that are answered on a scale and are no attention check, each with its floor."""
    for item in instrument.items():
        if item.scale is not None and item.catch is None:
            yield item, floor_of(item.scale, is_reversed=item.reverse)


def _floors(instrument: Instrument) -> set[float]:
    return {floor for _, floor in _scaled(instrument)}


def _at_floor(by_n: Mapping[int, Declared]) -> Q:
    """Values at the floor, of those questionnaires whose items have not all the same; the others need no asking."""
    found = Q(pk__in=[])
    for n, declaration in by_n.items():
        for instrument in declaration.instruments.values():
            if len(_floors(instrument)) <= 1:
                continue
            at = {"administration__instrument": instrument.id, "administration__instrument_version": n}
            for floor in _floors(instrument):
                items = [item.id for item, own in _scaled(instrument) if own == floor]
                found |= Q(**at, item__in=items, value=floor)
    return found


def _on_scales(by_n: Mapping[int, Declared]) -> Q:
    """The answers that lie on a scale: choices, numbers and attention checks say nothing of how much came."""
    others = Q(pk__in=[])
    for n, declaration in by_n.items():
        for instrument in declaration.instruments.values():
            scaled = {item.id for item, _ in _scaled(instrument)}
            items = [item.id for item in instrument.items() if item.id not in scaled]
            if items:
                at = {"administration__instrument": instrument.id, "administration__instrument_version": n}
                others |= Q(**at, item__in=items)
    return Q(value__isnull=False) & ~others


def _in_checks(whom: Mapping[str, Any], by_n: Mapping[int, Declared]) -> Iterator[tuple[_Where, Seen]]:
    """Attention checks that were answered otherwise than they ask for, of those that were shown."""
    checks, missed = Q(pk__in=[]), Q(pk__in=[])
    expected: dict[tuple[str, int, str], str] = {}
    for n, id, item, catch in _checks(by_n):
        at = Q(administration__instrument=id, administration__instrument_version=n, item=item.id)
        checks |= at
        missed |= at & ~(Q(text=catch) if item.type == "choice" else Q(value=float(catch)))
        expected[id, n, item.id] = catch if item.type == "choice" else shown(float(catch))
    if not expected:
        return
    closed = _of(Answer.objects, "administration__occasion__enrolment", whom).filter(
        administration__closed_at__isnull=False
    )
    of_same = closed.filter(missed, status=Answer.Status.ANSWERED, administration=OuterRef("administration"))
    rows: Iterable[tuple[Any, ...]] = (
        closed.filter(checks, Exists(of_same), status__in=_WERE_SHOWN)
        .order_by("administration", "position")
        .values_list(
            "administration__occasion__enrolment__pseudonym",
            "administration__occasion__key",
            "administration__instrument",
            "administration__instrument_version",
            "item",
            "value",
            "text",
        )
    )
    for (pseudonym, key, id), group in groupby(rows, key=lambda row: row[:3]):
        found = [Check(item, expected[id, n, item], written(value, text)) for *_, n, item, value, text in group]
        for seen in of_checks(found):
            yield (pseudonym, key, id), seen


def _checks(by_n: Mapping[int, Declared]) -> Iterator[tuple[int, str, Item, str]]:
    for n, declaration in by_n.items():
        for instrument in declaration.instruments.values():
            for item in instrument.items():
                if item.catch is not None:
                    yield n, instrument.id, item, item.catch


def _in_sessions(whom: Mapping[str, Any]) -> Iterator[tuple[_Where, Seen]]:
    visits = _of(StageVisit.objects, "run__occasion__enrolment", whom).order_by()
    hidden = visits.filter(hidden_ms__gt=0).values("run").annotate(total=Sum("hidden_ms"))
    rows = (
        visits.filter(run__in=hidden.filter(total__gte=HIDDEN_LEAST_MS).values("run"), left_at__isnull=False)
        .values_list("run__occasion__enrolment__pseudonym", "run__occasion__key", "run__script", "run")
        .annotate(
            hidden_ms=Sum("hidden_ms"),
            span=Sum(ExpressionWrapper(F("left_at") - F("entered_at"), output_field=DurationField())),
        )
        .order_by("run")
    )
    seen_at: dict[_Where, Seen] = {}
    for pseudonym, key, script, _run, hidden_ms, span in rows:
        # Of several attempts at one session the last one that the rule sees.
        for seen in of_session(hidden_ms or 0, span // timedelta(milliseconds=1)):
            seen_at[pseudonym, key, script] = seen
    yield from seen_at.items()


def _in_drawings(whom: Mapping[str, Any]) -> Iterator[tuple[_Where, Seen]]:
    blank = Q(status=Drawing.Status.DRAWN, stroke_count=0)
    passed = Q(status=Drawing.Status.SKIPPED) & ~Q(reason="nothing_came")
    rows: Iterable[tuple[str, str, str, str]] = (
        _of(Drawing.objects, "run__occasion__enrolment", whom)
        .filter(blank | passed, ~left_behind("run__"), run__closed_at__isnull=False)
        .order_by("run__occasion__enrolment__pseudonym", "run__occasion__place", "place")
        .values_list("run__occasion__enrolment__pseudonym", "run__occasion__key", "run__script", "status")
    )
    for pseudonym, group in groupby(rows, key=lambda row: row[0]):
        missing = [NoDrawing(key, script, status == Drawing.Status.DRAWN) for _, key, script, status in group]
        for at, seen in of_drawings(missing):
            yield (pseudonym, at.timepoint, at.script), seen
