"""Mail without a mail server: each message becomes one `.eml` file that any mail program opens."""

import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

import clock


class EmlFolderBackend(BaseEmailBackend):
    """Writes mails into the folder `EMAIL_FILE_PATH`."""

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently, **kwargs)
        self.folder = Path(settings.EMAIL_FILE_PATH or settings.DATA_DIR / "outbox")

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each message that has a recipient; the answer counts them."""
        written = 0
        for message in email_messages:
            if not message.recipients():
                continue
            try:
                write_eml(self.folder, message.message().as_bytes())
            except OSError:
                if not self.fail_silently:
                    raise
            else:
                written += 1
        return written


def write_eml(folder: Path, content: bytes) -> Path:
    """The file that now holds the message; it is there whole or not at all, and sorts by the product's time."""
    # A mail's lines end in CR and LF, as they would on their way to a mail server.
    content = b"".join(line + b"\r\n" for line in content.splitlines())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{clock.now():%Y%m%dT%H%M%S.%fZ}-{uuid.uuid4().hex[:8]}"
    part, whole = folder / f".{name}.part", folder / f"{name}.eml"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(whole)
    return whole
