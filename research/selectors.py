"""Questions about a whole study: its flow of people, who was erased, whom to write to, which tokens it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User
from coaching.models import Contact, Enrolment, Occasion, Study
from coaching.selectors.panel import earned
from coaching.selectors.studies import declarations
from protocol.study import Study as Declared
from research.counts import people_counts
from research.models import ApiToken
from research.writers.values import instant


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


class Code(TypedDict):
    """A panel's code that a person has earned: for which step, and when that was done."""

    timepoint: str
    code: str
    done_at: str


class Reachable(TypedDict):
    """Where a person can be reached, and what other systems call them."""

    participant: str
    email: str | None
    external_ids: dict[str, str]
    panel_id: str | None
    codes: list[Code]


def flow(study: Study, synthetic: bool | None = None) -> Flow:
    """The participant flow as the API tells it: `assessed` = sum of `excluded` + `unfinished` + `consented`.

    Simulated people count unless `synthetic` says whom to count; how each is counted: `counts.people_counts`.
    """
    people = people_counts(study, synthetic)
    return {
        "invited": people.invited,
        "assessed": people.assessed,
        "excluded": dict(people.excluded),
        "unfinished": people.unfinished,
        "consented": people.consented,
        "allocated": people.allocated,
        "arms": {
            name: {
                "allocated": group.total,
                "started": group.started,
                "completed": group.completed,
                "missed": group.missed,
                "withdrawn": group.left,
            }
            for name, group in people.groups.items()
        },
    }


def tombstones(study: Study) -> list[Tombstone]:
    """Everybody who was erased after they had a pseudonym, earliest first, so that copies elsewhere can follow."""
    erased = Enrolment.objects.filter(study=study, erased_at__isnull=False).order_by("erased_at", "pk")
    return [{"participant": p, "erased_at": at} for p, at in erased.values_list("pseudonym", "erased_at") if at]


def contacts(study: Study) -> list[Reachable]:
    """Address and external ids of everybody who gave either, in the order in which they came."""
    rows = Contact.objects.filter(enrolment__study=study, enrolment__erased_at=None).select_related("enrolment__study")
    by_version = declarations(study)
    occasions = Occasion.objects.filter(state=Occasion.State.DONE)
    rows = rows.prefetch_related(Prefetch("enrolment__occasions", queryset=occasions, to_attr="done"))
    return [_reachable(row, by_version) for row in rows.order_by("enrolment_id") if row.email or row.external_ids]


def _reachable(row: Contact, by_version: Mapping[int, Declared]) -> Reachable:
    external: dict[str, str] = json.loads(row.external_ids) if row.external_ids else {}
    declaration = by_version.get(row.enrolment.version_id or 0)
    panel = declaration.panel if declaration is not None else None
    done = earned(declaration, row.enrolment.done) if declaration is not None else []  # type: ignore[attr-defined]
    return {
        "participant": row.enrolment.pseudonym,
        "email": row.email or None,
        "external_ids": external,
        "panel_id": external.get(panel.id) if panel is not None else None,
        "codes": [
            {"timepoint": each.step, "code": each.code, "done_at": instant(each.done_at)}
            for each in done
            if each.done_at is not None
        ],
    }


def token_by_prefix(prefix: str, now: datetime) -> ApiToken | None:
    """The token that is in use under a prefix at `now`, with its account and study at hand."""
    tokens = ApiToken.objects.select_related("user", "study").filter(prefix=prefix, revoked_at=None)
    return tokens.filter(Q(expires_at=None) | Q(expires_at__gt=now)).first()


def tokens_of(study: Study, user: User | None = None) -> QuerySet[ApiToken]:
    """The tokens of a study, or one account's of them, the newest first; revoked ones too."""
    tokens = ApiToken.objects.filter(study=study).select_related("user").order_by("-pk")
    return tokens if user is None else tokens.filter(user=user)
