"""Reporting that something is not well: from every page, at any time, kept for the team and for nobody else."""

from __future__ import annotations

import io
import json
import logging
import re
import uuid
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import AuditEntry
from accounts.throttle import LIMITS
from coaching.models import Enrolment, SafetyReport
from coaching.services import people, safety
from coaching.services.letters import write_to_person, write_to_team
from config.tick import turn
from privacy.erasure import erase
from privacy.portability import archive, tables_of, title_of
from tests import world
from tests.hostile.cast import nothing_changes
from tests.imagery import aftercare
from tests.imagery.aftercare import HOUR, SUPPORT, T0, browser_at, go
from tests.pages import Screen, submit, visit
from tests.research.calls import caller

pytestmark = pytest.mark.django_db

TELL = "/me/report-something/"
WORDS = "The lake came back at night, zyx-canary."


@pytest.fixture
def person() -> Enrolment:
    return world.consented(world.tiny(), email="someone@people.example")


def posted(**more: str) -> dict[str, str]:
    return {"kind": "unwanted", "text": WORDS, "contact": "yes", "key": str(uuid.uuid4())} | more


def tell(person: Enrolment, **more: Any) -> SafetyReport:
    given: dict[str, Any] = {
        "kind": "unwanted",
        "text": WORDS,
        "wants_contact": True,
        "screen": "home",
        "occasion": None,
        "key": uuid.uuid4(),
        "now": clock.now(),
    }
    made = safety.report(enrolment=person, **(given | more))
    assert made is not None
    return made


def ways(page: Screen) -> list[str]:
    """Where the page's own link to report something leads."""
    return [link for link in page.links if link.startswith(TELL)]


# --- from every page, and back ---------------------------------------------------------------------------------------


def test_the_form_asks_little_and_chooses_nothing(person: Enrolment) -> None:
    page = visit(world.browser_of(person), TELL)
    assert (page.name, page.status, len(page.primaries)) == ("tell", 200, 1)
    assert page.form.names() == {"kind", "contact"}
    assert '<textarea name="text"' in page.html
    assert page.form.options("kind") == ["unwanted", "unwell", "not_working", "other"]
    assert page.form.options("contact") == ["yes", "no"]
    assert not any(field.is_chosen for field in page.form.fields)
    assert "not for emergencies" in page.text
    assert "lab@example.org" in page.html


def test_it_is_kept_and_leads_back(person: Enrolment) -> None:
    browser = world.browser_of(person)
    home = visit(browser, "/me/")
    (way,) = ways(home)
    assert way == f"{TELL}?from=%2Fme%2F&at=home"
    page = submit(browser, visit(browser, way), kind="unwanted", text=f" {WORDS}\r\nTwice. ", contact="yes")
    assert (page.name, page.status) == ("tell", 200)
    assert "Your report is kept." in page.text
    assert "They get in touch with you." in page.text
    assert page.primaries[0]["href"] == "/me/"
    made = SafetyReport.objects.get()
    assert (made.enrolment, made.occasion, made.screen) == (person, None, "home")
    assert (made.kind, made.text, made.wants_contact) == ("unwanted", f"{WORDS}\nTwice.", True)
    assert (made.seen_at, abs((made.made_at - clock.now()).total_seconds()) < 60) == (None, True)


def test_in_the_middle_of_a_questionnaire_it_knows_where_and_leads_back_there(person: Enrolment) -> None:
    browser = world.browser_of(person)
    question = visit(browser, "/me/next/")
    (way,) = ways(question)
    page = submit(browser, visit(browser, way), kind="not_working")
    assert page.primaries[0]["href"] == question.url
    made = SafetyReport.objects.get()
    assert (made.screen, made.occasion) == ("question", world.occasion(person, "first"))
    assert (made.text, made.wants_contact) == ("", None)
    assert visit(browser, page.primaries[0]["href"]).name == "question"


