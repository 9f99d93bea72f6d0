"""What staff read of one person's guided sessions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from coaching.http import StudyRequest
from coaching.models import Enrolment
from coaching.person_pages import person_of, person_page
from coaching.selectors.studies import declared
from coaching.windows import zone
from imagery.models import Drawing, Rating, RatingRevision, Report, SessionRun
from imagery.selectors.held import held_of
from imagery.selectors.latest import latest_drawing, latest_report, latest_run
from imagery.selectors.versions import ScriptsOfRuns
from imagery.timeline import BETWEEN, shown, stage_called
from imagery.views.pages import form_words
from protocol.script import Script, Stage

FORM = "form"  # the kind of a stage that asks in what forms it came


@require_safe
def person(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """A person's sessions, with words and drawings for those who may read them; `?fragment=1` for that part alone."""
    enrolment = person_of(request, pseudonym)
    context = {
        "person": enrolment,
        "zone": zone(enrolment.timezone),
        "sees_words": request.access.may("words"),
        "sessions": _sessions(enrolment, slug, get_language() or "en", request.access.may("words")),
    }
    if request.GET.get("fragment") == "1":
        return render(request, "imagery/_sessions.html", context)
    context |= person_page(request, enrolment, "sessions")
    return render(request, "imagery/person.html", context)


@require_safe
def summary(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """A person's latest session, with its latest words and drawing for those who may read them, as a part of a page."""
    enrolment = person_of(request, pseudonym)
    sees_words, run = request.access.may("words"), latest_run(enrolment)
    drawing = latest_drawing(enrolment) if sees_words else None
    context = {
        "person": enrolment,
        "zone": zone(enrolment.timezone),
        "run": run,
        "word": _standing(run) if run else "",
        "report": latest_report(enrolment) if sees_words else None,
        "drawing": _drawing(drawing, enrolment, slug) if drawing else None,
    }
    return render(request, "imagery/_summary.html", context)


def _sessions(enrolment: Enrolment, slug: str, language: str, sees_words: bool) -> list[dict[str, Any]]:
    if enrolment.version is None:
        return []
    study = declared(enrolment.version)
    titles = {step.id: step.title for step in study.path(enrolment.arm or None)}
    scripts = ScriptsOfRuns(enrolment.version)
    return [
        {
            "run": held.run,
            "step": title.to(language) if (title := titles.get(held.run.occasion.key)) else held.run.occasion.key,
            "script": _script_title(scripts.of(held.run), held.run, language),
            "word": _standing(held.run),
            "quiet": _minutes(held.quiet_ms),
            "planned": _minutes(held.planned_ms),
            "ratings": [_rating(each, scripts.of(held.run), language) for each in held.ratings],
            "reports": [_report(each, scripts.of(held.run), language) for each in held.reports] if sees_words else [],
            "drawings": [_drawing(each, enrolment, slug) for each in held.drawings] if sees_words else [],
        }
        for held in held_of(enrolment)
    ]


def _script_title(script: Script | None, run: SessionRun, language: str) -> str:
    return script.title.to(language) if script else run.script


def _prompt(script: Script | None, stage: str, language: str) -> str:
    found = stage_called(script, stage) if script else None
    return found.text.to(language) if found and found.text else ""


def _rating(rating: Rating, script: Script | None, language: str) -> dict[str, Any]:
    found = stage_called(script, rating.stage) if script else None
    is_form = (found.kind if found else rating.kind) == FORM
    value = shown(rating.value) if rating.value is not None else ""
    expected = str(found.answer) if found and found.answer else ""
    labels = _labels(found, language)
    return {
        "stage": rating.stage,
        "kind": rating.kind,
        "prompt": _prompt(script, rating.stage, language),
        "value": _forms(rating) if is_form and value else value,
        "label": labels.get(value, ""),
        "expected": labels.get(expected, "") if value and value != expected else "",
        "of": f"{shown(rating.scale_min)}–{shown(rating.scale_max)}"
        if rating.scale_min is not None and rating.scale_max is not None and not is_form
        else "",
        "word": _words()[rating.status],
        "answered_at": rating.answered_at,
        "earlier": [_earlier(each, is_form) for each in rating.revisions.all()],
    }


def _labels(stage: Stage | None, language: str) -> dict[str, str]:
    """The words of what can be chosen at a stage, by its number; empty for a rating."""
    offered = (*(option.label for option in stage.options), *stage.choices) if stage else ()
    return {str(n): each.to(language) for n, each in enumerate(offered, start=1)}


def _forms(rating: Rating | RatingRevision) -> str:
    words = form_words()
    return ", ".join(words.get(form, form) for form in rating.forms.split(BETWEEN) if form) or _("Nothing came")


def _earlier(rating: RatingRevision, is_form: bool) -> str:
    if rating.value is None:
        return _words()[rating.status]
    return _forms(rating) if is_form else shown(rating.value)


def _report(report: Report, script: Script | None, language: str) -> dict[str, Any]:
    return {
        "row": report,
        "prompt": _prompt(script, report.stage, language),
        "earlier": [each.text for each in report.revisions.all()],
    }


def _drawing(drawing: Drawing, enrolment: Enrolment, slug: str) -> dict[str, Any]:
    url = ""
    if drawing.file:
        url = reverse("imagery:drawing_of_person", args=[slug, enrolment.pseudonym, drawing.file])
    return {"row": drawing, "url": url, "word": _kinds()[drawing.status], "why": _reasons().get(drawing.reason, "")}


def _minutes(milliseconds: int | None) -> str:
    """A length of time as minutes and seconds; empty where it is not known."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes}:{seconds:02}"


def _standing(run: SessionRun) -> str:
    return _("Ended early") if run.ended_at_stage else _states()[run.status]


def _states() -> dict[str, str]:
    return {"started": _("Begun"), "completed": _("Completed"), "missed": _("Missed")}


def _words() -> dict[str, str]:
    return {
        "answered": _("Answered"),
        "declined": _("Would rather not say"),
        "not_applicable": _("There was nothing to rate"),
        "not_reached": _("Not reached"),
    }


def _kinds() -> dict[str, str]:
    return {
        "drawn": _("Drawn"),
        "uploaded": _("Uploaded picture"),
        "words": _("Words instead"),
        "skipped": _("Skipped"),
    }


def _reasons() -> dict[str, str]:
    return {"rather_not": _("Would rather not"), "nothing_came": _("Nothing came"), "cannot": _("Could not draw here")}
