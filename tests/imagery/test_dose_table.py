"""The dataset of doses says what `imagery.dose` says, to the last digit, on every database."""

from __future__ import annotations

import datetime as dt
import io
import random
from dataclasses import asdict
from typing import Any

import pyarrow.parquet as pq
import pytest

from coaching.models import Enrolment, Occasion, Study, StudyVersion
from coaching.services import people
from imagery.dose import Dose, Held, Visited, dose, study_duration_d
from imagery.models import SessionRun, StageVisit
from imagery.tables.dose import PURPOSES, contents
from privacy.erasure import erase
from tests import world
from tests.imagery.rounds import DAY, FILES, MINUTE, T0, begin, go
from tests.research.calls import caller

pytestmark = pytest.mark.django_db

SCRIPT = str(FILES["scripts/night-bird.yaml"])


def written_as(purpose: str, slug: str) -> str:
    return SCRIPT.replace("slug: night-bird", f"slug: {slug}\npurpose: {purpose}")


# A study with a script of each purpose.
OF_EACH: world.Files = {
    **FILES,
    "study.yaml": str(FILES["study.yaml"]).replace(
        "  - {id: second, do: session, script: night-bird,",
        '  - {id: listening, do: session, script: words-only, at: "consent + 1d", missed: skip}\n'
        '  - {id: probing, do: session, script: never-met, at: "consent + 2d", missed: skip}\n'
        "  - {id: second, do: session, script: night-bird,",
    ),
    "scripts/words-only.yaml": written_as("control", "words-only"),
    "scripts/never-met.yaml": written_as("probe", "never-met"),
}


def published() -> StudyVersion:
    return world.publish(OF_EACH, now=T0)


def rows(study: Study, **filters: Any) -> dict[str, dict[str, Any]]:
    return {row["participant"]: row for row in caller(study).rows("dose", **filters)}


def expected(person: Enrolment, study: Study) -> dict[str, Any]:
    """The person's row by the pure functions, from rows read one by one."""
    ended_at = person.withdrawn_at or person.completed_at
    assert person.consented_at is not None
    row: dict[str, Any] = {"study_duration_d": study_duration_d(person.consented_at, ended_at)}
    of = contents(study)
    for purpose in PURPOSES:
        found = of_purpose(person, set(of[purpose]))
        row |= {f"{purpose}_{name}": value for name, value in asdict(found).items()}
    return row


def of_purpose(person: Enrolment, scripts: set[tuple[str, int]]) -> Dose:
    runs = SessionRun.objects.filter(occasion__enrolment=person, started_at__isnull=False).prefetch_related("visits")
    fields = ("kind", "quiet_planned_ms", "entered_at", "left_at", "quiet_actual_ms", "hidden_ms", "pauses")
    return dose(
        Held(
            attempt=run.attempt,
            started_at=run.started_at or T0,
            completed_at=run.completed_at,
            ended_early=bool(run.ended_at_stage),
            visits=[
                Visited(**{name: getattr(visit, name) for name in (*fields, "audio_ms", "audio_heard_ms")})
                for visit in run.visits.all()
            ],
        )
        for run in runs
        if (run.script, run.script_version) in scripts
    )


def agree(study: Study) -> dict[str, dict[str, Any]]:
    """The rows, once each was held against the pure functions."""
    found = rows(study)
    for person in Enrolment.objects.filter(study=study, erased_at=None, consented_at__isnull=False):
        for name, value in expected(person, study).items():
            assert found[person.pseudonym][name] == value, name
    return found


def at_random(person: Enrolment, draw: random.Random) -> None:
    """Sessions of all kinds, as whole or broken off and as well measured as it comes."""
    scripts = ["night-bird", "words-only", "never-met"] * 2
    for place, script in enumerate(draw.sample(scripts, k=draw.randrange(len(scripts) + 1))):
        occasion = Occasion.objects.create(
            enrolment=person, key=f"o{place}", kind="imagery", place=50 + place, state="done", settled_at=T0
        )
        for attempt in range(1, draw.choice((1, 1, 3))):
            run_at_random(occasion, script, attempt, draw, is_done=False)
        run_at_random(occasion, script, 3, draw, is_done=draw.random() < 0.8)


