"""The environment's variables, read once at start. An empty variable counts as one that is not set."""

import ipaddress
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

import clock

VARIABLES = (
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "SMS_URL",
    "SECRET_KEY",
    "DATA_KEY",
    "VAPID_KEY",
    "DATA_DIR",
    "PUBLIC_URL",
    "ALLOWED_HOSTS",
    "DEBUG",
    "CLOCK",
    "TICK_S",
)

_FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_HOST = re.compile(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\]", re.ASCII)


@dataclass(frozen=True)
class PublicUrl:
    """The address under which people reach the product.

    `origin` has no slash at its end. `is_loopback` is true only for http on this machine: the way to try the product.
    """

    origin: str
    host: str
    port: int
    is_https: bool
    is_loopback: bool


def fault(name: str, found: str, expected: str) -> ImproperlyConfigured:
    """The error for a variable that can't be read, in one line. `found` must not hold a secret."""
    return ImproperlyConfigured(f"{name}: found {found}; expected {expected}")


def text(name: str) -> str:
    """A variable's value without the blanks around it; empty when it is not set."""
    return os.environ.get(name, "").strip()


def flag(name: str) -> bool:
    """Whether a variable says yes; not set means no."""
    value = text(name)
    if value and value.lower() not in _FLAGS:
        raise fault(name, repr(value), "1 or 0, true or false, yes or no, on or off")
    return bool(value) and _FLAGS[value.lower()]


def seconds(name: str, *, default: int, most: int) -> int:
    """A whole number of seconds from 1 to `most`."""
    value = text(name)
    if not value:
        return default
    # isdecimal would let other scripts' digits in, and int() blanks and underscores.
    if not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) or not 1 <= int(value) <= most:
        raise fault(name, repr(value), f"a whole number of seconds from 1 to {most}")
    return int(value)


def folder(name: str, *, default: Path) -> Path:
    """An absolute folder that this process can write to; it is made where it is missing.

    A relative path counts from the folder in which the command was given.
    """
    value = text(name)
    path = Path(value).expanduser().absolute() if value else default
    try:
        # Answers and addresses lie here, so what is made is closed to other users of the machine.
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, ValueError) as problem:
        raise fault(name, repr(str(path)), f"a folder that can be made ({_reason(problem)})") from problem
    if not os.access(path, os.W_OK | os.X_OK):
        raise fault(name, repr(str(path)), "a folder that this user can write to")
    return path


def public_url(name: str, *, default: str) -> PublicUrl:
    """The product's own address: https anywhere, or http on this machine."""
    value = text(name) or default
    expected = "https://HOST, or http://HOST:PORT on this machine (127.0.0.1, localhost), without a path"
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError as problem:
        raise fault(name, repr(value), expected) from problem
    bracketed = f"[{host}]" if ":" in host else host
    plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"))
    if parts.scheme not in {"http", "https"} or not plain or not _HOST.fullmatch(bracketed) or "*" in host or port == 0:
        # What stands before an @ is a password more often than not.
        raise fault(name, "an address with a login" if "@" in value else repr(value), expected)
    if parts.scheme == "http" and not is_loopback(host):
        raise fault(name, repr(value), f"{expected}: personal data never travels in the clear")
    return PublicUrl(
        origin=f"{parts.scheme}://{bracketed}" + (f":{port}" if port else ""),
        host=host,
        port=port or (443 if parts.scheme == "https" else 80),
        is_https=parts.scheme == "https",
        is_loopback=parts.scheme == "http",
    )


def hosts(name: str, *, public: PublicUrl) -> list[str]:
    """The names by which requests may call this server; by default those of the public address."""
    listed = [entry.strip() for entry in text(name).split(",") if entry.strip()]
    for entry in listed:
        if not _HOST.fullmatch(entry):
            raise fault(name, repr(entry), "host names parted by commas, without scheme, port or path")
    own = f"[{public.host}]" if ":" in public.host else public.host
    return listed or list(dict.fromkeys([own, *(["127.0.0.1", "localhost", "[::1]"] if public.is_loopback else [])]))


def clock_offset(name: str, *, public: PublicUrl) -> str:
    """The value of `CLOCK`, seen to be readable; only a product that is being tried may move its time."""
    value = text(name)
    if not value:
        return ""
    if not public.is_loopback:
        raise fault(name, repr(value), "nothing, unless PUBLIC_URL is http on this machine")
    for attempt in range(10):
        try:
            clock.checked(value)
        except (OSError, ValueError) as problem:
            # The file may be in the middle of being written by whoever moves the clock.
            if value.startswith("@") and attempt < 9:
                time.sleep(0.02)
                continue
            raise fault(name, repr(value), clock.EXPECTED) from problem
        break
    return value


def child_environment(**changes: str) -> dict[str, str]:
    """This process's environment with some variables changed, for a process that it starts."""
    return {**os.environ, **changes}


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name or number."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _reason(problem: Exception) -> str:
    return (isinstance(problem, OSError) and problem.strerror) or "no such path can be"
