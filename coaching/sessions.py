"""The session engine: Django's own in the database, with the person found by the same query and keys kept as hashes."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from coaching.models import Enrolment
from coaching.models.sessions import BrowserSession
from coaching.prepared import Prepared, Slot

ENROLMENT = "enrolment"

_FIND = Prepared(
    lambda: BrowserSession.objects.filter(
        session_key=Slot("key", CharField()), expire_date__gt=Slot("now", DateTimeField())
    )
)


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
        # As Django's own look-up: a key that is unknown, or too old, is given up for a new one. Too old by the
        # machine's own clock, for by that Django wrote down how long it holds.
        now = timezone.now()  # noqa: TID251
        row = _FIND.first(key=kept_key(self.session_key), now=now) if self.session_key else None
        if row is None:
            self._session_key = None
        self.person = row.enrolment if row else None
        return row
