"""Data quality: what is worth a second look, and what was decided about it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

import clock
from coaching.http import StudyRequest
from coaching.models import Enrolment, Study
from coaching.selectors.people import people_in
from coaching.selectors.studies import declarations, declared
from coaching.staff_pages import crumbs, tabs
from research.counts import Versions, versions_of
from research.decisions import decide
from research.flags import Flag, decisions_on, flags_of
from research.forms import DecisionForm
from research.models import QualityDecision
from research.quality import RULES, Check
from research.views.choosing import chosen_in
from research.views.gaps import measure_titles, step_titles

PER_PAGE = 50
STATES = ("open", "decided", "findings", "all")


@require_GET
def list_flags(request: StudyRequest, slug: str) -> HttpResponse:
    """Every flag; which are shown stands in the address."""
    state, rule = request.GET.get("state") or "open", request.GET.get("rule", "")
    if state not in STATES or (rule and rule not in RULES):
        raise Http404
    choice = chosen_in(request, request.study)
    flags = flags_of(request.study, synthetic=choice.synthetic)
    shown = [flag for flag in flags if _is_shown(flag, state) and rule in {"", flag.rule.name}]
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    names = _Names(versions_of(request.study))
    still = [flag for flag in flags if flag.is_open]
    kept = {name: value for name, value in (("state", state), ("rule", rule)) if value}
    context = {
        "title": _("Data quality"),
        "nav": "studies",
        "tab": "quality",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "page": page,
        "query": f"&{urlencode(kept)}{choice.query}",
        "rows": [names.row(flag, slug) for flag in page],
        "open": _open_words(len(still), len({flag.pseudonym for flag in still})),
        "state": state,
        "states": list(state_words().items()),
        "rule": rule,
        "rules": [(name, rule_words()[name]) for name in RULES],
        "about": [
            (rule_words()[each.name], *tag_word(each.tag), about_words()[each.name], each.version)
            for each in RULES.values()
        ],
        **choice.context(),
    }
    return render(request, "research/quality.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: StudyRequest, slug: str, pseudonym: str, rule: str, timepoint: str, part: str) -> HttpResponse:
    """One flag: what was seen, what was decided about it, and the form for deciding."""
    enrolment = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    if rule not in RULES or not _is_declared(request.study, timepoint, part):
        raise Http404
    found = _find(request, enrolment, rule, timepoint, part)
    if found is None:
        messages.info(request, _("This flag is not there any more: the data have changed since."))
        return HttpResponseRedirect(reverse("research:quality", args=[slug]), status=303)
    form = DecisionForm(_choices(found), request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        decide(
            enrolment=enrolment,
            flag=found,
            decision=given["decision"],
            reason=given["reason"],
            by=request.user,
            now=clock.now(),
        )
        messages.success(request, _("What you decided is kept. Nothing was taken out of the data."))
        return HttpResponseRedirect(request.path, status=303)
    names = _Names(versions_of(request.study))
    context = {
        "title": rule_words()[found.rule.name],
        "nav": "studies",
        "tab": "quality",
        "study_tabs": tabs(request, slug),
        "crumbs": [
            *crumbs(request, slug),
            {"url": reverse("research:quality", args=[slug]), "text": _("Data quality")},
        ],
        "row": names.row(found, slug),
        "about": about_words()[found.rule.name],
        "version": found.rule.version,
        "is_finding": found.rule.tag == "finding",
        "form": form,
        "history": [
            {"word": decision_word(each.decision), "reason": each.reason, "at": each.decided_at, "by": each.by.email}
            for each in decisions_on(enrolment, found).select_related("by")
        ],
    }
    return render(request, "research/quality_flag.html", context, status=422 if form.errors else 200)


def _is_declared(study: Study, timepoint: str, part: str) -> bool:
    """Whether a version of the study has that step, and a questionnaire or script of that name."""
    return any(
        part in {*each.instruments, *each.scripts} and any(step.id == timepoint for step in each.steps())
        for each in declarations(study).values()
    )


def _is_shown(flag: Flag, state: str) -> bool:
    return {
        "open": flag.is_open,
        "decided": flag.decision is not None,
        "findings": flag.rule.tag == "finding",
        "all": True,
    }[state]


def _open_words(flags: int, people: int) -> str:
    if not flags:
        return _("No open flags.")
    told = {
        "flags": ngettext("%(n)d open flag", "%(n)d open flags", flags) % {"n": flags},
        "people": ngettext("%(n)d person", "%(n)d people", people) % {"n": people},
    }
    return _("%(flags)s, on %(people)s.") % told


def _find(request: StudyRequest, enrolment: Enrolment, rule: str, timepoint: str, part: str) -> Flag | None:
    if rule not in RULES:
        raise Http404
    wanted = (rule, timepoint, part)
    flags = flags_of(request.study, enrolment=enrolment)
    return next((each for each in flags if (each.rule.name, each.timepoint, each.part) == wanted), None)


def _choices(flag: Flag) -> list[tuple[str, str]]:
    """What can be decided: a finding is a result, and is never left out."""
    decisions = [each for each in QualityDecision.Decision.values if flag.rule.tag != "finding" or each != "exclude"]
    return [(each, decision_word(each)) for each in decisions]


# --- words -----------------------------------------------------------------------------------------------------------


class _Names:
    """Steps, questionnaires and scripts by their titles."""

    def __init__(self, versions: Versions) -> None:
        language = get_language() or "en"
        scripts = [script for version in versions for script in declared(version).scripts.items()]
        self.steps = step_titles(versions, language)
        self.parts = {slug: script.title.to(language) for slug, script in reversed(scripts)}
        self.parts |= measure_titles(versions, language)

    def row(self, flag: Flag, slug: str) -> dict[str, Any]:
        """What a list says of one flag."""
        return {
            "url": reverse(
                "research:quality_flag", args=[slug, flag.pseudonym, flag.rule.name, flag.timepoint, flag.part]
            ),
            "rule": rule_words()[flag.rule.name],
            "tag": tag_word(flag.rule.tag),
            "pseudonym": flag.pseudonym,
            "step": self.steps.get(flag.timepoint, flag.timepoint),
            "part": self.parts.get(flag.part, flag.part),
            "evidence": evidence(flag),
            "decision": decision_word(flag.decision.decision) if flag.decision else "",
        }


def rule_words() -> dict[str, str]:
    """Each rule's name as people read it."""
    return {
        "fast": _("Very fast questionnaire"),
        "hidden": _("Away during a session"),
        "catch": _("An attention check was missed"),
        "same": _("Same answer to every item"),
        "empty": _("Two drawings without a line"),
        "floor": _("All answers say: nothing"),
    }


