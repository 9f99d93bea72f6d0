"""Simulated sessions are those that the services leave when each is gone through as it was: these are the judge.

Layers that open one by one, forms, checks, nothing to rate, recordings, and sessions that are ended early.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from coaching.models import Enrolment, Occasion, StudyVersion
from coaching.selectors.studies import declared
from coaching.services import people
from imagery import services
from imagery.events import read
from imagery.models import Drawing, Rating, Report, SessionEvent, SessionRun, StageVisit
from imagery.selectors import Refusal
from imagery.selectors.exposure import exposure
from imagery.services.given import Timing
from imagery.services.pictures import Kept
from imagery.timeline import BETWEEN
from rehearsal.walking import fill_in
from tests import world
from tests.imagery.rounds import DAY, T0
from tests.imagery.whole import BUNDLE
from tests.rehearsal.crowds import NOW, fill
from tests.rehearsal.test_simulate import DEMO, forget_synthetic

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

START = dt.date(2027, 4, 1)
PEOPLE = 30
EASE = "{id: touch, layer: stones, rate: ease, scale: {min: 1, max: 5}}"
BUNDLES: dict[str, world.Files] = {
    "opened by exposure": BUNDLE,
    "opened by a rating": world.edited(
        {
            "unlock: {by: exposure, times: 2}": "unlock: {by: rating, rating: ease, times: 2, at_least: 3}",
            "{id: touch, layer: stones, rate: clarity, scale: {min: 0, max: 100}}": EASE,
        },
        BUNDLE,
        "scripts/layers.yaml",
    ),
    # Whoever has several sessions open at once may do them in any order, and two at a time.
    "all open at once": world.edited({"window: [0s, 2d]": "window: [-9d, 9d]"}, BUNDLE),
    # Many a session is cut off in the middle, and counts as far as it went.
    "soon closed": world.edited({"window: [0s, 2d]": "window: [0s, 2m]"}, BUNDLE),
}


@pytest.fixture(params=BUNDLES, ids=str)
def layered(db: None, request: pytest.FixtureRequest) -> StudyVersion:
    version = world.publish(BUNDLES[request.param], now=NOW - dt.timedelta(days=120))
    fill(version, PEOPLE, "layers", START)
    return version


def column(model: Any, *without: str) -> tuple[str, ...]:
    return tuple(field.name for field in model._meta.fields if field.name not in {"id", *without})


def kept_of(person: Enrolment) -> dict[str, list[Any]]:
    """What the database holds of a person's sessions, without keys of its own."""
    of, mine = "run__occasion__key", {"run__occasion__enrolment": person}
    found: dict[str, list[Any]] = {
        table.__name__: list(
            table._default_manager.filter(**mine).order_by(of, "place").values(of, *column(table, "run"))
        )
        for table in (StageVisit, Rating, Report, Drawing)
    }
    runs = SessionRun.objects.filter(occasion__enrolment=person).order_by("occasion__key")
    unlocked = SessionEvent.objects.filter(**mine, type="unlock").order_by(of)
    return found | {
        "runs": list(runs.values("occasion__key", *column(SessionRun, "occasion"))),
        "unlocked": list(unlocked.values(of, *column(SessionEvent, "run", "event_id"))),
    }


# --- one at a time ---------------------------------------------------------------------------------------------------


def test_the_same_sessions_one_at_a_time_leave_the_same_rows(layered: StudyVersion) -> None:
    everybody = list(Enrolment.objects.filter(synthetic=True, withdrawn_at=None).order_by("pk"))
    seen: Counter[str] = Counter()
    for person in everybody:
        before = kept_of(person)
        replay(person)
        for table, rows in kept_of(person).items():
            assert rows == before[table], (person, table)
            seen[table] += len(rows)
        seen["ended early"] += sum(bool(run["ended_at_stage"]) for run in before["runs"])
        seen["locked"] += sum(run["locked"] == "" and run["status"] == "completed" for run in before["runs"])
        seen[""] += sum(run["status"] == "missed" and run["started_at"] is not None for run in before["runs"])
    assert all(seen[name] for name in ("runs", "StageVisit", "Rating", "Report", "unlocked", "ended early", "locked"))


