"""A mail server in a process of its own: slow, refusing, forgetful as asked, and honest about what it accepted.

Run as `python -m tests.outbox.mail_server FOLDER PORT`, with `Manners` as a JSON object on standard input. Each
accepted mail lies in FOLDER before the server answers. FOLDER/log holds a line an event: `accepted KEY`,
`answered KEY`, `cut KEY` (the client was gone before the 250), `dropped KEY` (the reply was withheld on purpose),
`refused`. While FOLDER/refusing is there, everybody is sent away: `turned_away`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True)
class Manners:
    """How the server behaves; shares are of all mails, `seed` decides which."""

    before_354_s: float = 0.0
    before_250_s: float = 0.0
    refused: float = 0.0
    dropped: float = 0.0
    seed: int = 0
    permanent: bool = False


class Server(SMTP):
    """aiosmtpd's server, with a wait before the 354."""

    def __init__(self, handler: Handler, manners: Manners) -> None:
        self.manners = manners
        super().__init__(handler, hostname="mail.test", enable_SMTPUTF8=True)

    async def smtp_MAIL(self, arg: str) -> None:
        handler: Any = self.event_handler
        if (handler.folder / "refusing").exists():
            handler.note("turned_away")
            await self.push("421 4.3.2 not now")
            return
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg: str) -> None:
        await asyncio.sleep(self.manners.before_354_s)
        handler: Any = self.event_handler
        if handler.random.random() < self.manners.refused:
            handler.note("refused")
            await self.push("550 5.7.1 no" if self.manners.permanent else "451 4.3.0 later")
            return
        await super().smtp_DATA(arg)


class Handler:
    """Writes each mail down, durably, before it is answered."""

    def __init__(self, folder: Path, manners: Manners) -> None:
        self.folder = folder
        self.manners = manners
        self.random = random.Random(manners.seed)
        self.count = 0

    def note(self, line: str) -> None:
        with (self.folder / "log").open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        key = str(message_from_bytes(content)["X-Followup-Key"])
        self.count += 1
        with (self.folder / f"{self.count:05d}-{key}.eml").open("xb") as file:
            file.write(f"X-Rcpt: {envelope.rcpt_tos[0]}\r\n".encode() + content)
            file.flush()
            os.fsync(file.fileno())
        self.note(f"accepted {key}")
        try:
            await asyncio.sleep(self.manners.before_250_s)
        except asyncio.CancelledError:
            # A client that is gone ends the talk at once.
            self.note(f"cut {key}")
            raise
        transport: Any = server.transport
        if self.random.random() < self.manners.dropped:
            self.note(f"dropped {key}")
            transport.abort()
            return "250 nobody reads this"
        self.note(f"answered {key}")
        return "250 taken"


async def main(folder: Path, port: int, manners: Manners) -> None:
    handler = Handler(folder, manners)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(handler, manners), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), Manners(**json.loads(sys.stdin.read() or "{}"))))
