"""A study counted: who stands where, who joined when, what is missing. Each count is asked for by itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, tzinfo
from typing import Any

from django.db.models import BooleanField, Case, CharField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Value, When

from assessments.models import Administration, Answer
from coaching.models import Enrolment, Occasion, Screening, Study, StudyVersion
from coaching.selectors.studies import declared
from imagery.models import Drawing, Rating, SessionRun
from protocol.script import Script
from protocol.study import Study as Declared
from research.sums import Cell, People, Standing, cell

SESSIONS, RATINGS, DRAWINGS = "-sessions", "-ratings", "-drawings"  # no questionnaire's id begins so
OF_SESSIONS = (SESSIONS, RATINGS, DRAWINGS)

_LEFT = Q(withdrawn_at__isnull=False)
_COMPLETED = Q(completed_at__isnull=False, withdrawn_at=None)
_NEITHER = Q(completed_at=None, withdrawn_at=None)
_CONSENTED = Q(consented_at__isnull=False, excluded_at=None)
_AT_DOOR = ("invited", "assessed", "unfinished", "consented", "waiting", "gone", "allocated")


Versions = Sequence[StudyVersion]


def versions_of(study: Study) -> list[StudyVersion]:
    """Every version of a study, the newest first: asked for once, whatever is counted of them."""
    return list(study.versions.defer("content").order_by("-n"))


def people_of(study: Study, synthetic: bool | None = None) -> QuerySet[Enrolment]:
    """Everybody of a study, tombstones included; the simulated alone or the others alone if `synthetic` says so."""
    people = Enrolment.objects.filter(study=study)
    return people if synthetic is None else people.filter(synthetic=synthetic)


# --- the participant flow --------------------------------------------------------------------------------------------


def people_counts(study: Study, synthetic: bool | None = None, versions: Versions | None = None) -> People:
    """The participant flow.

    People who consented and were then excluded by a missed step count as excluded and not as consented. Erased people
    count where they stood as far as their tombstone tells: up to allocation, and as completed or left; whether they
    started or missed a step went with their answers. Those at the door who never got a pseudonym are real people.
    """
    people = people_of(study, synthetic)
    declarations = {version.pk: declared(version) for version in versions or versions_of(study)}
    in_cohort = Q(version__in=[pk for pk, each in declarations.items() if each.is_cohort])
    before = _CONSENTED & ~in_cohort & Q(allocated_at=None)
    counts: Counter[str] = Counter()
    excluded: Counter[str] = Counter()
    at_door: Iterable[Mapping[str, Any]] = (
        people.order_by()
        .values("ineligible_by", "excluded_by")
        .annotate(
            invited=Count("pk", filter=Q(invited_at__isnull=False)),
            assessed=Count(
                "pk", filter=Q(screened_at__isnull=False) | Q(consented_at__isnull=False) | ~Q(ineligible_by="")
            ),
            unfinished=Count("pk", filter=Q(screened_at__isnull=False, consented_at=None, ineligible_by="")),
            consented=Count("pk", filter=_CONSENTED),
            allocated=Count("pk", filter=Q(allocated_at__isnull=False)),
            waiting=Count("pk", filter=before & Q(withdrawn_at=None, erased_at=None)),
            gone=Count("pk", filter=before & (_LEFT | Q(erased_at__isnull=False))),
            not_eligible=Count("pk", filter=Q(consented_at=None) & ~Q(ineligible_by="")),
            stopped=Count("pk", filter=Q(excluded_at__isnull=False)),
        )
    )
    for row in at_door:
        excluded[row["ineligible_by"]] += row["not_eligible"]
        excluded[row["excluded_by"]] += row["stopped"]
        counts.update({name: row[name] for name in _AT_DOOR})
    if not synthetic:
        nameless = Screening.objects.filter(study=study, enrolment=None).order_by()
        for outcome, reason, n in nameless.values_list("outcome", "reason").annotate(n=Count("pk")):
            counts["assessed"] += n
            if outcome == Screening.Outcome.UNFINISHED:
                counts["unfinished"] += n
            elif outcome == Screening.Outcome.INELIGIBLE:
                excluded[reason] += n
    names = dict.fromkeys(arm.name for each in declarations.values() for arm in each.arms)
    standings = _standings(people, in_cohort, declarations)
    return People(
        **{name: counts[name] for name in _AT_DOOR},
        excluded={reason: n for reason, n in sorted(excluded.items()) if n},
        groups={name: standings.get((False, name), Standing()) for name in names},
        cohort=standings.get((True, ""), Standing()),
    )


def _standings(people: QuerySet[Enrolment], in_cohort: Q, declarations: Mapping[int, Declared]) -> dict[Any, Standing]:
    """Where those stand who were allocated or are in a cohort, by whether they are in one and by arm."""
    occasions = Occasion.objects.filter(enrolment=OuterRef("pk"))
    begun = Q(started_at__isnull=False) | Q(state=Occasion.State.DONE)
    rows: Iterable[Mapping[str, Any]] = (
        people.filter(Q(allocated_at__isnull=False) | (in_cohort & _CONSENTED))
        .annotate(
            is_cohort=Case(When(in_cohort, then=True), default=False, output_field=BooleanField()),
            has_started=Exists(occasions.filter(begun & _after_allocation(declarations))),
            has_missed=Exists(occasions.filter(state=Occasion.State.MISSED, optional=False)),
        )
        .order_by()
        .values("is_cohort", "arm")
        .annotate(
            total=Count("pk"),
            started=Count("pk", filter=Q(has_started=True)),
            not_started=Count("pk", filter=Q(has_started=False, erased_at=None)),
            unknown=Count("pk", filter=Q(has_started=False, erased_at__isnull=False)),
            completed=Count("pk", filter=_COMPLETED),
            left=Count("pk", filter=_LEFT),
            deleted=Count("pk", filter=_NEITHER & Q(erased_at__isnull=False)),
            in_progress=Count("pk", filter=_NEITHER & Q(erased_at=None)),
            missed=Count("pk", filter=Q(has_missed=True)),
            stopped_training=Count("pk", filter=Q(left_training_at__isnull=False, withdrawn_at=None, erased_at=None)),
        )
    )
    return {
        (bool(row["is_cohort"]), row["arm"]): Standing(**{each.name: row[each.name] for each in fields(Standing)})
        for row in rows
    }


def _after_allocation(declarations: Mapping[int, Declared]) -> Q:
    """The occasions that a person's version has only for the allocated; in a cohort, all."""
    before = Q(pk__in=[])
    for pk, declaration in declarations.items():
        if not declaration.is_cohort:
            before |= Q(enrolment__version=pk, key__in=[step.id for step in declaration.before])
    return ~before


