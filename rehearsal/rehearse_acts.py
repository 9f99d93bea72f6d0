"""What people and staff of a rehearsal do, by the services that take anybody's acts; each is written down beside."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.db.models import BigIntegerField

from accounts.models import User
from assessments.models import Answer
from coaching.models import Enrolment, Message, Occasion, Payment, SafetyAlert, StudyVersion
from coaching.prepared import Prepared, Slot
from coaching.selectors.journey import asked_about
from coaching.selectors.people import enrolments, open_occasions
from coaching.selectors.studies import declared
from coaching.services import adjusting, care, leaving, payments, people, reminders, safety
from protocol.instrument import Instrument
from protocol.study import Study
from rehearsal.people import Person, Reply, person
from rehearsal.rehearse_answers import Wanted, alarming, calm, given
from rehearsal.rehearse_cast import Player
from rehearsal.rehearse_journal import Act, Journal, collect, rows_of
from rehearsal.walking import do

_ROW = Prepared(lambda: enrolments().filter(pk=Slot("id", BigIntegerField())))


class Erase(Protocol):
    """What erases a person: the floor above hands it in."""

    def __call__(self, *, enrolment: Enrolment, by: str, reason: str, now: datetime) -> object:
        """Erases them."""
        ...


@dataclass(slots=True)
class Stage:
    """Where a rehearsal plays: the study, who looks after it, and what was written down.

    Attributes:
        people: Each player's row and the person as whom they answer, once they came.
    """

    version: StudyVersion
    coach: User
    erase: Erase
    sink: Path
    journal: Journal = field(default_factory=Journal)
    people: dict[int, tuple[int, Person]] = field(default_factory=dict)
    pseudonyms: dict[int, str] = field(default_factory=dict)

    @property
    def study(self) -> Study:
        """What the study declares."""
        return declared(self.version)

    def row(self, player: Player) -> Enrolment:
        """The player's row as it is now."""
        found = _ROW.first(id=self.people[player.number][0])
        if found is None:
            raise Enrolment.DoesNotExist(f"player {player.number} has no row any more")
        return found

    def note(self, player: Player, now: datetime, what: str, of: str = "", said: object = None) -> None:
        """Writes down an act."""
        name = self.pseudonyms[player.number]
        self.journal.acts.append(Act(now, name, what, of, said if isinstance(said, dict) else {}))


# --- coming ----------------------------------------------------------------------------------------------------------


def invite(stage: Stage, player: Player, now: datetime) -> None:
    """Staff invite somebody by mail."""
    row, _ = people.invite(study=stage.version.study, by=stage.coach, now=now, email=player.address)
    reminders.schedule(enrolment=row, kind=Message.Kind.INVITATION, now=now)
    _know(stage, player, row)


def consent(stage: Stage, player: Player, now: datetime) -> None:
    """Somebody comes to the door, consents, and says where they live and are reached."""
    study, invited = stage.study, player.number in stage.people
    who = person(study, player.key, player.number, 1.0)
    row = people.consent(
        version=stage.version,
        agreed=set(who.agreed),
        language=who.language,
        eligibility=who.eligibility,
        external_ids={},
        now=now,
        screening=None if invited else people.begin_screening(study=stage.version.study, now=now),
        enrolment=stage.row(player) if invited else None,
    )
    people.record_contact(enrolment=row, email=player.address, timezone=player.zone, by="participant", now=now)
    _know(stage, player, row)
    stage.note(player, now, "consented", player.zone)


def _know(stage: Stage, player: Player, row: Enrolment) -> None:
    who = person(stage.study, player.key, player.number, 1.0)
    stage.people[player.number] = (row.pk, replace(who, declines=0.0))
    stage.pseudonyms[player.number] = row.pseudonym


# --- taking part -----------------------------------------------------------------------------------------------------


def visit(stage: Stage, player: Player, step: str, now: datetime, *, is_alarmed: bool) -> bool:
    """Somebody comes to do a step; whether they could.

    Whoever `is_alarmed` answers, where it is asked how they are, what calls for somebody to look.
    """
    row = stage.row(player)
    occasion = next((each for each in open_occasions(row, now) if each.key == step), None)
    if occasion is None:
        stage.note(player, now, "turned away", step)
        return False
    occasion.enrolment = row
    _do(stage, player, occasion, now, is_after=False, is_alarmed=is_alarmed)
    stage.note(player, now, "came", step)
    return True


def say_after(stage: Stage, player: Player, step: str, now: datetime, *, is_alarmed: bool) -> bool:
    """Somebody says how they are after a session; whether they were asked."""
    row = stage.row(player)
    occasion = next(iter(asked_about(row, row.occasions.filter(key=step), now)), None)
    if occasion is None or row.paused_at is not None:
        return False
    occasion.enrolment = row
    _do(stage, player, occasion, now, is_after=True, is_alarmed=is_alarmed)
    return True


