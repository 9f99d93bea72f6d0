"""Sessions and their cookies."""

from __future__ import annotations

import json
import pickle
from base64 import b64encode
from http.cookies import Morsel
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from coaching.middleware import SESSION_KEY
from coaching.models import BrowserSession as Session
from coaching.sessions import kept_key
from tests.hostile.cast import PASSWORD, Cast, is_clear, nothing_changes
from tests.processes import Product

pytestmark = pytest.mark.django_db

NAME = django_settings.SESSION_COOKIE_NAME


def _key(client: Client) -> str:
    cookie = client.cookies.get(NAME)
    return cookie.value if cookie else ""


def _planted(cast: Cast) -> Client:
    """A browser into which somebody else put a session of their own making, and who keeps its key."""
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    return client


WAYS_IN = {
    "personal link": ("coaching:link", {}),
    "one-time link": ("accounts:one_time_link", {}),
    "password": ("accounts:sign_in", {"email": "owner@staff.example", "password": PASSWORD}),
}


@pytest.mark.parametrize("way", WAYS_IN, ids=str)
def test_a_session_that_was_planted_is_worth_nothing_after_signing_in(cast: Cast, way: str) -> None:
    route, form = WAYS_IN[way]
    victim = _planted(cast)
    planted = _key(victim)
    assert victim.post(cast.address(route), form).status_code in {302, 303}
    assert _key(victim) != planted
    thief = Client()
    thief.cookies[NAME] = planted
    for path in ("/me/", reverse("research:studies"), cast.address("coaching:people")):
        assert thief.get(path).status_code == 302
    assert not Session.objects.filter(session_key=planted).exists()


def test_consent_gives_the_browser_a_new_key(cast: Cast) -> None:
    browser = cast.browser("ready")
    before = _key(browser)
    browser.post(cast.address("coaching:consent"), {"study-version": "1", "take_part": "yes", "data": "yes"})
    assert SESSION_KEY in browser.session
    assert _key(browser) != before


@pytest.mark.parametrize(("who", "route"), [("participant", "coaching:sign_out"), ("owner", "accounts:sign_out")])
def test_signing_out_kills_the_session_on_the_server(cast: Cast, who: Any, route: str) -> None:
    browser = cast.browser(who)
    kept = _key(browser)
    browser.post(reverse(route))
    thief = Client()
    thief.cookies[NAME] = kept
    for path in ("/me/", reverse("research:studies")):
        assert thief.get(path).status_code == 302
    assert not Session.objects.filter(session_key=kept).exists()


def test_a_new_password_ends_the_sessions_of_every_other_browser(cast: Cast) -> None:
    here, elsewhere = cast.browser("owner"), cast.browser("owner")
    here.post(reverse("accounts:password"), {"password": "a quite new pass phrase"})
    assert here.get(reverse("research:studies")).status_code == 200
    assert elsewhere.get(reverse("research:studies")).status_code == 302


def test_a_participants_session_is_no_members_of_staff_and_the_other_way_round(cast: Cast) -> None:
    assert cast.browser("participant").get(reverse("research:studies")).status_code == 302
    assert cast.browser("owner").get("/me/").status_code == 302


OURS = (NAME, django_settings.CSRF_COOKIE_NAME, django_settings.LANGUAGE_COOKIE_NAME, "theme")
COOKIES = {
    "empty": "",
    "unknown": "a" * 32,
    "a null character": '"aaaaaaaaaaaaaaaa\\000aaaaaaaaaaaaaaa"',
    "8,000 letters": "a" * 8_000,
    "a statement": "' OR '1'='1",
    "a path": "../../../../etc/passwd",
    "a pickle": b64encode(pickle.dumps({"enrolment": 1})).decode(),
    "signed JSON of somebody else": "eyJlbnJvbG1lbnQiOjF9:1tABCD:" + "x" * 43,
    "bytes": "\xff\xfe\x80",
    "a line break": '"aaaa\\015\\012Set-Cookie: a=b"',
}


