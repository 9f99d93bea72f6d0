"""The talk with a mail server (RFC 5321), stopped between its 354 and the content for the point of no return.

`smtplib`'s own `send_message` leaves no place for that, so the talk is led command by command.
"""

from __future__ import annotations

import smtplib
import ssl
import time
from dataclasses import dataclass

from django.core.mail import EmailMessage

from coaching.handover import Compose, Fence, Outcome

TALK_S = 20  # the whole talk before the 354; a claim is leased for longer (services.outbox)
CONTENT_S = 60  # content and reply


class _Answered(Exception):
    """The server said something else than what lets the talk go on."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """One connection a mail, so that no mail ever follows an unclean end."""

    host: str
    port: int
    user: str
    password: str
    starts_tls: bool
    is_tls: bool
    local_hostname: str

    def hand_over(self, compose: Compose, fence: Fence) -> Outcome:
        """What became of the mail. The password and the address never leave this method in words."""
        mail = compose()
        content = _wire(mail)
        recipient, sender = mail.recipients()[0], mail.from_email
        ends_at = time.monotonic() + TALK_S
        try:
            server = self._connected(ends_at)
        except _Answered as answer:
            return _outcome(answer.code)
        except (OSError, smtplib.SMTPException):
            return Outcome("put_off")
        passed = False
        try:
            _expect(server, ends_at, "MAIL", f"FROM:<{_bare(sender)}>", {250})
            _expect(server, ends_at, "RCPT", f"TO:<{_bare(recipient)}>", {250, 251})
            _expect(server, ends_at, "DATA", "", {354})
            # Nothing has left yet. From here on only closing the connection says no.
            passed = fence()
            if not passed:
                return Outcome("withheld")
            _patience(server, time.monotonic() + CONTENT_S)
            server.send(content)
            code, _ = server.getreply()
            outcome = _outcome(code)
        except _Answered as answer:
            return _outcome(answer.code)
        except (OSError, smtplib.SMTPException):
            return Outcome("unknown") if passed else Outcome("put_off")
        finally:
            # After the reply nothing matters any more: a polite QUIT could only hang.
            server.close()
        return outcome

    def _connected(self, ends_at: float) -> smtplib.SMTP:
        """A server that has greeted us and, where asked for, encrypts and knows us; never a fall back to the clear."""
        context = ssl.create_default_context()
        timeout = max(0.1, ends_at - time.monotonic())
        server: smtplib.SMTP
        if self.is_tls:
            server = smtplib.SMTP_SSL(local_hostname=self.local_hostname, timeout=timeout, context=context)
        else:
            server = smtplib.SMTP(local_hostname=self.local_hostname, timeout=timeout)
        # Connecting with TLS and starttls check the certificate against this name, which the constructor takes only
        # together with connecting at once.
        server._host = self.host  # type: ignore[attr-defined]
        try:
            code, _ = server.connect(self.host, self.port)
            if code != 220:
                raise _Answered(code)
            _patience(server, ends_at)
            server.ehlo_or_helo_if_needed()
            if self.starts_tls:
                server.starttls(context=context)
                _patience(server, ends_at)
                server.ehlo_or_helo_if_needed()
            if self.user:
                server.login(self.user, self.password)
        except smtplib.SMTPResponseException as answer:
            server.close()
            # Whatever the server holds against us and not against the person is mended by an operator: put off.
            raise _Answered(answer.smtp_code if answer.smtp_code < 500 else 450) from None
        except BaseException:
            server.close()
            raise
        return server


def _expect(server: smtplib.SMTP, ends_at: float, command: str, words: str, codes: set[int]) -> None:
    _patience(server, ends_at)
    code, _ = server.docmd(command, words)
    if code not in codes:
        raise _Answered(code)


def _patience(server: smtplib.SMTP, ends_at: float) -> None:
    """Lets the next read or write take as long as is left of the whole."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("the mail server took too long")
    if server.sock is None:
        raise smtplib.SMTPServerDisconnected("the connection is gone")
    server.sock.settimeout(left)


def _outcome(code: int) -> Outcome:
    if 200 <= code < 300:
        return Outcome("sent", code)
    return Outcome("refused", code) if 500 <= code < 600 else Outcome("put_off", code)


def _wire(mail: EmailMessage) -> bytes:
    """The mail as it goes over the wire: CRLF ends, a leading dot doubled, a dot alone at the end."""
    lines = mail.message().as_bytes().splitlines()
    stuffed = (b"." + line if line.startswith(b".") else line for line in lines)
    return b"\r\n".join([*stuffed, b".", b""])


def _bare(address: str) -> str:
    return address.rpartition("<")[2].rstrip(">").strip()
