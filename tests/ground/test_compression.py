"""Pages leave compressed, and nothing else that would be hurt by it."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from config.middleware import CompressedPages
from tests import world

pytestmark = pytest.mark.once

TAKES_IT = {"HTTP_ACCEPT_ENCODING": "gzip, deflate, br"}
LONG = "A word and a word. " * 200
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def passed(response: Any, **asked: str) -> Any:
    return CompressedPages(lambda request: response)(RequestFactory().get("/", **asked))


@pytest.mark.django_db
def test_a_page_leaves_compressed_for_a_browser_that_takes_it() -> None:
    page = Client(**TAKES_IT).get("/me/link/")
    plain = Client().get("/me/link/")
    assert page["Content-Encoding"] == "gzip"
    assert int(page["Content-Length"]) == len(page.content) < len(plain.content)
    assert TOKEN.sub("", gzip.decompress(page.content).decode()) == TOKEN.sub("", plain.content.decode())
    assert "Content-Encoding" not in plain
    assert "Accept-Encoding" in page["Vary"]
    assert "Accept-Encoding" in plain["Vary"]


@pytest.mark.django_db
def test_what_is_secret_in_a_page_is_another_text_in_each_and_its_length_is_blurred() -> None:
    browser = world.browser_of(world.consented(world.tiny()), **TAKES_IT)
    pages = [browser.get("/me/contact/") for _ in range(12)]
    assert {page.status_code for page in pages} == {200}
    tokens = [TOKEN.findall(gzip.decompress(page.content).decode()) for page in pages]
    assert all(tokens)
    assert len({each for page in tokens for each in page}) >= len(pages)
    fixed = HttpResponse(LONG)
    lengths = {len(passed(HttpResponse(fixed.content), **TAKES_IT).content) for _ in range(40)}
    assert len(lengths) > 5, "the same page, each time as long as chance has it"


def test_what_is_no_page_stays_as_it_is() -> None:
    others = [
        HttpResponse(LONG, content_type="audio/wav"),
        HttpResponse(LONG, content_type="image/png"),
        HttpResponse(LONG, content_type="application/zip"),
        JsonResponse({"rows": LONG}),
        HttpResponse(LONG, content_type="text/csv"),
        StreamingHttpResponse(iter([LONG.encode()]), content_type="text/html"),
    ]
    for response in others:
        answer = passed(response, **TAKES_IT)
        assert "Content-Encoding" not in answer
        assert "Vary" not in answer
