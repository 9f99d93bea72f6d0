"""The datasets of guided sessions, and of what was rated, written and drawn in them."""

from __future__ import annotations

from imagery.tables.drawings import DRAWINGS
from imagery.tables.ratings import RATINGS
from imagery.tables.reports import REPORTS
from imagery.tables.sessions import SESSIONS

TABLES = (SESSIONS, RATINGS, REPORTS, DRAWINGS)

__all__ = ["DRAWINGS", "RATINGS", "REPORTS", "SESSIONS", "TABLES"]
