"""The way that the settings choose."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from coaching.handover import Transport
from coaching.handover.folder import FolderTransport
from coaching.handover.smtp import SmtpTransport


def transport() -> Transport:
    """A mail server if `EMAIL_URL` names one, else the folder of `.eml` files."""
    if not settings.EMAIL_HOST:
        return FolderTransport(Path(settings.EMAIL_FILE_PATH))
    return SmtpTransport(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        starts_tls=settings.EMAIL_USE_TLS,
        is_tls=settings.EMAIL_USE_SSL,
        local_hostname=settings.PUBLIC_HOST,
    )
