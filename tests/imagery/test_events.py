"""The log of a session's page: what is taken, what is stored once, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from itertools import permutations
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.test.client import encode_multipart
from django.urls import reverse

import clock
from coaching.models import Enrolment
from coaching.services import people
from imagery.events import (
    MOST_AT_ONCE,
    MOST_PAYLOAD_BYTES,
    OF_THE_PRODUCT,
    PACES,
    SETTINGS,
    SPEEDS,
    STATES,
    TYPES,
    NotEvents,
    TooMany,
    read,
)
from imagery.models import SessionEvent, SessionRun
from imagery.services import end_early
from imagery.services import events as service
from imagery.services.events import LATEST, Noted, note_events
from imagery.views.events import MOST_BYTES
from privacy.erasure import erase
from tests import world
from tests.assessments.papers import at_once
from tests.imagery.rounds import DAY, MINUTE, T0, begin, give, go, run, someone
from tests.research.calls import caller

pytestmark = pytest.mark.django_db

STAGES = {"stage_1", "clear"}
ID = "018f3c5e-7b1a-7000-8000-000000000001"


def event(n: int = 1, **said: Any) -> dict[str, Any]:
    """An event of a page, the Nth."""
    return {
        **{"event_id": str(uuid.UUID(int=n)), "seq": n, "type": "pause", "state": "quiet", "stage": "stage_1"},
        **{"t_mono_ms": 1234.5, "t_wall_utc": "2027-03-01T09:00:01.250Z", "tz_offset_min": 60},
        **{"clock_offset_ms": -40, "payload": {"source": "key"}},
        **said,
    }


def taken(*events: Any) -> int:
    return len(read(json.dumps(events), STAGES).events)


# --- what can be said ------------------------------------------------------------------------------------------------


def test_an_event_is_kept_as_it_was_told() -> None:
    [found] = read(json.dumps([event()]), STAGES).events
    assert (found.event_id, found.seq, found.type, found.state) == (uuid.UUID(int=1), 1, "pause", "quiet")
    assert (found.stage, found.t_mono_ms) == ("stage_1", 1234.5)
    assert found.happened_at == dt.datetime(2027, 3, 1, 9, 0, 1, 250_000, dt.UTC)
    assert (found.tz_offset_min, found.clock_offset_ms, found.payload) == (60, -40, '{"source":"key"}')


def test_what_is_not_known_may_be_left_open() -> None:
    empty = {"state": "", "stage": "", "tz_offset_min": None, "clock_offset_ms": None, "payload": {}}
    [found] = read(json.dumps([event(**empty)]), STAGES).events
    assert (found.state, found.stage, found.tz_offset_min, found.clock_offset_ms, found.payload) == (
        "",
        "",
        None,
        None,
        "",
    )
    [found] = read(json.dumps([event(payload={"source": None})]), STAGES).events
    assert found.payload == '{"source":null}'


def test_a_device_whose_clock_is_years_out_loses_no_event() -> None:
    [found] = read(json.dumps([event(clock_offset_ms=1e12, t_wall_utc="1970-01-01T00:00:09.000Z")]), STAGES).events
    assert (found.clock_offset_ms, found.happened_at.year) == (None, 1970)


FAULTY: dict[str, Any] = {
    "no object": ["a", "list"],
    "a word": "pause",
    "a key of its own": event(more=1),
    "no id": {k: v for k, v in event().items() if k != "event_id"},
    "an id that is none": event(event_id="1"),
    "an id in braces": event(event_id="{" + ID + "}"),
    "an id as a number": event(event_id=7),
    "no order": event(seq=None),
    "the order of the product": event(seq=0),
    "an order that is a truth": event(seq=True),
    "an order past what is counted": event(seq=2**63),
    "a type that is none": event(type="keystroke"),
    "a type of another kind": event(type=["pause"]),
    "the product's own type": event(type="unlock"),
    "no time of the page": event(t_mono_ms=None),
    "a time before the page": event(t_mono_ms=-1),
    "a time as text": event(t_mono_ms="12"),
    "no instant": event(t_wall_utc=None),
    "an instant of another zone": event(t_wall_utc="2027-03-01T09:00:00+01:00"),
    "an instant that never was": event(t_wall_utc="2027-02-30T09:00:00Z"),
    "an instant in words": event(t_wall_utc="yesterday"),
    "an instant with something behind": event(t_wall_utc="2027-03-01T09:00:00Z\n"),
    "a zone of half minutes": event(tz_offset_min=0.5),
    "a zone that is none": event(tz_offset_min=5_000),
    "an offset as text": event(clock_offset_ms="1"),
    "a state that is none": event(state="dreaming"),
    "a state of another kind": event(state=["quiet"]),
    "a stage that was not shown": event(stage="photo"),
    "a stage of another kind": event(stage={"a": 1}),
    "a payload that is a text": event(payload="key"),
    "a key that its type does not have": event(payload={"pointer_path": []}),
    "a word that is none of ours": event(payload={"source": "my name is Ada"}),
    "a number as text": event(type="longer", payload={"added_ms": "15000"}),
    "a truth as a number": event(type="longer", payload={"added_ms": True}),
    "a length below nought": event(type="longer", payload={"added_ms": -1}),
    "a part in a part": event(type="mode", payload={"name": "dim", "new": {"deep": 1}}),
    "a setting that is none": event(type="session_start", payload={"settings": {"name": "Ada"}}),
    "changes without end": event(type="rating_saved", payload={"changes": [1] * 101}),
}


@pytest.mark.parametrize("case", FAULTY, ids=str)
def test_a_faulty_event_is_refused_by_itself_and_the_rest_is_taken(case: str) -> None:
    found = read(json.dumps([event(2), FAULTY[case], event(3)]), STAGES)
    assert [each.seq for each in found.events] == [2, 3]
    assert len(found.refused) == 1


def test_a_refused_event_is_named_by_its_id_or_else_by_its_place() -> None:
    found = read(json.dumps([event(event_id=ID.upper(), type="no"), "x", event(event_id="<script>")]), STAGES)
    assert found.refused == (ID, "#2", "#3")


@pytest.mark.parametrize("text", ["", "{", "{}", "null", "7", '"pause"', "[" * 100_000, "9" * 5_000, "[NaN", "\x00"])
def test_what_is_no_list_is_refused_whole(text: str) -> None:
    with pytest.raises(NotEvents):
        read(text, STAGES)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    for key in ("seq", "t_mono_ms", "tz_offset_min", "clock_offset_ms"):
        text = json.dumps([event(**{key: "HERE"})]).replace('"HERE"', number)
        found = read(text, STAGES)
        # Numbers without end can be counted out, but nothing is that far.
        assert not found.events or found.events[0].clock_offset_ms is None, key
    text = json.dumps([event(type="longer", payload={"added_ms": "HERE"})]).replace('"HERE"', number)
    assert read(text, STAGES).events == ()


def test_five_hundred_at_once_and_no_more() -> None:
    assert taken(*(event(n) for n in range(1, MOST_AT_ONCE + 1))) == MOST_AT_ONCE
    with pytest.raises(TooMany, match="501"):
        taken(*(event(n) for n in range(1, MOST_AT_ONCE + 2)))


def test_every_type_takes_every_key_of_its_own_empty_and_no_other() -> None:
    for kind, keys in TYPES.items():
        assert taken(event(type=kind, payload=dict.fromkeys(keys))) == 1
        assert taken(event(type=kind, payload={"text": "words"})) == 0
    assert len(TYPES) == 36
    assert "unlock" in OF_THE_PRODUCT
    assert "unlock" not in TYPES


def test_no_key_takes_words_that_somebody_wrote() -> None:
    """Whatever a page says, no text of a person or of a device comes through."""
    for kind, keys in TYPES.items():
        for key in keys:
            for words in ("Ada Lovelace", "Mozilla/5.0", "", "https://example.org", ["Ada"], {"name": "Ada"}):
                assert taken(event(type=kind, payload={key: words})) == 0, (kind, key, words)


def test_each_setting_that_a_page_has_can_be_told_of() -> None:
    source = (Path(__file__).resolve().parents[2] / "static/js/imagery/settings.js").read_text(encoding="utf-8")
    usual = re.search(r"const USUAL = \{(.*?)\n\};", source, re.DOTALL)
    assert usual
    assert {*re.findall(r"^  (\w+):", usual[1], re.MULTILINE), "keys"} == set(SETTINGS)
    for name, values in {"speed": SPEEDS, "pace": PACES, "voice": (True, False), "dim": (0, 3)}.items():
        for old, new in permutations(values, 2):
            assert taken(event(type="mode", payload={"name": name, "old": old, "new": new})) == 1, (name, old, new)


def test_names_fit_where_they_are_kept() -> None:
    fields = {field.name: field for field in SessionEvent._meta.fields}
    assert max(map(len, (*TYPES, *OF_THE_PRODUCT))) <= (fields["type"].max_length or 0)
    assert max(map(len, STATES)) <= (fields["state"].max_length or 0)


def test_no_payload_is_longer_than_is_kept() -> None:
    settings = dict.fromkeys(SETTINGS, 0.1234567890123456)
    assert taken(event(type="session_start", payload={"settings": settings})) == 1
    wide = [12345678.123456789] * 100
    text = json.dumps({"changes": wide, "value": wide[0]}, separators=(",", ":"))
    assert (len(text) <= MOST_PAYLOAD_BYTES) == (
        taken(event(type="rating_saved", payload={"changes": wide, "value": wide[0]})) == 1
    )
    many = [["knowing", "words", "place", "movement", "feeling", "picture"]] * 100
    assert taken(event(type="rating_saved", payload={"changes": many})) == 0


def test_the_guide_lists_every_type_and_key() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
    lines = [line for line in guide.splitlines() if line.startswith("| `")]
    for kind, keys in TYPES.items():
        [line] = [line for line in lines if f"`{kind}`" in line.split("|")[1]]
        assert {key for key in keys if f"`{key}`" not in line.split("|")[2]} == set(), kind


# --- what is stored --------------------------------------------------------------------------------------------------


def note(
    person: Enrolment, *events: dict[str, Any], at: dt.datetime = T0, attempt: int = 1, step: str = "first"
) -> Any:
    return note_events(occasion=world.occasion(person, step), attempt=attempt, text=json.dumps(events), now=at)


def test_events_are_stored_once_however_often_they_arrive() -> None:
    person = someone()
    begin(person)
    assert note(person, event(1), event(2)) == Noted(2, 0, ())
    assert note(person, event(1), event(2), event(3), at=T0 + MINUTE) == Noted(1, 2, ())
    assert note(person, event(4), event(4, seq=9)) == Noted(1, 1, ())
    stored = SessionEvent.objects.order_by("seq")
    assert [each.seq for each in stored] == [1, 2, 3, 4]
    assert [each.received_at for each in stored] == [T0, T0, T0 + MINUTE, T0]


def test_what_arrived_first_stands() -> None:
    person = someone()
    begin(person)
    note(person, event(1))
    note(person, event(1, payload={"source": "tap"}, seq=8))
    found = SessionEvent.objects.get()
    assert (found.seq, found.payload) == (1, '{"source":"key"}')


@pytest.mark.django_db(transaction=True)
def test_two_that_arrive_together_are_stored_once() -> None:
    person = someone()
    begin(person)
    outcomes = at_once([lambda: note(person, *(event(n) for n in range(1, 40))) for _ in range(2)])
    assert sorted((each.stored, each.known) for each in outcomes) == [(0, 39), (39, 0)]
    assert SessionEvent.objects.count() == 39


def test_the_same_id_may_come_in_another_attempt() -> None:
    person = someone()
    go(person, until="road")
    note(person, event(1))
    begin(person, at=T0 + DAY, again=1)
    assert note(person, event(1), at=T0 + DAY, attempt=2) == Noted(1, 0, ())
    assert SessionRun.objects.get(attempt=2).events.count() == 1


def test_events_of_an_attempt_that_is_over_come_within_a_day() -> None:
    person = someone()
    end = go(person)
    assert note(person, event(1), at=end + LATEST) == Noted(1, 0, ())
    assert note(person, event(2), at=end + LATEST + MINUTE) == "closed"


def test_events_of_an_attempt_that_was_left_for_another_come_within_a_day() -> None:
    person = someone()
    go(person, until="road")
    begin(person, at=T0 + DAY, again=1)
    assert note(person, event(1), at=T0 + 2 * DAY, attempt=1) == Noted(1, 0, ())
    assert note(person, event(2), at=T0 + 3 * DAY, attempt=1) == "closed"
    assert note(person, event(3), at=T0 + 3 * DAY, attempt=2) == Noted(1, 0, ())


def test_events_of_a_session_that_was_ended_early_are_taken() -> None:
    person = someone()
    at = go(person, until="road")
    assert end_early(occasion=world.occasion(person, "first"), now=at) is None
    assert note(person, event(1), at=at + MINUTE) == Noted(1, 0, ())


def test_only_stages_that_were_shown_in_the_attempt_can_be_named() -> None:
    person = someone()
    go(person, until="road")
    found = note(person, event(1, stage="road"), event(2, stage="photo"), event(3, stage="nowhere"))
    # Nothing tells a later stage from none at all.
    assert found == Noted(1, 0, (str(uuid.UUID(int=2)), str(uuid.UUID(int=3))))


def test_there_must_be_such_an_attempt() -> None:
    person = someone()
    assert note(person, event(1)) == "elsewhere"
    begin(person)
    assert note(person, event(1), attempt=2) == "elsewhere"
    assert not SessionEvent.objects.exists()


def test_a_pause_of_the_person_loses_nothing_and_leaving_ends_it() -> None:
    person = someone()
    begin(person)
    people.pause(enrolment=person, by="participant", now=T0)
    assert note(person, event(1)) == Noted(1, 0, ())
    people.withdraw(enrolment=world.fresh(person), choice="keep", by="participant", now=T0)
    assert note(person, event(2)) == "away"
    assert SessionEvent.objects.count() == 1


def test_nothing_comes_after_an_erasure_and_nothing_is_left() -> None:
    person = someone()
    begin(person)
    note(person, event(1))
    occasion = world.occasion(person, "first")
    erase(enrolment=person, by="participant", reason="participant", now=T0)
    assert not SessionEvent.objects.exists()
    assert note_events(occasion=occasion, attempt=1, text=json.dumps([event(2)]), now=T0) == "away"
    assert not SessionEvent.objects.exists()


def test_nobody_fills_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_OF_A_RUN", 3)
    person = someone()
    begin(person)
    assert note(person, event(1), event(2), event(3)) == Noted(3, 0, ())
    assert note(person, event(3), event(4)) == "full"
    assert note(person, event(3)) == Noted(0, 1, ())


def stored_and_stopped(person: Enrolment) -> None:
    with transaction.atomic():
        note(person, event(1))
        raise RuntimeError("stop")


def test_what_can_not_be_stored_whole_is_not_stored_at_all() -> None:
    person = someone()
    begin(person)
    with pytest.raises(RuntimeError, match="stop"):
        stored_and_stopped(person)
    assert not SessionEvent.objects.exists()


# --- the page's post -------------------------------------------------------------------------------------------------


@pytest.fixture
def person(db: None) -> Enrolment:
    now = clock.now()
    found = someone(now=now)
    begin(found, at=now)
    return found


def address(person: Enrolment, step: str = "first") -> str:
    return reverse("imagery:events", args=[world.occasion(person, step).public_id])


def posted(person: Enrolment, *events: Any, browser: Client | None = None, **more: str) -> Any:
    body = {"attempt": "1", "events": json.dumps(events), **more}
    return (browser or world.browser_of(person)).post(address(person), body)


def test_a_post_is_answered_with_what_became_of_it(person: Enrolment) -> None:
    answer = posted(person, event(1), event(2), event(2), event(3, type="no"))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["stored"], told["known"], told["refused"]) == (2, 1, [str(uuid.UUID(int=3))])
    assert told["server_time"].endswith("Z")
    assert abs(dt.datetime.fromisoformat(told["server_time"]) - clock.now()) < MINUTE
    assert SessionEvent.objects.count() == 2


def test_an_empty_list_stores_nothing_and_tells_the_time(person: Enrolment) -> None:
    told = posted(person).json()
    assert (told["stored"], told["known"], told["refused"]) == (0, 0, [])


def test_a_form_in_letters_and_a_beacon_in_parts_are_taken_alike(person: Enrolment) -> None:
    browser = world.browser_of(person)
    for n, kind in enumerate(("application/x-www-form-urlencoded", "multipart/form-data"), start=1):
        body = {"attempt": "1", "events": json.dumps([event(n)])}
        raw = urlencode(body) if kind.endswith("urlencoded") else encode_multipart("x", body)
        answer = browser.post(address(person), raw, content_type=f"{kind}; boundary=x")
        assert answer.json()["stored"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"attempt": "1"}, 422),
        ({"events": "[]"}, 422),
        ({"attempt": "one", "events": "[]"}, 422),
        ({"attempt": "1", "events": "{}"}, 422),
        ({"attempt": "1", "events": "[" * 50_000}, 422),
        ({"attempt": "7", "events": "[]"}, 409),
        ({"attempt": "1", "events": json.dumps([1] * 501)}, 413),
        ({"attempt": "1", "events": " " * MOST_BYTES}, 413),
        ({"attempt": "1", "events": "[]", "more": "x" * MOST_BYTES}, 413),
    ],
    ids=lambda given: str(given)[:40],
)
def test_what_can_not_be_taken_is_told_why(person: Enrolment, body: dict[str, str], status: int) -> None:
    answer = world.browser_of(person).post(address(person), body)
    assert answer.status_code == status
    assert answer.json()["refused"]
    assert not SessionEvent.objects.exists()


def test_who_left_is_told_to_stop_sending(person: Enrolment) -> None:
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    answer = posted(person, event(1))
    assert (answer.status_code, answer.json()) == (409, {"refused": "away"})


def test_reading_and_other_methods_are_not_allowed(person: Enrolment) -> None:
    browser = world.browser_of(person)
    for method in ("get", "head", "put", "delete", "patch"):
        assert getattr(browser, method)(address(person)).status_code == 405


def test_it_is_for_the_persons_own_session_alone(person: Enrolment) -> None:
    version = person.version
    assert version is not None
    other = world.consented(version)
    browser = world.browser_of(other)
    assert posted(person, event(1), browser=browser).status_code == 404
    assert browser.post(reverse("imagery:events", args=[uuid.uuid4()]), {}).status_code == 404
    # A questionnaire has no session.
    assert (
        browser.post(reverse("imagery:events", args=[world.occasion(other, "last").public_id]), {}).status_code == 404
    )
    assert Client().post(address(person), {}).status_code == 302
    assert not SessionEvent.objects.exists()


def test_without_the_forms_token_nothing_is_taken(person: Enrolment) -> None:
    browser = world.browser_of(person, enforce_csrf_checks=True)
    assert posted(person, event(1), browser=browser).status_code == 403
    page = browser.get(reverse("imagery:stage", args=[world.occasion(person, "first").public_id, "stage_1"]))
    token = str(page.context["csrf_token"])
    assert posted(person, event(1), browser=browser, csrfmiddlewaretoken=token).json()["stored"] == 1


def test_nothing_of_an_event_is_in_the_log(person: Enrolment, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="potoo"):
        posted(person, event(1), event(2, type="no"))
    assert "quiet" not in caplog.text
    assert str(uuid.UUID(int=2)) not in caplog.text


# --- the dataset -----------------------------------------------------------------------------------------------------


def test_events_are_handed_over_with_whose_and_which_they_are() -> None:
    person = someone()
    begin(person)
    note(person, event(1, state="", stage="", payload={}), event(2), at=T0 + MINUTE)
    first, second = caller(person.study).rows("events")
    names = "participant study arm timepoint script attempt seq type stage state happened_at t_mono_ms tz_offset_min"
    assert list(first)[:16] == [*names.split(), "clock_offset_ms", "payload", "received_at"]
    assert (first["participant"], first["study"], first["timepoint"]) == (person.pseudonym, "rounds", "first")
    assert (first["script"], first["script_version"], first["attempt"], first["synthetic"]) == (
        "night-bird",
        1,
        1,
        False,
    )
    assert (first["stage"], first["state"], first["payload"]) == (None, None, None)
    assert (second["seq"], second["type"], second["stage"], second["state"]) == (2, "pause", "stage_1", "quiet")
    assert (second["happened_at"], second["received_at"]) == ("2027-03-01T09:00:01.250Z", "2027-03-01T09:01:00.000Z")
    assert (second["t_mono_ms"], second["tz_offset_min"], second["clock_offset_ms"]) == (1234.5, 60, -40)
    assert second["payload"] == '{"source":"key"}'
    entry = next(each for each in caller(person.study).json("datasets/") if each["name"] == "events")
    assert (entry["rows"], entry["time"]) == (2, "received_at")


def test_events_of_a_session_that_goes_on_do_not_touch_its_answers() -> None:
    person = someone()
    go(person, until="clear")
    before = list(run(person).visits.values())
    note(person, event(1), at=T0 + MINUTE)
    assert list(run(person).visits.values()) == before
    give(person, "clear", at=T0 + 2 * MINUTE)
    assert run(person).ratings.get().value == 0
