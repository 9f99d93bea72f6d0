"""What a study declares, and who may do what in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import BinaryIO

from django.db.models import QuerySet

from accounts.models import User
from coaching import blobs
from coaching.models import BundleFile, Membership, Study, StudyVersion
from protocol import study as declared_types
from protocol.bundle import study_from_content


def declared(version: StudyVersion) -> declared_types.Study:
    """The study as that version declares it (kept in memory: a version never changes)."""
    return _parsed(version.pk, version.digest)


@lru_cache(maxsize=64)
def _parsed(version_id: int, digest: str) -> declared_types.Study:
    # The digest is part of the key so that another database's version with the same number is never mistaken for it.
    content = StudyVersion.objects.values_list("content", flat=True).get(pk=version_id, digest=digest)
    return study_from_content(content)


def declarations(study: Study) -> dict[int, declared_types.Study]:
    """What each version of a study declares, by the version's key, the newest first."""
    return {version.pk: declared(version) for version in study.versions.defer("content").order_by("-n")}


def latest_version(study: Study) -> StudyVersion:
    """The version that newcomers consent to."""
    return study.versions.defer("content").select_related("study").latest("n")


def opener_of(version: StudyVersion) -> Callable[[str], BinaryIO]:
    """What opens a media file of a version by its path in the bundle."""
    digests = dict(BundleFile.objects.filter(version=version).values_list("path", "sha256"))
    return lambda path: blobs.path_of(digests[path]).open("rb")


def roles_of(user: User, study: Study) -> set[str]:
    """The roles of an account in a study; empty for everybody else."""
    return set(Membership.objects.filter(user=user, study=study).values_list("role", flat=True))


def is_link_ours(user: User, study: Study) -> bool:
    """Whether a one-time link to the account opens nothing but this study: never used, no roles elsewhere."""
    if user.last_login is not None or user.has_usable_password() or user.is_creator or not user.is_active:
        return False
    return not Membership.objects.filter(user=user).exclude(study=study).exists()


def studies_of(user: User, roles: set[str] | None = None) -> QuerySet[Study]:
    """The studies in which an account has a role (one of `roles`, if given), by slug."""
    memberships = Membership.objects.filter(user=user)
    if roles is not None:
        memberships = memberships.filter(role__in=roles)
    return Study.objects.filter(pk__in=memberships.values("study")).order_by("slug")