@pytest.mark.parametrize("cookie", COOKIES, ids=str)
@pytest.mark.parametrize(
    "name", [NAME, django_settings.CSRF_COOKIE_NAME, django_settings.LANGUAGE_COOKIE_NAME, "theme"]
)
def test_a_cookie_of_garbage_opens_nothing_and_gets_a_clear_answer(cast: Cast, name: str, cookie: str) -> None:
    with nothing_changes():
        for path in ("/", "/me/", reverse("research:studies"), cast.address("coaching:join"), "/api/v1/"):
            browser = Client(raise_request_exception=False, HTTP_COOKIE=f"{name}={COOKIES[cookie]}")
            answer: Any = browser.get(path)
            assert is_clear(answer) == "", path
            assert answer.status_code in {200, 302, 400, 401}
            assert COOKIES[cookie] not in answer.content.decode() or len(COOKIES[cookie]) < 3


def test_sessions_hold_json_and_no_program(cast: Cast) -> None:
    assert django_settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    person = cast.browser("participant")
    data = Session.objects.get(session_key=kept_key(_key(person))).get_decoded()
    assert data == {SESSION_KEY: cast.walker.pk}


@pytest.mark.parametrize("key", ["enrolment", "_auth_user_id"])
def test_a_session_of_somebody_who_is_not_there_is_nobodys(cast: Cast, key: str) -> None:
    for value in ("0", 0, -1, 10**9, None):
        browser = Client(raise_request_exception=False)
        session = browser.session
        session[key] = value
        session.save()
        answer: Any = browser.get("/me/" if key == "enrolment" else reverse("research:studies"))
        assert answer.status_code == 302, value


HTTPS = {
    "PUBLIC_URL": "https://study.example",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "DATA_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
}
COOKIES_UNDER_HTTPS = """
import json, sys
from django.conf import settings
from urllib.parse import urlsplit
from django.test import Client
import clock
from accounts.services import ensure_account, mint_sign_in_link
client = Client(headers={"host": "study.example"})
found = {}
user = ensure_account(email="owner@staff.example", by="command", now=clock.now())
link = mint_sign_in_link(user=user, by="command", now=clock.now())
assert link.startswith("https://study.example/"), link
assert client.post(urlsplit(link).path, secure=True).status_code == 302
for path in ("/staff/sign-in/", "/me/link/"):
    answer = client.get(path, secure=True)
    assert answer.status_code == 200, answer.status_code
answer = client.post("/theme/", {"theme": "dusk"}, secure=True)
for name, cookie in client.cookies.items():
    found[name] = {k: v for k, v in cookie.items() if v}
plain = client.get("/")
found[""] = {"status": plain.status_code, "to": plain["Location"], "hsts": answer["Strict-Transport-Security"]}
print(json.dumps(found))
"""


def test_under_https_every_cookie_is_for_this_host_and_encrypted_connections_alone(product: Product) -> None:
    assert product.manage("migrate", "--verbosity", "0", **HTTPS).returncode == 0
    assert product.manage("collectstatic", "--no-input", "--verbosity", "0", **HTTPS).returncode == 0
    done = product.manage("shell", "--no-imports", "-c", COOKIES_UNDER_HTTPS, **HTTPS)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    transport = found.pop("")
    assert (transport["status"], transport["to"]) == (301, "https://study.example/")
    assert int(transport["hsts"].partition("max-age=")[2].partition(";")[0]) >= 31_536_000
    assert {"__Host-potoo_session", "__Host-potoo_csrf"} <= set(found)
    for name, cookie in found.items():
        assert cookie["secure"] is True, name
        assert cookie["httponly"] is True, name
        assert cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/", name
        assert "domain" not in cookie, name


def test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites_forms(cast: Cast) -> None:
    browser = Client()
    browser.post(cast.address("coaching:link"))
    browser.get("/staff/sign-in/")
    browser.post("/theme/", {"theme": "dusk"})
    assert len(browser.cookies) >= 3
    for cookie in browser.cookies.values():
        assert isinstance(cookie, Morsel)
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