# --- enrolment and steps ---------------------------------------------------------------------------------------------


def joined_on(study: Study, zone: tzinfo) -> tuple[list[date], list[date]]:
    """The day in `zone` on which each person consented, ascending: of real people, and of simulated ones.

    Those who were excluded afterwards are left out, as they are in the flow's count of the consented.
    """
    consented = people_of(study).filter(_CONSENTED).order_by("consented_at").values_list("consented_at", "synthetic")
    real: list[date] = []
    simulated: list[date] = []
    for at, is_synthetic in consented:
        if at is not None:
            (simulated if is_synthetic else real).append(at.astimezone(zone).date())
    return real, simulated


@dataclass(frozen=True, slots=True)
class StepCounts:
    """How many people are where at one step: `states` by the occasion's state."""

    key: str
    states: Mapping[str, int]


def step_counts(study: Study, synthetic: bool | None = None) -> list[StepCounts]:
    """For each step that anybody has, in the study's order, how many people are at which state of it."""
    rows = (
        _of_living(Occasion.objects, "enrolment", study, synthetic)
        .values("key", "state")
        .annotate(n=Count("pk"), at=Max("place"))
        .order_by("at", "key")
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["key"]][row["state"]] = row["n"]
    return [StepCounts(key, states) for key, states in found.items()]


# --- missing answers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """How many of the questionnaires that were due were given to the end."""

    due: int
    given: int


Place = tuple[str, str]  # timepoint; the questionnaire's id or one of OF_SESSIONS


