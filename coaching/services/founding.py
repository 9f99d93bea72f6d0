"""A study that a member of staff makes: its first version and its owner, in one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from coaching.models import Role, Study, StudyVersion
from coaching.roles import Access
from coaching.selectors.studies import roles_of
from coaching.services.studies import add_version, grant_role, store_media
from protocol.bundle import Bundle

# The browser's own addresses stand where a study of that name would.
RESERVED = frozenset({"new"})


class SlugTaken(ValueError):
    """A study of that name is there. `is_own`: one to which this account may give a next version."""

    def __init__(self, slug: str, *, is_own: bool) -> None:
        super().__init__(f"the slug {slug} is taken")
        self.is_own = is_own


def found_study(bundle: Bundle, *, by: User, now: datetime) -> tuple[StudyVersion, bool]:
    """The first version of a new study, a draft owned by `by`, and whether it is new: asking twice is asking once.

    Raises:
        SlugTaken: There is a study of that name that says something else, or that others made.
    """
    slug = bundle.study.slug
    if slug in RESERVED:
        raise SlugTaken(slug, is_own=False)
    stored = store_media(bundle)
    with transaction.atomic():
        study, is_new = Study.objects.get_or_create(slug=slug, defaults={"created_at": now, "state": Study.State.DRAFT})
        if not is_new:
            return _made_before(study, bundle, by), False
        version, _ = add_version(bundle, stored, by=by, now=now, is_draft=True)
        grant_role(user=by, study=study, role=Role.OWNER, by=by, now=now)
    return version, True


def _made_before(study: Study, bundle: Bundle, by: User) -> StudyVersion:
    """The latest version of a study of one's own that says the same already."""
    is_own = Access(frozenset(roles_of(by, study))).may("publish")
    latest = study.versions.defer("content").order_by("-n").first()
    if not is_own or latest is None or latest.digest != bundle.digest:
        raise SlugTaken(study.slug, is_own=is_own)
    return latest
