"""Mails as files, for trying without a mail server: the same steps, with a rename as the moment of arrival."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path

import clock
from coaching.handover import Compose, Fence, Outcome


@dataclass(frozen=True, slots=True)
class FolderTransport:
    """Writes each mail as one `.eml` file that any mail program opens."""

    folder: Path

    def hand_over(self, compose: Compose, fence: Fence) -> Outcome:
        """What became of the mail: it lies in the folder whole, or not at all."""
        content = b"".join(line + b"\r\n" for line in compose().message().as_bytes().splitlines())
        name = f"{clock.now():%Y%m%dT%H%M%S.%fZ}-{uuid.uuid4().hex[:8]}"
        part, whole = self.folder / f".{name}.part", self.folder / f"{name}.eml"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            part.unlink(missing_ok=True)
            return Outcome("put_off")
        if not fence():
            part.unlink(missing_ok=True)
            return Outcome("withheld")
        try:
            part.replace(whole)
        except OSError:
            return Outcome("unknown")
        return Outcome("sent")
