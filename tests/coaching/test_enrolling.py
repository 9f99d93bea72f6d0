"""Adding people from a page: one by a form, many by a checked file, all or nothing, and once."""

from __future__ import annotations

import io
import logging
import re
import uuid
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import AuditEntry, User
from coaching.models import Contact, Enrolment, Message, PersonalLink, Study
from coaching.selectors.people import by_token
from coaching.services.studies import set_state
from coaching.views.enrolling import MOST_ROWS, SALT
from tests import world
from tests.pages import Screen

pytestmark = pytest.mark.django_db

HEAD = "email,timezone,label\n"
GOOD = f"{HEAD}one@people.example,Europe/Berlin,First\n,,Second\nthree@people.example,,\n"


@pytest.fixture
def study() -> Study:
    return world.tiny().study


@pytest.fixture
def coach(study: Study) -> User:
    return world.staff(study, "coach")


@pytest.fixture
def browser(coach: User) -> Client:
    return world.browser_of_staff(coach)


def url(study: Study, name: str = "enrol") -> str:
    return reverse(f"coaching:{name}", args=[study.slug])


def one(browser: Client, study: Study, **values: str) -> Any:
    given = {"email": "", "timezone": "Europe/Berlin", "label": "", "key": str(uuid.uuid4())}
    return browser.post(url(study), given | values)


def upload(browser: Client, study: Study, content: str | bytes) -> Any:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = "people.csv"
    return browser.post(url(study, "enrol_list"), {"file": file})


def confirm(browser: Client, study: Study, page: Any, **values: str) -> Any:
    form = next(form for form in Screen(page).forms if "rows" in form.given)
    return browser.post(url(study, "enrol_checked"), {**form.given, "who": "new", **values})


def links_on(page: Any) -> list[str]:
    return list(dict.fromkeys(re.findall(r"/p/([A-Za-z0-9_-]{40,})/", page.content.decode())))


# --- one -------------------------------------------------------------------------------------------------------------


def test_one_person_gets_a_link_that_is_shown_once_and_lets_them_in(study: Study, browser: Client) -> None:
    page = one(browser, study, email="new@people.example", label="Lecture", timezone="Asia/Tokyo")
    (token,) = links_on(page)
    person = by_token(token)
    assert person is not None
    assert (person.study, person.timezone, person.invited_at is not None) == (study, "Asia/Tokyo", True)
    contact = Contact.objects.get(enrolment=person)
    assert (contact.email, contact.label) == ("new@people.example", "Lecture")
    assert Client().get(f"/p/{token}/").status_code == 200
    assert not links_on(browser.get(reverse("coaching:person", args=[study.slug, person.pseudonym])))
    assert not Message.objects.exists()


def test_the_invitation_goes_by_mail_where_it_was_asked_for(study: Study, browser: Client) -> None:
    one(browser, study, email="new@people.example", send="on")
    assert Message.objects.get().kind == "invitation"


def test_a_form_sent_twice_adds_one_person_and_the_second_answer_has_a_link_too(study: Study, browser: Client) -> None:
    key = str(uuid.uuid4())
    pages = [one(browser, study, email="new@people.example", key=key, send="on") for _ in range(3)]
    assert (Enrolment.objects.count(), Message.objects.count()) == (1, 1)
    people = {by_token(token) for page in pages for token in links_on(page)}
    assert people == {Enrolment.objects.get()}
    assert "nobody was added by it now" in pages[-1].content.decode()
    one(browser, study, email="another@people.example", key=key)
    assert Enrolment.objects.count() == 2, "gone back to, and filled in for somebody else"


def test_an_address_of_the_study_is_asked_about_and_one_of_another_study_is_not(study: Study, browser: Client) -> None:
    world.consented(world.tiny(slug="other"), email="known@people.example")
    assert one(browser, study, email="known@people.example").status_code == 200
    page = one(browser, study, email="Known@people.example")
    assert page.status_code == 422
    assert "already in the study" in page.content.decode()
    assert study.enrolments.count() == 1
    assert one(browser, study, email="known@people.example", **{"all-the-same": "yes"}).status_code == 200
    assert study.enrolments.count() == 2


