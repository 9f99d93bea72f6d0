"""Which addresses of a list a study knows already."""

from __future__ import annotations

from collections.abc import Iterable

from coaching.encryption import address_hashes
from coaching.models import Contact, Study


def known_addresses(study: Study, emails: Iterable[str]) -> set[str]:
    """Those of `emails`, in small letters, that somebody in the study gave or was invited by."""
    by_hash = {found: email for email in {e.strip().lower() for e in emails if e} for found in address_hashes(email)}
    people = Contact.objects.filter(enrolment__study=study, enrolment__erased_at=None)
    hashes, known = list(by_hash), set()
    for start in range(0, len(hashes), 500):
        found = people.filter(email_hash__in=hashes[start : start + 500]).values_list("email_hash", flat=True)
        known |= {by_hash[each] for each in found}
    return known
