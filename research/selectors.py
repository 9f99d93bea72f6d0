"""Questions about a whole study: its flow of people, who was erased, whom to write to, which tokens it has."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypedDict

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from coaching.models import Contact, Enrolment, Occasion, Screening, Study
from coaching.selectors.studies import declarations
from protocol.study import Study as Declared
from research.models import ApiToken

ARM_COUNTS = ("allocated", "started", "completed", "missed", "withdrawn")


class Flow(TypedDict):
    """How many people stand where, from the door to the end of each arm."""

    invited: int
    assessed: int
    excluded: dict[str, int]
    unfinished: int
    consented: int
    allocated: int
    arms: dict[str, dict[str, int]]


class Tombstone(TypedDict):
    """What is left of an erased person."""

    participant: str
    erased_at: datetime


class Reachable(TypedDict):
    """Where a person can be reached, and what other systems call them."""

    participant: str
    email: str | None
    external_ids: dict[str, str]


def flow(study: Study, synthetic: bool | None = None) -> Flow:
    """The participant flow: `assessed` = sum of `excluded` + `unfinished` + `consented`.

    People who consented and were then excluded by a missed step count as excluded and not as consented. Erased people
    count where they stood as far as their tombstone tells: up to allocation, and as completed or withdrawn; whether
    they started or missed a step went with their answers. Simulated people count unless `synthetic` says whom to count;
    those at the door who never got a pseudonym are always real people.
    """
    people = Enrolment.objects.filter(study=study)
    if synthetic is not None:
        people = people.filter(synthetic=synthetic)
    counts = people.aggregate(
        invited=Count("pk", filter=Q(invited_at__isnull=False)),
        consented=Count("pk", filter=Q(consented_at__isnull=False, excluded_at=None)),
        unfinished=Count("pk", filter=Q(screened_at__isnull=False, consented_at=None, ineligible_by="")),
        allocated=Count("pk", filter=Q(allocated_at__isnull=False)),
    )
    unfinished = counts["unfinished"]
    excluded = Counter(dict(_counted(people.filter(consented_at=None).exclude(ineligible_by=""), "ineligible_by")))
    excluded.update(dict(_counted(people.filter(excluded_at__isnull=False), "excluded_by")))
    if not synthetic:
        nameless = Screening.objects.filter(study=study, enrolment=None)
        unfinished += nameless.filter(outcome=Screening.Outcome.UNFINISHED).count()
        excluded.update(dict(_counted(nameless.filter(outcome=Screening.Outcome.INELIGIBLE), "reason")))
    return {
        "invited": counts["invited"],
        "assessed": excluded.total() + unfinished + counts["consented"],
        "excluded": dict(sorted(excluded.items())),
        "unfinished": unfinished,
        "consented": counts["consented"],
        "allocated": counts["allocated"],
        "arms": _arms(people, declarations(study)),
    }


def tombstones(study: Study) -> list[Tombstone]:
    """Everybody who was erased after they had a pseudonym, earliest first, so that copies elsewhere can follow."""
    erased = Enrolment.objects.filter(study=study, erased_at__isnull=False).order_by("erased_at", "pk")
    return [{"participant": p, "erased_at": at} for p, at in erased.values_list("pseudonym", "erased_at") if at]


def contacts(study: Study) -> list[Reachable]:
    """Address and external ids of everybody who gave either, in the order in which they came."""
    rows = Contact.objects.filter(enrolment__study=study, enrolment__erased_at=None).select_related("enrolment")
    return [
        {
            "participant": row.enrolment.pseudonym,
            "email": row.email or None,
            "external_ids": json.loads(row.external_ids) if row.external_ids else {},
        }
        for row in rows.order_by("enrolment_id")
        if row.email or row.external_ids
    ]


def token_by_prefix(prefix: str) -> ApiToken | None:
    """The token that is in use under a prefix, with its account and study at hand."""
    tokens = ApiToken.objects.select_related("user", "study")
    return tokens.filter(prefix=prefix, revoked_at=None).first()


def _counted(people: QuerySet[Enrolment] | QuerySet[Screening], field: str) -> list[tuple[str, int]]:
    return list(people.order_by().values_list(field).annotate(n=Count("pk")))


def _arms(people: QuerySet[Enrolment], versions: Mapping[int, Declared]) -> dict[str, dict[str, int]]:
    names = dict.fromkeys(arm.name for declared in versions.values() for arm in declared.arms)
    occasions = Occasion.objects.filter(enrolment=OuterRef("pk"))
    begun = Q(started_at__isnull=False) | Q(state=Occasion.State.DONE)
    missed = Q(state=Occasion.State.MISSED, optional=False)
    rows: Iterable[Mapping[str, Any]] = (
        people.filter(allocated_at__isnull=False)
        .annotate(
            has_started=Exists(occasions.filter(begun & _after_allocation(versions))),
            has_missed=Exists(occasions.filter(missed)),
        )
        .order_by()
        .values("arm")
        .annotate(
            allocated=Count("pk"),
            started=Count("pk", filter=Q(has_started=True)),
            completed=Count("pk", filter=Q(completed_at__isnull=False, withdrawn_at=None)),
            missed=Count("pk", filter=Q(has_missed=True)),
            withdrawn=Count("pk", filter=Q(withdrawn_at__isnull=False)),
        )
    )
    found = {row["arm"]: {name: row[name] for name in ARM_COUNTS} for row in rows}
    return {name: found.get(name, dict.fromkeys(ARM_COUNTS, 0)) for name in names}


def _after_allocation(versions: Mapping[int, Declared]) -> Q:
    """The occasions that a person's version has only for the allocated."""
    before = Q(pk__in=[])
    for pk, declared in versions.items():
        before |= Q(enrolment__version=pk, key__in=[step.id for step in declared.before])
    return ~before