def about_words() -> dict[str, str]:
    """What each rule looks for."""
    return {
        "fast": _(
            "At least 8 answers with a time, and half of them or more took under 1.2 seconds (the lower median of the "
            "times is under 1.2 seconds)."
        ),
        "hidden": _(
            "The page of a session was out of sight for more than half of its time, and for 30 seconds at least."
        ),
        "catch": _(
            "A question that asks for a certain answer, so that one sees whether questions are read, was answered "
            "otherwise."
        ),
        "same": _(
            "At least 8 answers in a questionnaire, all the same, and not all at the end that says nothing. It may be "
            "true. Nobody is left out by this rule."
        ),
        "empty": _(
            "Two drawings or more that are blank, or were passed over. Whoever said that nothing came is not counted: "
            "that is an answer."
        ),
        "floor": _(
            "At least 8 answers in a questionnaire, all at the end that says nothing. This is what people without a "
            "mind's eye answer: a finding, and never a reason to leave somebody out."
        ),
    }


def tag_word(tag: str) -> tuple[str, str]:
    """A tag's word and look."""
    return {
        "check": (_("Check"), "warn"),
        "may_be_true": (_("May be true"), "info"),
        "finding": (_("Finding"), ""),
    }[tag]


def decision_word(decision: str) -> str:
    """A decision as people read it."""
    return {"keep": _("Keep"), "exclude": _("Leave out of a set"), "ask": _("Ask the coach")}[decision]


def state_words() -> dict[str, str]:
    """Which flags are shown."""
    return {"open": _("Open"), "decided": _("Decided"), "findings": _("Findings"), "all": _("All")}


def _missed(check: Check) -> str:
    return _("%(item)s expects %(expected)s, and %(given)s was given.") % {
        "item": check.item,
        "expected": check.expected,
        "given": check.given,
    }


def evidence(flag: Flag) -> str:
    """What was seen, in words with its numbers."""
    numbers = {name: int(value) if float(value).is_integer() else value for name, value in flag.numbers.items()}
    if flag.rule.name == "fast":
        return (
            _("%(fast)s of %(timed)s timed answers took under 1.2 seconds; all together %(took_s)s seconds.") % numbers
        )
    if flag.rule.name == "hidden":
        return _("Out of sight for %(hidden_s)s of %(span_s)s seconds.") % numbers
    if flag.rule.name == "catch":
        told = _("%(failed)s of %(asked)s attention checks were answered otherwise than they ask for.") % numbers
        return " ".join((told, *(_missed(check) for check in flag.missed)))
    if flag.rule.name == "same":
        return _("%(answered)s answers, each of them %(value)s.") % numbers
    if flag.rule.name == "floor":
        return _("%(answered)s answers, each at the end that says nothing.") % numbers
    blank = ngettext("%(blank)s blank", "%(blank)s blank", int(numbers["blank"])) % numbers
    skipped = ngettext("%(skipped)s passed over", "%(skipped)s passed over", int(numbers["skipped"])) % numbers
    return _("Drawings: %(blank)s, %(skipped)s.") % {"blank": blank, "skipped": skipped}