def run_at_random(occasion: Occasion, script: str, attempt: int, draw: random.Random, *, is_done: bool) -> None:
    at = T0 + dt.timedelta(microseconds=draw.randrange(40 * 86_400_000_000))
    run = SessionRun(
        occasion=occasion, attempt=attempt, script=script, script_version=draw.choice((1, 1, 1, 9)), started_at=at
    )
    if draw.random() < 0.1:
        run.started_at = None  # never begun
    visits = []
    for place in range(draw.randrange(6)):
        left_at = at + dt.timedelta(microseconds=round(draw.lognormvariate(20, 2))) if draw.random() < 0.9 else None
        visits.append(
            StageVisit(
                run=run,
                stage=f"stage_{place}",
                place=place,
                kind=draw.choice(("say", "say", "rate", "rest")),
                entered_at=at,
                left_at=left_at,
                quiet_planned_ms=draw.choice((0, 20_000, 33_333, 3_600_000, 2**31 - 1)),
                **{name: maybe(draw) for name in ("quiet_actual_ms", "hidden_ms", "pauses")},
                **{name: maybe(draw) for name in ("audio_ms", "audio_heard_ms")},
            )
        )
        at = left_at or at
    if is_done and run.started_at:
        run.status, run.completed_at = "completed", at + dt.timedelta(microseconds=draw.randrange(10_000))
        run.ended_at_stage = draw.choice(("", "", "stage_2"))
    run.save()
    StageVisit.objects.bulk_create(visits)


def maybe(draw: random.Random) -> int | None:
    return draw.choice((None, 0, draw.randrange(100_000), draw.randrange(2**31 - 1)))


# --- the same as the pure functions ----------------------------------------------------------------------------------


def test_the_database_reckons_as_the_pure_functions_do() -> None:
    version, draw = published(), random.Random(11)
    for n in range(60):
        person = world.consented(version, T0 + n * MINUTE)
        at_random(person, draw)
        if n % 3 == 0:
            ended = T0 + dt.timedelta(microseconds=draw.randrange(10**13))
            Enrolment.objects.filter(pk=person.pk).update(**{draw.choice(("withdrawn_at", "completed_at")): ended})
    found = agree(version.study)
    for purpose in PURPOSES:
        for name in Dose.__dataclass_fields__:
            assert len({row[f"{purpose}_{name}"] for row in found.values()}) > 1, (purpose, name)


def test_files_say_the_same_as_rows() -> None:
    version, draw = published(), random.Random(5)
    for _ in range(12):
        at_random(world.consented(version, T0), draw)
    listed = caller(version.study).rows("dose")
    table = pq.read_table(io.BytesIO(caller(version.study).file("dose", "parquet")))
    assert table.to_pylist() == listed


# --- what it says ----------------------------------------------------------------------------------------------------


def test_a_session_that_was_gone_through_is_in_the_columns_of_its_scripts_purpose_alone() -> None:
    person = world.consented(published(), T0)
    go(person)
    row = agree(person.study)[person.pseudonym]
    # Twelve stages of a minute each; two of them say something and leave quiet time for it.
    assert (row["training_sessions"], row["training_session_length_min"], row["training_total_time_min"]) == (1, 12, 12)
    assert (row["training_trials_per_session"], row["training_sessions_per_week"]) == (2, None)
    for purpose in ("control", "probe"):
        assert (row[f"{purpose}_sessions"], row[f"{purpose}_total_time_min"]) == (0, 0)
        assert row[f"{purpose}_session_length_min"] is None


def test_who_consented_and_did_nothing_has_a_row_and_who_was_only_invited_has_none() -> None:
    version = published()
    world.invited(version.study)
    person = world.consented(version, T0)
    row = agree(version.study)[person.pseudonym]
    assert (row["training_sessions"], row["training_duration_d"], row["study_duration_d"]) == (0, None, None)


def test_a_session_that_was_begun_again_counts_once_and_its_time_twice() -> None:
    person = world.consented(published(), T0)
    go(person, until="words")
    begin(person, at=T0 + DAY, again=1)
    row = agree(person.study)[person.pseudonym]
    assert (row["training_restarts"], row["training_sessions"], row["training_total_time_min"]) == (1, 0, 6)


def test_a_script_that_changed_its_purpose_counts_as_what_it_was_when_it_was_used() -> None:
    old = published()
    person = world.consented(old, T0)
    go(person)
    changed = world.edited({"voice:": "purpose: probe\nvoice:"}, OF_EACH, "scripts/night-bird.yaml")
    new = world.publish(changed, now=T0 + DAY)
    later = world.consented(new, T0 + DAY)
    go(later, at=T0 + DAY)
    found = agree(old.study)
    assert [found[each.pseudonym]["training_sessions"] for each in (person, later)] == [1, 0]
    assert [found[each.pseudonym]["probe_sessions"] for each in (person, later)] == [0, 1]


def test_who_left_or_was_erased() -> None:
    version = published()
    left, gone = world.consented(version, T0), world.consented(version, T0)
    for each in (left, gone):
        go(each)
    people.withdraw(enrolment=left, choice="keep", by="participant", now=T0 + 3 * DAY)
    erase(enrolment=gone, by="participant", reason="participant", now=T0 + 3 * DAY)
    found = agree(version.study)
    assert set(found) == {left.pseudonym}
    assert found[left.pseudonym]["study_duration_d"] == 3
    assert rows(version.study, synthetic="true") == {}
    assert rows(version.study, participant=left.pseudonym) == found
