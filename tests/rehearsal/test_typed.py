"""Plausible answers where vividness decides nothing: whatever an item offers, what is said can be given to it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from assessments.entries import BETWEEN, Entry, is_possible
from protocol.bundle import read_bundle
from protocol.instrument import Bounds, Choice, Instrument, Item
from protocol.text import Text
from rehearsal.people import Person, Reply, draws, ladders, person, replies
from rehearsal.typed import RECENT_D, Setting, at_the_door, checked, said

DAY = dt.date(2026, 11, 24)
ENGLISH, GERMAN = Setting("en", DAY), Setting("de-AT", DAY)
TIMES = range(200)
STUDY = read_bundle(Path(__file__).parents[1] / "studies" / "every_kind").study
PERSON = STUDY.instruments["person"]
PICTURES, THEN = STUDY.instruments["pictures"], STUDY.instruments["pictures_then"]
PEOPLE = [person(STUDY, "typed", number, 30) for number in range(1, 301)]


def item(type: str, **of: object) -> Item:
    return Item("q", Text("Q"), None, type=type, **of)  # type: ignore[arg-type]


def choices(*ids: str) -> tuple[Choice, ...]:
    return tuple(Choice(id, Text(id)) for id in ids)


def given(asked: Item, setting: Setting = ENGLISH) -> list[Entry]:
    return [said(asked, setting, Random(seed)) for seed in TIMES]  # noqa: S311 - to be the same again


@pytest.mark.parametrize(
    "asked",
    [
        item("choice", choices=choices("only")),
        item("choice", choices=choices("yes", "no", "dont_know")),
        item("multi", choices=choices("only")),
        item("multi", choices=choices("a", "b", "c", "d")),
        item("multi", choices=choices("a", "none of these", "b")),
        item("multi", choices=choices("none")),
        item("number"),
        item("number", bounds=Bounds(0, 120, 1)),
        item("number", bounds=Bounds(0.1, 0.9)),
        item("number", bounds=Bounds(0.5, None, 0.5)),
        item("number", bounds=Bounds(0.1, 0.7, 0.2)),
        item("number", bounds=Bounds(None, -5)),
        item("number", bounds=Bounds(None, -5, 0.25)),
        item("number", bounds=Bounds(None, 0.5, 1)),
        item("number", bounds=Bounds(-1000, -900, 7)),
        item("number", bounds=Bounds(0, 10**9, 10**6)),
        item("text"),
        item("text", longest=1),
        item("text", longest=30, is_line=True),
        item("date"),
        item("date", earliest=dt.date(2026, 11, 24), latest=dt.date(2026, 11, 24)),
        item("date", earliest=dt.date(1930, 1, 1), latest=dt.date(1990, 1, 1)),
        item("date", earliest=dt.date(2027, 1, 1)),
        item("date", earliest=dt.date(9999, 12, 30)),
        item("date", earliest=dt.date(2027, 1, 1), latest=dt.date(2027, 1, 3)),
        item("date", latest=dt.date(1, 1, 5)),
        item("date", latest=dt.date(2090, 1, 1)),
    ],
    ids=lambda asked: f"{asked.type}-{[c.id for c in asked.choices] or asked.bounds}-{asked.earliest}-{asked.latest}",
)
def test_whatever_is_said_can_be_given(asked: Item) -> None:
    for setting in (ENGLISH, GERMAN):
        assert all(is_possible(asked, entry) for entry in given(asked, setting))


def test_none_of_these_is_chosen_alone_and_everything_is_chosen_by_someone() -> None:
    found = Counter(entry.text for entry in given(item("multi", choices=choices("a", "none of these", "b"))))
    assert found["none of these"] > 30
    assert set(found) == {"a", "b", f"a{BETWEEN}b", "none of these"}


def test_none_of_these_is_known_by_its_words_too() -> None:
    last = Choice("9", Text(by_language={"en": "None of these", "de": "Nichts davon"}))
    for setting in (ENGLISH, Setting("de", DAY)):
        several = {entry.text for entry in given(item("multi", choices=(*choices("a", "b"), last)), setting)}
        assert several == {"a", "b", "a;b", "9"}


def test_every_choice_is_chosen_by_someone() -> None:
    assert {entry.text for entry in given(item("choice", choices=choices("a", "b", "c")))} == {"a", "b", "c"}


def test_numbers_keep_to_what_people_come_near() -> None:
    for bounds in (Bounds(0), Bounds(0, 10_000), Bounds(0, 120)):
        values = [entry.value or 0 for entry in given(item("number", bounds=bounds))]
        assert max(values) <= 120
        assert len(set(values)) > 30


def test_a_date_that_may_be_any_lies_shortly_before_the_day_that_it_is_given_on() -> None:
    dates = [dt.date.fromisoformat(entry.text) for entry in given(item("date"))]
    assert min(dates) > DAY - dt.timedelta(days=RECENT_D)
    assert max(dates) <= DAY
    assert len(set(dates)) > 15


def test_a_date_is_no_day_that_has_not_come_unless_none_else_can_be_given() -> None:
    past = given(item("date", earliest=dt.date(1930, 1, 1), latest=dt.date(2090, 1, 1)))
    assert max(entry.text for entry in past) <= DAY.isoformat()
    ahead = given(item("date", earliest=dt.date(2027, 3, 1)))
    assert max(entry.text for entry in ahead) <= "2027-03-31"


def test_words_are_in_the_persons_language_and_whole_where_they_fit() -> None:
    english, german = (set(given(item("text"), setting)) for setting in (ENGLISH, GERMAN))
    assert len(english) > 4
    assert not english & german
    assert set(given(item("text"), Setting("fi", DAY))) == english
    assert all(entry.text.endswith(".") for entry in given(item("text", longest=30)))


@pytest.mark.parametrize("asked", [PICTURES.items()[-1], item("number", bounds=Bounds(0, 9, 1), catch="4")])
def test_checks_are_passed_mostly_and_the_more_so_by_the_diligent(asked: Item) -> None:
    right = Entry(float(asked.catch or ""))

    def passed(diligence: float) -> int:
        return sum(checked(asked, ENGLISH, diligence, Random(seed)) == right for seed in range(1000))  # noqa: S311

    assert passed(1) == 1000
    assert 940 < passed(0.86) < 995
    assert 700 < passed(0) < passed(0.5) < passed(0.86)


def test_a_check_of_choices_that_is_failed_chooses_another() -> None:
    asked = item("choice", choices=choices("a", "b", "c"), catch="b")
    found = {checked(asked, ENGLISH, 0, Random(seed)).text for seed in range(300)}  # noqa: S311
    assert found == {"a", "b", "c"}


def test_what_was_said_at_the_door_is_said_again_where_it_is_an_answer() -> None:
    age = item("number", bounds=Bounds(18, 99, 1))
    assert at_the_door(age, {"q": 34}) == Entry(34.0)
    for other in ({"q": 12}, {"q": True}, {"q": "34"}, {"age": 34}):
        assert at_the_door(age, other) is None
    assert at_the_door(item("choice", choices=choices("web", "poster")), {"q": "web"}) == Entry(text="web")


# --- people -----------------------------------------------------------------------------------------------------------


def filled(
    who: Person, of: Instrument, time: int = 0, before: dict[str, Entry] | None = None, day: dt.date = DAY
) -> dict[str, Reply]:
    rng = draws(f"{who.key}:{of.id}:{time}")
    return {reply.item: reply for reply in replies(who, ladders(of).values(), time, rng, day=day, before=before)}


def test_the_same_person_draws_the_same() -> None:
    assert [filled(who, PERSON) for who in PEOPLE] == [filled(who, PERSON) for who in PEOPLE]
    assert filled(PEOPLE[0], PERSON) != filled(PEOPLE[1], PERSON)


def test_every_reply_can_be_given_and_says_one_thing() -> None:
    for of in STUDY.instruments.values():
        items = {each.id: each for each in of.items()}
        for who in PEOPLE:
            for id, reply in filled(who, of).items():
                assert (reply.status == "answered") == is_possible(items[id], Entry(reply.value, reply.text))
                assert reply.status != "skipped" or items[id].optional
                assert reply.status != "not_applicable" or items[id].na
                assert reply.first is None or is_possible(items[id], reply.first)


def test_choices_numbers_and_dates_are_mostly_the_same_the_next_time_and_words_are_new() -> None:
    kept: Counter[str] = Counter()
    for who in PEOPLE:
        first, second = filled(who, PERSON, 0), filled(who, PERSON, 1)
        for id in first:
            if first[id].status == second[id].status == "answered":
                kept[id] += (first[id].value, first[id].text) == (second[id].value, second[id].text)
    for id in ("age", "always", "ways", "since", "prior"):
        assert 0.6 * len(PEOPLE) < kept[id] < len(PEOPLE), id
    assert kept["how"] < 0.4 * len(PEOPLE)


def test_what_does_not_apply_to_somebody_never_does() -> None:
    said_so = 0
    for who in PEOPLE:
        statuses = {filled(who, PERSON, time)["pets"].status for time in range(3)} - {"declined"}
        assert statuses in ({"answered"}, {"not_applicable"}, set())
        said_so += statuses == {"not_applicable"}
    assert 0.05 < said_so / len(PEOPLE) < 0.2


def test_a_scale_that_may_not_apply_is_answered_by_how_vivid_it_is() -> None:
    by_class: dict[str, list[float]] = {"none": [], "typical": []}
    for who in PEOPLE:
        value = filled(who, PERSON)["share"].value
        if who.imagery in by_class and value is not None:
            by_class[who.imagery].append(value)
    assert max(by_class["none"]) < 20 < sum(by_class["typical"]) / len(by_class["typical"])


def test_some_say_another_thing_first_whatever_is_asked() -> None:
    changed = {id for who in PEOPLE for id, reply in filled(who, PERSON).items() if reply.first is not None}
    assert changed >= {"always", "ways", "since", "prior", "share"}
    for who in PEOPLE:
        for reply in filled(who, PERSON).values():
            assert reply.first != Entry(reply.value, reply.text)


def test_writing_takes_longer_than_choosing() -> None:
    seconds = {id: sum(filled(who, PERSON)[id].took_s for who in PEOPLE) for id in ("how", "always")}
    assert seconds["how"] > 1.5 * seconds["always"]


def test_the_door_and_the_questionnaire_hear_the_same_age() -> None:
    who = replace(PEOPLE[0], eligibility={"age": 41}, declines=0.0)
    assert {filled(who, PERSON, time)["age"].value for time in range(5)} == {41.0}


def test_who_looks_back_says_about_what_they_said_first() -> None:
    apart = []
    for who in PEOPLE:
        first = {id: Entry(reply.value) for id, reply in filled(who, PICTURES).items() if reply.value is not None}
        for id, reply in filled(who, THEN, 3, first).items():
            if id in first and id != "check" and reply.value is not None:
                apart.append(reply.value - (first[id].value or 0))
    assert max(abs(each) for each in apart) <= 2
    assert 0.5 < sum(each == 0 for each in apart) / len(apart) < 0.95


def test_looking_back_at_choices_is_mostly_to_recall_them() -> None:
    then = replace(PERSON, id="person_then", then_of="person")
    same = asked = 0
    for who in PEOPLE:
        first = {
            id: Entry(each.value, each.text) for id, each in filled(who, PERSON).items() if each.status == "answered"
        }
        again = filled(who, then, 1, first)
        both = [id for id in first if again[id].status == "answered" and id != "share"]
        asked += len(both)
        same += sum(first[id] == Entry(again[id].value, again[id].text) for id in both)
    assert 0.8 < same / asked < 1
