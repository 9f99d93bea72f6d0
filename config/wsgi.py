"""The WSGI application that `manage.py serve`, or any other WSGI server, runs."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.settings import select_settings

_App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def behind_proxy(inner: _App) -> _App:
    """The application as it stands behind the proxy that speaks https for it.

    `PUBLIC_URL` decides on transport, so a request counts as encrypted unless the proxy says that it came in the clear
    (it is then led to https). The caller's address is the one that the proxy added to `X-Forwarded-For`, the last; only
    a peer in this machine or its own network is believed to be a proxy.
    """

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("HTTP_X_FORWARDED_PROTO", "https").strip().lower() != "http":
            environ["wsgi.url_scheme"] = "https"
        forwarded = _address(environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2])
        peer = _address(environ.get("REMOTE_ADDR", ""))
        if forwarded is not None and peer is not None and peer.is_private:
            environ["REMOTE_ADDR"] = str(forwarded)
        return inner(environ, start_response)

    return application


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


select_settings()
_plain: _App = get_wsgi_application()
application = _plain if settings.IS_LOOPBACK else behind_proxy(_plain)
