"""The keys: `SECRET_KEY` signs, `DATA_KEY` encrypts contact details, `VAPID_KEY` says to push services who writes.

Given, or made once for trying.
"""

import base64
import binascii
import fcntl
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ImproperlyConfigured

from config.settings import environment

SHORTEST = 32
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def secret_key(data_dir: Path, *, made_if_missing: bool) -> str:
    """The text that signs sessions and links, at least 32 characters long."""
    value = environment.text("SECRET_KEY") or _kept("SECRET_KEY", data_dir / "secret.key", made_if_missing)
    return _long_enough("SECRET_KEY", value)


def data_keys(data_dir: Path, *, made_if_missing: bool) -> list[str]:
    """Fernet keys for contact details: the first encrypts, all of them decrypt.

    `DATA_KEY` is one key or several parted by commas, the newest first, so that a key can be changed while what the old
    one encrypted stays readable. A key is a Fernet key, or any text of at least 32 characters, from which one is
    derived.
    """
    value = environment.text("DATA_KEY") or _kept("DATA_KEY", data_dir / "data.key", made_if_missing)
    return [_fernet_key(_long_enough("DATA_KEY", key.strip())) for key in value.split(",")]


def vapid_key(data_dir: Path, *, made_if_missing: bool) -> str:
    """The private key (P-256, 32 bytes in base64url) under which notifications reach browsers; empty without one.

    It is given as such, or as any text of at least 32 characters, from which it is derived.
    """
    value = environment.text("VAPID_KEY")
    if not value and not made_if_missing:
        return ""
    text = _long_enough("VAPID_KEY", value or _kept("VAPID_KEY", data_dir / "vapid.key", made_if_missing))
    raw = _thirty_two_bytes(text)
    number = (
        int.from_bytes(raw, "big")
        if raw
        else 1 + int.from_bytes(_derived(text, 48, b"web push"), "big") % (P256_ORDER - 1)
    )
    if not 0 < number < P256_ORDER:
        raise environment.fault("VAPID_KEY", "32 bytes that are no private key", "a private key of the curve P-256")
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def _long_enough(name: str, value: str) -> str:
    if len(value) < SHORTEST:
        raise environment.fault(name, f"{len(value)} characters", f"at least {SHORTEST}, random, kept secret")
    return value


def _fernet_key(text: str) -> str:
    try:
        if len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32:
            return text
    except (binascii.Error, ValueError):
        pass
    return base64.urlsafe_b64encode(_derived(text, 32, b"contact details")).decode()


def _derived(text: str, length: int, what_for: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"potoo: " + what_for).derive(text.encode())


def _thirty_two_bytes(text: str) -> bytes:
    """What the text holds in base64url, with or without its padding, if that is 32 bytes; else nothing."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if len(raw) == 32 else b""


def _kept(name: str, path: Path, made_if_missing: bool) -> str:
    """The key in a file of this machine, made on the first start; never made anew over one that is damaged."""
    if not made_if_missing:
        raise environment.fault(name, "nothing", f"at least {SHORTEST} random characters, for PUBLIC_URL is https")
    try:
        # Two processes that start at once must agree on one key: the second waits here, then finds the first one's.
        with (path.parent / ".keys.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                _write_private(path, secrets.token_urlsafe(48))
            return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as problem:
        raise ImproperlyConfigured(f"{name}: {path} can't be read or made; set {name}, or mend that file") from problem


def _write_private(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
