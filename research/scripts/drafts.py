"""The only writer of drafts of scripts: saved by revision, so that nobody writes over what they have not read."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from django.db import transaction

from accounts.audit import record
from accounts.models import User
from coaching import blobs
from coaching.models import Study, StudyVersion
from coaching.services.studies import add_version
from protocol.bundle import Bundle
from protocol.grammar import AUDIO_SUFFIXES, PICTURE_SUFFIXES
from protocol.media import media_problem
from protocol.sources import MAX_FILE_BYTES
from research.models import ScriptDraft, ScriptFile
from research.scripts.desk import Desk, checked, desk_of, files_of

Json = dict[str, Any]
End = ScriptDraft.End

# "new" is where a script is begun.
RESERVED = frozenset({"new"})
SUFFIXES = {"audio": AUDIO_SUFFIXES, "captions": ("vtt",), "reveal": PICTURE_SUFFIXES}
_UNFIT = re.compile(r"[^a-z0-9_-]+")


class Overtaken(Exception):
    """Somebody saved, published or put aside the draft since it was read; nothing was stored over it.

    Attributes:
        desk: As it lies now.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.slug)
        self.desk = desk


class NoChange(Exception):
    """The draft says what is published already."""


class SlugTaken(ValueError):
    """There is a script, or a draft of one, of that name; or the name can't be one."""


class NotAFile(ValueError):
    """A file that no stage can have; the text says why, as a bundle's faults do."""


# --- the draft that is worked on -------------------------------------------------------------------------------------


@transaction.atomic
def save(
    *, study: Study, script: Json, rev: int, by: User, now: datetime, over_theirs: bool = False
) -> ScriptDraft | None:
    """The draft, which says `script` from now on; None while nothing differs from what is published.

    `rev` is the revision that was read (0: none). To save what stands there already changes nothing. With
    `over_theirs` what stands there is kept among the drafts that were replaced.

    Raises:
        Overtaken: Another revision stands there, and says something else.
    """
    desk = _held(study, script["slug"])
    draft, content = desk.draft, _text(script)
    if draft is None:
        if rev != 0:
            raise Overtaken(desk)
        return None if desk.says_the_same(script) else _begin(desk, content, by, now)
    if draft.content == content:
        return draft
    if draft.rev != rev:
        raise Overtaken(desk)
    if over_theirs:
        _keep(draft, draft.content, End.REPLACED, draft.author, now)
    draft.content, draft.author, draft.updated_at, draft.rev = content, by, now, draft.rev + 1
    draft.save(update_fields=["content", "author", "updated_at", "rev"])
    return draft


@transaction.atomic
def begin(*, study: Study, slug: str, like: str, by: User, now: datetime) -> ScriptDraft:
    """The draft of a new script, blank or a copy of the published script `like`.

    Raises:
        SlugTaken: The slug is in use.
    """
    desk = _held(study, slug)
    if slug in RESERVED or desk.published is not None or desk.draft is not None:
        raise SlugTaken(slug)
    script = {**desk.content["scripts"][like], "slug": slug} if like else desk.script
    return _begin(desk, _text(script), by, now)


@transaction.atomic
def put_aside(*, study: Study, slug: str, rev: int, by: User, now: datetime) -> None:
    """Ends the draft: the script is as it is published. The draft can be taken back.

    Raises:
        Overtaken: Somebody saved it since it was read.
    """
    desk = _held(study, slug)
    if desk.draft is None:
        return
    if desk.draft.rev != rev:
        raise Overtaken(desk)
    _end(desk.draft, End.ASIDE, now)
    record(by=by, action="script.aside", now=now, study=study.slug, subject=slug)


@transaction.atomic
def keep_aside(*, study: Study, script: Json, by: User, now: datetime) -> None:
    """Keeps what somebody wrote and could not save among the drafts that were put aside; twice is once."""
    desk = _held(study, script["slug"])
    content = _text(script)
    kept = ScriptDraft.objects.filter(study=study, slug=desk.slug, end=End.ASIDE, author=by, content=content)
    if not kept.exists():
        now_lies = ScriptDraft(study=study, slug=desk.slug, base=desk.version, created_at=now, updated_at=now)
        _keep(now_lies, content, End.ASIDE, by, now)


@transaction.atomic
def take_back(*, study: Study, slug: str, kept: int, by: User, now: datetime) -> ScriptDraft | None:
    """The draft, which says again what the one with the number `kept` said; None where there is no such one.

    A draft that was worked on meanwhile is kept in its turn.
    """
    desk = _held(study, slug)
    ends = (End.ASIDE, End.REPLACED)
    found = ScriptDraft.objects.filter(pk=kept, study=study, slug=slug, end__in=ends).first()
    if found is None:
        return None
    if desk.draft is not None:
        if desk.draft.content == found.content:
            return desk.draft
        _end(desk.draft, End.REPLACED, now)
    draft = _new(desk, found.content, by, now)
    draft.base = found.base
    draft.save(update_fields=["base"])
    record(by=by, action="script.take", now=now, study=study.slug, subject=slug)
    return draft


