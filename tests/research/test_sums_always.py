"""Flow, missing answers and enrolment add up, whoever the people are: random rows, and a simulated study."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, fields
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.models import Administration, Answer
from coaching.models import Enrolment, Occasion, Screening, StudyVersion
from imagery.models import Rating, SessionRun
from research import sums
from research.counts import (
    OF_SESSIONS,
    RATINGS,
    SESSIONS,
    joined_on,
    missing_counts,
    people_counts,
    without_answer,
)
from research.sums import People, Standing
from tests import world
from tests.rehearsal.test_simulate import DEMO, fill

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 24, 15, 30, tzinfo=dt.UTC)
UTC = ZoneInfo("UTC")
ITEMS = ("h1", "h2", "n1", "n2")
KINDS = [kind for kind in sums.KINDS if kind != "answered"]


@dataclass(frozen=True)
class Sheet:
    """A questionnaire: of which timepoint, whether it is over and finished, and what each item has (None: no row)."""

    key: str
    is_closed: bool
    is_finished: bool
    items: tuple[str | None, ...]


@dataclass(frozen=True)
class Person:
    """Somebody, as far as they came."""

    stage: str  # invited, screened, ineligible, consented, stopped, allocated
    is_invited: bool
    is_synthetic: bool
    arm: str
    ends: frozenset[str]  # of completed, withdrawn, erased
    day: int
    steps: tuple[tuple[str, str, bool], ...]  # key, state, begun
    sheets: tuple[Sheet, ...]


@st.composite
def sheets(draw: st.DrawFn, key: str) -> Sheet:
    is_closed = draw(st.booleans())
    kinds: st.SearchStrategy[str | None] = st.sampled_from(sums.KINDS)
    items = st.tuples(*[kinds if is_closed else st.none() | kinds] * len(ITEMS))
    return Sheet(key, is_closed, is_closed and draw(st.booleans()), draw(items))


@st.composite
def people(draw: st.DrawFn) -> Person:
    stage = draw(
        st.sampled_from(["invited", "screened", "ineligible", "consented", "stopped", "allocated", "allocated"])
    )
    ends = draw(st.sets(st.sampled_from(["completed", "withdrawn", "erased"])))
    keys = {"consented": ("baseline",), "stopped": ("baseline",), "allocated": ("baseline", "s1", "post")}.get(
        stage, ()
    )
    has_rows = "erased" not in ends
    return Person(
        stage=stage,
        is_invited=draw(st.booleans()),
        is_synthetic=draw(st.booleans()),
        arm=draw(st.sampled_from(["sessions", "questions"])),
        ends=frozenset(ends if stage in {"consented", "allocated"} else ends & {"erased"}),
        day=draw(st.integers(0, 60)),
        steps=tuple((key, draw(st.sampled_from(Occasion.State.values)), draw(st.booleans())) for key in keys)
        if has_rows
        else (),
        sheets=tuple(draw(sheets(key)) for key in keys if key != "s1") if has_rows else (),
    )


def store(version: StudyVersion, person: Person, n: int) -> None:
    """The person's rows, as the product would have them."""
    at = NOW - dt.timedelta(days=person.day)
    has_consented = person.stage in {"consented", "stopped", "allocated"}
    is_allocated = person.stage == "allocated"
    enrolment = Enrolment.objects.create(
        study=version.study,
        version=version if has_consented else None,
        pseudonym=f"P{n:06}",
        timezone="UTC",
        synthetic=person.is_synthetic,
        invited_at=at if person.is_invited or not has_consented else None,
        screened_at=at if person.stage not in {"invited"} else None,
        ineligible_by="age" if person.stage == "ineligible" else "",
        consented_at=at if has_consented else None,
        excluded_at=at if person.stage == "stopped" else None,
        excluded_by="missed:baseline" if person.stage == "stopped" else "",
        allocated_at=at if is_allocated else None,
        arm=person.arm if is_allocated else "",
        **{f"{end}_at": at for end in person.ends if end != "completed" or is_allocated},
    )
    occasions = {
        key: Occasion.objects.create(
            enrolment=enrolment,
            key=key,
            kind="imagery" if key == "s1" else "assessments",
            place=place,
            state=state,
            started_at=at if begun else None,
            settled_at=at if state in {"done", "missed", "cancelled"} else None,
        )
        for place, (key, state, begun) in enumerate(person.steps)
    }
    for sheet in person.sheets:
        administration = Administration.objects.create(
            occasion=occasions[sheet.key],
            instrument="scenes_4",
            instrument_version=1,
            place=0,
            closed_at=at if sheet.is_closed else None,
            finished_at=at if sheet.is_finished else None,
        )
        Answer.objects.bulk_create(
            Answer(
                administration=administration,
                item=item,
                position=place,
                status=kind,
                value=3 if kind == "answered" else None,
            )
            for place, (item, kind) in enumerate(zip(ITEMS, sheet.items, strict=True), start=1)
            if kind
        )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    crowd=st.lists(people(), max_size=8), at_door=st.lists(st.sampled_from(["unfinished", "ineligible"]), max_size=4)
)
def test_a_random_crowd_adds_up(db: None, crowd: list[Person], at_door: list[str]) -> None:
    with transaction.atomic():
        version = world.example()
        for n, person in enumerate(crowd):
            store(version, person, n)
        for n, outcome in enumerate(at_door):
            reason = "heard" if outcome == "ineligible" else ""
            Screening.objects.create(
                study=version.study, reference=f"R{n:07}", outcome=outcome, reason=reason, created_at=NOW
            )
        assert_adds_up(version)
        assert people_counts(version.study).assessed == len(at_door) + sum(p.stage != "invited" for p in crowd)
        transaction.set_rollback(True)


