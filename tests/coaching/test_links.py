"""Personal links and the mails that carry them; null characters; logs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from coaching.models import BrowserSession as Session
from coaching.models import PersonalLink
from coaching.services import links
from tests import world
from tests.coaching.doorway import AGREED, DOOR, at_consent, counts
from tests.mailbox import Mailbox
from tests.pages import Screen, submit, visit

pytestmark = pytest.mark.django_db

# --- personal links ---------------------------------------------------------------------------------------------------


def test_opening_a_link_fifty_times_changes_nothing() -> None:
    version = world.example()
    person, token = world.invited(version.study)
    client, before = Client(), world.fresh(person).__dict__
    for n in range(50):
        response = client.get(f"/p/{token}/") if n % 2 else client.head(f"/p/{token}/")
        assert response.status_code == 200
    after = world.fresh(person).__dict__
    assert {k: v for k, v in after.items() if k != "_state"} == {k: v for k, v in before.items() if k != "_state"}
    assert Session.objects.count() == 0
    assert PersonalLink.objects.get().revoked_at is None


def test_the_button_of_a_link_signs_in_and_takes_the_token_off_the_address() -> None:
    version = world.example()
    person = world.consented(version)
    token = links.mint(enrolment=person, now=clock.now())
    client = Client()
    shown = visit(client, f"/p/{token}/")
    assert (shown.name, len(shown.forms[-1].names()), len(shown.primaries)) == ("welcome", 0, 1)
    response = client.post(f"/p/{token}/")
    assert (response.status_code, response.headers["Location"]) == (303, "/me/")
    assert visit(client, "/me/").name == "home"


def test_a_session_that_was_planted_is_worth_nothing_after_the_link() -> None:
    version = world.example()
    person = world.consented(version)
    token = links.mint(enrolment=person, now=clock.now())
    client = Client()
    visit(client, f"{DOOR}?lang=de")
    planted = client.cookies["potoo_session"].value
    client.post(f"/p/{token}/")
    thief = Client()
    thief.cookies.load({"potoo_session": planted})
    assert visit(thief, "/me/").url == "/me/link/"


@pytest.mark.parametrize("token", ["nobody", "x" * 5_000, "..%2f..%2f", "=1+1", "%E2%80%AE"])
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_an_unknown_link_is_not_found_and_shows_a_way_on(token: str, method: str) -> None:
    response = getattr(Client(), method)(f"/p/{token}/")
    assert response.status_code == 404
    if method == "get" and "%2f" not in token:
        screen = Screen(response)
        assert (screen.name, screen.primaries[0]["href"]) == ("error", "/me/link/")


def test_a_revoked_link_no_longer_opens() -> None:
    version = world.example()
    person, token = world.invited(version.study)
    links.revoke(enrolment=person, by="command", now=clock.now())
    assert [Client().get(f"/p/{token}/").status_code, Client().post(f"/p/{token}/").status_code] == [404, 404]


def test_after_many_bad_links_they_are_told_to_wait_and_good_ones_still_open() -> None:
    version = world.example()
    _, token = world.invited(version.study)
    client = Client()
    statuses = [client.get(f"/p/guess{n}/").status_code for n in range(101)]
    assert (statuses[0], statuses[99], statuses[100]) == (404, 404, 429)
    assert client.get(f"/p/{token}/").status_code == 200


def test_no_token_can_be_read_from_the_database() -> None:
    version = world.example()
    _, token = world.invited(version.study)
    assert token not in json.dumps(
        [list(row) for row in PersonalLink.objects.values_list("token_hash", "enrolment__pseudonym")]
    )


# --- a fresh link by mail ---------------------------------------------------------------------------------------------


def test_asking_for_a_link_gives_one_answer_whether_the_address_is_known_or_not(mailbox: Mailbox) -> None:
    world.consented(world.example(), email="known@canary.example")
    answers = [
        submit(client, visit(client, "/me/link/"), email=email)
        for client, email in ((Client(), "known@canary.example"), (Client(), "unknown@canary.example"))
    ]
    assert [(a.status, a.text) for a in answers] == [(200, answers[0].text)] * 2
    assert [mail.to for mail in mailbox.after_a_tick()] == ["known@canary.example"]


def test_the_mailed_link_opens_the_persons_page(mailbox: Mailbox) -> None:
    person = world.consented(world.example(), email="Known@Canary.example")
    client = Client()
    submit(client, visit(client, "/me/link/"), email="known@canary.EXAMPLE")
    (mail,) = mailbox.after_a_tick()
    (url,) = re.findall(r"http://\S+/p/\S+/", mail.body)
    assert url.startswith("http://127.0.0.1:8000/p/")
    assert url in mail.html
    assert submit(client, visit(client, url.removeprefix("http://127.0.0.1:8000"))).name == "home"
    assert person.pseudonym not in str(mail.message)
    assert mail.to == "Known@Canary.example"


def test_someone_in_two_studies_gets_a_link_to_each_in_mails_of_their_own(mailbox: Mailbox) -> None:
    for version in (world.example(), world.tiny()):
        world.consented(version, email="both@canary.example")
    submit(Client(), visit(Client(), "/me/link/"), email="both@canary.example")
    assert {mail.subject for mail in mailbox.after_a_tick()} == {
        "Your link to Small scenes: a pilot",
        "Your link to Tiny",
    }


def test_links_in_mails_come_from_the_settings_whatever_host_the_request_names(mailbox: Mailbox, settings: Any) -> None:
    world.consented(world.example(), email="known@canary.example")
    client = Client()
    client.get("/me/link/")
    poisoned = client.post("/me/link/", {"email": "known@canary.example"}, headers={"host": "evil.example"})
    assert (poisoned.status_code, mailbox.after_a_tick()) == (400, [])
    client.post("/me/link/", {"email": "known@canary.example"}, headers={"x-forwarded-host": "evil.example"})
    assert "evil" not in str(mailbox.after_a_tick()[0].message)


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "a@b\r\nBcc: x@y.example", "x" * 100_000, "a@b.example,c@d.example", "=1+1"],
)
def test_what_is_no_address_gets_an_error_and_no_mail(email: str, mailbox: Mailbox) -> None:
    answer = submit(Client(), visit(Client(), "/me/link/"), email=email)
    assert (answer.status, answer.name, mailbox.after_a_tick()) == (422, "welcome", [])


def test_after_five_requests_for_one_address_there_is_a_pause_known_or_not(mailbox: Mailbox) -> None:
    world.consented(world.example(), email="known@canary.example")
    for email in ("known@canary.example", "unknown@canary.example"):
        client = Client()
        statuses = [client.post("/me/link/", {"email": email}).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
    assert len(mailbox.after_a_tick()) == 5


def test_nobody_of_the_way_in_is_in_any_log(caplog: pytest.LogCaptureFixture, mailbox: Mailbox) -> None:
    world.example()
    client = Client()
    with caplog.at_level("DEBUG"):
        visit(client, f"{DOOR}?PROLIFIC_PID=canaryid")
        submit(client, submit(client, at_consent(client), **AGREED), email="me@canary.example", timezone="UTC")
        submit(client, visit(client, "/me/link/"), email="me@canary.example")
        (url,) = re.findall(r"/p/(\S+)/", mailbox.after_a_tick()[0].body)
        submit(client, visit(client, f"/p/{url}/"))
    said = " ".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert not {word for word in ("canary", url) if word in said}


def test_pages_of_the_door_are_kept_by_no_cache() -> None:
    world.example()
    assert Client().get(reverse("coaching:join", args=["small-scenes"])).headers["Cache-Control"] == "no-store"


# --- null characters --------------------------------------------------------------------------------------------------

NULL = [
    ("get", "/p/%00/", {}),
    ("post", "/join/small-scenes/eligibility/", {"age": "30\x00"}),
    ("post", "/join/small-scenes/eligibility/", {"age\x00": "30"}),
    ("post", "/join/small-scenes/consent/", {"study-version": "1\x00", **AGREED}),
    ("post", "/join/small-scenes/consent/", {"door-key": "\x00" * 32, **AGREED}),
    ("post", "/me/contact/", {"email": "a@b.example\x00", "timezone": "UTC"}),
    ("post", "/me/contact/", {"email": "", "timezone": "Europe/Berlin\x00"}),
    ("post", "/me/language/", {"language": "en\x00"}),
    ("post", "/me/link/", {"email": "\x00@b.example"}),
]


@pytest.mark.parametrize(("method", "path", "values"), NULL)
def test_null_characters_are_refused_at_every_door(method: str, path: str, values: dict[str, str]) -> None:
    person = world.consented(world.example(), email="kept@canary.example")
    client, before = world.browser_of(person) if path.startswith("/me/") else Client(), counts()
    assert getattr(client, method)(path, values).status_code == 400
    assert (counts(), world.fresh(person).contact.email) == (before, "kept@canary.example")