def _do(stage: Stage, player: Player, occasion: Occasion, now: datetime, *, is_after: bool, is_alarmed: bool) -> None:
    care_of = stage.study.safety
    _, who = stage.people[player.number]
    wanted: dict[str, Wanted] = {}

    def says(instrument: Instrument, reply: Reply) -> Reply:
        if instrument.id not in care_of.instruments:
            return reply
        if not is_alarmed:
            return calm(instrument, reply)
        wanted.setdefault(instrument.id, alarming(care_of, instrument))
        return given(instrument, reply, wanted[instrument.id])

    do(occasion=occasion, who=who, now=now, is_after=is_after, says=says)
    is_asked = is_after or occasion.kind == Occasion.Kind.ASSESSMENTS
    for name in sorted(care_of.instruments) if is_asked else ():
        answers = Answer.objects.filter(
            administration__occasion=occasion, administration__instrument=name, status=Answer.Status.ANSWERED
        )
        said = {answer.item: answer.value if answer.value is not None else answer.text for answer in answers}
        if said:
            stage.note(player, now, "answered", occasion.key, {"": name, **said})


# --- turns of the way ------------------------------------------------------------------------------------------------


def turn(stage: Stage, player: Player, now: datetime) -> bool:
    """What somebody's manner makes them do, once; whether they come back to it (a pause ends)."""
    row = stage.row(player)
    if row.withdrawn_at or row.erased_at:
        return False
    acts = {
        "leaves training": _leave_training,
        "stops contact": _stop_contact,
        "erased": _erase,
        "withdraws": _withdraw,
        "moves zone": _move_zone,
        "pauses": _pause,
        "distressed": _report,
        "helped": _help,
    }
    act = acts.get(player.manner)
    if act is not None:
        act(stage, player, row, now)
    return player.manner == "pauses"


def resume(stage: Stage, player: Player, now: datetime, *, by_staff: bool = False) -> None:
    """A pause ends."""
    row = stage.row(player)
    if row.paused_at is not None:
        people.resume(enrolment=row, by=stage.coach if by_staff else "participant", now=now)
        stage.note(player, now, "resumed")


def _leave_training(stage: Stage, player: Player, row: Enrolment, now: datetime) -> None:
    if leaving.leave_training(enrolment=row, by="participant", now=now):
        stage.note(player, now, "left training")


def _stop_contact(stage: Stage, player: Player, row: Enrolment, now: datetime) -> None:
    if leaving.stop_contact(enrolment=row, by="participant", now=now):
        stage.note(player, now, "stopped contact")


def _withdraw(stage: Stage, player: Player, row: Enrolment, now: datetime) -> None:
    people.withdraw(enrolment=row, choice="keep", by="participant", now=now)
    stage.note(player, now, "withdrew")


def _erase(stage: Stage, player: Player, row: Enrolment, now: datetime) -> None:
    people.withdraw(enrolment=row, choice="erase", by="participant", now=now)
    collect(stage.journal, stage.sink)  # the mails go with the person
    row = stage.row(player)
    stage.journal.erased[row.pseudonym] = rows_of(row, player.address)
    stage.erase(enrolment=row, by="participant", reason="participant", now=now)
    stage.note(player, now, "erased")


def _move_zone(stage: Stage, player: Player, row: Enrolment, now: datetime) -> None:
    people.record_contact(enrolment=row, email=player.address, timezone=player.zone_after, by="participant", now=now)
    stage.note(player, now, "moved zone", player.zone_after)


def _pause(stage: Stage, player: Player, row: Enrolment, now: datetime) -> None:
    people.pause(enrolment=row, by="participant", now=now)
    stage.note(player, now, "paused")


def _report(stage: Stage, player: Player, row: Enrolment, now: datetime) -> None:
    safety.report(
        enrolment=row,
        kind="unwell",
        text="",
        wants_contact=True,
        screen="home",
        occasion=None,
        key=uuid.uuid5(uuid.NAMESPACE_URL, f"{player.key}:report"),
        now=now,
    )
    stage.note(player, now, "reported")


def _help(stage: Stage, player: Player, row: Enrolment, now: datetime) -> None:
    """Staff skip the next step of somebody, and move the one after it."""
    coming = row.occasions.filter(settled_at=None, opens_at__gt=now, closes_at__isnull=False).order_by("opens_at")
    acts = zip(coming[:2], ("staff skipped", "staff moved"), strict=False)
    for occasion, what in acts:
        if what == "staff skipped":
            adjusting.skip_step(occasion=occasion, reason="rehearsed", by=stage.coach, now=now)
        elif occasion.due_at is not None:
            due_at = occasion.due_at + timedelta(hours=20)
            adjusting.move_step(occasion=occasion, due_at=due_at, reason="rehearsed", by=stage.coach, now=now)
        stage.note(player, now, what, occasion.key)


# --- the team --------------------------------------------------------------------------------------------------------


def look(stage: Stage, alert: int, now: datetime) -> int | None:
    """Somebody of the team looks at an alert; whose it is (the person's number of row), None where it is gone."""
    found = SafetyAlert.objects.filter(pk=alert).select_related("enrolment__study").first()
    if found is None:
        return None
    if care.look(alert=found, done="Wrote to them.", by=stage.coach, now=now):
        stage.journal.acts.append(Act(now, found.enrolment.pseudonym, "looked", str(alert)))
    return found.enrolment_id


def pay(stage: Stage, now: datetime) -> None:
    """The team approves and pays all that is due."""
    study = stage.version.study
    due = list(Payment.objects.filter(enrolment__study=study).values_list("pk", flat=True))
    payments.approve(study=study, payments=due, by=stage.coach, now=now)
    payments.mark_paid(study=study, payments=due, reference="rehearsed", by=stage.coach, now=now)
