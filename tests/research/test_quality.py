"""Data quality: what each rule sees and what not, and that a decision takes nothing out."""

from __future__ import annotations

import datetime as dt
import json
import statistics
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

import clock
from accounts.models import AuditEntry, User
from assessments.models import Administration, Answer
from coaching.models import Enrolment, StudyVersion
from imagery.models import Drawing, SessionRun, StageVisit
from privacy.erasure import erase
from privacy.portability import tables_of
from protocol.instrument import Scale
from research import quality
from research.decisions import NotForExclusion, decide
from research.flags import Flag, flags_of, floor_of
from research.models import QualityDecision
from research.quality import NoDrawing, Sheet
from tests import world
from tests.rehearsal.test_simulate import DEMO
from tests.research.calls import caller

INSTRUMENT = "scenes_16"
CALM = Sheet(answered=16, lowest=1, highest=5, at_floor=3, timed=16, fast=0, took_ms=80_000)


def seen(**changes: Any) -> list[str]:
    given = {name: getattr(CALM, name) for name in CALM.__slots__} | changes
    return [each.rule.name for each in quality.of_sheet(Sheet(**given))]


# --- the rules -------------------------------------------------------------------------------------------------------


def test_an_ordinary_questionnaire_has_no_flag() -> None:
    assert seen() == []


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=30))
def test_fast_is_a_lower_median_under_1200_ms_over_8_times_at_least(times: list[int]) -> None:
    fast = sum(each < quality.FAST_MS for each in times)
    is_fast = len(times) >= 8 and statistics.median_low(times) < 1_200
    assert seen(timed=len(times), fast=fast, took_ms=sum(times)) == (["fast"] if is_fast else [])


def test_the_same_answer_everywhere_may_be_true_and_all_at_the_floor_is_a_finding() -> None:
    assert seen(lowest=3, highest=3, at_floor=0) == ["same"]
    assert seen(lowest=1, highest=1, at_floor=16) == ["floor"]
    assert (quality.SAME.tag, quality.FLOOR.tag) == ("may_be_true", "finding")


def test_all_at_the_floor_is_seen_across_reversed_items() -> None:
    assert seen(lowest=1, highest=5, at_floor=16) == ["floor"]
    assert seen(lowest=1, highest=5, at_floor=15) == []


def test_fewer_than_eight_answers_say_nothing() -> None:
    assert seen(answered=7, lowest=1, highest=1, at_floor=7, timed=7, fast=7) == []
    assert seen(answered=0, lowest=None, highest=None, at_floor=0, timed=0, fast=0, took_ms=0) == []


@pytest.mark.parametrize(
    ("direction", "is_reversed", "floor"),
    [
        ("higher_is_more", False, 1),
        ("higher_is_more", True, 5),
        ("higher_is_less", False, 5),
        ("higher_is_less", True, 1),
    ],
)
def test_the_floor_is_where_least_is_said(direction: Any, is_reversed: bool, floor: float) -> None:
    assert floor_of(Scale(1, 5, 1, direction), is_reversed=is_reversed) == floor


@pytest.mark.parametrize(
    ("hidden_s", "span_s", "is_seen"),
    [(31, 60, True), (30, 60, False), (29, 40, False), (0, 0, False), (600, 600, True)],
)
def test_away_is_more_than_half_of_the_time_and_30_s_at_least(hidden_s: int, span_s: int, is_seen: bool) -> None:
    assert bool(list(quality.of_session(hidden_s * 1000, span_s * 1000))) == is_seen


def test_two_drawings_without_a_line_stand_at_the_second() -> None:
    one, two, three = (NoDrawing(f"s{n}", "potoo", n == 2) for n in (1, 2, 3))
    assert list(quality.of_drawings([one])) == []
    [(at, found)] = quality.of_drawings([one, two, three])
    assert (at, found.numbers) == (two, {"blank": 1, "skipped": 2})


# --- in the database -------------------------------------------------------------------------------------------------


@pytest.fixture
def version(db: None) -> StudyVersion:
    return world.publish(DEMO)


def sheet(person: Enrolment, values: Any, time_ms: int = 4_000) -> Administration:
    """A finished questionnaire of sixteen items."""
    now = clock.now()
    made = Administration.objects.create(
        occasion=world.occasion(person, "baseline"),
        instrument=INSTRUMENT,
        instrument_version=1,
        place=0,
        started_at=now,
        finished_at=now,
        closed_at=now,
    )
    Answer.objects.bulk_create(
        Answer(
            administration=made,
            item=f"i{n}",
            position=n,
            status="answered" if value is not None else "declined",
            value=value,
            response_time_ms=time_ms,
        )
        for n, value in enumerate(values, start=1)
    )
    return made


