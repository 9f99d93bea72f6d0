"""Walking as a test person: a study of months in minutes, and nobody else's clock, list or mailbox is touched."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import AuditEntry
from assessments.models import Administration, Answer, ScoreRow
from coaching.middleware import SESSION_KEY
from coaching.models import AllocationList, AllocationSlot, Contact, Enrolment, Message, Study, StudyVersion
from coaching.selectors.turns import next_turn
from coaching.services import people, studies
from coaching.services.walking import begin_walk, go_ahead
from config.tick import CLOSERS, turn
from imagery.models import SessionRun
from rehearsal.walking import fill_in
from research.catalogue import tables
from tests import world
from tests.hostile.cast import nothing_changes
from tests.mailbox import Mailbox
from tests.pages import Screen, follow, submit, visit
from tests.rehearsal.test_afterwards import ASKING
from tests.research.calls import caller

pytestmark = pytest.mark.django_db
WALK = "/studies/small-scenes/walk/"


@pytest.fixture
def version() -> StudyVersion:
    return world.example()


def researcher(version: StudyVersion, role: str = "researcher") -> Client:
    return world.browser_of_staff(world.staff(version.study, role))


def walked(browser: Client) -> Screen:
    """The first page of a walk that begins in this browser."""
    return submit(browser, visit(browser, WALK), act="begin")


def through_the_door(browser: Client, screen: Screen) -> Screen:
    """Home, after the door's pages."""
    answers = {"age": "34", "heard": "web", "take_part": "yes", "data": "yes", "timezone": "Europe/Berlin"}
    for _ in range(9):
        if screen.name == "home":
            return screen
        if screen.name == "welcome":
            screen = follow(browser, screen)
        else:
            screen = submit(browser, screen, **{n: answers[n] for n in screen.form.names() if n in answers})
    raise AssertionError(screen.text)


def walker() -> Enrolment:
    return Enrolment.objects.get(ahead_s__isnull=False)


def act(browser: Client, name: str) -> Screen:
    screen = visit(browser, "/me/")
    return submit(browser, screen, screen.act(name))


# --- a whole walk ----------------------------------------------------------------------------------------------------


def test_the_whole_study_is_walked_in_one_sitting(version: StudyVersion) -> None:
    browser = researcher(version)
    through_the_door(browser, walked(browser))
    began = clock.now()
    for _ in range(60):
        screen = visit(browser, "/me/")
        names = [form.data_action for form in screen.forms]
        if "fill-in" in names:
            submit(browser, screen, screen.act("fill-in"))
        elif "ahead" in names:
            submit(browser, screen, screen.act("ahead"))
        else:
            break
    person = walker()
    assert person.completed_at is not None
    assert person.completed_at - began > dt.timedelta(days=20)
    assert set(person.occasions.values_list("state", flat=True)) == {"done"}
    assert person.allocated_at is not None
    assert Answer.objects.filter(administration__occasion__enrolment=person, status="answered").exists()
    assert ScoreRow.objects.filter(enrolment=person, value__isnull=False).exists()
    assert visit(browser, "/me/next/").name == "done"


def test_a_session_is_gone_through_to_its_end(version: StudyVersion) -> None:
    person = _allocated_to(version, "sessions")
    for _ in range(20):
        _step(person)
    runs = SessionRun.objects.filter(occasion__enrolment=person)
    assert runs.exists()
    assert set(runs.values_list("status", flat=True)) == {"completed"}
    assert all(run.ratings.exists() and run.visits.exists() for run in runs)


def _allocated_to(version: StudyVersion, arm: str) -> Enrolment:
    """A test person who was allocated to an arm: another one walks until the list gives it."""
    for _ in range(8):
        person = people.invite(study=version.study, by="command", now=clock.now(), is_test=True)[0]
        person = world.consented(version, enrolment=person)
        for _ in range(4):
            if world.fresh(person).allocated_at:
                break
            _step(person)
        person = world.fresh(person)
        if person.arm == arm:
            return person
    raise AssertionError(f"nobody was allocated to {arm}")


