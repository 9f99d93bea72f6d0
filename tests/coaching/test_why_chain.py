"""Why a step is due: the chain's last link is the plan's own, for every calendar that is written down."""

from __future__ import annotations

import pytest

from coaching import schedule
from coaching.draws import hour_of, offset_of
from coaching.explanation import Change, explain
from coaching.schedule import Facts
from tests.spec.test_calendars import CALENDARS, Calendar, facts, instant, study_called

pytestmark = pytest.mark.once


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.claim)
def test_the_chain_ends_where_the_plan_says(calendar: Calendar) -> None:
    study, person, now = study_called(calendar.known["study"]), facts(calendar.known), instant(calendar.known["now"])
    for key, planned in schedule.plan(study, person, now).items():
        told = explain(study, person, key, now)
        by_kind = {link.kind: link.values for link in told.links}
        assert told.planned == planned
        assert by_kind.get("due", {}).get("at") == planned.due_at
        assert told.links[-1].values["at"] == (
            planned.settled_at or (planned.closes_at if planned.state == "open" else planned.opens_at)
        )
        has_begin = {"anchor", "follows", "anchor_waits", "anchor_lost"} & set(by_kind)
        assert len(has_begin) == 1, f"{key}: {by_kind}"
        assert ("window" in by_kind or "no_window" in by_kind) == (planned.opens_at is not None)
        reminded = [link.values["at"] for link in told.links if link.kind == "reminder"]
        assert sorted(reminded) == list(planned.reminders)
        if planned.state == "missed":
            assert told.links[-1].kind not in {"done", "open", "waiting"}


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.claim)
def test_the_links_lead_from_the_anchor_to_the_due_time(calendar: Calendar) -> None:
    """Anchor, length, place and hour alone give the due time again."""
    study, person, now = study_called(calendar.known["study"]), facts(calendar.known), instant(calendar.known["now"])
    for key, planned in schedule.plan(study, person, now).items():
        by_kind = {link.kind: link.values for link in explain(study, person, key, now).links}
        start = by_kind.get("anchor") or by_kind.get("follows")
        if start is None or planned.due_at is None:
            continue
        if "moved" in by_kind:
            assert by_kind["moved"]["at"] == planned.due_at
            continue
        again = schedule._Reckoning(study.path(person.arm), study, person, now, None)._due_of(planned.step, start["at"])
        assert again == planned.due_at, key
        at = planned.step.at
        if at is not None and at.upto is not None:
            assert by_kind["drawn"]["length"] == str(offset_of(at, person.lot))
        if at is not None and at.hours is not None:
            hour = hour_of(at, key, person.lot)
            assert hour is not None
            assert by_kind.get("hour", by_kind.get("drawn_hour", {}))["hour"] == f"{hour:%H:%M}"


def test_every_reason_for_a_missed_step_is_met_somewhere() -> None:
    """So that the two tests above are about all of them."""
    met: set[str] = set()
    for calendar in CALENDARS:
        study, person = study_called(calendar.known["study"]), facts(calendar.known)
        now = instant(calendar.known["now"])
        met |= {
            link.kind for key in schedule.plan(study, person, now) for link in explain(study, person, key, now).links
        }
    assert {"closed", "skipped", "left_training", "lost", "ended", "drawn", "hour", "clocks", "more_time"} <= met


def test_a_change_by_staff_is_told_with_its_reason() -> None:
    calendar = next(each for each in CALENDARS if "moved" in each.known)
    study, person, now = study_called(calendar.known["study"]), facts(calendar.known), instant(calendar.known["now"])
    key, moved = next((key, each) for key, each in person.moved.items() if each.due_at is not None)
    change = Change("moved", moved.due_at, "ill", "coach@example.org", now)
    links = explain(study, person, key, now, [change]).links
    values = next(link.values for link in links if link.kind == "moved")
    assert (values["reason"], values["by"], values["made_at"]) == ("ill", "coach@example.org", now)


def test_a_step_of_another_way_is_refused() -> None:
    calendar = CALENDARS[0]
    study, person = study_called(calendar.known["study"]), facts(calendar.known)
    assert isinstance(person, Facts)
    with pytest.raises(KeyError):
        explain(study, person, "nothing", instant(calendar.known["now"]))
