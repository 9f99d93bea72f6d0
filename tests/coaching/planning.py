"""People in the middle of a study, and short ways to say what their plan holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from coaching import schedule, windows
from coaching.schedule import Facts, Planned
from protocol.study import Step
from tests.builders import arm, study, utc

CONSENT = utc("2027-01-10T12:00Z")
ALLOCATION = utc("2027-01-11T12:00Z")


def day(number: float) -> dt.datetime:
    """Noon of a day of January 2027 (UTC), or as much later; the tests' people consent on the 10th."""
    return utc("2026-12-31T12:00Z") + dt.timedelta(days=number)


def facts(zone: str = "UTC", **others: Any) -> Facts:
    known: dict[str, Any] = {"consented_at": CONSENT, "zone": windows.zone(zone)}
    return Facts(**(known | others))


def allocated(zone: str = "UTC", arm: str = "a", **others: Any) -> Facts:
    return facts(zone, **({"allocated_at": ALLOCATION, "arm": arm} | others))


def plan_of_arm(*steps: Step, at: dt.datetime, after: tuple[Step, ...] = (), **others: Any) -> dict[str, Planned]:
    """The plan of someone allocated at noon of the 11th to an arm of these steps."""
    return schedule.plan(study(arms=[arm("a", *steps)], after=after), allocated(**others), at)


def times(planned: Planned) -> tuple[dt.datetime | None, dt.datetime | None, dt.datetime | None]:
    return planned.due_at, planned.opens_at, planned.closes_at


def states(plan: Mapping[str, Planned]) -> dict[str, str]:
    return {key: each.state for key, each in plan.items()}
