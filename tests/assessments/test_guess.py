"""What a coach or a rater thinks which arm a person is in: kept beside earlier guesses, and by whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import clock
from accounts.models import AuditEntry, User
from assessments.models import ArmGuess
from assessments.services.guessing import NoSuchGuess, guess_arm
from coaching.models import Enrolment
from tests import world
from tests.assessments.papers import page_of
from tests.research.expecting import FILES, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Enrolment:
    return world.consented(world.publish(FILES, now=NOW))


@pytest.fixture
def coach(person: Enrolment) -> User:
    return world.staff(person.study, "coach")


@pytest.fixture
def desk(coach: User) -> Client:
    return world.browser_of_staff(coach)


def address(person: Enrolment, page: str = "guess/") -> str:
    return f"/studies/{person.study.slug}/people/{person.pseudonym}/{page}"


def guessed(person: Enrolment, by: User, **other: Any) -> ArmGuess | None:
    given: dict[str, Any] = {"role": "coach", "guess": "train", "confidence": 7, "reason": "They speak of pictures."}
    return guess_arm(enrolment=person, by=by, now=clock.now(), **given | other)


def test_a_guess_is_kept_and_the_log_says_who_guessed_and_not_what(person: Enrolment, coach: User) -> None:
    made = guessed(person, coach)

    assert made is not None
    assert (made.role, made.guess, made.confidence, made.by) == ("coach", "train", 7, coach)
    entry = AuditEntry.objects.get(action="guess.record")
    assert (entry.subject, entry.detail) == (person.pseudonym, '{"role": "coach"}')


def test_another_guess_stands_beside_the_first_and_the_same_again_adds_nothing(person: Enrolment, coach: User) -> None:
    guessed(person, coach)
    guessed(person, coach)
    guessed(person, coach, guess="wait")

    assert list(ArmGuess.objects.values_list("guess", flat=True)) == ["train", "wait"]
    assert AuditEntry.objects.filter(action="guess.record").count() == 2


@pytest.mark.parametrize(
    "wrong", [{"role": "owner"}, {"guess": "neither"}, {"confidence": 11}, {"confidence": -1}, {"reason": "x" * 501}]
)
def test_what_cannot_be_guessed_is_refused(person: Enrolment, coach: User, wrong: dict[str, Any]) -> None:
    with pytest.raises(NoSuchGuess):
        guessed(person, coach, **wrong)
    assert not ArmGuess.objects.exists()


def test_the_persons_page_leads_to_the_form_which_keeps_a_guess(person: Enrolment, desk: Client) -> None:
    assert f'href="{address(person)}"' in page_of(desk.get(address(person, "")))
    page = page_of(desk.get(address(person)))
    assert "A guess that is made after one has seen the group tells nothing." in page
    assert "Training" in page
    assert "I don’t know" in page

    answered = desk.post(address(person), {"role": "rater", "guess": "wait", "confidence": "10", "reason": "Asked."})

    assert (answered.status_code, answered.headers["Location"]) == (303, address(person, ""))
    assert ArmGuess.objects.values_list("role", "guess", "confidence").get() == ("rater", "wait", 10)
    assert "What you guessed so far" in page_of(desk.get(address(person)))


def test_the_form_does_not_show_the_group_that_is_to_be_guessed(person: Enrolment, desk: Client) -> None:
    Enrolment.objects.filter(pk=person.pk).update(arm="train", allocated_at=NOW)

    assert "Group train" in page_of(desk.get(address(person, "")))
    assert "Group train" not in page_of(desk.get(address(person)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose as whom you guess."),
        ({"role": "coach", "guess": "train"}, "Say how sure you are, from 0 to 10."),
        ({"role": "coach", "guess": "train", "confidence": "12"}, "Give a whole number from 0 to 10."),
        ({"role": "coach", "guess": "mars", "confidence": "1"}, "Choose from the list."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept(
    person: Enrolment, desk: Client, given: dict[str, str], said: str
) -> None:
    answered = desk.post(address(person), given)

    assert answered.status_code == 422
    assert said in page_of(answered)
    assert not ArmGuess.objects.exists()


def test_not_knowing_needs_no_confidence(person: Enrolment, desk: Client) -> None:
    assert desk.post(address(person), {"role": "coach", "guess": "dont_know"}).status_code == 303
    assert ArmGuess.objects.get().confidence is None


def test_others_guesses_are_not_shown(person: Enrolment, desk: Client) -> None:
    guessed(person, world.staff(person.study, "researcher"), reason="Someone else’s reason.")

    assert "Someone else’s reason." not in page_of(desk.get(address(person)))


def test_a_study_that_asks_nobody_has_the_form_and_no_link_to_it() -> None:
    person = world.consented(world.example(sessions=False))
    desk = world.browser_of_staff(world.staff(person.study, "coach"))

    assert desk.get(address(person)).status_code == 200
    assert "guess/" not in page_of(desk.get(address(person, "")))


def test_a_study_without_groups_has_no_form() -> None:
    person = world.consented(world.tiny())
    desk = world.browser_of_staff(world.staff(person.study, "coach"))

    assert desk.get(address(person)).status_code == 404
    assert "guess/" not in page_of(desk.get(address(person, "")))


def test_whoever_may_not_act_may_not_guess(person: Enrolment) -> None:
    observer = world.browser_of_staff(world.staff(person.study, "observer"))

    assert observer.get(address(person)).status_code == 403
    assert "guess/" not in page_of(observer.get(address(person, "")))
