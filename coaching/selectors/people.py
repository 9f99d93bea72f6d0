"""Where a person stands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from coaching.draws import Lot
from coaching.encryption import address_hashes
from coaching.models import Enrolment, Measure, Occasion, PersonalLink, Study
from coaching.schedule import Facts, Moved, Planned, plan, plan_step
from coaching.selectors.studies import declared, latest_version
from coaching.windows import zone
from protocol.study import ScoreRef
from protocol.study import Study as Declared


def token_hash(token: str) -> str:
    """What is stored of a token: the tokens are random and long, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def study_of(enrolment: Enrolment) -> Declared:
    """What the study declares for a person: the version they consented to, before that the latest."""
    return declared(enrolment.version or latest_version(enrolment.study))


def facts_of(enrolment: Enrolment, occasions: Iterable[Occasion]) -> Facts:
    """What the schedule of a person hangs on; `occasions` are all of theirs."""
    if enrolment.consented_at is None:
        raise ValueError(f"{enrolment} has not consented: nothing is planned")
    occasions = list(occasions)
    settled = {o.key: (o.state, o.settled_at) for o in occasions if o.settled_at}
    return Facts(
        consented_at=enrolment.consented_at,
        allocated_at=enrolment.allocated_at,
        arm=enrolment.arm or None,
        zone=zone(enrolment.timezone),
        completed={key: at for key, (state, at) in settled.items() if state == Occasion.State.DONE},
        missed={key: at for key, (state, at) in settled.items() if state == Occasion.State.MISSED},
        never_allocated_at=enrolment.excluded_at,
        study_ended_at=enrolment.study.closed_at,
        moved={o.key: Moved(o.set_due_at, o.set_closes_at) for o in occasions if o.set_due_at or o.set_closes_at},
        skipped={o.key: o.skipped_at for o in occasions if o.skipped_at},
        left_training_at=enrolment.left_training_at,
        lot=Lot(enrolment.pseudonym),  # moments hang on the seed alone
    )


def plan_of(enrolment: Enrolment, occasions: Iterable[Occasion], now: datetime) -> dict[str, Planned]:
    """The plan of a person who consented, by step id, as of `now`: the truth also between two ticks."""
    if enrolment.version is None:
        raise ValueError(f"{enrolment} has no version of the study yet")
    return plan(declared(enrolment.version), facts_of(enrolment, occasions), now)


def planned_step(enrolment: Enrolment, occasions: Iterable[Occasion], id: str, now: datetime) -> Planned | None:
    """One step of that plan, for less than all of it; None where the person's path has none of that id."""
    if enrolment.version is None:
        raise ValueError(f"{enrolment} has no version of the study yet")
    return plan_step(declared(enrolment.version), facts_of(enrolment, occasions), id, now)


def open_occasions(enrolment: Enrolment, now: datetime) -> list[Occasion]:
    """What the person can do now, required steps first; nothing while paused or after leaving."""
    if enrolment.consented_at is None or enrolment.paused_at or enrolment.withdrawn_at or enrolment.erased_at:
        return []
    occasions = list(enrolment.occasions.all())
    planned = plan_of(enrolment, occasions, now)
    open_now = [o for o in occasions if o.settled_at is None and o.key in planned and planned[o.key].state == "open"]
    return sorted(open_now, key=lambda occasion: (occasion.optional, occasion.place))


def is_open(occasion: Occasion, now: datetime) -> bool:
    """Whether an answer to this occasion is still taken at `now`."""
    return any(o.pk == occasion.pk for o in open_occasions(occasion.enrolment, now))


def measures_of(enrolment: Enrolment) -> dict[ScoreRef, float | None]:
    """The recorded measures of a person."""
    rows = Measure.objects.filter(enrolment=enrolment).values_list("timepoint", "instrument", "score", "value")
    return {ScoreRef(step, instrument, score): value for step, instrument, score, value in rows}


def latest_measure(enrolment: Enrolment, ref: ScoreRef) -> float | None:
    """The value of one measure; None when there is none or it is null."""
    return measures_of(enrolment).get(ref)


def enrolments() -> QuerySet[Enrolment]:
    """People with their study and version at hand (but not the version's long content)."""
    return Enrolment.objects.select_related("study", "version").defer("version__content")


def by_token(token: str) -> Enrolment | None:
    """Whom a personal link lets in; None for an unknown, revoked or erased one."""
    link = PersonalLink.objects.filter(token_hash=token_hash(token), revoked_at=None).values_list("enrolment")
    return enrolments().filter(pk__in=link, erased_at=None).first()


def with_address(email: str, study: Study | None = None) -> QuerySet[Enrolment]:
    """People who gave that address, in one study or in all."""
    found = enrolments().filter(contact__email_hash__in=address_hashes(email), erased_at=None).order_by("pk")
    return found if study is None else found.filter(study=study)


def people_in(study: Study) -> QuerySet[Enrolment]:
    """Everybody whom staff may see: invited or consented, not erased."""
    return enrolments().filter(study=study, erased_at=None).order_by("pk")


def in_programme() -> Q:
    """Those for whom the programme runs on."""
    return Q(consented_at__isnull=False, withdrawn_at=None, erased_at=None, completed_at=None)
