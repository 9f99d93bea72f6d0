"""Files whole or in part, as `Range` asks: what each header gets, and that the server that we ship passes it on."""

from __future__ import annotations

import http.client
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from coaching.ranges import PIECE, Unsatisfiable, asked_range, file_response
from config.server import PROCESSES, THREADS
from imagery.views.sending import OPEN_END_BYTES
from tests import world
from tests.listening import Listener, loaded, recorded
from tests.processes import Product, Served, database_of_its_own

CONTENT = random.Random(7).randbytes(3 * PIECE + 5)
SIZE = len(CONTENT)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    return path


def asked(file: Path, text: str | None = None, method: str = "get", **options: Any) -> HttpResponseBase:
    """The answer for a file whose tag is "abc"."""
    open_end = options.pop("open_end", None)
    headers = {"Range": text} if text is not None else {}
    headers |= {name.replace("_", "-"): value for name, value in options.items()}
    request = getattr(RequestFactory(), method)("/", headers=headers)
    return file_response(request, file, content_type="audio/wav", etag="abc", open_end=open_end)


def body(response: Any) -> bytes:
    content = b"".join(response) if response.streaming else response.content
    response.close()
    return bytes(content)


# --- what a header asks for -------------------------------------------------------------------------------------------

RANGES: dict[str, tuple[int, int] | None] = {
    "bytes=0-0": (0, 0),
    "bytes=0-99": (0, 99),
    "bytes=500-": (500, 999),
    "bytes=999-": (999, 999),
    "bytes=-1": (999, 999),
    "bytes=-500": (500, 999),
    "bytes=-5000": (0, 999),
    "bytes=900-5000": (900, 999),
    "bytes=0-" + "9" * 5_000: (0, 999),
    "bytes=-" + "9" * 5_000: (0, 999),
    "bytes=" + "0" * 5_000 + "7-8": (7, 8),
    "BYTES=1-2": (1, 2),
    "bytes= 1-2 ": (1, 2),
    # Not to be understood, or several at once: the whole file.
    "": None,
    "bytes": None,
    "bytes=": None,
    "bytes=-": None,
    "bytes=5": None,
    "bytes=9-5": None,
    "bytes=a-b": None,
    "bytes=1.5-2": None,
    "bytes=+1-2": None,
    "bytes=1--2": None,
    "bytes=\u0661-\u0662": None,
    "bytes=0-1,5-6": None,
    "bytes=0-1, -1": None,
    "items=0-1": None,
    "bytes 0-1": None,
}


@pytest.mark.parametrize("text", RANGES)
def test_a_header_asks_for_a_part_or_for_the_whole(text: str) -> None:
    assert asked_range(text, 1_000) == RANGES[text]


