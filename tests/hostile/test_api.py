"""The API under callers who mean it ill, or know no better."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

import pytest
from django.test import Client

from config.access import ROUTES
from tests.hostile.cast import Cast, content_of, is_clear, nothing_changes
from tests.research.calls import caller

pytestmark = pytest.mark.django_db

TOKEN_ROUTES = sorted(name for name, rule in ROUTES.items() if rule.who == "token")
# Reading is written down.
READ = frozenset({"accounts_auditentry", "research_apitoken"})


def _token(cast: Cast) -> str:
    return str(cast.caller.headers["Authorization"]).removeprefix("Bearer ")


HEADERS = {
    "nothing": "",
    "no scheme": "{token}",
    "another scheme": "Basic {token}",
    "a token scheme": "Token {token}",
    "two tokens": "Bearer {token} {token}",
    "two tokens with a comma": "Bearer {token}, Bearer {token}",
    "quoted": 'Bearer "{token}"',
    "a null character": "Bearer {token}\x00",
    "a line break": "Bearer {token}\r\nX-A: b",
    "another case": "Bearer {swapped}",
    "no secret": "Bearer {prefix}",
    "only stars": "Bearer potoo_%%%%%%%%_" + "%" * 43,
    "full-width letters": "Bearer \uff50otoo_aaaaaaaa_" + "A" * 43,
    "100,000 letters": "Bearer " + "A" * 100_000,
    "the hash": "Bearer {hash}",
    "base64 of nothing": "Basic Og==",
}


@pytest.mark.parametrize("header", HEADERS, ids=str)
def test_a_header_that_is_nearly_right_is_a_401_with_a_challenge(cast: Cast, header: str) -> None:
    token = _token(cast)
    stored = cast.study.api_tokens.latest("pk").token_hash
    text = HEADERS[header].format(token=token, swapped=token.swapcase(), prefix=token[:15], hash=stored)
    with nothing_changes():
        answer: Any = Client(raise_request_exception=False, HTTP_AUTHORIZATION=text).get(cast.address("api:rows"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert token not in content_of(answer)


@pytest.mark.parametrize("place", ["token", "access_token", "authorization", "Authorization", "api_key", "format"])
def test_a_token_anywhere_but_in_the_header_opens_nothing(cast: Cast, place: str) -> None:
    token, address = _token(cast), cast.address("api:rows")
    cookie = Client()
    cookie.cookies[place] = token
    for answer in (
        Client().get(address, {place: token}),
        Client().get(address, {place: f"Bearer {token}"}),
        cookie.get(address),
        Client(headers={"x-authorization": f"Bearer {token}", "x-api-key": token}).get(address),
    ):
        assert answer.status_code == 401
        assert token not in content_of(answer)


def test_a_session_opens_nothing_of_the_api(cast: Cast) -> None:
    for who in ("owner", "participant"):
        for name in TOKEN_ROUTES:
            assert cast.browser(who).get(cast.address(name)).status_code == 401, name  # type: ignore[arg-type]


def test_a_known_prefix_takes_as_long_as_an_unknown_one(cast: Cast) -> None:
    prefix = _token(cast)[:15]
    headers = {"known": f"Bearer {prefix}{'A' * 43}", "unknown": "Bearer potoo_aaaaaaaa_" + "A" * 43}
    taken: dict[str, list[float]] = {name: [] for name in headers}
    for _ in range(40):
        for name, header in headers.items():
            started = time.thread_time()
            Client(HTTP_AUTHORIZATION=header, REMOTE_ADDR="198.51.100.1").get("/api/v1/")
            taken[name].append(time.thread_time() - started)
    ratio = statistics.median(taken["known"]) / statistics.median(taken["unknown"])
    # One query's row more; guessing 43 letters would need a signal letter by letter, and a hash is compared as a whole.
    assert 0.5 < ratio < 2


@pytest.mark.parametrize("scopes", [("export:read",), ("contact:read",), ("unblind:read",)], ids=str)
def test_a_token_reads_what_its_scope_says_and_nothing_else(cast: Cast, scopes: tuple[str, ...]) -> None:
    program = caller(cast.study, scopes=scopes)
    for name in TOKEN_ROUTES:
        answer = program.get(cast.address(name))
        needs = ROUTES[name].needs
        assert answer.status_code == (200 if not needs or needs in scopes else 403), name
        if scopes != ("contact:read",) or name != "api:contacts":
            assert "people.example" not in content_of(answer), name


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", json.dumps({"state": "done", "score": 99, "study": 2, "created_at": "2001-01-01"})),
        ("application/json", "{" * 10_000),
        ("application/json", "[" * 100_000 + "]" * 100_000),
        ("application/x-www-form-urlencoded", "a=" + "x" * 3_000_000),
        ("multipart/form-data; boundary=x", "--x"),
        ("text/plain; charset=hex", "3"),
        ("application/x-yaml", "a: &a [*a]"),
    ],
    ids=["fields", "open braces", "deep", "three megabytes", "half of a form", "no charset", "yaml"],
)
def test_nothing_can_be_written(cast: Cast, method: str, content_type: str, body: str) -> None:
    with nothing_changes(frozenset({"research_apitoken"}), since=cast.at_first):
        for name in TOKEN_ROUTES:
            answer: Any = Client(raise_request_exception=False, headers=cast.caller.headers).generic(
                method, cast.address(name), body, content_type
            )
            assert answer.status_code in {405, 400}, name
            assert answer.headers["Content-Type"] == "application/problem+json", name
            assert answer.status_code == 405 or "charset" in content_type, name


PARAMETERS = (
    {"participant": "\x00"},
    {"participant": "x" * 5_000},
    {"participant": ["AAAAAAA", "BBBBBBB"]},
    {"participant__in": "A,B"},
    {"enrolment__contact__email__startswith": "w"},
    {"arm": "\u202esnoisses"},
    {"since": "2027-01-01"},
    {"since": "2027-13-01T00:00:00Z"},
    {"since": "99999-01-01T00:00:00Z"},
    {"since": "0000-00-00T00:00:00Z"},
    {"since": "2027-01-01T00:00:00+99:99"},
    {"since": "now", "until": "infinity"},
    {"since": "\u0662\u0660\u0662\u0667-01-01T00:00:00Z"},
    {"page_size": "0"},
    {"page_size": "-1"},
    {"page_size": "5001"},
    {"page_size": "9" * 5_000},
    {"page_size": "1e3"},
    {"page_size": "\u0663"},
    {"page_size": ["1", "2"]},
    {"cursor": "garbage"},
    {"cursor": "=" * 5_000},
    {"cursor": "eyJpZCI6IDB9"},
    {"cursor": "\x00"},
    {"synthetic": "yes"},
    {"synthetic": "TRUE"},
    {"ordering": "password"},
    {"format": "../../etc/passwd"},
    {"format": "sav"},
    {"fields": "*"},
    {"": "x"},
    {"\x00": "x"},
    {"<script>": "x"},
)


@pytest.mark.parametrize("parameters", PARAMETERS, ids=lambda given: repr(given)[:40])
def test_a_parameter_that_is_not_understood_is_a_400_that_says_which(cast: Cast, parameters: dict[str, Any]) -> None:
    for name in ("api:rows", "api:file"):
        with nothing_changes(frozenset({"research_apitoken"})):
            answer: Any = Client(raise_request_exception=False, headers=cast.caller.headers).get(
                cast.address(name), parameters
            )
        assert answer.status_code == 400, name
        problem = json.loads(content_of(answer))
        assert problem["status"] == 400
        assert len(problem["errors"]) >= 1
        assert all(len(each["where"]) < 100 and len(each["found"]) < 100 for each in problem["errors"])


@pytest.mark.parametrize("value", ["' OR 1=1 --", "%", "_______", "*", "=1+1", "null", "<script>"])
def test_a_value_that_nobody_has_finds_nobody(cast: Cast, value: str) -> None:
    assert cast.caller.json("datasets/participants/")["results"] != []
    for name in ("participant", "arm"):
        assert cast.caller.json("datasets/participants/", **{name: value})["results"] == []


@pytest.mark.parametrize(
    "dataset", ["users", "..", "auth_user", "contacts", "participants'", "Participants", "%00", "participants.csv"]
)
def test_a_dataset_that_is_not_there_is_a_404_problem(cast: Cast, dataset: str) -> None:
    for end in ("", "file/"):
        path = f"/api/v1/studies/{cast.study.slug}/datasets/{dataset}/{end}"
        with nothing_changes(frozenset({"research_apitoken"})):
            answer: Any = Client(raise_request_exception=False, headers=cast.caller.headers).generic("GET", path)
        assert answer.status_code in {400, 404}
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_reading_changes_nothing_but_what_is_written_down_of_it(cast: Cast) -> None:
    with nothing_changes(READ):
        for name in TOKEN_ROUTES:
            for method in ("get", "head"):
                answer: Any = getattr(Client(headers=cast.caller.headers), method)(cast.address(name))
                assert is_clear(answer) == "" or method == "head"
