"""What a coach or a rater thinks which arm a person is in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record
from accounts.models import User
from assessments.models import ArmGuess
from coaching.models import Enrolment
from coaching.selectors.people import study_of
from coaching.services.occasions import lock

DONT_KNOW = "dont_know"
LONGEST_REASON = 500
MOST_CONFIDENT = 10


class NoSuchGuess(ValueError):
    """The study has no such arm, or the role, the confidence or the reason can't be taken."""


def may_be_guessed(enrolment: Enrolment) -> bool:
    """Whether there is an arm to guess: the study has arms, and the person takes part."""
    is_there = enrolment.consented_at is not None and enrolment.erased_at is None
    return is_there and bool(study_of(enrolment).arms)


@transaction.atomic
def guess_arm(
    *,
    enrolment: Enrolment,
    role: str,
    guess: str,
    confidence: int | None,
    reason: str,
    by: User,
    now: datetime,
) -> ArmGuess | None:
    """The guess that stands from now on, beside earlier ones; saying again what stands adds nothing.

    Args:
        enrolment: About whom.
        role: `coach` or `rater`.
        guess: An arm, or `dont_know`.
        confidence: 0 (a mere guess) to 10 (certain); None where nothing is said.
        reason: What makes them think so; at most 500 characters, may be empty.
        by: Who guesses.
        now: When.

    Returns:
        The guess; None where the person was erased meanwhile.

    Raises:
        NoSuchGuess: One of them can't be.
    """
    arms = {arm.name for arm in study_of(enrolment).arms}
    if not arms or guess not in {*arms, DONT_KNOW} or role not in ArmGuess.Role.values:
        raise NoSuchGuess(f"{role}, {guess}: expected coach or rater, and one of {', '.join(sorted(arms))}, dont_know")
    if not (confidence is None or 0 <= confidence <= MOST_CONFIDENT) or len(reason) > LONGEST_REASON:
        raise NoSuchGuess(f"a confidence of {confidence}, a reason of {len(reason)} characters: too much")
    person = lock(enrolment.pk)
    if person.erased_at is not None:
        return None
    standing = ArmGuess.objects.filter(enrolment=person, role=role, by=by).order_by("pk").last()
    if standing is not None and (standing.guess, standing.confidence, standing.reason) == (guess, confidence, reason):
        return standing
    made = ArmGuess.objects.create(
        enrolment=person, role=role, guess=guess, confidence=confidence, reason=reason, by=by, made_at=now
    )
    # What was guessed stays with the guess, which goes when the person is erased; the log would keep it.
    record(by=by, action="guess.record", now=now, study=person.study.slug, subject=person.pseudonym, role=role)
    return made