@pytest.mark.parametrize(
    ("text", "size"),
    [("bytes=1000-", 1_000), ("bytes=1000-2000", 1_000), ("bytes=-0", 1_000), ("bytes=0-", 0), ("bytes=-1", 0)]
    + [("bytes=" + "9" * 5_000 + "-", 1_000)],
)
def test_a_part_beyond_the_end_can_not_be_sent(text: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        asked_range(text, size)


def test_a_part_without_an_end_is_sent_up_to_a_bound_where_there_is_one() -> None:
    assert asked_range("bytes=0-", 1_000, 300) == (0, 299)
    assert asked_range("bytes=900-", 1_000, 300) == (900, 999)
    assert asked_range("bytes=0-999", 1_000, 300) == (0, 999)
    assert asked_range("bytes=-500", 1_000, 300) == (500, 999)
    assert asked_range("", 1_000, 300) is None


numbers = st.integers(0, 2_000).map(str) | st.sampled_from(["", "0", "-", "x"])


@given(
    st.builds(lambda *parts: "".join(parts), st.sampled_from(["bytes=", "bytes", ""]), numbers, st.just("-"), numbers),
    st.integers(0, 1_500),
    st.none() | st.integers(1, 500),
)
def test_a_part_lies_in_the_file(text: str, size: int, open_end: int | None) -> None:
    try:
        part = asked_range(text, size, open_end)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part[0] <= part[1] < size


# --- what is answered -------------------------------------------------------------------------------------------------


def test_without_a_range_the_whole_file_comes_a_piece_at_a_time(file: Path) -> None:
    response: Any = asked(file)
    assert (response.status_code, response["Content-Length"]) == (200, str(SIZE))
    assert (response["Accept-Ranges"], response["ETag"]) == ("bytes", '"abc"')
    assert "Content-Range" not in response
    pieces = list(response)
    response.close()
    assert b"".join(pieces) == CONTENT
    assert [len(piece) for piece in pieces] == [PIECE, PIECE, PIECE, 5]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("bytes=0-1", 0, 1),
        ("bytes=10-", 10, SIZE - 1),
        ("bytes=-7", SIZE - 7, SIZE - 1),
        ("bytes=65535-65536", 65_535, 65_536),
    ],
)
def test_a_range_is_answered_with_its_bytes_alone(file: Path, text: str, first: int, last: int) -> None:
    response = asked(file, text)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response["Content-Length"] == str(last - first + 1)
    assert (response["Accept-Ranges"], response["ETag"], response["Content-Type"]) == ("bytes", '"abc"', "audio/wav")
    assert body(response) == CONTENT[first : last + 1]


def test_a_range_without_an_end_says_how_much_of_it_came(file: Path) -> None:
    response = asked(file, "bytes=5-", open_end=1_000)
    assert (response.status_code, response["Content-Range"]) == (206, f"bytes 5-1004/{SIZE}")
    assert body(response) == CONTENT[5:1_005]


def test_several_ranges_are_answered_with_the_whole_file(file: Path) -> None:
    response = asked(file, "bytes=0-1,5-6")
    assert response.status_code == 200
    assert body(response) == CONTENT


def test_a_range_that_can_not_be_is_refused_with_the_length(file: Path) -> None:
    response = asked(file, f"bytes={SIZE}-")
    assert (response.status_code, response["Content-Range"], response["ETag"]) == (416, f"bytes */{SIZE}", '"abc"')
    assert body(response) == b""


@pytest.mark.parametrize("tag", ['"abc"', ' "abc" '])
def test_a_range_of_what_is_still_the_same_file_is_answered(file: Path, tag: str) -> None:
    response = asked(file, "bytes=0-1", If_Range=tag)
    assert response.status_code == 206
    response.close()


@pytest.mark.parametrize("tag", ['"abd"', 'W/"abc"', "abc", "", "Mon, 30 Nov 2026 11:00:00 GMT", '"abc", "abd"'])
def test_a_range_of_another_file_is_answered_with_the_whole_one(file: Path, tag: str) -> None:
    response = asked(file, "bytes=0-1", If_Range=tag)
    assert (response.status_code, response["Content-Length"]) == (200, str(SIZE))
    assert body(response) == CONTENT


def test_a_range_that_can_not_be_is_no_matter_where_the_file_is_another(file: Path) -> None:
    response = asked(file, f"bytes={SIZE}-", If_Range='"abd"')
    assert response.status_code == 200
    response.close()


@pytest.mark.parametrize("text", [None, "bytes=0-1", f"bytes={SIZE}-"])
def test_a_head_tells_of_the_whole_file_whatever_range_it_asks_for(file: Path, text: str | None) -> None:
    response = asked(file, text, "head")
    assert (response.status_code, response["Content-Length"], response["Accept-Ranges"]) == (200, str(SIZE), "bytes")
    assert "Content-Range" not in response
    assert body(response) == b""


def test_what_is_there_already_is_not_sent_again(file: Path) -> None:
    response = asked(file, "bytes=0-1", If_None_Match='"abc"')
    assert (response.status_code, response["ETag"]) == (304, '"abc"')
    assert asked(file, If_Match='"abd"').status_code == 412
    for passed in (asked(file, If_None_Match='"abd"'), asked(file, If_Match='"abc"')):
        assert passed.status_code == 200
        passed.close()


