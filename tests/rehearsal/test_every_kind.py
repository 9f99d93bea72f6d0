"""Simulated people answer every kind of question as the real services would have stored it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

import clock
from assessments.branching import due
from assessments.entries import as_given
from assessments.models import Administration, Answer, AnswerRevision
from assessments.selectors import form_of, sheet_of
from assessments.services import Given, Taken, answer
from coaching.models import StudyVersion
from coaching.selectors.studies import declared
from coaching.services import people
from protocol.bundle import read_bundle
from rehearsal.calendar import Forms, live
from rehearsal.lengths import length_d
from rehearsal.lists import Lists
from rehearsal.people import person
from rehearsal.walking import fill_in
from tests import world
from tests.rehearsal.crowds import EVERY_KIND, LIBRARY, NOW, fill, published, sheets
from tests.rehearsal.test_simulate import forget_synthetic

pytestmark = pytest.mark.django_db
OF_A_SHEET = "administration__occasion__enrolment__pseudonym", "administration__occasion__key"


@pytest.fixture
def version() -> StudyVersion:
    version = published()
    fill(version)
    return version


# --- rows, whatever the seed ------------------------------------------------------------------------------------------


def test_of_many_seeds_every_sheet_keeps_to_the_rules() -> None:
    study, horizon = read_bundle(EVERY_KIND).study, dt.datetime(2027, 6, 1, tzinfo=dt.UTC)
    begins, whole, broken_off = horizon - dt.timedelta(days=100), 0, 0
    forms = Forms.of(study)
    for seed in map(str, range(15)):
        lists = Lists(study, seed, {}, {})
        for number in range(1, 21):
            who = person(study, seed, number, length_d(study))
            life = live(who, f"P{number}", forms, start=begins, horizon=horizon, place_of=lists.next, before=number - 1)
            for sheet in life.sheets:
                instrument = study.instruments[sheet.instrument]
                items = {item.id: item for item in instrument.items()}
                given = {reply.item: as_given(items[reply.item], reply.value, reply.text) for reply, _ in sheet.replies}
                are_due = due(instrument, sheet.form, given)
                assert len(given) == len(sheet.replies)
                assert all(are_due[id] for id in given)
                assert (sheet.finished_at is not None) == all(are_due[id] is False for id in items if id not in given)
                assert [id for id in sheet.order if id in given] == list(given)
                whole += sheet.finished_at is not None
                broken_off += sheet.finished_at is None and bool(given)
    assert whole > 500
    assert broken_off > 5


# --- parallel forms ---------------------------------------------------------------------------------------------------


def test_every_form_is_given_as_often_as_any_other_and_nobody_gets_one_twice_running(version: StudyVersion) -> None:
    first = Counter(
        Administration.objects.filter(occasion__key="first", instrument="pictures").values_list("form", flat=True)
    )
    assert set(first) == {"a", "b"}
    assert abs(first["a"] - first["b"]) <= 2
    by_person: dict[str, list[str]] = defaultdict(list)
    for sheet in Administration.objects.filter(instrument="pictures").order_by("occasion__place"):
        by_person[sheet.occasion.enrolment.pseudonym].append(sheet.form)
    assert any(len(forms) == 3 for forms in by_person.values())
    assert all(a != b for forms in by_person.values() for a, b in zip(forms, forms[1:], strict=False))


def test_people_who_are_added_later_get_the_forms_that_they_would_have_got_at_once() -> None:
    version = published()
    fill(version, 25)
    assert fill(version, 60).added == 35
    in_two_goes = forms()
    forget_synthetic()
    fill(version, 60)
    assert forms() == in_two_goes


def forms() -> list[tuple[Any, ...]]:
    of = "occasion__enrolment__pseudonym", "occasion__key", "instrument"
    return list(Administration.objects.order_by(*of).values_list(*of, "form"))


def test_test_persons_and_people_of_other_seeds_are_counted_among_them() -> None:
    version = published()
    fill(version, 5)
    people.invite(study=version.study, by="command", now=NOW, is_test=True)
    world.consented(version, now=NOW)
    fill(version, 8, "other")
    assert all(
        sheet.form == form_of(sheet.occasion, declared(version).instruments[sheet.instrument]) for sheet in sheets()
    )


def test_a_form_hangs_on_the_arm_that_came_before_it_was_given_not_on_when_it_was_planned() -> None:
    """`late` is planned at consent, before anybody knows that one arm alone answers `pictures` in between."""
    arm = '  pictures: {title: {en: "Pictures", de: "Bilder"}, steps: []}\n'
    with_steps = arm.replace(
        "steps: []",
        "steps: [{id: mid, title: {en: Mid, de: Mitte}, do: assess, instruments: [pictures], window: [0s, 9d]}]",
    )
    version = published(
        world.edited(
            {
                arm: with_steps,
                "missed: skip}\nallocation": "missed: skip}\nallocation",
                "after:\n": "after:\n  - {id: late, title: {en: Late, de: Spät}, do: assess, instruments: [pictures], "
                'at: "consent + 12d", window: [0s, 20d], missed: skip}\n',
            },
            world.files(EVERY_KIND),
        )
    )
    fill(version, 60)
    late = [sheet for sheet in sheets() if sheet.occasion.key == "late"]
    assert {sheet.occasion.enrolment.arm for sheet in late} >= {"pictures", "words"}
    for sheet in sheets():
        assert sheet.form == form_of(sheet.occasion, declared(version).instruments[sheet.instrument]), sheet.occasion
        are_due = sheet_of(sheet.occasion, sheet.instrument, sheet).due(sheet.answers.all())
        assert all((each.status == "not_due") == (are_due[each.item] is False) for each in sheet.answers.all())


# --- what it is good for ----------------------------------------------------------------------------------------------


def test_who_looks_back_says_about_what_they_said_at_first(version: StudyVersion) -> None:
    said: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    rows = Answer.objects.filter(administration__instrument__in=["pictures", "pictures_then"], value__isnull=False)
    for name, key, of, item, value in rows.values_list(*OF_A_SHEET, "administration__instrument", "item", "value"):
        if item != "check":
            said[name, of if of == "pictures_then" else key][item] = value
    apart = [
        abs(value - said[name, "first"][item])
        for (name, of), answers in said.items()
        if of == "pictures_then"
        for item, value in answers.items()
        if item in said[name, "first"]
    ]
    assert len(apart) > 50
    assert sum(apart) / len(apart) < 0.5


def test_checks_are_passed_by_most_and_missed_by_some() -> None:
    fill(published(), 120)
    checks = Answer.objects.filter(item="check", status="answered")
    missed = checks.exclude(value=1).count()
    assert 0 < missed < 0.1 * checks.count()


# --- a test person's walk ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bundle", [EVERY_KIND, LIBRARY], ids=["every kind", "library"])
def test_a_test_person_has_each_step_filled_in_through_the_real_services(bundle: Path) -> None:
    version = world.publish(bundle)
    finished = 0
    for _ in range(2):
        person = people.invite(study=version.study, by="command", now=clock.now(), is_test=True)[0]
        person = world.consented(version, enrolment=person)
        now = clock.now()
        for _ in range(60):
            if world.fresh(person).completed_at is not None:
                break
            done = [
                fill_in(enrolment=world.fresh(person), occasion_id=each.public_id, now=now)
                for each in person.occasions.order_by("place")
            ]
            if not any(done):
                now += dt.timedelta(days=1)
        mine = Administration.objects.filter(occasion__enrolment=person)
        assert set(person.occasions.values_list("state", flat=True)) == {"done"}
        assert not mine.filter(finished_at=None).exists()
        finished += mine.count()
    seen = Counter(Answer.objects.values_list("status", flat=True))
    assert finished >= 10
    assert seen["answered"] > seen["not_due"] > 0
    assert "not_reached" not in seen


def test_a_step_begun_by_hand_is_filled_in_from_there() -> None:
    version = world.publish(EVERY_KIND)
    person = people.invite(study=version.study, by="command", now=clock.now(), is_test=True)[0]
    person = world.consented(version, enrolment=person)
    occasion = person.occasions.get(key="first")
    own = {1: Given("answered", 44.0), 2: Given("answered", text="no_later"), 3: Given("answered", text="2011-05-04")}
    for position, given in own.items():
        taken = answer(occasion=occasion, instrument="person", position=position, given=given, now=clock.now())
        assert isinstance(taken, Taken)
    assert fill_in(enrolment=person, occasion_id=occasion.public_id, now=clock.now())
    kept = {each.item: each for each in Answer.objects.filter(administration__instrument="person")}
    assert (kept["age"].value, kept["always"].text, kept["since"].text) == (44.0, "no_later", "2011-05-04")
    assert kept["how"].status in {"answered", "skipped", "declined"}
    assert not AnswerRevision.objects.exists()
    assert set(person.occasions.filter(key="first").values_list("state", flat=True)) == {"done"}
