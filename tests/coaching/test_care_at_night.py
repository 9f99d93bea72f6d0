"""Distress at two at night in a person's zone: who is written to, what the team reads first, and what happens next.

Through HTTP, the product's own turns with a moved clock, and a real mail server.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

import clock
from coaching.models import Enrolment, Message, SafetyAlert
from coaching.services import people
from coaching.services.care import escalate_due, look
from coaching.services.leaving import stop_contact
from privacy.erasure import erase
from tests import world
from tests.coaching import vigil
from tests.coaching.vigil import ARMS, HOUR, HOURS, MINUTE, NIGHT, ON_CALL, SECOND, SUPPORT, THIRD, WITHIN
from tests.outbox.mail_server import Manners
from tests.pages import submit, visit

pytestmark = pytest.mark.django_db

ROW = re.compile(r'<li data-need="(\w+)">.*?data-open>(\w+)</a>', re.DOTALL)


def day(person: Enrolment, role: str = "coach") -> str:
    coach = world.browser_of_staff(world.staff(person.study, role))
    return str(coach.get(reverse("coaching:today", args=[person.study.slug])).content.decode())


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("way", ["answer", "report"])
def test_it_reaches_who_is_on_call_the_first_row_and_the_listing_and_goes_on_until_somebody_looks(
    settings: Any, tmp_path: Path, arm: str, way: str
) -> None:
    version = vigil.study()
    late = vigil.someone(version, arm, now=NIGHT - 6 * vigil.DAY)  # somebody whose step is late, for the list
    person = vigil.someone(version, arm)
    client = vigil.browser(settings, person)
    with vigil.mail_server(tmp_path / "mails", settings) as letters:
        if way == "answer":
            page = vigil.answer(client, distress="9", person=person)
            assert page.name == "paused"
        else:
            page = submit(client, visit(client, "/me/report-something/?at=home"), kind="unwell", text="zyx-canary")
        assert "Somebody of the study team looks at it by Tuesday 9 March, 02:3" in page.text
        assert SUPPORT in page.text
        assert HOURS in page.text
        # In the very next turn, though it is night where the person is and though they rest now.
        assert letters.tick(settings, NIGHT + MINUTE) == [ON_CALL]
        (mail,) = letters.mails
        body = str(mail.get_body(("plain",)))
        alert = SafetyAlert.objects.get(enrolment=person)
        address = reverse("coaching:alert", args=["night-watch", person.pseudonym, alert.pk])
        assert address in body
        assert "canary" not in body
        assert str(mail["Subject"]) == f"Please look: {person.pseudonym}"
        assert person.contact.email not in body
        html = day(person)
        assert ROW.findall(html)[0] == ("alert", person.pseudonym)
        assert late.pseudonym in html
        staff = world.browser_of_staff(world.staff(person.study, "owner", email="board@staff.example"))
        listing = staff.get(f"/studies/{person.study.slug}/safety/").content.decode()
        assert "Nobody yet" in listing
        assert re.search(rf'href="{address}">{person.pseudonym}<.*?>{arm}<', listing, re.DOTALL)
        # Nobody looks: each address in turn, then the last again, none in between.
        at = NIGHT + MINUTE
        assert letters.tick(settings, at + WITHIN - 5 * MINUTE) == []
        for expected in (SECOND, THIRD, THIRD):
            at += WITHIN + MINUTE
            assert letters.tick(settings, at) == [expected]
        assert "Nobody has looked yet" in str(letters.mails[1]["Subject"])
        # Somebody looks, by the mail's own address.
        coach = world.browser_of_staff(world.staff(person.study, "coach", email="look@staff.example"))
        shown = coach.get(address).content.decode()
        assert shown.count(THIRD) == 2
        assert ("distress &gt;= 8" in shown) is (way == "answer")
        assert coach.post(address, {"done": " "}).status_code == 422
        assert coach.post(address, {"done": "Called; she is with her sister."}, follow=True).status_code == 200
        assert letters.tick(settings, at + 2 * WITHIN) == []
        assert "alert" not in [kind for kind, _ in ROW.findall(day(person, "researcher"))]
        assert "Somebody of the study team" not in visit(client, "/me/").text
        # Their own first step is still theirs, and the one who was late was never in the way.
        assert Message.objects.filter(enrolment=late, kind=Message.Kind.ALERT).count() == 0


def test_a_mail_that_is_refused_for_good_goes_to_the_next_address_at_once(settings: Any, tmp_path: Path) -> None:
    person = vigil.someone(vigil.study())
    vigil.report(person)
    with vigil.mail_server(tmp_path / "mails", settings, Manners(refused=1.0, permanent=True)) as letters:
        letters.tick(settings, NIGHT + MINUTE)
    with vigil.mail_server(tmp_path / "others", settings) as letters:
        assert letters.tick(settings, NIGHT + 2 * MINUTE) == [SECOND]
        assert letters.tick(settings, NIGHT + 3 * MINUTE) == []
    assert list(Message.objects.filter(kind="alert").order_by("pk").values_list("level", "state")) == [
        (1, "failed"),
        (2, "sent"),
    ]


def test_the_last_address_that_refuses_is_not_asked_at_every_turn(settings: Any, tmp_path: Path) -> None:
    person = vigil.someone(vigil.study(("  escalate: [second@care.example, third@care.example]\n", "")))
    vigil.report(person)
    with vigil.mail_server(tmp_path / "mails", settings, Manners(refused=1.0, permanent=True)) as letters:
        for n in range(1, 5):
            letters.tick(settings, NIGHT + n * MINUTE)
    assert Message.objects.filter(kind="alert").count() == 1


@pytest.mark.parametrize("left", ["paused", "withdrawn", "no contact", "without an address"])
def test_whatever_a_person_asked_for_themself_the_alert_goes(settings: Any, tmp_path: Path, left: str) -> None:
    person = vigil.someone(vigil.study(), **({"email": ""} if left == "without an address" else {}))
    vigil.report(person)
    if left == "paused":
        people.pause(enrolment=person, by="participant", now=NIGHT)
    elif left == "withdrawn":
        people.withdraw(enrolment=person, choice="keep", by="participant", now=NIGHT)
    elif left == "no contact":
        stop_contact(enrolment=person, by="participant", now=NIGHT)
    with vigil.mail_server(tmp_path / "mails", settings) as letters:
        assert letters.tick(settings, NIGHT + MINUTE) == [ON_CALL]
        assert letters.tick(settings, NIGHT + WITHIN + 2 * MINUTE) == [SECOND]
    assert ROW.findall(day(person))[0] == ("alert", person.pseudonym)


def test_of_somebody_erased_nothing_goes_any_more(settings: Any, tmp_path: Path) -> None:
    person = vigil.someone(vigil.study())
    vigil.report(person)
    erase(enrolment=person, by=world.staff(person.study), reason="asked", now=NIGHT)
    with vigil.mail_server(tmp_path / "mails", settings) as letters:
        assert letters.tick(settings, NIGHT + MINUTE) == []
        assert letters.tick(settings, NIGHT + HOUR) == []
    assert not SafetyAlert.objects.exists()


def test_an_alert_that_is_forgotten_comes_more_and_more_seldom(settings: Any, tmp_path: Path) -> None:
    person = vigil.someone(vigil.study())
    vigil.report(person)
    world.move_clock(settings, NIGHT)
    at, apart = NIGHT, []
    for _ in range(12):
        alert = SafetyAlert.objects.get()
        apart.append(round((alert.look_by - at) / MINUTE))
        at = alert.look_by
        assert escalate_due(now=at - MINUTE) == 0
        assert escalate_due(now=at) == 1
    assert apart == [30, 30, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440, 1440]


def test_an_outage_of_days_passes_it_on_once_a_turn_and_not_to_all_at_once(settings: Any, tmp_path: Path) -> None:
    person = vigil.someone(vigil.study())
    vigil.report(person)
    with vigil.mail_server(tmp_path / "mails", settings) as letters:
        # The first turn after three days: what waited leaves, and the next address hears of it.
        assert letters.tick(settings, NIGHT + dt.timedelta(days=3)) == [ON_CALL, SECOND]
        assert letters.tick(settings, NIGHT + dt.timedelta(days=3) + MINUTE) == []


def test_quiet_hours_hold_reminders_and_no_alert(settings: Any, tmp_path: Path) -> None:
    person = vigil.someone(vigil.study(), now=NIGHT - MINUTE)
    vigil.report(person)
    with vigil.mail_server(tmp_path / "mails", settings) as letters:
        assert letters.tick(settings, NIGHT + MINUTE) == [ON_CALL]
        assert Message.objects.filter(enrolment=person, kind="reminder", state="scheduled").exists()


def test_two_who_look_at_once_are_one_after_the_other(settings: Any) -> None:
    world.move_clock(settings, NIGHT)
    person = vigil.someone(vigil.study())
    alert = vigil.report(person)
    assert alert is not None
    first, second = world.staff(person.study, "coach"), world.staff(person.study, "owner")
    assert look(alert=alert, done="Called.", by=first, now=clock.now())
    assert not look(alert=alert, done="Wrote.", by=second, now=clock.now())
    alert.refresh_from_db()
    assert (alert.done, alert.seen_by) == ("Called.", first)
