"""What the fields of an adverse event are called, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from coaching.models import AdverseEvent


def _yes_no() -> dict[str, str]:
    return {"yes": _("Yes"), "no": _("No")}


def _severity() -> dict[str, str]:
    return {
        "mild": _("Mild: noticed, and the day went on as usual"),
        "moderate": _("Moderate: it took some of the day"),
        "severe": _("Severe: the day could not go on as usual"),
    }


def _relatedness() -> dict[str, str]:
    return {
        "unrelated": _("No"),
        "unlikely": _("Unlikely"),
        "possible": _("Possible"),
        "probable": _("Probable"),
        "definite": _("Certain"),
    }


def _action() -> dict[str, str]:
    return {
        "none": _("Nothing"),
        "paused": _("It was paused"),
        "left_training": _("The training was ended"),
        "withdrawn": _("The person left the study"),
        "referred": _("The person was sent on to somebody who can help"),
    }


def _outcome() -> dict[str, str]:
    return {
        "recovered": _("Over"),
        "recovering": _("Getting better"),
        "not_recovered": _("Goes on"),
        "with_sequelae": _("Over, with something that stays"),
        "fatal": _("Death"),
        "unknown": _("Not known"),
    }


CHOICES: Mapping[str, Callable[[], dict[str, str]]] = {
    "severity": _severity,
    "serious": _yes_no,
    "relatedness": _relatedness,
    "expected": _yes_no,
    "action": _action,
    "outcome": _outcome,
}


def said(field: str, event: AdverseEvent) -> str:
    """One field of an event in words."""
    value = getattr(event, field)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return CHOICES[field]()[value]
