"""What every staff page about a study has around it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from coaching.http import StudyRequest

# (key, route, capability); the words are gathered in `tabs`, in the reader's language.
_TABS = (
    ("overview", "research:study", "people"),
    ("people", "coaching:people", "people"),
    ("messages", "coaching:messages", "people"),
    ("export", "research:export_page", "export"),
    ("codebook", "research:codebook_page", "people"),
    ("team", "research:team", "team"),
    ("audit", "research:audit", "audit"),
)


def tabs(request: StudyRequest, slug: str) -> list[dict[str, str]]:
    """The study's tabs that this account may open."""
    words = {
        "overview": _("Overview"),
        "people": _("People"),
        "messages": _("Messages"),
        "export": _("Data"),
        "codebook": _("Codebook"),
        "team": _("Team"),
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