def replay(person: Enrolment) -> None:
    """The person's sessions again, each stage taken by the service that takes anybody's, at the instant of its row."""
    acts: list[tuple[dt.datetime, Callable[[], object]]] = []
    missed = [(each.pk, each.settled_at) for each in person.occasions.filter(state="missed", kind="imagery")]
    for run in SessionRun.objects.filter(occasion__enrolment=person, started_at__isnull=False):
        acts += acts_of(run)
    SessionRun.objects.filter(occasion__enrolment=person).delete()
    Enrolment.objects.filter(pk=person.pk).update(completed_at=None, paused_at=None)
    sessions = person.occasions.filter(kind="imagery")
    sessions.filter(state__in=["done", "missed"]).update(state="open", settled_at=None, closed_at=None)
    sessions.update(started_at=None)
    for _, act in sorted(acts, key=lambda each: each[0]):
        outcome = act()
        assert not isinstance(outcome, Refusal), outcome
    for pk, settled_at in missed:
        Occasion.objects.filter(pk=pk).update(state="missed", settled_at=settled_at)
        assert settled_at is not None
        services.close_session(occasion(pk), settled_at)


def occasion(pk: int) -> Occasion:
    return Occasion.objects.select_related("enrolment__version", "enrolment__study").get(pk=pk)


def acts_of(run: SessionRun) -> list[tuple[dt.datetime, Callable[[], object]]]:
    pk, begun, language = run.occasion_id, run.started_at, run.language
    assert begun is not None
    acts: list[tuple[dt.datetime, Callable[[], object]]] = [
        (begun, lambda: services.begin(occasion=occasion(pk), now=begun, language=language))
    ]
    ratings = {each.stage: each for each in run.ratings.all()}
    texts = {each.stage: each for each in run.reports.all()}
    drawings = {each.stage: each for each in run.drawings.all()}
    for visit in run.visits.filter(left_at__isnull=False).order_by("left_at", "place"):
        given = given_at(ratings.get(visit.stage), texts.get(visit.stage), drawings.get(visit.stage))
        rating = ratings.get(visit.stage)
        timing = Timing(
            quiet_ms=visit.quiet_actual_ms,
            response_time_ms=rating.response_time_ms if rating else None,
            **{name: getattr(visit, name) for name in ("longer_ms", "pauses", "paused_ms", "hidden_ms", "voice")},
            **{name: getattr(visit, name) for name in ("audio_ms", "audio_heard_ms")},
        )
        assert visit.left_at is not None
        acts.append((visit.left_at, submitted(pk, visit, given, timing, language)))
    if run.ended_at_stage and run.completed_at:
        ended_at = run.completed_at
        acts.append((ended_at, lambda: services.end_early(occasion=occasion(pk), now=ended_at)))
    return acts


def submitted(pk: int, visit: StageVisit, given: services.Given, timing: Timing, language: str) -> Callable[[], object]:
    return lambda: services.submit(
        occasion=occasion(pk),
        stage=visit.stage,
        given=given,
        now=visit.left_at or NOW,
        language=language,
        timing=timing,
    )


def given_at(rating: Rating | None, report: Report | None, drawing: Drawing | None) -> services.Given:
    if drawing is not None:
        return services.Drawn(Kept(**{each.name: getattr(drawing, each.name) for each in fields(Kept)}))
    if report is not None:
        return services.Reported(report.text)
    if rating is None:
        return services.PASSED
    if rating.value is None:
        return services.NOT_APPLICABLE if rating.status == "not_applicable" else services.DECLINED
    if rating.kind == "form":
        return services.Forms(tuple(form for form in rating.forms.split(BETWEEN) if form))
    if rating.kind in {"choice", "check"}:
        return services.Chosen(int(rating.value))
    return services.Rated(rating.value)


