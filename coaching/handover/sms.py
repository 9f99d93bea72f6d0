"""Text messages: the port is `Transport[ShortText]`, and this is its one adapter, a gateway that takes JSON."""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from coaching.handover import Fence, Outcome
from coaching.handover.web import CONTENT_S, OURS, TALK_S, addresses_of, answered, connected, request

# Something between us and the gateway gave up on it. What it had passed on by then, nobody knows.
BETWEEN = frozenset({502, 504})


@dataclass(frozen=True, slots=True)
class ShortText:
    """A text message. `key` names it in every attempt, so that a gateway can fold doubles."""

    to: str = field(repr=False)
    text: str = field(repr=False)
    key: str


@dataclass(frozen=True, slots=True)
class GatewayTransport:
    """Posts `{"to", "text", "id"}` to the lab's gateway, with the id once more as `Idempotency-Key`.

    A gateway is the lab's own choice, so it may be anywhere, inside the lab's network too.
    """

    host: str
    port: int
    is_tls: bool
    target: str = field(default="/", repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    context: ssl.SSLContext | None = None

    def hand_over(self, compose: Callable[[], ShortText], fence: Fence) -> Outcome:
        """What became of the message. Neither number nor password ever leaves this method in words."""
        content = self._content(compose())
        context = (self.context or ssl.create_default_context()) if self.is_tls else None
        ends_at = time.monotonic() + TALK_S
        try:
            line = connected(addresses_of(self.host), self.port, host=self.host, context=context, ends_at=ends_at)
        except OSError:
            return Outcome("put_off")
        with line:
            # Nothing has left yet. From here on only closing the connection says no.
            if not fence():
                return Outcome("withheld")
            try:
                return _outcome(answered(line, content, ends_at=time.monotonic() + CONTENT_S))
            except OSError:
                return Outcome("unknown")

    def _content(self, message: ShortText) -> bytes:
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.key}
        if self.user or self.password:
            known = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            headers["Authorization"] = f"Basic {known}"
        body = json.dumps({"to": message.to, "text": message.text, "id": message.key}, ensure_ascii=False).encode()
        host = f"[{self.host}]" if ":" in self.host else self.host
        named = host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"
        return request(self.target, host=named, headers=headers, body=body)


def _outcome(code: int) -> Outcome:
    if 200 <= code < 300:
        return Outcome("sent", code)
    if code in BETWEEN:
        return Outcome("unknown", code)
    return Outcome("put_off", code) if code in OURS or code >= 500 else Outcome("refused", code)
