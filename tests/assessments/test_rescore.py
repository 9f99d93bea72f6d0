"""Every score of a study made again by one command: it changes nothing twice, and reports exactly what was another."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from assessments.models import ChangeJudgement, SchemeBand, ScoreRow
from coaching.models import Enrolment, Measure, StudyVersion
from coaching.services.people import withdraw
from privacy.erasure import erase
from rehearsal.services import simulate
from tests import world
from tests.assessments.papers import T0, fill, someone

NOW = dt.datetime(2027, 6, 1, 10, 0, tzinfo=dt.UTC)
EVERY_KIND = Path(__file__).parents[1] / "studies" / "every_kind"


def rescored(slug: str) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The differences that the command printed, and its last line."""
    out = io.StringIO()
    call_command("rescore", slug, stdout=out)
    *differences, told = map(json.loads, out.getvalue().splitlines())
    return differences, told


def derived() -> list[Any]:
    """All that is derived, without the keys of its rows."""
    kept = []
    for model in (ScoreRow, SchemeBand, ChangeJudgement, Measure):
        fields = [f.attname for f in model._meta.concrete_fields if f.name not in ("id", "recorded_at", "score")]
        of = ["score"] if model in (ScoreRow, Measure) else ["score__score", "score__administration"]
        kept.append(sorted(map(repr, model._default_manager.values_list(*of, *fields))))
    return kept


@pytest.fixture
def version(db: None) -> StudyVersion:
    version = world.publish(EVERY_KIND, now=NOW - dt.timedelta(days=120))
    simulate(version=version, participants=6, seed="7", start=dt.date(2027, 2, 1), now=NOW, by="command")
    return version


def place(row: ScoreRow) -> tuple[str, str, str, str]:
    sheet = row.administration
    return row.enrolment.pseudonym, sheet.occasion.key, sheet.instrument, row.score


def place_of(difference: dict[str, Any]) -> tuple[str, str, str, str]:
    return difference["participant"], difference["timepoint"], difference["instrument"], difference["score"]


def test_scores_that_are_right_are_left_alone(version: StudyVersion) -> None:
    before = derived()

    differences, told = rescored(version.study.slug)

    assert differences == []
    assert told["differences"] == 0
    assert told["people"] == Enrolment.objects.count() > 0
    assert told["questionnaires"] > told["people"]
    assert derived() == before


def test_what_was_changed_by_hand_is_reported_and_nothing_else(version: StudyVersion) -> None:
    before = derived()
    row = ScoreRow.objects.filter(score="weighed", value__isnull=False)[0]
    ScoreRow.objects.filter(pk=row.pk).update(value=99, prorated=True)
    band = SchemeBand.objects.exclude(band="")[0]
    SchemeBand.objects.filter(pk=band.pk).update(band="invented")
    said = ChangeJudgement.objects.exclude(verdict="").exclude(method="off_the_floor")[0]
    ChangeJudgement.objects.filter(pk=said.pk).update(verdict="invented")

    differences, told = rescored(version.study.slug)

    assert sorted((*place_of(d), d["what"], str(d["before"]), str(d["after"])) for d in differences) == sorted(
        [
            (*place(row), "value", "99.0", str(row.value)),
            (*place(row), "prorated", "True", "False"),
            (
                *place(band.score),
                f"band by {band.scheme}",
                *(str([band.scheme_version, b]) for b in ("invented", band.band)),
            ),
            *(
                (*place_of(d), d["what"], str(d["before"]), str(d["after"]))
                for d in differences
                if (place_of(d), d["what"]) == (place(said.score), f"change by {said.method}")
            ),
        ]
    )
    judged = [d for d in differences if d["what"] == f"change by {said.method}"]
    assert [(d["before"][5], d["after"][5]) for d in judged] == [("invented", said.verdict)]
    assert told["differences"] == 4
    assert derived() == before
    assert rescored(version.study.slug)[0] == []


def test_a_score_that_was_lost_comes_back_with_all_that_hangs_on_it(version: StudyVersion) -> None:
    before = derived()
    row = ScoreRow.objects.filter(score="total_high_is_vivid", value__isnull=False)[0]
    gone = place(row)
    row.delete()

    differences, _ = rescored(version.study.slug)

    assert {place_of(d) for d in differences if d["what"] in ("value", "band by strict")} == {gone}
    assert {d["before"] for d in differences if place_of(d) == gone} == {None}
    assert derived() == before
    assert rescored(version.study.slug)[0] == []


def test_a_measure_of_the_programme_is_made_again_too(version: StudyVersion) -> None:
    measure = Measure.objects.exclude(value=None)[0]
    Measure.objects.filter(pk=measure.pk).update(value=-1)

    differences, _ = rescored(version.study.slug)

    assert [(d["what"], d["before"], d["after"]) for d in differences] == [("measure", -1, measure.value)]


@pytest.mark.django_db
def test_who_left_is_scored_again_and_who_was_erased_is_not() -> None:
    stays = someone()
    fill(stays, 1, 5, 1)
    goes = world.consented(stays.study.versions.get(), T0)
    fill(goes, 2, 2, 2)
    withdraw(enrolment=stays, choice="keep", by="participant", now=T0)
    erase(enrolment=goes, by="command", reason="asked", now=T0)
    ScoreRow.objects.filter(score="total").update(value=15)

    differences, told = rescored(stays.study.slug)

    assert told["people"] == 1
    assert ("value", 15, 3) in [(d["what"], d["before"], d["after"]) for d in differences]


@pytest.mark.django_db
def test_a_study_without_answers_has_nothing_to_score_and_no_study_is_an_error() -> None:
    assert rescored(world.tiny().study.slug) == ([], {"people": 0, "questionnaires": 0, "differences": 0})
    with pytest.raises(CommandError, match="There is no study 'nowhere'"):
        rescored("nowhere")
