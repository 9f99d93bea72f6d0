"""How far a guided session has come, whether anything is still taken for it, and what was given in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import BigIntegerField, FilteredRelation, UUIDField

from coaching.models import Enrolment, Occasion
from coaching.prepared import Prepared, Slot
from coaching.selectors.draws import script_at
from coaching.selectors.occasions import bar, version_of
from coaching.selectors.studies import declared
from imagery import timeline
from imagery.models import Rating, SessionRun, StageVisit
from imagery.selectors.versions import script_of_run
from imagery.timeline import RATED, place_of, stage_called
from protocol.script import Script, Stage

CHOICE = "choice"  # the kind of a rating that is a choice of the way


class Refusal(StrEnum):
    """Why nothing is taken."""

    AWAY = "away"  # paused, withdrawn, erased
    NOT_OPEN = "not_open"  # the window has not opened
    FINISHED = "finished"  # the session was completed
    CLOSED = "closed"  # the window closed, or the step was missed or cancelled
    ELSEWHERE = "elsewhere"  # the person has not come to that stage, or is no longer on the way that leads over it
    SEALED = "sealed"  # a picture that comes later was shown: what was given before it stands


@dataclass(frozen=True, slots=True)
class Session:
    """One guided session of one occasion: the script, and how far the person's latest attempt has come.

    Attributes:
        occasion: With the person at hand.
        script: As the attempt was begun with; before that, as the person's version of the study declares it.
        run: The latest attempt; None before the session is begun.
        visits: The stages of that attempt that were shown, by id.
        choices: The option chosen at each of its choices, from 1, by the stage's id.
    """

    occasion: Occasion
    script: Script
    run: SessionRun | None = None
    visits: dict[str, StageVisit] = field(default_factory=dict)
    choices: dict[str, int] = field(default_factory=dict)

    @property
    def begun(self) -> SessionRun:
        """The latest attempt, where there is sure to be one.

        Raises:
            ValueError: The session was not begun.
        """
        if self.run is None:
            raise ValueError(f"{self.occasion.key} was not begun")
        return self.run

    @property
    def has_moved(self) -> bool:
        """Whether the person has gone on from a stage in this attempt."""
        return any(visit.left_at is not None for visit in self.visits.values())

    @property
    def locked(self) -> tuple[str, ...]:
        """The layers that this attempt leaves out, since they are not open to the person yet."""
        return tuple(self.run.locked.split()) if self.run else ()

    def way(self) -> tuple[Stage, ...]:
        """The stages of the person's way, by what they chose so far."""
        return timeline.way(self.script, self.choices, self.locked)

    def following(self, stage: Stage) -> Stage | None:
        """The stage that comes after another on the person's way; None after the last."""
        return timeline.following(self.script, stage, self.choices.get(stage.id), self.locked)

    def here(self) -> Stage | None:
        """Where the person is: the first stage of their way that they have not gone on from; None at its end."""
        left = {id for id, visit in self.visits.items() if visit.left_at is not None}
        return next((stage for stage in self.way() if stage.id not in left), None)

    def stage(self, id: str) -> Stage | None:
        """The script's stage with that id."""
        return stage_called(self.script, id)

    def has_reached(self, id: str) -> bool:
        """Whether a stage was shown to the person and lies on their way."""
        return id in self.visits and any(stage.id == id for stage in self.way())

    def is_sealed(self, id: str) -> bool:
        """Whether what was given at a stage stands for good, since a later picture was shown."""
        return timeline.is_sealed(self.script, id, self.visits)

    def place(self, id: str) -> int:
        """The place of a stage among all of the script's, 1 the first."""
        return place_of(self.script, id)


_OCCASION = Prepared(
    lambda: Occasion.objects.filter(
        enrolment=Slot("enrolment", BigIntegerField()),
        public_id=Slot("id", UUIDField()),
        kind=Occasion.Kind.IMAGERY,
    )
)
_RUNS = Prepared(
    lambda: (
        SessionRun.objects.filter(occasion=Slot("occasion", BigIntegerField()))  # type: ignore[misc]
        .annotate(visit=FilteredRelation("visits"))
        .select_related("visit")
        .order_by("-attempt", "visit__pk")
    )
)


def session(enrolment: Enrolment, occasion_id: UUID) -> Session | None:
    """The guided session of the person's occasion with that public id; None for anybody else's, or an unknown one."""
    occasion = occasion_of(enrolment, occasion_id)
    return session_of(occasion) if occasion else None


def occasion_of(enrolment: Enrolment, occasion_id: UUID) -> Occasion | None:
    """The person's occasion of this room with that public id, the person at hand."""
    occasion = _OCCASION.first(enrolment=enrolment.pk, id=occasion_id)
    if occasion is not None:
        occasion.enrolment = enrolment
    return occasion


def session_of(occasion: Occasion) -> Session | None:
    """The guided session of an occasion whose person is at hand; None where their path has none there."""
    own = _own_script(occasion)
    if own is None:
        return None
    rows = _RUNS.all(occasion=occasion.pk)  # one a visit
    if not rows:
        return Session(occasion, own)
    run = rows[0]
    script = script_of_run(version_of(occasion.enrolment), run) or own
    run.occasion = occasion
    shown: list[StageVisit] = [row.visit for row in rows if row.pk == run.pk and hasattr(row, "visit")]
    for visit in shown:
        visit.run = run
    return Session(occasion, script, run, {visit.stage: visit for visit in shown}, _choices(run, script))


def script_of(occasion: Occasion) -> Script | None:
    """The script of an occasion: as it was begun with, before that as the person's version of the study declares it."""
    own = _own_script(occasion)
    if own is None or not version_of(occasion.enrolment).takes_over:
        return own
    run = SessionRun.objects.filter(occasion=occasion).order_by("-attempt").first()
    return script_of_run(version_of(occasion.enrolment), run) if run else own


def _own_script(occasion: Occasion) -> Script | None:
    """As the person's version declares it."""
    slug = script_at(occasion)
    return None if slug is None else declared(version_of(occasion.enrolment)).scripts[slug]


def refusal(occasion: Occasion, now: datetime) -> Refusal | None:
    """Why nothing is taken for an occasion, whose person is at hand, at `now`; None while something is."""
    why = bar(occasion, now)
    return Refusal(why.value) if why else None


def draft_of(occasion: Occasion, stage: Stage) -> str:
    """The strokes of a drawing that is not finished in the latest attempt, as JSON; empty without any."""
    if stage.kind != "draw":
        return ""
    run = SessionRun.objects.filter(occasion=occasion).order_by("-attempt").first()
    return (run.drafts.filter(stage=stage.id).values_list("strokes", flat=True).first() if run else "") or ""


def unanswered(session: Session, given: Mapping[str, Rating]) -> list[Stage]:
    """What is asked on the person's way and was not answered, not even that they would rather not say."""
    return [stage for stage in session.way() if stage.kind in RATED and stage.id not in given]


def _choices(run: SessionRun, script: Script) -> dict[str, int]:
    if not any(stage.kind == "choose" for stage in script.stages):
        return {}
    made = run.ratings.filter(kind=CHOICE, status=Rating.Status.ANSWERED).values_list("stage", "value")
    chooses = {stage.id for stage in script.stages if stage.kind == "choose"}
    return {stage: int(value) for stage, value in made if value is not None and stage in chooses}
