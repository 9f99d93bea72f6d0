"""What web push needs of mathematics: a text that only one browser reads (RFC 8291), and who sends it (RFC 8292)."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
POINT_LENGTH, SECRET_LENGTH = 65, 16
RECORD_LENGTH = 4096
LONGEST_TEXT = 3993
"""Bytes that fit into the one record that a push service has to take (RFC 8291, section 4)."""
ENDPOINT_LENGTH = 1000
# A name and no number, no other port, no login, no fragment; and nothing that could end a line of the request.
_ENDPOINT = re.compile(
    r"https://(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9])(?::443)?"
    r"(?P<target>/[!-\"$-~]*)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The parts of a browser's address at its push service."""

    host: str
    target: str

    @property
    def origin(self) -> str:
        """What a token is made out to."""
        return f"https://{self.host}"


def endpoint_in(text: str) -> Endpoint | None:
    """The parts of an address that is fit to be posted to; none for any other."""
    found = _ENDPOINT.fullmatch(text) if len(text) <= ENDPOINT_LENGTH else None
    return Endpoint(found["host"], found["target"]) if found and len(found["host"]) <= 253 else None


def are_keys(p256dh: str, auth: str) -> bool:
    """Whether these are the public key and the secret of a browser."""
    try:
        _point(unpacked(p256dh))
        return len(unpacked(auth)) == SECRET_LENGTH
    except ValueError:
        return False


def packed(raw: bytes) -> str:
    """Bytes in base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    """What base64url holds, with or without its padding.

    Raises:
        ValueError: It is something else.
    """
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except binascii.Error as problem:
        raise ValueError("not base64url") from problem


def encrypted(
    text: bytes,
    *,
    p256dh: str,
    auth: str,
    length: int = 0,
    salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The text as only the browser with these keys can read it, in one record of the coding `aes128gcm`.

    Args:
        text: At most `LONGEST_TEXT` bytes.
        p256dh: The browser's public key.
        auth: The secret that it shares.
        length: What the text is filled up to, so that its length says nothing.
        salt: 16 random bytes; given only where the outcome is known.
        own: The key of this one text; given only where the outcome is known.

    Raises:
        ValueError: The text is too long, or the keys are none.
    """
    if max(len(text), length) > LONGEST_TEXT:
        raise ValueError("a text of a push is too long")
    salt, own = salt or os.urandom(16), own or ec.generate_private_key(CURVE)
    theirs, ours = unpacked(p256dh), _raw(own.public_key())
    shared = own.exchange(ec.ECDH(), _point(theirs))
    secret = _derived(shared, unpacked(auth), b"WebPush: info\0" + theirs + ours, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    record = text + b"\2" + bytes(max(0, length - len(text)))  # 2: the last record; zeros fill it up
    head = salt + RECORD_LENGTH.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return head + AESGCM(key).encrypt(nonce, record, None)


class VapidKey:
    """The key under which an installation tells push services that it is the one that was subscribed to."""

    def __init__(self, secret: str) -> None:
        self._private = ec.derive_private_key(int.from_bytes(unpacked(secret), "big"), CURVE)
        self.public = packed(_raw(self._private.public_key()))

    @property
    def name(self) -> str:
        """Enough of the public key to tell a subscription that was made for another one."""
        return self.public[-16:]

    def authorization(self, origin: str, *, subject: str, expires: int) -> str:
        """The header that says so to the push service at `origin`; `expires` in seconds of the epoch."""
        head = {"typ": "JWT", "alg": "ES256"}
        claims = {"aud": origin, "exp": expires, "sub": subject}
        signed = ".".join(packed(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims))
        r, s = decode_dss_signature(self._private.sign(signed.encode(), ec.ECDSA(SHA256())))
        token = f"{signed}.{packed(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
        return f"vapid t={token}, k={self.public}"


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def _raw(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _point(raw: bytes) -> ec.EllipticCurvePublicKey:
    """The point of the curve; a ValueError for what is none."""
    if len(raw) != POINT_LENGTH:
        raise ValueError("not an uncompressed point")
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, raw)
