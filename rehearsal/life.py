"""What has happened to one simulated person: the shapes in which it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from coaching.schedule import Planned
from rehearsal.afterwards import Asked
from rehearsal.layers import EVERYTHING, Opened
from rehearsal.people import Person, Reply
from rehearsal.sessions import Visit

OccasionState = Literal["waiting", "open", "done", "missed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place of one stratum's allocation list, counted from 1."""

    stratum: str
    position: int
    block: int
    arm: str
    number_in_arm: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One questionnaire as far as it was filled in: each reply with its instant.

    `order` holds all its items as shown, those too that were not due; `form` is the parallel form. `closed_at` is when
    every item had its row; None while it can be gone on with.
    """

    timepoint: str
    instrument: str
    place: int
    order: tuple[str, ...]
    replies: tuple[tuple[Reply, dt.datetime], ...]
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    closed_at: dt.datetime | None
    form: str = ""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One guided session as far as it went; nothing was shown of one that was missed without being begun.

    `is_early`: it was completed by being ended where its last visit is. `opened` is how its layers stood as it began.
    """

    timepoint: str
    script: str
    visits: tuple[Visit, ...]
    status: Literal["started", "completed", "missed"]
    started_at: dt.datetime | None
    completed_at: dt.datetime | None
    closed_at: dt.datetime | None
    is_early: bool = False
    opened: Opened = EVERYTHING


@dataclass(frozen=True, slots=True)
class Happening:
    """One planned step as it came: what the plan said, and how it stands.

    `asked` is what became of asking how the person is after it; None where it is not asked.
    """

    planned: Planned
    state: OccasionState
    settled_at: dt.datetime | None
    started_at: dt.datetime | None
    asked: Asked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """All that has happened to one person by the end of the simulated time."""

    person: Person
    consented_at: dt.datetime
    place: Place | None
    allocated_at: dt.datetime | None
    groups: Mapping[str, str]
    excluded_at: dt.datetime | None
    excluded_by: str
    paused_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    completed_at: dt.datetime | None
    next_boundary_at: dt.datetime | None
    happenings: tuple[Happening, ...]
    sheets: tuple[Sheet, ...]
    sittings: tuple[Sitting, ...]
