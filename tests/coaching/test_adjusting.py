"""One person's plan changed by staff: as the pure schedule says, looked at before it is done, and done once."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import AuditEntry
from coaching.models import Adjustment, Enrolment, Occasion
from coaching.schedule import Moved, Planned, plan
from coaching.selectors.changes import Change, outlook
from coaching.selectors.people import facts_of, plan_of, study_of
from coaching.services import people
from coaching.services.adjusting import PlanFault, give_time, move_step, skip_step
from coaching.services.occasions import complete_occasion
from config.tick import turn
from tests import world
from tests.builders import utc
from tests.pages import Form, Screen

pytestmark = pytest.mark.django_db

T0 = utc("2027-03-01T10:00Z")
DAY = dt.timedelta(days=1)
# One after the other: `later` hangs on the due time of `second`, `last` on its being done.
STEPS = """\
before:
  - {id: first, title: The first one, do: assess, instruments: [one],
     at: "consent + 1d", window: [0s, 3d], remind: [0s, 1d]}
  - {id: second, title: The second one, do: assess, instruments: [one],
     at: "first.due + 7d", window: [-1d, 3d], remind: [0s]}
  - {id: later, title: The later one, do: assess, instruments: [one], at: "second.due + 7d", window: [0s, 3d]}
  - {id: last, title: The last one, do: assess, instruments: [one], at: "second + 2d", window: [0s, 3d], missed: skip}
