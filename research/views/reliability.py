"""How reliable the study's own numbers are: within a questionnaire, and from one time to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from coaching.http import StudyRequest
from coaching.staff_pages import crumbs, tabs
from research.counts import versions_of
from research.measured import Place, measured, places_of
from research.views.choosing import chosen_in
from research.views.gaps import step_titles

if TYPE_CHECKING:
    from research.consistency import Again, Consistency, Group

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 500.0, 190.0, 34.0, 160.0, 14.0


@require_GET
def reliability(request: StudyRequest, slug: str) -> HttpResponse:
    """One questionnaire at one time; what is looked at stands in the address."""
    # It brings numpy and scipy along, which no other page needs.
    from research.consistency import BY, again, consistency  # noqa: PLC0415

    study = request.study
    versions = versions_of(study)
    places = places_of(study, versions)
    choice = chosen_in(request, study)
    context: dict[str, Any] = {
        "title": _("Reliability"),
        "nav": "studies",
        "tab": "reliability",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        **choice.context(),
    }
    if not places:
        return render(request, "research/reliability.html", context)
    place = _chosen_place(places, request.GET.get("instrument", ""))
    timepoint = _one_of(request.GET.get("timepoint", ""), place.timepoints)
    by = request.GET.get("by", "")
    if by and by not in BY:
        raise Http404
    language = get_language() or "en"
    titles = step_titles(versions, language)
    of = measured(study, place, timepoint, choice.synthetic)
    scores = [consistency(place.instrument, score, of[score.name], by) for score in place.instrument.scores]
    others = [key for key in place.timepoints if key != timepoint]
    second = _one_of(request.GET.get("second", ""), others) if others else ""
    repeats: list[Again] = []
    if second:
        later = measured(study, place, second, choice.synthetic)
        order = place.timepoints
        swaps = order.index(second) < order.index(timepoint)
        repeats = [
            again(
                place.instrument,
                score,
                *((later[score.name], of[score.name]) if swaps else (of[score.name], later[score.name])),
            )
            for score in place.instrument.scores
        ]
    context |= {
        "instrument": f"{place.instrument.id}.{place.version}",
        "instruments": [
            (
                f"{each.instrument.id}.{each.version}",
                f"{each.instrument.title.to(language)} ({each.instrument.id}, {each.version})",
            )
            for each in places
        ],
        "timepoint": timepoint,
        "timepoints": [(key, titles.get(key, key)) for key in place.timepoints],
        "second": second,
        "seconds": [(key, titles.get(key, key)) for key in others],
        "by": by,
        "bys": list(_by_words().items()),
        "scores": [_score(each) for each in scores],
        "repeats": [_again(each, titles.get(timepoint, timepoint), titles.get(second, second)) for each in repeats],
    }
    return render(request, "research/reliability.html", context)


def _chosen_place(places: Sequence[Place], asked: str) -> Place:
    if not asked:
        return places[0]
    found = next((each for each in places if f"{each.instrument.id}.{each.version}" == asked), None)
    if found is None:
        raise Http404
    return found


def _one_of(asked: str, keys: Sequence[str]) -> str:
    """What was asked for; without a word the first. A timepoint of another questionnaire falls back on the first."""
    return asked if asked in keys else keys[0]


def _score(found: Consistency) -> dict[str, Any]:
    everybody = found.groups[0]
    return {
        "name": found.score.name,
        "everybody": _group(everybody),
        "groups": [_group(each) for each in found.groups],
        "reading": _reading(everybody),
        "rest": [(item, _digits(value, 3), round(100 * max(value or 0, 0))) for item, value in found.rest],
        "counts": [
            {
                "scheme": f"{each.scheme.name} ({each.scheme.version})",
                "source": each.scheme.source,
                "band": each.band,
                "from": f"{each.low:g}",
                "to": f"{each.high:g}",
                "n": each.n,
                "share": f"{100 * each.n / everybody.n:.1f}" if everybody.n else "",
            }
            for each in found.counts
        ],
        "bars": _bars(found.bins),
        "bins": [(f"{low:g}", f"{high:g}", n) for low, high, n in found.bins],
        "least": "" if found.least is None else f"{found.least:g}",
        "most": "" if found.most is None else f"{found.most:g}",
    }


def _group(group: Group) -> dict[str, Any]:
    alpha, omega = group.alpha, group.omega
    return {
        "label": _label(group),
        "n": group.n,
        "without": group.without,
        "left_out": alpha.left_out,
        "mean": _digits(group.mean, 4),
        "sd": _digits(group.sd, 4),
        "at_least": group.at_least,
        "at_most": group.at_most,
        "alpha": _digits(alpha.value, 6),
        "alpha_interval": _interval(alpha.low, alpha.high),
        "standardised": _digits(alpha.standardised, 6),
        "omega": _digits(omega.value, 6),
        "sem": _digits(group.sem, 4),
        "why": reason_words().get(alpha.reason, ""),
        "why_omega": reason_words().get(omega.reason, ""),
    }


def _label(group: Group) -> str:
    if not group.by:
        return _("Everybody")
    words = _by_words()
    return f"{words.get(group.by, group.by)}: {group.label or _('none')}"


def _by_words() -> dict[str, str]:
    return {"arm": _("Arm"), "language": _("Language"), "form": _("Form")}


def _reading(group: Group) -> str:
    if group.alpha.value is None:
        return _("Alpha can’t be computed: %(why)s") % {"why": reason_words().get(group.alpha.reason, "")}
    return _(
        "Alpha is %(alpha)s in %(n)d people. Where people differ widely from each other, much of it is that spread: "
        "look "
        "at the rows within groups and bands too."
    ) % {"alpha": f"{group.alpha.value:.2f}", "n": group.alpha.people}


def _again(found: Again, first: str, second: str) -> dict[str, Any]:
    again, icc = found.repeated, found.intraclass
    coefficients = (
        ("ICC(1,1)", icc.icc_1_1),
        ("ICC(2,1)", icc.icc_2_1),
        ("ICC(3,1)", icc.icc_3_1),
        ("ICC(1,k)", icc.icc_1_k),
        ("ICC(2,k)", icc.icc_2_k),
        ("ICC(3,k)", icc.icc_3_k),
    )
    return {
        "name": found.score.name,
        "first": first,
        "second": second,
        "n": again.people,
        "why": reason_words().get(again.reason, ""),
        "iccs": [
            (name, _digits(each.value, 6), _interval(each.low, each.high), reason_words().get(each.reason, ""))
            for name, each in coefficients
        ],
        "facts": [
            (_("Mean change, second minus first"), _digits(again.bias, 4)),
            (_("Limits of agreement"), _interval(again.lower_limit, again.upper_limit)),
            (_("Pearson correlation"), _digits(again.pearson, 6)),
            (_("Standard error of measurement"), _digits(again.sem_agreement, 4)),
            (_("Smallest detectable change (95 %)"), _digits(again.sdc95, 4)),
        ],
        "levels": [(f"{low:g}", f"{high:g}", n, _digits(sem, 4)) for low, high, n, sem in found.levels],
        "kappas": [
            (
                f"{scheme.name} ({scheme.version})",
                _digits(each.value, 6),
                each.judged,
                reason_words().get(each.reason, ""),
            )
            for scheme, each in found.kappas
        ],
        "dots": _dots(found),
        "snippet": _snippet(found),
    }


def _snippet(found: Again) -> str:
    """The norm that a lab may put into its questionnaire's file, with the errors by level."""
    again = found.repeated
    if again.people < 3 or again.agreement.value is None or not 0 <= again.agreement.value < 1:
        return ""
    values = [one for one, _other in found.pairs]
    mean = sum(values) / len(values)
    sd = (sum((value - mean) ** 2 for value in values) / (len(values) - 1)) ** 0.5
    # Levels that touch would be said twice of one value: only those apart are written.
    apart = all(one[1] < other[0] for one, other in zip(found.levels, found.levels[1:], strict=False))
    errors = ", ".join(
        f"{{from: {low:g}, to: {high:g}, sem: {sem:.4f}}}" for low, high, _n, sem in found.levels if sem and apart
    )
    text = (
        f"{{score: {found.score.name}, population: this study, n: {again.people}, mean: {mean:.4f}, sd: {sd:.4f}, "
        f"reliability: {again.agreement.value:.6f}, kind: retest, source: this study"
    )
    return f"{text}, errors: [{errors}]}}" if errors else f"{text}}}"


