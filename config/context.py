"""What every template knows."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from rehearsal.bar import walk_bar

THEMES = ("paper", "dusk")


def page(request: HttpRequest) -> dict[str, Any]:
    """`theme`: `paper` or `dusk` if the person chose one, else empty; `staff_nav`: the main menu of staff.

    `walk`: the bar of a test person, None for everybody else.
    """
    chosen = request.COOKIES.get("theme", "")
    # A function: a participant's page never asks, and so never looks for a staff account.
    return {
        "theme": chosen if chosen in THEMES else "",
        "staff_nav": lambda: _staff_nav(request),
        "walk": cache(lambda: walk_bar(getattr(request, "enrolment", None))),
    }


def _staff_nav(request: HttpRequest) -> list[dict[str, str]]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    return [
        {"key": "today", "url": reverse("coaching:today_of_all"), "text": _("Today")},
        {"key": "studies", "url": reverse("research:studies"), "text": _("Studies")},
        {"key": "people", "url": reverse("coaching:people_of_all"), "text": _("People")},
        {"key": "account", "url": reverse("accounts:password"), "text": _("Account")},
    ]
