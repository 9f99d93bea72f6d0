"""Ways in: personal links, one-time links, passwords, addresses asked for, redirects, hosts, mail."""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import statistics
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import SESSION_KEY as STAFF_KEY
from django.db import connection
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import FailureCount, SignInLink
from accounts.services import mint_sign_in_link
from accounts.throttle import LIMITS, WINDOW_S
from coaching.mailer import compose
from coaching.middleware import SESSION_KEY
from coaching.models import Message, PersonalLink
from coaching.services import links, people
from privacy.erasure import erase, leave
from protocol.errors import BundleFaults
from tests import world
from tests.hostile.cast import PASSWORD, Cast, content_of, is_clear, nothing_changes
from tests.hostile.conftest import Outbox
from tests.pages import Screen, visit

pytestmark = pytest.mark.django_db


def _link(token: str) -> str:
    return reverse("coaching:link", args=[token])


def _token_of(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


# --- a personal link -------------------------------------------------------------------------------------------------


def test_a_mail_scanner_may_open_a_link_fifty_times(cast: Cast) -> None:
    with nothing_changes():
        for n in range(50):
            scanner = Client(headers={"user-agent": "HeadlessChrome Safe Links"})
            answer: Any = scanner.get(_link(cast.invitation)) if n % 2 else scanner.head(_link(cast.invitation))
            assert answer.status_code == 200
            assert SESSION_KEY not in scanner.session
    browser = Client()
    assert browser.post(_link(cast.invitation)).status_code == 303
    assert browser.session[SESSION_KEY] == cast.invited.pk


def test_a_one_time_link_opened_fifty_times_still_works_once(cast: Cast) -> None:
    path = urlsplit(cast.sign_in_url).path
    with nothing_changes():
        for n in range(50):
            answer: Any = Client().get(path) if n % 2 else Client().head(path)
            assert answer.status_code == 200
    browser = Client()
    assert browser.post(path).status_code == 302
    assert browser.session[STAFF_KEY] == str(cast.owner.pk)
    again: Any = Client().post(path)
    assert again.status_code == 404
    assert is_clear(again) == ""


def test_the_page_of_a_link_sends_itself_nowhere_and_tells_no_other_site(cast: Cast) -> None:
    for path in (_link(cast.invitation), urlsplit(cast.sign_in_url).path):
        answer: Any = Client().get(path)
        page = Screen(answer)
        # Under no-referrer a browser calls its own origin "null" when it posts a form, and no door could tell it.
        assert answer.headers["Referrer-Policy"] in {"no-referrer", "same-origin"}
        assert answer.headers["Cache-Control"] == "no-store"
        assert "http-equiv" not in page.html
        assert "autofocus" not in page.html
        outside = [link for link in page.links if link.startswith(("http:", "https:", "//"))]
        assert outside == []


def test_a_link_takes_its_token_off_the_address(cast: Cast) -> None:
    browser = Client()
    answer: Any = browser.post(_link(cast.invitation), follow=True)
    assert cast.invitation not in answer.request["PATH_INFO"]
    assert cast.invitation not in content_of(answer)


LOOKALIKES = {
    "another case": str.swapcase,
    "one letter less": lambda token: token[:-1],
    "one letter more": lambda token: token + "A",
    "a blank": lambda token: token + "%20",
    "twice": lambda token: token * 2,
    "a star": lambda token: token[:8] + "%25",
    "an underscore for each": lambda token: "_" * len(token),
}


@pytest.mark.parametrize("lookalike", LOOKALIKES, ids=str)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_token_that_is_nearly_right_is_wrong(cast: Cast, lookalike: str, method: str) -> None:
    browser = Client()
    answer: Any = getattr(browser, method)(f"/p/{LOOKALIKES[lookalike](cast.invitation)}/")
    assert answer.status_code == 404
    assert is_clear(answer) == ""
    assert SESSION_KEY not in browser.session


def _hash_in_the_database(cast: Cast) -> str:
    return str(PersonalLink.objects.get(enrolment=cast.invited).token_hash)


def test_no_token_in_the_database_opens_a_door(cast: Cast) -> None:
    world_tokens = {cast.invitation, _token_of(cast.sign_in_url), cast.caller.headers["Authorization"].split()[1]}
    dump = _dump()
    for token in world_tokens:
        assert token not in dump
        assert token[:20] not in dump
    for opener in (_hash_in_the_database(cast), str(SignInLink.objects.get(user=cast.owner).token_hash)):
        assert Client().post(_link(opener)).status_code == 404
        assert Client().post(reverse("accounts:one_time_link", args=[opener])).status_code == 404


def test_no_address_label_or_external_id_stands_in_the_database(cast: Cast) -> None:
    canaries = ("walker@people.example", "other@people.example", "invited@people.example", "Ingrid", "canary-id")
    people.consent(
        version=cast.version,
        agreed={"take_part", "data"},
        language="en",
        eligibility={"age": 40, "heard": "web"},
        external_ids={"PROLIFIC_PID": "canary-id"},
        now=clock.now(),
        enrolment=cast.invited,
    )
    for _ in range(3):
        Client().post(reverse("coaching:mail_link"), {"email": "unknown@people.example"})
    dump = _dump().lower()
    assert [c for c in (*canaries, "unknown@people.example") if c.lower() in dump] == []


def _dump() -> str:
    """Every value of every table."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += [repr(row) for row in cursor.fetchall()]
    return "\n".join(rows)


# --- coming again after the end --------------------------------------------------------------------------------------


def test_after_leaving_an_old_link_shows_a_closed_page_and_every_form_stores_nothing(cast: Cast) -> None:
    token = links.mint(enrolment=cast.walker, now=clock.now())
    leave(enrolment=cast.walker, choice="keep", now=clock.now())
    browser = Client()
    browser.post(_link(token))
    assert visit(browser, "/me/").name == "withdrawn"
    posts: dict[str, dict[str, str]] = {
        cast.address("assessments:item"): {"h1": "3"},
        cast.address("assessments:autosave"): {"h1": "3", "answer-rev": "9"},
        reverse("coaching:contact"): {"email": "back@people.example", "timezone": "UTC"},
        cast.address("coaching:join_contact"): {"email": "back@people.example", "timezone": "UTC"},
        reverse("coaching:pause"): {},
        reverse("coaching:resume"): {},
        reverse("privacy:withdraw"): {"data": "keep"},
        cast.address("coaching:consent"): {"study-version": "1", "take_part": "yes", "data": "yes"},
        cast.address("coaching:eligibility") + "?question=age": {"age": "30"},
    }
    with nothing_changes():
        for path, body in posts.items():
            answer: Any = browser.post(path, body)
            assert is_clear(answer) == "", path
            assert answer.status_code in {303, 409}, path
    for path in ("/me/next/", cast.address("assessments:start"), cast.address("assessments:item"), "/me/contact/"):
        assert visit(browser, path).name == "withdrawn"


def test_after_erasure_a_link_opens_nothing_and_a_browser_is_nobodys(cast: Cast) -> None:
    token = links.mint(enrolment=cast.walker, now=clock.now())
    browser = cast.browser("participant")
    erase(enrolment=cast.walker, by="command", reason="asked", now=clock.now())
    with nothing_changes():
        assert Client().get(_link(token)).status_code == 404
        assert Client().post(_link(token)).status_code == 404
        for name in ("coaching:home", "coaching:pause", "assessments:item", "privacy:download"):
            assert browser.post(cast.address(name)).status_code in {302, 405}


LATE_ACTS = {
    "contact": lambda cast, now: people.record_contact(
        enrolment=cast.walker, email="late@people.example", timezone="Asia/Tokyo", by="participant", now=now
    ),
    "a pause": lambda cast, now: people.pause(enrolment=cast.walker, by="participant", now=now),
    "a language": lambda cast, now: people.choose_language(enrolment=cast.walker, language="de"),
    "leaving": lambda cast, now: people.withdraw(enrolment=cast.walker, choice="keep", by="participant", now=now),
    "consent": lambda cast, now: people.consent(
        version=cast.version,
        agreed={"take_part", "data"},
        language="en",
        eligibility={"age": 40, "heard": "web"},
        external_ids={"PID": "late"},
        now=now,
        enrolment=cast.invited,
    ),
    "an answer at the door": lambda cast, now: people.note_screening(enrolment=cast.invited, now=now),
    "being turned away": lambda cast, now: people.screen_out(question="age", now=now, enrolment=cast.invited),
}


@pytest.mark.parametrize("act", LATE_ACTS, ids=str)
def test_what_was_on_its_way_while_somebody_was_erased_stores_nothing_of_them(cast: Cast, act: str) -> None:
    # The request had read the person before the erasure was committed; the service comes to its turn after it.
    for person in (cast.walker, cast.invited):
        erase(enrolment=person, by="command", reason="asked", now=clock.now())
    with nothing_changes():
        LATE_ACTS[act](cast, clock.now())


def test_a_key_of_another_studys_form_is_nobodys_here(cast: Cast) -> None:
    other = world.tiny(slug="another")
    key = "k" * 32
    form = {"study-version": "1", "take_part": "yes", "data": "yes", "door-key": key}
    first = cast.browser("ready")
    assert first.post(cast.address("coaching:consent"), form).status_code == 303
    second = Client(raise_request_exception=False)
    answer: Any = second.post(cast.address("coaching:consent", slug="another"), form)
    assert answer.status_code == 303
    assert second.session[SESSION_KEY] != first.session[SESSION_KEY]
    assert other.study.screenings.count() == 1
    # Sent again, it is one person all the same.
    Client().post(cast.address("coaching:consent", slug="another"), form)
    second.post(cast.address("coaching:consent", slug="another"), form)
    assert other.study.enrolments.filter(pk=second.session[SESSION_KEY]).count() == 1


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


# --- what a mail may hold --------------------------------------------------------------------------------------------


BREAKS = ("\r\n", "\n", "\r", "\u2028", "\x0b", "\x85")


@pytest.mark.parametrize("line_break", BREAKS, ids=repr)
def test_a_title_that_breaks_a_line_is_a_fault_of_the_bundle(line_break: str) -> None:
    title = json.dumps(f"A study{line_break}Bcc: evil@evil.example")
    with pytest.raises(BundleFaults, match=r"study.yaml:\d+: "):
        world.publish(world.edited({"title: Tiny\n": f"title: {title}\n"}, world.TINY))


@pytest.mark.parametrize("line_break", BREAKS, ids=repr)
def test_no_address_can_add_a_header_to_a_mail(cast: Cast, line_break: str) -> None:
    message = Message(enrolment=cast.walker, kind=Message.Kind.LINK, n=1, due_at=clock.now())
    hostile = f"reader@people.example{line_break}"
    mail = compose(message, to=hostile, url="http://127.0.0.1:8000/p/x/", now=clock.now())
    source = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)
    assert source["To"] == "reader@people.example"
    assert mail.recipients() == ["reader@people.example"]
    try:
        mail = compose(message, to=hostile + "Bcc: evil@evil.example", url="http://x/", now=clock.now())
        source = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)
    except ValueError:
        return
    assert (source["Bcc"], source["Cc"], len(source.get_all("To"))) == (None, None, 1)


@pytest.mark.parametrize(
    "address",
    [
        "a@people.example\r\nBcc: evil@evil.example",
        "a@people.example\nBcc:evil@evil.example",
        "a@people.example,evil@evil.example",
        "a@people.example;evil@evil.example",
        '"a\r\nBcc: evil@evil.example"@people.example',
        "Ann <a@people.example>",
        "a@people.example%0aBcc:evil@evil.example",
    ],
)
def test_an_address_is_one_address(cast: Cast, address: str, outbox: Outbox) -> None:
    with nothing_changes():
        for path in (reverse("coaching:contact"), reverse("coaching:mail_link")):
            answer: Any = cast.browser("participant").post(path, {"email": address, "timezone": "Europe/London"})
            assert answer.status_code == 422
            assert is_clear(answer) == ""
    assert outbox() == []


def test_everybody_with_an_address_gets_a_mail_of_their_own(cast: Cast, outbox: Outbox) -> None:
    for _ in range(3):
        world.consented(cast.version, email="shared@people.example")
    Client().post(reverse("coaching:mail_link"), {"email": "shared@people.example"})
    mails = outbox()
    assert [mail["To"] for mail in mails] == ["shared@people.example"] * 3
    assert len({mail.as_string() for mail in mails}) == 3


def test_a_one_time_link_dies_with_its_week_its_use_and_its_account(cast: Cast, settings: Any) -> None:
    def opens(url: str) -> bool:
        return Client().post(urlsplit(url).path).status_code == 302

    urls = [mint_sign_in_link(user=cast.owner, by="command", now=clock.now()) for _ in range(3)]
    assert (opens(urls[0]), opens(urls[0])) == (True, False)
    settings.CLOCK = "+7d"
    assert not opens(urls[1])
    settings.CLOCK = ""
    cast.owner.is_active = False
    cast.owner.save()
    assert not opens(urls[2])
    cast.owner.is_active = True
