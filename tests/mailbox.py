"""What left by the outbox, read as a mail program reads it."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import clock
from config.tick import turn


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that arrived."""

    message: EmailMessage

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def body(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part: Any = self.message.get_body((kind,))
        return str(part.get_content())


class Mailbox:
    """A folder into which the product's ticks put mails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def after_a_tick(self) -> list[Mail]:
        """Every mail so far, after one more tick, in the order in which they left."""
        turn(now=clock.now())
        parsed = (message_from_bytes(p.read_bytes(), policy=policy.default) for p in sorted(self.folder.glob("*.eml")))
        return [Mail(message) for message in parsed if isinstance(message, EmailMessage)]
