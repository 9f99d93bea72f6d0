"""How much could expectation explain? What people hoped for, how their yardstick moved, and who knew the group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from coaching.http import StudyRequest
from coaching.selectors.studies import declared
from coaching.staff_pages import crumbs, tabs
from research.counts import versions_of
from research.views.choosing import chosen_in
from research.views.gaps import measure_titles, step_titles
from research.views.reliability_words import digits, interval, value_words

if TYPE_CHECKING:
    from research.analysis.blinding import Bang, James
    from research.analysis.expectation import Correlation, Spread
    from research.demand import Expected, ThenTest, WithChange
    from research.guesses import ArmGuessed, Guessed


@require_GET
def demand(request: StudyRequest, slug: str) -> HttpResponse:
    """The whole page; whose numbers it shows stands in the address."""
    # It brings numpy and scipy along, which few other pages need.
    from research.demand import demand_of  # noqa: PLC0415

    versions = versions_of(request.study)
    choice = chosen_in(request, request.study)
    found = demand_of(request.study, choice.synthetic, versions)
    language = get_language() or "en"
    newest = declared(versions[0])
    arms = {
        arm.name: arm.title.to(language) if arm.title else arm.name
        for version in reversed(versions)
        for arm in declared(version).arms
    }
    words = _Words(
        arms | {"": _("No group yet") if arms else _("Everybody")},
        step_titles(versions, language),
        measure_titles(versions, language),
    )
    context = {
        "title": _("Expectation"),
        "nav": "studies",
        "tab": "demand",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "expected": [words.expected(each) for each in found.expected],
        "of_values": _of_values(),
        "of_differences": _of_differences(),
        "then_tests": [words.then_test(each) for each in found.then_tests],
        "asks_guess": newest.demand.guess is not None or any(each.n for each in found.guessed),
        "arms": list(arms.values()),
        "many_arms": len(arms) > 2,
        "guessed": [words.guessed(each) for each in found.guessed],
        "with_change": [line for each in found.with_change for line in words.with_change(each)],
        **choice.context(),
    }
    return render(request, "research/demand.html", context)


class _Words:
    """Arms, steps and questionnaires by their titles, and what each part of the page says."""

    def __init__(self, arms: Mapping[str, str], steps: Mapping[str, str], titles: Mapping[str, str]) -> None:
        self.arms, self.steps, self.titles = arms, steps, titles

    def step(self, key: str) -> str:
        """A step's title."""
        return self.steps.get(key, key)

    def expected(self, of: Expected) -> dict[str, Any]:
        """One score: its rows, its picture and one line to read it by."""
        from research.demand_figures import whiskers  # noqa: PLC0415

        rows = [
            {"step": self.step(at), "arm": self.arms.get(arm, arm), **_spread(found)} for at, arm, found in of.groups
        ]
        picture = whiskers([found for _at, _arm, found in of.groups], of.ends)
        kind = {"credibility": _("Credibility"), "expectancy": _("Expectancy")}[of.kind]
        return {
            "kind": kind,
            "title": f"{kind}: {self.titles[of.of.instrument]}",
            "name": of.of.name,
            "reading": self._reading(of),
            "rows": rows,
            "picture": picture,
            "lines": [
                (line, _("%(group)s, %(step)s: %(mean)s") % {"group": r["arm"], "step": r["step"], "mean": r["mean"]})
                for line, r in zip(picture.lines, rows, strict=True)
            ]
            if picture
            else [],
            "least": value_words(picture.least) if picture else "",
            "greatest": value_words(picture.greatest) if picture else "",
            "is_less": of.direction == "higher_is_less",
        }

    def _reading(self, of: Expected) -> str:
        """How far the groups lie apart where it was first asked of two of them."""
        for at in dict.fromkeys(at for at, _arm, _found in of.groups):
            means = {
                self.arms.get(arm, arm): found.mean
                for step, arm, found in of.groups
                if step == at and arm and found.mean is not None
            }
            if len(means) > 1:
                most, least = max(means, key=lambda arm: means[arm]), min(means, key=lambda arm: means[arm])
                told = {
                    "step": self.step(at),
                    "most": most,
                    "least": least,
                    "high": digits(means[most], 2),
                    "low": digits(means[least], 2),
                    "apart": digits(means[most] - means[least], 2),
                }
                return (
                    _(
                        "%(step)s: highest in %(most)s (%(high)s), lowest in %(least)s (%(low)s), %(apart)s apart. "
                        "What differs here could explain a difference of outcomes."
                    )
                    % told
                )
        return _("There are no two groups to compare yet.")

    def then_test(self, of: ThenTest) -> dict[str, Any]:
        """One score: a row for each group with the three values and their differences."""
        return {
            "title": self.titles[of.of.instrument],
            "name": of.of.name,
            "before": _(", or else ").join(self.step(each) for each in of.before),
            "at": self.step(of.at),
            "after": self.step(of.after),
            "is_less": of.direction == "higher_is_less",
            "rows": [
                {
                    "arm": self.arms.get(arm, arm),
                    "n": found.then.n,
                    "left_out": found.left_out,
                    "means": [
                        (label, digits(each.mean, 2))
                        for label, each in zip(_of_values(), (found.before, found.then, found.after), strict=True)
                    ],
                    "differences": [
                        (label, _spread(each))
                        for label, each in zip(_of_differences(), (found.shift, found.observed, found.own), strict=True)
                    ],
                }
                for arm, found in of.groups
            ],
        }

    def guessed(self, of: Guessed) -> dict[str, Any]:
        """One kind of people who guess: the table of their guesses, Bang's index by group, and James's."""
        return {
            "who": {"participant": _("Participants"), "coach": _("Coaches"), "rater": _("Raters")}[of.who],
            "key": of.who,
            "n": of.n,
            "rows": [self._arm(arm, of) for arm in of.arms],
            "james": _james(of.james),
        }

    def _arm(self, of: ArmGuessed, among: Guessed) -> dict[str, Any]:
        return {
            "arm": self.arms.get(of.arm, of.arm),
            "named": [(self.arms.get(arm.arm, arm.arm), of.named[arm.arm]) for arm in among.arms],
            "dont_know": of.dont_know,
            "confidence": digits(of.confidence.mean, 1),
            "bang": _bang(of.bang),
        }

    def with_change(self, of: WithChange) -> list[str]:
        """A line for an outcome: how expectancy goes together with its change, by group."""
        found = "; ".join(_correlation(self.arms.get(arm, arm), each) for arm, each in of.groups)
        told = {
            "expectancy": self.titles[of.expectancy.instrument],
            "asked": self.step(of.asked),
            "outcome": f"{self.titles[of.score.instrument]}, {of.score.name}",
            "timepoint": self.step(of.timepoint),
            "found": found,
        }
        line = _("%(expectancy)s (%(asked)s) with the change of %(outcome)s (%(timepoint)s): %(found)s.")
        return [line % told] if found else []


