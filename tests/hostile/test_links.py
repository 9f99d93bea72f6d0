"""Ways in by a link: personal ones and those that work once, and coming again after the end."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import SESSION_KEY as STAFF_KEY
from django.db import connection
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import SignInLink
from accounts.services import mint_sign_in_link
from coaching.middleware import SESSION_KEY
from coaching.models import PersonalLink
from coaching.services import links, people
from privacy.erasure import erase, leave
from tests import world
from tests.hostile.cast import Cast, content_of, is_clear, nothing_changes
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
