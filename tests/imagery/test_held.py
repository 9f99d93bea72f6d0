"""What a person takes along of sessions of every kind, what staff read of them, and that both end with an erasure."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from typing import Any

import pytest
from django.urls import reverse
from django.utils.translation import override

from coaching.models import Enrolment
from imagery.models import SessionEvent, SessionRun
from imagery.selectors.held import own_rows
from imagery.services import DECLINED, Chosen, Forms, Given, Rated, Taken, end_early, submit
from imagery.services.events import note_events
from privacy.erasure import erase
from privacy.portability import archive, title_of
from tests import world
from tests.imagery.rounds import MINUTE, T0
from tests.imagery.test_events import event
from tests.imagery.whole import go, published

pytestmark = pytest.mark.django_db

# What only a layer that is not open yet would say.
LATER = ("stones", "Three smooth stones", "hidden_float", "orange_float", "float")


@pytest.fixture
def person(db: None) -> Enrolment:
    return world.consented(published(), T0)


def change(person: Enrolment, stage: str, given: Given) -> None:
    taken = submit(occasion=world.occasion(person, "s1"), stage=stage, given=given, now=T0 + MINUTE * 30, language="en")
    assert isinstance(taken, Taken), taken


def held(person: Enrolment) -> dict[str, list[dict[str, Any]]]:
    return dict(own_rows(world.fresh(person)))


def of_stage(person: Enrolment, table: str, stage: str) -> dict[str, Any]:
    [row] = [row for row in held(person)[table] if row["stage"] == stage]
    return row


# --- my data ---------------------------------------------------------------------------------------------------------


def test_forms_checks_and_nothing_to_rate_are_said_in_words(person: Enrolment) -> None:
    go(person)
    forms = of_stage(person, "ratings", "in_what_form")
    assert (forms["kind"], forms["value"], forms["forms"], forms["status"]) == ("form", 2, "knowing;words", "answered")
    check = of_stage(person, "ratings", "attending")
    # What they chose, and not which was right.
    assert (check["kind"], check["value"], check["meaning"]) == ("check", 3, "In a street")
    assert "By a shore" not in json.dumps(held(person), default=str)
    clear = of_stage(person, "ratings", "clear")
    assert (clear["status"], clear["value"], clear["meaning"]) == ("not_applicable", None, "")


def test_forms_that_were_changed_are_there_too(person: Enrolment) -> None:
    go(person, until="words")
    change(person, "in_what_form", Forms(()))
    assert of_stage(person, "ratings", "in_what_form")["forms"] == ""
    assert of_stage(person, "earlier_ratings", "in_what_form")["forms"] == "knowing;words"


def test_by_which_voice_and_how_much_was_heard(person: Enrolment) -> None:
    go(person, until="ease")
    place = of_stage(person, "session_parts", "place")
    assert (place["voice"], place["audio_ms"], place["audio_heard_ms"]) == ("recording", 500, 400)


def test_where_a_session_was_ended_early(person: Enrolment) -> None:
    at = go(person, until="clear")
    assert end_early(occasion=world.occasion(person, "s1"), now=at) is None
    [session] = held(person)["sessions"]
    assert (session["ended_at_stage"], session["status"]) == ("clear", "completed")


def test_events_go_along_in_their_order(person: Enrolment) -> None:
    go(person, until="ease")
    events = [event(2, stage="place"), event(1, stage="stage_1")]
    note_events(occasion=world.occasion(person, "s1"), attempt=1, text=json.dumps(events), now=T0)
    found = held(person)["session_events"]
    assert [row["type"] for row in found] == ["unlock", "pause", "pause"]
    assert [row["stage"] for row in found] == ["", "stage_1", "place"]
    assert (found[1]["payload"], found[1]["received_at"], found[1]["timepoint"]) == ('{"source":"key"}', T0, "s1")


def test_nothing_tells_of_a_layer_that_is_not_open_yet(person: Enrolment) -> None:
    go(person, until="words")
    run = SessionRun.objects.get()
    assert run.locked == "stones orange_float"
    assert "stones" in SessionEvent.objects.get(type="unlock").payload
    with override("en"), zipfile.ZipFile(io.BytesIO(archive(world.fresh(person), now=T0))) as packed:
        text = "\n".join(packed.read(name).decode() for name in packed.namelist())
    assert "session_events.csv" in text
    for words in LATER:
        assert words not in text, words
    assert title_of("session_events") != "session_events"


def test_how_often_layers_had_been_met_is_said(person: Enrolment) -> None:
    go(person, until="ease")
    [unlock] = held(person)["session_events"]
    assert json.loads(unlock["payload"]) == {"by": "exposure", "exposures": {}, "ratings": {}}


# --- the page of staff -----------------------------------------------------------------------------------------------


def page(person: Enrolment, route: str = "imagery:person", role: str = "coach") -> str:
    browser = world.browser_of_staff(world.staff(person.study, role))
    answer = browser.get(reverse(route, args=[person.study.slug, person.pseudonym]), {"fragment": "1"})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_staff_read_forms_in_words(person: Enrolment) -> None:
    go(person, until="words")
    assert "I just knew it, In words" in page(person)
    change(person, "in_what_form", Forms(()))
    found = page(person)
    assert "Nothing came" in found
    assert '<td data-label="Earlier answers">I just knew it, In words</td>' in found


def test_staff_read_what_was_answered_to_a_check_and_what_was_expected(person: Enrolment) -> None:
    go(person, until="words")
    found = page(person)
    assert "In a street" in found
    assert "(expected: By a shore)" in found
    change(person, "attending", Chosen(2))
    assert "expected" not in page(person)


def test_staff_read_that_there_was_nothing_to_rate(person: Enrolment) -> None:
    go(person, until="words")
    assert "There was nothing to rate" in page(person)
    change(person, "clear", Rated(3))
    found = page(person)
    assert '3 <span class="muted">(1–5)</span>' in found
    assert '<td data-label="Earlier answers">There was nothing to rate</td>' in found
    change(person, "in_what_form", DECLINED)
    assert "Would rather not say" in page(person)


def test_staff_read_that_a_session_was_ended_early_and_where(person: Enrolment) -> None:
    at = go(person, until="clear")
    end_early(occasion=world.occasion(person, "s1"), now=at)
    found = page(person)
    assert 'Ended early <small class="mono">clear</small>' in found
    assert "Not reached" in found
    assert "Ended early" in page(person, "imagery:summary")
    other = world.consented(published(), T0)
    go(other)
    assert "Ended early" not in page(other)
    assert "Completed" in page(other)


# --- erasure ---------------------------------------------------------------------------------------------------------


def test_events_are_erased_with_the_person_and_with_nobody_else(person: Enrolment) -> None:
    other = world.consented(published(), T0)
    for n, each in enumerate((person, other), start=1):
        go(each, until="ease")
        note_events(occasion=world.occasion(each, "s1"), attempt=1, text=json.dumps([event(n, stage="place")]), now=T0)
    erase(enrolment=person, by="participant", reason="participant", now=T0)
    left = SessionEvent.objects.select_related("run__occasion")
    assert {row.run.occasion.enrolment_id for row in left} == {other.pk}
    assert left.get(type="pause").event_id == uuid.UUID(int=2)
