"""Words of the researcher's pages."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from research.sums import Level


def role_word(role: str) -> str:
    """A role as people read it."""
    return {
        "owner": gettext("Owner"),
        "researcher": gettext("Researcher"),
        "coach": gettext("Coach"),
        "data_manager": gettext("Data manager"),
        "observer": gettext("Observer"),
    }[role]


def state_word(state: str) -> tuple[str, str]:
    """Where a study stands in its life as people read it, and the look of its tag."""
    return {
        "draft": (gettext("Draft"), "info"),
        "open": (gettext("Open"), "good"),
        "paused": (gettext("Paused"), "warn"),
        "closed": (gettext("Closed"), ""),
    }[state]


def kind_word(kind: str) -> str:
    """A kind of having or missing an answer as people read it."""
    return {
        "answered": gettext("Answered"),
        "declined": gettext("Rather not say"),
        "skipped": gettext("Passed over"),
        "not_reached": gettext("Not reached"),
        "not_due": gettext("Not asked"),
        "lost": gettext("Lost by the product"),
    }[kind]


def fault_word(level: Level) -> str:
    """What of the participant flow does not add up, as a sentence."""
    where = {
        "assessed": gettext("those assessed"),
        "consented": gettext("those who consented"),
        "allocated": gettext("those allocated"),
        "started": gettext("those who started or did not"),
        "ended": gettext("those who completed, left or are in progress"),
    }[level.name]
    if level.group:
        where = gettext("%(where)s, group %(group)s") % {"where": where, "group": level.group}
    if level.unplaced < 0:
        text = ngettext(
            "Counts do not add up: %(n)d person too many (%(where)s).",
            "Counts do not add up: %(n)d people too many (%(where)s).",
            -level.unplaced,
        )
    else:
        text = ngettext(
            "Counts do not add up: %(n)d person unplaced (%(where)s).",
            "Counts do not add up: %(n)d people unplaced (%(where)s).",
            level.unplaced,
        )
    return text % {"n": abs(level.unplaced), "where": where}
