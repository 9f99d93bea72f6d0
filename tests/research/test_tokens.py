"""The page of API tokens: made for a while, shown once, revoked at once."""

from __future__ import annotations

import datetime as dt
import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

import clock
from accounts.models import AuditEntry, User
from coaching.models import Membership, Role, Study
from coaching.roles import MATRIX
from research.models import ApiToken
from research.services import create_token
from tests import world
from tests.research.calls import Caller

pytestmark = pytest.mark.django_db

FORM = {"scopes": "export:read", "days": "30", "key": "a-key-of-this-form-0"}


@pytest.fixture
def study() -> Study:
    return world.tiny().study


def at(route: str, study: Study) -> str:
    return reverse(f"research:{route}", args=[study.slug])


def made(user: User, study: Study, **body: Any) -> Any:
    return world.browser_of_staff(user).post(at("make_token", study), {**FORM, **body})


def secret_in(answer: Any) -> str:
    return re.findall(r"<code>(potoo_[^<]+)</code>", answer.content.decode())[0]


def token_of(user: User, study: Study, now: dt.datetime | None = None) -> ApiToken:
    return create_token(user=user, study=study, scopes=["export:read"], by="command", now=now or clock.now())[0]


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize(("route", "body"), [("tokens", {}), ("make_token", FORM), ("revoke_token", {"token": "x"})])
def test_tokens_are_for_those_who_may_export(study: Study, role: str, route: str, body: dict[str, str]) -> None:
    client = world.browser_of_staff(world.staff(study, role))
    answer = client.post(at(route, study), body) if body else client.get(at(route, study))
    assert (answer.status_code == 403) is (role not in MATRIX["export"])
    assert ApiToken.objects.exists() is (role in MATRIX["export"] and route == "make_token")


@pytest.mark.parametrize(
    ("roles", "scopes"),
    [
        (["owner"], {"export:read", "contact:read", "unblind:read"}),
        (["researcher"], {"export:read"}),
        (["data_manager"], {"export:read"}),
        # A coach is shown addresses one at a time; a token would read them all.
        (["coach", "researcher"], {"export:read"}),
    ],
)
def test_the_scopes_offered_are_those_that_the_roles_allow(study: Study, roles: list[str], scopes: set[str]) -> None:
    user = world.staff(study, roles[0])
    for role in roles[1:]:
        Membership.objects.create(user=user, study=study, role=role, created_at=clock.now())
    page = world.browser_of_staff(user).get(at("tokens", study)).content.decode()
    assert set(re.findall(r'name="scopes" value="([^"]+)"', page)) == scopes
    assert "checked" not in page
    for scope in {"export:read", "contact:read", "unblind:read"} - scopes:
        assert made(user, study, scopes=scope).status_code == 422
    assert not ApiToken.objects.exists()


