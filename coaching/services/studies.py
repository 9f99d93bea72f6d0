"""Publishing studies and giving roles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from accounts.audit import Actor, record
from accounts.models import User
from coaching import blobs
from coaching.models import BundleFile, Membership, Message, Study, StudyVersion
from protocol.bundle import Bundle, part_digests


class StateFault(ValueError):
    """A step in a study's life that it can't take from where it stands."""


# From where to where a study may go. What is closed stays closed: its people's steps have ended.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    Study.State.OPEN: frozenset({Study.State.DRAFT, Study.State.PAUSED}),
    Study.State.PAUSED: frozenset({Study.State.OPEN}),
    Study.State.CLOSED: frozenset({Study.State.DRAFT, Study.State.OPEN, Study.State.PAUSED}),
}


def publish(bundle: Bundle, *, by: Actor, now: datetime, is_draft: bool = False) -> tuple[StudyVersion, bool]:
    """The version that holds this bundle, and whether it is new: content equal to the latest version's is no change.

    A study that did not exist lets people in at once, unless it `is_draft`; one that did stands where it stood.
    """
    stored = store_media(bundle)
    with transaction.atomic():
        return add_version(bundle, stored, by=by, now=now, is_draft=is_draft)


def store_media(bundle: Bundle) -> dict[str, tuple[str, int]]:
    """Digest and size of each media file of a bundle, by its path: their bytes are on disk now.

    Bytes first: a file that no row names is harmless, a row without its file is not.
    """
    stored = {}
    for path, source in bundle.media.items():
        with source.open() as stream:
            stored[path] = blobs.store(stream)
    return stored


@transaction.atomic
def add_version(
    bundle: Bundle,
    stored: Mapping[str, tuple[str, int]],
    *,
    by: Actor,
    now: datetime,
    is_draft: bool = False,
    note: str = "",
    takes_over: bool = False,
) -> tuple[StudyVersion, bool]:
    """The part of `publish` that is one transaction; `stored` is what `store_media` said.

    With `takes_over`, people of earlier versions go over to it at their next session, where nothing but sessions
    changed (docs/adr/0021). `note` says why there is a new version.
    """
    life = {"state": Study.State.DRAFT} if is_draft else {"state": Study.State.OPEN, "opened_at": now}
    study, _ = Study.objects.get_or_create(slug=bundle.study.slug, defaults={"created_at": now, **life})
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
        note=note,
        takes_over=takes_over,
    )
    BundleFile.objects.bulk_create(
        BundleFile(version=version, path=path, sha256=sha256, size=size) for path, (sha256, size) in stored.items()
    )
    record(by=by, action="study.publish", now=now, study=study.slug, subject=f"v{n}", digest=bundle.digest)
    if takes_over:
        record(by=by, action="study.move", now=now, study=study.slug, subject=f"v{n}")
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
def set_state(*, study: Study, state: str, by: Actor, now: datetime) -> bool:
    """Opens, pauses or closes a study; whether that was a change, for asking twice is asking once.

    Paused, it lets nobody new in, and those who are in go on. Closed, it has ended for everybody: what is open
    closes undone, and nothing more is sent.

    Raises:
        StateFault: It can't go there from where it stands.
    """
    locked = Study.objects.select_for_update().get(pk=study.pk)
    if locked.state == state:
        return False
    if locked.state not in TRANSITIONS.get(state, frozenset()):
        raise StateFault(f"the study is {locked.state}: it can't become {state}")
    was, locked.state = locked.state, state
    if state == Study.State.OPEN:
        locked.opened_at = locked.opened_at or now
    if state == Study.State.CLOSED:
        locked.closed_at = now
        # Everybody's steps are settled by the next tick.
        unsent = Message.objects.filter(enrolment__study=study, state__in=Message.UNSENT)
        unsent.exclude(kind=Message.Kind.LINK).update(state=Message.State.CANCELLED, reason="study closed")
    locked.save(update_fields=["state", "opened_at", "closed_at"])
    study.state, study.opened_at, study.closed_at = locked.state, locked.opened_at, locked.closed_at
    record(by=by, action=f"study.{state}", now=now, study=study.slug, subject=study.slug, was=was)
    return True


@transaction.atomic
def set_plan(
    *, study: Study, target: int | None, recruit_from: date | None, recruit_until: date | None, by: Actor, now: datetime
) -> None:
    """How many people are planned, and from which day to which they are to come; None where nobody has said."""
    plan = {"target": target, "recruit_from": recruit_from, "recruit_until": recruit_until}
    changed = [name for name, value in plan.items() if getattr(study, name) != value]
    if changed:
        Study.objects.filter(pk=study.pk).update(**plan)
        for name, value in plan.items():
            setattr(study, name, value)
        record(by=by, action="study.plan", now=now, study=study.slug, subject=study.slug, **plan)


@transaction.atomic
def grant_role(*, user: User, study: Study, role: str, by: Actor, now: datetime) -> bool:
    """Whether the role is new to the account."""
    _, created = Membership.objects.get_or_create(user=user, study=study, role=role, defaults={"created_at": now})
    if created:
        record(by=by, action="role.grant", now=now, study=study.slug, subject=f"staff:{user.pk}", role=role)
    return created
