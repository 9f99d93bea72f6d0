"""The demonstration: its study, its simulated people, two members of staff, and a way in for each kind of reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from accounts.models import User
from accounts.services import ensure_account, mint_sign_in_link
from coaching.models import Enrolment, Membership, Study
from coaching.services import links, people, studies
from protocol.bundle import read_bundle
from rehearsal.furnishing import Staff, furnish
from rehearsal.services import simulate

SLUG = "potoo-demo"
PARTICIPANTS = 40
SEED = "night"  # of the seeds tried, one whose forty people include some who left, paused and finished
RESEARCHER = ("researcher@example.org", ("owner", "researcher"))
COACH = ("coach@example.org", ("coach",))
STAFF_WAYS = {"researcher": RESEARCHER, "coach": COACH}
WAYS = (*STAFF_WAYS, "participant")
BY = "command"


@dataclass(frozen=True, slots=True)
class Doors:
    """An address each that opens the researcher's, the coach's and a fresh participant's door."""

    researcher: str
    coach: str
    participant: str


def prepare(*, bundle: Path, now: datetime) -> Doors:
    """New links into the demonstration. What is there already stays; what is missing is made.

    Raises:
        BundleFaults: the study's files can't be read.
    """
    version, _ = studies.publish(read_bundle(bundle), by=BY, now=now)
    study = version.study
    filled = simulate(version=version, participants=PARTICIPANTS, seed=SEED, start=None, now=now, by=BY)
    staff = Staff(_member(RESEARCHER, study, now), _member(COACH, study, now))
    furnish(study=study, staff=staff, since=filled.start, by=BY, now=now)
    return Doors(
        researcher=mint_sign_in_link(user=staff.researcher, by=BY, now=now),
        coach=mint_sign_in_link(user=staff.coach, by=BY, now=now),
        participant=links.url_of(links.mint(enrolment=fresh_participant(now=now), now=now)),
    )


def is_here() -> bool:
    """Whether this installation is the demonstration: made by its command, and on a machine of one's own alone."""
    return settings.IS_LOOPBACK and account("researcher") is not None


def account(who: str) -> User | None:
    """The demonstration's own researcher or coach; None where there is none."""
    email, roles = STAFF_WAYS[who]
    held = Membership.objects.filter(study__slug=SLUG, role__in=roles, user__email=email, user__is_active=True)
    membership = held.select_related("user").first()
    return membership.user if membership else None


def fresh_participant(*, now: datetime) -> Enrolment:
    """Somebody who has not begun: whom an earlier start invited and nobody was, else somebody new."""
    study = Study.objects.get(slug=SLUG)
    unused = Enrolment.objects.filter(
        study=study,
        synthetic=False,
        invited_at__isnull=False,
        screened_at=None,
        consented_at=None,
        withdrawn_at=None,
        erased_at=None,
        contact__email_hash="",
    )
    waiting = unused.select_related("study").order_by("pk").last()
    return waiting or people.invite(study=study, by=BY, now=now)[0]


def _member(of: tuple[str, tuple[str, ...]], study: Study, now: datetime) -> User:
    email, roles = of
    user = ensure_account(email=email, by=BY, now=now, creator=email == RESEARCHER[0])
    for role in roles:
        studies.grant_role(user=user, study=study, role=role, by=BY, now=now)
    return user
