"""Synthetic people in a database: the same rows as real ones, twice the same, and apart from the real."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

import clock
from accounts.models import AuditEntry
from assessments.models import Answer, ScoreRow
from coaching.models import (
    AllocationList,
    AllocationSlot,
    Contact,
    Enrolment,
    Occasion,
    PersonalLink,
    Screening,
    StudyVersion,
)
from config.tick import turn
from rehearsal.services import BadStart, Simulated, pseudonyms, simulate
from tests import world

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 24, 15, 30, tzinfo=dt.UTC)
MIDNIGHT = NOW.replace(hour=0, minute=0)
DEMO = Path(__file__).resolve().parents[2] / "studies" / "potoo-demo"


def fill(version: StudyVersion, participants: int = 60, seed: str = "s", **options: Any) -> Simulated:
    return simulate(
        version=version,
        participants=participants,
        seed=seed,
        start=options.get("start"),
        now=options.get("now", NOW),
        by="command",
    )


def state(study: str) -> dict[str, list[Any]]:
    """All synthetic rows of a study, without keys of the database's own."""
    person = "enrolment__pseudonym"
    of = {"enrolment__study__slug": study, "enrolment__synthetic": True}
    sheet = "administration__occasion__enrolment__pseudonym"
    hidden = {"id", "study", "version", "screening"}
    columns = [field.name for field in Enrolment._meta.fields if field.name not in hidden]
    return {
        "people": list(
            Enrolment.objects.filter(study__slug=study, synthetic=True).order_by("pseudonym").values(*columns)
        ),
        "occasions": list(
            Occasion.objects.filter(**of)
            .order_by(person, "place")
            .values(person, "public_id", "key", "due_at", "opens_at", "closes_at", "state", "started_at", "settled_at")
        ),
        "answers": list(
            Answer.objects.filter(**{f"administration__occasion__{key}": value for key, value in of.items()})
            .order_by(sheet, "administration__occasion__place", "administration__place", "position")
            .values(sheet, "item", "value", "status", "answered_at", "response_time_ms", "changes", "position")
        ),
        "scores": list(
            ScoreRow.objects.filter(**of)
            .order_by(person, "administration__occasion__place", "administration__place", "score")
            .values(person, "score", "value", "band", "change")
        ),
        "slots": list(
            AllocationSlot.objects.filter(list__study__slug=study, list__synthetic=True)
            .order_by("list__design", "list__stratum", "position")
            .values("list__stratum", "position", "block", "arm", person)
        ),
    }


# --- the same, and nothing twice -------------------------------------------------------------------------------------


def test_again_with_the_same_seed_nothing_is_added() -> None:
    version = world.example()
    first = fill(version)
    before = state("small-scenes")
    again = fill(version)
    assert (first.added, again.added, again.existing) == (60, 0, 60)
    assert state("small-scenes") == before
    assert AuditEntry.objects.filter(action="study.simulate").count() == 1


def test_the_same_seed_gives_the_same_people_wherever_else_and_whenever_that_day() -> None:
    version = world.example()
    fill(version)
    expected = state("small-scenes")
    forget_synthetic()
    real = [world.consented(version, now=NOW) for _ in range(3)]
    fill(version, now=NOW.replace(hour=23))
    assert state("small-scenes") == expected
    assert all(Enrolment.objects.filter(pk=person.pk).exists() for person in real)


def forget_synthetic() -> None:
    AllocationSlot.objects.filter(list__synthetic=True).delete()
    AllocationList.objects.filter(synthetic=True).delete()
    Enrolment.objects.filter(synthetic=True).delete()


def test_asking_for_more_adds_the_others_and_gives_what_asking_at_once_would() -> None:
    version = world.example()
    fill(version, 25)
    few = {row["pseudonym"] for row in state("small-scenes")["people"]}
    added = fill(version, 60)
    assert (added.added, added.existing) == (35, 25)
    in_two_goes = state("small-scenes")
    assert few <= {row["pseudonym"] for row in in_two_goes["people"]}
    forget_synthetic()
    fill(version, 60)
    assert state("small-scenes") == in_two_goes


