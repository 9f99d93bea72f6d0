"""Doors: limits, passwords, addresses asked for, where a redirect leads, the host that a request names."""

from __future__ import annotations

import hashlib
import statistics
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import FailureCount
from accounts.throttle import LIMITS, WINDOW_S
from privacy.erasure import erase
from tests import world
from tests.hostile.cast import PASSWORD, Cast, content_of, is_clear, nothing_changes
from tests.hostile.conftest import Outbox
from tests.pages import Screen

pytestmark = pytest.mark.django_db


# --- limits ----------------------------------------------------------------------------------------------------------


def test_after_ten_wrong_passwords_an_account_waits_wherever_they_come_from(cast: Cast) -> None:
    path, form = reverse("accounts:sign_in"), {"email": "owner@staff.example", "password": "wrong and long enough"}
    for n in range(LIMITS["sign_in:account"]):
        answer: Any = Client(REMOTE_ADDR=f"198.51.100.{n}").post(path, form)
        assert answer.status_code == 422
    for written in ("owner@staff.example", "OWNER@staff.example", " owner@staff.example "):
        answer = Client(REMOTE_ADDR="203.0.113.9").post(path, {"email": written, "password": PASSWORD})
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= WINDOW_S
        assert is_clear(answer) == ""


def test_a_limit_ends_with_its_quarter_of_an_hour(cast: Cast, settings: Any) -> None:
    path, form = reverse("accounts:sign_in"), {"email": "owner@staff.example", "password": "wrong and long enough"}
    for _ in range(LIMITS["sign_in:account"] + 1):
        answer: Any = Client().post(path, form)
    assert answer.status_code == 429
    settings.CLOCK = f"+{answer.headers['Retry-After']}s"
    assert Client().post(path, {**form, "password": PASSWORD}).status_code == 302


def test_guessing_many_accounts_from_one_address_is_limited(cast: Cast) -> None:
    path = reverse("accounts:sign_in")
    for n in range(LIMITS["sign_in:address"]):
        Client(REMOTE_ADDR="198.51.100.7").post(path, {"email": f"a{n}@staff.example", "password": "x"})
    answer: Any = Client(REMOTE_ADDR="198.51.100.7").post(path, {"email": "new@staff.example", "password": "x"})
    assert answer.status_code == 429
    right = {"email": "owner@staff.example", "password": PASSWORD}
    assert Client(REMOTE_ADDR="198.51.100.8").post(path, right).status_code == 302


def test_asking_for_a_persons_link_is_limited_whether_the_address_is_known_or_not(cast: Cast, outbox: Outbox) -> None:
    for address in ("walker@people.example", "nobody@people.example"):
        statuses = [
            Client(REMOTE_ADDR=f"198.51.100.{n}").post(reverse("coaching:mail_link"), {"email": address}).status_code
            for n in range(LIMITS["link:account"] + 2)
        ]
        assert statuses == [200] * LIMITS["link:account"] + [429] * 2
    assert 1 <= len(outbox()) <= LIMITS["link:account"]


@pytest.mark.parametrize("kind", ["personal", "one-time"])
def test_tokens_can_not_be_tried_without_end(cast: Cast, kind: str) -> None:
    route, limit = {
        "personal": ("coaching:link", LIMITS["personal_link:address"]),
        "one-time": ("accounts:one_time_link", LIMITS["one_time_link:address"]),
    }[kind]
    for n in range(limit):
        assert Client().get(reverse(route, args=[f"guess-{n}"])).status_code == 404
    answer: Any = Client().post(reverse(route, args=["guess"]))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= WINDOW_S
    # Those who hold a right one are let in all the same.
    assert Client().post(cast.address(route)).status_code in {302, 303}


