"""Every page, each with something to show: what the checks and the pictures go through."""

from __future__ import annotations

from tests.browser.desks import STAFF_PAGES
from tests.browser.screens import PARTICIPANT

PAGES = {**PARTICIPANT, **STAFF_PAGES}