def test_the_sessions_of_the_demonstration_are_as_if_gone_through_one_at_a_time() -> None:
    version = world.publish(DEMO, now=NOW - dt.timedelta(days=200))
    fill(version, 30, "demo", START)
    everybody = Enrolment.objects.filter(synthetic=True, withdrawn_at=None).order_by("pk")
    assert SessionRun.objects.filter(status="completed").count() > 10
    for person in everybody:
        before = kept_of(person)
        replay(person)
        for table, rows in kept_of(person).items():
            assert rows == before[table], (person, table)


# --- layers ----------------------------------------------------------------------------------------------------------


def test_layers_open_by_what_was_met_before(layered: StudyVersion) -> None:
    script = declared(layered).scripts["layers"]
    for person in Enrolment.objects.filter(synthetic=True):
        runs = SessionRun.objects.filter(occasion__enrolment=person, script="layers", started_at__isnull=False)
        had = [run.locked for run in runs.order_by("started_at")]
        # Once a layer is open it stays so.
        assert had == sorted(had, key=len, reverse=True)
        assert not had or had[0] == "stones orange_float"
        for run in runs:
            layers = {stage.id: stage.layer for stage in script.stages}
            shown = {layers[stage] for stage in run.visits.values_list("stage", flat=True)}
            assert not shown & set(run.locked.split())
        left = exposure(person, script)
        assert not had or len(left.locked) <= len(had[-1].split())
    assert {"", "orange_float", "stones orange_float"} == set(
        SessionRun.objects.filter(script="layers", started_at__isnull=False).values_list("locked", flat=True)
    )


# --- the same again --------------------------------------------------------------------------------------------------


def events() -> list[Any]:
    of = "run__occasion__enrolment__pseudonym", "run__occasion__key", "seq"
    return list(SessionEvent.objects.order_by(*of).values_list(*of[:2], *column(SessionEvent, "run")))


def everybody_kept() -> list[Any]:
    return [kept_of(person) for person in Enrolment.objects.filter(synthetic=True).order_by("pseudonym")]


def test_the_same_seed_gives_the_same_sessions_and_events_in_one_go_or_in_two() -> None:
    version = world.publish(BUNDLE, now=NOW - dt.timedelta(days=120))
    fill(version, 12, "x", START)
    fill(version, 30, "x", START)
    first = everybody_kept(), events()
    assert len(first[1]) > 500
    forget_synthetic()
    assert not SessionEvent.objects.exists()
    fill(version, 30, "x", START)
    assert (everybody_kept(), events()) == first
    fill(version, 30, "x", START)
    assert (everybody_kept(), events()) == first


# --- events ----------------------------------------------------------------------------------------------------------


def test_every_event_can_be_sent_as_it_stands(layered: StudyVersion) -> None:
    by_run: dict[int, list[SessionEvent]] = defaultdict(list)
    for event in SessionEvent.objects.exclude(type="unlock").order_by("run", "seq"):
        by_run[event.run_id].append(event)
    kinds: Counter[str] = Counter()
    for run in SessionRun.objects.filter(pk__in=by_run).prefetch_related("visits"):
        sent = [
            {
                **{name: getattr(each, name) for name in ("seq", "type", "state", "stage", "t_mono_ms")},
                **{name: getattr(each, name) for name in ("tz_offset_min", "clock_offset_ms")},
                "event_id": str(each.event_id),
                "t_wall_utc": each.happened_at.isoformat().replace("+00:00", "Z"),
                "payload": json.loads(each.payload) if each.payload else {},
            }
            for each in by_run[run.pk]
        ]
        taken = read(json.dumps(sent), {visit.stage for visit in run.visits.all()})
        assert (len(taken.events), taken.refused) == (len(sent), ())
        assert [(each.seq, each.payload, each.happened_at) for each in taken.events] == [
            (each.seq, each.payload, each.happened_at) for each in by_run[run.pk]
        ]
        assert [each["seq"] for each in sent] == list(range(1, len(sent) + 1))
        times = [each.t_mono_ms or 0 for each in by_run[run.pk]]
        assert times == sorted(times)
        assert by_run[run.pk][0].type == "session_start"
        ends = "session_end" if run.status == "completed" else "leave"
        assert by_run[run.pk][-1].type == ends
        kinds.update(each.type for each in by_run[run.pk])
    assert {"session_start", "state_enter", "state_exit", "session_end", "leave", "longer", "hidden"} <= set(kinds)


