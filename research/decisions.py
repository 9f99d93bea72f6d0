"""What a named person decides about a flag in somebody's data. It removes nothing: it stands beside the data."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record
from accounts.models import User
from coaching.models import Enrolment
from coaching.services.occasions import lock
from research.flags import Flag, decisions_on
from research.models import QualityDecision

LONGEST_REASON = 300


class NotForExclusion(ValueError):
    """The flag is a finding: a result of the study, which no rule and no person leaves out."""


@transaction.atomic
def decide(*, enrolment: Enrolment, flag: Flag, decision: str, reason: str, by: User, now: datetime) -> QualityDecision:
    """The decision that stands from now on; saying again what stands already adds nothing.

    Raises:
        NotForExclusion: A finding was to be left out.
    """
    if decision == QualityDecision.Decision.EXCLUDE and flag.rule.tag == "finding":
        raise NotForExclusion(flag.rule.name)
    person = lock(enrolment.pk)
    standing = decisions_on(person, flag).first()
    if standing is not None and (
        (standing.decision, standing.reason, standing.rule_version, standing.by_id)
        == (decision, reason, flag.rule.version, by.pk)
    ):
        return standing
    made = QualityDecision.objects.create(
        enrolment=person,
        rule=flag.rule.name,
        rule_version=flag.rule.version,
        timepoint=flag.timepoint,
        part=flag.part,
        decision=decision,
        reason=reason,
        by=by,
        decided_at=now,
    )
    # The reason stays with the decision, which goes when the person is erased; the log would keep it.
    record(
        by=by,
        action="quality.decide",
        now=now,
        study=person.study.slug,
        subject=person.pseudonym,
        rule=flag.rule.name,
        rule_version=flag.rule.version,
        timepoint=flag.timepoint,
        part=flag.part,
        decision=decision,
    )
    return made


@transaction.atomic
def erase_person(enrolment: Enrolment) -> None:
    """Removes all that this room holds of a person. Part of an erasure."""
    QualityDecision.objects.filter(enrolment=enrolment).delete()
