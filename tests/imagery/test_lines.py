from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

import clock
from coaching.models import Enrolment
from imagery.models import Rating, SessionRun
from imagery.selectors.lines import Line, Rated, line_of, lines_of
from imagery.views.lines import picture_of
from tests import world
from tests.coaching import weeks

DAY = dt.timedelta(days=1)


def rated(*values: float | None, kind: str = "vividness", low: float = 1, high: float = 5) -> list[Rated]:
    """One session after another."""
    return [Rated(n, 1, kind, low, high, value) for n, value in enumerate(values)]


# --- which line ------------------------------------------------------------------------------------------------------


def test_a_line_has_a_value_a_session_and_a_gap_where_nothing_was_given() -> None:
    assert line_of(rated(1, None, 3)) == Line("vividness", 1, 5, (1, None, 3))


def test_vividness_is_shown_where_it_was_rated_else_what_was_rated_most() -> None:
    assert line_of([*rated(2, 2, kind="ease"), *rated(4)]) == Line("vividness", 1, 5, (4, None))
    most = line_of([*rated(2, 2, kind="ease"), *rated(4, kind="clarity")])
    assert most
    assert most.kind == "ease"


def test_the_scale_is_as_it_was_shown_and_what_was_given_on_another_is_a_gap() -> None:
    other = [Rated(7, 1, "vividness", 0, 100, 40.0)]
    assert line_of([*rated(1, 2), *other]) == Line("vividness", 0, 100, (None, None, 40.0))


def test_of_a_session_begun_anew_the_last_attempt_stands() -> None:
    assert line_of([Rated(1, 1, "vividness", 1, 5, 4), Rated(1, 2, "vividness", 1, 5, None)]) == Line(
        "vividness", 1, 5, (None,)
    )


def test_without_a_scale_there_is_no_line() -> None:
    assert line_of([]) is None
    assert line_of([Rated(1, 1, "vividness", None, None, 4)]) is None


# --- its picture -----------------------------------------------------------------------------------------------------


def test_the_ends_of_the_picture_are_the_scales_whatever_was_given() -> None:
    flat = picture_of(Line("vividness", 1, 5, (1, 1, 1)))
    assert flat["paths"] == ["M4.0 29.0L44.0 29.0L84.0 29.0"]
    assert picture_of(Line("vividness", 1, 5, (5, 3)))["paths"] == ["M4.0 5.0L84.0 17.0"]


def test_a_gap_breaks_the_line_and_a_single_value_is_a_dot() -> None:
    picture = picture_of(Line("vividness", 1, 5, (1, 2, None, 3)))
    assert len(picture["paths"]) == 1  # type: ignore[arg-type]
    assert picture["dots"] == [("84.0", "17.0")]


def test_the_last_value_is_printed_and_all_are_said() -> None:
    picture = picture_of(Line("vividness", 1, 5, (1, 2.25, None)))
    assert picture["end"]["text"] == "2.2"  # type: ignore[index]
    assert (picture["scale"], picture["values"]) == ("Vividness, 1 to 5", "1, 2.2, not given")
    assert picture_of(Line("vividness", 0, 100, (73.4,)))["values"] == "73"


def test_who_gave_nothing_has_a_picture_without_a_line() -> None:
    picture = picture_of(Line("vividness", 1, 5, (None, None)))
    assert (picture["paths"], picture["dots"], picture["end"]) == ([], [], None)


# --- from the database -----------------------------------------------------------------------------------------------


@pytest.fixture
def person(db: None) -> Enrolment:
    """Somebody 30 days into the study of many weeks."""
    return weeks.fill(weeks.published().study, 2, clock.now())[1]


def test_a_line_is_of_the_sessions_that_ended_in_the_last_days(person: Enrolment) -> None:
    now = clock.now()
    found = lines_of(person.study, [person.pseudonym], now - 28 * DAY)[person.pseudonym]
    ended = person.occasions.filter(kind="imagery", settled_at__gte=now - 28 * DAY)
    assert len(found.values) == ended.count()
    assert sum(value is None for value in found.values) == ended.filter(state="missed").count()


def test_several_ratings_of_a_session_are_one_value_their_mean(person: Enrolment) -> None:
    run = SessionRun.objects.filter(occasion__enrolment=person, status="completed").latest("completed_at")
    Rating.objects.filter(run=run).update(value=1)
    Rating.objects.create(
        run=run, stage="again", place=9, kind="vividness", value=4, status="answered", scale_min=1, scale_max=5
    )
    Rating.objects.create(run=run, stage="match", place=10, kind="compare", value=5, status="answered")
    found = lines_of(person.study, [person.pseudonym], clock.now() - 28 * DAY)[person.pseudonym]
    assert [value for value in found.values if value is not None][-1] == 2.5


def asked(role: str, someone: Enrolment, **query: object) -> Any:
    browser = world.browser_of_staff(world.staff(someone.study, role))
    return browser.get(reverse("imagery:lines", args=[someone.study.slug]), query)


@pytest.mark.parametrize("role", ["owner", "researcher", "coach", "data_manager"])
def test_who_may_see_answers_gets_a_picture_by_pseudonym(role: str, person: Enrolment) -> None:
    answer = asked(role, person, person=[person.pseudonym]).json()
    assert set(answer) == {person.pseudonym, "caption"}
    assert answer["caption"] == "Vividness, 1 to 5"
    assert 'role="img"' in answer[person.pseudonym]
    assert "Vividness, 1 to 5; session by session: " in answer[person.pseudonym]


def test_an_observer_gets_none(person: Enrolment) -> None:
    assert asked("observer", person, person=[person.pseudonym]).status_code == 403


def test_nobody_of_another_study_is_in_it(person: Enrolment) -> None:
    other = world.tiny().study
    browser = world.browser_of_staff(world.staff(other, "owner"))
    answer = browser.get(reverse("imagery:lines", args=[other.slug]), {"person": person.pseudonym})
    assert answer.json() == {}


@pytest.mark.parametrize("days", ["", "x", "-1", "0", "1e3", "9" * 40, "²"])
def test_a_length_that_is_none_is_refused(days: str, person: Enrolment) -> None:
    assert asked("owner", person, days=days).status_code == 400
