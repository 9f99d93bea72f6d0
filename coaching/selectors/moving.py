"""To which later version of a study its people go over, and who can."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Count

from coaching.models import Enrolment, Study, StudyVersion
from coaching.moving import hindrances
from coaching.selectors.people import in_programme
from protocol.changes import Change


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is on a version now, and what keeps them from going over to another.

    Attributes:
        version: The version that they are on.
        people: How many take part; who left, ended, is simulated or tries the study out is not counted.
        hindered_by: Nothing where they can go over.
    """

    version: StudyVersion
    people: int
    hindered_by: tuple[Change, ...]


def ahead_of(version: StudyVersion) -> StudyVersion | None:
    """The version to which people of `version` go over at their next session; None where they stay."""
    later = StudyVersion.objects.filter(study=version.study_id, n__gt=version.n, takes_over=True).defer("content")
    for each in later.select_related("study").order_by("-n"):
        if not _between(version.pk, version.digest, each.pk, each.digest):
            return each
    return None


def standings(study: Study, content: str) -> list[Standing]:
    """The versions on which people are, the newest first, each with what keeps them from going over to `content`."""
    on = dict(
        Enrolment.objects.filter(in_programme(), study=study, synthetic=False)
        .order_by()
        .values_list("version")
        .annotate(people=Count("pk"))
    )
    found = StudyVersion.objects.filter(pk__in=[pk for pk in on if pk]).order_by("-n")
    return [Standing(each, on[each.pk], hindrances(each.content, content)) for each in found]


@lru_cache(maxsize=256)
def _between(before: int, before_digest: str, after: int, after_digest: str) -> tuple[Change, ...]:
    """Kept in memory, for versions never change; the digests tell another database's versions apart."""
    contents = dict(StudyVersion.objects.filter(pk__in=[before, after]).values_list("pk", "content"))
    return hindrances(contents[before], contents[after])
