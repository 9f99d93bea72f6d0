"""Consent and contact, through a plain HTML client."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from coaching.models import BrowserSession as Session
from coaching.models import ConsentRecord, Enrolment, Screening
from tests import world
from tests.coaching.doorway import AGREED, DOOR, RIGHT_TO_LEFT, at_consent
from tests.pages import Screen, follow, submit, visit

pytestmark = pytest.mark.django_db

# --- consent ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_consent_is_refused_before_the_questions_are_answered(method: str) -> None:
    world.example()
    client = Client()
    submit(client, follow(client, visit(client, DOOR)), age="30")
    posted = {"study-version": "1", "door-key": "k" * 32, **AGREED} if method == "post" else {}
    response = getattr(client, method)(f"{DOOR}consent/", posted, follow=True)
    assert Screen(response).form.names() == {"heard"}
    assert Enrolment.objects.count() == 0


def test_a_required_statement_left_out_is_named_and_stores_nothing() -> None:
    world.example()
    client = Client()
    again = submit(client, at_consent(client), take_part="yes", recontact="yes")
    assert (again.status, again.name) == (422, "consent")
    assert "Not ticked yet: “My answers may be stored under a pseudonym and analysed.”" in again.text
    assert {f.name for f in again.form.fields if f.is_chosen} == {"take_part", "recontact"}
    assert Enrolment.objects.count() == 0
    assert submit(client, again, data="yes").name == "contact"


@pytest.mark.parametrize("value", ["no", "on", "", "YES", "true", "yes\r\n", "=1+1"])
def test_only_yes_ticks_a_statement(value: str) -> None:
    world.example()
    client = Client()
    assert submit(client, at_consent(client), take_part="yes", data=value).status == 422
    assert Enrolment.objects.count() == 0


def test_a_repeated_consent_leads_where_the_first_did() -> None:
    world.example()
    client = Client()
    form = at_consent(client)
    first, second = submit(client, form, **AGREED), submit(client, form, **AGREED)
    assert (first.url, second.url) == (f"{DOOR}contact/", f"{DOOR}contact/")
    submit(client, second, email="", timezone="UTC")
    assert submit(client, form, **AGREED).url == "/me/"
    assert (Enrolment.objects.count(), Screening.objects.count(), ConsentRecord.objects.count()) == (1, 1, 1)


def test_a_consent_sent_again_because_its_answer_was_lost_makes_nobody_new() -> None:
    world.example()
    client = Client()
    form = at_consent(client)
    before = client.cookies.output()
    submit(client, form, **AGREED)
    assert client.cookies.output() != before
    lost = Client()
    lost.cookies.load({"potoo_session": "a-session-that-is-no-more"})
    again = submit(lost, form, **AGREED)
    assert (again.name, Enrolment.objects.count()) == ("contact", 1)


def test_the_key_of_a_form_opens_nobodys_page_a_day_later(settings: Any) -> None:
    world.example()
    client = Client()
    form = at_consent(client)
    submit(client, form, **AGREED)
    world.move_clock(settings, timedelta(hours=25))
    assert submit(Client(), form, **AGREED).name == "eligibility"
    assert Enrolment.objects.count() == 1


def test_two_people_who_use_one_browser_after_each_other_are_two() -> None:
    world.example()
    client = Client()
    submit(client, submit(client, at_consent(client), **AGREED), email="", timezone="UTC")
    client.post("/me/sign-out/")
    assert submit(client, at_consent(client), **AGREED).name == "contact"
    assert Enrolment.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("slug", ["small-scenes", "tiny"])
def test_a_consent_sent_twenty_times_at_once_makes_one_person(slug: str) -> None:
    world.example()
    world.tiny()
    client = Client()
    # The tiny study asks nothing first, so its form's own key is all that its submits have in common.
    form = at_consent(client) if slug == "small-scenes" else follow(client, visit(client, "/join/tiny/"))
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}

    def send(_: int) -> str:
        browser = Client()
        browser.cookies.load(cookies)
        try:
            return submit(browser, form, **AGREED).name
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        assert set(threads.map(send, range(20))) == {"contact"}
    assert (Enrolment.objects.count(), Screening.objects.count(), ConsentRecord.objects.count()) == (1, 1, 1)


def changed_text() -> dict[str, str | bytes]:
    return world.edited({"You can leave at any time": "You may leave at any time"}, file="consent.md")


@pytest.mark.parametrize(("hours", "counts_for"), [(23, 1), (25, None)])
def test_consent_counts_for_the_text_that_was_shown_for_a_day_after_it_was_replaced(
    hours: int, counts_for: int | None, settings: Any
) -> None:
    world.example()
    client = Client()
    form = at_consent(client)
    world.publish(changed_text())
    world.move_clock(settings, timedelta(hours=hours))
    after = submit(client, form, **AGREED)
    if counts_for:
        assert (after.name, Enrolment.objects.get().version.n) == ("contact", counts_for)
        assert "You can leave at any time" in ConsentRecord.objects.get().text
    else:
        assert (after.status, after.name, after.form.given["study-version"]) == (409, "consent", "2")
        assert "The text has changed" in after.text
        assert "You may leave at any time" in after.text
        assert Enrolment.objects.count() == 0
        submit(client, after, **AGREED)
        assert Enrolment.objects.get().version.n == 2


@pytest.mark.parametrize("shown", ["", "0", "2", "-1", "1.0", "one", "9" * 40, "١"])
def test_a_version_that_was_never_shown_is_not_consented_to(shown: str) -> None:
    world.example()
    client = Client()
    after = submit(client, at_consent(client), **AGREED, **{"study-version": shown})
    assert (after.status, after.name, Enrolment.objects.count()) == (409, "consent", 0)


@pytest.mark.parametrize("key", ["", "x", "k" * 5_000, "' OR 1=1 --", RIGHT_TO_LEFT])
def test_a_key_that_no_form_had_is_replaced(key: str) -> None:
    world.tiny()
    client = Client()
    form = follow(client, visit(client, "/join/tiny/"))
    assert submit(client, form, take_part="yes", **{"door-key": key}).name == "contact"
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", str(Screening.objects.get().key))


def test_consent_signs_in_under_a_new_session_key() -> None:
    world.example()
    client = Client()
    form = at_consent(client)
    planted = client.cookies["potoo_session"].value
    submit(client, form, **AGREED)
    assert client.cookies["potoo_session"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


# --- contact ----------------------------------------------------------------------------------------------------------


def test_until_contact_is_posted_home_leads_to_it() -> None:
    world.example()
    client = Client()
    submit(client, at_consent(client), **AGREED)
    assert [visit(client, page).name for page in ("/me/", "/me/next/", DOOR)] == ["contact"] * 3
    home = submit(client, visit(client, "/me/"), email="", timezone="Europe/London")
    assert (home.name, visit(client, DOOR).name) == ("home", "home")


def test_someone_invited_finds_address_and_zone_filled_in_and_what_is_posted_replaces_them() -> None:
    version = world.example()
    person, token = world.invited(version.study, email="old@canary.example", timezone="Asia/Tokyo")
    client = Client()
    submit(client, visit(client, f"/p/{token}/"))
    contact = submit(client, at_consent(client), **AGREED)
    assert {"email": "old@canary.example", "timezone": "Asia/Tokyo"}.items() <= contact.form.given.items()
    submit(client, contact, email="new@canary.example", timezone="America/Lima")
    person = world.fresh(person)
    assert (person.contact.email, person.timezone) == ("new@canary.example", "America/Lima")
    assert (Enrolment.objects.count(), Screening.objects.count()) == (1, 0)


BAD_CONTACT = [
    {"email": "no address"},
    {"email": "a@b\r\nBcc: c@d.example"},
    {"email": f"{'a' * 300}@b.example"},
    {"email": "a@b.example, c@d.example"},
    {"email": "<script>@b.example"},
    {"timezone": ""},
    {"timezone": "Etc/GMT+5"},
    {"timezone": "EST"},
    {"timezone": "../../etc/passwd"},
    {"timezone": "localtime"},
    {"timezone": "Europe/Atlantis"},
    {"timezone": "x" * 100_000},
]


@pytest.mark.parametrize("posted", BAD_CONTACT)
@pytest.mark.parametrize("page", [f"{DOOR}contact/", "/me/contact/"])
def test_a_bad_address_or_zone_is_an_error_and_changes_nothing(posted: dict[str, str], page: str) -> None:
    person = world.consented(world.example(), email="kept@canary.example", timezone="Asia/Tokyo")
    response = world.browser_of(person).post(page, {"email": "x@y.example", "timezone": "UTC", **posted})
    screen = Screen(response)
    assert (screen.status, screen.name) == (422, "contact")
    assert "Error:" in screen.html
    person = world.fresh(person)
    assert (person.contact.email, person.timezone) == ("kept@canary.example", "Asia/Tokyo")


@pytest.mark.parametrize("zone", ["Asia/Calcutta", "US/Pacific", "Europe/Kiev", "Asia/Katmandu", "UTC"])
def test_zones_are_taken_as_browsers_name_them(zone: str) -> None:
    person = world.consented(world.example())
    world.browser_of(person).post("/me/contact/", {"email": "", "timezone": zone})
    assert world.fresh(person).timezone == zone


# --- several studies --------------------------------------------------------------------------------------------------


def test_a_person_of_one_study_is_a_newcomer_at_anothers_door() -> None:
    person = world.consented(world.example())
    world.tiny()
    client = world.browser_of(person)
    assert visit(client, "/join/tiny/").name == "welcome"
    assert visit(client, "/join/tiny/contact/").name == "welcome"
    contact = submit(client, follow(client, visit(client, "/join/tiny/")), take_part="yes")
    assert contact.name == "contact"
    assert {e.study.slug for e in Enrolment.objects.all()} == {"small-scenes", "tiny"}
    assert world.fresh(person).contact_at is not None
