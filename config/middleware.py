"""Headers on every response, and requests that no view need read."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from research.problems import problem

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "font-src": "'self'",
    "media-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in POLICY.items())
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"
# Swagger's own bundle draws its icons from data: addresses; nothing else here does.
DOCS_POLICY = CONTENT_SECURITY_POLICY.replace("img-src 'self' blob:", "img-src 'self' data:")
DOCS_PATH = "/api/docs/"


class SecurityHeaders:
    """A strict policy without inline code, and no caching of anything personal. Pages, redirects and errors alike."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response with its headers."""
        response = self.get_response(request)
        headers = response.headers
        policy = DOCS_POLICY if request.path == DOCS_PATH else CONTENT_SECURITY_POLICY
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Cache-Control", "no-store")
        return response


class CompressedPages(GZipMiddleware):
    """Pages leave compressed, for browsers that say that they can read it. Nothing else does.

    Pictures, recordings and archives are compressed as they lie, a part of a file has to stay the bytes that its head
    counts, and rows leave as fast as they come. What a page holds and nobody may learn from its compressed length, the
    token against forged posts, is another text in each page; the random bytes that Django adds hide the length besides
    (BREACH: Gluck, Harris & Prado, Black Hat USA 2013).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The response, compressed where it is a page and the browser takes it."""
        if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class ReadableRequests:
    """Answers requests that hold no text with a 400: null characters, which no database keeps, and other charsets.

    What a page of ours sends is UTF-8, and no key types a null character.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response."""
        sent = (request.path_info, *request.COOKIES.values())
        if _is_utf_8((request.content_params or {}).get("charset", "utf-8")) and not _has_null(sent):
            return self.get_response(request)
        if request.path_info.startswith("/api/"):
            return problem(HTTPStatus.BAD_REQUEST, "The address, a cookie or the charset can't be read.")
        raise BadRequest

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Looks into what was posted; the API takes nothing that could be."""
        if request.method == "POST" and request.resolver_match and request.resolver_match.namespace != "api":
            for name, values in request.POST.lists():
                if _has_null((name, *values)):
                    raise BadRequest


def _is_utf_8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name in {"utf-8", "ascii"}
    except (LookupError, ValueError):
        return False


def _has_null(texts: Iterable[str]) -> bool:
    return any("\0" in text for text in texts)