"""


@pytest.fixture
def person(settings: Any) -> Enrolment:
    world.move_clock(settings, T0)
    before = "before:\n  - {id: first, title: The first one, do: assess, instruments: [one]}\n"
    version = world.publish(world.edited({before: STEPS}, world.TINY))
    return world.consented(version, T0, email="someone@people.example", timezone="Europe/Berlin")


@pytest.fixture
def coach(person: Enrolment) -> Any:
    return world.staff(person.study, "coach", email="coach@staff.example")


@pytest.fixture
def browser(coach: Any) -> Client:
    return world.browser_of_staff(coach)


def planned(person: Enrolment, now: dt.datetime | None = None) -> dict[str, Planned]:
    person = world.fresh(person)
    return plan_of(person, person.occasions.all(), now or clock.now())


def url(person: Enrolment, step: str = "") -> str:
    given = [person.study.slug, person.pseudonym]
    return (
        reverse("coaching:change_step", args=[*given, step])
        if step
        else reverse("coaching:person_schedule", args=given)
    )


def act(browser: Client, person: Enrolment, step: str, **values: str) -> Screen:
    """The page after a form of a step was sent."""
    return _sent(browser, url(person, step), {"reason": "Asked by phone, zyx-canary.", **values})


def confirm(browser: Client, person: Enrolment, step: str, page: Screen, **values: str) -> Screen:
    form: Form = next(form for form in page.forms if "seen" in form.given)
    return _sent(browser, url(person, step), {**form.given, "confirm": "yes", **values})


def _sent(browser: Client, address: str, values: dict[str, str]) -> Screen:
    answer: Any = browser.post(address, values, follow=True)
    return Screen(answer, answer.redirect_chain[-1][0] if answer.redirect_chain else address)


def rows(person: Enrolment) -> list[tuple[Any, ...]]:
    return list(person.occasions.order_by("place").values_list("key", "due_at", "opens_at", "closes_at", "state"))


# --- the service, against the pure schedule --------------------------------------------------------------------------


def test_a_moved_step_takes_its_window_its_reminders_and_what_hangs_on_it_along(person: Enrolment, coach: Any) -> None:
    to = utc("2027-03-20T08:30Z")
    study, facts = study_of(person), facts_of(person, person.occasions.all())
    expected = plan(study, replace(facts, moved={"second": Moved(to)}), T0)
    move_step(occasion=world.occasion(person, "second"), due_at=to, reason="away", by=coach, now=T0)
    assert planned(person) == expected
    assert [row[1:4] for row in rows(person)] == [(p.due_at, p.opens_at, p.closes_at) for p in expected.values()]
    assert expected["later"].due_at == utc("2027-03-27T08:30Z")
    reminders = person.messages.filter(timepoint="second").values_list("due_at", "state")
    assert list(reminders) == [(to - DAY, "scheduled")]
    assert list(person.messages.filter(timepoint="first").values_list("due_at", flat=True)) == [T0 + DAY, T0 + 2 * DAY]


def test_given_time_keeps_a_step_open_and_a_reminder_that_fits_again_is_planned(person: Enrolment, coach: Any) -> None:
    first = world.occasion(person, "first")
    give_time(occasion=first, closes_at=T0 + 36 * DAY / 24, reason="sooner", by=coach, now=T0)
    states = dict(person.messages.filter(timepoint="first").values_list("n", "state"))
    assert states == {1: "scheduled", 2: "cancelled"}
    give_time(occasion=first, closes_at=T0 + 10 * DAY, reason="ill", by=coach, now=T0)
    assert planned(person, T0 + 9 * DAY)["first"].state == "open"
    assert turn(now=T0 + 9 * DAY)
    assert world.occasion(person, "first").state == Occasion.State.OPEN


def test_a_skipped_step_is_missed_and_what_follows_goes_on(person: Enrolment, coach: Any) -> None:
    skip_step(occasion=world.occasion(person, "second"), reason="could not", by=coach, now=T0)
    after = planned(person)
    assert after["second"].state == "missed"
    # `second + 2d` hangs on its being done, and missing it would have ended `last`: to skip it does not.
    assert after["last"].due_at == utc("2027-03-03T10:00Z")
    assert after["later"].due_at == planned(person)["second"].due_at + 7 * DAY  # type: ignore[operator]
    turn(now=T0 + dt.timedelta(minutes=1))
    assert world.occasion(person, "second").state == Occasion.State.MISSED
    assert world.fresh(person).excluded_at is None


@pytest.mark.parametrize("what", ["settled", "left", "no day", "no window", "too early", "closed too early"])
def test_what_the_plan_cant_take_changes_nothing(person: Enrolment, coach: Any, what: str) -> None:
    first, last = world.occasion(person, "first"), world.occasion(person, "last")
    given = {"reason": "x", "by": coach, "now": T0}
    if what == "settled":
        complete_occasion(occasion=first, now=T0)
    if what == "left":
        people.withdraw(enrolment=person, choice="keep", by="participant", now=T0)
    before = rows(person)
    acts = {
        "settled": lambda: move_step(occasion=first, due_at=T0 + DAY, **given),
        "left": lambda: skip_step(occasion=first, **given),
        "no day": lambda: move_step(occasion=last, due_at=T0 + DAY, **given),
        "no window": lambda: give_time(occasion=last, closes_at=T0 + DAY, **given),
        "too early": lambda: move_step(occasion=first, due_at=T0 - 4 * DAY, **given),
        "closed too early": lambda: give_time(occasion=first, closes_at=T0 + DAY, **given),
    }
    fault = {"left": "away", "no day": "no_day", "no window": "no_window", "settled": "settled"}.get(what, "too_early")
    with pytest.raises(PlanFault, match=fault):
        acts[what]()
    assert rows(person) == before
    assert not Adjustment.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="step.").exists()


def test_asking_twice_is_asking_once(person: Enrolment, coach: Any) -> None:
    given = {"reason": "x", "by": coach, "now": T0}
    first, second = world.occasion(person, "first"), world.occasion(person, "second")
    for expected in (True, False):
        assert move_step(occasion=first, due_at=T0 + 2 * DAY, **given) is expected
    for expected in (True, False):
        assert give_time(occasion=first, closes_at=T0 + 9 * DAY, **given) is expected
    for expected in (True, False):
        assert skip_step(occasion=second, **given) is expected
    assert list(Adjustment.objects.values_list("kind", flat=True)) == ["moved", "longer", "skipped"]
    assert AuditEntry.objects.filter(action__startswith="step.").count() == 3


def test_the_outlook_says_what_then_becomes_of_every_step(person: Enrolment, coach: Any) -> None:
    to = utc("2027-03-20T08:30Z")
    seen = outlook(person, Change("second", "move", to), T0)
    assert [shift.after.step.id for shift in seen.others] == ["later"]
    assert [step.step.id for step in seen.follow] == ["last"]
    move_step(occasion=world.occasion(person, "second"), due_at=to, reason="x", by=coach, now=T0)
    now = planned(person)
    assert seen.own.after == now["second"]
    assert seen.others[0].after == now["later"]


def test_to_skip_the_last_step_before_allocation_is_seen_to_bring_it(settings: Any) -> None:
    world.move_clock(settings, T0)
    trial = world.consented(world.example(sessions=False), T0)
    assert outlook(trial, Change("baseline", "skip"), T0).allocates
    skip_step(occasion=world.occasion(trial, "baseline"), reason="x", by="command", now=T0)
    turn(now=T0)
    assert world.fresh(trial).allocated_at is not None


# --- the pages -------------------------------------------------------------------------------------------------------


def test_a_step_is_moved_in_two_pages_and_the_schedule_says_who_and_why(person: Enrolment, browser: Client) -> None:
    page = act(browser, person, "second", act="move", date="2027-03-20", time="09:30")
    assert (page.status, Adjustment.objects.count()) == (200, 0)
    for text in ("The second one", "The later one", "The last one", "19 Mar, 09:30 – 23 Mar, 09:30", "Asked by phone"):
        assert text in page.text or text in page.html, text
    after = confirm(browser, person, "second", page)
    assert after.url == url(person)
    for text in ("coach@staff.example", "Asked by phone, zyx-canary.", "Moved to"):
        assert text in after.text
    # Half past nine in Berlin, where the person lives.
    assert world.occasion(person, "second").due_at == utc("2027-03-20T08:30Z")


def test_confirming_twice_changes_the_plan_once(person: Enrolment, browser: Client) -> None:
    for given in (
        {"act": "move", "date": "2027-03-20", "time": "09:30"},
        {"act": "longer", "date": "2027-04-20", "time": "09:30"},
        {"act": "skip"},
    ):
        page = act(browser, person, "second", **given)
        for _ in range(2):
            assert confirm(browser, person, "second", page).url == url(person)
    assert Adjustment.objects.count() == 3


def test_what_changed_since_it_was_looked_at_is_looked_at_again(person: Enrolment, coach: Any, browser: Client) -> None:
    page = act(browser, person, "second", act="longer", date="2027-04-20", time="09:30")
    move_step(occasion=world.occasion(person, "second"), due_at=T0 + 30 * DAY, reason="x", by=coach, now=T0)
    again = confirm(browser, person, "second", page)
    assert "changed meanwhile" in again.text
    assert Adjustment.objects.count() == 1
    assert confirm(browser, person, "second", again).url == url(person)
    assert Adjustment.objects.count() == 2


def test_going_back_loses_nothing_of_what_was_typed(person: Enrolment, browser: Client) -> None:
    page = act(browser, person, "second", act="move", date="2027-03-20", time="09:30")
    back = confirm(browser, person, "second", page, confirm="back")
    assert back.status == 200
    for text in ("2027-03-20", "09:30", "Asked by phone, zyx-canary."):
        assert text in back.html
    assert not Adjustment.objects.exists()


@pytest.mark.parametrize(
    ("typed", "is_at", "said"),
    [
        # Clocks in Berlin go from 02:00 to 03:00 on 28 March 2027, and from 03:00 to 02:00 on 31 October.
        (("2027-03-28", "02:30"), "2027-03-28T01:30Z", "there is no 02:30. It will be 03:30."),
        (("2027-10-31", "02:30"), "2027-10-31T00:30Z", "comes twice"),
        (("2027-03-28", "03:30"), "2027-03-28T01:30Z", ""),
        (("2027-10-31", "03:30"), "2027-10-31T02:30Z", ""),
    ],
)
def test_a_time_that_the_clocks_skip_or_repeat_is_resolved_and_the_page_says_how(
    person: Enrolment, browser: Client, typed: tuple[str, str], is_at: str, said: str
) -> None:
    page = act(browser, person, "second", act="move", date=typed[0], time=typed[1])
    assert said in page.text
    assert ("clocks" in page.text) == bool(said)
    confirm(browser, person, "second", page)
    assert world.occasion(person, "second").due_at == utc(is_at)


@pytest.mark.parametrize(
    "given",
    [
        {"act": "move", "date": "", "time": "09:30"},
        {"act": "move", "date": "2027-02-30", "time": "09:30"},
        {"act": "move", "date": "2027-03-20", "time": "25:00"},
        {"act": "move", "date": "0001-01-01", "time": "09:30"},
        {"act": "move", "date": "9999-12-31", "time": "23:59"},
        {"act": "move", "date": "2027-02-01", "time": "09:30"},
        {"act": "longer", "date": "2027-02-01", "time": "09:30"},
        {"act": "move", "date": "2027-03-20", "time": "09:30", "reason": ""},
        {"act": "skip", "reason": "x" * 301},
    ],
    ids=str,
)
def test_a_change_that_cant_be_is_refused_with_what_was_typed_still_there(
    person: Enrolment, browser: Client, given: dict[str, str]
) -> None:
    for confirmed in ({}, {"confirm": "yes"}):
        page = act(browser, person, "second", **given, **confirmed)
        assert page.status == 422
        for name, value in given.items():
            assert value in page.html, name
    assert not Adjustment.objects.exists()


def test_a_step_that_ended_or_has_no_day_offers_only_what_can_be_done(person: Enrolment, browser: Client) -> None:
    acts = re.compile(r'name="act" value="(\w+)"')
    assert acts.findall(browser.get(url(person, "second")).content.decode()) == ["move", "longer", "skip"]
    assert acts.findall(browser.get(url(person, "last")).content.decode()) == ["skip"]
    complete_occasion(occasion=world.occasion(person, "first"), now=T0)
    page = Screen(browser.get(url(person, "first"), follow=True))
    assert "has ended" in page.text
    assert url(person, "first") not in page.links
    assert url(person, "second") in page.links
    assert act(browser, person, "first", act="skip", confirm="yes").url == url(person)
    assert not Adjustment.objects.exists()


def test_roles_see_the_schedule_and_change_it_as_the_table_says(person: Enrolment, coach: Any) -> None:
    skip_step(occasion=world.occasion(person, "first"), reason="zyx-canary", by=coach, now=T0)
    for role in ("owner", "researcher", "coach", "data_manager", "observer"):
        browser = world.browser_of_staff(world.staff(person.study, role))
        page = Screen(browser.get(url(person)))
        assert page.status == 200
        # The reason is part of the schedule, and words about a person: for those who may read words.
        assert ("zyx-canary" in page.text) == (role != "observer"), role
        may_act = role in {"owner", "researcher", "coach"}
        assert (url(person, "second") in page.links) == may_act, role
        assert browser.get(url(person, "second")).status_code == (200 if may_act else 403), role


def test_a_schedule_of_another_study_is_not_found(person: Enrolment, browser: Client) -> None:
    theirs = world.consented(world.tiny(slug="other"))
    for address in (url(theirs), url(theirs, "first")):
        assert browser.get(address).status_code == 404
    within = reverse("coaching:change_step", args=[person.study.slug, theirs.pseudonym, "first"])
    assert browser.post(within, {"act": "skip", "reason": "x", "confirm": "yes"}).status_code == 404
    assert not Adjustment.objects.exists()
    assert browser.get(url(person, "nosuchstep")).status_code == 404


# --- the timeline ----------------------------------------------------------------------------------------------------


def test_the_timeline_has_what_happened_the_newest_first_on_the_persons_clock(
    settings: Any, person: Enrolment, coach: Any, browser: Client
) -> None:
    complete_occasion(occasion=world.occasion(person, "first"), now=T0 + DAY)
    people.pause(enrolment=person, by="participant", now=T0 + 2 * DAY)
    people.resume(enrolment=person, by=coach, now=T0 + 3 * DAY)
    world.move_clock(settings, T0 + 4 * DAY)
    move_step(
        occasion=world.occasion(person, "second"), due_at=T0 + 9 * DAY, reason="Asked.", by=coach, now=T0 + 4 * DAY
    )
    skip_step(occasion=world.occasion(person, "second"), reason="Said no.", by=coach, now=T0 + 5 * DAY)
    world.move_clock(settings, T0 + 6 * DAY)
    page = Screen(browser.get(reverse("coaching:person", args=[person.study.slug, person.pseudonym])))
    said = (
        "Skipped: The second one",
        "Why: Said no.",
        "Moved to",
        "Why: Asked.",
        "The pause ended",
        "Paused",
        "Done: The first one",
        "Agreed to take part (version 1 of the study)",
    )
    places = [page.text.index(text) for text in said]
    assert places == sorted(places)
    assert "11:00" in page.text  # 10:00 in London
    assert "Missed: The second one" not in page.text


def test_a_person_who_left_has_no_red_tag(person: Enrolment, browser: Client) -> None:
    people.withdraw(enrolment=person, choice="keep", by="participant", now=T0)
    for name, more in (("person", [person.pseudonym]), ("people", [])):
        page = browser.get(reverse(f"coaching:{name}", args=[person.study.slug, *more])).content.decode()
        assert re.search(r'class="tag ?"[^>]*>Left', page), name
        assert "tag bad" not in page