# --- files -----------------------------------------------------------------------------------------------------------


def add_file(
    *, study: Study, slug: str, key: str, name: str, source: BinaryIO, size: int, by: User, now: datetime
) -> str:
    """The path in the bundle under which a file is kept from now on, for a stage's `audio`, `captions` or `reveal`.

    The file is read piece by piece. Its path carries a part of its digest: no file ever takes another's place.

    Raises:
        NotAFile: It is too large, or not what its name says, or no file for that key.
    """
    suffix = PurePosixPath(name).suffix.removeprefix(".").lower()
    if suffix not in SUFFIXES[key]:
        raise NotAFile(f"{name[:100]} has a name that ends otherwise; expected {', '.join(SUFFIXES[key])}")
    if size > MAX_FILE_BYTES:
        raise NotAFile(f"{name[:100]} is larger than {MAX_FILE_BYTES:,} bytes")
    source.seek(0)
    problem = media_problem(f"media/file.{suffix}", source.read(16))
    if problem is not None:
        raise NotAFile(f"{name[:100]} {problem}")
    source.seek(0)
    sha256, stored = blobs.store(source)
    stem = _UNFIT.sub("-", PurePosixPath(name).stem.lower()).strip("-")[:40] or key
    path = f"media/{slug}/{stem}-{sha256[:8]}.{suffix}"
    with transaction.atomic():
        _, is_new = ScriptFile.objects.get_or_create(
            study=study, path=path, defaults={"sha256": sha256, "size": stored, "added_by": by, "added_at": now}
        )
        if is_new:
            record(by=by, action="script.file", now=now, study=study.slug, subject=slug, path=path, sha256=sha256)
    return path


# --- publishing ------------------------------------------------------------------------------------------------------


def publish_draft(
    *, study: Study, slug: str, rev: int, onto: int, note: str, takes_over: bool, by: User, now: datetime
) -> StudyVersion:
    """The study's next version, in which the script says what its draft says; the draft ends with it.

    Args:
        study: Whose script it is.
        slug: The script's.
        rev: The revision of the draft that was looked over.
        onto: The n of the newest version that it was looked over against.
        note: Why.
        takes_over: Whether people of earlier versions go over to it at their next session (docs/adr/0021).
        by: Who publishes.
        now: When.

    Raises:
        Overtaken: The draft or the study's newest version is another by now.
        Misfits: The study would have faults.
        NoChange: The draft says what is published already.
    """
    with transaction.atomic():
        desk = _held(study, slug)
        if desk.draft is None or desk.draft.rev != rev or desk.version.n != onto:
            raise Overtaken(desk)
        if desk.says_the_same(desk.script):
            raise NoChange(slug)
        bundle = checked(desk, desk.script)
        version, _ = add_version(bundle, _stored(desk, bundle), by=by, now=now, note=note, takes_over=takes_over)
        _end(desk.draft, End.PUBLISHED, now)
        record(by=by, action="script.publish", now=now, study=study.slug, subject=slug, version=version.n)
    return version


def _stored(desk: Desk, bundle: Bundle) -> dict[str, tuple[str, int]]:
    """The files of a bundle, all of which are on disk already."""
    known = files_of(desk)
    return {path: known[path] for path in bundle.media}


# --- parts -----------------------------------------------------------------------------------------------------------


def _held(study: Study, slug: str) -> Desk:
    """The desk, with the study's row held: drafts of a study are written one after the other."""
    # No lock of the key: people may come in meanwhile.
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    found = desk_of(study, slug)
    return found or Desk(study, slug, study.versions.select_related("study").latest("n"), None)


def _text(script: Json) -> str:
    return json.dumps(script, ensure_ascii=False, separators=(",", ":"))


def _begin(desk: Desk, content: str, by: User, now: datetime) -> ScriptDraft:
    draft = _new(desk, content, by, now)
    record(by=by, action="script.draft", now=now, study=desk.study.slug, subject=desk.slug)
    return draft


def _new(desk: Desk, content: str, by: User, now: datetime) -> ScriptDraft:
    """A draft whose revisions go on where an earlier one's ended: a page of that one is never taken for one of this."""
    last = ScriptDraft.objects.filter(study=desk.study, slug=desk.slug).order_by("-rev").first()
    return ScriptDraft.objects.create(
        study=desk.study,
        slug=desk.slug,
        base=desk.version,
        content=content,
        rev=last.rev + 1 if last else 1,
        author=by,
        created_at=now,
        updated_at=now,
    )


def _keep(draft: ScriptDraft, content: str, end: str, author: User, now: datetime) -> None:
    """A draft that ended, with that content."""
    ScriptDraft.objects.create(
        study=draft.study,
        slug=draft.slug,
        base=draft.base,
        content=content,
        rev=draft.rev,
        author=author,
        created_at=draft.created_at,
        updated_at=draft.updated_at,
        ended_at=now,
        end=end,
    )


def _end(draft: ScriptDraft, end: str, now: datetime) -> None:
    draft.end, draft.ended_at = end, now
    draft.save(update_fields=["end", "ended_at"])
