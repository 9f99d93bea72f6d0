"""What somebody may leave by itself."""

from __future__ import annotations

from collections.abc import Collection

from coaching.models import Enrolment
from coaching.schedule import Planned
from coaching.selectors.people import study_of
from protocol.care import Leaving
from protocol.study import Study


def offered(enrolment: Enrolment, planned: Collection[Planned]) -> list[Leaving]:
    """The acts that the study offers and that would change something, in the study's order.

    The person has consented and has not left; `planned` is their plan.
    """
    study = study_of(enrolment)
    left = {
        "training": enrolment.left_training_at is not None or not _has_training(enrolment, study, planned),
        "contact": enrolment.no_contact_at is not None,
        "data": False,
    }
    return [act for act in study.leaving if not left[act]]


def _has_training(enrolment: Enrolment, study: Study, planned: Collection[Planned]) -> bool:
    """Whether a session is still to come, or may be, for who has no arm yet."""
    if any(each.step.do == "session" and not each.is_settled for each in planned):
        return True
    may_be_allocated = not study.is_cohort and enrolment.allocated_at is None and enrolment.excluded_at is None
    return may_be_allocated and any(step.do == "session" for arm in study.arms for step in (*arm.steps, *arm.later))
