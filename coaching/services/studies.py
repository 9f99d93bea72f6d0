"""Publishing studies and giving roles."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import Actor, record
from accounts.models import User
from coaching import blobs
from coaching.models import BundleFile, Membership, Study, StudyVersion
from protocol.bundle import Bundle, part_digests


def publish(bundle: Bundle, *, by: Actor, now: datetime) -> tuple[StudyVersion, bool]:
    """The version that holds this bundle, and whether it is new: content equal to the latest version's is no change."""
    # Bytes first: a file that no row names is harmless, a row without its file is not.
    stored = {}
    for path, source in bundle.media.items():
        with source.open() as stream:
            stored[path] = blobs.store(stream)
    with transaction.atomic():
        study, _ = Study.objects.get_or_create(slug=bundle.study.slug, defaults={"created_at": now})
        Study.objects.select_for_update().get(pk=study.pk)
        latest = study.versions.order_by("-n").first()
        if latest is not None and latest.digest == bundle.digest:
            return latest, False
        n = latest.n + 1 if latest else 1
        version = StudyVersion.objects.create(
            study=study,
            n=n,
            digest=bundle.digest,
            content=bundle.content,
            is_cohort=bundle.study.is_cohort,
            part_versions=_part_versions(study, bundle.content, n),
            created_at=now,
            created_by=by if isinstance(by, User) else None,
        )
        BundleFile.objects.bulk_create(
            BundleFile(version=version, path=path, sha256=sha256, size=size) for path, (sha256, size) in stored.items()
        )
        record(by=by, action="study.publish", now=now, study=study.slug, subject=f"v{n}", digest=bundle.digest)
    return version, True


def _part_versions(study: Study, content: str, n: int) -> dict[str, dict[str, int]]:
    """For each instrument and script the n of the first version of the study with that content."""
    first: dict[tuple[str, str, str], int] = {}
    for earlier, text in study.versions.order_by("n").values_list("n", "content"):
        for kind, parts in part_digests(text).items():
            for name, digest in parts.items():
                first.setdefault((kind, name, digest), earlier)
    return {
        kind: {name: first.get((kind, name, digest), n) for name, digest in parts.items()}
        for kind, parts in part_digests(content).items()
    }


@transaction.atomic
def grant_role(*, user: User, study: Study, role: str, by: Actor, now: datetime) -> bool:
    """Whether the role is new to the account."""
    _, created = Membership.objects.get_or_create(user=user, study=study, role=role, defaults={"created_at": now})
    if created:
        record(by=by, action="role.grant", now=now, study=study.slug, subject=f"staff:{user.pk}", role=role)
    return created