def _of_values() -> list[str]:
    return [_("Before"), _("Then"), _("After")]


def _of_differences() -> list[str]:
    return [_("Then minus before"), _("After minus before"), _("After minus then")]


def _spread(of: Spread) -> dict[str, Any]:
    return {"n": of.n, "mean": digits(of.mean, 2), "sd": digits(of.sd, 2), "interval": interval(of.low, of.high, 2)}


def _correlation(group: str, of: Correlation) -> str:
    told = {"group": group, "n": of.n, "r": digits(of.r, 2), "interval": interval(of.low, of.high, 2)}
    if of.r is None:
        return _("%(group)s: not computable (n = %(n)d)") % told
    if not told["interval"]:
        return _("%(group)s r = %(r)s (n = %(n)d)") % told
    return _("%(group)s r = %(r)s (n = %(n)d, 95 %% interval %(interval)s)") % told


def _bang(of: Any) -> dict[str, Any]:
    from research.analysis import NotComputable  # noqa: PLC0415

    if isinstance(of, NotComputable):
        return {"value": "", "reading": _("Nobody was asked.")}
    return {
        "value": digits(of.value, 4),
        "interval": interval(of.low, of.high, 2),
        "above": digits(of.low_one_sided, 2),
        "below": digits(of.high_one_sided, 2),
        "reading": _bang_reading(of),
    }


def _bang_reading(of: Bang) -> str:
    from research.analysis.blinding import LARGEST_BLINDED  # noqa: PLC0415

    if of.value > LARGEST_BLINDED:
        if of.low_one_sided > 0:
            return _("Above 0.2, and the one-sided limit is above 0: more knew than guessing gives.")
        return _("Above 0.2, but the one-sided limit is not above 0: it may be chance.")
    if of.value < -LARGEST_BLINDED:
        return _("Below −0.2: more named another group than their own.")
    if of.low_one_sided > 0:
        return _("Within −0.2 and 0.2: usually called blinded. The one-sided limit is above 0: some may have known.")
    return _("Within −0.2 and 0.2: usually called blinded.")


def _james(of: James | Any) -> dict[str, Any]:
    from research.analysis import NotComputable  # noqa: PLC0415

    if isinstance(of, NotComputable):
        is_empty = of.reason.name == "NOBODY_GUESSED"
        why = _("Nobody was asked.") if is_empty else _("All guesses, or all people, are of one group.")
        return {"value": "", "reading": why}
    if of.value == 1 and of.se == 0:
        reading = _("Every answer is ‘I don’t know’: 1 by definition.")
    elif of.high < 0.5:
        reading = _("The upper limit is below 0.5, which suggests that the blinding failed.")
    else:
        reading = _("The upper limit is not below 0.5: it does not suggest that the blinding failed.")
    return {
        "value": digits(of.value, 4),
        "interval": interval(of.low, of.high, 2),
        "people": ngettext("%(n)d person", "%(n)d people", of.people) % {"n": of.people},
        "reading": reading,
    }