def test_another_seed_gives_other_people_beside_them() -> None:
    version = world.example()
    fill(version, 20, "one")
    before = {row["pseudonym"]: row for row in state("small-scenes")["people"]}
    assert fill(version, 20, "two").added == 20
    after = {row["pseudonym"]: row for row in state("small-scenes")["people"]}
    assert len(after) == 40
    assert {name: after[name] for name in before} == before


def test_a_start_date_decides_on_all_times() -> None:
    version = world.example()
    fill(version, 30, start=dt.date(2024, 2, 1))
    people = Enrolment.objects.filter(synthetic=True)
    came = [person.consented_at for person in people if person.consented_at]
    first = dt.datetime(2024, 2, 1, tzinfo=dt.UTC)
    assert min(came) >= first
    assert max(came) < first + dt.timedelta(days=57)
    # Everything of such a study is over by now, but for those who never began what has no end.
    assert (
        Occasion.objects.filter(state__in=["open", "waiting"])
        .exclude(key="baseline")
        .filter(enrolment__allocated_at__isnull=False)
        .count()
        == 0
    )


@pytest.mark.parametrize("start", [dt.date(2026, 11, 24), dt.date(2031, 1, 1)])
def test_what_has_not_come_yet_is_not_simulated(start: dt.date) -> None:
    with pytest.raises(BadStart, match="before 2026-11-24"):
        fill(world.example(), 5, start=start)
    assert not Enrolment.objects.exists()


def test_a_pseudonym_that_somebody_bears_is_passed_over() -> None:
    version = world.example()
    wanted = pseudonyms("small-scenes", "s", 3)
    taken, next_one = next(wanted), next(wanted)
    real = world.consented(version, now=NOW)
    Enrolment.objects.filter(pk=real.pk).update(pseudonym=taken)
    fill(version, 5)
    assert Enrolment.objects.get(pseudonym=next_one).synthetic
    assert not Enrolment.objects.get(pseudonym=taken).synthetic
    assert fill(version, 5).added == 0


def test_an_erased_synthetic_person_does_not_come_back() -> None:
    version = world.example()
    fill(version, 5)
    gone = Enrolment.objects.filter(synthetic=True).first()
    assert gone is not None
    call_command("erase", gone.pseudonym, "--study", "small-scenes", "--reason", "r")
    assert fill(version, 5).added == 0


# --- apart from the real ---------------------------------------------------------------------------------------------


def test_they_are_allocated_from_lists_of_their_own_in_balanced_blocks() -> None:
    version = world.example()
    real = world.consented(version, now=NOW)
    fill(version, 120)
    assert AllocationList.objects.filter(synthetic=False, slots__enrolment__synthetic=True).count() == 0
    blocks: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for slot in AllocationSlot.objects.filter(list__synthetic=True).select_related("list", "enrolment"):
        assert slot.enrolment is not None
        assert slot.enrolment.synthetic
        assert slot.enrolment.arm == slot.arm
        blocks[slot.list.stratum, slot.block][slot.arm] += 1
    last = {stratum: max(n for s, n in blocks if s == stratum) for stratum, _ in blocks}
    for (stratum, number), arms in blocks.items():
        if number < last[stratum]:
            assert arms["sessions"] == arms["questions"], (stratum, number)
    assert not Enrolment.objects.get(pk=real.pk).synthetic


def test_real_people_get_the_arms_that_they_would_have_got_alone() -> None:
    version = world.example()
    fill(version, 50)
    assert AllocationList.objects.filter(synthetic=False).count() == 0


def test_they_have_no_address_no_link_and_are_no_visitor_at_the_door() -> None:
    fill(world.example(), 10)
    assert {(c.email, c.email_hash, c.label, c.external_ids) for c in Contact.objects.all()} == {("", "", "", "")}
    assert not PersonalLink.objects.exists()
    assert not Screening.objects.exists()


