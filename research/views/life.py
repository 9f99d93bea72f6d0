"""The life of studies: the list of one's own, and where one of them stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings as product
from django.contrib import messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

import clock
from coaching.http import StaffRequest, StudyRequest
from coaching.models import Enrolment, Membership, Role, Study, StudyVersion
from coaching.selectors.studies import declared, studies_of
from coaching.services import studies
from coaching.staff_pages import crumbs, tabs
from research.forms import PlanForm
from research.views.words import role_word, state_word

# What staff may do, where that leads, and from where (coaching.services.studies.TRANSITIONS).
ACTS: Mapping[str, str] = {"open": Study.State.OPEN, "pause": Study.State.PAUSED, "close": Study.State.CLOSED}


@require_GET
def list_studies(request: StaffRequest) -> HttpResponse:
    """Every study in which this account has a role."""
    roles: dict[int, list[str]] = {}
    for study_id, role in Membership.objects.filter(user=request.user).values_list("study_id", "role"):
        roles.setdefault(study_id, []).append(role)
    found = list(
        studies_of(request.user).annotate(people=_consented(synthetic=False), simulated=_consented(synthetic=True))
    )
    versions = {v.study_id: v for v in StudyVersion.objects.filter(study__in=found).defer("content").order_by("n")}
    rows = [
        {
            "study": study,
            "title": declared(versions[study.pk]).title.to(get_language() or "en"),
            "version": versions[study.pk].n,
            "roles": ", ".join(role_word(role) for role in sorted(roles[study.pk])),
            "state": state_word(study.state),
        }
        for study in found
    ]
    leads = any(role in {Role.OWNER, Role.RESEARCHER} for held in roles.values() for role in held)
    context = {"rows": rows, "nav": "studies", "title": _("Studies"), "leads": leads}
    return render(request, "research/studies.html", context)


def _consented(*, synthetic: bool) -> Coalesce:
    """How many people of a study agreed to take part and are not erased; nobody who only tries it out."""
    people: QuerySet[Any, Any] = (
        Enrolment.objects.filter(study=OuterRef("pk"), consented_at__isnull=False, erased_at=None, ahead_s=None)
        .filter(Q(synthetic=synthetic))
        .order_by()
        .values("study")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Coalesce(Subquery(people), 0)


@require_GET
def settings(request: StudyRequest, slug: str) -> HttpResponse:
    """Where the study stands, its plan and its door."""
    return _settings_page(request, slug)


@require_http_methods(["GET", "HEAD", "POST"])
def set_state(request: StudyRequest, slug: str) -> HttpResponse:
    """Opens, pauses or closes the study; closing asks for its slug, for it is for good."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("research:settings", args=[slug]))
    act = request.POST.get("act", "")
    if act not in ACTS:
        return _settings_page(request, slug, error={"id": "", "text": _("Choose what is to happen to the study.")})
    if act == "close" and request.POST.get("slug", "").strip() != slug:
        text = _("Write %(slug)s to close the study. Nothing was changed.") % {"slug": slug}
        return _settings_page(
            request, slug, error={"id": "close-slug", "text": text}, typed=request.POST.get("slug", "")
        )
    try:
        studies.set_state(study=request.study, state=ACTS[act], by=request.user, now=clock.now())
    except studies.StateFault:
        return _settings_page(request, slug, error={"id": "", "text": _refusal(request.study)})
    messages.success(request, _meaning(request.study.state))
    return HttpResponseRedirect(reverse("research:settings", args=[slug]))


@require_http_methods(["GET", "HEAD", "POST"])
def set_plan(request: StudyRequest, slug: str) -> HttpResponse:
    """How many people are planned, and from which day to which they are to come."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("research:settings", args=[slug]))
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, slug, form=form)
    studies.set_plan(study=request.study, **form.cleaned_data, by=request.user, now=clock.now())
    messages.success(request, _("The plan is kept."))
    return HttpResponseRedirect(reverse("research:settings", args=[slug]))


def _settings_page(
    request: StudyRequest,
    slug: str,
    *,
    error: Mapping[str, str] | None = None,
    form: PlanForm | None = None,
    typed: str = "",
) -> HttpResponse:
    study = Study.objects.get(pk=request.study.pk)
    allowed = [act for act, state in ACTS.items() if study.state in studies.TRANSITIONS[state]]
    plan = {"target": study.target, "recruit_from": study.recruit_from, "recruit_until": study.recruit_until}
    context = {
        "title": _("Settings"),
        "nav": "studies",
        "tab": "settings",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "study": study,
        "state": state_word(study.state),
        "meaning": _meaning(study.state),
        "acts": [(act, *_act_words(act)) for act in allowed if act != "close"],
        "may_close": "close" in allowed,
        "may_walk": request.may_open("rehearsal:walk"),
        "form": form or PlanForm(initial=plan),
        "errors": [error] if error else [],
        "close_error": error["text"] if error and error["id"] == "close-slug" else "",
        "typed": typed[:100],
        "door": f"{product.PUBLIC_URL.rstrip('/')}{reverse('coaching:join', args=[slug])}",
    }
    return render(request, "research/settings.html", context, status=422 if error or form else 200)


def _meaning(state: str) -> str:
    """What a state means for the people of a study."""
    return {
        "draft": _("This is a draft. Nobody can come in yet; look it over, walk it, then open it."),
        "open": _("The study is open. Its door lets people in."),
        "paused": _("The study is paused. Nobody new comes in; those who are in go on, and their mails go out."),
        "closed": _(
            "The study is closed, for good. Nobody comes in, every open step has ended, and nothing more is sent."
        ),
    }[state]


def _act_words(act: str) -> tuple[str, str]:
    """What a button says, and what it does."""
    return {
        "open": (_("Open the study"), _("Everybody who has the address of its door can come in from now on.")),
        "pause": (
            _("Pause the study"),
            _(
                "Nobody new comes in until you open it again. Those who are in go on: their steps stay open and their "
                "mails go out."
            ),
        ),
    }[act]


def _refusal(study: Study) -> str:
    state = Study.objects.values_list("state", flat=True).get(pk=study.pk)
    if state == Study.State.CLOSED:
        return _("The study is closed, and a closed study stays closed. Nothing was changed.")
    return _("The study can't do that from where it stands (%(state)s). Nothing was changed.") % {
        "state": state_word(state)[0]
    }
