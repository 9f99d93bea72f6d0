"""Who was imported, by what their file called them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from coaching.models import Contact, Enrolment, Study

IMPORTED = "imported"
"""The external id by which an imported person was called in their file."""


def imported_by_name(study: Study, names: Iterable[str]) -> dict[str, Enrolment]:
    """The imported people of a study whom earlier files called by these names."""
    wanted = set(names)
    contacts = Contact.objects.filter(enrolment__study=study, enrolment__imported_at__isnull=False)
    found: dict[str, Enrolment] = {}
    for contact in contacts.select_related("enrolment__version"):
        called = json.loads(contact.external_ids or "{}").get(IMPORTED)
        if called in wanted:
            found[called] = contact.enrolment
    return found
