"""Simulated people's sessions are those that real people would have left."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from statistics import mean
from typing import Any

import pytest

from coaching.models import Occasion, StudyVersion
from coaching.selectors.studies import declared
from imagery.drawings.pictures import render
from imagery.drawings.strokes import read_strokes
from imagery.models import Drawing, Rating, Report, SessionRun, StageVisit
from imagery.selectors import session_of
from imagery.services import close_session
from imagery.services.files import on_disk
from imagery.timeline import RATED, is_point, quiet_ms, stage_called, way
from protocol.script import Range
from rehearsal.people import draws, person
from rehearsal.sessions import cut, nearest_point, sit, stopped_in
from rehearsal.sketches import REACH, SIDE, SUBJECTS, Sketch, stroke_text
from tests.rehearsal.crowds import LONG_AGO
from tests.rehearsal.test_simulate import MIDNIGHT, NOW, fill

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def snapshot() -> dict[str, list[Any]]:
    who = "run__occasion__enrolment__pseudonym"
    of = (who, "run__occasion__key", "place")
    return {
        "runs": list(
            SessionRun.objects.order_by("occasion__enrolment__pseudonym", "occasion__key").values_list(
                "occasion__enrolment__pseudonym", "occasion__key", "status", "stage", "started_at", "completed_at"
            )
        ),
        "visits": list(StageVisit.objects.order_by(*of).values_list(who, "stage", "entered_at", "left_at", "pauses")),
        "ratings": list(Rating.objects.order_by(*of).values_list(who, "stage", "value", "status", "response_time_ms")),
        "reports": list(Report.objects.order_by(*of).values_list(who, "stage", "text", "after_reveal")),
        "drawings": list(Drawing.objects.order_by(*of).values_list(who, "stage", "status", "strokes", "file")),
    }


# --- the same, and nothing twice -------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_sessions_and_again_nothing_is_added(crowd: StudyVersion) -> None:
    before = snapshot()
    assert all(before.values())
    again = fill(crowd, LONG_AGO)
    assert (again.existing, again.sessions) == (LONG_AGO, 0)
    assert snapshot() == before
    assert fill(crowd, 30, seed="other").sessions > 5
    assert len(snapshot()["runs"]) > len(before["runs"])


def test_asking_for_more_leaves_the_sessions_that_are_there(crowd: StudyVersion) -> None:
    before = snapshot()
    fill(crowd, LONG_AGO + 15)
    after = snapshot()
    for name, rows in before.items():
        there = set(rows)
        assert [row for row in after[name] if row in there] == rows
        assert len(after[name]) > len(rows)


# --- rows as the product's own ---------------------------------------------------------------------------------------


def test_every_run_goes_its_way_stage_by_stage_without_a_gap(crowd: StudyVersion) -> None:
    scripts = declared(crowd).scripts
    completed = ended_early = 0
    for run in SessionRun.objects.prefetch_related("visits", "ratings"):
        visits = list(run.visits.order_by("place"))
        choices = {r.stage: int(r.value) for r in run.ratings.all() if r.kind == "choice" and r.value is not None}
        path = [stage.id for stage in way(scripts[run.script], choices, run.locked.split())]
        assert [visit.stage for visit in visits] == path[: len(visits)]
        assert all(a.left_at == b.entered_at for a, b in zip(visits, visits[1:], strict=False))
        for visit in visits:
            stage = stage_called(scripts[run.script], visit.stage)
            assert stage is not None
            assert (visit.kind, visit.quiet_planned_ms) == (stage.kind, quiet_ms(stage))
        if run.ended_at_stage:
            ended_early += 1
            assert (run.status, run.stage, run.ended_at_stage) == ("completed", "", visits[-1].stage)
            assert [visit.left_at is None for visit in visits] == [False] * (len(visits) - 1) + [True]
            assert run.closed_at == run.completed_at >= visits[-1].entered_at
        elif run.status == "completed":
            completed += 1
            assert len(visits) == len(path)
            assert (run.started_at, run.completed_at) == (visits[0].entered_at, visits[-1].left_at)
            assert (run.closed_at, run.stage) == (run.completed_at, "")
        elif visits:
            assert [visit.left_at is None for visit in visits] == [False] * (len(visits) - 1) + [True]
            assert run.stage == visits[-1].stage
    assert completed > 20
    assert ended_early > 0


@pytest.mark.usefixtures("crowd")
def test_a_run_stands_as_its_occasion_does() -> None:
    expected = {"done": "completed", "missed": "missed", "open": "started", "cancelled": "started"}
    seen: Counter[tuple[str, bool]] = Counter()
    runs = {run.occasion_id: run for run in SessionRun.objects.all()}
    for occasion in Occasion.objects.filter(kind="imagery"):
        run = runs.get(occasion.pk)
        if run is None:
            assert occasion.started_at is None
            assert occasion.state in {"waiting", "open", "cancelled"}
            continue
        assert run.status == expected[occasion.state]
        assert run.started_at == occasion.started_at
        assert (run.closed_at is not None) == (occasion.closed_at is not None)
        seen[occasion.state, run.started_at is not None] += 1
    assert seen["done", True] > 30
    assert seen["missed", False] > 3
    assert seen["missed", True] > 0


def test_every_closed_run_has_a_row_for_every_rating_on_its_way_and_no_other_has_one_that_was_not_reached(
    crowd: StudyVersion,
) -> None:
    scripts = declared(crowd).scripts
    assert SessionRun.objects.filter(closed_at=None).exists()
    for run in SessionRun.objects.prefetch_related("ratings"):
        rows = {rating.stage: rating for rating in run.ratings.all()}
        choices = {r.stage: int(r.value) for r in rows.values() if r.kind == "choice" and r.value is not None}
        path = way(scripts[run.script], choices, run.locked.split())
        asked = {stage.id for stage in path if stage.kind in RATED}
        if run.closed_at is not None:
            assert asked <= set(rows)
        else:
            assert all(rating.status != "not_reached" for rating in rows.values())
        if run.status == "completed" and not run.ended_at_stage:
            assert all(rating.status != "not_reached" for rating in rows.values())
        for rating in rows.values():
            stage = stage_called(scripts[run.script], rating.stage)
            assert stage is not None
            if rating.status == "answered" and rating.value is not None and stage.scale is not None:
                assert is_point(stage.scale, rating.value)
            assert (rating.status == "answered") == (rating.value is not None)


@pytest.mark.usefixtures("crowd")
def test_the_rooms_own_closing_finds_nothing_left_to_do() -> None:
    before = snapshot()
    for occasion in Occasion.objects.filter(state="missed", kind="imagery").select_related("enrolment__version"):
        close_session(occasion, NOW)
    assert snapshot() == before


@pytest.mark.usefixtures("crowd")
def test_what_is_under_way_can_be_gone_on_with() -> None:
    run = SessionRun.objects.filter(status="started", occasion__state="open").first()
    assert run is not None
    occasion = Occasion.objects.select_related("enrolment__version", "enrolment__study").get(pk=run.occasion_id)
    session = session_of(occasion)
    assert session is not None
    here = session.here()
    assert here is not None
    assert (here.id, session.has_reached(here.id)) == (run.stage, True)


@pytest.mark.usefixtures("crowd")
def test_nothing_of_a_session_lies_ahead_or_after_leaving() -> None:
    for visit in StageVisit.objects.select_related("run__occasion__enrolment"):
        who = visit.run.occasion.enrolment
        ends = [at for at in (MIDNIGHT, who.withdrawn_at, who.paused_at) if at is not None]
        assert visit.entered_at < min(ends)
        assert visit.left_at is None or visit.left_at < min(ends)


@pytest.mark.usefixtures("crowd")
def test_times_are_measured_or_nobody_knows_them() -> None:
    for visit in StageVisit.objects.filter(kind__in=["say", "rest"], left_at__isnull=False):
        measured = [visit.quiet_actual_ms, visit.longer_ms, visit.pauses, visit.paused_ms, visit.hidden_ms]
        assert None not in measured or measured == [None] * 5
    quiet = StageVisit.objects.exclude(quiet_actual_ms=None).values_list("quiet_planned_ms", "quiet_actual_ms")
    assert any(kept > planned for planned, kept in quiet)
    assert any(kept < planned for planned, kept in quiet)


# --- what they give --------------------------------------------------------------------------------------------------


def test_ratings_hang_on_the_persons_own_vividness(crowd: StudyVersion) -> None:
    study = declared(crowd)
    by_class: dict[str, list[float]] = {}
    for number in range(1, 400):
        who = person(study, "level", number, 30)
        visits = sit(who, study.scripts["potoo"], 0, NOW, draws(f"{who.key}:test"))
        given = [v.value for v in visits if v.stage.rates == "vividness" and v.value is not None]
        by_class.setdefault(who.imagery, []).extend(given)
    means = {name: mean(values) for name, values in by_class.items()}
    assert means["none"] < 0.5 < means["dim"] < means["typical"] < means["vivid"]


@pytest.mark.usefixtures("crowd")
def test_texts_are_in_the_language_that_the_person_reads() -> None:
    texts = {
        language: " ".join(Report.objects.filter(language=language).values_list("text", flat=True))
        for language in ("en", "de")
    }
    assert "Nothing" in texts["en"]
    assert "Nothing" not in texts["de"]
    assert any(word in texts["de"] for word in ("Umriss", "Nichts", "Worte"))
    assert Report.objects.filter(text="", words=0).exists()


@pytest.mark.usefixtures("crowd")
def test_drawings_are_strokes_words_or_nothing_for_a_reason() -> None:
    counts = Counter(Drawing.objects.values_list("status", flat=True))
    assert all(counts[status] > 2 for status in ("drawn", "words", "skipped")), counts
    assert "uploaded" not in counts
    for drawing in Drawing.objects.all():
        if drawing.status == "drawn":
            assert json.loads(drawing.strokes)["strokes"]
        else:
            assert (drawing.strokes, drawing.file, drawing.width, drawing.stroke_count) == ("", "", None, None)
        assert bool(drawing.reason) == (drawing.status == "skipped")
        assert drawing.status != "words" or drawing.words


@pytest.mark.usefixtures("crowd")
def test_a_simulated_drawing_is_as_its_row_says_and_becomes_a_picture_when_it_is_looked_at() -> None:
    for drawing in Drawing.objects.filter(status="drawn")[:4]:
        strokes = read_strokes(drawing.strokes)
        picture = render(strokes)
        assert strokes.text == drawing.strokes
        assert (picture.width, picture.height) == (drawing.width, drawing.height)
        assert (picture.ink_fraction, len(strokes.shown)) == (drawing.ink_fraction, drawing.stroke_count)
        assert strokes.duration_s == drawing.duration_s
        path = on_disk(drawing, small=True)
        assert path is not None
        assert path.read_bytes() == picture.thumbnail


def test_a_sketch_stays_on_the_paper_wherever_it_is_moved() -> None:
    for subject in range(len(SUBJECTS)):
        for dx, dy in ((-REACH, -REACH), (REACH, REACH)):
            for stroke in read_strokes(stroke_text(Sketch(subject, dx, dy, 100))).shown:
                xs, ys = stroke.points[0::6], stroke.points[1::6]
                assert min(*xs, *ys) > 20
                assert max(*xs, *ys) < SIDE - 20


# --- pure ------------------------------------------------------------------------------------------------------------


def test_a_session_that_is_cut_keeps_what_came_before_and_gives_nothing_at_the_stage_that_was_shown(
    crowd: StudyVersion,
) -> None:
    study = declared(crowd)
    who = person(study, "cut", 1, 30)
    visits = sit(who, study.scripts["kitchen"], 0, NOW, draws("cut"))
    at = visits[5].entered_at + dt.timedelta(milliseconds=1)
    short = cut(visits, at)
    assert short[:5] == visits[:5]
    assert (len(short), short[5].left_at, short[5].status, short[5].stage) == (6, None, "", visits[5].stage)
    assert cut(visits, visits[0].entered_at) == ()
    assert stopped_in(visits, 5) == short


def test_every_point_of_every_scale_can_be_given() -> None:
    for scale in (Range(1, 5), Range(0, 100), Range(-2, 2), Range(0, 0.5)):
        values = {nearest_point(scale, share / 1000) for share in range(1001)}
        assert (min(values), max(values)) == (scale.min, scale.max)
        assert all(is_point(scale, value) for value in values)