# --- pictures --------------------------------------------------------------------------------------------------------


def _bars(bins: Sequence[tuple[float, float, int]]) -> list[dict[str, float]]:
    most = max((n for _low, _high, n in bins), default=0)
    if not most:
        return []
    width = (WIDTH - LEFT - 10) / len(bins)
    return [
        {
            "x": round(LEFT + width * place + 1, 1),
            "width": round(width - 2, 1),
            "y": round(BOTTOM - (BOTTOM - TOP) * n / most, 1),
            "height": round((BOTTOM - TOP) * n / most, 1),
        }
        for place, (_low, _high, n) in enumerate(bins)
    ]


def _dots(found: Again) -> dict[str, Any]:
    """Bland and Altman's picture: the difference of two values over their mean."""
    again = found.repeated
    if again.bias is None or again.lower_limit is None or again.upper_limit is None or not found.pairs:
        return {}
    points = [((one + other) / 2, other - one) for one, other in found.pairs]
    low, high = min(x for x, _y in points), max(x for x, _y in points)
    reach = max(*(abs(y) for _x, y in points), abs(again.lower_limit), abs(again.upper_limit)) or 1

    def at(value: float) -> float:
        return round((TOP + BOTTOM) / 2 - (BOTTOM - TOP) / 2 * value / reach, 1)

    span = (high - low) or 1
    return {
        "points": [(round(LEFT + (WIDTH - LEFT - 16) * (x - low) / span + 4, 1), at(y)) for x, y in points[:1_500]],
        "bias": at(again.bias),
        "lower": at(again.lower_limit),
        "upper": at(again.upper_limit),
        "bias_words": f"{again.bias:.2f}",
        "lower_words": f"{again.lower_limit:.2f}",
        "upper_words": f"{again.upper_limit:.2f}",
    }


