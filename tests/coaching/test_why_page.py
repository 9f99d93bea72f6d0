"""*Why is this due then?*: the page, from each row of the schedule, and the command."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any, get_args

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

import clock
from coaching.explanation import Explained, Kind, Link
from coaching.models import Enrolment, Occasion
from coaching.services import adjusting, people
from coaching.why_words import sentences
from tests import world
from tests.protocol.bundles import PROGRAMME
from tests.rehearsal.players import TEMPLATES

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def text_of(answer: Any) -> str:
    """The page as it is read."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def person() -> Enrolment:
    """Somebody at the start of a programme with series, random moments and extra practice."""
    return world.consented(world.publish(PROGRAMME))


def _said(person: Enrolment, step: str, *more: str) -> str:
    out = StringIO()
    call_command("why", person.pseudonym, step, "--study", person.study.slug, *more, stdout=out)
    return out.getvalue()


def test_the_command_says_the_chain_a_sentence_a_line(person: Enrolment) -> None:
    said = _said(person, "first")
    assert said.splitlines()[0] == f"{person.pseudonym} first: open"
    assert "It follows" in said or "It hangs on the consent" in said
    assert "So it is due " in said


def test_the_command_says_the_same_as_json(person: Enrolment) -> None:
    told = json.loads(_said(person, "first", "--json"))
    assert list(told)[:3] == ["participant", "timepoint", "state"]
    assert [link["kind"] for link in told["links"]][-1] == told["state"] == "open"
    due = next(link["at"] for link in told["links"] if link["kind"] == "due")
    assert due == told["due_at"]
    assert len(told["words"]) == len(told["links"])


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (("X", "first", "--study", "nowhere"), "no study has the slug 'nowhere'"),
        (("X", "first", "--study", "{study}"), "nobody has the pseudonym 'X'"),
        (("{person}", "nothing", "--study", "{study}"), "found step 'nothing'; expected one of first"),
    ],
)
def test_what_the_command_is_given_is_checked(person: Enrolment, given: tuple[str, ...], fault: str) -> None:
    arguments = [each.format(study=person.study.slug, person=person.pseudonym) for each in given]
    with pytest.raises(CommandError, match=fault):
        call_command("why", *arguments)


def test_the_page_is_reached_from_the_schedule_and_says_the_same(person: Enrolment) -> None:
    browser = world.browser_of_staff(world.staff(person.study, "observer"))
    schedule = browser.get(reverse("coaching:person_schedule", args=[person.study.slug, person.pseudonym]))
    url = reverse("coaching:why_due", args=[person.study.slug, person.pseudonym, "first"])
    assert url in schedule.content.decode()
    page = text_of(browser.get(url))
    assert "So it is due" in page
    unknown = reverse("coaching:why_due", args=[person.study.slug, person.pseudonym, "nothing"])
    assert browser.get(unknown).status_code == 404


def test_a_reason_is_for_those_who_may_read_words(person: Enrolment) -> None:
    coach = world.staff(person.study, "coach")
    occasion = Occasion.objects.get(enrolment=person, key="first")
    due_at = clock.now() + timedelta(days=2)
    adjusting.move_step(occasion=occasion, due_at=due_at, reason="Was ill.", by=coach, now=clock.now())
    url = reverse("coaching:why_due", args=[person.study.slug, person.pseudonym, "first"])
    assert "Was ill." in text_of(world.browser_of_staff(coach).get(url))
    seen = text_of(world.browser_of_staff(world.staff(person.study, "observer")).get(url))
    assert "The team moved it to" in seen
    assert "Was ill." not in seen
    assert coach.email not in seen


def test_a_series_is_one_row_with_its_times_below() -> None:
    person = world.consented(world.publish(TEMPLATES / "multiple-baseline"))
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    url = reverse("coaching:person_schedule", args=[person.study.slug, person.pseudonym])
    page = browser.get(url).content.decode()
    folded = [row for row in browser.get(url).context["steps"] if row["times"]]
    assert [row["series"] for row in folded] == ["evening", "s", "week"]
    assert "42 to come" in text_of(browser.get(url))
    assert all(f'id="series-{row["series"]}"' in page for row in folded)
    keys = [row["key"] for each in browser.get(url).context["steps"] for row in (each["times"] or [each])]
    assert sorted(keys) == sorted(person.occasions.values_list("key", flat=True))


def test_a_pause_by_the_team_has_a_reason_and_a_history(person: Enrolment) -> None:
    coach = world.staff(person.study, "coach")
    browser = world.browser_of_staff(coach)
    schedule = reverse("coaching:person_schedule", args=[person.study.slug, person.pseudonym])
    pause = reverse("coaching:pause_person", args=[person.study.slug, person.pseudonym])
    done = browser.post(pause, {"act": "pause", "reason": "Moves house.", "from": "schedule"})
    assert done["Location"] == schedule
    assert person.pauses.get().reason == "Moves house."
    assert "Moves house." in text_of(browser.get(schedule))
    assert "Moves house." in text_of(
        browser.get(reverse("coaching:person", args=[person.study.slug, person.pseudonym]))
    )
    browser.post(pause, {"act": "resume", "from": "schedule"})
    assert person.pauses.get().resumed_by == "staff"
    observer = world.browser_of_staff(world.staff(person.study, "observer"))
    assert "Moves house." not in text_of(observer.get(schedule))


def test_a_move_to_another_zone_is_told_with_both(person: Enrolment) -> None:
    people.record_contact(
        enrolment=person, email="", timezone="Asia/Kolkata", by="participant", now=clock.now() + timedelta(hours=1)
    )
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    for route in ("coaching:person_schedule", "coaching:person"):
        page = text_of(browser.get(reverse(route, args=[person.study.slug, person.pseudonym])))
        assert "Asia/Kolkata" in page
    assert person.zone_moves.count() == 1


def test_there_are_words_for_every_link() -> None:
    """Each kind of link that a chain may hold is said, with all that belongs to it put in."""
    values = {
        **{
            "series": "s",
            "n": 2,
            "of": 3,
            "step": "first",
            "moment": "done",
            "length": "2d",
            "least": "1d",
            "most": "3d",
        },
        **{"hour": "09:00", "first": "09:00", "last": "20:00", "zone": "Europe/London", "before": "UTC+0000"},
        **{"after": "UTC+0100", "day": 1, "week": 4, "reason": "", "by": "", "made_at": None},
        **dict.fromkeys(("at", "opens", "closes"), clock.now()),
    }
    for kind in get_args(Kind):
        told = Explained(None, None, (Link(kind, values),))  # type: ignore[arg-type]
        [said] = sentences(told, at=lambda at: "today", named=str)
        assert said.endswith(".")
        assert "%(" not in said
