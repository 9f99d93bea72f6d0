"""Who may read what through the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import AuditEntry
from accounts.throttle import LIMITS
from coaching.models import Membership, Study
from coaching.roles import MATRIX
from config.access import ROUTES
from research.models import ApiToken
from research.services import SCOPES, ScopeNotGrantable, create_token, revoke_token
from tests import world
from tests.research.calls import Caller, caller

pytestmark = pytest.mark.django_db

TOKEN_ROUTES = {name: rule.needs for name, rule in ROUTES.items() if rule.who == "token"}
OF_A_STUDY = sorted(set(TOKEN_ROUTES) - {"api:root", "api:studies"})


def address(route: str, slug: str) -> str:
    kwargs: dict[str, Any] = {} if route in {"api:root", "api:studies"} else {"slug": slug}
    if route in {"api:rows", "api:file"}:
        kwargs["dataset"] = "responses"
    return reverse(route, kwargs=kwargs)


@pytest.fixture
def study() -> Study:
    return world.tiny().study


def with_scopes(study: Study, scopes: list[str]) -> Caller:
    """A token whose account may do everything."""
    return caller(study, role="owner", scopes=scopes)


def assert_problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    found = response.json()
    assert found["status"] == status
    assert set(found) >= {"type", "title", "status", "detail"}
    return found  # type: ignore[no-any-return]


# --- tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", sorted(TOKEN_ROUTES))
@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer x",
        "Bearer potoo_abcdefgh_" + "A" * 43,
        "Basic dXNlcjpwYXNz",
        "Token potoo_abcdefgh_" + "A" * 43,
        "Bearer potoo_abcdefgh_" + "é" * 43,
    ],
)
def test_without_a_right_token_every_route_answers_401_and_says_how_to_ask(
    study: Study, route: str, header: str | None
) -> None:
    response = Caller(study, header=header).get(address(route, study.slug))
    assert_problem(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_right_prefix_with_another_secret_is_a_wrong_token(study: Study) -> None:
    token, text = create_token(
        user=world.staff(study), study=study, scopes=["export:read"], by="command", now=clock.now()
    )
    wrong = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert text.startswith(f"potoo_{token.prefix}_")
    assert_problem(Caller(study, header=f"Bearer {wrong}").get("flow/"), 401)
    assert Caller(study, header=f"bearer {text}").get("flow/").status_code == 200


def test_a_token_in_the_address_is_not_looked_at(study: Study) -> None:
    _, text = create_token(user=world.staff(study), study=study, scopes=["export:read"], by="command", now=clock.now())
    assert_problem(Caller(study, header=None).get("flow/", token=text, access_token=text), 401)


def test_of_a_token_only_a_hash_is_stored(study: Study) -> None:
    token, text = create_token(
        user=world.staff(study), study=study, scopes=["export:read"], by="command", now=clock.now()
    )
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert not any(text.split("_", 2)[2] in str(value) for value in row.values())
    assert not any(text.split("_", 2)[2] in entry.detail for entry in AuditEntry.objects.all())


def test_a_revoked_token_is_a_wrong_one(study: Study) -> None:
    program = with_scopes(study, ["export:read"])
    assert program.get("flow/").status_code == 200
    revoke_token(token=ApiToken.objects.get(), by="command", now=clock.now())
    assert_problem(program.get("flow/"), 401)
    assert AuditEntry.objects.filter(action="token.revoke").count() == 1


def test_a_token_dies_with_its_account_and_with_the_role_that_allows_it(study: Study) -> None:
    program = with_scopes(study, ["export:read"])
    account = ApiToken.objects.get().user
    Membership.objects.filter(user=account).update(role="coach")
    assert_problem(program.get("flow/"), 401)
    Membership.objects.filter(user=account).update(role="researcher")
    assert program.get("flow/").status_code == 200
    account.is_active = False
    account.save()
    assert_problem(program.get("flow/"), 401)


def test_a_lost_role_takes_only_the_scopes_that_hung_on_it(study: Study) -> None:
    program = with_scopes(study, ["export:read", "contact:read"])
    assert program.get("contacts/").status_code == 200
    Membership.objects.update(role="researcher")
    assert program.get("flow/").status_code == 200
    assert_problem(program.get("contacts/"), 403)


@pytest.mark.parametrize("role", ["owner", "researcher", "coach", "data_manager", "observer"])
@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_scope_is_granted_only_to_a_role_that_allows_it(study: Study, role: str, scope: str) -> None:
    user = world.staff(study, role)
    if role in MATRIX[SCOPES[scope]]:
        assert create_token(user=user, study=study, scopes=[scope], by="command", now=clock.now())
    else:
        with pytest.raises(ScopeNotGrantable, match=role):
            create_token(user=user, study=study, scopes=[scope], by="command", now=clock.now())


@pytest.mark.parametrize("scopes", [[], ["export"], ["export:read", "export:write"]])
def test_an_unknown_scope_is_refused(study: Study, scopes: list[str]) -> None:
    with pytest.raises(ScopeNotGrantable, match="expected some of"):
        create_token(user=world.staff(study), study=study, scopes=scopes, by="command", now=clock.now())


def test_the_use_of_a_token_is_noted_to_the_minute(study: Study) -> None:
    program = with_scopes(study, ["export:read"])
    program.get("flow/")
    first = ApiToken.objects.get().last_used_at
    program.get("flow/")
    assert first is not None
    assert ApiToken.objects.get().last_used_at == first


# --- scopes and studies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", OF_A_STUDY)
@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_missing_scope_is_a_403_and_the_right_one_opens(study: Study, route: str, scope: str) -> None:
    response = with_scopes(study, [scope]).get(address(route, study.slug))
    if TOKEN_ROUTES[route] in {"", scope}:
        assert response.status_code == 200
    else:
        assert TOKEN_ROUTES[route] in assert_problem(response, 403)["detail"]


@pytest.mark.parametrize("route", OF_A_STUDY)
def test_another_study_and_one_that_is_not_there_are_404_alike(study: Study, route: str) -> None:
    other = world.tiny(slug="other").study
    for scopes in (["export:read", "contact:read"], ["unblind:read"]):
        program = with_scopes(study, scopes)
        theirs = assert_problem(program.get(address(route, other.slug)), 404)
        assert theirs == assert_problem(program.get(address(route, "nowhere")), 404)


def test_a_role_in_two_studies_does_not_open_the_other_with_a_token_of_one(study: Study) -> None:
    other = world.tiny(slug="other").study
    program = with_scopes(study, ["export:read"])
    Membership.objects.create(user=ApiToken.objects.get().user, study=other, role="owner", created_at=clock.now())
    assert_problem(program.get(address("api:flow", other.slug)), 404)
    assert [each["slug"] for each in program.json("/api/v1/studies/")] == [study.slug]


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v2/",
        "/api/v1/nothing/",
        "/api/v1/studies/tiny/datasets/nothing/",
        "/api/v1/studies/tiny/datasets/nothing/file/",
        "/api/v1/studies/tiny/nothing/",
        "/api/v1/schemas/nothing.json",
        "/api/v1/studies/tiny",
    ],
)
def test_any_other_address_is_a_404_problem(study: Study, path: str) -> None:
    assert_problem(with_scopes(study, ["export:read"]).get(path), 404)


def test_a_missing_slash_is_said(study: Study) -> None:
    found = assert_problem(Client().get("/api/v1/studies"), 404)
    assert "slash" in found["detail"]
    assert "slash" not in assert_problem(Client().get("/api/v1/nothing"), 404)["detail"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("route", sorted(TOKEN_ROUTES))
def test_every_other_method_is_a_405(study: Study, route: str, method: str) -> None:
    program = with_scopes(study, ["export:read", "contact:read"])
    response = getattr(program.client, method)(address(route, study.slug))
    assert_problem(response, 405)
    assert response["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("route", sorted(TOKEN_ROUTES))
def test_head_answers_without_content(study: Study, route: str) -> None:
    program = with_scopes(study, ["export:read", "contact:read"])
    response = program.client.head(address(route, study.slug))
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("accept", ["text/html", "text/csv", "application/xml", "nonsense"])
def test_the_header_accept_changes_nothing(study: Study, accept: str) -> None:
    program = with_scopes(study, ["export:read"])
    for route in OF_A_STUDY:
        if TOKEN_ROUTES[route] != "contact:read":
            assert program.client.get(address(route, study.slug), headers={"Accept": accept}).status_code == 200


# --- limits ----------------------------------------------------------------------------------------------------------


def test_only_failures_are_limited(study: Study) -> None:
    program = with_scopes(study, ["export:read"])
    for _ in range(LIMITS["api:address"] + 5):
        assert program.get("/api/v1/studies/").status_code == 200
    assert_problem(program.get("datasets/nothing/"), 404)


def test_after_many_wrong_tokens_an_address_waits_but_a_right_one_goes_on(study: Study) -> None:
    wrong = Caller(study, header="Bearer potoo_abcdefgh_" + "A" * 43)
    for _ in range(LIMITS["api:address"]):
        assert wrong.get("flow/").status_code == 401
    response = wrong.get("flow/")
    assert_problem(response, 429)
    assert 0 < int(response["Retry-After"]) <= 15 * 60
    assert with_scopes(study, ["export:read"]).get("flow/").status_code == 200
    elsewhere = Client(headers=wrong.headers, REMOTE_ADDR="10.1.2.3")
    assert_problem(elsewhere.get(wrong.address("flow/")), 401)
