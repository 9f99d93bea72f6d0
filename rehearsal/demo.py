"""The demonstration: its study, its simulated people, two members of staff, and a way in for each kind of reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from accounts.services import ensure_account, mint_sign_in_link
from coaching.models import Enrolment, Study
from coaching.services import links, people, studies
from protocol.bundle import read_bundle
from rehearsal.services import simulate

PARTICIPANTS = 40
SEED = "night"  # of the seeds tried, one whose forty people include some who left, paused and finished
RESEARCHER = ("researcher@example.org", ("owner", "researcher"))
COACH = ("coach@example.org", ("coach",))
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
    simulate(version=version, participants=PARTICIPANTS, seed=SEED, start=None, now=now, by=BY)
    return Doors(
        researcher=_staff(*RESEARCHER, study=version.study, now=now),
        coach=_staff(*COACH, study=version.study, now=now),
        participant=_participant(version.study, now),
    )


def _staff(email: str, roles: tuple[str, ...], *, study: Study, now: datetime) -> str:
    user = ensure_account(email=email, by=BY, now=now)
    for role in roles:
        studies.grant_role(user=user, study=study, role=role, by=BY, now=now)
    return mint_sign_in_link(user=user, by=BY, now=now)


def _participant(study: Study, now: datetime) -> str:
    """A link for somebody who has not begun: whom an earlier start invited and nobody was, else somebody new."""
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
    if waiting is not None:
        return links.url_of(links.mint(enrolment=waiting, now=now))
    _, token = people.invite(study=study, by=BY, now=now)
    return links.url_of(token)
