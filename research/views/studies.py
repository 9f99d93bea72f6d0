"""One study in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import clock
from coaching.http import StudyRequest
from coaching.models import Study
from coaching.selectors.keeping import research_until
from coaching.selectors.studies import declared
from coaching.staff_pages import tabs
from coaching.windows import zone
from protocol.study import Study as Declared
from research import sums
from research.counts import Given, Place, joined_on, missing_counts, people_counts, step_counts, versions_of
from research.figures import Entry
from research.figures import flow as diagram
from research.sums import People, Standing
from research.views import words
from research.views.choosing import chosen, chosen_in
from research.views.gaps import matrix, step_titles
from research.views.recruiting import enrolment

STEP_STATES = ("done", "open", "waiting", "missed", "cancelled")


@require_GET
def overview(request: StudyRequest, slug: str) -> HttpResponse:
    """The study in numbers: who came, who is where, how enrolment goes, what is missing."""
    now, language, study = clock.now(), get_language() or "en", request.study
    versions = versions_of(study)
    declaration = declared(versions[0])
    today = now.astimezone(zone(declaration.timezone)).date()
    real, simulated = joined_on(study, zone(declaration.timezone))
    choice = chosen(request, real=len(real), simulated=len(simulated))
    joined = {"real": real, "simulated": simulated, "all": sorted([*real, *simulated])}[choice.people]
    people = people_counts(study, choice.synthetic, versions)
    cells, given = missing_counts(study, choice.synthetic, versions)
    titles = step_titles(versions, language)
    levels, groups = _entries(people, _group_titles(declaration, people, language))
    context = {
        "title": declaration.title.to(language),
        "nav": "studies",
        "tab": "overview",
        "study_tabs": tabs(request, slug),
        "crumbs": [{"url": reverse("research:studies"), "text": _("Studies")}, {"url": "", "text": slug}],
        "lead": _lead(declaration, versions[0].n),
        "state": words.state_word(study.state),
        "live": date_format(now, "SHORT_DATETIME_FORMAT"),
        "kept_until": _kept_until(study, declaration, today),
        "kpis": _kpis(study, people, _main(declaration, given, titles, language), today),
        "levels": [(_linked(level, slug), _linked(aside, slug) if aside else None) for level, aside in levels],
        "groups": [[_linked(entry, slug) for entry in boxes] for boxes in groups],
        "faults": [words.fault_word(level) for level in sums.faults(people)],
        "enrolment": enrolment(study, joined, today),
        "missing": matrix(slug, versions, cells, choice, language),
        "steps": [
            {"key": step.key, "title": titles.get(step.key, step.key)}
            | {state: step.states.get(state, 0) for state in STEP_STATES}
            for step in step_counts(study, choice.synthetic)
        ],
        **choice.context(),
    }
    return render(request, "research/study.html", context)


@require_GET
def flow_svg(request: StudyRequest, slug: str) -> HttpResponse:
    """The participant flow as a file: a picture that stands by itself, in the reader's language."""
    language = get_language() or "en"
    choice = chosen_in(request, request.study)
    versions = versions_of(request.study)
    declaration = declared(versions[0])
    people = people_counts(request.study, choice.synthetic, versions)
    levels, groups = _entries(people, _group_titles(declaration, people, language))
    context = {
        "picture": diagram(levels, groups),
        "title": f"{declaration.title.to(language)}: {_('Participant flow')}",
        "faults": [words.fault_word(level) for level in sums.faults(people)],
        "live": date_format(clock.now(), "SHORT_DATETIME_FORMAT"),
        **choice.context(),
    }
    response = render(request, "research/flow.svg", context, content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="{slug}_flow.svg"'
    return response


def _kept_until(study: Study, declaration: Declared, today: date) -> str:
    """That the answers have been kept for as long as the study said; empty before."""
    day = research_until(study, declaration)
    if day is None or day > today:
        return ""
    said = _("This study said that answers are kept until %(day)s. Decide what becomes of them.")
    return f"{said % {'day': date_format(day, 'DATE_FORMAT')}} {_('Nothing is erased by itself.')}"


def _lead(declaration: Declared, n: int) -> str:
    if declaration.is_cohort:
        return _("A cohort without groups. Version %(n)d.") % {"n": n}
    if len(declaration.arms) == 1:
        return _("One group. Version %(n)d.") % {"n": n}
    ratio = " : ".join(str(arm.ratio) for arm in declaration.arms)
    return _("%(arms)d groups, %(ratio)s. Version %(n)d.") % {"arms": len(declaration.arms), "ratio": ratio, "n": n}


# --- the numbers at the top ------------------------------------------------------------------------------------------


def main_measure(declaration: Declared) -> Place | None:
    """The first questionnaire of the last required step of everybody's way that has one: where the study leads."""
    steps = [step for step in (*declaration.before, *declaration.after) if step.instruments and not step.optional]
    return (steps[-1].id, steps[-1].instruments[0]) if steps else None


def _main(
    declaration: Declared, given: Mapping[Place, Given], titles: Mapping[str, str], language: str
) -> list[dict[str, Any]]:
    place = main_measure(declaration)
    if place is None:
        return []
    named = {"measure": declaration.instruments[place[1]].title.to(language), "step": titles.get(place[0], place[0])}
    counted = given.get(place, Given(0, 0))
    return [
        {
            "label": _("%(measure)s, %(step)s, of those due") % named,
            "number": counted.given,
            "rest": _("of %(n)d given") % {"n": counted.due},
        }
    ]


def _kpis(study: Study, people: People, main: Sequence[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    ended = [people.cohort, *people.groups.values()]
    target = _("of %(n)d") % {"n": study.target} if study.target else ""
    if study.recruit_until is None:
        last = {"label": _("Left"), "number": people.gone + sum(each.left for each in ended), "rest": ""}
    else:
        day = date_format(study.recruit_until, "DATE_FORMAT")
        last = {"label": _("Recruiting until"), "number": day, "rest": _days_from(today, study.recruit_until)}
    return [
        {"label": _("Enrolled"), "number": people.consented, "rest": target},
        *main,
        {"label": _("Completed"), "number": sum(each.completed for each in ended), "rest": ""},
        last,
    ]


def _days_from(today: date, day: date) -> str:
    days = (day - today).days
    if days == 0:
        return _("today")
    if days < 0:
        return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}
    return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}


# --- the participant flow --------------------------------------------------------------------------------------------

Levels = list[tuple[Entry, Entry | None]]


def _group_titles(declaration: Declared, people: People, language: str) -> dict[str, str]:
    """The title of each group; of one that only earlier versions have, its name."""
    titles = {arm.name: arm.title.to(language) for arm in declaration.arms if arm.title}
    return {name: titles.get(name, name) for name in people.groups}


def _entries(people: People, titles: Mapping[str, str]) -> tuple[Levels, list[tuple[Entry, ...]]]:
    """The boxes of the flow, in reading order: its levels with those who left the way there, then its groups."""
    excluded = sum(people.excluded.values())
    outside = [*people.excluded.items(), (_("Not finished yet"), people.unfinished)]
    levels: Levels = [(Entry(_("Invited"), people.invited), None)] if people.invited else []
    levels.append(
        (
            Entry(_("Assessed"), people.assessed),
            Entry(_("Not in the study"), excluded + people.unfinished, _some(outside)),
        )
    )
    if people.groups:
        waiting = (_("Waiting for a group"), people.waiting)
        gone = (_("Left before they had one"), people.gone)
        beside = Entry(_("Without a group"), people.waiting + people.gone, (waiting, gone))
        levels += [
            (Entry(_("Consented"), people.consented), beside),
            (Entry(_("Allocated"), people.allocated), None),
        ]
    else:
        levels.append((Entry(_("Consented"), people.consented), None))
    groups = [_boxes(titles[name], standing) for name, standing in people.groups.items()]
    if people.cohort.total or not people.groups:
        groups.append(_boxes(_("In the study"), people.cohort))
    return levels, groups


def _boxes(title: str, standing: Standing) -> tuple[Entry, ...]:
    begun = [(_("Started"), standing.started), (_("Did not start"), standing.not_started)]
    away = [(_("Left"), standing.left)]
    return (
        Entry(
            title,
            standing.total,
            (
                *begun,
                *_some([(_("Not known any more"), standing.unknown)]),
                (_("Missed a step"), standing.missed),
                *_some([(_("Stopped the training, stay in the follow-up"), standing.stopped_training)]),
            ),
        ),
        Entry(_("In progress"), standing.in_progress, (*away, *_some([(_("Deleted"), standing.deleted)]))),
        Entry(_("Completed"), standing.completed),
    )


def _some(pairs: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((word, n) for word, n in pairs if n)


def _linked(entry: Entry, slug: str) -> dict[str, Any]:
    """A box for the page, with the lists of people that it leads to."""
    address = reverse("coaching:people", args=[slug])
    lists = {
        _("Consented"): address,
        _("Waiting for a group"): f"{address}?status=consented",
        _("Completed"): f"{address}?status=completed",
        _("Left"): f"{address}?status=withdrawn",
    }
    details = [{"word": word, "n": n, "url": lists.get(word, "")} for word, n in entry.details]
    return {"title": entry.title, "n": entry.n, "url": lists.get(entry.title, ""), "details": details}