def test_the_api_limits_wrong_tokens_and_never_right_ones(cast: Cast) -> None:
    wrong = {"authorization": "Bearer potoo_aaaaaaaa_" + "A" * 43}
    for _ in range(LIMITS["api:address"]):
        assert Client().get("/api/v1/", headers=wrong).status_code == 401
    answer: Any = Client().get("/api/v1/", headers=wrong)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert Client().get("/api/v1/", headers=cast.caller.headers).status_code == 200


def test_limits_are_counted_in_the_database_under_a_key_that_names_nobody(cast: Cast) -> None:
    Client(REMOTE_ADDR="198.51.100.7").post(
        reverse("accounts:sign_in"), {"email": "owner@staff.example", "password": "wrong"}
    )
    keys = list(FailureCount.objects.values_list("key", flat=True))
    assert len(keys) == 2
    for known in ("owner@staff.example", "198.51.100.7"):
        for kind in LIMITS:
            # What somebody with the dump and a list of addresses would try.
            guesses = (known, f"{kind}\x1f{known}", f"{kind}{known}")
            assert not {hashlib.sha256(guess.encode()).hexdigest() for guess in guesses} & set(keys)


# --- who has an account ----------------------------------------------------------------------------------------------


def _told(answer: Any) -> tuple[int, str]:
    page = Screen(answer)
    values = {field.value for form in page.forms for field in form.fields if field.name == "csrfmiddlewaretoken"}
    html = page.html
    for value in values:
        html = html.replace(value, "")
    return answer.status_code, html


def test_a_wrong_password_and_an_unknown_account_are_told_in_the_same_words(cast: Cast) -> None:
    disabled = world.staff(cast.study, "coach", email="gone@staff.example", password=PASSWORD)
    disabled.is_active = False
    disabled.save()
    world.staff(cast.study, "coach", email="link@staff.example")
    path, said = reverse("accounts:sign_in"), set()
    tries = [("owner@staff.example", "wrong"), ("nobody@staff.example", "wrong"), ("gone@staff.example", PASSWORD)]
    for address, password in [*tries, ("link@staff.example", "wrong"), ("walker@people.example", "wrong")]:
        status, html = _told(Client().post(path, {"email": address, "password": password}))
        said.add((status, html.replace(address, "")))
    assert len(said) == 1


def test_asking_for_a_link_tells_nobody_who_takes_part(cast: Cast, outbox: Outbox) -> None:
    erased = world.consented(cast.version, email="erased@people.example")
    erase(enrolment=erased, by="command", reason="asked", now=clock.now())
    said = set()
    for address in ("walker@people.example", "nobody@people.example", "erased@people.example", "owner@staff.example"):
        status, html = _told(Client().post(reverse("coaching:mail_link"), {"email": address}))
        said.add((status, html.replace(address, "")))
    assert len(said) == 1
    assert [mail["To"] for mail in outbox()] == ["walker@people.example"]


