"""Who goes over to a new version: at which moment, what goes on as it was, and why somebody stays."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from accounts.models import AuditEntry
from coaching.models import ConsentRecord, Enrolment, StudyVersion
from coaching.moving import hindrances
from coaching.selectors.moving import ahead_of, standings
from imagery import selectors
from imagery.selectors.exposure import exposure
from imagery.selectors.held import own_rows
from imagery.services import PASSED, Taken
from protocol.bundle import study_from_content
from tests import world
from tests.imagery import rounds
from tests.imagery.rounds import DAY, MINUTE, T0
from tests.research.calls import caller
from tests.research.scripts.desks import Desk

pytestmark = pytest.mark.django_db

NEW = {"Begin with a shape. It is round.": "Begin with a place. It is dark."}
LATER = T0 + 8 * DAY


def stored(
    changes: dict[str, str], *, file: str = "scripts/night-bird.yaml", takes_over: bool = True, source: Any = None
) -> StudyVersion:
    """The next version, with these changes; by itself it takes everybody over."""
    version = world.publish(world.edited(changes, source or rounds.FILES, file), now=T0 + MINUTE)
    StudyVersion.objects.filter(pk=version.pk).update(takes_over=takes_over)
    return StudyVersion.objects.get(pk=version.pk)


def said(person: Enrolment, step: str) -> str:
    text = rounds.session(person, step).script.stages[0].text
    assert text is not None
    return text.to("en")


# --- at the next session ---------------------------------------------------------------------------------------------


def test_somebody_goes_over_when_they_begin_their_next_session_and_not_before() -> None:
    person = rounds.someone()
    new = stored(NEW)
    assert world.fresh(person).version_id != new.pk
    rounds.begin(person)
    moved = world.fresh(person)
    assert moved.version == new
    assert rounds.run(person).script_version == 2
    assert said(person, "first") == "Begin with a place. It is dark."
    [entry] = AuditEntry.objects.filter(action="person.version")
    assert (entry.actor, entry.subject) == ("product", person.pseudonym)
    assert json.loads(entry.detail) == {"was": 1, "version": 2}


def test_what_is_told_before_a_session_is_of_the_script_that_it_will_be_begun_with() -> None:
    person = world.consented(rounds.rounds())
    noted = {"voice: {rate: 0.9, pause: 2s}": "voice: {rate: 0.9, pause: 2s}\nsafety: {note: There is water in it}"}
    stored(noted)
    browser, occasion = world.browser_of(person), world.occasion(person, "first")
    assert "There is water in it" in browser.get(f"/s/{occasion.public_id}/").content.decode()
    assert world.fresh(person).version == StudyVersion.objects.get(n=1)
    browser.post(f"/s/{occasion.public_id}/")
    assert world.fresh(person).version == StudyVersion.objects.get(n=2)


def test_a_session_that_was_begun_goes_on_as_it_was_begun_also_when_it_is_begun_again() -> None:
    person = rounds.someone()
    rounds.begin(person)
    rounds.give(person, "stage_1", at=T0 + MINUTE)
    stored(NEW)
    assert said(person, "first") == "Begin with a shape. It is round."
    rounds.begin(person, again=1, at=T0 + 2 * MINUTE)
    assert world.fresh(person).version is not None
    assert said(person, "first") == "Begin with a shape. It is round."
    assert rounds.run(person, attempt=2).script_version == 1


def test_a_session_of_before_is_read_by_its_own_words_after_going_over() -> None:
    person = rounds.someone()
    rounds.go(person, at=T0)
    stored({"- {id: clear, rate: vividness": "- {id: bright, rate: vividness", **NEW})
    rounds.begin(person, "second", LATER)
    assert said(person, "first") == "Begin with a shape. It is round."
    assert said(person, "second") == "Begin with a place. It is dark."
    # What was finished is still told apart from what is not there.
    again = rounds.give(person, "clear", step="first", at=LATER)
    assert isinstance(again, Taken) or again is selectors.Refusal.FINISHED
    first = world.occasion(person, "first")
    first.enrolment = world.fresh(person)
    script = selectors.script_of(first)
    assert script is not None
    assert "clear" in {stage.id for stage in script.stages}


def test_staff_and_the_person_read_earlier_sessions_in_the_words_of_then() -> None:
    person = rounds.someone()
    rounds.go(person)
    stored({"What came, if anything?": "What was there, if anything?"})
    rounds.begin(person, "second", LATER)
    user = world.staff(person.study, "owner")
    html = world.browser_of_staff(user).get(f"/studies/rounds/people/{person.pseudonym}/sessions/").content.decode()
    assert "What came, if anything?" in html
    assert "What was there, if anything?" not in html
    assert own_rows(world.fresh(person))["reports"][0]["question"] == "What came, if anything?"


def test_two_sessions_under_way_go_on_by_two_versions() -> None:
    both_open = world.edited({'at: "consent + 8d"': 'at: "consent + 0s"'}, rounds.FILES)
    person = world.consented(world.publish(both_open, now=T0), T0)
    rounds.begin(person)
    rounds.give(person, "stage_1", at=T0 + MINUTE)
    stored(NEW, source=both_open)
    rounds.begin(person, "second", T0 + 2 * MINUTE)
    rounds.begin(person, again=1, at=T0 + 3 * MINUTE)
    versions = {(step, n): rounds.run(person, step, n).script_version for step, n in (("first", 2), ("second", 1))}
    assert versions == {("first", 2): 1, ("second", 1): 2}
    assert said(person, "first") == "Begin with a shape. It is round."
    assert said(person, "second") == "Begin with a place. It is dark."


def test_the_timeline_says_so() -> None:
    person = rounds.someone()
    stored(NEW)
    rounds.begin(person)
    user = world.staff(person.study, "coach")
    html = world.browser_of_staff(user).get(f"/studies/rounds/people/{person.pseudonym}/").content.decode()
    assert "Goes by version 2 of the study from now on" in html


def test_what_was_agreed_to_is_not_touched() -> None:
    person = rounds.someone()
    before = ConsentRecord.objects.get(enrolment=person)
    stored(NEW)
    rounds.begin(person)
    assert ConsentRecord.objects.get(enrolment=person) == before
    assert before.version.n == 1


def test_the_plan_is_the_same_before_and_after() -> None:
    person = rounds.someone()
    fields = ("key", "due_at", "opens_at", "closes_at")
    before = list(person.occasions.order_by("place").values_list(*fields))
    stored(NEW)
    rounds.begin(person)
    assert list(person.occasions.order_by("place").values_list(*fields)) == before


def test_a_layer_counts_as_met_though_its_last_part_has_another_name_since() -> None:
    layered = world.edited(
        {
            "stages:\n": "unlock: {by: exposure, times: 1}\nstages:\n  - {layer: one, rest: 1s}\n"
            "  - {layer: one, id: end_1, rest: 1s}\n  - {layer: two, rest: 1s}\n"
        },
        rounds.FILES,
        "scripts/night-bird.yaml",
    )
    version = world.publish(layered, now=T0)
    person = world.consented(version, T0)
    rounds.begin(person)
    for minutes, stage in enumerate(("stage_1", "end_1"), start=1):
        rounds.give(person, stage, PASSED, at=T0 + minutes * MINUTE)
    stored({"id: end_1": "id: end_of_one"}, source=layered)
    rounds.begin(person, "second", LATER)
    script = study_from_content(version.study.versions.latest("n").content).scripts["night-bird"]
    assert exposure(world.fresh(person), script).exposures == {"one": 1}


# --- who stays -------------------------------------------------------------------------------------------------------


def test_newcomers_only_moves_nobody() -> None:
    person = rounds.someone()
    stored(NEW, takes_over=False)
    rounds.begin(person)
    fresh = world.fresh(person)
    assert fresh.version is not None
    assert fresh.version.n == 1


STAYS = {
    "the consent's version": ("study.yaml", {'version: "1"': 'version: "2"'}),
    "a statement": ("study.yaml", {"I take part.": "I take part gladly."}),
    "the consent's text": ("consent.md", {"You go through two": "You go through 2"}),
    "a window": ("study.yaml", {"window: [0s, 7d]\n  - {id: second": "window: [0s, 6d]\n  - {id: second"}),
    "a step more": (
        "study.yaml",
        {"  - {id: last,": "  - {id: more, do: session, script: night-bird}\n  - {id: last,"},
    ),
    "an instrument": ("instruments/one.yaml", {"How much came": "How much was there"}),
    "the languages' order": ("study.yaml", {"[en, de]": "[de, en]"}),
    "the zone": ("study.yaml", {"timezone: UTC": "timezone: Europe/Berlin"}),
}


@pytest.mark.parametrize("what", STAYS)
def test_nobody_goes_over_where_more_than_sessions_differs(what: str) -> None:
    person = rounds.someone()
    file, changes = STAYS[what]
    new = stored(changes, file=file)
    first = StudyVersion.objects.get(study=new.study, n=1)
    assert ahead_of(first) is None
    rounds.begin(person)
    assert world.fresh(person).version == first
    assert hindrances(first.content, new.content)


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("study.yaml", {"title: Rounds": "title: Rounds of sessions"}),
        ("study.yaml", {"lab@example.org": "team@example.org"}),
        ("welcome.md", {"A study": "A small study"}),
        ("scripts/night-bird.yaml", NEW),
    ],
)
def test_what_nobody_agreed_to_and_no_plan_hangs_on_may_differ(file: str, changes: dict[str, str]) -> None:
    rounds.someone()
    new = stored(changes, file=file)
    assert ahead_of(StudyVersion.objects.get(study=new.study, n=1)) == new


def test_of_several_versions_it_is_the_newest_that_fits() -> None:
    person = rounds.someone()
    second = stored(NEW)
    stored({'version: "1"': 'version: "2"'}, file="study.yaml")
    assert ahead_of(StudyVersion.objects.get(study=second.study, n=1)) == second
    rounds.begin(person)
    assert world.fresh(person).version == second


def test_the_page_says_who_can_go_over_and_why_the_others_stay() -> None:
    rounds.someone()
    changed = world.edited({'version: "1"': 'version: "2"'}, rounds.FILES)
    second = world.publish(changed, now=T0 + MINUTE)
    world.consented(second, T0 + MINUTE)
    content = json.loads(second.content)
    content["scripts"]["night-bird"]["title"] = "Another"
    told = {
        each.version.n: (each.people, [c.name for c in each.hindered_by])
        for each in standings(second.study, json.dumps(content))
    }
    assert told == {2: (1, []), 1: (1, ["consent"])}


def test_everybody_is_refused_where_nobody_could_go_over_and_says_why() -> None:
    person = rounds.someone()
    world.publish(world.edited({'version: "1"': 'version: "2"'}, rounds.FILES), now=T0 + MINUTE)
    desk = Desk(person.study, role="owner", script="night-bird")
    desk.press("save", **{"stage-1-say-en": "Other words."})
    answer = desk.publish(who="everybody")
    assert answer.status_code == 422
    assert "Nobody can go over to it" in answer.content.decode()
    assert "study.yaml, consent: changed" in answer.content.decode()
    assert desk.study.versions.count() == 2
    assert desk.publish(who="newcomers").status_code == 303


def test_everybody_at_their_next_session_is_a_choice_that_the_log_holds() -> None:
    person = rounds.someone()
    desk = Desk(person.study, role="owner", script="night-bird")
    desk.press("save", **{"stage-1-say-en": "Other words."})
    assert desk.publish(who="everybody").status_code == 303
    assert desk.study.versions.latest("n").takes_over
    assert AuditEntry.objects.filter(action="study.move", subject="v2").count() == 1
    rounds.begin(person)
    assert said(person, "first") == "Other words."


def test_whoever_left_or_is_simulated_is_not_counted() -> None:
    person = rounds.someone()
    world.consented(person.study.versions.get(n=1), T0)
    simulated = world.consented(person.study.versions.get(n=1), T0)
    Enrolment.objects.filter(pk=simulated.pk).update(synthetic=True)
    Enrolment.objects.filter(pk=person.pk).update(withdrawn_at=T0 + dt.timedelta(hours=1))
    [each] = standings(person.study, person.study.versions.get(n=1).content)
    assert each.people == 1


def test_the_rows_of_people_say_both_versions() -> None:
    person = rounds.someone()
    stored(NEW)
    rounds.begin(person)
    [row] = caller(person.study).rows("participants")
    assert (row["study_version"], row["consented_version"]) == (2, 1)
