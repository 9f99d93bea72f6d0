"""A small rehearsal: everything is accounted for, and what is broken on purpose is named."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from coaching.selectors.studies import declared
from protocol.study import Study
from rehearsal.rehearse import GRID, Rehearsed
from rehearsal.rehearse_cast import MANNERS, cast
from rehearsal.rehearse_check import unexplained
from rehearsal.rehearse_journal import Journal, Mail, Rows
from rehearsal.rehearse_table import lines_of
from tests import world
from tests.rehearsal.players import played, published

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# Two arms, a session and a check each week, and one of everything that a message can be.
STUDY = """\
format: 1
slug: small-play
title: A small play
languages: [en]
timezone: Europe/London
contact: lab@example.org
summary: welcome.md
consent: {version: "1", text: welcome.md, statements: [{id: take_part, text: "I agree to take part."}]}
before:
  - {id: first, do: assess, instruments: [well], at: "consent + 0s", window: [0s, 2d], REMINDED, HOURS}
allocation: {method: blocks, blocks: [2]}
arms:
  now:
    steps:
      - {id: s, at: "allocation + 1d at 10:00", SESSIONS}
  later:
    later:
      - {id: s, at: "week.closed + 1d at 10:00", SESSIONS}
after:
  - {id: week, do: assess, instruments: [well], at: "allocation + 6d", window: [0s, 2d], REMINDED, HOURS}
safety:
  ask: {instrument: well, after: session}
  rules: [{id: distress, instrument: well, when: "distress >= 8", do: [pause, alert]}]
  to: care@example.org
  escalate: [lead@example.org]
messages:
  waiting: {subject: "{study}", text: "Nothing to do: {link}", every: 2d, times: 2, arms: [later]}
  caps: {day: 2, week: 9}
