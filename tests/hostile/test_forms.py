"""Every form of the product, sent what no browser of an honest person would send."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import FailureCount
from config.access import ROUTES
from tests.hostile.cast import APART, BY_NAME, DOORS, PATTERNS, Cast, Door, is_clear, nothing_changes

pytestmark = pytest.mark.django_db

URLENCODED = "application/x-www-form-urlencoded"
GARBAGE = {
    "nothing": "",
    "blanks": " \t ",
    "a null character": "a\x00b",
    "a null character alone": "\x00",
    "a megabyte": "x" * 1_000_000,
    "a number of 5,000 digits": "9" * 5_000,
    "past 64 bits": str(2**63),
    "negative": "-1",
    "not a number": "nan",
    "infinity": "inf",
    "an exponent": "1e0",
    "an underscore": "1_0",
    "hexadecimal": "0x1",
    "a long fraction": "0." + "9" * 400,
    "digits of another script": "\u0663",
    "full-width digits": "\uff13",
    "a superscript": "\u00b2",
    "right to left": "\u202e3",
    "zero width": "3\u200b",
    "a header": "3\r\nSet-Cookie: potoo_session=planted",
    "a formula": '=HYPERLINK("http://evil.example","3")',
    "a script": "<script>alert(1)</script>",
    "an attribute": '"><img src=x onerror=alert(1)>',
    "a path": "../../../../etc/passwd",
    "a template": "{{ settings.SECRET_KEY }}{% debug %}${7*7}",
    "a format": "%s%n{0.__class__}",
    "a statement": "'; DROP TABLE coaching_enrolment; --",
    "an object": '{"$ne": null}',
    "not a character": "\ufffe\uffff",
    "emoji": "\U0001f9a9" * 300,
}
# Ordinarily every place gets every third kind, each place others than its neighbour, so that no kind and no place is
# left out; every kind in every place is a proof.
one_in = pytest.mark.parametrize(
    "one_in", [3, pytest.param(1, marks=pytest.mark.slow)], ids=["every third", "every one"]
)
# A whole number below what is asked for is an answer: it turns somebody away, and is counted.
AN_ANSWER = {("coaching:eligibility", "negative")}
WITH_FIELDS = [door for door in DOORS if not door.is_act]
STRICT = [door for door in WITH_FIELDS if not door.free]


def _post(client: Client, cast: Cast, door: Door, body: str | bytes, content_type: str = URLENCODED) -> HttpResponse:
    raw = body.encode() if isinstance(body, str) else body
    answer: Any = client.generic("POST", cast.address(door.name), raw, content_type)
    return answer


def test_every_route_that_takes_a_post_is_tried_here(cast: Cast) -> None:
    owner, person = cast.browser("owner"), cast.browser("participant")
    for name in set(ROUTES) - set(BY_NAME):
        if name.startswith(APART):
            continue
        client = person if ROUTES[name].who == "participant" else owner
        headers = cast.caller.headers if ROUTES[name].who == "token" else {}
        answer = client.post(cast.address(name), headers=headers)
        expected = {404} if name == "api:not_found" else {405}
        # Whoever is through the door is led on from it, whatever they send.
        expected |= {303} if name == "coaching:join" else set()
        assert answer.status_code in expected, f"{name}: {answer.status_code}"


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_an_honest_form_is_taken(cast: Cast, door: Door) -> None:
    answer = _post(cast.browser(door.who), cast, door, urlencode(door.body))
    assert answer.status_code in {200, 302, 303}
    assert is_clear(answer) == ""


# On another database each field alone is enough of it.
@pytest.mark.once
@pytest.mark.parametrize("door", STRICT, ids=str)
def test_garbage_in_every_field_gets_a_clear_answer_and_changes_nothing(cast: Cast, door: Door) -> None:
    with nothing_changes(since=cast.at_first):
        for kind, garbage in GARBAGE.items():
            if (door.name, kind) in AN_ANSWER:
                continue
            # None is turned away by a limit for what was sent before it.
            FailureCount.objects.all().delete()
            answer = _post(cast.browser(door.who), cast, door, urlencode(dict.fromkeys(door.body, garbage)))
            assert is_clear(answer) == "", kind


@pytest.mark.parametrize("door", [door for door in DOORS if door.is_act or door.free], ids=str)
def test_garbage_beside_a_button_gets_a_clear_answer(cast: Cast, door: Door) -> None:
    for garbage in GARBAGE.values():
        client = cast.browser(door.who)
        answer = _post(client, cast, door, urlencode({**dict.fromkeys(door.body, garbage), "more": garbage}))
        assert is_clear(answer) == "", garbage[:40]


@one_in
@pytest.mark.parametrize("door", STRICT, ids=str)
def test_each_field_alone_may_be_garbage(cast: Cast, door: Door, one_in: int) -> None:
    for place, name in enumerate(door.body):
        # A form of one field is soon through.
        for garbage in list(GARBAGE.values())[place % one_in :: one_in if len(door.body) > 1 else 1]:
            answer = _post(cast.browser(door.who), cast, door, urlencode({**door.body, name: garbage}))
            assert is_clear(answer) == "", f"{name}: {garbage[:40]}"


# A form without fields that says something all the same: a file that nobody named a format for is a CSV, and handing it
# over is written down; and whoever gives no address has none, which is an answer.
WITHOUT_FIELDS = {"research:export_file", "coaching:join_contact"}
BODIES = {
    "JSON instead of a form": ("application/json", None),
    "plain text instead of a form": ("text/plain", None),
    "XML instead of a form": ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    "no content type": ("", None),
    "a type that is none": ("\u00e4/;;;=", None),
    "bytes that are no UTF-8": (URLENCODED, b"h1=\xff\xfe&age=\xc3\x28&email=\x80&data=%ff%fe&format=%c0%80"),
    "half of an escape": (URLENCODED, b"%=%&%zz=%u0033&h1=%&age=%4"),
    "fields without names": (URLENCODED, b"&&&=&=x&;;=3&"),
    "ten thousand and one fields": (URLENCODED, urlencode([("h1", "3")] * 10_001).encode()),
    "three megabytes": (URLENCODED, b"h1=" + b"3" * 3_000_000),
    "parts without a boundary": ("multipart/form-data", b"--x\r\n\r\n3\r\n--x--"),
    "parts with an empty boundary": ("multipart/form-data; boundary=", b"----"),
    "parts that end early": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="h1"\r\n\r\n3\r\n--',
    ),
    "a part in an encoding that is none": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="h1"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n'
        b"--x--\r\n",
    ),
    "another charset": (f"{URLENCODED}; charset=utf-16", "h1=3&age=30".encode("utf-16")),
    "a charset that is no text": (f"{URLENCODED}; charset=hex", b"h1=3"),
    "a charset that is none": (f"{URLENCODED}; charset=undefined", b"h1=3"),
    "parts in a charset that is no text": (
        "multipart/form-data; boundary=x; charset=rot13",
        b'--x\r\nContent-Disposition: form-data; name="h1"\r\n\r\n3\r\n--x--\r\n',
    ),
}


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_body_that_is_no_form_gets_a_clear_answer_and_changes_nothing(cast: Cast, body: str) -> None:
    content_type, content = BODIES[body]
    # Those that say something all the same come last.
    for door in sorted(STRICT, key=lambda door: door.name in WITHOUT_FIELDS):
        client = cast.browser(door.who)
        sent = json.dumps(door.body) if content is None else content
        if door.name in WITHOUT_FIELDS:
            answer = _post(client, cast, door, sent, content_type)
        else:
            with nothing_changes(since=cast.at_first):
                answer = _post(client, cast, door, sent, content_type)
        assert is_clear(answer) == "", door.name


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_body_that_is_no_form_beside_a_button_gets_a_clear_answer(cast: Cast, body: str) -> None:
    content_type, content = BODIES[body]
    for door in DOORS:
        if door.is_act:
            answer = _post(cast.browser(door.who), cast, door, content or b"{}", content_type)
            assert is_clear(answer) == "", door.name


@pytest.mark.parametrize(
    "door", [door for door in STRICT if door.name.startswith(("assess", "coaching:elig"))], ids=str
)
def test_one_question_answered_twice_in_one_form_is_not_answered(cast: Cast, door: Door) -> None:
    name, value = next(iter(door.body.items()))
    for values in ([value, value], [value, "4"], [value, "<script>"]):
        with nothing_changes():
            answer = _post(cast.browser(door.who), cast, door, urlencode([(name, each) for each in values]))
        assert answer.status_code == 422


# --- who may send it -------------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("door", [door for door in DOORS if not door.takes_no_token], ids=str)
def test_a_form_that_another_site_sends_is_refused_and_changes_nothing(cast: Cast, door: Door) -> None:
    client = cast.browser(door.who, enforce_csrf_checks=True)
    planted = {"csrfmiddlewaretoken": "x" * 64}
    origins: list[tuple[dict[str, str], dict[str, str]]] = [
        (dict(door.body), {}),
        ({**door.body, **planted}, {}),
        ({**door.body, **planted}, {"origin": "https://evil.example"}),
        ({**door.body, **planted}, {"origin": "null"}),
        ({**door.body, **planted}, {"referer": "https://evil.example/"}),
    ]
    with nothing_changes(since=cast.at_first):
        for body, headers in origins:
            answer: Any = client.post(cast.address(door.name), body, headers=headers)
            assert answer.status_code == 403
            assert is_clear(answer) == ""
        # A page elsewhere can send text/plain without asking; no door reads it as anything else.
        answer = client.generic("POST", cast.address(door.name), json.dumps(door.body), "text/plain")
        assert answer.status_code == 403


@pytest.mark.once
@pytest.mark.parametrize("door", DOORS, ids=str)
def test_no_other_method_does_what_a_post_does(cast: Cast, door: Door) -> None:
    with nothing_changes(since=cast.at_first):
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "M\u00dcLL"):
            client = cast.browser(door.who)
            answer: Any = client.generic(method, cast.address(door.name), urlencode(door.body), URLENCODED)
            assert answer.status_code == 405, method
            assert answer.headers["Allow"], method


@pytest.mark.once
@pytest.mark.parametrize("door", DOORS, ids=str)
def test_reading_does_nothing_whatever_stands_in_the_address(cast: Cast, door: Door) -> None:
    client = cast.browser(door.who)
    with nothing_changes(since=cast.at_first):
        for method in ("get", "head"):
            answer: Any = getattr(client, method)(cast.address(door.name), door.body)
            assert answer.status_code in {200, 302, 303, 405}


# --- what a form may set ---------------------------------------------------------------------------------------------

OWN_FIELDS = {
    "study": "1",
    "study_id": "1",
    "enrolment": "2",
    "participant": "AAAAAA",
    "pseudonym": "AAAAAA",
    "arm": "sessions",
    "state": "done",
    "status": "completed",
    "value": "5",
    "score": "99",
    "changes": "0",
    "position": "4",
    "created_at": "2001-01-01T00:00:00Z",
    "answered_at": "2001-01-01T00:00:00Z",
    "consented_at": "2001-01-01T00:00:00Z",
    "allocated_at": "2001-01-01T00:00:00Z",
    "completed_at": "2001-01-01T00:00:00Z",
    "consent_version": "99",
    "synthetic": "true",
    "is_staff": "1",
    "is_superuser": "1",
    "is_creator": "1",
    "is_active": "0",
    "role": "owner",
    "id": "1",
    "pk": "1",
    "language": "de",
}


def _answers(cast: Cast) -> list[tuple[Any, ...]]:
    return list(
        cast.occasion.administrations.values_list(
            "answers__item", "answers__value", "answers__status", "answers__position", "answers__changes", "language"
        )
    )


def test_a_question_takes_its_own_field_and_no_other(cast: Cast) -> None:
    door = BY_NAME["assessments:item"]
    _post(cast.browser("participant"), cast, door, urlencode({**OWN_FIELDS, **door.body}))
    assert _answers(cast) == [("h1", 3.0, "answered", 1, 0, "en")]
    person, before = cast.fresh(cast.walker), cast.walker
    for name in (
        "study_id",
        "pseudonym",
        "arm",
        "synthetic",
        "language",
        "consented_at",
        "allocated_at",
        "completed_at",
    ):
        assert getattr(person, name) == getattr(before, name), name


def test_consent_sets_nobodys_arm_pseudonym_or_time(cast: Cast) -> None:
    door = BY_NAME["coaching:consent"]
    client = cast.browser("ready")
    _post(client, cast, door, urlencode({**OWN_FIELDS, **door.body}))
    person = cast.study.enrolments.latest("pk")
    assert person.pk not in {cast.walker.pk, cast.other.pk, cast.without_contact.pk, cast.invited.pk}
    assert (person.arm, person.synthetic, person.allocated_at, person.completed_at) == ("", False, None, None)
    assert person.pseudonym != "AAAAAA"
    assert person.consented_at.year != 2001
    assert person.consents.get().consent_version == "1.0"


def test_contact_changes_address_and_zone_and_nothing_else(cast: Cast) -> None:
    door = BY_NAME["coaching:contact"]
    _post(cast.browser("participant"), cast, door, urlencode({**OWN_FIELDS, **door.body, "label": "Mallory"}))
    person = cast.fresh(cast.walker)
    assert (person.timezone, person.contact.email, person.contact.label) == (
        "Europe/Berlin",
        "new@people.example",
        "",
    )
    assert (person.arm, person.language, person.synthetic, person.study_id) == ("", "en", False, cast.study.pk)


@pytest.mark.parametrize("name", ["accounts:sign_in", "accounts:password", "accounts:one_time_link"])
def test_staff_can_not_raise_their_own_account(cast: Cast, name: str) -> None:
    door = BY_NAME[name]
    _post(cast.browser(door.who), cast, door, urlencode({**OWN_FIELDS, **door.body}))
    cast.owner.refresh_from_db()
    assert (cast.owner.is_creator, cast.owner.is_active, cast.owner.email) == (False, True, "owner@staff.example")
    assert list(cast.owner.memberships.values_list("role", flat=True)) == ["owner"]


# --- parameters of addresses -----------------------------------------------------------------------------------------

READ = frozenset({"accounts_auditentry", "research_apitoken"})
QUERIES = (
    "%00=%00&question=%00&status=%00&page=%00&next=%00&lang=%00",
    "question=" + "q" * 5_000,
    "question=age&question=heard&lang=en&lang=de&page=1&page=2",
    "page=-1",
    "page=" + "9" * 5_000,
    "page=%D9%A3&status=%E2%80%AE",
    "page=1e9&page_size=NaN&since=Infinity",
    "ordering=password&sort=-user__password&user__password__startswith=a&status=active'--",
    "lang=../../../etc/passwd&theme=%3Cscript%3E",
    "next=//evil.example&next=https://evil.example/%0d%0aSet-Cookie:a=b",
    "%ff%fe=%c3%28&lang=%ed%a0%80",
    "&".join(f"p{n}={n}" for n in range(1_500)),
    "a[b][c]=d&a.b=c&__class__=x&constructor[prototype]=y",
    "PROLIFIC_PID=" + "x" * 5_000 + "&STUDY_ID=%00&SESSION_ID=%0a",
)


@one_in
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:24])
def test_an_address_with_garbage_behind_it_gets_a_clear_answer_and_changes_nothing(
    cast: Cast, query: str, one_in: int
) -> None:
    routes = list(ROUTES.items())[QUERIES.index(query) % one_in :: one_in]
    clients = {"participant": ("participant",), "study": ("owner",), "staff": ("owner",), "token": ("anyone",)}
    # That addresses were read, a file was taken or a token used is written down: those are asked last.
    for is_api in (False, True):
        with nothing_changes(READ if is_api else frozenset(), since=cast.at_first):
            for name, rule in routes:
                for who in clients.get(rule.who, ("anyone", "participant", "invited")):
                    if (rule.who == "token") is is_api:
                        headers = cast.caller.headers if is_api else {}
                        client = cast.browser(who)  # type: ignore[arg-type]
                        answer: Any = client.get(f"{cast.address(name)}?{query}", headers=headers)
                        assert is_clear(answer) == "", f"{name} as {who}"


NO_ONES = "00000000-0000-4000-8000-000000000000"
PARTS = {
    "a null character": "%00",
    "a path": "..%2f..%2fetc%2fpasswd",
    "no UTF-8": "%ff%c3%28",
    "5,000 letters": "a" * 5_000,
    "5,000 digits": "9" * 5_000,
    "a statement": "'%20OR%20'1'='1",
    "a script": "%3Cscript%3Ealert(1)%3C%2fscript%3E",
    "line breaks": "a%0d%0aX-Injected:%201",
    "right to left": "%E2%80%AE",
    "digits of another script": "%D9%A3",
    "negative": "-1",
    "a dot": ".",
    "percent": "%25s%25n",
}


@one_in
@pytest.mark.parametrize("garbage", PARTS, ids=str)
def test_garbage_in_any_part_of_an_address_is_not_found(cast: Cast, garbage: str, one_in: int) -> None:
    routes = [name for name, pattern in PATTERNS.items() if pattern.pattern.converters]
    with nothing_changes(frozenset({"research_apitoken"}), since=cast.at_first):
        _try_every_part(cast, garbage, routes[list(PARTS).index(garbage) % one_in :: one_in])


def _try_every_part(cast: Cast, garbage: str, routes: list[str]) -> None:
    for name in routes:
        pattern = PATTERNS[name]
        rule = ROUTES[name]
        client = cast.browser("participant" if rule.who == "participant" else "owner")
        headers = cast.caller.headers if rule.who == "token" else {}
        for part in pattern.pattern.converters:
            mark = (
                "00000000-0000-4000-8000-000000000000"
                if part in {"occasion", "key", "note"}
                else "7077"
                if part in {"n", "alert", "event"}
                else "markhere"
            )
            address = cast.address(name, **{part: mark}).replace(mark, PARTS[garbage])
            for method in ("GET", "POST"):
                answer: Any = client.generic(method, address, b"", URLENCODED, headers=headers)
                assert answer.status_code in {400, 404, 405, 422}, f"{method} {name}: {answer.status_code}"
                assert is_clear(answer) == "", f"{method} {name}"
