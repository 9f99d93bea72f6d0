"""How reliable the study's own numbers are: within a questionnaire, and from one time to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from coaching.http import StudyRequest
from coaching.selectors.studies import declared
from coaching.staff_pages import crumbs, tabs
from protocol.study import Study as Declared
from research.counts import versions_of
from research.measured import Place, in_order, measured, places_of, told_apart_by
from research.views import consistent, repeated
from research.views.choosing import Chosen, chosen_in
from research.views.gaps import step_titles
from research.views.reliability_words import Names, by_words


@require_GET
def reliability(request: StudyRequest, slug: str) -> HttpResponse:
    """One questionnaire at one time, and beside another; what is looked at stands in the address."""
    versions = versions_of(request.study)
    places = places_of(request.study, versions)
    choice = chosen_in(request, request.study)
    language = get_language() or "en"
    context: dict[str, Any] = {
        "title": _("Reliability"),
        "nav": "studies",
        "tab": "reliability",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        **choice.context(),
    }
    if places:
        declaration = declared(versions[0])
        place = _chosen(places, request.GET.get("instrument", ""))
        titles = step_titles(versions, language)
        first, second = _times(place, request.GET.get("timepoint", ""), request.GET.get("second"))
        by = request.GET.get("by", "")
        if by and by not in told_apart_by(place.instrument):
            # One of another questionnaire, which was chosen before; a word that is none of any is not found.
            if not any(by in told_apart_by(each.instrument) for each in places):
                raise Http404
            by = ""
        context |= _choices(places, place, titles, declaration, language) | {"first": first, "second": second, "by": by}
        context |= _found(request, place, (first, second), by, choice, declaration, language)
        context["times"] = [titles.get(key, key) for key in (first, second)]
    return render(request, "research/reliability.html", context)


def _chosen(places: Sequence[Place], asked: str) -> Place:
    found = next((each for each in places if not asked or _key(each) == asked), None)
    if found is None:
        raise Http404
    return found


def _key(place: Place) -> str:
    return f"{place.instrument.id}.{place.version}"


def _times(place: Place, asked: str, beside: str | None) -> tuple[str, str]:
    """The time that is looked at, and the one beside it (empty for none).

    A timepoint that another questionnaire has, chosen before this one was, falls back on what holds unless told.
    """
    first = asked if asked in place.timepoints else (place.pair or place.timepoints)[0]
    others = [key for key in (*place.pair, *place.timepoints) if key != first]
    if beside == "":
        return first, ""
    return first, beside if beside in others else next(iter(others), "")


def _choices(
    places: Sequence[Place], place: Place, titles: dict[str, str], declaration: Declared, language: str
) -> dict[str, Any]:
    """What can be chosen; of a choice of one there is none."""
    several = {each.instrument.id for each in places if sum(e.instrument.id == each.instrument.id for e in places) > 1}
    bys = [
        by
        for by in told_apart_by(place.instrument)
        if (by != "arm" or declaration.arms)
        and (by != "language" or len(declaration.languages) > 1)
        and (by != "form" or place.instrument.forms)
    ]
    times = [(key, titles.get(key, key)) for key in place.timepoints]
    return {
        "instrument": _key(place),
        "instruments": [
            (
                _key(each),
                _("%(title)s, as of version %(n)d") % {"title": each.instrument.title.to(language), "n": each.version}
                if each.instrument.id in several
                else each.instrument.title.to(language),
            )
            for each in places
        ],
        "timepoints": times,
        "bys": [(by, by_words(by)) for by in bys],
    }


def _found(
    request: StudyRequest,
    place: Place,
    times: tuple[str, str],
    by: str,
    choice: Chosen,
    declaration: Declared,
    language: str,
) -> dict[str, Any]:
    """Each score at the first time, and at both."""
    # They bring numpy and scipy along, which no other page of the product needs.
    from research.consistency import consistency  # noqa: PLC0415
    from research.repeats import again, norm_of  # noqa: PLC0415

    instrument, (first, second) = place.instrument, times
    of = measured(request.study, place, [key for key in times if key], choice.synthetic)
    names = Names({arm.name: arm.title.to(language) for arm in declaration.arms if arm.title})
    texts = {item.id: item.text.to(language) for item in instrument.items()}
    repeats = []
    for score in instrument.scores if second else ():
        before, after = in_order(place, first, second)
        found = again(instrument, score, of[before][score.name], of[after][score.name])
        source = f"{request.study.slug}, {before}, {after}"
        repeats.append(repeated.shown(found, norm_of(found, declaration.title.to(language), source)))
    return {
        "scores": [
            consistent.shown(consistency(instrument, score, of[first][score.name], by), by, names, texts)
            for score in instrument.scores
        ],
        "repeats": repeats,
        "about": {"title": instrument.title.to(language), "source": instrument.source},
    }
