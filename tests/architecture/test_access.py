"""Every route, held against the one table that says who may reach it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import clock
from coaching.middleware import PARTICIPANT_PATHS
from coaching.models import Enrolment, Role, Study
from coaching.roles import MATRIX
from config.access import ROUTES
from imagery.models import Drawing, SessionRun
from imagery.services.pictures import keep
from research.services import create_token
from tests import world

pytestmark = pytest.mark.once

SAMPLE = {
    "token": "none-such",
    "dataset": "responses",
    "name": "participants",
    "instrument": "scenes_4",
    "n": 1,
    "kind": "study",
    "theme": "dusk",
    "path": "no/such/thing",
    "format": "csv",
    "file_format": "csv",
    "plan_format": "md",
    "key": uuid.UUID(int=7),
    "note": uuid.UUID(int=7),
    "alert": 1,
    "act": "contact",
    "event": 1,
    "stage": "layer_1",
    "script": "potoo",
    "language": "en",
    "timepoint": "baseline",
    "measure": "scenes_4",
    "rule": "fast",
    "part": "scenes_4",
}

LINE = json.dumps(
    {
        "v": 1,
        "canvas": {"w": 1000, "h": 1000},
        "strokes": [
            {"id": 1, "tool": "pen", "size": 8, "color": "ink", "pointer": "mouse", "mode": "free", "pts": [[9, 9, 0]]}
        ],
    }
)


def _patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _patterns(pattern, inner)
        else:
            yield f"{namespace}{pattern.name}", pattern


PATTERNS = dict(_patterns(get_resolver()))


def _address(name: str, /, **known: Any) -> str:
    """An address of the route, with `known` values where its pattern asks for them."""
    wanted = PATTERNS[name].pattern.converters
    return reverse(name, kwargs={key: known.get(key, SAMPLE.get(key, "x")) for key in wanted})


def _both(client: Client, address: str, **extra: Any) -> list[HttpResponse]:
    responses = [client.get(address, **extra), client.post(address, {}, **extra)]
    for response in responses:
        if response.streaming:
            b"".join(response.streaming_content)  # a file is closed once it was read
    return responses


def test_the_table_names_every_route_and_no_other() -> None:
    assert set(PATTERNS) == set(ROUTES)


def test_every_route_of_a_study_or_person_is_open_to_nobody_but_those_whom_the_table_names() -> None:
    open_to_anyone = {name for name, rule in ROUTES.items() if rule.who == "anyone"}
    with_person = {name for name, pattern in PATTERNS.items() if "pseudonym" in pattern.pattern.converters}
    assert not with_person & open_to_anyone
    assert all(ROUTES[name].who == "study" for name in with_person)


@pytest.fixture(scope="module")
def studies(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Study, Study, Enrolment, Enrolment]]:
    """Study A and study B, with one person each, made once; in the end both are taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _studies()
        transaction.set_rollback(True)


@pytest.fixture
def two_studies(
    studies: tuple[Study, Study, Enrolment, Enrolment], db: None
) -> tuple[Study, Study, Enrolment, Enrolment]:
    """Both, as every test finds them: what one does to them is taken back."""
    return studies


def _studies() -> tuple[Study, Study, Enrolment, Enrolment]:
    first = world.publish(world.edited({"slug: small-scenes": "slug: study-a"}))
    second = world.publish(world.edited({"slug: small-scenes": "slug: study-b"}))
    return first.study, second.study, world.consented(first), world.consented(second)


def _drawing_of(person: Enrolment) -> str:
    """The name of the file of a drawing of somebody's."""
    now = clock.now()
    run = SessionRun.objects.create(
        occasion=person.occasions.earliest("place"), attempt=1, script="potoo", script_version=1, started_at=now
    )
    kept = keep(strokes_text=LINE, upload=None, words="", reason="")
    return Drawing.objects.create(run=run, stage="sketch", place=1, saved_at=now, **asdict(kept)).file


THINGS = {"alert", "event", "file", "key", "name", "note", "step"}
STUDY_ROUTES = sorted(name for name, rule in ROUTES.items() if rule.who == "study")
PERSON_ROUTES = [name for name in STUDY_ROUTES if "pseudonym" in PATTERNS[name].pattern.converters]


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.usefixtures("two_studies")
def test_staff_find_nothing_of_another_study(role: str, two_studies: tuple[Study, Study, Enrolment, Enrolment]) -> None:
    own, other, _mine, theirs = two_studies
    client = world.browser_of_staff(world.staff(own, role))
    for name in STUDY_ROUTES:
        for response in _both(client, _address(name, slug=other.slug, pseudonym=theirs.pseudonym)):
            assert response.status_code == 404, f"{role} at {name} of another study: {response.status_code}"


@pytest.mark.parametrize("role", Role.values)
def test_a_person_of_another_study_is_not_found_in_the_own_one(
    role: str, two_studies: tuple[Study, Study, Enrolment, Enrolment]
) -> None:
    own, _other, _mine, theirs = two_studies
    client = world.browser_of_staff(world.staff(own, role))
    for name in PERSON_ROUTES:
        expected = {404, 405} if role in MATRIX[ROUTES[name].needs] else {403}  # type: ignore[index]
        for response in _both(client, _address(name, slug=own.slug, pseudonym=theirs.pseudonym)):
            assert response.status_code in expected, f"{role} at {name}: {response.status_code}"


