"""Headers on every kind of answer, and errors that tell nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, OperationalError
from django.test import Client
from django.urls import reverse

from config.access import ROUTES
from config.middleware import POLICY
from tests.hostile.cast import Cast, content_of, is_clear
from tests.processes import Product

pytestmark = [pytest.mark.django_db, pytest.mark.once]

FORBIDDEN_IN_POLICY = ("unsafe", "*", "http:", "https:", "data:")


def _answers(cast: Cast) -> dict[int, Any]:
    """One answer of every status that the product gives."""
    browser, staff, nobody = cast.browser("participant"), cast.browser("owner"), Client(raise_request_exception=False)
    strict = cast.browser("participant", enforce_csrf_checks=True)
    limited: Any = None
    for _ in range(101):
        limited = nobody.get("/p/guess/")
    return {
        200: browser.get(reverse("coaching:home")),
        302: nobody.get(reverse("research:studies")),
        303: browser.get(reverse("coaching:next")),
        400: nobody.get("/", headers={"host": "evil.example"}, HTTP_HOST="evil.example"),
        401: nobody.get("/api/v1/"),
        403: strict.post(reverse("coaching:pause")),
        404: staff.get("/no/such/page/"),
        405: browser.get(reverse("coaching:pause")),
        409: cast.browser("ready").post(cast.address("coaching:consent"), {"study-version": "99", "take_part": "yes"}),
        422: browser.post(cast.address("assessments:item"), {}),
        429: limited,
        500: _broken(cast),
        503: _broken(cast, OperationalError("database is locked: CANARY")),
    }


def _broken(cast: Cast, error: Exception | None = None) -> Any:
    """The answer of a page whose database throws."""
    with pytest.MonkeyPatch.context() as patch:

        def broken(*args: Any, **kwargs: Any) -> None:
            raise error or DatabaseError("SELECT secret FROM coaching_contact: CANARY walker@people.example")

        patch.setattr("coaching.views.home.journey_of", broken)
        return cast.browser("participant").get(reverse("coaching:home"))


def test_every_status_comes_with_every_header(cast: Cast) -> None:
    for status, answer in _answers(cast).items():
        assert answer.status_code == status
        headers = answer.headers
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy == POLICY, status
        assert headers["X-Content-Type-Options"] == "nosniff", status
        assert headers["Referrer-Policy"] == "same-origin", status
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", status
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", status
        assert headers["Permissions-Policy"], status
        assert headers["Cache-Control"] == "no-store" or "no-store" in headers["Cache-Control"], status
        assert "Server" not in headers, status
        assert "X-Powered-By" not in headers, status
        assert is_clear(answer) in {"", "500", "503"}, status
        assert "Retry-After" in headers or status not in {429, 503}


def test_the_policy_allows_nothing_inline_and_no_other_host() -> None:
    for name, value in POLICY.items():
        assert not [word for word in FORBIDDEN_IN_POLICY if word in value.replace("blob:", "")], name
    assert POLICY["default-src"] == POLICY["base-uri"] == POLICY["frame-ancestors"] == POLICY["object-src"] == "'none'"
    assert POLICY["script-src"] == POLICY["style-src"] == POLICY["form-action"] == "'self'"


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_no_route_is_without_the_policy_or_kept_by_a_cache(cast: Cast, name: str) -> None:
    rule = ROUTES[name]
    who: Any = {"participant": "participant", "study": "owner", "staff": "owner"}.get(rule.who, "anyone")
    headers = cast.caller.headers if rule.who == "token" else {}
    for method in ("get", "head", "post", "options"):
        answer: Any = getattr(cast.browser(who), method)(cast.address(name), headers=headers)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], method
        assert "no-store" in answer.headers["Cache-Control"], method
        assert answer.headers["X-Content-Type-Options"] == "nosniff", method
        assert "Access-Control-Allow-Origin" not in answer.headers, method
        content_of(answer)  # a file is closed once it was read


def test_an_error_page_tells_nothing_of_the_error(cast: Cast) -> None:
    assert django_settings.DEBUG is False
    text = content_of(_broken(cast))
    for inside in (
        "CANARY",
        "walker",
        "SELECT",
        "coaching",
        "journey",
        "Traceback",
        "DatabaseError",
        str(django_settings.BASE_DIR),
    ):
        assert inside not in text
    assert "<h1>" in text


def test_an_error_of_the_api_is_a_problem_that_tells_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("SELECT secret FROM coaching_contact: CANARY")

    monkeypatch.setattr("research.api.selectors.flow", broken)
    answer: Any = Client(raise_request_exception=False, headers=cast.caller.headers).get(cast.address("api:flow"))
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "CANARY" not in content_of(answer)
    assert "coaching" not in content_of(answer)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"DEBUG": "1"}, "DEBUG"),
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"DATA_KEY": ""}, "DATA_KEY"),
        ({"DATA_KEY": "short"}, "DATA_KEY"),
        ({"PUBLIC_URL": "http://study.example"}, "PUBLIC_URL"),
        ({"CLOCK": "+1d"}, "CLOCK"),
    ],
)
def test_production_does_not_start_with_what_gives_it_away(
    product: Product, environment: dict[str, str], named: str
) -> None:
    whole = {
        "PUBLIC_URL": "https://study.example",
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "DATA_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    }
    done = product.manage("check", **{**whole, **environment})
    assert done.returncode != 0
    assert named in done.stderr
    assert whole["SECRET_KEY"] not in done.stderr + done.stdout


def test_two_installations_have_keys_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    keys = set()
    for n in range(2):
        product = Product(tmp_path_factory.mktemp(f"installation{n}"))
        script = "from django.conf import settings; print(settings.SECRET_KEY, *settings.DATA_KEYS)"
        done = product.manage("shell", "--no-imports", "-c", script)
        keys |= set(done.stdout.split())
    assert len(keys) == 4
    assert not [key for key in keys if len(key) < 40 or "insecure" in key]