def design_of(versions: Versions) -> list[Place]:
    """Every cell that any of the versions has, the newest version's first."""
    places: dict[Place, None] = {}
    for declaration in map(declared, versions):
        for step in declaration.steps():
            measures = declaration.instruments_at(step)
            if step.scripts:
                has = {stage.kind for script in step.scripts for stage in declaration.scripts[script].stages}
                measures += (SESSIONS, *([RATINGS] if has & {"rate", "compare", "choose"} else []))
                measures += (DRAWINGS,) if "draw" in has else ()
            places |= dict.fromkeys((step.id, measure) for measure in measures)
    return list(places)


def missing_counts(
    study: Study, synthetic: bool | None = None, versions: Versions | None = None, timepoint: str = ""
) -> tuple[dict[Place, Cell], dict[Place, Given]]:
    """Every cell with rows that were due, or those of one timepoint; of questionnaires, how many were given to the end.

    The rows of a questionnaire are not counted one by one: each that is closed has a row for every item, so that the
    answered are its items less those without an answer, which an index of their own holds.
    """
    by_n = {version.n: declared(version) for version in versions or versions_of(study)}
    cells, given = _questionnaires(study, synthetic, by_n, timepoint)
    return {**cells, **_sessions(study, synthetic, by_n, timepoint)}, given


def _questionnaires(
    study: Study, synthetic: bool | None, by_n: Mapping[int, Declared], timepoint: str
) -> tuple[dict[Place, Cell], dict[Place, Given]]:
    rows: Counter[Place] = Counter()
    due: Counter[Place] = Counter()
    finished: Counter[Place] = Counter()
    closed = (
        _of_living(Administration.objects, "occasion__enrolment", study, synthetic, timepoint)
        .filter(closed_at__isnull=False)
        .order_by()
        .values_list("occasion__key", "instrument", "instrument_version")
        .annotate(n=Count("pk"), finished=Count("finished_at"))
    )
    for key, instrument, version, n, done in closed:
        rows[key, instrument] += n * len(by_n[version].instruments[instrument].items())
        due[key, instrument] += n
        finished[key, instrument] += done
    others: dict[Place, dict[str, int]] = defaultdict(dict)
    missing = (
        unanswered(study, synthetic, timepoint)
        .order_by()
        .values_list("administration__occasion__key", "administration__instrument", "status")
        .annotate(n=Count("pk"))
    )
    for key, instrument, status, n in missing:
        others[key, instrument][status] = n
    cells = {place: cell(n, others[place]) for place, n in rows.items()}
    return cells, {place: Given(n, finished[place]) for place, n in due.items()}


def unanswered(study: Study, synthetic: bool | None = None, timepoint: str = "") -> QuerySet[Answer]:
    """The items without an answer of every questionnaire that is closed."""
    path = "administration__occasion__enrolment"
    rows: QuerySet[Answer] = _of_living(Answer.objects, path, study, synthetic, timepoint)
    return rows.filter(administration__closed_at__isnull=False).exclude(status=Answer.Status.ANSWERED)


def last_runs(study: Study, synthetic: bool | None = None, timepoint: str = "") -> QuerySet[SessionRun]:
    """Of every session that ended, the last attempt; those never begun have one too."""
    runs: QuerySet[SessionRun] = _of_living(SessionRun.objects, "occasion__enrolment", study, synthetic, timepoint)
    return runs.filter(~left_behind(""), closed_at__isnull=False)


def _given_in_last_runs(table: Any, study: Study, synthetic: bool | None, timepoint: str) -> Any:
    rows = _of_living(table, "run__occasion__enrolment", study, synthetic, timepoint)
    return rows.filter(~left_behind("run__"), run__closed_at__isnull=False).order_by()


def left_behind(path: str) -> Exists:
    """Whether a later attempt came after the run to which `path` leads."""
    later = SessionRun.objects.filter(occasion=OuterRef(f"{path}occasion"), attempt__gt=OuterRef(f"{path}attempt"))
    return Exists(later)


