"""The services that the environment names by an address: the database, the broker, the mail server, the SMS gateway."""

import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo

from config.settings import environment

# Without IMMEDIATE, a transaction that reads and then writes fails at once when another one writes, whatever the
# timeout; with it, it waits its turn. FULL: what was acknowledged survives a power cut. secure_delete: what was erased
# is overwritten, and not only forgotten, in the file.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON",
}

_WEB_PORTS = {"http": 80, "https": 443}
_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


@dataclass(frozen=True)
class Mail:
    """How mail leaves: into a folder, or to a server, in TLS from the start or from STARTTLS on."""

    backend: str
    sender: str
    timeout_s: int
    folder: str = ""
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    starts_tls: bool = False
    is_tls: bool = False


@dataclass(frozen=True)
class Sms:
    """Where text messages are handed over."""

    host: str
    port: int
    is_tls: bool
    target: str = field(repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def database(name: str, *, data_dir: Path) -> dict[str, Any]:
    """Django's description of the database: SQLite in the data folder, or what the address says."""
    expected = "sqlite:////absolute/FILE, or postgres://USER:PASSWORD@HOST:PORT/NAME"
    url = _split(name, expected)
    if url is None:
        return _sqlite(str(data_dir / "potoo.sqlite3"))
    path = unquote(url.path.removeprefix("/"))
    if url.scheme == "sqlite":
        file = Path(path).absolute()
        if url.netloc or url.query or not path or file.is_dir() or not file.parent.is_dir():
            raise environment.fault(name, f"sqlite with the path {path!r}", f"{expected}; its folder must exist")
        return _sqlite(str(file))
    if url.scheme not in {"postgres", "postgresql"}:
        raise environment.fault(name, f"the scheme {url.scheme!r}", expected)
    if not path or "/" in path:
        raise environment.fault(name, f"the database name {path!r}", expected)
    options = {"connect_timeout": "10", **dict(parse_qsl(url.query))}
    try:
        make_conninfo(**options)
    except ProgrammingError as problem:
        raise environment.fault(name, f"the options {', '.join(options)}", "options that libpq knows") from problem
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": path,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": str(url.port or ""),
        # Django's own cursors fill in their values themselves and prepare nothing; without a number nobody may. What
        # asks to be prepared (coaching.services.outbox) is then planned once a connection.
        "OPTIONS": {**options, "prepare_threshold": 5},
        # Connecting anew for each request costs half of the server's throughput; a kept one is tried before it is used.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def broker(name: str) -> str:
    """The Redis that carries "there may be work" to the workers and counts for all processes; empty without one."""
    expected = "redis://HOST:PORT/NUMBER, or rediss:// for an encrypted connection"
    url = _split(name, expected)
    if url is None:
        return ""
    if url.scheme not in {"redis", "rediss"} or not url.hostname or not re.fullmatch(r"(/[0-9]*)?", url.path, re.ASCII):
        raise environment.fault(name, f"an address with the scheme {url.scheme!r}", expected)
    return environment.text(name)


def mail(name: str, *, data_dir: Path, public_host: str) -> Mail:
    """How mail leaves: one `.eml` file a mail in the outbox, or the server that the address names.

    `smtp+tls` begins in the clear and must then encrypt (STARTTLS), `smtps` encrypts from the start. `?from=` names the
    sender, `timeout=` the seconds that a server may take to answer.
    """
    expected = "smtp://, smtp+tls:// or smtps://USER:PASSWORD@HOST:PORT, or file:///FOLDER; with ?from=ADDRESS"
    url = _split(name, expected)
    query = dict(parse_qsl(url.query)) if url else {}
    sender = query.pop("from", f"potoo@{'localhost' if public_host in {'127.0.0.1', '::1'} else public_host}")
    timeout = query.pop("timeout", "20")
    if query or "@" not in parseaddr(sender)[1] or not sender.isprintable():
        raise environment.fault(name, "options other than from=ADDRESS and timeout=SECONDS", expected)
    if not re.fullmatch(r"[1-9][0-9]{0,2}", timeout, re.ASCII):
        raise environment.fault(name, f"timeout={timeout!r}", "1 to 999 seconds")
    if url is None or (url.scheme == "file" and not url.netloc and url.path.strip("/")):
        folder = Path(unquote(url.path)) if url else data_dir / "outbox"
        # The product's own mails leave by coaching.handover; this is the way for whatever Django itself would send.
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return Mail(backend=backend, sender=sender, timeout_s=int(timeout), folder=str(folder))
    if url.scheme not in _MAIL_PORTS or not url.hostname or url.path.strip("/"):
        raise environment.fault(name, f"an address with the scheme {url.scheme!r}", expected)
    return Mail(
        backend="django.core.mail.backends.smtp.EmailBackend",
        sender=sender,
        timeout_s=int(timeout),
        host=url.hostname,
        port=url.port or _MAIL_PORTS[url.scheme],
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        starts_tls=url.scheme == "smtp+tls",
        is_tls=url.scheme == "smtps",
    )


def sms(name: str) -> Sms | None:
    """The gateway that text messages are posted to; none without an address. In the clear on this machine alone."""
    expected = "https://USER:PASSWORD@HOST:PORT/PATH"
    url = _split(name, expected)
    if url is None:
        return None
    is_fit = url.hostname and not url.fragment and re.fullmatch("[!-~]+", environment.text(name), re.ASCII)
    if url.scheme not in _WEB_PORTS or not is_fit:
        raise environment.fault(name, f"an address with the scheme {url.scheme!r}", expected)
    if url.scheme == "http" and not environment.is_loopback(url.hostname or ""):
        raise environment.fault(name, "http to another machine", f"{expected}: numbers never travel in the clear")
    return Sms(
        host=url.hostname or "",
        port=url.port or _WEB_PORTS[url.scheme],
        is_tls=url.scheme == "https",
        target=(url.path or "/") + (f"?{url.query}" if url.query else ""),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
    )


def _sqlite(path: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": dict(SQLITE_OPTIONS),
        "CONN_MAX_AGE": 600,
    }


def _split(name: str, expected: str) -> SplitResult | None:
    """The parts of an address, its port included; none when the variable is not set."""
    value = environment.text(name)
    if not value:
        return None
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError as problem:
        # The value may hold a password, so it is not repeated.
        raise environment.fault(name, "an address that can't be taken apart", expected) from problem
    return url
