"""One score at two times, as the page of reliability shows it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from research.reliability_figures import Cloud, cloud
from research.views.reliability_words import (
    by_words,
    digits,
    interval,
    not_computable,
    range_words,
    scheme_words,
    value_words,
)

if TYPE_CHECKING:
    from assessments.reliability import Coefficient
    from research.repeats import Again, Level


def shown(found: Again, norm: str) -> dict[str, Any]:
    """A score's part of the page; `norm` is what a questionnaire's file may keep of it, empty if nothing."""
    again, icc = found.repeated, found.intraclass
    picture = _picture(found)
    return {
        "name": found.score.name,
        "people": again.people,
        "reading": _reading(found),
        "why": not_computable(str(again.reason)),
        "iccs": [
            _coefficient("ICC(1,1)", _("one value, each person’s times their own"), icc.icc_1_1),
            _coefficient("ICC(2,1)", _("one value, agreement: a shift of everybody is error"), icc.icc_2_1),
            _coefficient("ICC(3,1)", _("one value, consistency: a shift of everybody is none"), icc.icc_3_1),
            _coefficient("ICC(1,k)", _("the mean of both, as ICC(1,1)"), icc.icc_1_k),
            _coefficient("ICC(2,k)", _("the mean of both, as ICC(2,1)"), icc.icc_2_k),
            _coefficient("ICC(3,k)", _("the mean of both, as ICC(3,1)"), icc.icc_3_k),
        ],
        "facts": [
            (_("Pearson correlation"), digits(again.pearson, 6)),
            (_("Bias: second minus first, on average"), digits(again.bias, 4)),
            (_("SD of the differences"), digits(again.sd_difference, 4)),
            (_("Limits of agreement (95 %)"), interval(again.lower_limit, again.upper_limit, 4)),
            (_("Error of measurement (SEM, agreement)"), digits(again.sem_agreement, 4)),
            (_("Smallest detectable change (SDC, 95 %)"), digits(again.sdc95, 4)),
        ],
        "picture": picture,
        "columns": [(mark.at, value_words(mark.value)) for mark in picture.columns] if picture else [],
        "rows": [(mark.at, value_words(mark.value)) for mark in picture.rows] if picture else [],
        "lines": _lines(picture) if picture else [],
        "caption": _caption(found),
        "dots": [(value_words(dot.mean), value_words(dot.difference), dot.n) for dot in picture.dots]
        if picture
        else [],
        "levels": [
            {"by": _("Thirds of the people") if by == "third" else by_words(by), "levels": list(map(_level, levels))}
            for by, levels in groupby(found.levels, lambda level: level.by)
        ],
        "kappas": [
            {
                "scheme": scheme_words(scheme),
                "value": digits(kappa.value, 6),
                "interval": interval(kappa.low, kappa.high),
                "agreement": "" if kappa.agreement is None else digits(100 * kappa.agreement, 1),
                "n": kappa.judged,
                "why": not_computable(str(kappa.reason)),
            }
            for scheme, kappa in found.kappas
        ],
        "norm": norm,
        "no_norm": _no_norm(found) if not norm else "",
    }


def _reading(found: Again) -> str:
    again = found.repeated
    people = ngettext("%(n)d person has both values.", "%(n)d people have both values.", again.people)
    told = [people % {"n": again.people}]
    if again.left_out:
        told.append(
            ngettext("%(n)d lacks one and is left out.", "%(n)d lack one and are left out.", again.left_out)
            % {"n": again.left_out}
        )
    if found.days is not None:
        told.append(_("The two are %(days)s days apart (median).") % {"days": value_words(float(f"{found.days:.3g}"))})
    if again.agreement.value is not None and again.sdc95 is not None:
        told.append(
            _("ICC(2,1) is %(icc)s; a change of one person is more than error from %(sdc)s points on.")
            % {"icc": digits(again.agreement.value, 2), "sdc": digits(again.sdc95, 2)}
        )
    return " ".join(told)


def _coefficient(name: str, about: str, found: Coefficient) -> dict[str, str]:
    return {
        "name": name,
        "about": about,
        "value": digits(found.value, 6),
        "interval": interval(found.low, found.high),
        "why": not_computable(str(found.reason)) if found.value is None else "",
    }


def _picture(found: Again) -> Cloud | None:
    again = found.repeated
    if again.bias is None or again.lower_limit is None or again.upper_limit is None:
        return None
    return cloud(found.pairs, (again.upper_limit, again.bias, again.lower_limit), found.least, found.most)


def _lines(picture: Cloud) -> list[dict[str, Any]]:
    return [{"y": line.y, "words_y": line.words_y, "words": digits(line.value, 2)} for line in picture.levels]


def _caption(found: Again) -> str:
    again = found.repeated
    return _("The second value minus the first is %(bias)s on average; 95 of 100 lie within %(limits)s.") % {
        "bias": digits(again.bias, 2),
        "limits": interval(again.lower_limit, again.upper_limit, 2),
    }


def _level(level: Level) -> dict[str, Any]:
    return {
        "label": level.label,
        "values": range_words(level.low, level.high),
        "n": level.n,
        "sem": digits(level.sem, 4),
    }


def _no_norm(found: Again) -> str:
    if found.simulated:
        return _("Simulated people are among these, so that no norm is made of them.")
    return ""