def _sessions(study: Study, synthetic: bool | None, by_n: Mapping[int, Declared], timepoint: str) -> dict[Place, Cell]:
    found: dict[Place, Counter[str]] = defaultdict(Counter)
    runs = last_runs(study, synthetic, timepoint).order_by()
    counted = runs.values_list("occasion__key", "script", "script_version", "status").annotate(n=Count("pk"))
    for key, slug, version, status, n in counted:
        is_done = status == SessionRun.Status.COMPLETED
        found[key, SESSIONS]["answered" if is_done else "not_reached"] += n
        drawings = _drawings_in(by_n[version].scripts[slug])
        if drawings:
            # In a session that was held to its end, what has no row was jumped over by a choice.
            found[key, DRAWINGS]["not_due" if is_done else "not_reached"] += n * drawings
    ratings = _given_in_last_runs(Rating.objects, study, synthetic, timepoint)
    for key, status, n in ratings.values_list("run__occasion__key", "status").annotate(n=Count("pk")):
        found[key, RATINGS][status] += n
    drawn = _given_in_last_runs(Drawing.objects, study, synthetic, timepoint)
    kinds = drawn.values_list("run__occasion__key", "run__status", "status", "reason").annotate(n=Count("pk"))
    for key, run_status, status, reason, n in kinds:
        found[key, DRAWINGS][_kind_of_drawing(status, reason)] += n
        found[key, DRAWINGS]["not_due" if run_status == SessionRun.Status.COMPLETED else "not_reached"] -= n
    return {place: cell(counts.total(), _but_answered(counts)) for place, counts in found.items()}


def _but_answered(counts: Counter[str]) -> dict[str, int]:
    return {kind: n for kind, n in counts.items() if kind != "answered"}


def _drawings_in(script: Script) -> int:
    return sum(stage.kind == "draw" for stage in script.stages)


def _kind_of_drawing(status: str, reason: str) -> str:
    """Nothing is as true an answer as a drawing, where nothing came."""
    if status != Drawing.Status.SKIPPED or reason == "nothing_came":
        return "answered"
    return "skipped" if reason == "cannot" else "declined"


def without_answer(study: Study, place: Place, synthetic: bool | None, kind: str = "") -> QuerySet[Any, Any]:
    """Whose rows of a cell have no answer: (pseudonym, kind, how many), by pseudonym; of one kind alone if it is given.

    Of drawings, those that were shown and passed over: where the session ended before, the session's own cell tells.
    """
    key, measure = place
    if measure == SESSIONS:
        runs = last_runs(study, synthetic, key).exclude(status=SessionRun.Status.COMPLETED)
        return _by_person(runs, "occasion", Value("not_reached"), kind)
    if measure == RATINGS:
        ratings = _given_in_last_runs(Rating.objects, study, synthetic, key)
        return _by_person(ratings.exclude(status=Rating.Status.ANSWERED), "run__occasion", F("status"), kind)
    if measure == DRAWINGS:
        drawings = _given_in_last_runs(Drawing.objects, study, synthetic, key).filter(status=Drawing.Status.SKIPPED)
        why = Case(When(reason="cannot", then=Value("skipped")), default=Value("declined"), output_field=CharField())
        return _by_person(drawings.exclude(reason="nothing_came"), "run__occasion", why, kind)
    answers = unanswered(study, synthetic, key).filter(administration__instrument=measure)
    return _by_person(answers, "administration__occasion", F("status"), kind)


def _by_person(rows: QuerySet[Any], path: str, kind: Any, only: str) -> QuerySet[Any, Any]:
    told: QuerySet[Any] = rows.annotate(why=kind, pseudonym=F(f"{path}__enrolment__pseudonym"))
    if only:
        told = told.filter(why=only)
    counted: QuerySet[Any, Any] = told.order_by().values_list("pseudonym", "why").annotate(n=Count("pk"))
    return counted.order_by("pseudonym", "why")


def _of_living(table: Any, path: str, study: Study, synthetic: bool | None, timepoint: str = "") -> Any:
    """Rows of a table of a study's people who are not erased; `path` leads from the row to the enrolment."""
    asked: dict[str, Any] = {f"{path}__study": study, f"{path}__erased_at": None}
    if synthetic is not None:
        asked[f"{path}__synthetic"] = synthetic
    if timepoint:
        asked[f"{path.removesuffix('__enrolment')}__key"] = timepoint
    return table.filter(**asked)
