"""People from a panel: who comes again is the same person, codes are theirs, and nobody is asked for an address."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

import clock
from coaching.models import ClosedPanelId, Contact, Enrolment, Message, Screening, StudyVersion
from coaching.services import people
from coaching.services.occasions import complete_occasion
from config.tick import turn
from privacy import erasure
from research import selectors
from tests import world
from tests.coaching.panels import DOOR, FILES, back_again, came, through_the_door
from tests.pages import follow, submit, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(db: None) -> StudyVersion:
    return world.publish(FILES)


def done_with(person: Enrolment, *keys: str) -> None:
    for key in keys:
        complete_occasion(occasion=world.occasion(person, key), now=clock.now())


def test_the_same_id_in_a_new_browser_is_the_same_person(panel: StudyVersion) -> None:
    through_the_door("p1")
    person = Enrolment.objects.get()
    client, home = back_again("p1")
    assert home.name == "home"
    assert person.pseudonym in home.text
    assert visit(client, f"{DOOR}?PROLIFIC_PID=p1").name == "home"
    assert (Enrolment.objects.count(), Screening.objects.count()) == (1, 1)


def test_opening_the_address_signs_nobody_in(panel: StudyVersion) -> None:
    through_the_door("p1")
    client, screen = came("p1")
    assert (screen.name, len(screen.primaries)) == ("welcome", 1)
    assert visit(client, "/me/").url == "/me/link/"


def test_another_id_is_another_person_also_in_the_same_browser(panel: StudyVersion) -> None:
    client = through_the_door("p1")
    through_the_door("p2", client)
    first, second = Enrolment.objects.order_by("pk")
    assert second.pseudonym in visit(client, "/me/").text
    _, home = back_again("p1")
    assert first.pseudonym in home.text


def test_answers_at_the_door_do_not_go_over_to_whoever_comes_next(panel: StudyVersion) -> None:
    client, screen = came("p1")
    submit(client, follow(client, screen), adult="yes")
    _, screen = came("p2", client)
    assert follow(client, screen).name == "eligibility"


def test_who_left_comes_back_to_the_page_that_says_so(panel: StudyVersion) -> None:
    through_the_door("p1")
    person = Enrolment.objects.get()
    done_with(person, "first")
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    _, screen = back_again("p1")
    assert screen.name == "withdrawn"
    assert "C1" in screen.html
    assert "2.50 EUR" in screen.text
    assert "about one question" in screen.text


def test_the_id_of_an_erased_person_opens_nothing_and_leads_to_nobody(panel: StudyVersion) -> None:
    through_the_door("p1")
    person = Enrolment.objects.get()
    erasure.erase(enrolment=person, by="participant", reason="participant", now=clock.now())
    client, screen = came("p1")
    assert (screen.status, screen.name) == (410, "error")
    assert client.post(f"{DOOR}consent/", {"study-version": "1", "take_part": "yes"}).status_code == 410
    assert Enrolment.objects.count() == 1
    assert Contact.objects.count() == 0
    assert list(Screening.objects.values_list("key", flat=True)) == [None]
    assert [field.name for field in ClosedPanelId._meta.get_fields()] == ["panel_hash"]
    _, other = came("p2")
    assert other.name == "welcome"


def test_an_id_means_nothing_to_another_study(panel: StudyVersion) -> None:
    through_the_door("p1")
    world.publish(world.edited({"slug: small-scenes\n": "slug: other-scenes\n"}, FILES))
    client = Client()
    screen = visit(client, "/join/other-scenes/?PROLIFIC_PID=p1")
    assert follow(client, screen).name == "eligibility"


def test_who_may_not_take_part_sees_the_code_for_it_and_leaves_no_trace_of_the_id(panel: StudyVersion) -> None:
    client, screen = came("p1")
    screen = submit(client, follow(client, screen), adult="no")
    assert screen.name == "ineligible"
    assert "CNO" in screen.html
    assert "https://panel.example/complete?cc=CNO" in screen.links
    screening = Screening.objects.get()
    assert (screening.outcome, screening.key) == ("ineligible", None)
    assert visit(client, f"{DOOR}?PROLIFIC_PID=p1").name == "ineligible"


def test_nobody_is_asked_for_an_address_nor_mailed(panel: StudyVersion, settings: Any) -> None:
    client, screen = came("p1")
    screen = submit(client, submit(client, follow(client, screen), adult="yes"), take_part="yes")
    assert screen.name == "contact"
    assert screen.form.names() == {"timezone"}
    assert 'data-zone="device"' in screen.html
    home = submit(client, screen, timezone="Asia/Tokyo", email="sneaked@people.example")
    assert home.name == "home"
    assert "Change time zone" in home.text
    person = Enrolment.objects.get()
    assert (person.timezone, person.contact.email) == ("Asia/Tokyo", "")
    assert visit(client, "/me/contact/").form.names() == {"timezone"}
    done_with(person, "first")
    assert "We send you nothing." in visit(client, "/me/next/").text
    now = world.move_clock(settings, timedelta(days=7, minutes=1))
    turn(now=now)
    reminder = Message.objects.get()
    assert (reminder.state, reminder.reason) == ("failed", "no address")


def test_the_code_of_a_step_shows_once_it_is_done_and_whenever_they_come_back(panel: StudyVersion) -> None:
    client = through_the_door("p1")
    assert "C1" not in visit(client, "/me/").html
    done_with(Enrolment.objects.get(), "first")
    for screen in (visit(client, "/me/next/"), visit(client, "/me/"), back_again("p1")[1]):
        assert 'value="C1"' in screen.html
        assert "https://panel.example/complete?cc=C1" in screen.links
        assert not {"C2", "C3"} & {word for word in screen.html.replace('"', " ").split() if word.startswith("C")}


def test_the_crosswalk_has_the_panels_id_and_the_codes(panel: StudyVersion) -> None:
    through_the_door("p1")
    person = Enrolment.objects.get()
    done_with(person, "first")
    row = selectors.contacts(panel.study)[0]
    assert (row["participant"], row["panel_id"]) == (person.pseudonym, "p1")
    assert row["external_ids"] == {"PROLIFIC_PID": "p1", "STUDY_ID": "s1"}
    assert [(code["timepoint"], code["code"]) for code in row["codes"]] == [("first", "C1")]
    assert [code["done_at"][-1] for code in row["codes"]] == ["Z"]


def test_a_study_without_a_panel_takes_nobody_back_by_an_id() -> None:
    version = world.tiny()
    person = world.consented(version, external_ids={"PROLIFIC_PID": "p1"})
    assert person.contact.panel_hash == ""
    client = Client()
    assert follow(client, visit(client, "/join/tiny/?PROLIFIC_PID=p1")).name == "consent"


def test_two_tabs_in_two_browsers_at_the_door_make_one_person(panel: StudyVersion) -> None:
    clients = []
    for _ in range(2):
        client, screen = came("p1")
        clients.append((client, submit(client, follow(client, screen), adult="yes")))
    screens = [submit(client, screen, take_part="yes") for client, screen in clients]
    assert [screen.name for screen in screens] == ["contact", "contact"]
    assert (Enrolment.objects.count(), Screening.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_consents_at_the_same_moment_make_one_person() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time")
    world.publish(FILES)
    ready = []
    for _ in range(2):
        client, screen = came("p1")
        ready.append((client, submit(client, follow(client, screen), adult="yes")))
    start = threading.Barrier(2)

    def consents(client: Client, screen: Any) -> None:
        start.wait()
        submit(client, screen, take_part="yes")
        connections.close_all()

    threads = [threading.Thread(target=consents, args=each) for each in ready]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Enrolment.objects.count() == 1
