"""Whether a person may read their own report, as their version of the study declares it."""

from __future__ import annotations

from coaching.models import Enrolment
from coaching.selectors.studies import declared


def report_is_open(enrolment: Enrolment) -> bool:
    """Whether the study lets this person read their own scores, and their time for it has come.

    That is once the step that the study names is over for them, done or not, or else once they have completed it.
    Whoever left before is not told what they would have been told.
    """
    if enrolment.version is None or enrolment.consented_at is None or enrolment.withdrawn_at is not None:
        return False
    feedback = declared(enrolment.version).feedback
    if feedback is None:
        return False
    if feedback.after is None:
        return enrolment.completed_at is not None
    return enrolment.occasions.filter(key=feedback.after, settled_at__isnull=False).exists()
