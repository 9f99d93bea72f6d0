"""The five templates, each rehearsed with forty people by the command: nothing is unexplained. It prints the tables."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from coaching import windows
from coaching.services import falling_due, occasions, outbox
from config import tick
from rehearsal import rehearse
from rehearsal.rehearse_cast import Player
from tests.rehearsal.players import NAMES, TEMPLATES, played, published
from tests.rehearsal.test_rehearse import files

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.once]

PEOPLE = 40
SIDE_BY_SIDE = 2


@pytest.fixture(scope="module")
def rehearsals() -> Iterator[dict[str, Future[tuple[int, str, str, float]]]]:
    """Each template's rehearsal, two beside each other, the longest first."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        longest_first = sorted(NAMES, key=lambda name: name != "multiple-baseline")
        yield {name: pool.submit(_rehearsed, name) for name in longest_first}


def _rehearsed(name: str) -> tuple[int, str, str, float]:
    began = time.monotonic()
    command = [sys.executable, "manage.py", "rehearse", str(TEMPLATES / name), "--people", str(PEOPLE)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr, time.monotonic() - began


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_unexplained(
    name: str,
    rehearsals: dict[str, Future[tuple[int, str, str, float]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, table, complaints, took_s = rehearsals[name].result()
    with capsys.disabled():
        print(f"\n{table}in {took_s:.0f} s")
    assert status == 0, table + complaints
    assert "unexplained: 0" in table
    assert f"{PEOPLE} people" in table.splitlines()[0]


def _without_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails go on after somebody asked for none."""
    monkeypatch.setattr(outbox, "FENCE", outbox.FENCE.replace("AND person.no_contact_at IS NULL", ""))
    monkeypatch.setattr(falling_due, "settle_due", lambda *, now: {"cancelled": 0, "missed": 0})


def _without_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reminders go at any hour."""
    monkeypatch.setattr(windows, "next_in_between", lambda at, between, zone: at)
    monkeypatch.setattr(falling_due, "_is_in_hours", lambda message, now: True)


def _without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked how they are after a session."""
    monkeypatch.setattr(occasions, "_ask_after", lambda enrolment, occasion, now: None)


def _without_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is owed."""
    monkeypatch.setattr(occasions, "owe", lambda enrolment, *, step, now: None)


def _without_escalation(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alert stays with who does not look."""
    monkeypatch.setattr(tick, "escalate_due", lambda *, now: 0)


def _early(players: tuple[Player, ...]) -> tuple[Player, ...]:
    return tuple(replace(player, turns_after=timedelta(hours=20)) for player in players)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (_without_fence, "after they stopped contact"),
        (_without_hours, "outside the hours for it"),
        (_without_asking, "nobody asked after"),
        (_without_pay, "is in the ledger; expected"),
        (_without_escalation, "it went to nobody else"),
    ],
)
def test_a_rule_that_is_broken_on_purpose_is_named(
    broken: Callable[[pytest.MonkeyPatch], None], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    # Everybody turns on their first day: what a rule is there for has still to come.
    players = rehearse.cast
    monkeypatch.setattr(rehearse, "cast", lambda *args: _early(players(*args)))
    done = played(published(files()), 8)
    assert any(named in str(each) for each in done.unexplained), "\n".join(map(str, done.unexplained))
