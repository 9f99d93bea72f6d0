"""What every staff page about a study has around it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from coaching.http import StudyRequest

# (key, route, capability); the words are gathered in `tabs`, in the reader's language.
_TABS = (
    ("overview", "research:study", "people"),
    ("today", "coaching:today", "people"),
    ("people", "coaching:people", "people"),
    ("messages", "coaching:messages", "people"),
    ("quality", "research:quality", "publish"),
    ("export", "research:export_page", "export"),
    ("codebook", "research:codebook_page", "people"),
    ("versions", "research:versions", "people"),
    ("walk", "rehearsal:walk", "publish"),
    ("team", "research:team", "team"),
    ("tokens", "research:tokens", "export"),
    ("settings", "research:settings", "publish"),
    ("audit", "research:audit", "audit"),
)


def tabs(request: StudyRequest, slug: str) -> list[dict[str, str]]:
    """The study's tabs that this account may open."""
    words = {
        "overview": _("Overview"),
        "today": _("Today"),
        "people": _("People"),
        "messages": _("Messages"),
        "quality": _("Data quality"),
        "export": _("Data"),
        "codebook": _("Codebook"),
        "versions": _("Versions"),
        "walk": _("Walk"),
        "team": _("Team"),
        "tokens": _("Tokens"),
        "settings": _("Settings"),
        "audit": _("Audit log"),
    }
    return [
        {"key": key, "url": reverse(route, args=[slug]), "text": words[key]}
        for key, route, capability in _TABS
        if request.access.may(capability)
    ]


def crumbs(request: StudyRequest, slug: str) -> list[dict[str, str]]:
    """The way from all studies to this one."""
    return [
        {"url": reverse("research:studies"), "text": _("Studies")},
        {"url": reverse("research:study", args=[slug]), "text": slug},
    ]
