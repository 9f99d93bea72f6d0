"""What is sent in place of a drawing: refused with a plain sentence or written afresh, and never half kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from imagery.models import Drawing, DrawingDraft
from imagery.services import pictures
from tests import world
from tests.hostile.pictures import HTML, NORMALISED, REFUSED, content
from tests.imagery import easel
from tests.imagery.easel import line, strokes

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.filterwarnings("ignore::UserWarning:PIL")]

BAD_STROKES = {
    "NaN": strokes(line()).replace("100, 100, 0", "NaN, NaN, 0"),
    "text": "drawing",
    "nested": "[" * 200_000,
    "a million lists": '{"v":1,"canvas":{"w":1000,"h":1000},"ops":[' + "[]," * 1_000_000 + "[]]}",
    "5 MB and more": strokes(line(), more="x" * 5_000_000),
    "cut": strokes(line())[:-20],
}


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """The folder in which drawings are kept, empty at first."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "drawings"


def kept_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def send(client: Client, url: str, **fields: Any) -> Any:
    return client.post(url, {"drawing-words": "", "reason": "rather_not", **fields})


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_a_plain_sentence_and_nothing_of_it_is_on_disk(name: str, folder: Path) -> None:
    with pytest.raises(pictures.PictureFault) as fault:
        pictures.keep(strokes_text="", upload=io.BytesIO(content(name)), words="", reason="")
    assert str(fault.value)[-1] == "."
    assert fault.value.http_status in {400, 413}
    assert kept_files(folder) == []


@pytest.mark.parametrize("name", NORMALISED)
def test_it_becomes_a_plain_png_with_nothing_of_what_came_along(name: str, folder: Path) -> None:
    kept = pictures.keep(strokes_text="", upload=io.BytesIO(content(name)), words="", reason="")
    assert len(kept_files(folder)) == 2, "the picture and its thumbnail"
    for path in kept_files(folder):
        stored = path.read_bytes()
        assert HTML[:20] not in stored
        assert b"PK\x03\x04" not in stored
        assert stored.endswith(b"IEND\xaeB`\x82")
        with Image.open(path, formats=["PNG"]) as image:
            image.load()
            assert (image.mode, image.info, max(image.size) <= 2000) == ("RGB", {}, True)
    assert kept.status == "uploaded"


@pytest.mark.parametrize("name", ["HTML", "65,535 x 65,535 PNG", "PNG without its end", "8 MB and one byte"])
def test_the_page_says_why_and_trying_again_works(name: str, folder: Path) -> None:
    person = easel.somebody()
    browser = world.browser_of(person)
    url = easel.address(person)
    refused = send(
        browser, url, sketch=SimpleUploadedFile("cat.png", content(name), "image/png"), **{"drawing-words": "bark"}
    )
    assert refused.status_code in {400, 413}
    assert "bark" in refused.content.decode(), "what was written beside it is still there"
    assert (Drawing.objects.count(), kept_files(folder)) == (0, [])
    again = send(browser, url, sketch=SimpleUploadedFile("cat.png", easel.picture(), "image/png"))
    assert again.status_code in {302, 303}
    assert Drawing.objects.get().status == "uploaded"


def test_a_files_own_name_leads_nowhere(folder: Path) -> None:
    person = easel.somebody()
    sent = SimpleUploadedFile("../../../../etc/<b>cat</b>.html", easel.picture(), "text/html")
    send(world.browser_of(person), easel.address(person), sketch=sent)
    names = {str(path.relative_to(folder)) for path in kept_files(folder)}
    drawing = Drawing.objects.get()
    assert names == {f"{drawing.file[:2]}/{drawing.file}", f"{drawing.file[:2]}/{drawing.file[:-4]}-small.png"}


def test_a_request_full_of_files_is_read_up_to_the_bound_of_one(folder: Path) -> None:
    person = easel.somebody()
    large = {f"file{n}": SimpleUploadedFile(f"{n}", b"x" * 6_000_000) for n in range(5)}
    response = world.browser_of(person).post(easel.address(person), large)
    sizes = [upload.size for upload in response.wsgi_request.FILES.values()]
    assert sum(sizes) == 8 * 1024 * 1024 + 1
    assert response.status_code in {302, 303}, "none of them is the drawing: a skip"


@pytest.mark.parametrize("name", BAD_STROKES)
def test_strokes_that_are_none_store_nothing_by_either_way(name: str, folder: Path) -> None:
    person = easel.somebody()
    browser = world.browser_of(person)
    for stage in ("strokes", "stage"):
        response = send(browser, easel.address(person, name=stage), **{"drawing-strokes": BAD_STROKES[name]})
        assert response.status_code == 400, stage
    assert (Drawing.objects.count(), DrawingDraft.objects.count(), kept_files(folder)) == (0, 0, [])
    assert send(browser, easel.address(person), **{"drawing-strokes": strokes(line())}).status_code in {302, 303}


def test_two_hundred_thousand_points_are_kept(folder: Path) -> None:
    person = easel.somebody()
    points = ",".join(f"[{i % 997},{i % 991},{i}]" for i in range(200_000))
    text = strokes(line()).replace("[100, 100, 0], [200, 300, 100], [400, 320, 200]", points)
    assert send(world.browser_of(person), easel.address(person), **{"drawing-strokes": text}).status_code in {302, 303}
    drawing = Drawing.objects.get()
    assert (drawing.status, drawing.stroke_count, drawing.strokes.count("],[")) == ("drawn", 1, 199_999)


@pytest.mark.parametrize(
    "name", ["../settings.png", "a" * 32, "A" * 32 + ".png", "0" * 31 + ".png", "%00.png", "0" * 32 + "-small.png"]
)
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(ValueError, match=name[:4].replace(".", r"\.")):
        pictures.path_of(name)
    person = easel.somebody()
    assert world.browser_of(person).get(f"/d/{name}/").status_code in {400, 404}


def test_a_token_against_forgery_is_asked_for_with_every_picture(folder: Path) -> None:
    person = easel.somebody()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies[configured.SESSION_COOKIE_NAME] = (
        world.browser_of(person).cookies[configured.SESSION_COOKIE_NAME].value
    )
    for stage in ("strokes", "stage"):
        assert (
            send(strict, easel.address(person, name=stage), **{"drawing-strokes": strokes(line())}).status_code == 403
        )
    assert (Drawing.objects.count(), DrawingDraft.objects.count(), kept_files(folder)) == (0, 0, [])