@pytest.mark.parametrize("role", Role.values)
def test_in_the_own_study_a_role_reaches_just_what_the_matrix_allows(
    role: str, two_studies: tuple[Study, Study, Enrolment, Enrolment]
) -> None:
    own, _other, mine, _theirs = two_studies
    client = world.browser_of_staff(world.staff(own, role))
    drawn = _drawing_of(mine)
    for name in STUDY_ROUTES:
        address = _address(name, slug=own.slug, pseudonym=mine.pseudonym, name=drawn)
        statuses = {r.status_code for r in _both(client, address)}
        if role in MATRIX[ROUTES[name].needs]:  # type: ignore[index]
            # A message or a drawing that is not there is not found, by whoever may look for it.
            found = {403, 500} if THINGS & set(PATTERNS[name].pattern.converters) else {403, 404, 500}
            assert not statuses & found, f"{role} at {name}: {statuses}"
        else:
            assert statuses == {403}, f"{role} at {name}: {statuses}"


def test_a_role_taken_away_works_no_longer_at_the_next_request(
    two_studies: tuple[Study, Study, Enrolment, Enrolment],
) -> None:
    own = two_studies[0]
    user = world.staff(own, "coach")
    client = world.browser_of_staff(user)
    address = reverse("coaching:people", args=[own.slug])
    assert client.get(address).status_code == 200
    user.memberships.all().delete()
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("name", sorted(n for n, rule in ROUTES.items() if rule.who in {"staff", "study"}))
def test_nobody_signed_in_is_led_to_sign_in_and_learns_nothing(
    name: str, two_studies: tuple[Study, Study, Enrolment, Enrolment]
) -> None:
    own, _other, mine, _theirs = two_studies
    for slug in (own.slug, "no-such-study"):
        for response in _both(Client(), _address(name, slug=slug, pseudonym=mine.pseudonym)):
            assert response.status_code == 302
            assert response["Location"].startswith(reverse("accounts:sign_in"))


PARTICIPANT_ROUTES = sorted(name for name, rule in ROUTES.items() if rule.who == "participant")


@pytest.mark.parametrize("name", PARTICIPANT_ROUTES)
def test_a_browser_that_is_nobodys_is_led_to_a_fresh_link(
    name: str, two_studies: tuple[Study, Study, Enrolment, Enrolment]
) -> None:
    occasion = world.occasion(two_studies[2], "baseline")
    for response in _both(Client(), _address(name, occasion=occasion.public_id, slug=two_studies[0].slug)):
        assert (response.status_code, response["Location"]) == (302, reverse("coaching:mail_link"))


def test_a_participant_finds_no_occasion_but_the_own(two_studies: tuple[Study, Study, Enrolment, Enrolment]) -> None:
    _own, _other, mine, theirs = two_studies
    client = world.browser_of(mine)
    foreign = world.occasion(theirs, "baseline")
    names = [n for n in PARTICIPANT_ROUTES if "occasion" in PATTERNS[n].pattern.converters]
    assert names
    for name in names:
        for public_id in (foreign.public_id, uuid.uuid4()):
            for response in _both(client, _address(name, occasion=public_id)):
                assert response.status_code in {404, 405}, f"{name}: {response.status_code}"
    assert not foreign.administrations.exists()


def test_staff_pages_are_not_a_participants(two_studies: tuple[Study, Study, Enrolment, Enrolment]) -> None:
    own, _other, mine, _theirs = two_studies
    client = world.browser_of(mine)
    for name in STUDY_ROUTES:
        for response in _both(client, _address(name, slug=own.slug, pseudonym=mine.pseudonym)):
            assert response.status_code == 302
            assert response["Location"].startswith(reverse("accounts:sign_in"))


TOKEN_ROUTES = sorted(name for name, rule in ROUTES.items() if rule.who == "token")


def test_the_api_answers_401_without_a_token_404_for_another_study_and_403_without_the_scope(
    two_studies: tuple[Study, Study, Enrolment, Enrolment],
) -> None:
    own, other, _mine, _theirs = two_studies
    owner = world.staff(own, "owner")
    every = ["export:read", "contact:read", "unblind:read"]
    for name in TOKEN_ROUTES:
        needs = ROUTES[name].needs
        assert Client().get(_address(name, slug=own.slug)).status_code == 401, name
        _, full = create_token(user=owner, study=own, scopes=every, by="command", now=clock.now())
        headers = {"headers": {"authorization": f"Bearer {full}"}}
        if "slug" in PATTERNS[name].pattern.converters:
            assert Client().get(_address(name, slug=other.slug), **headers).status_code == 404, name
            assert Client().get(_address(name, slug="no-such-study"), **headers).status_code == 404, name
        assert Client().get(_address(name, slug=own.slug), **headers).status_code in {200, 404}, name
        assert Client().post(_address(name, slug=own.slug), **headers).status_code == 405, name
        if needs:
            others = [scope for scope in every if scope != needs]
            _, poor = create_token(user=owner, study=own, scopes=others, by="command", now=clock.now())
            headers = {"headers": {"authorization": f"Bearer {poor}"}}
            assert Client().get(_address(name, slug=own.slug), **headers).status_code == 403, name


def test_every_page_of_a_participant_lies_where_the_middleware_looks_for_them() -> None:
    elsewhere = {
        name
        for name, rule in ROUTES.items()
        if rule.who == "participant" and not _address(name, occasion=uuid.UUID(int=7)).startswith(PARTICIPANT_PATHS)
    }
    assert elsewhere == set()
