from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import clock
from accounts.models import AuditEntry
from coaching.models import Enrolment, Letter, Message, Occasion, Seen, Study
from tests import world
from tests.coaching import weeks

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
ACTING = ("owner", "researcher", "coach")
LOOKING = ("data_manager", "observer")


@pytest.fixture
def study() -> Study:
    return weeks.published().study


def somebody(study: Study, *, late: int = 0, closes: dt.timedelta = 9 * DAY, **fields: Any) -> Enrolment:
    """Somebody with one open, required step, which was due `late` days and an hour ago."""
    now = clock.now()
    person = Enrolment.objects.create(
        study=study,
        version=study.versions.latest("n"),
        pseudonym=f"P{uuid.uuid4().hex[:6].upper()}",
        timezone="Europe/London",
        consented_at=now - 40 * DAY,
        **fields,
    )
    due_at = now - late * DAY - HOUR
    Occasion.objects.create(
        enrolment=person,
        key="check",
        kind="assessments",
        place=1,
        state="open",
        due_at=due_at,
        opens_at=due_at,
        closes_at=now + closes,
    )
    return person


def wrote(person: Enrolment, text: str = "May I begin later?", ago: dt.timedelta = HOUR, **fields: Any) -> Letter:
    return Letter.objects.create(
        enrolment=person,
        text=text,
        written_at=clock.now() - ago,
        key=uuid.uuid4(),
        **{"is_from_staff": False, **fields},
    )


def browser(study: Study, role: str = "coach") -> Client:
    return world.browser_of_staff(world.staff(study, role))


