"""Every page, each with something to show: what the checks and the pictures go through."""

from __future__ import annotations

from collections.abc import Mapping

from tests.browser import screens
from tests.browser.desks import STAFF_PAGES
from tests.browser.earning import LEDGER_PAGES, OWN_PAGES

PARTICIPANT = {**screens.PARTICIPANT, **OWN_PAGES}
PAGES = {**PARTICIPANT, **STAFF_PAGES, **LEDGER_PAGES}
# Pages of staff, and of test persons, that are another page but for some words: by the page that they are like.
LIKE: Mapping[str, str] = {
    "today_seen_by_an_observer": "today",
    "person_observed": "person",
    "scripts_observed": "scripts",
    "note_change": "notes",
    "event_change": "event_form",
    "enrolled_many": "enrolled",
    "payments_chosen": "payments",
    "payments_approved": "payments",
    "tester_question": "question",
    "tester_waits": "wait",
}