def _digits(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _interval(low: float | None, high: float | None) -> str:
    return (
        "" if low is None or high is None else _("%(low)s to %(high)s") % {"low": f"{low:.3f}", "high": f"{high:.3f}"}
    )


def reason_words() -> dict[str, str]:
    """Why a number can't be computed, in the reader's language, by what the reckoning says."""
    return {
        "Fewer than two people have all values.": _("fewer than two people have all values."),
        "There are fewer than two items.": _("there are fewer than two items."),
        "There are fewer than three items, and a factor needs three.": _("a factor needs three items."),
        "There are fewer than two raters.": _("there are fewer than two raters."),
        "Everybody gave the same answer to an item.": _("everybody gave the same answer to an item."),
        "Everybody has the same sum.": _("everybody has the same sum."),
        "All values are the same.": _("all values are the same."),
        "Everybody has the same value on one of the occasions.": _("everybody has the same value at one of the times."),
        "The raters never differ, so there is no error to make an interval of.": _("there is no difference at all."),
        "People differ less from each other than error alone would make them.": _("people differ less than by error."),
        "No single factor fits: it would leave an item less than no error of its own.": _("no single factor fits."),
        "Only one category was used, so chance alone explains all agreement.": _("only one band was used."),
        "Nothing was judged twice.": _("nobody has both."),
    }