payments: {currency: GBP, steps: {first: 2, week: 3.5}}
"""
SHORT = {
    "SESSIONS": "do: session, script: layers, repeat: 2 times every 2d, window: [0s, 2d], REMINDED, HOURS",
    "REMINDED": "remind: [0s, 1d], missed: skip",
    "HOURS": 'between: ["09:00", "20:00"]',
}
for _name, _text in SHORT.items():
    STUDY = STUDY.replace(_name, _text)
WELL = """\
id: well
title: How it is
source: Own item.
licence: CC0-1.0
scale: {min: 0, max: 10, step: 1, direction: higher_is_more}
sections: [{id: now, items: [{id: distress, text: "How upset are you?"}]}]
scores: {upset: {of: all, how: sum, direction: higher_is_more}}
"""
SCRIPT = """\
slug: layers
title: Layers
stages: [{say: Begin with a shape., hold: 20s}, {id: clear, rate: vividness, scale: {min: 1, max: 5}}]
"""
FILES = {
    "study.yaml": STUDY,
    "welcome.md": "Words.",
    "instruments/well.yaml": WELL,
    "scripts/layers.yaml": SCRIPT,
}


def files() -> world.Files:
    return {name: text.encode() for name, text in FILES.items()}


@pytest.fixture
def done() -> Rehearsed:
    """Eight people, one of each manner that a small rehearsal must have."""
    return played(published(files()), 8)


def again(done: Rehearsed, study: Study | None = None, **changes: Any) -> list[str]:
    """What the check says of what a rehearsal left, with something of it changed."""
    given: dict[str, Any] = {"rows": done.rows, "journal": done.journal} | changes
    found = unexplained(study or declared(done.version), **given, grid=GRID, ended_at=done.ended_at)
    return [f"{each.what}: {each.why}" for each in found]


def changed(done: Rehearsed, of: str, number: int, row: int, **values: Any) -> tuple[Rows, ...]:
    """The rows with one of them changed: of person `number` (from 0), the `row`-th of its kind."""
    person = done.rows[number]
    held = list(getattr(person, of))
    held[row] = {**held[row], **values}
    put: dict[str, Any] = {of: tuple(held)}
    return (*done.rows[:number], replace(person, **put), *done.rows[number + 1 :])


def test_everything_is_accounted_for_and_told(done: Rehearsed) -> None:
    text = "\n".join(lines_of(done, declared(done.version)))
    assert done.unexplained == ()
    assert text.endswith("unexplained: 0")
    assert {player.manner for player in done.players} == set(MANNERS[:8])
    assert len(done.rows) == 8
    assert len(done.journal.erased) == 1
    for what in ("leaves training", "s (x2)", "reminder", "invitation", "waiting", "alerts: ", "GBP"):
        assert what in text
    sent = [row for rows in done.rows for row in rows.messages if row["state"] == "sent"]
    assert len(sent) == len(done.journal.mails) > 8
    assert len({rows.enrolment["arm"] for rows in done.rows} - {""}) == 2
    assert any(rows.alerts for rows in done.rows)

    # --- and what is broken on purpose is named, each by its own words ---
    _check_mails(done)
    _check_windows(done)
    _check_the_rest(done)
    _check_arms(done)


def _sent(done: Rehearsed, kind: str = "reminder") -> tuple[int, int]:
    return next(
        (n, place)
        for n, rows in enumerate(done.rows)
        for place, row in enumerate(rows.messages)
        if row["state"] == "sent" and row["kind"] == kind and rows.pseudonym not in done.journal.erased
    )


def _without(done: Rehearsed, **changes: Any) -> Journal:
    journal = done.journal
    return Journal(
        acts=changes.get("acts", list(journal.acts)),
        mails=changes.get("mails", list(journal.mails)),
        erased=journal.erased,
    )


def _check_mails(done: Rehearsed) -> None:
    number, place = _sent(done)
    row = done.rows[number].messages[place]
    mail = next(each for each in done.journal.mails if each.key == row["key"].hex)
    rest = [each for each in done.journal.mails if each is not mail]

    def with_mail(*mails: Mail) -> list[str]:
        return again(done, journal=_without(done, mails=[*rest, *mails]))

    assert any("2 mails arrived" in each for each in with_mail(mail, mail))
    assert any("0 mails arrived" in each for each in with_mail())
    assert any("no message was planned" in each for each in with_mail(mail, replace(mail, key=uuid.uuid4().hex)))
    assert any("expected person" in each for each in with_mail(replace(mail, to="other@example.org")))
    assert any("sent at" in each for each in with_mail(replace(mail, at=mail.at - timedelta(hours=1))))
    assert any("sent at" in each for each in with_mail(replace(mail, at=mail.at + timedelta(hours=1))))
    for state, why in (("scheduled", "no end"), ("uncertain", "no end"), ("missed", "no such end")):
        assert any(why in each for each in again(done, rows=changed(done, "messages", number, place, state=state)))
    late = {"state": "failed", "reason": "no address"}
    assert any("no fact" in each for each in again(done, rows=changed(done, "messages", number, place, **late)))


def _check_windows(done: Rehearsed) -> None:
    def rows(**values: Any) -> list[str]:
        return again(done, rows=changed(done, "occasions", 0, 0, **values))

    own = done.rows[0].occasions[0]
    assert own["state"] == "done"
    assert any("still open" in each for each in rows(state="open", settled_at=None))
    assert any("they came 1 times" in each for each in rows(state="missed"))
    assert any("outside" in each for each in rows(closes_at=own["opens_at"]))
    assert any("expected" in each for each in rows(due_at=own["due_at"] + timedelta(days=1)))
    fewer = replace(done.rows[0], occasions=done.rows[0].occasions[1:])
    assert any("not in both" in each for each in again(done, rows=(fewer, *done.rows[1:])))
    came = [act for act in done.journal.acts if act.what != "came"]
    assert any("they came 0 times" in each for each in again(done, journal=_without(done, acts=came)))


def _check_the_rest(done: Rehearsed) -> None:
    number = next(n for n, rows in enumerate(done.rows) if rows.alerts)
    person = done.rows[number]
    silent = replace(person, alerts=())
    others = (done.rows[:number], done.rows[number + 1 :])
    assert any("0 raised; expected 1" in each for each in again(done, rows=(*others[0], silent, *others[1])))
    unseen = changed(done, "alerts", number, 0, seen_at=None)
    assert any("nobody ever looked" in each for each in again(done, rows=unseen))
    unpaid = replace(done.rows[0], payments=())
    assert any("None is in the ledger" in each for each in again(done, rows=(unpaid, *done.rows[1:])))
    unreminded = tuple(replace(rows, messages=()) for rows in done.rows)
    assert any("never planned" in each for each in again(done, rows=unreminded))
    session = next(
        (n, place)
        for n, rows in enumerate(done.rows)
        for place, row in enumerate(rows.occasions)
        if row["kind"] == "imagery" and row["state"] == "done"
    )
    unasked = changed(done, "occasions", *session, after_closes_at=None)
    assert any("nobody asked after" in each for each in again(done, rows=unasked))


def _check_arms(done: Rehearsed) -> None:
    study = declared(done.version)
    arm = study.arms[1]
    step = replace(study.before[0], id="only_here")
    unlike = replace(study, arms=(study.arms[0], replace(arm, later=(*arm.later, step))))
    assert "arm later: it is asked how people are at only_here, and not in every arm" in again(done, unlike)


def test_the_cast_is_the_same_for_the_same_seed_and_has_every_manner() -> None:
    people = cast("any", "s", 40, 60.0)
    assert people == cast("any", "s", 40, 60.0)
    assert people != cast("any", "t", 40, 60.0)
    assert people[:8] == cast("any", "s", 8, 60.0)
    assert {each.manner for each in people} == set(MANNERS)


@pytest.mark.parametrize("people", ["0", "-1", "many", "401"])
def test_how_many_people_is_checked(people: str) -> None:
    with pytest.raises(CommandError, match="expected a whole number from 1 to 400"):
        call_command("rehearse", "nowhere", "--people", people)