@pytest.mark.parametrize(
    "given",
    [
        {"email": "nobody at example"},
        {"email": "x" * 255},
        {"timezone": "Mars/Base"},
        {"timezone": ""},
        {"label": "x" * 201},
        {"label": "a\u202eb"},
        {"send": "on"},
        {"key": "no key"},
    ],
    ids=str,
)
def test_what_cant_be_is_refused_and_nobody_is_added(study: Study, browser: Client, given: dict[str, str]) -> None:
    page = one(browser, study, **{"label": "kept as typed"} | given)
    assert page.status_code == 422
    assert given.get("label", "kept as typed") in page.content.decode()
    assert not Enrolment.objects.exists()


# --- a file ----------------------------------------------------------------------------------------------------------


def test_a_file_is_shown_row_by_row_and_stores_nothing_until_it_is_confirmed(study: Study, browser: Client) -> None:
    page = upload(browser, study, GOOD)
    text = page.content.decode()
    assert page.status_code == 200
    for said in ("one@people.example", "Second", "3 rows", "Fine"):
        assert said in text
    assert not Enrolment.objects.exists()
    assert not AuditEntry.objects.filter(study=study.slug).exclude(action__startswith="study.").exists()
    answer = confirm(browser, study, page)
    assert len(links_on(answer)) == 3
    assert [c.label for c in Contact.objects.order_by("pk")] == ["First", "Second", ""]
    assert [e.timezone for e in Enrolment.objects.order_by("pk")] == ["Europe/Berlin", "UTC", "UTC"]
    assert not Message.objects.exists()


def test_each_row_says_what_is_wrong_where_and_what_was_expected_and_none_can_be_confirmed(
    study: Study, browser: Client
) -> None:
    world.invited(study, email="known@people.example")
    rows = ("good@people.example,,", "bad address,,", ",Mars/Base,", ",,,more", "known@people.example,,")
    page = upload(browser, study, HEAD + "\n".join(rows))
    text = page.content.decode()
    assert page.status_code == 422
    for said in ("bad address", "such as name@example.org", "Mars/Base", "such as", "column 4", "Already in the study"):
        assert said in text
    assert [row in text for row in (">2<", ">3<", ">4<", ">5<", ">6<")] == [True] * 5
    assert 'name="rows"' not in text
    assert Enrolment.objects.count() == 1


def test_a_list_confirmed_twice_is_enrolled_once_and_the_links_of_both_answers_work(
    study: Study, browser: Client
) -> None:
    page = upload(browser, study, GOOD)
    first, second = (confirm(browser, study, page, send="on") for _ in range(2))
    assert (Enrolment.objects.count(), Message.objects.count()) == (3, 2)
    assert {by_token(t) for t in links_on(first)} == {by_token(t) for t in links_on(second)} != {None}
    for said in ("First", "Second", "three@people.example"):
        assert said in second.content.decode(), "whose link it is"
    assert AuditEntry.objects.filter(action="person.invite").count() == 3


def test_addresses_that_are_there_are_left_out_or_added_all_the_same_as_was_pressed(
    study: Study, browser: Client
) -> None:
    world.invited(study, email="known@people.example")
    rows = HEAD + "new@people.example,,\nNEW@people.example,,\nKnown@people.example,,\n,,\n"
    page = upload(browser, study, rows)
    assert "The same address as in an earlier row" in page.content.decode()
    assert "2 rows were left out" in confirm(browser, study, page).content.decode()
    assert study.enrolments.count() == 3
    confirm(browser, study, upload(browser, study, rows), who="all")
    assert study.enrolments.count() == 7


def test_of_the_same_file_in_two_windows_the_second_adds_nobody_who_is_there(study: Study, browser: Client) -> None:
    rows = HEAD + "new@people.example,,\n"
    one_page, another = upload(browser, study, rows), upload(browser, study, rows)
    confirm(browser, study, one_page)
    confirm(browser, study, another)
    assert study.enrolments.count() == 1


