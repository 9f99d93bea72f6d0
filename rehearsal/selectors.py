"""Who bears which name already, and what somebody said before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from assessments.entries import Entry
from assessments.models import Administration, Answer
from coaching.models import Enrolment, Occasion, Study

CHUNK = 900  # names a statement: SQLite took no more than 999 parameters for a long time


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who bears a pseudonym, and one of their occasions (step and public id; None when they have none)."""

    study: str
    is_synthetic: bool
    occasion: tuple[str, UUID] | None

    def is_of(self, study: str, public_id: Callable[[str], UUID]) -> bool:
        """Whether this is the synthetic person of that study whose occasions have these public ids, by step.

        One without occasions (erased, or in a study without steps) is taken to be: nothing is left that could tell.
        """
        if not self.is_synthetic or self.study != study:
            return False
        return self.occasion is None or self.occasion[1] == public_id(self.occasion[0])


def holders_of(pseudonyms: Iterable[str]) -> dict[str, Holder]:
    """The people who bear one of these pseudonyms, in whatever study, by pseudonym."""
    found: dict[str, Holder] = {}
    for chunk in _chunks(pseudonyms):
        people = Enrolment.objects.filter(pseudonym__in=chunk).values_list(
            "pk", "pseudonym", "study__slug", "synthetic"
        )
        rows = list(people)
        firsts = Occasion.objects.filter(enrolment__pseudonym__in=chunk, enrolment__synthetic=True)
        occasions = {
            enrolment: (key, public_id)
            for enrolment, key, public_id in firsts.order_by("-place").values_list("enrolment_id", "key", "public_id")
        }
        found |= {name: Holder(study, synthetic, occasions.get(pk)) for pk, name, study, synthetic in rows}
    return found


def synthetic_count(study: Study) -> int:
    """How many synthetic people ever came into a study, test persons among them."""
    return Enrolment.objects.filter(study=study, synthetic=True).count()


def first_answers_of(enrolment: Enrolment, instrument: str) -> dict[str, Entry]:
    """What a person answered to a questionnaire the first time that they did, by item; empty before."""
    begun = Administration.objects.filter(occasion__enrolment=enrolment, instrument=instrument)
    first = begun.filter(answers__status=Answer.Status.ANSWERED).order_by("occasion__place", "pk").first()
    answers = first.answers.filter(status=Answer.Status.ANSWERED) if first else ()
    return {answer.item: Entry(answer.value, answer.text) for answer in answers}


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    left = iter(names)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
