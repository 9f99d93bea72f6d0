"""The limit: a WSGI application that does nothing of a page turn or an autosave but its one statement.

Served like the product.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from psycopg_pool import ConnectionPool

# A page of the product as it was served once: what the client must read is the same on both sides.
PAGE = Path(os.environ["BARE_PAGE"]).read_bytes()
SAVED = b'{"saved_at": "2026-01-01T12:00:00.000+00:00"}'
POOL = ConnectionPool(os.environ["BARE_DATABASE"], min_size=4, max_size=4, kwargs={"autocommit": True}, open=True)
TURN = """INSERT INTO bare_answer (person, item, value) VALUES (%s, %s, 1)
          ON CONFLICT (person, item) DO UPDATE SET value = bare_answer.value + 1"""


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """POST /PERSON/ITEM/ stores one answer and leads to the next page, POST /PERSON/ITEM/autosave/ says that it did.

    GET shows a page.
    """
    if environ["REQUEST_METHOD"] == "GET":
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(PAGE)))])
        return [PAGE]
    person, item, *rest = environ["PATH_INFO"].strip("/").split("/")
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    with POOL.connection() as connection:
        connection.execute(TURN, (int(person), int(item)), prepare=True)
    if rest:
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(SAVED)))])
        return [SAVED]
    following = f"/{person}/{int(item) + 1}/"
    start_response("303 See Other", [("Location", following), ("Content-Length", "0")])
    return [b""]