def page(study: Study, role: str = "coach", query: str = "") -> str:
    answer = browser(study, role).get(reverse("coaching:today", args=[study.slug]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def needs(html: str) -> list[tuple[str, str]]:
    """(kind, pseudonym) of each row of the list, in order."""
    return re.findall(r'<li data-need="(\w+)">.*?data-open>(\w+)</a>', html, re.DOTALL)


def reasons(html: str) -> list[str]:
    return re.findall(r'name="reason" value="([^"]+)"', html)


# --- the list --------------------------------------------------------------------------------------------------------


def test_help_comes_first_then_the_latest_then_what_closes_then_mails(study: Study) -> None:
    two, five = somebody(study, late=2), somebody(study, late=5)
    closing, mailed = somebody(study, closes=20 * HOUR), somebody(study)
    Occasion.objects.filter(enrolment=closing).update(opens_at=clock.now() - 9 * DAY)
    newer, older = somebody(study), somebody(study)
    wrote(newer)
    wrote(older, ago=2 * DAY)
    Message.objects.create(enrolment=mailed, kind="link", n=1, due_at=clock.now() - DAY, state="uncertain")
    assert needs(page(study)) == [
        ("help", older.pseudonym),
        ("help", newer.pseudonym),
        ("late", five.pseudonym),
        ("late", two.pseudonym),
        ("closing", closing.pseudonym),
        ("mail", mailed.pseudonym),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"paused_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"withdrawn_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "withdrawal": "keep"},
        {"completed_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"erased_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"synthetic": True, "ahead_s": 0},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_nobody_who_pauses_left_finished_or_only_tests_is_late(study: Study, fields: dict[str, Any]) -> None:
    somebody(study, late=3, **fields)
    assert needs(page(study)) == []


def test_a_test_person_is_nowhere_on_the_page(study: Study) -> None:
    person = somebody(study, late=3, synthetic=True, ahead_s=0)
    wrote(person)
    assert person.pseudonym not in page(study)


def test_the_evidence_says_what_was_due_what_was_last_done_and_what_was_sent(study: Study) -> None:
    person = somebody(study, late=3)
    now = clock.now()
    Occasion.objects.create(
        enrolment=person,
        key="s01",
        kind="imagery",
        place=0,
        state="done",
        due_at=now - 9 * DAY,
        settled_at=now - 9 * DAY,
    )
    for n in (1, 2):
        Message.objects.create(
            enrolment=person, timepoint="check", kind="reminder", n=n, due_at=now, sent_at=now, state="sent"
        )
    html = page(study)
    assert "3 days late" in html
    assert re.search(r"Second questionnaire was due \d+ \w+\. Last step \d+ \w+\. 2 reminders sent\.", html)


def test_without_anybody_the_page_says_so_and_what_is_due_next(study: Study) -> None:
    person = somebody(study)
    Occasion.objects.filter(enrolment=person).update(due_at=clock.now() + DAY, opens_at=clock.now() + DAY)
    html = page(study)
    assert "No one needs you right now." in html
    assert "Next due: Tomorrow" in html


def test_a_long_list_is_cut_and_can_be_seen_whole(study: Study) -> None:
    for late in range(1, 12):
        somebody(study, late=late)
    html = page(study)
    assert len(needs(html)) == 8
    assert "Show 3 more" in html
    assert len(needs(page(study, query="?needs=all"))) == 11


# --- who may see and do what -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*ACTING, "data_manager"])
def test_who_may_read_words_reads_them(study: Study, role: str) -> None:
    wrote(somebody(study), "May I <b>begin</b> later?")
    assert page(study, role).count("May I &lt;b&gt;begin&lt;/b&gt; later?") == 2


def test_an_observer_is_told_that_somebody_wrote_and_not_what(study: Study) -> None:
    wrote(somebody(study), "May I begin later?")
    html = page(study, "observer")
    assert "May I begin later?" not in html
    assert "Waits for a reply" in html


@pytest.mark.parametrize("role", ACTING)
def test_who_may_act_has_the_acts(study: Study, role: str) -> None:
    somebody(study, late=3)
    assert "Seen, no action" in page(study, role)


@pytest.mark.parametrize("role", LOOKING)
def test_who_may_not_act_sees_the_list_without_them(study: Study, role: str) -> None:
    person = somebody(study, late=3)
    html = page(study, role)
    assert needs(html) == [("late", person.pseudonym)]
    assert reasons(html) == []
    answer = browser(study, role).post(
        reverse("coaching:seen", args=[study.slug, person.pseudonym]), {"reason": "late:check:2026-01-01"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("role", [*ACTING, "data_manager"])
def test_who_may_see_answers_has_rating_lines(study: Study, role: str) -> None:
    weeks.fill(study, 3, clock.now())
    html = page(study, role)
    assert "line-picture" in html
    assert "Low is not bad, and flat is not failure." in html


def test_an_observers_page_holds_nothing_of_ratings(study: Study) -> None:
    weeks.fill(study, 3, clock.now())
    html = page(study, "observer")
    assert not re.search("line-picture|vividness|rating", html, re.IGNORECASE)


# --- seen ------------------------------------------------------------------------------------------------------------


def see(study: Study, person: Enrolment, *given: str, client: Client | None = None, **fields: str) -> Any:
    address = reverse("coaching:seen", args=[study.slug, person.pseudonym])
    return (client or browser(study)).post(address, {"reason": list(given), **fields})


def test_a_row_leaves_when_it_was_seen_and_the_audit_log_says_so(study: Study) -> None:
    person = somebody(study, late=3)
    given = reasons(page(study))
    assert see(study, person, *given).status_code == 302
    assert needs(page(study)) == []
    entry = AuditEntry.objects.get(action="need.seen")
    assert entry.subject == person.pseudonym
    assert given[0] in entry.detail


def test_seen_twice_is_once(study: Study) -> None:
    person = somebody(study, late=3)
    given = reasons(page(study))
    for _ in range(2):
        assert see(study, person, *given).status_code == 302
    assert Seen.objects.count() == 1
    assert AuditEntry.objects.filter(action="need.seen").count() == 1


def test_another_date_brings_the_person_back(study: Study) -> None:
    person = somebody(study, late=3)
    see(study, person, *reasons(page(study)))
    Occasion.objects.filter(enrolment=person).update(due_at=clock.now() - 2 * DAY)
    assert needs(page(study)) == [("late", person.pseudonym)]


def test_what_is_late_and_about_to_close_leaves_at_one_press(study: Study) -> None:
    person = somebody(study, late=3, closes=20 * HOUR)
    given = reasons(page(study))
    assert [each.partition(":")[0] for each in given] == ["late", "closing"]
    see(study, person, *given)
    assert needs(page(study)) == []


def test_to_see_a_letter_answers_those_that_were_on_the_page_and_none_written_since(study: Study) -> None:
    person = somebody(study)
    first = wrote(person)
    given = reasons(page(study))
    later = wrote(person, "And one thing more.")
    see(study, person, *given)
    first.refresh_from_db()
    later.refresh_from_db()
    assert first.answered_at is not None
    assert later.answered_at is None
    assert needs(page(study)) == [("help", person.pseudonym)]


def test_a_letter_of_somebody_else_is_not_seen_to(study: Study) -> None:
    person, other = somebody(study, late=3), somebody(study)
    theirs = wrote(other)
    see(study, person, f"help:{theirs.pk}")
    theirs.refresh_from_db()
    assert theirs.answered_at is None


def test_a_reason_that_no_longer_holds_changes_nothing(study: Study) -> None:
    person = somebody(study, late=3)
    given = reasons(page(study))
    Occasion.objects.filter(enrolment=person).update(due_at=clock.now() + DAY, opens_at=clock.now() + DAY)
    client = browser(study)
    answer = see(study, person, *given, client=client)
    assert "Something changed meanwhile." in client.get(answer["Location"]).content.decode()
    assert not Seen.objects.exists()
    assert not AuditEntry.objects.filter(action="need.seen").exists()


@pytest.mark.parametrize("reason", ["", "late", "mail:1", "late:check:soon", "help:x", "late:check:2026-01-01\n", "\0"])
def test_a_reason_of_no_known_form_is_refused(study: Study, reason: str) -> None:
    assert see(study, somebody(study, late=3), reason).status_code == 400


def test_whoever_saw_to_a_row_comes_back_to_the_page_as_it_was_and_nowhere_else(study: Study) -> None:
    person = somebody(study, late=3)
    here = reverse("coaching:today", args=[study.slug])
    given = reasons(page(study))
    assert see(study, person, *given, back=f"{here}?sort=name")["Location"] == f"{here}?sort=name"
    for elsewhere in ("//evil.example/", "https://evil.example/", "/studies/other/today/", ""):
        assert see(study, person, *given, back=elsewhere)["Location"] == here


def test_to_write_to_somebody_takes_the_row_off_the_list(study: Study) -> None:
    person = somebody(study, late=3)
    wrote(person, is_from_staff=True)
    assert needs(page(study)) == []


# --- the table -------------------------------------------------------------------------------------------------------


def order(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]+">(\w+)</a>', html)


def test_the_table_is_sorted_by_needs_by_name_or_by_what_comes_next(study: Study) -> None:
    people = {late: somebody(study, late=late) for late in (0, 2, 5)}
    soon = somebody(study)
    Occasion.objects.filter(enrolment=soon).update(due_at=clock.now() - 30 * DAY, optional=True)
    names = sorted(person.pseudonym for person in (*people.values(), soon))
    assert order(page(study))[:2] == [people[5].pseudonym, people[2].pseudonym]
    assert order(page(study, query="?sort=name")) == names
    assert order(page(study, query="?sort=next")) == [
        *(people[late].pseudonym for late in (5, 2, 0)),
        soon.pseudonym,
    ]


def test_the_page_shows_the_real_the_simulated_or_all_and_tags_the_simulated(study: Study) -> None:
    real, simulated = somebody(study, late=2), somebody(study, late=3, synthetic=True)
    assert needs(page(study)) == [("late", simulated.pseudonym), ("late", real.pseudonym)]
    for query, shown in (("?who=real", real), ("?who=simulated", simulated)):
        html = page(study, query=query)
        assert needs(html) == [("late", shown.pseudonym)]
        assert order(html) == [shown.pseudonym]
    assert page(study).count("simulated") >= 2


@pytest.mark.parametrize("query", ["?sort=fate", "?who=them"])
def test_an_unknown_way_to_sort_or_choose_is_not_found(study: Study, query: str) -> None:
    assert browser(study).get(reverse("coaching:today", args=[study.slug]) + query).status_code == 404


def test_each_day_is_said_in_words(study: Study) -> None:
    person = somebody(study, late=3)
    now = clock.now()
    Occasion.objects.create(
        enrolment=person,
        key="s01",
        kind="imagery",
        place=0,
        state="done",
        due_at=now - 6 * DAY,
        settled_at=now - 6 * DAY,
    )
    html = page(study)
    assert 'aria-label="1 done, 1 still open of 2 due"' in html
    assert html.count("Session 1 done") == 2, "as a title and in the plain table"
    assert "Second questionnaire due, still open" in html


def test_a_step_that_staff_skipped_is_missed_at_once(study: Study) -> None:
    person = somebody(study, late=3)
    Occasion.objects.filter(enrolment=person).update(skipped_at=clock.now())
    html = page(study)
    assert needs(html) == []
    assert 'aria-label="1 missed of 1 due"' in html


# --- the side, and all studies ---------------------------------------------------------------------------------------


def test_the_day_tells_what_opens_and_closes_and_for_whom(study: Study) -> None:
    now = clock.now()
    one, other = somebody(study), somebody(study)
    Occasion.objects.filter(enrolment__in=[one, other]).update(opens_at=now, due_at=now)
    html = page(study)
    assert re.search(r"Second questionnaire opens</b><p>\s*2 people", html)


def test_all_studies_say_how_many_need_somebody_and_one_alone_leads_to_its_day(study: Study) -> None:
    user = world.staff(study, "coach")
    client = world.browser_of_staff(user)
    answer = client.get(reverse("coaching:today_of_all"))
    assert answer["Location"] == reverse("coaching:today", args=[study.slug])
    other = world.tiny().study
    user.memberships.create(study=other, role="observer", created_at=clock.now())
    somebody(study, late=3)
    html = client.get(reverse("coaching:today_of_all")).content.decode()
    assert '<span class="count">1</span>' in html
    assert html.index("/studies/layers/today/") < html.index("/studies/tiny/today/")


def test_a_study_of_nobody_has_a_day_too() -> None:
    assert "Nobody in the programme" in page(world.tiny().study)


# --- with very many --------------------------------------------------------------------------------------------------


def test_five_hundred_people_take_fifteen_queries_at_most(study: Study) -> None:
    people = weeks.fill(study, 500, clock.now())
    wrote(people[0])
    client = browser(study, "owner")
    address = reverse("coaching:today", args=[study.slug])
    client.get(address)  # what a version declares is read once
    for query in ("", "?sort=next", "?sort=name&page=10", "?needs=all&who=real"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address + query)
        assert answer.status_code == 200, query
        assert len(queries) <= 15, (query, [each["sql"][:120] for each in queries])
        assert answer.content.count(b'class="c-strip"') == 50, query