def _step(person: Enrolment) -> None:
    """Does what is open, else goes on to the next moment."""
    person = world.fresh(person)
    now = clock.now() + dt.timedelta(seconds=person.ahead_s or 0)
    for occasion in person.occasions.order_by("place"):
        if fill_in(enrolment=person, occasion_id=occasion.public_id, now=now):
            return
    go_ahead(enrolment=person, seen_s=person.ahead_s or 0, closers=CLOSERS, by="participant", now=now)


def test_what_is_not_done_is_missed_as_anybody_would_miss_it(version: StudyVersion) -> None:
    browser = researcher(version)
    through_the_door(browser, walked(browser))
    act(browser, "fill-in")
    for _ in range(40):
        screen = visit(browser, "/me/")
        if "ahead" not in [form.data_action for form in screen.forms]:
            break
        submit(browser, screen, screen.act("ahead"))
    person = walker()
    assert "missed" in set(person.occasions.values_list("state", flat=True))
    assert person.occasions.filter(state__in=["waiting", "open"]).count() == 0
    assert person.occasions.filter(state="missed", closed_at=None).count() == 0


def test_ones_own_answers_stay_when_the_rest_is_filled_in(version: StudyVersion) -> None:
    browser = researcher(version)
    through_the_door(browser, walked(browser))
    question = visit(browser, "/me/next/")
    assert "You walk as a test person" in question.html
    submit(browser, question, h1="5")
    act(browser, "fill-in")
    answers = Answer.objects.filter(administration__occasion__enrolment=walker())
    assert answers.get(item="h1", administration__occasion__key="baseline").value == 5
    assert not answers.filter(changes__gt=0).exists()
    assert walker().occasions.get(key="baseline").state == "done"


# --- whose clock moves -----------------------------------------------------------------------------------------------


def test_the_bar_tells_the_test_persons_own_time_and_what_comes(version: StudyVersion) -> None:
    browser = researcher(version)
    home = through_the_door(browser, walked(browser))
    assert "You walk as a test person" in home.html
    # The first questionnaire waits for as long as one likes: nothing comes by itself.
    assert next_turn(walker(), clock.now()) is None
    assert {form.data_action for form in home.forms} >= {"fill-in", "end-walk"}
    coming = act(browser, "fill-in")
    assert re.search("(opens|closes) on", coming.html)
    act(browser, "ahead")
    person = walker()
    assert (person.ahead_s or 0) > 0
    then = (clock.now() + dt.timedelta(seconds=person.ahead_s or 0)).astimezone(dt.UTC)
    assert f"{then:%B}" in visit(browser, "/me/").html


def test_pressed_twice_the_clock_moves_once(version: StudyVersion) -> None:
    browser = researcher(version)
    through_the_door(browser, walked(browser))
    act(browser, "fill-in")
    shown = visit(browser, "/me/")
    submit(browser, shown, shown.act("ahead"))
    moved = walker().ahead_s
    submit(browser, shown, shown.act("ahead"))
    assert walker().ahead_s == moved
    assert AuditEntry.objects.filter(action="test.ahead").count() == 1


def test_of_two_presses_that_arrive_together_one_moves_the_clock(version: StudyVersion) -> None:
    person = people.invite(study=version.study, by="command", now=clock.now(), is_test=True)[0]
    person = world.consented(version, enrolment=person)
    _step(person)
    person, now = world.fresh(person), clock.now()
    same = {"enrolment": person, "seen_s": 0, "closers": CLOSERS, "by": "participant", "now": now}
    assert go_ahead(**same) is not None
    moved = world.fresh(person).ahead_s
    assert go_ahead(**same) is None
    assert world.fresh(person).ahead_s == moved


def test_a_form_filled_in_twice_does_no_other_step(version: StudyVersion) -> None:
    browser = researcher(version)
    through_the_door(browser, walked(browser))
    shown = visit(browser, "/me/")
    submit(browser, shown, shown.act("fill-in"))
    done = walker().occasions.filter(state="done").count()
    submit(browser, shown, shown.act("fill-in"))
    assert walker().occasions.filter(state="done").count() == done == 1


