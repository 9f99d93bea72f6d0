"""The datasets of guided sessions, of what was rated, written and drawn in them, of what happened, and of the dose."""

from __future__ import annotations

from imagery.tables.dose import dose
from imagery.tables.drawings import DRAWINGS
from imagery.tables.events import EVENTS
from imagery.tables.ratings import RATINGS
from imagery.tables.reports import REPORTS
from imagery.tables.sessions import SESSIONS

TABLES = (SESSIONS, RATINGS, REPORTS, DRAWINGS, EVENTS)

__all__ = ["DRAWINGS", "EVENTS", "RATINGS", "REPORTS", "SESSIONS", "TABLES", "dose"]
