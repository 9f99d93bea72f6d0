"""Giving a person an arm: concealed, balanced, safe under concurrent arrivals."""

from __future__ import annotations

import random
import secrets
from datetime import datetime

from coaching.allocation import block, design_digest, draw, groups_of, stratum, stratum_label
from coaching.models import AllocationList, AllocationSlot, Enrolment
from coaching.selectors.people import measures_of
from protocol.study import Study as Declared


def allocate(enrolment: Enrolment, *, declaration: Declared, now: datetime) -> None:
    """Gives a locked person the next place of their stratum's list, in the surrounding transaction.

    The list's row is held until that transaction ends, so two people who arrive together come one after the other
    and no place is skipped or shared. A block is drawn when its first person comes: before that, there is nothing
    that anybody could read.
    """
    measures = measures_of(enrolment)
    label = stratum_label(stratum(declaration, measures, enrolment.eligibility))
    row, _ = AllocationList.objects.get_or_create(
        study_id=enrolment.study_id, design=design_digest(declaration), stratum=label, synthetic=enrolment.synthetic
    )
    AllocationList.objects.select_for_update().get(pk=row.pk)
    slot = row.slots.filter(taken_at=None).order_by("position").first() or _next_block(row, declaration)
    slot.enrolment, slot.taken_at = enrolment, now
    slot.save(update_fields=["enrolment", "taken_at"])
    enrolment.arm, enrolment.allocated_at = slot.arm, now
    others = Enrolment.objects.filter(study=enrolment.study_id, synthetic=enrolment.synthetic, arm=slot.arm)
    enrolment.place_in_arm = others.exclude(pk=enrolment.pk).count()
    enrolment.groups = dict(groups_of(declaration, measures))
    enrolment.save(update_fields=["arm", "place_in_arm", "allocated_at", "groups"])


def _next_block(row: AllocationList, declaration: Declared) -> AllocationSlot:
    if declaration.allocation is None:
        raise ValueError(f"{declaration.slug} is a cohort: nobody is allocated")
    last = row.slots.order_by("-position").first()
    start, number = (last.position + 1, last.block + 1) if last else (1, 1)
    rng: random.Random = secrets.SystemRandom()
    if declaration.allocation.method == "simple":
        arms: tuple[str, ...] = (draw(declaration.arms, rng),)
    else:
        arms = block(declaration.allocation, declaration.arms, rng)
    slots = AllocationSlot.objects.bulk_create(
        AllocationSlot(list=row, position=start + i, block=number, arm=arm) for i, arm in enumerate(arms)
    )
    return slots[0]
