"""The session engine: Django's own in the database, with the person found by the same query and keys kept as hashes."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from coaching.models import Enrolment
from coaching.models.sessions import BrowserSession

ENROLMENT = "enrolment"


def kept_key(session_key: str) -> str:
    """What is stored of a session's key (160 bits): whoever reads the database can't step into anybody's session."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(DatabaseStore):
    """A session whose `person` is at hand once it was loaded; None where it is nobody's."""

    person: Enrolment | None = None

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        """Where sessions are kept."""
        return BrowserSession

    def exists(self, session_key: str) -> bool:
        """Whether there is a session with that key."""
        return bool(super().exists(kept_key(session_key)))

    def delete(self, session_key: str | None = None) -> None:
        """Ends the session with that key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(kept_key(key))

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        """The row to be stored."""
        row = super().create_model_instance(data)
        row.session_key = kept_key(row.session_key)
        row.enrolment_id = data.get(ENROLMENT)  # type: ignore[attr-defined]
        return row  # type: ignore[return-value]

    def _get_session_from_db(self) -> BrowserSession | None:
        clear = self.session_key
        # Django's own look-up, which also drops what is too old, reads the key from here.
        self._session_key = kept_key(clear) if clear else None
        try:
            row: BrowserSession | None = super()._get_session_from_db()  # type: ignore[misc]
        finally:
            if self._session_key is not None:
                self._session_key = clear
        self.person = row.enrolment if row else None
        return row
