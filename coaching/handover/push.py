"""Notifications in browsers: one message to all devices of a person, by each browser's push service (RFC 8030)."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from coaching.handover import Fence, Outcome
from coaching.handover.web import CONTENT_S, OURS, TALK_S, answered, connected, public_addresses_of, request
from coaching.web_push import LONGEST_TEXT, VapidKey, encrypted, endpoint_in

PORT = 443
TOKEN_S = 12 * 3600  # push services take none of more than a day
TOPIC = "potoo"
"""A later message takes the place of one that a device has not got yet. The same for all, so it says nothing."""
LENGTHS = (1024, 2048, LONGEST_TEXT)
"""What a text is filled up to, so that a push service can't tell messages by their length."""


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that shows what is sent to it."""

    pk: int
    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be shown, where, and for how many seconds it is worth waiting for a device."""

    devices: tuple[Device, ...]
    text: bytes
    ttl_s: int


@dataclass(frozen=True, slots=True)
class PushTransport:
    """One line a device, all of them open before the fence, so that the message leaves at once or not at all.

    `port`, `context` and `addresses_of` are as they are for everybody; a test brings a push service of its own.
    """

    key: VapidKey
    subject: str
    port: int = PORT
    context: ssl.SSLContext | None = None
    addresses_of: Callable[[str], Sequence[str]] = public_addresses_of

    def hand_over(self, compose: Callable[[], Note], fence: Fence) -> Outcome:
        """What became of the message: sent as soon as one device's service has taken it."""
        note = compose()
        context = self.context or ssl.create_default_context()
        lines: list[tuple[Device, socket.socket, bytes]] = []
        try:
            for device in note.devices:
                with suppress(OSError, ValueError):
                    ends_at = time.monotonic() + TALK_S / len(note.devices)
                    lines.append((device, *self._opened(device, note, context, ends_at)))
            if not lines:
                return Outcome("put_off")
            if not fence():
                return Outcome("withheld")
            share_s = CONTENT_S / len(lines)
            answers = [(device.pk, _answer(line, content, share_s)) for device, line, content in lines]
        finally:
            for _device, line, _content in lines:
                line.close()
        return _outcome(answers, is_everywhere=len(lines) == len(note.devices))

    def _opened(
        self, device: Device, note: Note, context: ssl.SSLContext, ends_at: float
    ) -> tuple[socket.socket, bytes]:
        """A line on which nothing was said yet, and what is to be said on it."""
        place = endpoint_in(device.endpoint)
        if place is None:
            raise ValueError("an address that nothing may be posted to")
        length = next(each for each in LENGTHS if len(note.text) <= each)
        body = encrypted(note.text, p256dh=device.p256dh, auth=device.auth, length=length)
        # A push service knows no time but the real one.
        expires = int(time.time()) + TOKEN_S  # noqa: TID251
        headers = {
            "Authorization": self.key.authorization(place.origin, subject=self.subject, expires=expires),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(note.ttl_s),
            "Topic": TOPIC,
            "Urgency": "normal",
        }
        content = request(place.target, host=place.host, headers=headers, body=body)
        addresses = self.addresses_of(place.host)
        return connected(addresses, self.port, host=place.host, context=context, ends_at=ends_at), content


def _answer(line: socket.socket, content: bytes, share_s: float) -> int:
    """The status of one device's service; 0 where the talk broke off."""
    try:
        return answered(line, content, ends_at=time.monotonic() + share_s)
    except OSError:
        return 0


def _outcome(answers: Sequence[tuple[int, int]], *, is_everywhere: bool) -> Outcome:
    """What all of it comes to: one device that shows it is enough, and what nobody knows is not done again."""
    lost = tuple(pk for pk, code in answers if code in {404, 410})
    codes = [code for _pk, code in answers if code not in {404, 410}]
    sent = [code for code in codes if 200 <= code < 300]
    if sent:
        return Outcome("sent", sent[0], lost)
    if 0 in codes:
        return Outcome("unknown", 0, lost)
    later = [code for code in codes if code in OURS or code >= 500]
    if later or not is_everywhere:
        return Outcome("put_off", later[0] if later else 0, lost)
    return Outcome("refused", codes[0], lost) if codes else Outcome("gone", 410, lost)
