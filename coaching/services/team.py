"""Who works on a study: roles given and taken, and the one-time links by which new colleagues come in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import Actor, record
from accounts.models import User
from accounts.services import ensure_account, mint_sign_in_link
from coaching.models import Membership, Role, Study
from coaching.selectors.studies import is_link_ours
from coaching.services.studies import grant_role


class LastOwner(ValueError):
    """Somebody must stay who can give roles."""


class LinkRefused(ValueError):
    """A one-time link would open more than this study."""


@transaction.atomic
def invite_member(*, email: str, role: str, study: Study, by: Actor, now: datetime) -> tuple[User, str]:
    """The account of an address, with the role; and a one-time link where nobody has ever used the account.

    An account that is somebody's already gets the role and no link: a link opens all of an account, and whoever asks
    for it is not the one it belongs to.
    """
    is_known = User.objects.filter(email__iexact=email.strip()).exists()
    user = ensure_account(email=email, by=by, now=now)
    grant_role(user=user, study=study, role=role, by=by, now=now)
    return user, "" if is_known else mint_sign_in_link(user=user, by=by, now=now)


@transaction.atomic
def fresh_link(*, user: User, study: Study, by: Actor, now: datetime) -> str:
    """Another one-time link for a colleague who never came in.

    Raises:
        LinkRefused: The account was used, or opens more than this study.
    """
    if not is_link_ours(user, study):
        raise LinkRefused(f"account {user.pk} was used, or has roles elsewhere")
    return mint_sign_in_link(user=user, by=by, now=now)


@transaction.atomic
def revoke_role(*, membership: Membership, by: Actor, now: datetime) -> None:
    """Takes a role away, at once; taking it twice is taking it once.

    Raises:
        LastOwner: It is the role of the study's only owner.
    """
    study = Study.objects.select_for_update().get(pk=membership.study_id)
    others = Membership.objects.filter(study=study, role=Role.OWNER).exclude(pk=membership.pk)
    if membership.role == Role.OWNER and not others.exists():
        raise LastOwner(f"{study.slug} would have no owner")
    deleted, _ = Membership.objects.filter(pk=membership.pk).delete()
    if deleted:
        subject = f"staff:{membership.user_id}"
        record(by=by, action="role.revoke", now=now, study=study.slug, subject=subject, role=membership.role)