def test_an_empty_file_is_sent_and_has_no_part(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.touch()
    response = asked(path)
    assert (response.status_code, response["Content-Length"], body(response)) == (200, "0", b"")
    assert asked(path, "bytes=0-").status_code == 416


def test_a_file_that_is_not_there_is_told_to_the_caller(tmp_path: Path) -> None:
    for method in ("get", "head"):
        with pytest.raises(FileNotFoundError):
            asked(tmp_path / "none", method=method)


def test_a_file_is_closed_when_whoever_asked_is_gone(file: Path) -> None:
    response: Any = asked(file)
    assert next(iter(response)) == CONTENT[:PIECE]
    response.close()
    assert list(response) == []  # and no warning of an open file


# --- through the server that we ship ----------------------------------------------------------------------------------

RECORDING = random.Random(8).randbytes(12_000_000)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Product, Served]]:
    """An installation with the recording, being served."""
    with database_of_its_own() as url:
        product = Product(tmp_path_factory.mktemp("serving"), url)
        loaded(product, world.written(recorded(RECORDING), product.folder / "bundle"))
        with product.served() as served:
            yield product, served


@pytest.fixture
def listener(serving: tuple[Product, Served]) -> Listener:
    """Somebody new, who has come to the recording."""
    return Listener(*serving)


def test_the_server_passes_ranges_on(listener: Listener) -> None:
    url, size = listener.address("media/shape.wav"), len(listener.content)
    whole = listener.get(url)
    assert (whole.status, whole.headers["Content-Length"], whole.headers["Accept-Ranges"]) == (200, str(size), "bytes")
    assert whole.body == listener.content
    tag = whole.headers["ETag"]
    for text, first, last in (
        ("bytes=0-99", 0, 99),
        ("bytes=-100", size - 100, size - 1),
        ("bytes=0-", 0, OPEN_END_BYTES - 1),
        (f"bytes={size - 9}-", size - 9, size - 1),
        (f"bytes=3-{size - 2}", 3, size - 2),
    ):
        part = listener.get(url, Range=text, If_Range=tag)
        assert (part.status, part.headers["Content-Range"]) == (206, f"bytes {first}-{last}/{size}"), text
        assert part.headers["Content-Length"] == str(last - first + 1)
        assert part.body == listener.content[first : last + 1]
    refused = listener.get(url, Range=f"bytes={size}-")
    assert (refused.status, refused.headers["Content-Range"], refused.body) == (416, f"bytes */{size}", b"")
    assert listener.get(url, Range="bytes=0-1", If_Range='"other"').status == 200
    assert listener.get(url, Range="bytes=0-1,3-4").status == 200
    head = listener.get(url, "HEAD", Range="bytes=0-1")
    assert (head.status, head.headers["Content-Length"], head.body) == (200, str(size), b"")
    assert listener.get(url, If_None_Match=tag).status == 304


def test_a_recording_put_together_from_its_parts_is_the_recording(listener: Listener) -> None:
    url, heard, tag = listener.address("media/shape.wav"), b"", ""
    while len(heard) < len(listener.content):
        part = listener.get(url, Range=f"bytes={len(heard)}-", **({"If_Range": tag} if tag else {}))
        assert part.status == 206
        heard, tag = heard + part.body, part.headers["ETag"]
    assert heard == listener.content


def test_players_that_wait_with_an_answer_half_read_keep_nobody_from_a_page(listener: Listener) -> None:
    url = listener.address("media/shape.wav")
    host, port = listener.served.url.removeprefix("http://").split(":")
    waiting = []
    for _ in range(2 * PROCESSES * THREADS):
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.request("GET", url, headers={"Range": "bytes=0-", "Cookie": listener.cookie})
        answer = connection.getresponse()
        assert answer.status == 206
        answer.read(1_000)
        waiting.append((connection, answer))
    assert listener.served.status("/healthz") == 200
    assert listener.browser.open("/me/").screen == "home"
    for connection, answer in waiting:
        answer.close()
        connection.close()