def test_while_one_walks_ahead_everybody_elses_clock_stays(version: StudyVersion, monkeypatch: Any) -> None:
    """Two threads in the middle of a page: each asks for the time while the other's request is under way."""
    person = people.invite(study=version.study, by="command", now=clock.now(), is_test=True)[0]
    person = world.consented(version, enrolment=person)
    Enrolment.objects.filter(pk=person.pk).update(ahead_s=86_400 * 100)
    real = world.consented(version)
    both = threading.Barrier(2, timeout=20)
    told: dict[str, dt.datetime] = {}

    def ask(who: str, ahead: dt.timedelta | None) -> None:
        if ahead is None:
            both.wait()
            told[who] = clock.now()
            both.wait()
        else:
            with clock.ahead(ahead):
                both.wait()
                told[who] = clock.now()
                both.wait()

    threads = [
        threading.Thread(target=ask, args=("tester", dt.timedelta(days=100))),
        threading.Thread(target=ask, args=("real", None)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told["tester"] - told["real"] > dt.timedelta(days=99)
    # And one after the other in one thread, as a worker serves them: the offset ends with its request.
    ahead = visit(world.browser_of(person), "/me/")
    behind = visit(world.browser_of(real), "/me/")
    assert "Here it is" in ahead.html
    assert "Here it is" not in behind.html
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    # Staff's pages in the same browser tell everybody's time.
    assert world.fresh(real).ahead_s is None


def test_the_tick_leaves_a_test_person_alone(version: StudyVersion, settings: Any) -> None:
    person = people.invite(study=version.study, by="command", now=clock.now(), is_test=True)[0]
    person = world.consented(version, enrolment=person)
    _step(person)
    assert world.fresh(person).next_boundary_at is not None
    world.move_clock(settings, dt.timedelta(days=400))
    with nothing_changes():
        turn(now=clock.now())


# --- what of it counts -----------------------------------------------------------------------------------------------


def test_all_that_a_test_person_leaves_is_marked_as_simulated(version: StudyVersion) -> None:
    person = _allocated_to(version, "sessions")
    for _ in range(20):
        _step(person)
    calls = caller(version.study)
    found = tables(version.study)
    of_people = [name for name, table in found.items() if {"participant", "synthetic"} <= table.filters.keys()]
    assert {"participants", "responses", "scores", "sessions", "ratings"} <= set(of_people)
    for dataset in {"participants", "responses", "scores", "sessions", "ratings"}:
        assert calls.rows(dataset, participant=person.pseudonym)
    for dataset in of_people:
        simulated = calls.rows(dataset, participant=person.pseudonym)
        assert {row["synthetic"] for row in simulated} <= {True}, dataset
        assert calls.rows(dataset, participant=person.pseudonym, synthetic="false") == [], dataset


def test_the_lists_of_real_people_stay_as_they_were(version: StudyVersion) -> None:
    real = world.consented(version)
    before = list(AllocationSlot.objects.filter(list__synthetic=False).values_list("pk", "enrolment"))
    person = _allocated_to(version, "sessions")
    assert person.allocation_slot.list.synthetic
    assert list(AllocationSlot.objects.filter(list__synthetic=False).values_list("pk", "enrolment")) == before
    assert not AllocationList.objects.filter(synthetic=False, slots__enrolment__ahead_s__isnull=False).exists()
    assert world.fresh(real).allocated_at is None


def test_nobody_is_mailed_whatever_address_was_typed(version: StudyVersion, mailbox: Mailbox, settings: Any) -> None:
    browser = researcher(version)
    through_the_door(browser, walked(browser))
    browser.post("/me/contact/", {"email": "tester@people.example", "timezone": "Europe/Berlin"})
    browser.post("/me/link/", {"email": "tester@people.example"})
    person = walker()
    for _ in range(30):
        _step(person)
    world.move_clock(settings, dt.timedelta(days=60))
    assert mailbox.after_a_tick() == []
    assert not Message.objects.filter(enrolment=person, state="sent").exists()


def test_an_address_given_with_the_invitation_of_a_test_person_is_not_kept(version: StudyVersion) -> None:
    person, _ = people.invite(
        study=version.study, by="command", now=clock.now(), email="someone@people.example", is_test=True
    )
    assert (person.synthetic, person.ahead_s) == (True, 0)
    assert Contact.objects.get(enrolment=person).email == ""


# --- who may, and how they come and go -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "paused"])
def test_a_study_that_lets_nobody_in_can_be_walked(version: StudyVersion, state: str) -> None:
    Study.objects.filter(pk=version.study.pk).update(state=state)
    assert Client().get("/join/small-scenes/").status_code == 403
    browser = researcher(version)
    assert through_the_door(browser, walked(browser)).name == "home"


def test_a_study_that_has_ended_can_not(version: StudyVersion) -> None:
    studies.set_state(study=version.study, state="closed", by="command", now=clock.now())
    browser = researcher(version)
    page = visit(browser, WALK)
    assert "has ended" in page.text
    assert browser.post(WALK, {"act": "begin"}).status_code == 422
    assert not Enrolment.objects.exists()


def test_staff_stay_signed_in_under_a_new_key_and_come_back_to_the_study(version: StudyVersion) -> None:
    browser = researcher(version)
    key = browser.session.session_key
    walked(browser)
    assert browser.session.session_key != key
    assert browser.get(WALK).status_code == 200
    page = visit(browser, "/join/small-scenes/")
    back = submit(browser, page, page.act("end-walk"))
    assert back.url == WALK
    assert SESSION_KEY not in browser.session
    assert browser.get("/me/").status_code == 302


def test_a_walk_is_taken_up_again_where_it_was_left(version: StudyVersion) -> None:
    browser = researcher(version)
    through_the_door(browser, walked(browser))
    act(browser, "fill-in")
    act(browser, "ahead")
    stood_at = walker().ahead_s
    act(browser, "end-walk")
    page = visit(browser, WALK)
    assert walker().pseudonym in page.text
    home = submit(browser, page, page.forms[-1], act="continue")
    assert home.name == "home"
    assert walker().ahead_s == stood_at


def test_a_walk_that_is_begun_twice_is_one_test_person(version: StudyVersion) -> None:
    browser = researcher(version)
    for _ in range(2):
        browser.post(WALK, {"act": "begin"})
    assert Enrolment.objects.count() == 1
    through_the_door(browser, visit(browser, "/me/"))
    browser.post(WALK, {"act": "begin"})
    assert Enrolment.objects.count() == 2


def test_a_test_person_of_another_study_is_not_found(version: StudyVersion) -> None:
    other = begin_walk(study=world.tiny().study, by="command", now=clock.now())
    real = world.consented(version)
    browser = researcher(version)
    for name in (other.pseudonym, real.pseudonym, "", "nobody"):
        assert browser.post(WALK, {"act": "continue", "person": name}).status_code == 422
    assert SESSION_KEY not in browser.session


@pytest.mark.parametrize("role", ["coach", "data_manager", "observer"])
def test_who_may_not_publish_may_not_walk(version: StudyVersion, role: str) -> None:
    browser = researcher(version, role)
    assert browser.get(WALK).status_code == 403
    assert browser.post(WALK, {"act": "begin"}).status_code == 403
    assert not Enrolment.objects.exists()


def test_who_is_no_test_person_has_no_bar_and_no_button(version: StudyVersion) -> None:
    real = world.consented(version)
    browser = world.browser_of(real)
    for page in ("/me/", "/me/next/", "/me/contact/"):
        assert "walk-bar" not in browser.get(page, follow=True).content.decode()
    with nothing_changes():
        for route in ("ahead", "rehearsal:fill_in", "rehearsal:end_walk"):
            step = str(world.occasion(real, "baseline").public_id)
            assert browser.post(reverse(route), {"ahead-s": "0", "step": step}).status_code == 404
    assert browser.get("/me/").status_code == 200


def test_the_services_refuse_whoever_is_no_test_person(version: StudyVersion) -> None:
    real, now = world.consented(version), clock.now()
    with pytest.raises(ValueError, match="everybody's clock"):
        go_ahead(enrolment=real, seen_s=0, closers=CLOSERS, by="command", now=now)
    with pytest.raises(ValueError, match="for themself"):
        fill_in(enrolment=real, occasion_id=world.occasion(real, "baseline").public_id, now=now)


def test_a_test_person_who_left_goes_nowhere(version: StudyVersion) -> None:
    browser = researcher(version)
    through_the_door(browser, walked(browser))
    people.withdraw(enrolment=walker(), choice="keep", by="participant", now=clock.now())
    page = visit(browser, "/me/")
    assert [form.data_action for form in page.forms if form.data_action in {"ahead", "fill-in"}] == []
    browser.post("/me/ahead/", {"ahead-s": "0"})
    assert walker().ahead_s == 0


def test_only_an_owner_is_led_to_delete_a_test_person(version: StudyVersion) -> None:
    person = begin_walk(study=version.study, by="command", now=clock.now())
    erase = f"/studies/small-scenes/people/{person.pseudonym}/erase/"
    assert erase not in visit(researcher(version), WALK).links
    owner = researcher(version, "owner")
    assert erase in visit(owner, WALK).links
    owner.post(erase, {"reason": "a try"})
    visit(owner, WALK)  # which also says that they are erased
    assert person.pseudonym not in visit(owner, WALK).text


def test_what_was_walked_is_in_the_audit_log(version: StudyVersion) -> None:
    browser = researcher(version)
    through_the_door(browser, walked(browser))
    act(browser, "fill-in")
    act(browser, "ahead")
    by = {entry.action: entry.actor for entry in AuditEntry.objects.filter(study="small-scenes")}
    assert by["person.invite"].startswith("staff:")
    assert by["test.ahead"] == by["person.invite"]
    assert '"is_test": true' in AuditEntry.objects.get(action="person.invite").detail


def test_the_page_of_walks_asks_the_database_as_often_for_many_as_for_one(
    version: StudyVersion, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        person = people.invite(study=version.study, by="command", now=clock.now(), is_test=True)[0]
        world.consented(version, enrolment=person)
    browser = researcher(version, "owner")
    with django_assert_max_num_queries(15):
        assert browser.get(WALK).status_code == 200


# --- what is asked after a session -----------------------------------------------------------------------------------


def test_how_they_are_after_a_session_is_filled_in_too_and_before_all_else() -> None:
    version = world.publish(world.edited({"slug: whole": "slug: small-scenes"}, ASKING))
    browser = researcher(version)
    through_the_door(browser, walked(browser))
    act(browser, "fill-in")
    person = walker()
    session = person.occasions.get(key="s1")
    assert (session.state, session.after_settled_at) == ("done", None)
    home = visit(browser, "/me/")
    assert 'Fill this in for me<span class="vh">: After this session: ' in home.html
    submit(browser, home, home.act("fill-in"))
    session.refresh_from_db()
    assert session.after_settled_at is not None
    sheet = Administration.objects.get(occasion=session)
    assert (sheet.instrument, sheet.closed_at is not None) == ("afterwards", True)
    assert sheet.answers.exclude(status="not_due").exists()
    submit(browser, home, home.act("fill-in"))  # pressed twice
    assert Administration.objects.filter(occasion__enrolment=person).count() == 1


def test_what_was_said_after_a_session_stays_when_the_rest_is_filled_in() -> None:
    version = world.publish(world.edited({"slug: whole": "slug: small-scenes"}, ASKING))
    browser = researcher(version)
    through_the_door(browser, walked(browser))
    act(browser, "fill-in")
    question = visit(browser, "/me/next/")
    submit(browser, question, upset="9")
    act(browser, "fill-in")
    answers = Answer.objects.filter(administration__occasion__enrolment=walker())
    assert answers.get(item="upset").value == 9
    assert not answers.filter(changes__gt=0).exists()
    assert walker().occasions.get(key="s1").after_settled_at is not None