def test_who_has_no_javascript_tells_nothing_and_nobody_tells_of_what_was_not_shown(layered: StudyVersion) -> None:
    untimed = [
        run
        for run in SessionRun.objects.filter(status="completed", ended_at_stage="").prefetch_related("visits", "events")
        if all(visit.quiet_actual_ms is None for visit in run.visits.all())
    ]
    assert untimed
    for run in untimed:
        assert {event.type for event in run.events.all()} <= {"unlock"}
        assert {visit.voice for visit in run.visits.all()} == {""}
    for run in SessionRun.objects.filter(started_at=None):
        assert not run.events.exists()


# --- what they say ---------------------------------------------------------------------------------------------------


def test_people_say_in_what_form_it_came_and_who_has_no_pictures_names_none() -> None:
    version = world.publish(BUNDLE, now=NOW - dt.timedelta(days=120))
    fill(version, 120, "forms", START)
    forms = Rating.objects.filter(kind="form", status="answered")
    chosen = Counter(form for row in forms for form in row.forms.split(BETWEEN))
    assert min(chosen[form] for form in ("knowing", "words", "picture", "")) > 5, chosen
    assert all(row.value == len([form for form in row.forms.split(BETWEEN) if form]) for row in forms)
    # Whoever never rates anything above the floor never names a picture, and says oftener that nothing was to rate.
    clear = Rating.objects.filter(stage="clear")
    assert {"answered", "not_applicable", "declined"} >= set(
        clear.exclude(status="not_reached").values_list("status", flat=True)
    )
    assert clear.filter(status="not_applicable").count() > 20
    checks = Counter(Rating.objects.filter(kind="check", status="answered").values_list("value", flat=True))
    assert checks[2] > 20 * (checks[1] + checks[3])
    assert checks[1] + checks[3] > 0


def test_voices_and_recordings_are_as_people_have_them() -> None:
    version = world.publish(BUNDLE, now=NOW - dt.timedelta(days=120))
    fill(version, 60, "voices", START)
    said = StageVisit.objects.filter(kind="say", left_at__isnull=False)
    assert {"recording", "device", "words", ""} == set(said.values_list("voice", flat=True))
    for visit in said:
        assert (visit.voice == "recording") == (visit.audio_ms is not None)
        if visit.audio_ms is not None:
            assert visit.stage == "place"
            assert 0 < (visit.audio_heard_ms or 0) <= visit.audio_ms
    assert any((v.audio_heard_ms or 0) < (v.audio_ms or 0) for v in said)
    assert not StageVisit.objects.exclude(kind="say").exclude(voice="").exists()
    # The same voice for one person in all their sessions.
    voices: dict[str, set[str]] = defaultdict(set)
    for who, voice in said.values_list("run__occasion__enrolment__pseudonym", "voice"):
        voices[who].add(voice)
    assert all(found <= {"words"} or found <= {"device", "recording"} or found == {""} for found in voices.values())


# --- a test person ---------------------------------------------------------------------------------------------------


def test_a_test_persons_session_is_filled_in_with_forms_checks_and_layers() -> None:
    version = world.publish(BUNDLE, now=T0)
    invited, _ = people.invite(study=version.study, by="command", now=T0, is_test=True)
    person = world.consented(version, T0, enrolment=invited)
    for n, key in enumerate(("s1", "s2", "s3", "s4", "s5")):
        at = T0 + n * 2 * DAY
        assert fill_in(enrolment=world.fresh(person), occasion_id=world.occasion(person, key).public_id, now=at)
    assert list(SessionRun.objects.order_by("pk").values_list("locked", flat=True)) == [
        "stones orange_float",
        "stones orange_float",
        "orange_float",
        "orange_float",
        "",
    ]
    assert set(SessionRun.objects.values_list("status", flat=True)) == {"completed"}
    assert Rating.objects.filter(kind="form").count() == Rating.objects.filter(kind="check").count() == 5
