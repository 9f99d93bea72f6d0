"""What lies on an editor's desk: the newest version of a study, a script of it, and the draft of that script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import Count, QuerySet

from coaching import blobs
from coaching.models import BundleFile, Enrolment, Study, StudyVersion
from protocol.bundle import Bundle
from protocol.drafting import Held, with_script
from protocol.sources import Opener
from research.editing.fields import normal
from research.editing.measuring import Totals, totals
from research.models import ScriptDraft, ScriptFile

Json = dict[str, Any]
KEPT_IN_SIGHT = 20


@dataclass(frozen=True)
class Desk:
    """A script as it is published and as somebody would have it.

    Attributes:
        study: Whose script it is.
        slug: The script's.
        version: The newest version of the study, with its content.
        draft: The draft that is worked on; None without one.
    """

    study: Study
    slug: str
    version: StudyVersion
    draft: ScriptDraft | None

    @cached_property
    def content(self) -> Json:
        """The newest version's content."""
        found: Json = json.loads(self.version.content)
        return found

    @property
    def languages(self) -> tuple[str, ...]:
        """The study's languages, the first being the default."""
        return tuple(self.content["study"]["languages"])

    @property
    def published(self) -> Json | None:
        """The script as the newest version has it; None for a new one."""
        found: Json | None = self.content["scripts"].get(self.slug)
        return found

    @cached_property
    def script(self) -> Json:
        """The script as it is worked on: the draft, else what is published."""
        if self.draft is not None:
            found: Json = json.loads(self.draft.content)
            return found
        return self.published or blank(self.slug)

    @property
    def rev(self) -> int:
        """The draft's revision; 0 without one."""
        return self.draft.rev if self.draft else 0

    def says_the_same(self, script: Json) -> bool:
        """Whether a script says what is published."""
        published = self.published
        return published is not None and normal(script, self.languages) == normal(published, self.languages)

    @property
    def has_moved_on(self) -> bool:
        """Whether the script was published anew, by somebody else, since the draft was begun."""
        if self.draft is None or self.draft.base_id == self.version.pk:
            return False
        base: Json = json.loads(self.draft.base.content)["scripts"].get(self.slug) or blank(self.slug)
        return not self.says_the_same(base)


def blank(slug: str) -> Json:
    """A script that says nothing yet."""
    return {"slug": slug, "title": "", "stages": [{"say": "", "hold": "20s"}]}


def desk_of(study: Study, slug: str) -> Desk | None:
    """The desk of a script; None where the study has neither the script nor a draft of it."""
    version = study.versions.select_related("study").latest("n")
    draft = ScriptDraft.objects.filter(study=study, slug=slug, ended_at=None).select_related("author", "base").first()
    desk = Desk(study, slug, version, draft)
    return desk if draft is not None or desk.published is not None else None


def media_of(desk: Desk) -> dict[str, Held]:
    """Every file that a script of the study may name: the newest version's, and those added to drafts."""
    known = {path: sha256 for path, (sha256, _) in files_of(desk).items()}
    return {path: Held(sha256, _opener(sha256)) for path, sha256 in known.items()}


def _opener(sha256: str) -> Opener:
    return lambda: blobs.path_of(sha256).open("rb")


def files_of(desk: Desk) -> dict[str, tuple[str, int]]:
    """Digest and size of every such file, by its path in the bundle."""
    rows = [
        *ScriptFile.objects.filter(study=desk.study).values_list("path", "sha256", "size"),
        *BundleFile.objects.filter(version=desk.version).values_list("path", "sha256", "size"),
    ]
    return {path: (sha256, size) for path, sha256, size in rows}


def checked(desk: Desk, script: Json) -> Bundle:
    """The study with this script in it, read as any bundle is.

    Raises:
        Misfits: It has faults.
    """
    return with_script(desk.version.content, script, media_of(desk))


def kept_of(study: Study, slug: str) -> QuerySet[ScriptDraft]:
    """Drafts that were put aside or replaced, the newest first."""
    ends = (ScriptDraft.End.ASIDE, ScriptDraft.End.REPLACED)
    found = ScriptDraft.objects.filter(study=study, slug=slug, end__in=ends).select_related("author")
    return found.order_by("-ended_at", "-pk")[:KEPT_IN_SIGHT]


def drafts_of(study: Study) -> dict[str, ScriptDraft]:
    """The drafts that are worked on, by the script's slug."""
    found = ScriptDraft.objects.filter(study=study, ended_at=None).select_related("author")
    return {draft.slug: draft for draft in found}


def published_totals(version: StudyVersion, slug: str) -> tuple[Totals, ...]:
    """A published script as a whole, language by language (kept in memory: a version never changes)."""
    return _totals(version.pk, version.digest, slug)


@lru_cache(maxsize=256)
def _totals(version_id: int, digest: str, slug: str) -> tuple[Totals, ...]:
    content: Json = json.loads(StudyVersion.objects.values_list("content", flat=True).get(pk=version_id, digest=digest))
    return totals(content["scripts"][slug], content["study"]["languages"])


def people_on(study: Study) -> Mapping[str, dict[int, int]]:
    """How many people go by each content of each script: `{slug: {version with that content: people}}`."""
    people = dict(
        Enrolment.objects.filter(study=study, consented_at__isnull=False, erased_at=None, ahead_s=None)
        .order_by()
        .values_list("version")
        .annotate(n=Count("pk"))
    )
    found: dict[str, dict[int, int]] = {}
    for version in study.versions.defer("content").filter(pk__in=[pk for pk in people if pk]):
        for slug, n in version.part_versions["scripts"].items():
            counts = found.setdefault(slug, {})
            counts[n] = counts.get(n, 0) + people[version.pk]
    return found
