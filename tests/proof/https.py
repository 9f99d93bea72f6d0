"""A proxy that speaks https for a product that is served on this machine, as the one of a lab does."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.certificates import certificate

HOST = "study.example"
PUBLIC_URL = f"https://{HOST}"


class _Relay(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, to: int, context: ssl.SSLContext) -> None:
        self.to = to
        self.context = context
        super().__init__(("127.0.0.1", 0), _Connection)


class _Connection(socketserver.BaseRequestHandler):
    server: _Relay

    def handle(self) -> None:
        # A browser goes when it pleases, in the middle of a handshake too.
        with (
            contextlib.suppress(OSError),
            self.server.context.wrap_socket(self.request, server_side=True) as outside,
            socket.create_connection(("127.0.0.1", self.server.to), timeout=60) as inside,
        ):
            back = threading.Thread(target=_pass_on, args=(inside, outside), daemon=True)
            back.start()
            _pass_on(outside, inside)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(port: int, folder: Path) -> Iterator[int]:
    """The port on which https is spoken for whatever listens on `port`, under a certificate that nobody vouches for."""
    own = certificate(folder / "https.pem", HOST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    relay = _Relay(port, context)
    thread = threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield int(relay.server_address[1])
    finally:
        relay.shutdown()
        relay.server_close()
        thread.join()