def test_a_list_is_enrolled_whole_or_not_at_all(study: Study, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = upload(browser, study, GOOD)
    browser.raise_request_exception = False

    def breaks(**given: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("coaching.services.enrolling.reminders.schedule", breaks)
    assert confirm(browser, study, page, send="on").status_code == 500
    assert not Enrolment.objects.exists()
    assert not PersonalLink.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"email\nM\xfcller@people.example\n", "UTF-8"),
        ("name,mail\na,b\n", "is no column"),
        ("email;timezone\na@b.example;UTC\n", "with commas"),
        ("email,timezone,label\n", "0 rows"),
        (HEAD + ",,x\n" * (MOST_ROWS + 1), f"{MOST_ROWS + 1} rows"),
        ('email\n"unclosed\n', "no CSV"),
        ("email\n" + "x" * 1_000_001, "too large"),
        (bytes(range(256)) * 20, "UTF-8"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_file_that_is_no_list_gets_a_clear_answer(study: Study, browser: Client, content: Any, said: str) -> None:
    page = upload(browser, study, content)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not Enrolment.objects.exists()


def test_the_rows_between_the_pages_are_taken_from_nobody_else(study: Study, coach: User, browser: Client) -> None:
    rows = [["evil@people.example", "", ""]]
    forged = {
        "made up": "made up",
        "unsigned": ":".join([signing.b64_encode(b"[]").decode(), "x", "y"]),
        "of another study": signing.dumps(["other", coach.pk, rows], salt=SALT),
        "of another account": signing.dumps([study.slug, coach.pk + 1, rows], salt=SALT),
        "for something else": signing.dumps([study.slug, coach.pk, rows], salt="something"),
    }
    for what, field in forged.items():
        given = {"rows": field, "key": str(uuid.uuid4()), "who": "all"}
        assert browser.post(url(study, "enrol_checked"), given).status_code == 422, what
    assert browser.post(url(study, "enrol_checked"), {}).status_code == 422
    assert browser.get(url(study, "enrol_checked")).status_code == 302
    assert not Enrolment.objects.exists()


# --- who and when ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [Study.State.DRAFT, Study.State.PAUSED, Study.State.CLOSED])
def test_while_the_study_is_not_open_the_pages_say_so_and_add_nobody(study: Study, browser: Client, state: str) -> None:
    page = upload(browser, study, GOOD)
    if state == Study.State.DRAFT:
        Study.objects.update(state=state)
    else:
        set_state(study=study, state=state, by="command", now=clock.now())
    said = {"draft": "not open yet", "paused": "is paused", "closed": "is closed"}[state]
    answers = (one(browser, study, label="kept"), upload(browser, study, GOOD), confirm(browser, study, page))
    for answer in (*answers, browser.get(url(study)), browser.get(url(study, "enrol_list"))):
        assert said in answer.content.decode()
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert "kept" in answers[0].content.decode()
    assert not Enrolment.objects.exists()


def test_roles_add_people_as_the_table_says(study: Study) -> None:
    for role in ("owner", "researcher", "coach", "data_manager", "observer"):
        browser = world.browser_of_staff(world.staff(study, role))
        expected = 200 if role in {"owner", "researcher", "coach"} else 403
        assert one(browser, study).status_code == expected, role
        assert upload(browser, study, GOOD).status_code == expected, role
    assert study.enrolments.count() == 3
    stranger = world.browser_of_staff(world.staff(world.tiny(slug="other").study, "owner"))
    assert one(stranger, study).status_code == 404
    assert upload(stranger, study, GOOD).status_code == 404


def test_addresses_and_labels_are_in_no_log(study: Study, browser: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        one(browser, study, email="canary@people.example", label="zyx-canary")
        rows = HEAD + "canary-two@people.example,,zyx-canary\nbad canary,,\n"
        upload(browser, study, rows)
        confirm(browser, study, upload(browser, study, rows.replace("bad canary,,\n", "")))
    said = caplog.text + "".join(f"{e.subject}{e.detail}" for e in AuditEntry.objects.all())
    assert "canary" not in said
