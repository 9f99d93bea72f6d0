"""Words of the researcher's pages."""

from __future__ import annotations

from django.utils.translation import gettext


def role_word(role: str) -> str:
    """A role as people read it."""
    return {
        "owner": gettext("Owner"),
        "researcher": gettext("Researcher"),
        "coach": gettext("Coach"),
        "data_manager": gettext("Data manager"),
        "observer": gettext("Observer"),
    }[role]
