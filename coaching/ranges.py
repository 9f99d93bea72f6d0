"""Files sent whole or in part, as `Range` asks for it (RFC 9110, section 14), a piece at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

PIECE = 65_536

_RANGE = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE)


class Unsatisfiable(ValueError):
    """Nothing of the file lies in the range that was asked for."""


def file_response(
    request: HttpRequest, path: Path, *, content_type: str, etag: str, open_end: int | None = None
) -> HttpResponseBase:
    """The file at `path`, or the part of it that the request asks for: 200, 206, 304, 412 or 416; 200 for a HEAD.

    Of several ranges at once, or of one that can't be understood, the whole file comes, as the standard allows.

    Args:
        request: A GET or a HEAD.
        path: A file whose content never changes; it is open until the response is closed.
        content_type: What it is.
        etag: What names this content and no other, without quotes.
        open_end: How many bytes at most answer a range without an end. A browser that plays a recording asks for all
            that is left and then lets the connection wait while it plays; each one that waits keeps a thread of the
            server. It is told how much it got and comes back for more.

    Raises:
        FileNotFoundError: There is no such file.
    """
    quoted = f'"{etag}"'
    size = path.stat().st_size
    response: HttpResponseBase = get_conditional_response(request, etag=quoted) or _part(
        request, path, size, quoted, content_type, open_end
    )
    response.headers["ETag"] = quoted
    response.headers["Accept-Ranges"] = "bytes"
    return response


def asked_range(text: str, size: int, open_end: int | None = None) -> tuple[int, int] | None:
    """The first and the last byte that a `Range` header asks for, of a file of `size` bytes; None: the whole.

    Args:
        text: The header, such as `bytes=0-499`, `bytes=500-` or `bytes=-500`; empty without one.
        size: The file's, in bytes.
        open_end: How many bytes at most a range without an end gets; None: all that is left.

    Raises:
        Unsatisfiable: It asks for bytes beyond the end, or for none.
    """
    match = _RANGE.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        last_ones = min(_number(match[2]), size)
        if last_ones == 0:
            raise Unsatisfiable
        return size - last_ones, size - 1
    first = _number(match[1])
    last = _number(match[2]) if match[2] else size - 1
    if match[2] and last < first:
        return None
    if first >= size:
        raise Unsatisfiable
    if not match[2] and open_end is not None:
        last = min(last, first + open_end - 1)
    return first, min(last, size - 1)


def _part(
    request: HttpRequest, path: Path, size: int, etag: str, content_type: str, open_end: int | None
) -> HttpResponseBase:
    if request.method != "GET":
        return HttpResponse(content_type=content_type, headers={"Content-Length": str(size)})
    # A range of a file that has changed since would be put together with a part of another one.
    is_still_it = request.headers.get("If-Range", etag).strip() == etag
    try:
        part = asked_range(request.headers.get("Range", ""), size, open_end) if is_still_it else None
    except Unsatisfiable:
        status, headers = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{size}"}
        return HttpResponse(status=status, content_type=content_type, headers=headers)
    first, last = part or (0, size - 1)
    headers = {"Content-Length": str(last - first + 1)}
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    status = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
    pieces = _Pieces(path.open("rb"), first, last - first + 1)
    return StreamingHttpResponse(pieces, status=status, content_type=content_type, headers=headers)


class _Pieces(Iterator[bytes]):
    """The bytes of a file from one place on, a piece at a time; closes it at the end, or when it is closed itself."""

    def __init__(self, file: BinaryIO, first: int, count: int) -> None:
        self._file = file
        self._left = count
        file.seek(first)

    def __next__(self) -> bytes:
        piece = self._file.read(min(PIECE, self._left)) if self._left else b""
        self._left -= len(piece)
        if not piece:
            self.close()
            raise StopIteration
        return piece

    def close(self) -> None:
        """Closes the file."""
        self._left = 0
        self._file.close()


def _number(digits: str) -> int:
    """The number, or one beyond the end of every file: some send more digits than a number is read from."""
    return int(digits.lstrip("0")[:19] or "0")
