"""What chance decided for one person: read from who they are, never stored."""

from __future__ import annotations

from coaching.draws import Lot, script_of
from coaching.models import Enrolment, Occasion
from coaching.selectors.occasions import step_of, version_of
from coaching.selectors.studies import declared


def came_before(person: Enrolment) -> int:
    """How many people came into the study before, real and synthetic ones apart, without the imported."""
    others = Enrolment.objects.filter(study=person.study_id, synthetic=person.synthetic, imported_at=None)
    return others.filter(pk__lt=person.pk).count()


def script_at(occasion: Occasion) -> str | None:
    """The slug of the script that an occasion's person, at hand, has there; None of an occasion that is no session."""
    step = step_of(occasion)
    if step is None or len(step.scripts) <= 1:
        return step.script if step else None
    person = occasion.enrolment
    lot = Lot(person.pseudonym, came_before(person), person.place_in_arm)
    return script_of(declared(version_of(person)), step, lot)
