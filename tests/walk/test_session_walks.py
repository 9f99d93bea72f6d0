"""The example study as it is, sessions and mails and all, from the door to the last row, in each of three ways."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser as Chromium

from tests.browser.watch import watched
from tests.walk import journey
from tests.walk.client import Browser
from tests.walk.evenings import (
    Evening,
    begins,
    check_messages,
    check_rows,
    goes_through,
    later,
    reminders,
    stage_of,
)
from tests.walk.hands import Hands, Keyboard, Mouse, Plain
from tests.walk.journey import Person, answers_first, answers_later, comes_in
from tests.walk.lab import SLUG, Lab

Opened = Callable[[], AbstractContextManager[Hands]]


def enters(lab: Lab, hands: Hands, person: Person) -> str:
    """Through the door and the first questionnaire; the code, or nothing for one who drew the other arm."""
    hands.open(f"/join/{SLUG}/")
    comes_in(hands, person, is_invited=False)
    code = hands.code
    answers_first(hands, person, then=("session", "wait"))
    return code if lab.rows("participants", participant=code)[0]["arm"] == "sessions" else ""


def fills_up(lab: Lab, person: Person) -> None:
    """Lets others come, with the same answers, until the arm without sessions is ahead among them."""
    band = journey.scores(person)["baseline", "total"]["band"]
    while True:
        arms = [row["arm"] for row in lab.rows("participants") if row["group"] == band]
        if arms.count("questions") > arms.count("sessions"):
            return
        enters(lab, Plain(Browser(lab.url)), replace(person, language="en", email=""))


def walk(lab: Lab, opened: Opened, person: Person, evenings: tuple[Evening, Evening], *, is_timed: bool) -> None:
    """The whole way of somebody of the arm with the sessions, each return by the link of a mail."""
    for n in range(8):
        fills_up(lab, person)
        person = replace(person, email=f"{n}-{person.email.split('-')[-1]}")
        with opened() as hands:
            began = lab.now().isoformat(timespec="milliseconds")
            code = enters(lab, hands, person)
            if code:
                goes_on(lab, hands, person, code, evenings, began, is_timed=is_timed)
                return
    raise AssertionError("eight in a row drew the other arm")


def goes_on(
    lab: Lab,
    hands: Hands,
    person: Person,
    code: str,
    evenings: tuple[Evening, Evening],
    began: str,
    *,
    is_timed: bool,
) -> None:
    zone, address = ZoneInfo(person.timezone), person.email
    allocated_at = dt.datetime.fromisoformat(lab.rows("participants", participant=code)[0]["allocated_at"])
    first = reminders(allocated_at, (1, 3), zone)
    lab.until(first[0])
    comes_back(lab, hands, address, 1)
    begins(hands)
    entered = {"s1": goes_through(hands, evenings[0])}
    assert hands.screen == "wait"
    hands.back()
    assert [stage_of(hands), hands.screen] == ["match", "error"], "a session that is finished"

    done_at = dt.datetime.fromisoformat(lab.rows("sessions", participant=code)[0]["completed_at"])
    second = reminders(later(done_at, 1, zone), (0, 2), zone)
    lab.until(second[0])
    comes_back(lab, hands, address, 2)
    begins(hands)
    entered["s2"] = goes_through(hands, evenings[1])
    assert hands.screen == "wait"

    due_at = later(allocated_at, 14, zone)
    third = reminders(later(due_at, -1, zone), (0, 2, 5), zone)
    lab.until(third[0])
    comes_back(lab, hands, address, 3)
    answers_later(hands, person.post)
    assert hands.screen == "wait"

    fourth = reminders(later(later(due_at, 28, zone), -3, zone), (0, 3), zone)
    lab.until(fourth[1])
    comes_back(lab, hands, address, 4)
    answers_later(hands, person.day28)
    assert hands.screen == "done"

    ended = lab.now().isoformat(timespec="milliseconds")
    journey.check_rows(lab, person, code, is_timed=is_timed, window=(began, ended))
    check_rows(lab, code, entered, person.language, is_timed=is_timed)
    states = {
        "s1": zip(first, ("sent", "cancelled"), strict=True),
        "s2": zip(second, ("sent", "cancelled"), strict=True),
        "post": zip(third, ("sent", "cancelled", "cancelled"), strict=True),
        # Both were overdue at once: the latest alone goes.
        "day28": zip(fourth, ("missed", "sent"), strict=True),
    }
    check_messages(lab, code, address, states)


def comes_back(lab: Lab, hands: Hands, address: str, count: int) -> None:
    hands.open(lab.mailed_link(address, count))
    assert hands.screen == "welcome"
    hands.press()


def somebody(language: str, address: str, timezone: str) -> Person:
    return Person(language, address, timezone, (2, 3, 2, 5), 4, (3, 3, 2, 4), (5, 5, 5, 5))


def test_the_study_with_its_sessions_is_walked_to_its_end_without_javascript(whole_lab: Lab) -> None:
    evenings = (
        Evening(0, 12, None, 30, "A pillow, then words.\nNo picture & no <b>colour</b>.", "uploaded"),
        Evening(100, 0, 55, None, "", "words"),
    )
    person = somebody("de", "plain@evening.example", "Asia/Kolkata")
    walk(
        whole_lab,
        lambda: nullcontext(Plain(Browser(whole_lab.url, language="de"))),
        person,
        evenings,
        is_timed=False,
    )


@pytest.mark.browser
@pytest.mark.slow
def test_the_study_with_its_sessions_is_walked_to_its_end_by_mouse(whole_lab: Lab, chromium: Chromium) -> None:
    evenings = (
        Evening(40, 62, None, 80, "Brown feathers, or the word for them", "drawn"),
        Evening(5, 10, 95, 20, "Nothing", "skipped"),
    )
    person = somebody("en", "mouse@evening.example", "Europe/Lisbon")
    walk(whole_lab, lambda: at_chromium(whole_lab, chromium, Mouse, "en-GB"), person, evenings, is_timed=True)


@pytest.mark.browser
@pytest.mark.slow
def test_the_study_with_its_sessions_is_walked_to_its_end_by_keyboard_alone(whole_lab: Lab, chromium: Chromium) -> None:
    evenings = (
        Evening(40, 62, None, 80, "Augen wie Teiche", "drawn"),
        Evening(5, 10, 95, None, "Nichts", "words"),
    )
    person = somebody("de", "tasten@evening.example", "America/New_York")
    walk(whole_lab, lambda: at_chromium(whole_lab, chromium, Keyboard, "de-DE"), person, evenings, is_timed=True)


@contextmanager
def at_chromium(lab: Lab, chromium: Chromium, kind: type[Mouse], locale: str) -> Iterator[Hands]:
    """Somebody at a Chromium of their own."""
    with watched(chromium, lab.url, locale=locale) as context:
        yield kind(context.new_page())
