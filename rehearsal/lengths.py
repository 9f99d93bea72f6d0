"""How long a study takes one person. Pure."""

from __future__ import annotations

import datetime as dt

from coaching.schedule import Facts, plan
from coaching.windows import zone
from protocol.study import Study


def length_d(study: Study) -> float:
    """How many days the study takes somebody who does everything when it is due, in its longest arm."""
    begin = dt.datetime(2025, 1, 6, 9, tzinfo=dt.UTC)
    arms: list[str | None] = [arm.name for arm in study.arms]
    return max(_longest(study, arm, begin) for arm in arms or [None])


def _longest(study: Study, arm: str | None, begin: dt.datetime) -> float:
    """Days until the last step is due or done, for somebody who does each as soon as it is due."""
    completed: dict[str, dt.datetime] = {}
    allocated_at = None if study.is_cohort else begin
    at = begin
    while True:
        facts = Facts(
            consented_at=begin, zone=zone(study.timezone), allocated_at=allocated_at, arm=arm, completed=completed
        )
        left = [p for p in plan(study, facts, at).values() if not p.is_settled and p.due_at is not None]
        if not left:
            return max((at - begin) / dt.timedelta(days=1), 1.0)
        nearest = min(left, key=lambda each: each.due_at or at)
        at = max(at, nearest.due_at or at)
        completed = completed | {nearest.step.id: at}
