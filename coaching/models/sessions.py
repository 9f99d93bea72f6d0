"""Browsers' sessions, with the person whose browser it is at hand."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models

from coaching.models.people import Enrolment


class BrowserSessionManager(BaseSessionManager["BrowserSession"]):
    """Finds a session together with its person, so that a page turn asks once for both."""

    def get_queryset(self) -> models.QuerySet[BrowserSession]:
        """Sessions with the person, study and version (but not the version's long content)."""
        found = super().get_queryset().select_related("enrolment__study", "enrolment__version")
        return found.defer("enrolment__version__content")


class BrowserSession(AbstractBaseSession):
    """A session as Django knows it; `enrolment` repeats what its data say, and goes with the person."""

    # Without a constraint: what a session's data say may be stale, and that must harm nobody but the session.
    enrolment = models.ForeignKey(
        Enrolment, null=True, on_delete=models.CASCADE, related_name="browsers", db_constraint=False
    )

    objects: ClassVar[BrowserSessionManager] = BrowserSessionManager()

    class Meta(AbstractBaseSession.Meta):
        db_table = "coaching_browsersession"

    @classmethod
    def get_session_store_class(cls) -> Any:
        """The engine that keeps these, as the settings name it: Django asks the model for it."""
        return import_module(settings.SESSION_ENGINE).SessionStore