def test_an_unknown_account_takes_as_long_as_a_wrong_password(cast: Cast, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    world.staff(cast.study, "coach", email="known@staff.example", password=PASSWORD)
    world.staff(cast.study, "coach", email="link@staff.example")
    taken: dict[str, list[float]] = {"known": [], "unknown": [], "link": []}
    for _ in range(9):
        for name, times in taken.items():
            FailureCount.objects.all().delete()
            form = {"email": f"{name}@staff.example", "password": "wrong and long enough"}
            started = time.thread_time()
            Client().post(reverse("accounts:sign_in"), form)
            times.append(time.thread_time() - started)
    known, unknown, link = (statistics.median(times) for times in taken.values())
    # Argon2 is four fifths of it; without it, an unknown account would answer several times faster.
    assert 0.6 < unknown / known < 1.6
    assert 0.6 < link / known < 1.6


@pytest.mark.parametrize(
    "password",
    ["short", "elevenchars", "password1234", "123456789012", "qwertyuiop123", "owner@staff.example", "            "],
)
def test_a_password_that_is_short_common_or_ones_own_address_is_refused(cast: Cast, password: str) -> None:
    client = cast.browser("owner")
    with nothing_changes():
        answer: Any = client.post(reverse("accounts:password"), {"password": password})
    assert answer.status_code == 422
    assert is_clear(answer) == ""


@pytest.mark.parametrize(
    "password", ["p\u00e4ssw\u00f6rter m\u00f6gen alles", "\U0001f9a9" * 12, " blanks are kept ", "x" * 1_024]
)
def test_a_long_password_of_any_letters_is_taken_as_it_is(cast: Cast, password: str) -> None:
    assert cast.browser("owner").post(reverse("accounts:password"), {"password": password}).status_code == 302
    form = {"email": "owner@staff.example", "password": password}
    assert Client().post(reverse("accounts:sign_in"), form).status_code == 302
    assert Client().post(reverse("accounts:sign_in"), {**form, "password": password.strip() + "x"}).status_code == 422


def test_a_password_is_stored_by_argon2(settings: Any) -> None:
    from config.settings import base  # noqa: PLC0415 - the suite's own hasher is a fast one

    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
    assert world.staff(password=PASSWORD).password.startswith("argon2$argon2id$")


# --- where a redirect leads ------------------------------------------------------------------------------------------

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "//testserver@evil.example",
    "https://testserver.evil.example",
    "//evil.example%2f..",
    "\x0b//evil.example",
)


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
@pytest.mark.parametrize("door", ["sign-in", "theme"])
def test_no_redirect_leads_to_another_site(cast: Cast, door: str, elsewhere: str) -> None:
    path, form = {
        "sign-in": (reverse("accounts:sign_in"), {"email": "owner@staff.example", "password": PASSWORD}),
        "theme": (reverse("theme"), {"theme": "dusk"}),
    }[door]
    for body, query in (({**form, "next": elsewhere}, {}), (form, {"next": elsewhere})):
        answer: Any = Client(QUERY_STRING="").post(path, body, query_params=query)
        assert answer.status_code == 302
        assert urlsplit(answer.headers["Location"]).netloc == ""
        assert answer.headers["Location"].startswith("/")
        assert not answer.headers["Location"].startswith(("//", "/\\"))


def test_signing_in_leads_back_to_the_page_that_was_wanted(cast: Cast) -> None:
    wanted = reverse("coaching:people", args=[cast.study.slug]) + "?status=active"
    first: Any = Client().get(wanted)
    answer: Any = Client().post(first.headers["Location"], {"email": "owner@staff.example", "password": PASSWORD})
    assert answer.headers["Location"] == wanted


# --- the host that a request names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "", "a b", "[::1"]
)
def test_a_host_that_is_not_ours_is_refused(cast: Cast, host: str, outbox: Outbox) -> None:
    for method, path, body in (
        ("get", "/", {}),
        ("get", cast.address("coaching:join"), {}),
        ("post", reverse("coaching:mail_link"), {"email": "walker@people.example"}),
        ("get", "/api/v1/", {}),
    ):
        with nothing_changes():
            answer: Any = getattr(Client(), method)(path, body, headers={"host": host} if host else {}, HTTP_HOST=host)
        assert answer.status_code == 400
        assert host not in content_of(answer) or host == ""
    assert outbox() == []


@pytest.mark.parametrize("header", ["x-forwarded-host", "x-forwarded-server", "x-host", "forwarded", "x-original-url"])
def test_a_header_can_not_put_another_host_into_a_mail(cast: Cast, header: str, outbox: Outbox, settings: Any) -> None:
    value = "host=evil.example" if header == "forwarded" else "evil.example"
    Client(headers={header: value}).post(reverse("coaching:mail_link"), {"email": "walker@people.example"})
    (mail,) = outbox()
    assert "evil.example" not in mail.as_string()
    body = mail.get_body(("plain",))
    assert body is not None
    assert settings.PUBLIC_URL in body.get_content()