def test_in_the_middle_of_a_session_and_after_it(settings: Any) -> None:
    someone = aftercare.someone()
    go(someone, until="clear")
    browser = browser_at(settings, someone, T0 + HOUR)
    stage = visit(browser, f"/s/{world.occasion(someone, 'first').public_id}/clear/")
    (way,) = ways(stage)
    page = visit(browser, way)
    assert SUPPORT in page.text
    assert "care@example.org" in page.html
    back = submit(browser, page, kind="unwell", contact="no").primaries[0]["href"]
    assert back == stage.url
    made = SafetyReport.objects.get()
    assert (made.screen, made.occasion) == ("session", world.occasion(someone, "first"))
    go(someone)
    assert ways(visit(browser, "/me/next/"))
    submit(browser, visit(browser, TELL), kind="other")
    assert SafetyReport.objects.count() == 2


def test_every_page_of_a_person_has_the_way_there_in_one_place(person: Enrolment) -> None:
    browser = world.browser_of(person)
    for path in ("/me/", "/me/next/", "/me/contact/", "/me/messages/", "/me/data/", "/me/withdraw/"):
        page = visit(browser, path)
        assert len(ways(page)) == 1, path
        header = re.search(r"<header.*?</header>", page.html, re.DOTALL)
        assert header is not None
        assert TELL in header[0], path
    people.pause(enrolment=person, by="participant", now=clock.now())
    assert len(ways(visit(browser, "/me/"))) == 1


def test_addresses_that_open_doors_are_in_no_other_address(person: Enrolment) -> None:
    _, token = world.invited(person.study)
    browser = world.browser_of(person)
    (way,) = ways(Screen(browser.get(f"/p/{token}/")))
    assert way == f"{TELL}?at=welcome"


def test_there_is_no_way_there_for_whoever_is_not_in_the_study(person: Enrolment) -> None:
    assert ways(visit(Client(), f"/join/{person.study.slug}/")) == []
    invited, _ = world.invited(person.study)
    stranger = world.browser_of(invited)
    assert ways(visit(stranger, f"/join/{person.study.slug}/")) == []
    assert "/join/" in visit(stranger, TELL).url
    assert stranger.post(TELL, posted()).status_code == 303
    assert Client().get(TELL).headers["Location"] == "/me/link/"
    assert not SafetyReport.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/studies/tiny/",
        "/me/no-such-page/",
        "/p/token/",
        "/me/\\evil",
        TELL,
    ],
)
def test_nobody_is_led_anywhere_else(person: Enrolment, path: str) -> None:
    browser = world.browser_of(person)
    response = browser.post(TELL, posted(**{"from": path}), follow=True)
    page = Screen(response)
    assert page.primaries[0]["href"] == "/me/"
    assert "evil" not in page.html


@pytest.mark.parametrize("screen", ["", "attic", "home' or 1=1", "x" * 4_000])
def test_a_screen_that_is_none_is_not_kept(person: Enrolment, screen: str) -> None:
    world.browser_of(person).post(TELL, posted(at=screen))
    assert SafetyReport.objects.get().screen == ""


def test_a_page_of_somebody_else_is_not_where_they_were(person: Enrolment) -> None:
    other = world.consented(person.version, email="other@people.example")  # type: ignore[arg-type]
    theirs = f"/q/{world.occasion(other, 'first').public_id}/"
    world.browser_of(person).post(TELL, posted(**{"from": theirs}))
    assert SafetyReport.objects.get().occasion is None


# --- at any time -----------------------------------------------------------------------------------------------------


def test_it_is_taken_in_a_pause_before_contact_and_after_the_last_step(person: Enrolment) -> None:
    browser = world.browser_of(person)
    people.pause(enrolment=person, by="participant", now=clock.now())
    submit(browser, visit(browser, TELL), kind="unwell")
    people.resume(enrolment=person, by="participant", now=clock.now())
    Enrolment.objects.filter(pk=person.pk).update(completed_at=clock.now())
    submit(browser, visit(browser, TELL), kind="unwell")
    early = world.browser_of(world.consented(world.tiny(slug="other"), contact=False))
    submit(early, visit(early, TELL), kind="unwell")
    assert SafetyReport.objects.count() == 3


def test_of_whoever_left_nothing_new_is_stored_and_they_read_whom_to_write_to(person: Enrolment) -> None:
    browser = world.browser_of(person)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    page = visit(browser, TELL)
    assert "we store nothing new about you" in page.text
    assert "lab@example.org" in page.html
    assert not any("kind" in form.names() for form in page.forms)
    assert ways(visit(browser, "/me/")) == []
    with nothing_changes():
        assert browser.post(TELL, posted()).status_code == 303
    with pytest.raises(safety.NotOfStudy):
        tell(person)


