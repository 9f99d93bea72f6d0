"""What a participant can do with their own data, without JavaScript."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from coaching.models import Enrolment
from coaching.services import links
from tests import world
from tests.pages import Screen
from tests.privacy.test_erasure import ADDRESS, CANARY, answer_all, everything


@pytest.fixture
def person(db: None) -> Enrolment:
    version = world.example(sessions=False)
    enrolment = world.consented(
        version, email=ADDRESS, external_ids={"PROLIFIC_PID": "=1+1"}, agreed={"take_part", "data"}
    )
    answer_all(enrolment, "baseline", then_change_the_first=True)
    return world.fresh(enrolment)


@pytest.fixture
def browser(person: Enrolment) -> Client:
    return world.browser_of(person)


def unpacked(response: Any) -> dict[str, str]:
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    assert archive.testzip() is None
    return {name: archive.read(name).decode() for name in archive.namelist()}


def rows_of(files: dict[str, str], table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"{table}.csv"], newline="")))


# --- my data ---------------------------------------------------------------------------------------------------------


def test_my_data_shows_what_is_held_and_offers_both_acts(browser: Client, person: Enrolment) -> None:
    screen = Screen(browser.get(reverse("privacy:my_data")))
    assert (screen.status, screen.name, len(screen.primaries)) == (200, "mydata", 1)
    assert person.pseudonym in screen.text
    assert "Before you begin" in screen.text  # the consent, word for word
    assert screen.act("download").is_main
    assert screen.act("erase").action == reverse("privacy:erase")


def test_the_zip_holds_everything_as_json_and_one_csv_a_table(browser: Client, person: Enrolment) -> None:
    response = browser.post(reverse("privacy:download"))
    assert response["Content-Type"] == "application/zip"
    assert f"small-scenes-{person.pseudonym}.zip" in response["Content-Disposition"]
    files = unpacked(response)
    content = json.loads(files["my-data.json"])
    tables = {name for name, rows in content.items() if isinstance(rows, list)}
    assert {f"{name}.csv" for name in tables} == {name for name in files if name.endswith(".csv")}
    assert set(files) == {f"{name}.csv" for name in tables} | {"README.txt", "my-data.json"}
    assert [row["value"] for row in content["answers"]] == [2, 3, 4, 5]
    assert [row["value"] for row in content["earlier_answers"]] == [1]
    assert content["contact"][0]["email"] == ADDRESS
    assert content["person"][0]["arm"] == person.arm
    assert {row["timepoint"] for row in content["timetable"]} >= {"baseline", "post"}
    assert content["consents"][0]["text"].startswith("# Before you begin")
    agreed = {row["statement"]: row["agreed"] for row in content["consent_statements"]}
    assert agreed == {"take_part": True, "data": True, "recontact": False}
    assert next(row for row in content["scores"] if row["score"] == "total")["value"] == 14
    assert all(f"{name}.csv" in files["README.txt"] for name in tables)


def test_csv_and_json_say_the_same(browser: Client) -> None:
    files = unpacked(browser.get(reverse("privacy:download")))
    content = json.loads(files["my-data.json"])
    for table in (name for name, rows in content.items() if isinstance(rows, list)):
        assert len(rows_of(files, table)) == len(content[table]), table
    assert [row["value"] for row in rows_of(files, "answers")] == ["2", "3", "4", "5"]
    assert [row["agreed"] for row in rows_of(files, "consent_statements")] == ["true", "true", "false"]


def test_a_text_that_a_spreadsheet_would_run_is_disarmed_in_csv_alone(db: None) -> None:
    version = world.publish(world.edited({'ask: {en: "How old are you?"': 'ask: {en: "=HYPERLINK(1)"'}))
    browser = world.browser_of(world.consented(version))
    files = unpacked(browser.get(reverse("privacy:download")))
    assert {row["asked"] for row in rows_of(files, "door_answers")} >= {"'=HYPERLINK(1)"}
    assert any(row["asked"] == "=HYPERLINK(1)" for row in json.loads(files["my-data.json"])["door_answers"])


def test_nobody_else_is_in_the_zip_and_no_list_of_arms(browser: Client, person: Enrolment) -> None:
    assert person.version is not None
    other = world.consented(person.version, email="other-canary@example.org")
    answer_all(other, "baseline")
    text = "\n".join(unpacked(browser.get(reverse("privacy:download"))).values())
    assert other.pseudonym not in text
    assert "other-canary" not in text
    assert not any(word in text for word in ("slot", "stratum", "block", "token_hash"))


def test_the_readme_speaks_the_persons_language(db: None) -> None:
    english = world.browser_of(world.consented(world.example(), language="en"))
    german = world.browser_of(world.consented(world.example(), language="de"))
    one, other = (unpacked(b.get(reverse("privacy:download")))["README.txt"] for b in (english, german))
    assert one.splitlines()[0].startswith("This is all that the study small-scenes")
    assert not other.startswith("This is all that")


def test_an_invited_person_can_see_and_take_what_is_held_before_consent(db: None) -> None:
    person, _ = world.invited(world.example().study, email=ADDRESS)
    browser = world.browser_of(person)
    assert Screen(browser.get(reverse("privacy:my_data"))).name == "mydata"
    content = json.loads(unpacked(browser.get(reverse("privacy:download")))["my-data.json"])
    assert content["contact"][0]["email"] == ADDRESS
    assert content["consents"] == []


# --- leaving ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("posted", [{}, {"data": ""}, {"data": "sell"}])
def test_leaving_with_nothing_chosen_asks_again_and_changes_nothing(
    browser: Client, person: Enrolment, posted: dict[str, str]
) -> None:
    response = browser.post(reverse("privacy:withdraw"), posted)
    screen = Screen(response)
    assert (screen.status, screen.name, len(screen.primaries)) == (422, "home", 1)
    assert screen.form.options("data") == ["keep", "erase"]
    assert screen.form.given.get("data") is None
    assert "<title>Error:" in screen.html
    assert world.fresh(person).withdrawn_at is None


def test_leaving_with_the_answers_kept_shows_withdrawn_and_keeps_both_rights(
    browser: Client, person: Enrolment
) -> None:
    response = browser.post(reverse("privacy:withdraw"), {"data": "keep"}, follow=True)
    screen = Screen(response)
    assert screen.name == "withdrawn"
    assert {form.data_action for form in screen.forms} >= {"download", "erase"}
    assert json.loads(unpacked(browser.post(reverse("privacy:download")))["my-data.json"])["answers"]
    again = browser.post(reverse("privacy:withdraw"), {"data": "keep"}, follow=True)
    assert Screen(again).name == "withdrawn"
    token = links.mint(enrolment=person, now=clock.now())
    elsewhere = Client()
    assert Screen(elsewhere.post(f"/p/{token}/", follow=True)).name == "withdrawn"


@pytest.mark.parametrize(("route", "posted"), [("privacy:erase", {}), ("privacy:withdraw", {"data": "erase"})])
def test_after_an_erasure_the_browser_is_signed_out_and_told_so(
    browser: Client, person: Enrolment, route: str, posted: dict[str, str]
) -> None:
    second_tab = Client(cookies=None)
    second_tab.cookies = browser.cookies
    response = browser.post(reverse(route), posted)
    assert (response.status_code, response["Location"]) == (303, reverse("privacy:erased"))
    screen = Screen(browser.get(response["Location"]))
    assert (screen.status, screen.name) == (200, "withdrawn")
    assert person.pseudonym not in screen.html
    assert CANARY not in everything()
    assert browser.get(reverse("coaching:home"))["Location"] == reverse("coaching:mail_link")
    assert browser.get(reverse("privacy:download")).status_code == 302
    # Sent twice, from this browser or another of theirs: it leads where the first did.
    assert browser.post(reverse(route), posted)["Location"] == reverse("privacy:erased")
    assert second_tab.post(reverse(route), posted)["Location"] == reverse("privacy:erased")


def test_another_browser_of_an_erased_person_is_told_the_same(browser: Client, person: Enrolment) -> None:
    elsewhere = world.browser_of(person)
    browser.post(reverse("privacy:erase"))
    assert elsewhere.post(reverse("privacy:erase"))["Location"] == reverse("privacy:erased")
    assert Screen(elsewhere.get(reverse("privacy:erased"))).name == "withdrawn"


@pytest.mark.parametrize("route", ["privacy:erase", "privacy:withdraw"])
def test_a_browser_that_nobody_knows_is_never_told_that_all_was_erased(db: None, route: str) -> None:
    assert Client().post(reverse(route), {"data": "erase"})["Location"] == reverse("coaching:mail_link")
    assert Client().get(reverse("privacy:erased"))["Location"] == reverse("coaching:mail_link")


def test_erasing_needs_the_forms_own_token_and_a_post(person: Enrolment) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = world.browser_of(person).cookies
    assert strict.post(reverse("privacy:erase")).status_code == 403
    assert strict.get(reverse("privacy:erase")).status_code == 405
    assert world.fresh(person).erased_at is None


def test_the_erase_form_of_the_home_page_erases_as_it_stands(browser: Client, person: Enrolment) -> None:
    form = Screen(browser.get(reverse("coaching:home"))).act("erase")
    browser.post(form.action, form.given)
    assert Enrolment.objects.get(pk=person.pk).erased_at is not None
