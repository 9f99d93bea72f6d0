"""The first page: what the product is, and its doors."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests import world
from tests.pages import visit

pytestmark = pytest.mark.django_db


def test_it_leads_participants_to_a_fresh_link_and_staff_to_sign_in() -> None:
    page = visit(Client(), "/")
    assert page.status == 200
    assert page.links.count("/me/link/") == 1
    assert page.links.count("/staff/sign-in/") >= 2
    assert "/demo/" not in page.html


def test_it_asks_the_database_once_at_most(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(1):
        Client().get("/")


def test_its_picture_is_drawn_by_the_page_and_said_in_words() -> None:
    html = Client().get("/").content.decode()
    main = html[html.index("<main") :]
    assert "<img" not in main
    figure = re.findall(r"<figure.*?</figure>", main, re.DOTALL)
    assert len(figure) == 1
    assert "<svg" in figure[0]
    assert re.search(r"<figcaption>[^<]{40,}</figcaption>", figure[0])


def test_it_promises_nothing() -> None:
    text = visit(Client(), "/").text
    assert re.findall(r"cure|\bfix|improve|\bnormal|treat(?!ment\.)", text, re.IGNORECASE) == []
    assert "!" not in text


# --- after signing in ------------------------------------------------------------------------------------------------


def _home(*roles: str) -> str:
    study = world.example().study
    user = world.staff()
    for role in roles:
        user.memberships.create(study=study, role=role, created_at=study.created_at)
    return world.browser_of_staff(user).get("/staff/home/")["Location"]


@pytest.mark.parametrize("roles", [("coach",), ("observer",), ("coach", "observer")])
def test_who_only_looks_after_people_comes_to_the_people(roles: tuple[str, ...]) -> None:
    assert _home(*roles) in {"/today/", "/people/"}


@pytest.mark.parametrize("roles", [(), ("owner",), ("researcher", "coach"), ("data_manager",), ("owner", "observer")])
def test_everybody_else_comes_to_the_studies(roles: tuple[str, ...]) -> None:
    assert _home(*roles) == "/studies/"


def test_one_who_coaches_one_study_and_leads_another_comes_to_the_studies() -> None:
    user = world.staff(world.example().study, "coach")
    user.memberships.create(study=world.tiny().study, role="owner", created_at=user.created_at)
    assert world.browser_of_staff(user).get("/staff/home/")["Location"] == "/studies/"


def test_signing_in_leads_there_and_an_address_that_was_asked_for_goes_before() -> None:
    password = "long enough for a password"
    user = world.staff(world.example().study, "coach", password=password)
    form = {"email": user.email, "password": password}
    assert Client().post("/staff/sign-in/", form)["Location"] == "/staff/home/"
    assert Client().post("/staff/sign-in/", {**form, "next": "/roles/"})["Location"] == "/roles/"