def names(study: Any, **options: Any) -> list[tuple[str, str, str]]:
    return [(flag.rule.name, flag.pseudonym, flag.part) for flag in flags_of(study, **options)]


def test_the_rules_see_what_is_stored(version: StudyVersion) -> None:
    calm, flat, floor, fast = (world.consented(version) for _ in range(4))
    sheet(calm, [1, 2, 3, 4] * 4)
    sheet(flat, [3] * 16)
    sheet(floor, [1] * 15 + [None])
    sheet(fast, [2, 5] * 8, time_ms=900)
    assert names(version.study) == [
        ("fast", fast.pseudonym, INSTRUMENT),
        ("same", flat.pseudonym, INSTRUMENT),
        ("floor", floor.pseudonym, INSTRUMENT),
    ]
    assert names(version.study, enrolment=flat) == [("same", flat.pseudonym, INSTRUMENT)]
    assert names(version.study, synthetic=True) == []


def test_an_unfinished_questionnaire_is_not_looked_at(version: StudyVersion) -> None:
    made = sheet(world.consented(version), [3] * 16)
    Administration.objects.filter(pk=made.pk).update(closed_at=None, finished_at=None)
    assert names(version.study) == []


def session(person: Enrolment, hidden_ms: int, *drawings: tuple[str, str, int | None]) -> None:
    now = clock.now()
    run = SessionRun.objects.create(
        occasion=world.occasion(person, "baseline"),
        attempt=1,
        script="potoo",
        script_version=1,
        status="completed",
        started_at=now,
        completed_at=now,
        closed_at=now,
    )
    for n in (1, 2):
        StageVisit.objects.create(
            run=run,
            stage=f"stage_{n}",
            kind="say",
            place=n,
            entered_at=now,
            left_at=now + dt.timedelta(seconds=50),
            hidden_ms=hidden_ms,
        )
    for n, (status, reason, strokes) in enumerate(drawings):
        Drawing.objects.create(
            run=run,
            stage=f"d{n}",
            place=n,
            condition="imagery",
            status=status,
            reason=reason,
            stroke_count=strokes,
            saved_at=now,
        )


def test_sessions_and_drawings_are_looked_at(version: StudyVersion) -> None:
    away, here, empty, nothing = (world.consented(version) for _ in range(4))
    session(away, 30_000)
    session(here, 20_000)
    session(empty, 0, ("skipped", "rather_not", None), ("drawn", "", 0), ("drawn", "", 4))
    session(nothing, 0, ("skipped", "nothing_came", None), ("skipped", "nothing_came", None))
    assert names(version.study) == [("hidden", away.pseudonym, "potoo"), ("empty", empty.pseudonym, "potoo")]
    assert flags_of(version.study)[0].numbers == {"hidden_s": 60, "span_s": 100}


# --- deciding --------------------------------------------------------------------------------------------------------


@pytest.fixture
def person(version: StudyVersion) -> Enrolment:
    someone = world.consented(version)
    sheet(someone, [3] * 16)
    return someone


def only_flag(person: Enrolment) -> Flag:
    [flag] = flags_of(person.study, enrolment=person)
    return flag


def decided(person: Enrolment, by: User, decision: str = "exclude", reason: str = "Out of set A: see the log") -> Any:
    return decide(enrolment=person, flag=only_flag(person), decision=decision, reason=reason, by=by, now=clock.now())


def test_a_decision_stands_beside_the_data_and_takes_nothing_out(person: Enrolment) -> None:
    owner = world.staff(person.study)
    assert only_flag(person).is_open
    before = list(Answer.objects.order_by("pk").values_list())
    made = decided(person, owner)
    assert list(Answer.objects.order_by("pk").values_list()) == before
    assert only_flag(person).decision == made
    assert not only_flag(person).is_open


def test_decisions_are_a_dataset_of_their_own(person: Enrolment) -> None:
    decided(person, world.staff(person.study))
    [row] = caller(person.study).rows("decisions")
    promised = "participant, study, arm, timepoint, part, rule, rule_version, decision, reason, decided_at, synthetic"
    assert list(row) == promised.split(", ")
    assert (row["participant"], row["rule"], row["rule_version"]) == (person.pseudonym, "same", 1)
    assert (row["decision"], row["reason"], row["arm"]) == ("exclude", "Out of set A: see the log", None)


def test_the_latest_decision_stands_and_all_are_kept(person: Enrolment) -> None:
    owner = world.staff(person.study)
    decided(person, owner)
    last = decided(person, owner, "keep", "The coach says that it is true")
    assert only_flag(person).decision == last
    assert QualityDecision.objects.count() == 2


def test_saying_the_same_again_adds_nothing(person: Enrolment) -> None:
    owner = world.staff(person.study)
    assert decided(person, owner) == decided(person, owner)
    assert QualityDecision.objects.count() == AuditEntry.objects.filter(action="quality.decide").count() == 1


