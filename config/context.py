"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

THEMES = ("paper", "dusk")


def page(request: HttpRequest) -> dict[str, Any]:
    """`theme`: `paper` or `dusk` if the person chose one, else empty; `staff_nav`: the main menu of staff."""
    chosen = request.COOKIES.get("theme", "")
    # A function: a participant's page never asks, and so never looks for a staff account.
    return {"theme": chosen if chosen in THEMES else "", "staff_nav": lambda: _staff_nav(request)}


def _staff_nav(request: HttpRequest) -> list[dict[str, str]]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    return [
        {"key": "studies", "url": reverse("research:studies"), "text": _("Studies")},
        {"key": "people", "url": reverse("coaching:people_of_all"), "text": _("People")},
        {"key": "account", "url": reverse("accounts:password"), "text": _("Account")},
    ]
