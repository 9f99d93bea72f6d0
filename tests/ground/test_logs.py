import io
import logging

import pytest
from django.test import Client, override_settings
from django.urls import path

from config.logs import PrivateFormatter, without_private


def told(*args: object, error: BaseException | None = None, **options: bool) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PrivateFormatter(**options))
    logger = logging.Logger("a.logger")
    logger.addHandler(handler)
    logger.error(*args, exc_info=error)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GET /p/q1W2e3R4/ HTTP/1.1", "GET /p/[hidden]/ HTTP/1.1"),
        ("/staff/link/q1W2e3R4/", "/staff/link/[hidden]/"),
        ("/elsewhere/" + "q1W2e3R4" * 5 + "/x/", "/elsewhere/[hidden]/x/"),
        (
            "/me/link/ /p/ /studies/an-imagery-study-of-six-weeks/",
            "/me/link/ /p/ /studies/an-imagery-study-of-six-weeks/",
        ),
        ("/join/demo/?PROLIFIC_PID=5f3&lang=de", "/join/demo/?[hidden]"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"),
        ("no account for Ada.L+x@example.org here", "no account for [hidden] here"),
        ("Not Found: /x\nERROR forged\x1b[31m\u2028", "Not Found: /x\\nERROR forged\\x1b[31m\\u2028"),
        ("3 steps of 44, in 0.5 s", "3 steps of 44, in 0.5 s"),
        ("Zeichnung übermalt", "Zeichnung übermalt"),
    ],
)
def test_a_line_hides_what_opens_doors_or_names_people(text: str, expected: str) -> None:
    assert without_private(text) == expected
    assert expected in told(text)


def test_an_error_is_told_by_its_type_and_place_alone() -> None:
    told_first, told_last = "the first canary", "Key (email)=(canary@example.org) already exists"

    def fail() -> None:
        try:
            raise ValueError(told_first)
        except ValueError as cause:
            raise RuntimeError(told_last) from cause

    with pytest.raises(RuntimeError) as caught:
        fail()
    text = told("It went wrong", error=caught.value)
    assert "canary" not in text
    assert text.index("builtins.ValueError") < text.index("builtins.RuntimeError")
    assert "test_logs.py" in text
    assert "the first canary" in told("It went wrong", error=caught.value, show_messages_of_errors=True)


def boom(request: object, token: str) -> None:
    raise LookupError(token)


urlpatterns = [path("p/<token>/", boom)]


def test_a_request_that_fails_leaves_no_trace_of_the_person(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PrivateFormatter())
    logging.getLogger().addHandler(handler)
    try:
        with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
            Client(raise_request_exception=False).get("/p/canarytoken/?q=canary", headers={"cookie": "a=canary"})
    finally:
        logging.getLogger().removeHandler(handler)
    assert "Internal Server Error: /p/[hidden]/" in stream.getvalue()
    assert "LookupError" in stream.getvalue()
    assert "canary" not in stream.getvalue()
