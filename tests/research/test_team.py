"""The team's page: roles given and taken, and the links by which new colleagues come in."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import AuditEntry, SignInLink, User
from coaching.models import Membership, Role, Study
from coaching.roles import MATRIX
from tests import world

pytestmark = pytest.mark.django_db

NEW = "new@staff.example"


@pytest.fixture
def study() -> Study:
    return world.tiny().study


@pytest.fixture
def owner(study: Study) -> User:
    user = world.staff(study, "owner", email="owner@staff.example", password="an honest password, long enough")
    User.objects.filter(pk=user.pk).update(last_login=clock.now())
    return user


def at(route: str, study: Study) -> str:
    return reverse(f"research:{route}", args=[study.slug])


def post(user: User, route: str, study: Study, **body: str) -> Any:
    return world.browser_of_staff(user).post(at(route, study), body)


def links_in(answer: Any) -> list[str]:
    """The one-time links that a page shows to copy."""
    return re.findall(r"<code>(\S+/staff/link/\S+)</code>", answer.content.decode())


def roles_of(email: str) -> list[str]:
    return sorted(Membership.objects.filter(user__email=email).values_list("role", flat=True))


# --- who may ---------------------------------------------------------------------------------------------------------

FORMS = [
    ("team", {}),
    ("invite_member", {"email": NEW, "role": "coach"}),
    ("fresh_link", {"email": "colleague@staff.example"}),
    ("revoke_role", {"email": "colleague@staff.example", "role": "coach"}),
]


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize(("route", "body"), FORMS)
def test_the_team_is_its_owners_alone(study: Study, role: str, route: str, body: dict[str, str]) -> None:
    world.staff(study, "coach", email="colleague@staff.example")
    client = world.browser_of_staff(world.staff(study, role))
    before = list(Membership.objects.order_by("pk").values()), SignInLink.objects.count()
    answer = client.post(at(route, study), body) if body else client.get(at(route, study))
    may = role in MATRIX["team"]
    assert (answer.status_code == 403) is not may
    after = list(Membership.objects.order_by("pk").values()), SignInLink.objects.count()
    assert (after != before) is (may and bool(body))


@pytest.mark.parametrize(("route", "body"), FORMS)
def test_another_studys_team_is_not_there(study: Study, owner: User, route: str, body: dict[str, str]) -> None:
    other = world.tiny(slug="another").study
    world.staff(other, "coach", email="colleague@staff.example")
    client = world.browser_of_staff(owner)
    before = Membership.objects.count()
    answer = client.post(at(route, other), body) if body else client.get(at(route, other))
    assert answer.status_code == 404
    assert Membership.objects.count() == before


def test_a_member_of_another_study_can_be_neither_linked_nor_removed_from_this_one(study: Study, owner: User) -> None:
    world.staff(world.tiny(slug="another").study, "coach", email="stranger@staff.example")
    for route in ("fresh_link", "revoke_role"):
        answer = post(owner, route, study, email="stranger@staff.example", role="coach")
        assert (answer.status_code, answer["Location"]) == (302, at("team", study))
    assert roles_of("stranger@staff.example") == ["coach"]
    assert not SignInLink.objects.exists()


# --- coming in -------------------------------------------------------------------------------------------------------


def test_a_new_colleague_gets_a_link_that_is_shown_once_and_opens_the_study(study: Study, owner: User) -> None:
    answer = post(owner, "invite_member", study, email="New@Staff.example", role="coach")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    (link,) = links_in(answer)
    assert roles_of(NEW) == ["coach"]
    assert link not in world.browser_of_staff(owner).get(at("team", study)).content.decode()
    assert link.rpartition("/link/")[2].strip("/") not in str(list(AuditEntry.objects.values()))

    browser = Client()
    path = link.removeprefix("http://127.0.0.1:8000")
    assert browser.post(path).status_code == 302
    page = browser.get(reverse("research:studies")).content.decode()
    assert "Tiny" in page
    assert f'<a class="standalone" href="{reverse("accounts:password")}">Set a password</a>' in page
    assert browser.get(reverse("coaching:people", args=["tiny"])).status_code == 200


def test_the_mail_that_can_be_written_carries_the_link_and_nothing_breaks_out_of_it(study: Study, owner: User) -> None:
    answer = post(owner, "invite_member", study, email="a+b&cc=x@staff.example", role="coach")
    mailto = html.unescape(re.findall(r'href="(mailto:[^"]+)"', answer.content.decode())[0])
    assert mailto.startswith("mailto:a%2Bb%26cc%3Dx@staff.example?subject=")
    assert mailto.count("?") == 1
    assert mailto.count("&") == 1
    assert links_in(answer)[0].replace(":", "%3A").replace("/", "%2F") in mailto


def test_an_account_that_is_in_use_gets_the_role_and_no_link(study: Study, owner: User) -> None:
    known = world.staff(world.tiny(slug="another").study, "coach", email=NEW, password="an honest password, long one")
    answer = world.browser_of_staff(owner).post(
        at("invite_member", study), {"email": NEW, "role": "observer"}, follow=True
    )
    assert not links_in(answer)
    assert "signs in as always" in answer.content.decode()
    assert not SignInLink.objects.filter(user=known).exists()
    assert roles_of(NEW) == ["coach", "observer"]


def test_an_account_of_another_study_that_never_came_in_gets_no_link_from_here(study: Study, owner: User) -> None:
    world.staff(world.tiny(slug="another").study, "coach", email=NEW)
    assert not links_in(post(owner, "invite_member", study, email=NEW, role="observer"))
    answer = post(owner, "fresh_link", study, email=NEW)
    assert answer.status_code == 422
    assert not links_in(answer)
    assert not SignInLink.objects.exists()


def test_the_same_form_twice_gives_one_account_one_role_and_a_link_that_works(study: Study, owner: User) -> None:
    answers = [post(owner, "invite_member", study, email=NEW, role="coach") for _ in range(2)]
    assert User.objects.filter(email=NEW).count() == 1
    assert roles_of(NEW) == ["coach"]
    (link,) = links_in(answers[1])
    assert Client().post(link.removeprefix("http://127.0.0.1:8000")).status_code == 302


def test_a_fresh_link_is_for_who_never_came_in(study: Study, owner: User) -> None:
    post(owner, "invite_member", study, email=NEW, role="coach")
    page = world.browser_of_staff(owner).get(at("team", study)).content.decode()
    assert page.count(at("fresh_link", study)) == 1
    (link,) = links_in(post(owner, "fresh_link", study, email=NEW))
    Client().post(link.removeprefix("http://127.0.0.1:8000"))
    assert at("fresh_link", study) not in world.browser_of_staff(owner).get(at("team", study)).content.decode()
    assert post(owner, "fresh_link", study, email=NEW).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"email": "", "role": "coach"},
        {"email": "nobody", "role": "coach"},
        {"email": "n\u00f6@staff.example", "role": "coach"},
        {"email": f"{'x' * 250}@staff.example", "role": "coach"},
        {"email": NEW, "role": ""},
        {"email": NEW, "role": "god"},
    ],
)
def test_what_is_no_address_or_role_is_refused_and_kept_in_the_form(
    study: Study, owner: User, body: dict[str, str]
) -> None:
    answer = post(owner, "invite_member", study, **body)
    assert answer.status_code == 422
    assert f'value="{body["email"]}"' in answer.content.decode() or not body["email"]
    assert User.objects.count() == 1


# --- going -----------------------------------------------------------------------------------------------------------


def test_a_coach_who_was_removed_is_out_at_the_next_request(study: Study, owner: User) -> None:
    coach = world.staff(study, "coach")
    browser = world.browser_of_staff(coach)
    assert browser.get(reverse("coaching:people", args=["tiny"])).status_code == 200
    for _ in range(2):
        assert post(owner, "revoke_role", study, email=coach.email, role="coach").status_code == 302
    assert browser.get(reverse("coaching:people", args=["tiny"])).status_code == 404
    assert AuditEntry.objects.filter(action="role.revoke", actor=f"staff:{owner.pk}").count() == 1


def test_one_of_two_roles_can_be_taken_alone(study: Study, owner: User) -> None:
    user = world.staff(study, "coach", email="two@staff.example")
    Membership.objects.create(user=user, study=study, role="observer", created_at=clock.now())
    post(owner, "revoke_role", study, email="two@staff.example", role="coach")
    assert roles_of("two@staff.example") == ["observer"]


def test_the_last_owner_stays(study: Study, owner: User) -> None:
    answer = post(owner, "revoke_role", study, email=owner.email, role="owner", sure="yes")
    assert answer.status_code == 422
    assert "Make somebody else an owner first" in answer.content.decode()
    assert roles_of(owner.email) == ["owner"]


def test_taking_ones_own_role_away_is_asked_about_first(study: Study, owner: User) -> None:
    world.staff(study, "owner", email="second@staff.example")
    asked = post(owner, "revoke_role", study, email=owner.email, role="owner")
    assert asked.status_code == 200
    assert "Take away your own role?" in asked.content.decode()
    assert roles_of(owner.email) == ["owner"]
    done = post(owner, "revoke_role", study, email=owner.email, role="owner", sure="yes")
    assert (done.status_code, done["Location"]) == (302, reverse("research:studies"))
    assert roles_of(owner.email) == []
