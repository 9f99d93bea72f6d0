"""What the page of reliability says: reasons, who a row is of, and numbers as they are printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from coaching.language import named
from protocol.instrument import Scheme
from research.measured import BAND


def reason_words() -> dict[str, str]:
    """Why a number can't be computed, in the reader's language, by what the reckoning says."""
    return {
        "": "",
        "Fewer than two people have all values.": _("fewer than two people have all values."),
        "There are fewer than two items.": _("there are fewer than two items."),
        "There are fewer than three items, and a factor needs three.": _("a factor needs three items."),
        "There are fewer than two raters.": _("there are fewer than two raters."),
        "Everybody gave the same answer to an item.": _("everybody gave the same answer to an item."),
        "Everybody has the same sum.": _("everybody has the same sum."),
        "All values are the same.": _("all values are the same."),
        "Everybody has the same value on one of the occasions.": _("everybody has the same value at one of the times."),
        "The raters never differ, so there is no error to make an interval of.": _("the two times never differ."),
        "People differ less from each other than error alone would make them.": _(
            "people differ less from each other than error alone would make them."
        ),
        "No single factor fits: it would leave an item less than no error of its own.": _("no single factor fits."),
        "Only one category was used, so chance alone explains all agreement.": _("only one band was used."),
        "Nothing was judged twice.": _("nobody has a band at both times."),
        "These people were given different forms, whose items differ.": _(
            "these people were given different forms, whose items differ. Look at each form."
        ),
    }


def not_computable(reason: str) -> str:
    """The whole sentence; empty where nothing stands in the way."""
    return _("Not computable: %(why)s") % {"why": reason_words()[reason]} if reason else ""


def by_words(by: str) -> str:
    """What people are told apart by, as a heading or choice."""
    known = {"": _("Everybody"), "arm": _("Group"), "language": _("Language"), "form": _("Form")}
    if not by.startswith(BAND):
        return known[by]
    name = by.removeprefix(BAND)
    return _("Band by %(scheme)s") % {"scheme": name} if name else _("Band by the questionnaire’s own bands")


@dataclass(frozen=True, slots=True)
class Names:
    """What the groups of people are called."""

    arms: Mapping[str, str]

    def group(self, by: str, label: str) -> str:
        """Who a row is of."""
        if not by:
            return _("Everybody")
        if label and by == "language":
            return f"{dict(named([label]))[label]} ({label})"
        if label:
            return self.arms.get(label, label) if by == "arm" else label
        return _("No group yet") if by == "arm" else _("Not said")


def scheme_words(scheme: Scheme) -> str:
    """Which scheme speaks: its name and version."""
    if not scheme.name:
        return _("The questionnaire’s own bands")
    return _("%(name)s, version %(version)s") % {"name": scheme.name, "version": scheme.version}


def digits(value: float | None, places: int) -> str:
    """A number with so many decimals; empty without one. What rounds to nothing has no sign."""
    if value is None:
        return ""
    return number_format(round(value, places) + 0.0, decimal_pos=places)


def interval(low: float | None, high: float | None, places: int = 3) -> str:
    """From low to high; empty where one of them is missing."""
    if low is None or high is None:
        return ""
    return _("%(low)s to %(high)s") % {"low": digits(low, places), "high": digits(high, places)}


def value_words(value: float) -> str:
    """A value of a score, to the second decimal where it has more, as a mean may."""
    if 0 < abs(value) < 0.01:
        return f"{value:.2g}"
    decimals = f"{value:.2f}".rstrip("0").partition(".")[2]
    return number_format(round(value, 2), decimal_pos=len(decimals))


def range_words(low: float, high: float) -> str:
    """A stretch of a score, both ends in it."""
    if low == high:
        return value_words(low)
    return _("%(low)s to %(high)s") % {"low": value_words(low), "high": value_words(high)}
