"""One request to a web server, stopped before its first byte for the point of no return, and one status for an answer.

Libraries for HTTP follow redirects, repeat what broke off, and ask the name again when they connect. None of that may
happen to a message that leaves once, at an address that came from outside.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence

TALK_S = 20  # everything before the first byte; a claim is leased for longer (services.outbox)
CONTENT_S = 60  # the request and its answer
MOST_OF_AN_ANSWER = 65_536
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n")
# What a server holds against us and not against the message: mended by an operator, so it is put off.
OURS = frozenset({401, 403, 407, 408, 425, 429})
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


def addresses_of(host: str) -> list[str]:
    """Where a host is, by its name; nothing where nobody knows."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def public_addresses_of(host: str) -> list[str]:
    """Those addresses of a host that lie in the open internet: whoever names it reaches nothing inside a lab by it."""
    return [each for each in addresses_of(host) if is_public(each)]


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, whatever form it comes in."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        elif parsed in _TRANSLATED:
            parsed = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        elif parsed.sixtofour is not None or parsed.teredo is not None:
            return False
    return parsed.is_global and not parsed.is_multicast


def connected(
    addresses: Sequence[str], port: int, *, host: str, context: ssl.SSLContext | None, ends_at: float
) -> socket.socket:
    """A line to the first of these addresses that takes one, encrypted where there is a context; nothing was said yet.

    The addresses are taken as they are: the name is not asked again, so that it can't lead elsewhere meanwhile.

    Raises:
        OSError: Nobody took it in time, or somebody else answers at that address.
    """
    problem: OSError = ConnectionError("there is no address")
    for address in addresses:
        try:
            line = socket.create_connection((address, port), timeout=_left(ends_at))
        except OSError as told:
            problem = told
            continue
        if context is None:
            return line
        try:
            line.settimeout(_left(ends_at))
            return context.wrap_socket(line, server_hostname=host)
        except BaseException:
            line.close()
            raise
    raise problem


def request(target: str, *, host: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A POST as it goes over the wire."""
    head = {"Host": host, **headers, "Content-Length": str(len(body)), "Connection": "close"}
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    if any(not line.isascii() or not line.isprintable() for line in lines):
        raise ValueError("a line of a request holds what no line may")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def answered(line: socket.socket, content: bytes, *, ends_at: float) -> int:
    """The status with which a request was answered. Nothing more is read: a redirect leads nowhere.

    Raises:
        OSError: The line broke, or nothing that can be read came in time.
    """
    line.settimeout(_left(ends_at))
    line.sendall(content)
    heard = b""
    while True:
        line.settimeout(_left(ends_at))
        piece = line.recv(4096)
        heard += piece
        # What comes before the answer (1xx) ends with an empty line, and another status follows.
        while (found := _STATUS.match(heard)) and found[1].startswith(b"1") and b"\r\n\r\n" in heard:
            heard = heard.partition(b"\r\n\r\n")[2]
        if found and not found[1].startswith(b"1"):
            return int(found[1])
        if not piece or len(heard) > MOST_OF_AN_ANSWER:
            raise ConnectionError("no answer that can be read")


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("the web server took too long")
    return left
