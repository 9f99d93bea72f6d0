"""The person's own page of how reminders reach them: one choice, each way off by one button, and nothing kept after."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import clock
from accounts.models import AuditEntry
from coaching.models import Contact, Enrolment, Message, PushSubscription, Way
from coaching.selectors.keeping import contacts_over
from coaching.selectors.ways import reached
from coaching.services import forgetting, leaving, people, ways
from config.settings import services
from privacy.erasure import erase
from research import selectors
from tests import world
from tests.outbox.web_gateway import Browser, b64
from tests.pages import Screen, visit
from tests.privacy.test_erasure import everything

pytestmark = pytest.mark.django_db

PAGE = "/me/reminders/"
NUMBER = "+447700900123"


@pytest.fixture
def person(settings: Any) -> Enrolment:
    """Somebody with an address, where text messages are sent too."""
    settings.SMS = services.Sms("127.0.0.1", 9, False, "/")
    return world.consented(world.tiny(), email="someone@people.example")


def _post(client: Client, **fields: str) -> Any:
    return client.post(PAGE, fields)


def _kept(person: Enrolment) -> tuple[str, str, int]:
    contact = Contact.objects.get(enrolment=person)
    return contact.way, contact.phone, PushSubscription.objects.filter(enrolment=person).count()


# --- the page --------------------------------------------------------------------------------------------------------


def test_home_and_the_page_of_the_address_lead_there_and_it_says_how_it_is(person: Enrolment) -> None:
    client = world.browser_of(person)
    for page in ("/me/", "/me/contact/"):
        assert PAGE in visit(client, page).links, page
    page = visit(client, PAGE)
    assert page.name == "reminders"
    assert len(page.primaries) == 1
    assert "Reminders come by email to someone@people.example." in page.html


def test_without_javascript_a_device_is_said_not_to_be_available_and_the_rest_works(person: Enrolment) -> None:
    client = world.browser_of(person)
    page = visit(client, PAGE)
    assert "On this device: not available in this browser." in page.html
    assert '<label class="answer" data-push-choice hidden>' in page.html
    assert _post(client, way="sms", phone="+44 7700 900 123").status_code == 303
    assert _kept(person) == (Way.SMS, NUMBER, 0)
    assert f"Reminders come by text message to {NUMBER}." in visit(client, PAGE).html


def test_a_device_is_turned_on_and_off_by_one_button(person: Enrolment) -> None:
    client, browser = world.browser_of(person), Browser()
    assert _post(client, way="push", **browser.posted).status_code == 303
    assert _kept(person) == (Way.PUSH, "", 1)
    page = visit(client, PAGE)
    assert "Reminders come on 1 device." in page.html
    assert {"this-off", "all-off"} <= {form.data_action for form in page.forms}
    assert _post(client, act="this_off").status_code == 303
    assert _kept(person) == (Way.MAIL, "", 0)
    assert "by email" in visit(client, PAGE).html


def test_saying_the_same_twice_is_saying_it_once(person: Enrolment) -> None:
    client, browser = world.browser_of(person), Browser()
    for _ in range(2):
        _post(client, way="push", **browser.posted)
    for _ in range(2):
        _post(client, way="sms", phone=NUMBER)
    for _ in range(2):
        _post(client, way="mail")
    said = AuditEntry.objects.filter(action="way.choose", subject=person.pseudonym).order_by("pk")
    assert [json.loads(entry.detail)["way"] for entry in said] == ["push", "sms", "mail"]
    assert NUMBER not in str(list(AuditEntry.objects.values()))
    assert browser.endpoint not in str(list(AuditEntry.objects.values()))


def test_each_way_forgets_what_only_another_would_need(person: Enrolment) -> None:
    client = world.browser_of(person)
    _post(client, way="sms", phone=NUMBER)
    _post(client, way="push", **Browser().posted)
    assert _kept(person) == (Way.PUSH, "", 1)
    _post(client, way="sms", phone=NUMBER)
    assert _kept(person) == (Way.SMS, NUMBER, 0)
    _post(client, act="all_off")
    assert _kept(person) == (Way.MAIL, "", 0)


def test_reminders_stop_and_go_again_by_one_button(person: Enrolment) -> None:
    client = world.browser_of(person)
    _post(client, act="stop")
    assert world.fresh(person).no_mail_at is not None
    assert "You asked us not to remind you." in visit(client, PAGE).html
    _post(client, act="again")
    assert world.fresh(person).no_mail_at is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose one of the ways."),
        ({"way": "pigeon"}, "Choose one of the ways."),
        ({"way": "sms"}, "Write your number with +"),
        ({"way": "sms", "phone": "07700 900123"}, "Write your number with +"),
        ({"way": "sms", "phone": "+44 7700 900123 call me"}, "Write your number with +"),
        ({"way": "sms", "phone": "+" + "4" * 30}, "Write your number with +"),
        ({"way": "sms", "phone": "+٤٤٧٧٠٠٩٠٠١٢٣"}, "Write your number with +"),
        ({"way": "push"}, "This browser can’t show reminders."),
        ({"way": "push"} | Browser().posted | {"endpoint": "https://10.0.0.1/a"}, "This browser can’t show reminders."),
        ({"way": "push"} | Browser().posted | {"endpoint": "http://push.example/a"}, "This browser can’t show"),
        ({"way": "push"} | Browser().posted | {"auth": b64(b"short")}, "This browser can’t show reminders."),
        ({"way": "push"} | Browser().posted | {"p256dh": b64(b"\4" + b"\1" * 64)}, "This browser can’t show"),
    ],
)
def test_what_leads_nowhere_is_said_and_changes_nothing(person: Enrolment, fields: dict[str, str], said: str) -> None:
    answer = _post(world.browser_of(person), **fields)
    assert answer.status_code == 422
    page = Screen(answer)
    assert said in page.html
    assert "Error:" in page.html
    assert _kept(person) == (Way.MAIL, "", 0)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+44 7700 900123", NUMBER),
        ("0044 7700-900.123", NUMBER),
        (" +1 (212) 555/0100 ", "+12125550100"),
        ("+49\u00a030\u202f901820", "+4930901820"),
        ("", ""),
        ("+0 123 456 789", ""),
        ("+12345", ""),
        ("sms:+447700900123", ""),
    ],
)
def test_a_number_is_read_however_it_is_written(typed: str, number: str) -> None:
    assert ways.number_in(typed) == number


def test_where_there_is_no_gateway_and_no_key_only_mail_is_offered(person: Enrolment, settings: Any) -> None:
    settings.SMS, settings.VAPID_KEY = None, ""
    client = world.browser_of(person)
    page = visit(client, PAGE)
    assert 'value="sms"' not in page.html
    assert 'value="push"' not in page.html
    assert "reminders.js" not in page.html
    assert _post(client, way="sms", phone=NUMBER).status_code == 422
    assert _post(client, way="push", **Browser().posted).status_code == 422
    assert _kept(person) == (Way.MAIL, "", 0)


def test_whoever_is_not_written_to_has_no_such_page(person: Enrolment) -> None:
    client = world.browser_of(person)
    leaving.stop_contact(enrolment=person, by="participant", now=clock.now())
    assert client.get(PAGE).headers["Location"] == "/me/"
    assert PAGE not in visit(client, "/me/").links
    assert _post(client, way="sms", phone=NUMBER).headers["Location"] == "/me/"
    assert _kept(person) == (Way.MAIL, "", 0)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    assert client.get(PAGE).headers["Location"] == "/me/"
    newcomer, _ = world.invited(person.study)
    assert world.browser_of(newcomer).get(PAGE).headers["Location"].startswith("/join/")


def test_a_study_that_promised_its_panel_not_to_ask_does_not_ask() -> None:
    panel = "panel: {kind: prolific, id: PROLIFIC_PID, contact: none}\nbefore:\n"
    person = world.consented(world.publish(world.edited({"before:\n": panel}, world.TINY)))
    client = world.browser_of(person)
    assert client.get(PAGE).headers["Location"] == "/me/"
    assert PAGE not in visit(client, "/me/").links


def test_the_page_asks_little_of_the_database(person: Enrolment) -> None:
    client = world.browser_of(person)
    for n in range(ways.MOST_DEVICES):
        _post(client, way="push", **Browser(str(n)).posted)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(PAGE).status_code == 200
    assert len(queries) <= 8


# --- devices ---------------------------------------------------------------------------------------------------------


def test_five_devices_are_kept_and_the_oldest_goes(person: Enrolment) -> None:
    browsers = [Browser(str(n)) for n in range(7)]
    for browser in browsers:
        ways.choose_device(enrolment=person, **browser.posted, by="participant", now=clock.now())
    assert [each.endpoint for each in PushSubscription.objects.order_by("pk")] == [b.endpoint for b in browsers[2:]]


def test_a_browser_is_one_persons_and_whoever_had_it_gets_mail(person: Enrolment) -> None:
    other, browser = world.consented(person.version, email="other@people.example"), Browser()  # type: ignore[arg-type]
    for each in (other, person):
        ways.choose_device(enrolment=each, **browser.posted, by="participant", now=clock.now())
    assert _kept(other) == (Way.MAIL, "", 0)
    assert _kept(person) == (Way.PUSH, "", 1)


def test_signing_out_takes_the_reminders_off_that_device_alone(person: Enrolment) -> None:
    here, there = world.browser_of(person), world.browser_of(person)
    _post(here, way="push", **Browser("here").posted)
    _post(there, way="push", **Browser("there").posted)
    here.post(reverse("coaching:sign_out"))
    assert [each.endpoint for each in PushSubscription.objects.all()] == [Browser("there").endpoint]
    there.post(reverse("coaching:sign_out"))
    assert _kept(person) == (Way.MAIL, "", 0)


def test_of_a_device_no_more_than_a_hash_is_in_clear_in_the_database(person: Enrolment) -> None:
    browser = Browser()
    ways.choose_device(enrolment=person, **browser.posted, by="participant", now=clock.now())
    assert all(said in everything() for said in browser.posted.values()), "read through the models, all of it is there"
    assert not [said for said in browser.posted.values() if said in _stored()]
    ways.choose_texts(enrolment=person, phone=NUMBER, by="participant", now=clock.now())
    assert NUMBER in everything()
    assert NUMBER not in _stored()


def _stored() -> str:
    """Every row as it lies in the database."""
    with connection.cursor() as cursor:
        rows = []
        for table in ("coaching_contact", "coaching_pushsubscription"):
            cursor.execute(f"SELECT * FROM {table}")
            rows += cursor.fetchall()
    return repr(rows)


def test_after_the_key_of_the_place_was_changed_it_is_mail_until_the_device_says_yes_again(
    person: Enrolment, settings: Any
) -> None:
    browser = Browser()
    ways.choose_device(enrolment=person, **browser.posted, by="participant", now=clock.now())
    settings.VAPID_KEY = b64((11).to_bytes(32, "big"))
    assert reached(person).way == Way.MAIL
    ways.choose_device(enrolment=person, **browser.posted, by="participant", now=clock.now())
    assert (reached(person).way, _kept(person)) == (Way.PUSH, (Way.PUSH, "", 1))


# --- what becomes of it ----------------------------------------------------------------------------------------------


def _with_all(person: Enrolment, way: str) -> None:
    if way == "push":
        ways.choose_device(enrolment=person, **Browser().posted, by="participant", now=clock.now())
    else:
        ways.choose_texts(enrolment=person, phone=NUMBER, by="participant", now=clock.now())


@pytest.mark.parametrize("way", ["push", "sms"])
@pytest.mark.parametrize("what", ["erase", "stop contact", "withdraw", "forget contact"])
def test_number_and_devices_go_with_whatever_ends_being_reached(person: Enrolment, way: str, what: str) -> None:
    _with_all(person, way)
    own: dict[str, Any] = {"enrolment": person, "by": "participant", "now": clock.now()}
    acts = {
        "erase": lambda: erase(reason="participant", **own),
        "stop contact": lambda: leaving.stop_contact(**own),
        "withdraw": lambda: people.withdraw(choice="keep", **own),
        "forget contact": lambda: forgetting.forget_contact(person),
    }
    acts[what]()
    assert not PushSubscription.objects.exists()
    assert not [each for each in Contact.objects.all() if each.phone or each.way != Way.MAIL]


@pytest.mark.parametrize("way", ["push", "sms"])
def test_they_are_kept_no_longer_than_the_address(person: Enrolment, way: str) -> None:
    _with_all(person, way)
    Contact.objects.update(email="", email_hash="")
    then = clock.now() - dt.timedelta(days=4000)
    Enrolment.objects.filter(pk=person.pk).update(completed_at=then)
    assert [kept.enrolment.pk for kept in contacts_over(clock.now())] == [person.pk]


@pytest.mark.parametrize("way", ["push", "sms"])
def test_the_person_gets_a_copy_and_no_export_has_it(person: Enrolment, way: str) -> None:
    _with_all(person, way)
    answer = world.browser_of(person).post(reverse("privacy:download"))
    files = zipfile.ZipFile(io.BytesIO(answer.content))
    data = json.loads(files.read("my-data.json"))
    assert data["contact"][0]["reminders_by"] == way
    assert data["contact"][0]["phone"] == (NUMBER if way == "sms" else "")
    assert [row["address"] for row in data["devices"]] == ([Browser().endpoint] if way == "push" else [])
    reachable = str(list(selectors.contacts(person.study)))
    assert NUMBER not in reachable
    assert "push.example" not in reachable


def test_staff_read_by_which_way_a_message_left(person: Enrolment) -> None:
    owner = world.browser_of_staff(world.staff(person.study))
    Message.objects.create(
        enrolment=person, kind="waiting", n=1, due_at=clock.now(), sent_at=clock.now(), state="sent", way="push"
    )
    Message.objects.create(enrolment=person, kind="waiting", n=2, due_at=clock.now(), state="scheduled", way="sms")
    html = owner.get(f"/studies/{person.study.slug}/messages/").content.decode()
    assert html.count("on their device") == 1
    assert "by text message" not in html


# --- the worker ------------------------------------------------------------------------------------------------------


def test_the_worker_is_code_that_loads_nothing_and_is_asked_for_anew() -> None:
    answer = Client().get("/me/push-worker.js")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert "Set-Cookie" not in answer.headers
    assert Client().post("/me/push-worker.js").status_code == 405
