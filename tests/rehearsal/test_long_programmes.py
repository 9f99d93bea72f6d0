"""A programme of months costs each answer and each turn no more than what they change."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coaching import schedule
from coaching.draws import Lot
from coaching.models import Enrolment, Message, Occasion
from coaching.schedule import Facts, Moved, Planned, plan, plan_step
from coaching.selectors.occasions import bar
from coaching.selectors.people import plan_of
from coaching.selectors.studies import declared
from coaching.services.occasions import lock
from coaching.services.reminders import plan_reminders
from config.management.commands.rehearse import START
from protocol.bundle import read_bundle
from protocol.study import Step, Study
from tests import world
from tests.rehearsal.players import NAMES, TEMPLATES, played, published
from tests.rehearsal.test_rehearse import files

pytestmark = [pytest.mark.django_db, pytest.mark.once]

LATER = START + timedelta(days=9, hours=10)


@pytest.fixture
def person() -> Enrolment:
    """Somebody who has just consented to six weeks of evenings."""
    return world.consented(published(TEMPLATES / "multiple-baseline"), now=START)


def _reckoned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that are reckoned from now on."""
    found: list[str] = []
    settle = schedule._Reckoning._settle

    def noted(self: schedule._Reckoning, step: Step, anchor: object) -> Planned:
        found.append(step.id)
        return settle(self, step, anchor)  # type: ignore[arg-type]

    monkeypatch.setattr(schedule._Reckoning, "_settle", noted)
    return found


def test_whether_an_answer_is_taken_is_reckoned_of_its_own_step(
    person: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = {occasion.key: occasion for occasion in Occasion.objects.filter(enrolment=person)}
    for occasion in of.values():
        occasion.enrolment = person
    reckoned = _reckoned(monkeypatch)
    assert bar(of["evening_9"], LATER.replace(hour=20)) is None
    assert reckoned == ["evening_9"]
    reckoned.clear()
    assert bar(of["probe_3"], LATER) == "not_open"
    # It hangs on the last session, and that on the day of the first.
    assert set(reckoned) < {"probe_3", *(f"s_{n}" for n in range(1, 7))}
    assert len(of) > 50


def _facts(study: Study, arm: str | None, day: int) -> Facts:
    """Somebody's way so far, with a step done, one missed, one moved and one skipped."""
    ids = [step.id for step in study.path(arm)]
    at = START + timedelta(days=day)
    return Facts(
        consented_at=START,
        zone=ZoneInfo("Pacific/Auckland"),
        allocated_at=START + timedelta(days=1) if arm else None,
        arm=arm,
        completed={ids[0]: START + timedelta(hours=1)},
        missed={ids[1]: START + timedelta(days=4)} if day > 4 else {},
        moved={ids[-1]: Moved(due_at=at)},
        skipped={ids[2]: START + timedelta(days=2)} if len(ids) > 3 else {},
        left_training_at=at if day > 20 else None,
        study_ended_at=START + timedelta(days=30) if day > 50 else None,
        lot=Lot("anybody"),
    )


@pytest.mark.parametrize("name", NAMES)
def test_one_step_of_a_plan_is_that_step_of_the_whole_plan(name: str) -> None:
    study = read_bundle(TEMPLATES / name).study
    for arm in (None, *(arm.name for arm in study.arms)):
        for day in (0, 3, 8, 25, 60):
            now = START + timedelta(days=day)
            facts = _facts(study, arm, day)
            whole = plan(study, facts, now)
            assert {id: plan_step(study, facts, id, now) for id in whole} == whole
            assert plan_step(study, facts, "nothing_like_it", now) is None


def _asks(person: Enrolment, planned: dict[str, Planned]) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        plan_reminders(person, planned)
    return [each["sql"] for each in asked]


def test_reminders_that_stay_as_they_are_cost_one_query_however_many(person: Enrolment) -> None:
    planned = plan_of(person, person.occasions.all(), START)
    person = lock(person.pk)
    assert Message.objects.filter(enrolment=person, kind="reminder").count() > 50
    assert len(_asks(person, planned)) == 1


def test_reminders_that_end_together_end_by_one_query(person: Enrolment) -> None:
    person = lock(person.pk)
    Occasion.objects.filter(enrolment=person, key="end").update(state="done", settled_at=LATER)
    unsent = Message.objects.filter(enrolment=person, timepoint="end")
    assert [row.state for row in unsent] == ["scheduled"] * 3
    asked = _asks(person, plan_of(person, person.occasions.all(), START))
    assert len(asked) == 2, asked
    assert {(row.state, row.reason) for row in unsent.all()} == {("cancelled", "not needed")}


def test_what_has_left_is_not_moved_and_what_has_ended_stays_so(person: Enrolment) -> None:
    person = lock(person.pk)
    first, second, third = Message.objects.filter(enrolment=person, timepoint="end").order_by("n")
    Message.objects.filter(pk=first.pk).update(state="sent", sent_at=START)
    Message.objects.filter(pk=second.pk).update(state="missed", reason="cap")
    Occasion.objects.filter(enrolment=person, key="end").update(set_due_at=START + timedelta(days=60))
    plan_reminders(person, plan_of(person, person.occasions.all(), START))
    now = {row.n: row for row in Message.objects.filter(enrolment=person, timepoint="end")}
    assert [now[n].state for n in (1, 2, 3)] == ["sent", "missed", "scheduled"]
    assert (now[1].due_at, now[2].due_at) == (first.due_at, second.due_at)
    assert now[3].due_at > third.due_at + timedelta(days=10)


def test_a_rehearsal_tells_once_a_day_how_far_it_is() -> None:
    told: list[tuple[datetime, int, int]] = []
    done = played(published(files()), 3, progress=lambda *each: told.append(each))
    days = [at.date() for at, _, _ in told]
    assert days == sorted(set(days))
    assert 3 < len(days) <= (done.ended_at - done.began_at).days + 1
    assert all(through <= of == 3 for _, through, of in told)
    assert declared(done.version).slug == "small-play"


def test_a_rehearsal_keeps_to_its_own_folder_whatever_settings_the_command_has(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The suite's settings name a data folder for themselves; mails that went there would be nobody's here."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("POTOO_TEST_DATA_DIR", str(elsewhere))
    call_command("rehearse", str(world.written(files(), tmp_path / "bundle")), people=2)
    table = capfd.readouterr().out
    assert "unexplained: 0" in table, table
    assert "invitation" in table
    assert " 0 mails" not in table.splitlines()[0]
    assert list(elsewhere.iterdir()) == []