def test_another_studys_tokens_are_not_there(study: Study) -> None:
    owner = world.staff(study)
    other = world.tiny(slug="another").study
    theirs = token_of(world.staff(other), other)
    client = world.browser_of_staff(owner)
    assert client.get(at("tokens", other)).status_code == 404
    assert client.post(at("make_token", other), FORM).status_code == 404
    assert client.post(at("revoke_token", study), {"token": theirs.prefix}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_one_sees_and_ends_ones_own_tokens_and_the_owner_everybodys(study: Study) -> None:
    owner, mine, other = world.staff(study), world.staff(study, "researcher"), world.staff(study, "data_manager")
    own, foreign = token_of(mine, study), token_of(other, study)
    page = world.browser_of_staff(mine).get(at("tokens", study)).content.decode()
    assert own.prefix in page
    assert foreign.prefix not in page
    assert "@" not in page.partition("<main")[2]
    assert world.browser_of_staff(mine).post(at("revoke_token", study), {"token": foreign.prefix}).status_code == 404
    page = world.browser_of_staff(owner).get(at("tokens", study)).content.decode()
    assert own.prefix in page
    assert foreign.prefix in page
    assert other.email in page
    assert world.browser_of_staff(owner).post(at("revoke_token", study), {"token": foreign.prefix}).status_code == 302
    foreign.refresh_from_db()
    assert foreign.revoked_at is not None


# --- made ------------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_works_and_is_in_the_log_without_its_text(study: Study) -> None:
    user = world.staff(study, "researcher")
    answer = made(user, study)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert "I have saved it" in answer.content.decode()
    secret = secret_in(answer)
    found = Caller(study, header=f"Bearer {secret}").json("")
    assert (found["scopes"], found["state"]) == (["export:read"], "open")
    page = world.browser_of_staff(user).get(at("tokens", study)).content.decode()
    assert ApiToken.objects.get().prefix in page
    assert secret not in page
    entry = AuditEntry.objects.get(action="token.create")
    assert entry.actor == f"staff:{user.pk}"
    assert secret.split("_", 2)[2] not in str(list(AuditEntry.objects.values()))


def test_a_form_sent_twice_makes_one_token(study: Study) -> None:
    user = world.staff(study)
    secret = secret_in(made(user, study))
    again = world.browser_of_staff(user).post(at("make_token", study), FORM, follow=True)
    assert "was sent before" in again.content.decode()
    assert ApiToken.objects.count() == 1
    assert Caller(study, header=f"Bearer {secret}").get("").status_code == 200
    # Another's form with the same key is another form, and so is the next page's.
    assert made(world.staff(study), study).status_code == 200
    assert made(user, study, key="a-key-of-this-form-1").status_code == 200
    assert ApiToken.objects.count() == 3


@pytest.mark.parametrize("days", ["", "0", "never", "3650", "-30", "30.0", "\u0663\u0660"])
def test_there_is_no_token_without_a_last_day(study: Study, days: str) -> None:
    answer = made(world.staff(study), study, days=days)
    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_what_was_chosen_stays_when_something_is_missing(study: Study) -> None:
    page = made(world.staff(study), study, days="").content.decode()
    assert re.search(r'value="export:read"[^>]* checked', page)
    assert f'value="{FORM["key"]}"' in page


# --- ended -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [30, 90, 365])
def test_a_token_works_until_its_day_and_is_a_wrong_one_after(study: Study, days: int, settings: Any) -> None:
    program = Caller(study, header=f"Bearer {secret_in(made(world.staff(study), study, days=str(days)))}")
    world.move_clock(settings, dt.timedelta(days=days, seconds=-60))
    assert program.get("flow/").status_code == 200
    world.move_clock(settings, dt.timedelta(seconds=120))
    answer = program.get("flow/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].endswith('error="invalid_token"')


def test_the_command_keeps_making_tokens_without_a_last_day(study: Study, settings: Any) -> None:
    user, out = world.staff(study), StringIO()
    call_command("api_token", user.email, "--study", "tiny", "--scopes", "export:read", stdout=out)
    program = Caller(study, header=f"Bearer {json.loads(out.getvalue())['token']}")
    world.move_clock(settings, dt.timedelta(days=4_000))
    assert program.get("flow/").status_code == 200
    assert "no end (made by command)" in world.browser_of_staff(user).get(at("tokens", study)).content.decode()


def test_a_revoked_token_works_no_longer_and_revoking_twice_is_revoking_once(study: Study) -> None:
    user = world.staff(study)
    program = Caller(study, header=f"Bearer {secret_in(made(user, study))}")
    prefix = ApiToken.objects.get().prefix
    for _ in range(2):
        assert world.browser_of_staff(user).post(at("revoke_token", study), {"token": prefix}).status_code == 302
    assert program.get("flow/").status_code == 401
    assert AuditEntry.objects.filter(action="token.revoke").count() == 1


def test_revoked_and_ended_tokens_are_listed_for_ninety_days(study: Study, settings: Any) -> None:
    user = world.staff(study)
    made(user, study)
    client = world.browser_of_staff(user)
    prefix = ApiToken.objects.get().prefix
    world.move_clock(settings, dt.timedelta(days=31))
    page = client.get(at("tokens", study)).content.decode()
    assert "Run out" in page
    assert at("revoke_token", study) not in page
    world.move_clock(settings, dt.timedelta(days=90))
    assert prefix not in client.get(at("tokens", study)).content.decode()
