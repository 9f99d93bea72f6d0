"""A rehearsal: a study played from the first consent to the last window, by real services, on a clock that jumps.

Nothing is written in bulk. From one instant to the next at which somebody acts or something falls due the clock jumps;
at what falls due there is a turn, as every quarter of an hour in a lab that sleeps well.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from django.db.models import BigIntegerField, DateTimeField, QuerySet

import clock
from accounts.services import ensure_account
from coaching.models import Enrolment, Message, Occasion, SafetyAlert, StudyVersion
from coaching.prepared import Prepared, Slot
from coaching.selectors.people import enrolments, in_programme
from coaching.selectors.studies import declared
from rehearsal import rehearse_acts as acts
from rehearsal.lengths import length_d
from rehearsal.rehearse_acts import Erase, Stage
from rehearsal.rehearse_cast import Player, cast
from rehearsal.rehearse_check import Unexplained, unexplained
from rehearsal.rehearse_journal import Journal, Rows, collect, rows_of

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
GRID = timedelta(minutes=15)
"""How far apart turns are, at least."""
PATIENCE = timedelta(days=120)
"""How long after a study's length a rehearsal gives up on it."""
SLOW_TO_LOOK = timedelta(hours=2, minutes=30)
QUICK_TO_LOOK = timedelta(minutes=25)

Progress = Callable[[datetime, int, int], None]


