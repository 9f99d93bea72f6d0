"""The pages on which a team looks after people: one alert, adverse events, and what a safety board reads."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import AuditEntry
from coaching.models import AdverseEvent, Enrolment, Message, SafetyAlert, StudyVersion
from coaching.selectors.arms import arm_codes
from coaching.services.adverse_events import Replaced, Told, record_event, replace_event
from coaching.services.care import look
from coaching.services.letters import write_to_team
from privacy.erasure import erase
from privacy.portability import tables_of, title_of
from research import safety
from research.safety_figures import NONE
from tests import world
from tests.coaching import vigil
from tests.coaching.vigil import DAY, HOUR, NIGHT
from tests.hostile.cast import nothing_changes
from tests.research.calls import caller

pytestmark = pytest.mark.django_db

FORM = {
    "term": "Low mood",
    "onset_on": "2027-03-08",
    "severity": "moderate",
    "serious": "no",
    "relatedness": "possible",
    "expected": "yes",
    "action": "paused",
    "outcome": "recovering",
    "resolved_on": "",
    "description": "Since the second session, vigil-canary.",
}
TOLD = Told("Low mood", dt.date(2027, 3, 8), "moderate", False, "possible", True, "paused", "recovering")


@pytest.fixture
def version(settings: Any) -> StudyVersion:
    world.move_clock(settings, NIGHT)
    return vigil.study()


@pytest.fixture
def person(version: StudyVersion) -> Enrolment:
    return vigil.someone(version, "training")


def desk(person: Enrolment, role: str = "coach") -> Client:
    return world.browser_of_staff(world.staff(person.study, role))


def at(route: str, person: Enrolment, *more: object) -> str:
    return reverse(route, args=[person.study.slug, person.pseudonym, *more])


def alert_of(person: Enrolment, kind: str = "unwell") -> SafetyAlert:
    found = vigil.report(person, kind)
    assert found is not None
    return found


def recorded(person: Enrolment, told: Told = TOLD, **more: Any) -> AdverseEvent:
    by = world.staff(person.study)
    made = record_event(enrolment=person, told=told, key=uuid.uuid4(), by=by, now=clock.now(), **more)
    assert made is not None
    return made


# --- one alert -------------------------------------------------------------------------------------------------------


def test_the_page_says_what_raised_it_and_what_can_be_done(person: Enrolment) -> None:
    alert = alert_of(person)
    html = desk(person).get(at("coaching:alert", person, alert.pk)).content.decode()
    assert "vigil-canary" in html
    assert "Upset or unwell" in html
    assert "Today 02:0" in html
    assert vigil.ON_CALL in html
    for route in ("coaching:person_messages", "coaching:record_event", "coaching:reveal_contact"):
        assert at(route, person) in html, route


def test_an_alert_of_an_answer_shows_the_rule_and_the_answers(person: Enrolment, settings: Any) -> None:
    vigil.answer(vigil.browser(settings, person), distress="9", person=person)
    alert = SafetyAlert.objects.get()
    html = desk(person).get(at("coaching:alert", person, alert.pk)).content.decode()
    assert "The rule distress: distress &gt;= 8 in “How you are”." in html
    assert "It pauses the programme." in html
    assert re.search(r"How upset are you</th><td[^>]*>9", html)
    assert "Did pictures come" not in html  # what the rule does not ask about
    assert 'value="resume"' in html


def test_looking_ends_it_and_sees_to_the_report(person: Enrolment) -> None:
    alert = alert_of(person)
    coach = desk(person)
    answer = coach.post(at("coaching:alert", person, alert.pk), {"done": "Called her."}, follow=True)
    html = answer.content.decode()
    assert "Called her." in html
    assert "Nobody is written to about it any more." in html
    alert.refresh_from_db()
    assert alert.seen_at is not None
    assert alert.report is not None
    assert alert.report.seen_at == alert.seen_at
    assert AuditEntry.objects.filter(action="safety.look").count() == 1
    again = coach.post(at("coaching:alert", person, alert.pk), {"done": "Other words."}, follow=True)
    assert "Somebody had looked before you." in again.content.decode()
    alert.refresh_from_db()
    assert alert.done == "Called her."


def test_a_report_that_raised_an_alert_is_one_row_and_leaves_only_by_looking(person: Enrolment) -> None:
    alert = alert_of(person)
    vigil.report(person, "not_working")
    write_to_team(enrolment=person, text="Hello?", key=uuid.uuid4(), now=NIGHT - 2 * HOUR)
    coach = desk(person)
    today = reverse("coaching:today", args=[person.study.slug])
    rows = re.findall(r'<li data-need="(\w+)">', coach.get(today).content.decode())
    assert rows[:3] == ["alert", "safety", "help"]
    with nothing_changes():
        sent = coach.post(at("coaching:seen", person), {"reason": f"safety:{alert.report_id}"}, follow=True)
    assert "Nothing was changed here." in sent.content.decode()
    assert re.findall(r'<li data-need="(\w+)">', coach.get(today).content.decode())[0] == "alert"
    look(alert=alert, done="Seen.", by=world.staff(person.study), now=NIGHT)
    assert re.findall(r'<li data-need="(\w+)">', coach.get(today).content.decode())[:2] == ["safety", "help"]


@pytest.mark.parametrize("state", ["paused_at", "withdrawn_at", "completed_at"])
def test_the_row_stays_also_of_the_paused_and_of_those_who_left(person: Enrolment, state: str) -> None:
    alert_of(person)
    Enrolment.objects.filter(pk=person.pk).update(**{state: NIGHT})
    html = desk(person).get(reverse("coaching:today", args=[person.study.slug])).content.decode()
    assert 'data-need="alert"' in html


def test_an_observer_reads_that_there_is_one_and_nothing_of_it(person: Enrolment, settings: Any) -> None:
    vigil.answer(vigil.browser(settings, person), distress="9", person=person)
    alert = SafetyAlert.objects.get()
    observer = desk(person, "observer")
    html = observer.get(reverse("coaching:today", args=[person.study.slug])).content.decode()
    assert 'data-need="alert"' in html
    assert "distress" not in html
    for route in ("coaching:alert", "assessments:behind_alert"):
        assert observer.get(at(route, person, alert.pk)).status_code == 403
    assert observer.get(reverse("research:safety", args=[person.study.slug])).status_code == 403


def test_an_alert_of_somebody_else_is_not_found(person: Enrolment, version: StudyVersion) -> None:
    theirs = alert_of(vigil.someone(version))
    assert desk(person).get(at("coaching:alert", person, theirs.pk)).status_code == 404
    assert desk(person).get(at("assessments:behind_alert", person, theirs.pk)).status_code == 404


def test_the_list_of_mails_knows_what_an_alert_is(person: Enrolment) -> None:
    alert_of(person)
    assert Message.objects.filter(kind="alert").exists()
    html = desk(person).get(reverse("coaching:messages", args=[person.study.slug])).content.decode()
    assert "Alert to the team" in html


# --- adverse events --------------------------------------------------------------------------------------------------


def test_an_event_is_recorded_from_an_alert_once_however_often_it_is_sent(person: Enrolment) -> None:
    alert, coach, key = alert_of(person), desk(person), str(uuid.uuid4())
    form = f"{at('coaching:record_event', person)}?alert={alert.pk}"
    shown = coach.get(form).content.decode()
    assert f'name="alert" value="{alert.pk}"' in shown
    assert " checked" not in shown
    for _ in range(2):
        html = coach.post(form, FORM | {"key": key, "alert": str(alert.pk)}, follow=True).content.decode()
    event = AdverseEvent.objects.get()
    assert (event.number, event.alert, event.serious, event.expected) == (1, alert, False, True)
    assert "Low mood" in html
    assert "vigil-canary" in html
    assert "Low mood" in coach.get(at("coaching:alert", person, alert.pk)).content.decode()
    entry = AuditEntry.objects.get(action="event.record")
    assert "canary" not in entry.detail
    assert "mood" not in entry.detail


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"term": ""}, "Write what it is."),
        ({"severity": ""}, "Choose how severe it is."),
        ({"relatedness": "certainly"}, "Choose whether the study brought it about."),
        ({"onset_on": "2027-03-10"}, "Choose a day that has begun."),
        ({"onset_on": "1899-01-01"}, "Choose a day from the year 2000 on."),
        ({"onset_on": "yesterday"}, "Write the day as year, month and day"),
        ({"resolved_on": "2027-03-07", "outcome": "recovered"}, "Choose a day that is not before the first day."),
        ({"resolved_on": "2027-03-08"}, "Leave this empty while it goes on"),
        ({"outcome": "fatal"}, "A death is serious"),
        ({"key": "none"}, ""),
    ],
)
def test_what_contradicts_itself_or_is_missing_is_shown_again(
    person: Enrolment, changes: dict[str, str], told: str
) -> None:
    answer = desk(person).post(at("coaching:record_event", person), FORM | {"key": str(uuid.uuid4())} | changes)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not AdverseEvent.objects.exists()


def test_a_later_version_replaces_and_changes_nothing(person: Enrolment) -> None:
    first = recorded(person)
    coach = desk(person)
    form = at("coaching:change_event", person, 1)
    shown = coach.get(form).content.decode()
    assert f'name="base" value="{first.key}"' in shown
    sent = FORM | {
        "outcome": "recovered",
        "resolved_on": "2027-03-09",
        "reason": "She is well again.",
        "base": str(first.key),
        "key": str(uuid.uuid4()),
    }
    html = coach.post(form, sent, follow=True).content.decode()
    assert "She is well again." in html
    first.refresh_from_db()
    latest = AdverseEvent.objects.get(replaces=first)
    assert (first.outcome, latest.outcome, latest.number) == ("recovering", "recovered", 1)
    assert AuditEntry.objects.filter(action="event.replace").count() == 1
    # From a form that shows the version before.
    late = coach.post(form, sent | {"key": str(uuid.uuid4())})
    assert late.status_code == 422
    assert "Somebody wrote another version meanwhile." in late.content.decode()
    assert AdverseEvent.objects.count() == 2
    assert coach.post(form, sent | {"reason": ""}).status_code == 422


def test_the_services_refuse_what_the_form_would(person: Enrolment) -> None:
    event, by = recorded(person), world.staff(person.study)
    again: dict[str, Any] = {"by": by, "now": NIGHT, "reason": "Why."}
    assert replace_event(event=event, told=TOLD, key=uuid.uuid4(), **again) is not None
    with pytest.raises(Replaced):
        replace_event(event=event, told=TOLD, key=uuid.uuid4(), **again)
    with pytest.raises(ValueError, match="without a reason"):
        replace_event(event=event, told=TOLD, key=uuid.uuid4(), **again | {"reason": " "})
    dead = Told("Death", dt.date(2027, 3, 8), "severe", False, "unrelated", False, "none", "fatal")
    with pytest.raises(ValueError, match="fatal"):
        record_event(enrolment=person, told=dead, key=uuid.uuid4(), by=by, now=NIGHT)


def test_events_and_alerts_go_with_the_person_and_are_theirs_to_take_along(person: Enrolment) -> None:
    alert = alert_of(person)
    recorded(person, alert=alert)
    tables = tables_of(world.fresh(person))
    assert [row["raised_by"] for row in tables["alerts"]] == ["report"]
    assert [row["term"] for row in tables["adverse_events"]] == ["Low mood"]
    for name in ("alerts", "adverse_events"):
        assert title_of(name) != name
    owner = world.staff(person.study)
    erase(enrolment=person, by=owner, reason="asked", now=NIGHT)
    assert not SafetyAlert.objects.exists()
    assert not AdverseEvent.objects.exists()
    again = record_event(enrolment=person, told=TOLD, key=uuid.uuid4(), by=owner, now=NIGHT)
    assert again is None


# --- what a safety board reads ---------------------------------------------------------------------------------------


def test_rates_by_group_count_each_person_where_they_were(version: StudyVersion) -> None:
    trained, waiting = vigil.someone(version, "training", now=NIGHT - 14 * DAY), vigil.someone(version, "wait")
    for _ in range(2):
        alert_of(waiting)
    recorded(trained, Told("Headache", dt.date(2027, 3, 1), "mild", False, "unlikely", True, "none", "recovered"))
    event = recorded(waiting)
    replace_event(event=event, told=TOLD, reason="Why.", key=uuid.uuid4(), by=world.staff(version.study), now=NIGHT)
    found = {each.arm: each for each in safety.followed(version.study, synthetic=False, now=NIGHT)}
    assert {arm: (len(each.people), each.alerts, len(each.alerted), each.events) for arm, each in found.items()} == {
        "": (2, 0, 0, 0),
        "training": (1, 0, 0, 1),
        "wait": (1, 2, 1, 1),
    }
    assert round(found["training"].weeks, 3) == 2.0
    assert found["training"].event_rate.value == pytest.approx(50.0)
    assert (found["wait"].alerted_share.value, found["wait"].alerted_share.high) == (1.0, 1.0)


def test_what_began_before_the_group_was_given_is_not_the_groups(version: StudyVersion) -> None:
    person = vigil.someone(version, "training")
    recorded(person, Told("Cold", dt.date(2027, 3, 1), "mild", False, "unrelated", False, "none", "recovered"))
    found = {each.arm: each.events for each in safety.followed(version.study, synthetic=False, now=NIGHT)}
    assert found == {"": 1, "training": 0, "wait": 0}


def test_a_rate_is_told_from_one_person_week_on(version: StudyVersion) -> None:
    recorded(vigil.someone(version, "training", now=NIGHT - 7 * DAY))
    recorded(vigil.someone(version, "wait", now=NIGHT - 7 * DAY + HOUR))
    found = {each.arm: each for each in safety.followed(version.study, synthetic=False, now=NIGHT)}
    assert found["training"].event_rate.value == pytest.approx(100.0)
    assert (found["wait"].events, found["wait"].event_rate) == (1, NONE)


def test_time_ends_when_somebody_leaves(version: StudyVersion) -> None:
    person = vigil.someone(version, "training", now=NIGHT - 14 * DAY)
    Enrolment.objects.filter(pk=person.pk).update(withdrawn_at=NIGHT - 7 * DAY)
    found = {each.arm: round(each.weeks, 3) for each in safety.followed(version.study, synthetic=False, now=NIGHT)}
    assert found["training"] == 1.0


def test_everybody_who_was_asked_counts_in_every_arm(version: StudyVersion, settings: Any) -> None:
    for arm in vigil.ARMS:
        someone = vigil.someone(version, arm)
        vigil.answer(vigil.browser(settings, someone), distress="1", person=someone)
    asked = {each.arm: len(each.asked) for each in safety.followed(version.study, synthetic=False, now=NIGHT + HOUR)}
    assert asked == {"": 0, "training": 1, "wait": 1}


def test_the_page_lists_deaths_first_and_the_groups_as_letters_on_demand(version: StudyVersion) -> None:
    trained, waiting = vigil.someone(version, "training"), vigil.someone(version, "wait")
    recorded(trained)
    recorded(waiting, Told("Fall", dt.date(2027, 3, 8), "severe", True, "unrelated", False, "none", "recovered"))
    recorded(trained, Told("Death", dt.date(2027, 3, 8), "severe", True, "unrelated", False, "none", "fatal"))
    owner = desk(trained, "owner")
    page = reverse("research:safety", args=[version.study.slug])
    html = owner.get(page).content.decode()
    listing = html[html.index("events-head") : html.index("alerts-head")]
    assert re.findall(r">(Death|Fall|Low mood)<span", listing) == ["Death", "Fall", "Low mood"]
    assert ">training<" in html
    masked = owner.get(f"{page}?groups=codes").content.decode()
    main = masked[masked.index("<main") :]
    assert "training" not in main
    assert ">wait<" not in main
    codes = arm_codes(version.study, vigil.ARMS)
    assert sorted(codes.values()) == ["A", "B"]
    assert f'<th scope="row">{codes["wait"]}</th>' in main
    assert owner.get(f"{page}?groups=none").status_code == 404


def test_letters_stay_letters_when_other_people_are_looked_at(version: StudyVersion) -> None:
    person = vigil.someone(version, "wait")
    Enrolment.objects.filter(pk=vigil.someone(version, "training").pk).update(synthetic=True)
    page = reverse("research:safety", args=[version.study.slug])
    html = desk(person, "owner").get(f"{page}?groups=codes").content.decode()
    assert 'href="?people=all&amp;groups=codes"' in html


def test_a_share_is_rounded_and_not_cut(version: StudyVersion) -> None:
    people = [vigil.someone(version, "training") for _ in range(3)]
    for person in people[:2]:
        recorded(person)
    html = desk(people[0], "owner").get(reverse("research:safety", args=[version.study.slug])).content.decode()
    assert "66.7 % (9.4 to 99.2)" in html  # Clopper and Pearson's limits for 2 of 3


def test_the_listing_as_csv_is_fetched_with_a_trace(version: StudyVersion) -> None:
    person = vigil.someone(version, "wait")
    recorded(person, Told("=1+1", dt.date(2027, 3, 8), "mild", False, "possible", True, "none", "unknown"))
    owner = desk(person, "data_manager")
    address = reverse("research:safety_file", args=[version.study.slug])
    answer = owner.post(address, {"groups": "codes", "people": "real"})
    (row,) = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert (row["participant"], row["term"], row["version"]) == (person.pseudonym, "'=1+1", "1")
    assert row["group"] in {"A", "B"}
    assert (row["serious"], row["expected"], row["resolved_on"]) == ("false", "true", "")
    assert AuditEntry.objects.filter(action="safety.listing").count() == 1
    assert owner.post(address, {"people": "nobody"}).status_code == 400
    assert desk(person, "coach").post(address, {}).status_code == 403


def test_alerts_and_events_are_datasets(version: StudyVersion) -> None:
    person = vigil.someone(version, "wait")
    alert = alert_of(person)
    look(alert=alert, done="Called.", by=world.staff(version.study), now=NIGHT)
    event = recorded(person, alert=alert)
    replace_event(event=event, told=TOLD, reason="Why.", key=uuid.uuid4(), by=world.staff(version.study), now=NIGHT)
    ask = caller(version.study, scopes=("export:read",))
    (row,) = ask.get(f"/api/v1/studies/{version.study.slug}/datasets/safety_alerts/").json()["results"]
    assert (row["participant"], row["arm"], row["raised_by"], row["rule"]) == (person.pseudonym, "wait", "report", None)
    assert (row["level"], row["mails_sent"], row["done"], row["paused"]) == (1, 0, "Called.", False)
    rows = ask.get(f"/api/v1/studies/{version.study.slug}/datasets/adverse_events/").json()["results"]
    assert [(each["event"], each["version"], each["is_latest"], each["reason"]) for each in rows] == [
        (1, 1, False, None),
        (1, 2, True, "Why."),
    ]
    assert (rows[0]["onset_on"], rows[0]["resolved_on"], rows[0]["from_alert"]) == ("2027-03-08", None, True)
    entries = {each["name"]: each for each in ask.get(f"/api/v1/studies/{version.study.slug}/datasets/").json()}
    private = [each["name"] for each in entries["adverse_events"]["columns"] if each["identifying"]]
    assert private == ["term", "reason"]
    assert "description" not in {each["name"] for each in entries["adverse_events"]["columns"]}
