"""Whole calendars of single people, written down: they miss, move, come back, and leave; and what comes again.

The folder `calendars` holds them. `%` names a study by its steps, in the words of a bundle. `==` says what a calendar
shows; then come what is known of the person, and the instant at which it is looked at. `>` is what their plan says
then: a step, when it opens and closes, and how it stands, with the wall time and offset of where they live.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from coaching import schedule, windows
from coaching.draws import Lot
from coaching.schedule import Facts, Moved, Planned, allocation_due
from protocol.bundle import read_bundle
from protocol.study import Study
from tests.protocol.bundles import PROGRAMME, as_folder, example, faults_of

pytestmark = pytest.mark.once

FOLDER = Path(__file__).parent / "calendars"
HEAD = """\
format: 1
slug: calendars
title: Calendars
languages: [en]
timezone: Europe/Berlin
contact: lab@example.org
summary: welcome.md
consent: {version: "1", text: welcome.md, statements: [{id: take_part, text: "I agree to take part."}]}
"""


@dataclass
class Calendar:
    """One person's calendar."""

    claim: str
    study: str = ""
    known: dict[str, str] = field(default_factory=dict)
    expected: list[str] = field(default_factory=list)


def _read() -> tuple[dict[str, str], list[Calendar]]:
    studies: dict[str, str] = {}
    calendars: list[Calendar] = []
    for path in sorted(FOLDER.glob("*.txt")):
        name = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("%"):
                name = line[2:]
                assert name not in studies
                studies[name] = ""
            elif line.startswith("=="):
                name = ""
                calendars.append(Calendar(line[3:]))
            elif line.startswith(">"):
                calendars[-1].expected.append(line[2:])
            elif name:
                studies[name] += line + "\n"
            elif line and not line.startswith("#"):
                key, _, value = line.partition(": ")
                calendars[-1].known[key] = value
    return studies, calendars


STUDIES, CALENDARS = _read()


@cache
def study_called(name: str) -> Study:
    """The study of that name, read as a bundle is."""
    with tempfile.TemporaryDirectory() as folder:
        files = example(PROGRAMME) | {"study.yaml": (HEAD + STUDIES[name]).encode()}
        return read_bundle(as_folder(files, Path(folder))).study


def instant(text: str) -> dt.datetime:
    """`2027-03-27 18:20 +0100`, in UTC."""
    return dt.datetime.strptime(text, "%Y-%m-%d %H:%M %z").astimezone(dt.UTC)


def _each(text: str) -> dict[str, dt.datetime]:
    pairs = (each.strip().partition(" ") for each in text.split(",") if each.strip())
    return {step: instant(at) for step, _, at in pairs}


def facts(known: dict[str, str]) -> Facts:
    """What is known of the person."""
    moments: dict[str, Any] = {
        to: instant(known[key])
        for key, to in (
            ("allocated", "allocated_at"),
            ("left training", "left_training_at"),
            ("study ended", "study_ended_at"),
        )
        if key in known
    }
    due, closes = _each(known.get("moved", "")), _each(known.get("given time", ""))
    return Facts(
        consented_at=instant(known["consented"]),
        zone=windows.zone(known["zone"]),
        arm=known.get("arm"),
        completed=_each(known.get("done", "")),
        missed=_each(known.get("missed", "")),
        skipped=_each(known.get("skipped", "")),
        moved={step: Moved(due.get(step), closes.get(step)) for step in due | closes},
        lot=Lot(known.get("seed", "")),
        **moments,
    )


def lines(known: dict[str, str], study: Study) -> list[str]:
    """The plan as a calendar shows it."""
    person, now = facts(known), instant(known["now"])

    def wall(at: dt.datetime) -> str:
        return at.astimezone(person.zone).strftime("%Y-%m-%d %H:%M %z")

    def line(planned: Planned) -> str:
        opens, closes = planned.opens_at, planned.closes_at
        stretch = f"{wall(opens)} .. {wall(closes) if closes else 'the end'}" if opens else "not known"
        settled = f" {wall(planned.settled_at)}" if planned.settled_at else ""
        return f"{planned.step.id}: {stretch}, {planned.state}{settled}"

    plan = schedule.plan(study, person, now)
    found = [line(each) for each in plan.values()]
    for step in known.get("reminders of", "").split():
        found.append(f"{step} reminds: {'; '.join(wall(at) for at in plan[step].reminders) or 'never'}")
    if not study.is_cohort and person.allocated_at is None:
        verdict = allocation_due(study, person, now)
        since = f" since {wall(verdict.at)}" if verdict.at else ""
        found.append(f"allocation: {verdict.verdict}{since}{f' by {verdict.step}' if verdict.step else ''}")
    return found


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.claim)
def test_the_calendar_is_as_it_is_written(calendar: Calendar) -> None:
    assert calendar.expected
    assert lines(calendar.known, study_called(calendar.known["study"])) == calendar.expected


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.claim)
def test_what_it_has_settled_stays_settled(calendar: Calendar) -> None:
    """Looked at a day and a year later, with nothing done since, what was settled ended as it did and when it did."""
    study, person, now = study_called(calendar.known["study"]), facts(calendar.known), instant(calendar.known["now"])
    settled = {k: (p.state, p.settled_at) for k, p in schedule.plan(study, person, now).items() if p.is_settled}
    for days in (1, 366):
        later = schedule.plan(study, person, now + dt.timedelta(days))
        assert {k: (later[k].state, later[k].settled_at) for k in settled} == settled


@pytest.mark.parametrize("name", STUDIES)
def test_the_studies_are_bundles(name: str, tmp_path: Path) -> None:
    assert faults_of(as_folder(example(PROGRAMME) | {"study.yaml": (HEAD + STUDIES[name]).encode()}, tmp_path)) == []


def test_there_are_as_many_as_promised() -> None:
    assert len(CALENDARS) >= 60
    assert len({each.claim for each in CALENDARS}) == len(CALENDARS)
    assert {each.known["study"] for each in CALENDARS} == set(STUDIES)
    assert len({each.known["zone"] for each in CALENDARS}) >= 12
    words = " ".join(each.claim for each in CALENDARS)
    assert all(re.search(rf"\b{word}", words) for word in ("miss", "mov", "leav", "skip", "wait"))