class Turn(Protocol):
    """One turn of the follow-ups: the floor above hands it in."""

    def __call__(self, *, now: datetime) -> Mapping[str, int]:
        """Does it; counts."""
        ...


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a rehearsal came to.

    Attributes:
        rows: What the product held of each person at the end; of the erased, just before.
        turns: How many turns there were.
        began_at, ended_at: By the rehearsal's own clock.
        unexplained: What nobody's acts and no rule accounts for; empty when all is well.
    """

    version: StudyVersion
    players: tuple[Player, ...]
    rows: tuple[Rows, ...]
    journal: Journal
    turns: int
    began_at: datetime
    ended_at: datetime
    unexplained: tuple[Unexplained, ...]


def rehearse(
    *,
    version: StudyVersion,
    people: int,
    seed: str,
    start: datetime,
    turn: Turn,
    erase: Erase,
    sink: Path,
    progress: Progress = lambda now, done, of: None,
) -> Rehearsed:
    """Plays a study with so many people, to its end, in the database at hand.

    Args:
        version: The study, with nobody in it.
        people: How many, from 1.
        seed: Any text: with the same one, the same people do the same.
        start: When the first may come.
        turn: A turn of the follow-ups.
        erase: What erases a person.
        sink: The folder into which mails go; what lies there already is not of this rehearsal.
        progress: Called once a day with where the clock stands, how many people are through, and how many there are.
    """
    study = declared(version)
    players = cast(study.slug, seed, people, length_d(study))
    coach = ensure_account(email="coach@example.org", by="command", now=start)
    before = Journal(read={file.name for file in sink.glob("*.eml")})
    play = _Play(Stage(version, coach, erase, sink, before), players, start, turn, progress)
    play.run(until=start + timedelta(days=length_d(study)) + PATIENCE)
    collect(play.stage.journal, sink)
    rows, journal = play.rows(), play.stage.journal
    wrong = unexplained(study, rows, journal, grid=GRID, ended_at=play.now)
    return Rehearsed(version, players, rows, journal, play.turns, start, play.now, tuple(wrong))


class _Play:
    """A rehearsal as it goes on."""

    def __init__(
        self, stage: Stage, players: tuple[Player, ...], start: datetime, turn: Turn, progress: Progress
    ) -> None:
        self.stage = stage
        study = stage.version.study
        self.now = start
        self.turns = 0
        self._players = players
        self._of_row: dict[int, Player] = {}
        self._turn = turn
        self._progress = progress
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._count = 0
        self._decided: set[tuple[int, str, datetime | None, datetime | None]] = set()
        self._alarmed: set[int] = set()
        self._last_alert = 0
        self._told_on: date | None = None
        # Asked after each act and each turn.
        self._falls = [_first(Enrolment.objects.filter(study=study, erased_at=None), "next_boundary_at")]
        waiting = Message.objects.filter(enrolment__study=study, state=Message.State.SCHEDULED)
        unseen = SafetyAlert.objects.filter(enrolment__study=study, seen_at=None, level__gte=1)
        self._falls += [_first(waiting, "due_at"), _first(unseen, "look_by")]
        is_open = Occasion.objects.filter(
            enrolment__study=study, settled_at=None, opens_at__lte=Slot("now", DateTimeField())
        )
        self._open = Prepared(lambda: is_open.only("enrolment", "key", "opens_at", "closes_at"))
        raised = SafetyAlert.objects.filter(enrolment__study=study, pk__gt=Slot("last", BigIntegerField()))
        self._raised = Prepared(lambda: raised.only("pk").order_by("pk"))
        for player in players:
            self._at(start + player.comes_after, lambda player=player: self._come(player))  # type: ignore[misc]

    def run(self, *, until: datetime) -> None:
        """Goes on until nothing more happens by itself or by anybody, or it is too late."""
        while self.now < until:
            acts_at = self._events[0][0] if self._events else None
            turns_at = self._falls_due()
            if acts_at is None and turns_at is None:
                break
            if turns_at is None or (acts_at is not None and acts_at <= turns_at):
                self.now, _, act = heapq.heappop(self._events)
                with self._clock():
                    act()
            else:
                self.now = turns_at
                self.turns += 1
                with self._clock():
                    self._turn(now=self.now)
            self._look_around()
        with self._clock():
            acts.pay(self.stage, self.now)

    def rows(self) -> tuple[Rows, ...]:
        """What is held of everybody who came, in the order of their numbers; of the erased, as it was before."""
        erased = self.stage.journal.erased
        found = []
        for player in self._players:
            name = self.stage.pseudonyms.get(player.number)
            if name is not None:
                held = rows_of(self.stage.row(player), player.address)
                before = erased.get(name)
                # Of an erased person the ledger alone is kept, and goes on.
                found.append(replace(before, payments=held.payments) if before else held)
        return tuple(found)

    def _clock(self) -> AbstractContextManager[None]:
        """The product's clock, standing where the rehearsal stands."""
        return clock.ahead(self.now - clock.now())

    def _at(self, at: datetime, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (max(at, self.now), self._count, act))

    def _falls_due(self) -> datetime | None:
        """When the next turn has something to do, on the grid; None: never."""
        firsts = (getattr(row, column) for asked, column in self._falls for row in asked.all())
        due: datetime | None = min(firsts, default=None)
        if due is None:
            return None
        since: timedelta = max(due, self.now) - EPOCH
        return EPOCH + GRID * (since // GRID + 1)

    # --- what people do ---

    def _come(self, player: Player) -> None:
        if player.is_invited:
            acts.invite(self.stage, player, self.now)
            self._at(self.now + timedelta(hours=3), lambda: self._consent(player))
        else:
            self._consent(player)

    def _consent(self, player: Player) -> None:
        acts.consent(self.stage, player, self.now)
        self._of_row[self.stage.people[player.number][0]] = player
        self._at(self.now + player.turns_after, lambda: self._do_turn(player))

    def _do_turn(self, player: Player) -> None:
        if acts.turn(self.stage, player, self.now):
            self._at(self.now + player.back_after, lambda: self._resume(player))

    def _resume(self, player: Player, *, by_staff: bool = False) -> None:
        """A pause ends; what is open then is decided about anew."""
        acts.resume(self.stage, player, self.now, by_staff=by_staff)
        row = self.stage.people[player.number][0]
        self._decided = {seen for seen in self._decided if seen[0] != row}

    def _look_around(self) -> None:
        """What has opened meanwhile, people decide about; on what was raised, the team looks some time later."""
        for each in self._open.all(now=self.now):
            seen = (each.enrolment_id, each.key, each.opens_at, each.closes_at)
            if seen not in self._decided:
                self._decided.add(seen)
                self._decide(self._of_row[each.enrolment_id], each.key, each.closes_at)
        for raised in self._raised.all(last=self._last_alert):
            alert = self._last_alert = raised.pk
            after = SLOW_TO_LOOK if alert % 2 == 0 else QUICK_TO_LOOK
            self._at(self.now + after, lambda alert=alert: self._look(alert))  # type: ignore[misc]

    def _decide(self, player: Player, step: str, closes_at: datetime | None) -> None:
        if player.manner == "quits" and self.now > self._quits_at(player) or not player.does(step):
            return
        length = (closes_at - self.now) if closes_at is not None else timedelta(days=2)
        at = self.now + length * player.when(step)
        if closes_at is None or at < closes_at:
            self._at(at, lambda: self._visit(player, step))

    def _quits_at(self, player: Player) -> datetime:
        consented_at: datetime | None = self.stage.row(player).consented_at
        return (consented_at or self.now) + player.turns_after

    def _visit(self, player: Player, step: str) -> None:
        is_alarmed = player.manner == "distressed" and player.number not in self._alarmed
        if not acts.visit(self.stage, player, step, self.now, is_alarmed=is_alarmed):
            return
        self._note_alarm(player)
        if player.answers_after(step):
            self._at(self.now + timedelta(minutes=11), lambda: self._say_after(player, step))
        if self._told_on != self.now.date():
            self._told_on = self.now.date()
            self._progress(self.now, self._through(), len(self._players))

    def _say_after(self, player: Player, step: str) -> None:
        is_alarmed = player.manner == "distressed" and player.number not in self._alarmed
        acts.say_after(self.stage, player, step, self.now, is_alarmed=is_alarmed)
        self._note_alarm(player)

    def _note_alarm(self, player: Player) -> None:
        """Whoever was heard once has said it."""
        name = self.stage.pseudonyms[player.number]
        if player.manner == "distressed" and any(self.stage.journal.of(name, "answered")):
            self._alarmed.add(player.number)

    def _look(self, alert: int) -> None:
        row = acts.look(self.stage, alert, self.now)
        if row is not None and self.stage.row(self._of_row[row]).paused_at is not None:
            player = self._of_row[row]
            self._at(self.now + timedelta(hours=20), lambda: self._resume(player, by_staff=True))

    def _through(self) -> int:
        study = self.stage.version.study
        return len(self._of_row) - enrolments().filter(in_programme(), study=study).count()


def _first(rows: QuerySet[Any], column: str) -> tuple[Prepared[Any], str]:
    """What asks for the row whose column is the earliest, and the column."""
    return Prepared(lambda: rows.filter(**{f"{column}__isnull": False}).order_by(column).only(column)[:1]), column