def test_a_decision_is_in_the_audit_log_without_its_reason(person: Enrolment) -> None:
    owner = world.staff(person.study)
    decided(person, owner)
    entry = AuditEntry.objects.get(action="quality.decide")
    assert (entry.actor, entry.subject) == (f"staff:{owner.pk}", person.pseudonym)
    assert json.loads(entry.detail)["decision"] == "exclude"
    assert "set A" not in entry.detail


def test_a_decision_about_an_older_rule_leaves_the_flag_open(person: Enrolment) -> None:
    decided(person, world.staff(person.study))
    QualityDecision.objects.update(rule_version=0)
    assert only_flag(person).is_open


def test_a_finding_is_never_left_out_and_asks_for_nothing(version: StudyVersion) -> None:
    someone, owner = world.consented(version), world.staff(version.study)
    sheet(someone, [1] * 16)
    assert not only_flag(someone).is_open
    with pytest.raises(NotForExclusion):
        decided(someone, owner)
    assert decided(someone, owner, "keep").decision == "keep"


def test_decisions_are_the_persons_to_read_and_go_when_they_are_erased(person: Enrolment) -> None:
    decided(person, world.staff(person.study))
    [row] = tables_of(person)["quality_decisions"]
    assert (row["rule"], row["decision"], row["reason"]) == ("same", "exclude", "Out of set A: see the log")
    erase(enrolment=person, by="participant", reason="participant", now=clock.now())
    assert not QualityDecision.objects.exists()


# --- the pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(person: Enrolment) -> Client:
    return world.browser_of_staff(world.staff(person.study))


def address(person: Enrolment, rule: str = "same") -> str:
    return reverse("research:quality_flag", args=[person.study.slug, person.pseudonym, rule, "baseline", INSTRUMENT])


def page(browser: Client, person: Enrolment, query: str = "") -> str:
    response = browser.get(reverse("research:quality", args=[person.study.slug]) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_shows_what_is_open_and_the_rest_by_choice(browser: Client, person: Enrolment) -> None:
    assert "1 open flag, on 1 person." in page(browser, person)
    assert address(person) in page(browser, person)
    browser.post(address(person), {"decision": "keep", "reason": "True, says the coach"})
    assert address(person) not in page(browser, person)
    assert address(person) in page(browser, person, "?state=decided&rule=same")
    assert address(person) not in page(browser, person, "?state=all&rule=fast")
    for wrong in ("?state=gone", "?rule=gone", "?people=gone"):
        assert browser.get(reverse("research:quality", args=[person.study.slug]) + wrong).status_code == 404


def test_a_decision_needs_a_reason_and_a_choice_and_loses_nothing_typed(browser: Client, person: Enrolment) -> None:
    for body in ({"decision": "keep", "reason": "  "}, {"reason": "typed"}, {"decision": "delete", "reason": "typed"}):
        response = browser.post(address(person), body)
        assert response.status_code == 422
        assert "Error:" in response.content.decode()
        assert body["reason"].strip() in response.content.decode()
    assert not QualityDecision.objects.exists()


def test_a_finding_has_no_button_to_leave_it_out_and_takes_none(browser: Client, version: StudyVersion) -> None:
    someone = world.consented(version)
    sheet(someone, [1] * 16)
    there = address(someone, "floor")
    assert 'value="keep"' in browser.get(there).content.decode()
    assert 'value="exclude"' not in browser.get(there).content.decode()
    assert browser.post(there, {"decision": "exclude", "reason": "flat"}).status_code == 422
    assert not QualityDecision.objects.exists()


def test_a_flag_that_is_gone_leads_back_and_one_that_never_was_is_not_found(browser: Client, person: Enrolment) -> None:
    Answer.objects.filter(position=1).update(value=2)
    response = browser.post(address(person), {"decision": "keep", "reason": "r"})
    assert response["Location"] == reverse("research:quality", args=[person.study.slug])
    assert browser.get(address(person, "no-such-rule")).status_code == 404
    assert not QualityDecision.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [("researcher", 200), ("coach", 403), ("data_manager", 403), ("observer", 403)]
)
def test_those_who_publish_decide(person: Enrolment, role: str, status: int) -> None:
    browser = world.browser_of_staff(world.staff(person.study, role))
    assert browser.get(reverse("research:quality", args=[person.study.slug])).status_code == status
    assert browser.get(address(person)).status_code == status


def test_the_list_asks_the_database_as_often_for_many_as_for_one(
    browser: Client, person: Enrolment, django_assert_max_num_queries: Any
) -> None:
    for _ in range(40):
        sheet(world.consented(person.version), [2] * 16)  # type: ignore[arg-type]
    with django_assert_max_num_queries(15):
        assert "41 flags" in page(browser, person)
