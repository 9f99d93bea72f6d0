"""The ways that the settings choose."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage

from coaching.handover import Transport
from coaching.handover.folder import FolderTransport
from coaching.handover.push import Note, PushTransport
from coaching.handover.sms import GatewayTransport, ShortText
from coaching.handover.smtp import SmtpTransport
from coaching.selectors.ways import push_key


@dataclass(frozen=True, slots=True)
class Others:
    """The ways beside mail; None where there is none."""

    push: Transport[Note] | None = None
    sms: Transport[ShortText] | None = None


def transport() -> Transport[EmailMessage]:
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


def others() -> Others:
    """Web push where there is a `VAPID_KEY`, text messages where `SMS_URL` names a gateway."""
    return Others(push=_push(), sms=_sms())


def _push() -> Transport[Note] | None:
    key = push_key()
    # Where a push service can reach whoever runs this (RFC 8292, section 2.1).
    return PushTransport(key, f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}") if key is not None else None


def _sms() -> Transport[ShortText] | None:
    said = settings.SMS
    if said is None:
        return None
    return GatewayTransport(said.host, said.port, said.is_tls, said.target, said.user, said.password)
