"""One turn of what goes on by itself: it knows the rooms, so it lives above them."""

from __future__ import annotations

from datetime import datetime

from assessments.services import close_occasion
from coaching.services.occasions import advance_due

CLOSERS = {"assessments": close_occasion}


def turn(*, now: datetime) -> dict[str, int]:
    """Settles what fell due by `now`; counts. Turns may overlap or be repeated: each change happens once."""
    return advance_due(now=now, closers=CLOSERS)
