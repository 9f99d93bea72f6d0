"""Studies as files: a new study from its bundle, its versions, and each version as a file again."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

import clock
from coaching.http import StaffRequest, StudyRequest
from coaching.message_plan import plan_of, shown
from coaching.models import Study, StudyVersion
from coaching.selectors.studies import declared, latest_version, opener_of
from coaching.services.founding import RESERVED, SlugTaken, found_study
from coaching.services.studies import publish
from coaching.staff_pages import crumbs, tabs
from protocol.bundle import Bundle, BundleFaults, write_bundle
from protocol.sources import MAX_BUNDLE_BYTES, MAX_FILE_BYTES
from research.intake import NothingSent, received
from research.outline import change_summary, change_words, changes_between, changes_from, outline
from research.views.words import state_word

PER_PAGE = 20
SHOWN_FAULTS = 200
LIMITS = {"most_mb": MAX_BUNDLE_BYTES // 1_000_000, "file_mb": MAX_FILE_BYTES // 1_000_000}
EXAMPLE = "potoo-demo"
_SLUG_LINE = re.compile(r"^slug: .*$", re.MULTILINE)

# Called with the checked bundle: stores it, or says what it would be.
Take = Callable[[Bundle], HttpResponse]


@require_http_methods(["GET", "HEAD", "POST"])
def new_study(request: StaffRequest) -> HttpResponse:
    """A study's files become a draft that belongs to whoever sent them, or their faults are shown."""
    if not request.user.is_creator:
        raise PermissionDenied
    context = {
        "title": _("New study"),
        "nav": "studies",
        "crumbs": [{"url": reverse("research:studies"), "text": _("Studies")}, {"url": "", "text": _("New study")}],
        "is_new": True,
        **LIMITS,
    }
    if request.method != "POST":
        return render(request, "research/upload.html", context)

    def take(bundle: Bundle) -> HttpResponse:
        slug = bundle.study.slug
        if request.POST.get("act") == "check":
            is_taken = slug in RESERVED or Study.objects.filter(slug=slug).exists()
            return _checked(request, context, bundle, errors=[_taken(slug)] if is_taken else [])
        try:
            version, is_stored = found_study(bundle, by=request.user, now=clock.now())
        except SlugTaken as taken:
            if taken.is_own:
                own = {"own_slug": slug, "errors": [{"id": "bundle", "text": _yours(slug)}]}
                return render(request, "research/upload.html", context | own, status=422)
            return render(request, "research/upload.html", context | {"errors": [_taken(slug)]}, status=422)
        if is_stored:
            messages.success(
                request, _("The study is stored as a draft, and you are its owner. Nobody can come in yet.")
            )
        return HttpResponseRedirect(reverse("research:version", args=[slug, version.n]))

    return _taken_in(request, context, take)


@require_http_methods(["GET", "HEAD", "POST"])
def upload_version(request: StudyRequest, slug: str) -> HttpResponse:
    """A study's next version from its files, or their faults; the same content is no change."""
    latest = latest_version(request.study)
    context = _around(request, slug) | LIMITS | {"title": _("Next version"), "is_new": False, "latest": latest}
    context["crumbs"] = [
        *crumbs(request, slug),
        {"url": reverse("research:versions", args=[slug]), "text": _("Versions")},
        {"url": "", "text": _("Next version")},
    ]
    if request.method != "POST":
        return render(request, "research/upload.html", context)

    def take(bundle: Bundle) -> HttpResponse:
        if bundle.study.slug != slug:
            text = _("The files say slug: %(found)s. Expected slug: %(expected)s, as this study is called.")
            wrong = {"id": "bundle", "text": text % {"found": bundle.study.slug, "expected": slug}}
            return render(request, "research/upload.html", context | {"errors": [wrong]}, status=422)
        if request.POST.get("act") == "check":
            return _checked(request, context, bundle, before=latest)
        version, is_stored = publish(bundle, by=request.user, now=clock.now())
        if is_stored:
            messages.success(
                request, _("Version %(n)s is stored. Whoever comes in from now on has it.") % {"n": version.n}
            )
            return HttpResponseRedirect(reverse("research:version", args=[slug, version.n]))
        text = _("No change: version %(n)s says the same already. Nothing was stored.")
        messages.info(request, text % {"n": version.n})
        return HttpResponseRedirect(reverse("research:versions", args=[slug]))

    return _taken_in(request, context, take)


@require_GET
def example_bundle(request: StaffRequest) -> FileResponse:
    """The shipped example study as a zip to start from, under a slug to be replaced by one's own."""
    folder = Path(settings.BASE_DIR) / "studies" / EXAMPLE
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            content = path.read_bytes()
            if name == "study.yaml":
                slug = "slug: my-study  # a name of your own: small letters, digits and -"
                content = _SLUG_LINE.sub(slug, content.decode(), count=1).encode()
            archive.writestr(zipfile.ZipInfo(f"my-study/{name}", (1980, 1, 1, 0, 0, 0)), content)
    packed.seek(0)
    return FileResponse(packed, as_attachment=True, filename="my-study.zip", content_type="application/zip")


