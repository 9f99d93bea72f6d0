"""What every staff page about a study has around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from coaching.http import StudyRequest

# (key, route, capability); the words are gathered in `tabs`, in the reader's language.
_TABS = (
    ("overview", "research:study", "people"),
    ("today", "coaching:today", "people"),
    ("people", "coaching:people", "people"),
    ("messages", "coaching:messages", "people"),
    ("scripts", "research:scripts", "people"),
    ("safety", "research:safety", "answers"),
    ("quality", "research:quality", "publish"),
    ("export", "research:export_page", "export"),
    ("codebook", "research:codebook_page", "people"),
)
# What is looked at now and then: one tab, with a row of its own below it.
_OF_STUDY = (
    ("settings", "research:settings", "publish"),
    ("payments", "coaching:payments", "export"),
    ("reliability", "research:reliability", "export"),
    ("demand", "research:demand", "export"),
    ("versions", "research:versions", "people"),
    ("walk", "rehearsal:walk", "publish"),
    ("team", "research:team", "team"),
    ("tokens", "research:tokens", "export"),
    ("audit", "research:audit", "audit"),
)


def tabs(request: StudyRequest, slug: str) -> list[dict[str, Any]]:
    """The study's tabs that this account may open; the last has tabs of its own (`pages`, their keys in `holds`)."""
    pages = _allowed(request, slug, _OF_STUDY)
    holds = [each["key"] for each in pages]
    group = [{"key": "", "url": pages[0]["url"], "text": _("Study"), "pages": pages, "holds": holds}]
    return [*_allowed(request, slug, _TABS), *group]


def _allowed(request: StudyRequest, slug: str, of: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    words = {
        "overview": _("Overview"),
        "today": _("Today"),
        "people": _("People"),
        "messages": _("Messages"),
        "scripts": _("Scripts"),
        "safety": _("Safety"),
        "quality": _("Data quality"),
        "export": _("Data"),
        "codebook": _("Codebook"),
        "payments": _("Payments"),
        "reliability": _("Reliability"),
        "demand": _("Expectation"),
        "versions": _("Versions"),
        "walk": _("Walk"),
        "team": _("Team"),
        "tokens": _("Tokens"),
        "settings": _("Settings"),
        "audit": _("Audit log"),
    }
    return [
        {"key": key, "url": reverse(route, args=[slug]), "text": words[key]}
        for key, route, capability in of
        if request.access.may(capability)
    ]


def crumbs(request: StudyRequest, slug: str) -> list[dict[str, str]]:
    """The way from all studies to this one."""
    return [
        {"url": reverse("research:studies"), "text": _("Studies")},
        {"url": reverse("research:study", args=[slug]), "text": slug},
    ]