# --- what is no report, and what comes twice --------------------------------------------------------------------------


def test_without_a_kind_it_asks_again_and_loses_nothing(person: Enrolment) -> None:
    browser = world.browser_of(person)
    page = submit(browser, visit(browser, f"{TELL}?from=/me/&at=home"), text=WORDS, contact="no")
    assert page.status == 422
    assert "Choose what it is about." in page.text
    assert WORDS in page.html
    assert page.form.given["contact"] == "no"
    assert page.form.given["from"] == "/me/"
    assert not SafetyReport.objects.exists()
    submit(browser, page, kind="other", text=WORDS)
    assert SafetyReport.objects.get().text == WORDS


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "fire"}, {"contact": "perhaps"}, {"text": "x" * 4_001}, {"key": "none"}, {"kind": ""}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_no_report_is_refused(person: Enrolment, wrong: dict[str, str]) -> None:
    with nothing_changes():
        assert world.browser_of(person).post(TELL, posted(**wrong)).status_code == 422


def test_a_form_that_is_sent_twice_is_one_report(person: Enrolment) -> None:
    browser, given = world.browser_of(person), posted()
    first, second = (browser.post(TELL, given) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert SafetyReport.objects.count() == 1
    browser.post(TELL, given | {"text": "Gone back, and written anew"})
    assert SafetyReport.objects.count() == 2


def test_too_many_at_once_are_held_up_and_what_was_typed_stays(settings: Any, person: Enrolment) -> None:
    world.move_clock(settings, T0)
    browser = world.browser_of(person)
    for _ in range(LIMITS["safety:person"]):
        browser.post(TELL, posted())
    page = submit(browser, visit(browser, TELL), kind="unwell", text="One too many")
    assert (page.status, "One too many" in page.html) == (429, True)
    assert SafetyReport.objects.count() == LIMITS["safety:person"]


def test_nobody_is_thanked_for_what_was_not_reported(person: Enrolment) -> None:
    theirs = tell(world.consented(person.version, email="other@people.example"))  # type: ignore[arg-type]
    browser = world.browser_of(person)
    for key in ("none", str(uuid.uuid4()), str(theirs.key)):
        assert "is kept" not in visit(browser, f"{TELL}?told={key}").text


# --- who reads it ----------------------------------------------------------------------------------------------------


def day(person: Enrolment, role: str) -> str:
    browser = world.browser_of_staff(world.staff(person.study, role))
    return str(browser.get(reverse("coaching:today", args=[person.study.slug])).content.decode())


def rows(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<li data-need="(\w+)">.*?data-open>(\w+)</a>', html, re.DOTALL)


def test_it_is_the_first_that_the_team_reads(person: Enrolment) -> None:
    other = world.consented(person.version, email="other@people.example")  # type: ignore[arg-type]
    people_of = {"help": person, "safety": other, "alert": other}
    write_to_team(enrolment=person, text="When is it?", key=uuid.uuid4(), now=clock.now() - HOUR)
    tell(other, kind="unwell", occasion=world.occasion(other, "first"))
    tell(other, kind="not_working", wants_contact=False, text="")
    page = day(person, "coach")
    assert rows(page) == [(kind, people_of[kind].pseudonym) for kind in ("alert", "safety", "help")]
    assert WORDS in page
    assert "Upset or unwell" in page
    assert "at The first one." in page
    assert "Somebody may get in touch." in page
    assert "Nobody should get in touch." in page


@pytest.mark.parametrize(("role", "reads"), [("owner", True), ("data_manager", True), ("observer", False)])
def test_what_it_says_is_for_those_who_may_read_words(person: Enrolment, role: str, reads: bool) -> None:
    tell(person, kind="unwell")
    page = day(person, role)
    assert rows(page) == [("alert", person.pseudonym)]
    assert "Reported something" in page or reads
    browser = world.browser_of_staff(world.staff(person.study, role, email=f"{role}@reads.example"))
    theirs = browser.get(reverse("coaching:person", args=[person.study.slug, person.pseudonym])).content.decode()
    for html in (page, theirs):
        assert (WORDS in html) is reads
        assert ("Upset or unwell" in html) is reads
        assert ("get in touch" in html) is reads


def test_it_stays_until_somebody_says_that_they_have_seen_to_it(person: Enrolment) -> None:
    coach = world.staff(person.study, "coach")
    browser = world.browser_of_staff(coach)
    first, second = tell(person, kind="not_working"), tell(person, kind="other")
    write_to_person(enrolment=person, text="How are you?", key=uuid.uuid4(), by=coach, now=clock.now())
    turn(now=clock.now())
    assert len(rows(day(person, "owner"))) == 2
    theirs = reverse("coaching:person", args=[person.study.slug, person.pseudonym])
    assert browser.get(theirs).content.decode().count(f'value="safety:{first.pk}"') == 1
    seen = reverse("coaching:seen", args=[person.study.slug, person.pseudonym])
    for _ in range(2):
        answer = browser.post(seen, {"reason": f"safety:{first.pk}", "back": theirs})
        assert answer.headers["Location"] == theirs
    first.refresh_from_db()
    assert first.seen_at is not None
    assert SafetyReport.objects.filter(seen_at=None).get() == second
    assert AuditEntry.objects.filter(action="safety.seen").count() == 1
    page = browser.get(theirs).content.decode()
    assert "A report was seen to" in page
    assert f"safety:{first.pk}" not in page


def test_one_study_sees_to_nothing_of_another(person: Enrolment) -> None:
    other = world.consented(world.tiny(slug="other"))
    report = tell(other)
    browser = world.browser_of_staff(world.staff(person.study, "owner"))
    browser.post(
        reverse("coaching:seen", args=[person.study.slug, person.pseudonym]), {"reason": f"safety:{report.pk}"}
    )
    report.refresh_from_db()
    assert report.seen_at is None


# --- where else it is, and where it is not ---------------------------------------------------------------------------


def test_it_is_a_dataset_of_its_own_with_its_words_marked(person: Enrolment) -> None:
    tell(person, occasion=world.occasion(person, "first"), screen="question")
    tell(person, text="", wants_contact=None, screen="")
    ask = caller(person.study, scopes=("export:read",))
    found = ask.get(f"/api/v1/studies/{person.study.slug}/datasets/safety_reports/").json()["results"]
    kept = [{name: row[name] for name in ("timepoint", "screen", "kind", "text", "wants_contact")} for row in found]
    assert kept == [
        {"timepoint": "first", "screen": "question", "kind": "unwanted", "text": WORDS, "wants_contact": True},
        {"timepoint": None, "screen": None, "kind": "unwanted", "text": None, "wants_contact": None},
    ]
    entries = ask.get(f"/api/v1/studies/{person.study.slug}/datasets/").json()
    entry = next(each for each in entries if each["name"] == "safety_reports")
    assert [each["name"] for each in entry["columns"] if each["identifying"]] == ["text"]
    assert entry["time"] == "made_at"


def test_the_person_takes_it_along(person: Enrolment) -> None:
    tell(person)
    table = tables_of(world.fresh(person))["safety_reports"]
    assert [(row["kind"], row["text"], row["wants_contact"]) for row in table] == [("unwanted", WORDS, True)]
    assert title_of("safety_reports") != "safety_reports"
    assert WORDS.encode() in b"".join(_files(archive(world.fresh(person), now=clock.now())))


def _files(packed: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        return [opened.read(name) for name in opened.namelist()]


def test_it_goes_with_the_person(person: Enrolment) -> None:
    tell(person, occasion=world.occasion(person, "first"))
    tell(person)
    erase(enrolment=person, by=world.staff(person.study), reason="asked for it", now=clock.now())
    assert not SafetyReport.objects.exists()
    assert not AuditEntry.objects.filter(detail__contains="canary").exists()
    assert (
        safety.report(
            enrolment=person,
            kind="unwell",
            text="",
            wants_contact=None,
            screen="",
            occasion=None,
            key=uuid.uuid4(),
            now=clock.now(),
        )
        is None
    )


def test_no_log_says_anything_of_it(person: Enrolment, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = world.browser_of(person)
    browser.post(TELL, posted())
    browser.post(TELL, posted(kind="none"))
    entry = AuditEntry.objects.get(action="safety.report")
    assert "canary" not in json.dumps(entry.detail)
    lines = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert not [line for line in lines if "canary" in line or "unwanted" in line]
