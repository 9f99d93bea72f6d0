"""A browser's own record of what must not happen: asking another host, an error, a word of complaint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request


@contextmanager
def watched(chromium: Browser, base_url: str, *, forgiven: str = "", **options: Any) -> Iterator[BrowserContext]:
    """A browser at an installation; at the end it has asked nobody else for anything, and its console is clean.

    `forgiven` is what a test brings about itself, such as a line that is cut.
    """
    outside: list[str] = []
    complaints: list[str] = []
    context = chromium.new_context(base_url=base_url, reduced_motion="reduce", **options)
    context.set_default_timeout(15_000)

    def note_request(request: Request) -> None:
        if not request.url.startswith((base_url + "/", "data:", "blob:", "about:")):
            outside.append(request.url)

    def note_message(message: ConsoleMessage) -> None:
        # A page that refuses (404, 409, 422) is told of in the console by its own address.
        refused = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        shown = {page.url for page in context.pages}
        expected = (refused and message.location.get("url") in shown) or (forgiven and forgiven in message.text)
        if message.type in {"error", "warning"} and not expected:
            complaints.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    context.on("request", note_request)
    context.on("console", note_message)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert outside == [], "another host was asked"
    assert complaints == [], complaints
