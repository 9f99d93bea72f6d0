"""One score at one time, as the page of reliability shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from research.measured import BAND
from research.reliability_figures import Bin, histogram
from research.views.reliability_words import (
    Names,
    by_words,
    digits,
    interval,
    not_computable,
    range_words,
    scheme_words,
    value_words,
)

if TYPE_CHECKING:
    from research.consistency import Consistency, Count, Group


def shown(found: Consistency, by: str, names: Names, texts: Mapping[str, str]) -> dict[str, Any]:
    """A score's part of the page; `texts` are the items' words in the reader's language."""
    everybody = found.groups[0]
    picture = histogram(found.bins, everybody.mean) if everybody.mean is not None else None
    apart = [group for group in found.groups if by and group.by == by]
    return {
        "name": found.score.name,
        "items": len(everybody.items),
        "least": "" if found.least is None else value_words(found.least),
        "most": "" if found.most is None else value_words(found.most),
        "reading": _reading(found),
        "warning": _warning(found),
        "mean": digits(everybody.mean, 4),
        "blocks": [
            {"by": by_words(name) if name else "", "groups": [_group(group, names) for group in groups]}
            for name, groups in groupby(found.groups, lambda group: group.by)
        ],
        "picture": picture,
        "marks": [(mark.at, value_words(mark.value)) for mark in picture.marks] if picture else [],
        "bins": [(_bin_words(each, each is found.bins[-1]), each.n) for each in found.bins],
        "schemes": [_scheme(list(counts), everybody.n) for _name, counts in groupby(found.counts, lambda c: c.scheme)],
        "rest": [
            {
                "id": id,
                "text": texts.get(id, ""),
                "value": digits(value, 6),
                "percent": round(100 * max(value or 0, 0), 1),
            }
            for id, value in zip(everybody.items, everybody.rest, strict=True)
        ],
        "rest_groups": [names.group(group.by, group.label) for group in apart],
        "rest_rows": [
            (id, [digits(dict(zip(group.items, group.rest, strict=True)).get(id), 6) for group in apart])
            for id in (everybody.items if apart else ())
        ],
    }


def _reading(found: Consistency) -> str:
    """The score in a sentence."""
    everybody = found.groups[0]
    alpha = everybody.alpha
    if alpha.value is None:
        return not_computable(everybody.why)
    told = {"n": alpha.people, "alpha": digits(alpha.value, 2), "interval": interval(alpha.low, alpha.high, 2)}
    return (
        ngettext(
            "Alpha is %(alpha)s (95 %% interval %(interval)s): %(n)d person answered every item.",
            "Alpha is %(alpha)s (95 %% interval %(interval)s): %(n)d people answered every item.",
            alpha.people,
        )
        % told
    )


def _warning(found: Consistency) -> str:
    """What alpha of everybody together is made of."""
    within = [
        group.alpha.value for group in found.groups if group.by.startswith(BAND) and group.alpha.value is not None
    ]
    if found.groups[0].alpha.value is None:
        return ""
    if not within:
        return _("A pooled alpha is mostly the spread between groups of people: look within groups too.")
    told = {"low": digits(min(within), 2), "high": digits(max(within), 2)}
    if told["low"] == told["high"]:
        return (
            _("A pooled alpha is mostly the spread between groups of people: within a band it is %(low)s here.") % told
        )
    return (
        _("A pooled alpha is mostly the spread between groups of people: within bands it is %(low)s to %(high)s here.")
        % told
    )


def _group(group: Group, names: Names) -> dict[str, Any]:
    alpha = group.alpha
    why = not_computable(group.why)
    constant = [group.items[place] for place in alpha.constant_items] if why else []
    return {
        "label": names.group(group.by, group.label),
        "n": group.n,
        "without": group.without,
        "mean": digits(group.mean, 4),
        "sd": digits(group.sd, 4),
        "at_least": group.at_least,
        "at_most": group.at_most,
        "complete": alpha.people,
        "alpha": digits(alpha.value, 6),
        "interval": interval(alpha.low, alpha.high),
        "standardised": digits(alpha.standardised, 6),
        "omega": digits(group.omega.value, 6),
        "sem": digits(group.sem, 4),
        "why": f"{why} ({', '.join(constant)})" if constant and len(constant) < len(group.items) else why,
        "why_omega": not_computable(group.why_omega),
    }


def _bin_words(of: Bin, is_last: bool) -> str:
    if is_last or of.low == of.high:
        return range_words(of.low, of.high)
    return _("%(low)s to under %(high)s") % {"low": value_words(of.low), "high": value_words(of.high)}


def _scheme(counts: Sequence[Count], people: int) -> dict[str, Any]:
    most = max((each.n for each in counts), default=0)
    return {
        "title": scheme_words(counts[0].scheme),
        "source": counts[0].scheme.source,
        "rows": [
            {
                "label": each.band,
                "values": range_words(each.low, each.high),
                "n": each.n,
                "share": digits(100 * each.n / people, 1) if people else "",
                "percent": round(100 * each.n / most, 1) if most else 0,
            }
            for each in counts
        ],
    }