def test_a_simulated_study_adds_up() -> None:
    version = world.publish(DEMO)
    fill(version, 60)
    assert_adds_up(version)
    cells, _ = missing_counts(version.study)
    assert {measure for _, measure in cells} >= set(OF_SESSIONS)
    for (key, measure), cell in cells.items():
        if measure == SESSIONS:
            runs = SessionRun.objects.filter(occasion__key=key, closed_at__isnull=False)
            assert cell.rows == runs.values("occasion").distinct().count()
            assert cell.counts["answered"] == Occasion.objects.filter(key=key, state="done").count()
        if measure == RATINGS:
            given = Rating.objects.filter(run__occasion__key=key, run__closed_at__isnull=False, status="answered")
            assert cell.counts["answered"] == given.count()


def test_a_cohort_adds_up() -> None:
    version = world.tiny()
    gone, *_ = [world.consented(version) for _ in range(3)]
    Enrolment.objects.filter(pk=gone.pk).update(withdrawn_at=NOW)
    found = people_counts(version.study)
    assert sums.faults(found) == []
    assert (found.cohort.total, found.cohort.left, found.cohort.in_progress, found.groups) == (3, 1, 2, {})


def assert_adds_up(version: StudyVersion) -> None:
    study = version.study
    everybody, real, simulated = (people_counts(study, each) for each in (None, False, True))
    for found in (everybody, real, simulated):
        assert sums.faults(found) == []
    assert everybody == _together(real, simulated)
    for synthetic, found in ((False, real), (True, simulated), (None, everybody)):
        joined = _joined(study, synthetic)
        assert (joined[-1:], len(joined)) == (sorted(joined)[-1:], found.consented)
        assert [n for _, n in sums.curve(joined)][-1:] == ([found.consented] if joined else [])
        cells, given = missing_counts(study, synthetic)
        assert _of_questionnaires(cells) == _counted_one_by_one(study, synthetic)
        assert set(given) == set(_of_questionnaires(cells))
        assert all(0 <= each.given <= each.due for each in given.values())
        for place, cell in cells.items():
            assert cell.rows == sum(cell.counts.values()) == cell.due + cell.counts["not_due"]
            if place[1] not in OF_SESSIONS[2:]:
                _assert_listed(without_answer(study, place, synthetic), cell)


def _assert_listed(rows: Any, cell: sums.Cell) -> None:
    """Whoever is behind a cell is on its list: the list comes to the cell's numbers."""
    listed: Counter[str] = Counter()
    for _pseudonym, kind, n in rows:
        listed[kind] += n
    assert {kind: listed[kind] for kind in KINDS} == {kind: cell.counts[kind] for kind in KINDS}


def _joined(study: Any, synthetic: bool | None) -> list[dt.date]:
    real, simulated = joined_on(study, UTC)
    return sorted([*real, *simulated]) if synthetic is None else simulated if synthetic else real


def _of_questionnaires(cells: dict[Any, sums.Cell]) -> dict[Any, dict[str, int]]:
    return {place: dict(cell.counts) for place, cell in cells.items() if place[1] not in OF_SESSIONS}


def _counted_one_by_one(study: Any, synthetic: bool | None) -> dict[Any, dict[str, int]]:
    """The plain count: every row of every questionnaire that is over."""
    rows = Answer.objects.filter(
        administration__closed_at__isnull=False, administration__occasion__enrolment__study=study
    )
    if synthetic is not None:
        rows = rows.filter(administration__occasion__enrolment__synthetic=synthetic)
    found: dict[Any, Counter[str]] = {}
    for answer in rows.select_related("administration__occasion"):
        place = (answer.administration.occasion.key, answer.administration.instrument)
        found.setdefault(place, Counter())[answer.status] += 1
    return {place: {kind: counts[kind] for kind in sums.KINDS} for place, counts in found.items()}


def _together(one: People, two: People) -> People:
    def added(a: Standing, b: Standing) -> Standing:
        return Standing(**{each.name: getattr(a, each.name) + getattr(b, each.name) for each in fields(Standing)})

    numbers = ("invited", "assessed", "unfinished", "consented", "waiting", "gone", "allocated")
    excluded = Counter(one.excluded) + Counter(two.excluded)
    return People(
        **{name: getattr(one, name) + getattr(two, name) for name in numbers},
        excluded=dict(sorted(excluded.items())),
        groups={name: added(group, two.groups[name]) for name, group in one.groups.items()},
        cohort=added(one.cohort, two.cohort),
    )