def test_from_then_on_the_tick_treats_them_like_people_who_do_nothing() -> None:
    fill(world.publish(DEMO), 40)
    running = Enrolment.objects.filter(synthetic=True, completed_at=None, withdrawn_at=None, allocated_at__isnull=False)
    assert running.exists()
    assert turn(now=MIDNIGHT)["missed"] == 0
    for days in (40, 80, 120):
        turn(now=MIDNIGHT + dt.timedelta(days=days))
    assert not running.exists()


# --- other designs, and the command ----------------------------------------------------------------------------------


def test_a_study_of_one_question_and_no_arms_can_be_filled() -> None:
    version = world.tiny()
    assert fill(version, 12).added == 12
    assert fill(version, 12).added == 0
    assert Answer.objects.filter(status="answered").exists()
    assert not AllocationList.objects.exists()


def test_a_study_without_any_step_can_be_filled_once() -> None:
    step = "before:\n  - {id: first, title: The first one, do: assess, instruments: [one]}\n"
    version = world.publish(world.edited({step: ""}, world.TINY))
    assert (fill(version, 4).added, fill(version, 4).added) == (4, 0)


def test_simple_draws_and_stops_are_simulated_too() -> None:
    files = world.edited(
        {
            "allocation: {method: blocks, blocks: [2, 4], by: [imagery]}": "allocation: {method: simple}",
            "do: assess, instruments: [scenes_4]}\nallocation": "do: assess, instruments: [scenes_4], "
            "at: consent + 0s, window: [0s, 1d]}\nallocation",
        }
    )
    fill(world.publish(files), 150)
    assert set(Enrolment.objects.exclude(arm="").values_list("arm", flat=True)) == {"sessions", "questions"}
    excluded = Enrolment.objects.filter(excluded_by="missed:baseline")
    assert excluded.exists()
    assert not excluded.exclude(arm="").exists()
    assert Enrolment.objects.filter(excluded_at=None, arm="", withdrawn_at=None).count() < 10


def test_the_command_prints_one_line_of_counts(capsys: pytest.CaptureFixture[str]) -> None:
    version = world.example()
    call_command("simulate", "small-scenes", "--participants", "8", "--seed", "s")
    printed = capsys.readouterr()
    counts = json.loads(printed.out)
    assert (counts["study"], counts["version"], counts["seed"]) == ("small-scenes", version.n, "s")
    assert (counts["participants"], counts["added"], counts["existing"]) == (8, 8, 0)
    assert "8 of 8 people" in printed.err
    entry = AuditEntry.objects.get(action="study.simulate")
    assert (entry.actor, entry.study, json.loads(entry.detail)) == (
        "command",
        "small-scenes",
        {"added": 8, "seed": "s"},
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere", "--participants", "3", "--seed", "s"], "no study has the slug 'nowhere'"),
        (["small-scenes", "--participants", "0", "--seed", "s"], "whole number from 1"),
        (["small-scenes", "--participants", "many", "--seed", "s"], "whole number from 1"),
        (["small-scenes", "--participants", "3", "--seed", "s", "--start", "soon"], "a date such as"),
        (["small-scenes", "--participants", "3", "--seed", "s", "--start", "2999-01-01"], "expected a day before"),
        (["small-scenes", "--participants", "3"], "--seed"),
    ],
)
def test_the_command_says_what_is_wrong_and_adds_nothing(arguments: list[str], says: str) -> None:
    world.example()
    with pytest.raises(CommandError, match=says):
        call_command("simulate", *arguments)
    assert not Enrolment.objects.exists()


def test_the_default_start_leaves_some_who_have_finished_and_some_who_have_not() -> None:
    done = fill(world.publish(DEMO), 40, "night", now=clock.now())
    people = Enrolment.objects.filter(synthetic=True)
    assert 3 <= done.completed <= 30
    assert people.filter(completed_at=None, withdrawn_at=None, allocated_at__isnull=False).count() >= 5