@require_GET
def versions(request: StudyRequest, slug: str) -> HttpResponse:
    """Every version of the study, the newest first: who stored it, who is on it, what it changed."""
    found = request.study.versions.defer("content").select_related("created_by").order_by("-n")
    on_it = Count("enrolments", filter=Q(enrolments__consented_at__isnull=False, enrolments__erased_at=None))
    page = Paginator(found.annotate(people=on_it), PER_PAGE).get_page(request.GET.get("page"))
    earlier = {version.n: version for version in request.study.versions.defer("content")}
    rows = [
        {"version": version, "by": _by(version, request), "what": _what(earlier.get(version.n - 1), version)}
        for version in page
    ]
    context = _around(request, slug) | {
        "title": _("Versions"),
        "page": page,
        "query": "",
        "rows": rows,
        "state": state_word(request.study.state),
    }
    return render(request, "research/versions.html", context)


@require_GET
def version(request: StudyRequest, slug: str, n: int) -> HttpResponse:
    """One version to look over: what it says, and what it changed."""
    one = _version(request, n)
    before = request.study.versions.defer("content").filter(n=n - 1).first()
    context = _around(request, slug) | {
        "title": _("Version %(n)s") % {"n": n},
        "state": state_word(request.study.state),
        "version": one,
        "by": _by(one, request),
        "outline": outline(declared(one), get_language() or "en", one.part_versions),
        "changes": change_words(changes_between(before, one)) if before else [],
        "before": before,
        "may_walk": request.may_open("rehearsal:walk"),
    }
    context["crumbs"] = [
        *crumbs(request, slug),
        {"url": reverse("research:versions", args=[slug]), "text": _("Versions")},
        {"url": "", "text": str(n)},
    ]
    return render(request, "research/version.html", context)


@require_GET
def version_bundle(request: StudyRequest, slug: str, n: int) -> FileResponse:
    """A version as a zip: loading it, here or elsewhere, is no change."""
    one = _version(request, n)
    content = StudyVersion.objects.values_list("content", flat=True).get(pk=one.pk)
    with tempfile.TemporaryDirectory(prefix="potoo-bundle-") as folder:
        path = Path(folder) / "bundle.zip"
        write_bundle(content, opener_of(one), path)
        # Open files outlive their folder's entry; the response reads and closes it.
        packed = path.open("rb")
    return FileResponse(packed, as_attachment=True, filename=f"{slug}-v{n}.zip", content_type="application/zip")


def _taken_in(request: StaffRequest | StudyRequest, context: dict[str, Any], take: Take) -> HttpResponse:
    """What becomes of the files of a form: their faults, or whatever `take` does with the bundle."""
    try:
        with received(request.FILES) as bundle:
            return take(bundle)
    except NothingSent:
        text = _("Choose one zip, or the files themselves. Nothing was stored.")
        return render(
            request, "research/upload.html", context | {"errors": [{"id": "bundle", "text": text}]}, status=422
        )
    except BundleFaults as found:
        faulty = {"faults": found.faults[:SHOWN_FAULTS], "fault_count": len(found.faults), "shown": SHOWN_FAULTS}
        return render(request, "research/upload.html", context | faulty, status=422)


def _checked(
    request: StaffRequest | StudyRequest,
    context: dict[str, Any],
    bundle: Bundle,
    *,
    before: StudyVersion | None = None,
    errors: Sequence[dict[str, str]] = (),
) -> HttpResponse:
    """What storing the bundle would give; nothing is stored."""
    found = {
        "errors": list(errors),
        "outline": outline(bundle.study, get_language() or "en", {}),
        "messages_plan": shown(plan_of(bundle.study)),
        "changes": change_words(changes_from(before, bundle.content)) if before else [],
        "before": before,
        "is_checked": True,
    }
    return render(request, "research/upload.html", context | found, status=422 if errors else 200)


def _taken(slug: str) -> dict[str, str]:
    text = _("The slug %(slug)s is taken. Write another behind slug: in study.yaml.") % {"slug": slug}
    return {"id": "bundle", "text": text}


def _yours(slug: str) -> str:
    text = _("You have a study %(slug)s already, and it says something else. Upload these files as its next version.")
    return text % {"slug": slug}


def _version(request: StudyRequest, n: int) -> StudyVersion:
    # Beyond what the database counts to, there is none.
    found = (
        request.study.versions.defer("content").select_related("created_by").filter(n=n).first() if n < 2**31 else None
    )
    if found is None:
        raise Http404
    return found


def _by(version: StudyVersion, request: StudyRequest) -> str:
    """Who stored a version; addresses of the team are for those who may see the team."""
    if version.created_by is None:
        return _("by command")
    if version.created_by == request.user:
        return _("you")
    return version.created_by.email if request.access.may("team") else _("somebody of the team")


def _what(before: StudyVersion | None, version: StudyVersion) -> str:
    return change_summary(changes_between(before, version)) if before else _("the first version")


def _around(request: StudyRequest, slug: str) -> dict[str, Any]:
    return {
        "nav": "studies",
        "tab": "versions",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
    }
