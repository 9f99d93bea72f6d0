"""A push service or SMS gateway on this machine, with TLS or without, slow, refusing or gone as asked; and a browser.

The browser has real keys: what it reads, only it can read. What the gateway believes of a sender, it has checked.
"""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.certificates import certificate

HOST = "push.example"
NAME = "gateway.pem"
ANSWER = b"HTTP/1.1 %d Said\r\nContent-Length: 0\r\n\r\n"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def un64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


SECRET = b64((7).to_bytes(32, "big"))
"""The private key of the installation."""
SUBJECT = "mailto:lab@study.example"


@dataclass
class Posted:
    """A request that arrived whole."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Gateway:
    """What it is to say, and what it heard. `says` by path, else `says[""]`; bytes are sent as they are, none cut.

    `drips`: it says a letter at a time, and never comes to an end.
    """

    port: int = 0
    drips: bool = False
    says: dict[str, int | bytes] = field(default_factory=lambda: {"": 201})
    lines: int = 0
    heard: int = 0
    posted: list[Posted] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def until(self, lines: int) -> None:
        """Waits until so many lines are open and greeted."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.lines >= lines, 10)

    def _serve(self, line: socket.socket) -> None:
        with self.changed:
            self.lines += 1
            self.changed.notify_all()
        head = b""
        while b"\r\n\r\n" not in head:
            piece = line.recv(65_536)
            if not piece:
                return
            self.heard += len(piece)
            head += piece
        first, _, body = head.partition(b"\r\n\r\n")
        start, *rest = first.decode("ascii").split("\r\n")
        headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)}
        while len(body) < int(headers["content-length"]):
            body += line.recv(65_536)
        method, path, version = start.split(" ")
        assert (method, version) == ("POST", "HTTP/1.1")
        self.posted.append(Posted(path, headers, body))
        while self.drips:
            line.sendall(b"H")
            time.sleep(0.1)
        answer = self.says.get(path, self.says[""])
        if answer:
            line.sendall(ANSWER % answer if isinstance(answer, int) else answer)
        with self.changed:
            self.changed.notify_all()


@contextmanager
def opened(folder: Path | None = None, host: str = HOST) -> Iterator[Gateway]:
    """A gateway; with a folder it speaks TLS under a certificate for `host`, which `trusting(folder)` trusts."""
    context = None
    if folder is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(folder / NAME, host))
    gateway = Gateway()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        gateway.port = listening.getsockname()[1]
        threading.Thread(target=_accept, args=(listening, context, gateway), daemon=True).start()
        yield gateway


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / NAME))


def _accept(listening: socket.socket, context: ssl.SSLContext | None, gateway: Gateway) -> None:
    with contextlib.suppress(OSError):
        while True:
            line, _ = listening.accept()
            threading.Thread(target=_talk, args=(line, context, gateway), daemon=True).start()


def _talk(line: socket.socket, context: ssl.SSLContext | None, gateway: Gateway) -> None:
    line.settimeout(30)
    with contextlib.suppress(OSError):
        inner = context.wrap_socket(line, server_side=True) if context else line
        with inner:
            gateway._serve(inner)


class Browser:
    """A browser that is subscribed at the push service: only it can read what it is sent."""

    def __init__(self, name: str = "one", private: str = "", auth: str = "") -> None:
        curve = ec.SECP256R1()
        number = int.from_bytes(un64(private), "big") if private else 0
        self.private = ec.derive_private_key(number, curve) if number else ec.generate_private_key(curve)
        self._secret = un64(auth) if auth else b"0123456789abcdef"
        self.path = f"/send/{name}"
        self.endpoint = f"https://{HOST}{self.path}"
        self.auth = b64(self._secret)
        self.p256dh = b64(_raw(self.private.public_key()))

    @property
    def posted(self) -> dict[str, str]:
        return {"endpoint": self.endpoint, "p256dh": self.p256dh, "auth": self.auth}

    def read(self, body: bytes) -> bytes:
        """RFC 8188 and 8291, from the receiver's side."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert size == 4096 >= len(sealed)
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        info = b"WebPush: info\0" + _raw(self.private.public_key()) + theirs
        secret = _hkdf(shared, self._secret, info, 32)
        key = _hkdf(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        opened = AESGCM(key).decrypt(_hkdf(secret, salt, b"Content-Encoding: nonce\0", 12), sealed, None)
        text, delimiter = opened.rstrip(b"\0")[:-1], opened.rstrip(b"\0")[-1:]
        assert delimiter == b"\2"
        return text


def claims_in(authorization: str) -> tuple[dict[str, Any], str]:
    """What a sender says of itself (RFC 8292), checked against its public key, and that key."""
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = parts["t"].split(".")
    assert json.loads(un64(head)) == {"typ": "JWT", "alg": "ES256"}
    raw = un64(signature)
    assert len(raw) == 64
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), un64(parts["k"]))
    r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    try:
        public.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise AssertionError("the signature is somebody else's") from None
    result: dict[str, Any] = json.loads(un64(claims))
    return result, parts["k"]


def _raw(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
