"""Drawings on disk and on their way: whole or not at all, for those alone who may see them."""

from __future__ import annotations

import datetime as dt
import errno
import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

import clock
from coaching.models import Enrolment
from imagery.models import Drawing, DrawingDraft, StageVisit
from imagery.services import pictures
from imagery.services.drafts import save_draft
from imagery.views.addresses import MAX_AGE, picture_address
from tests import world
from tests.imagery import easel
from tests.imagery.easel import line, strokes

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """The folder in which drawings are kept, empty at first; the study's own pictures lie beside it."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "drawings"


@pytest.fixture
def person(folder: Path) -> Enrolment:
    """Somebody at their first drawing."""
    return easel.somebody()


@pytest.fixture
def browser(person: Enrolment) -> Client:
    return world.browser_of(person)


def keep(**given: Any) -> pictures.Kept:
    return pictures.keep(**({"strokes_text": "", "upload": None, "words": "", "reason": ""} | given))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*/*"))


def finish(client: Client, person: Enrolment, stage: str = "sketch", **fields: Any) -> Any:
    return client.post(easel.address(person, stage), {"reason": "rather_not", **fields})


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_strokes_become_a_picture_with_its_measures(folder: Path) -> None:
    kept = keep(strokes_text=strokes(line(), line((5, 5, 400), (9, 9, 2_500))), words=" like bark\r\n")
    assert (kept.status, kept.width, kept.height, kept.stroke_count, kept.duration_s) == ("drawn", 1000, 1000, 2, 2.5)
    assert 0 < (kept.ink_fraction or 0) < 0.1
    assert (kept.words, kept.reason) == ("like bark", "")
    with Image.open(pictures.path_of(kept.file)) as image, Image.open(pictures.path_of(kept.file, small=True)) as small:
        assert (image.size, small.size) == ((1000, 1000), (250, 250))


def test_an_uploaded_picture_goes_before_strokes_which_are_kept_beside_it(folder: Path) -> None:
    kept = keep(strokes_text=strokes(line()), upload=SimpleUploadedFile("a.png", easel.picture()), words="w")
    assert (kept.status, kept.width, kept.height) == ("uploaded", 40, 30)
    assert (kept.stroke_count, kept.ink_fraction, kept.duration_s) == (None, None, None)
    assert ('"pts"' in kept.strokes, kept.words) == (True, "w")


def test_words_alone_are_words_and_a_field_without_a_file_is_no_upload(folder: Path) -> None:
    kept = keep(upload=SimpleUploadedFile("empty", b""), words="grey, like bark")
    assert (kept.status, kept.words, kept.file) == ("words", "grey, like bark", "")
    assert files(folder) == []


@pytest.mark.parametrize(
    ("reason", "stored"),
    [
        ("rather_not", "rather_not"),
        ("nothing_came", "nothing_came"),
        ("cannot", "cannot"),
        ("", "rather_not"),
        ("x", "rather_not"),
    ],
)
def test_nothing_is_a_skip_with_its_reason(folder: Path, reason: str, stored: str) -> None:
    blank = strokes(line(removed_at=900), blank=True)
    for given in ("", blank):
        kept = keep(strokes_text=given, reason=reason)
        assert (kept.status, kept.reason, kept.file, kept.stroke_count) == ("skipped", stored, "", None)
    assert '"removed_at":900' in kept.strokes, "what was taken off again is not forgotten"


def test_a_word_on_the_paper_makes_a_drawing(folder: Path) -> None:
    kept = keep(strokes_text=strokes(words=[{"id": 1, "text": "wing", "x": 5, "y": 5, "t": 1}]))
    assert (kept.status, kept.stroke_count) == ("drawn", 0)


def test_a_full_disk_keeps_nothing_and_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, calls = Path.replace, []

    def full(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(pictures.PictureFault, match="try again") as fault:
        keep(strokes_text=strokes(line()))
    assert (fault.value.http_status, len(calls), files(folder)) == (503, 2, [])
    keep(strokes_text=strokes(line()))
    assert len(files(folder)) == 2, "the next try works"


def test_what_is_on_disk_without_a_row_goes_after_an_hour_and_nothing_else_does(
    person: Enrolment, browser: Client, folder: Path
) -> None:
    finish(browser, person, **{"drawing-strokes": strokes(line())})
    kept = Drawing.objects.get().file
    lost, fresh = (keep(strokes_text=strokes(line())).file for _ in range(2))
    half = pictures.path_of(lost).parent / "incoming-abc"
    half.write_bytes(b"cut off by a crash")
    old = pictures.path_of(lost).stat().st_mtime - pictures.ORPHAN_AFTER_S - 60
    for path in (pictures.path_of(name, small=small) for name in (kept, lost) for small in (False, True)):
        os.utime(path, (old, old))
    os.utime(half, (old, old))
    assert pictures.sweep() == 3
    assert {path.name.partition(".")[0].removesuffix("-small") for path in files(folder)} == {kept[:-4], fresh[:-4]}
    assert len(files(folder)) == 4
    os.utime(pictures.path_of(fresh), (old, old))
    assert pictures.sweep() == 0, "looked through less than an hour ago"
    assert pictures.sweep(every_s=0) == 1


def test_a_moved_clock_sweeps_nothing_that_was_just_written(folder: Path, settings: Any) -> None:
    file = keep(strokes_text=strokes(line())).file
    world.move_clock(settings, dt.timedelta(days=100))
    assert pictures.sweep(every_s=0) == 0
    assert pictures.path_of(file).exists()


# --- a drawing and who may see it ------------------------------------------------------------------------------------


def test_a_drawing_is_sent_to_whoever_made_it_as_nothing_but_a_picture(person: Enrolment, browser: Client) -> None:
    finish(browser, person, **{"drawing-strokes": strokes(line())})
    name = Drawing.objects.get().file
    response = browser.get(f"/d/{name}/")
    assert body(response) == pictures.path_of(name).read_bytes()
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Content-Disposition"] == "inline"
    small = browser.get(f"/d/{name}/?size=small")
    assert Image.open(io.BytesIO(body(small))).size == (250, 250)


def test_nobody_elses_browser_gets_it(person: Enrolment, browser: Client) -> None:
    finish(browser, person, **{"drawing-strokes": strokes(line())})
    address = f"/d/{Drawing.objects.get().file}/"
    neighbour = world.browser_of(world.consented(person.version))  # type: ignore[arg-type]
    assert neighbour.get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert world.browser_of_staff(world.staff(person.study)).get(address).status_code == 302, "staff have their own"


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("researcher", 200), ("coach", 200), ("data_manager", 200), ("observer", 403)]
)
def test_staff_see_a_drawing_by_their_role(person: Enrolment, browser: Client, role: str, status: int) -> None:
    finish(browser, person, **{"drawing-strokes": strokes(line())})
    name = Drawing.objects.get().file
    address = f"/studies/{person.study.slug}/people/{person.pseudonym}/drawings/{name}/"
    response = world.browser_of_staff(world.staff(person.study, role)).get(address)
    assert response.status_code == status
    if status == 200:
        assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert body(response) == pictures.path_of(name).read_bytes()


def test_a_drawing_is_found_only_under_its_own_person_and_study(person: Enrolment, browser: Client) -> None:
    finish(browser, person, **{"drawing-strokes": strokes(line())})
    name = Drawing.objects.get().file
    neighbour = world.consented(person.version)  # type: ignore[arg-type]
    other = easel.somebody("other")
    owner = world.browser_of_staff(world.staff(person.study))
    elsewhere = world.browser_of_staff(world.staff(other.study))
    for client, slug, pseudonym in (
        (owner, "easel", neighbour.pseudonym),
        (elsewhere, "easel", person.pseudonym),
        (elsewhere, "other", person.pseudonym),
        (elsewhere, "other", other.pseudonym),
    ):
        assert client.get(f"/studies/{slug}/people/{pseudonym}/drawings/{name}/").status_code == 404


def test_a_picture_whose_file_is_gone_is_not_found_rather_than_an_error(person: Enrolment, browser: Client) -> None:
    finish(browser, person, sketch=SimpleUploadedFile("a.png", easel.picture()))
    name = Drawing.objects.get().file
    pictures.discard(name)
    assert browser.get(f"/d/{name}/").status_code == 404


# --- the picture of a reveal -----------------------------------------------------------------------------------------


def revealed(client: Client, person: Enrolment) -> str:
    """The address of the picture that the person has now come to."""
    finish(client, person, **{"drawing-words": "wings"})
    page = client.get(easel.address(person, "photo")).content.decode()
    return "/m/" + page.partition('src="/m/')[2].partition('"')[0]


def test_the_picture_is_there_once_the_person_has_come_to_it(person: Enrolment, browser: Client) -> None:
    address = revealed(browser, person)
    response = browser.get(address)
    assert body(response) == easel.PHOTO
    assert (response.headers["Content-Type"], response.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_neither_address_nor_headers_say_what_it_shows(person: Enrolment, browser: Client) -> None:
    address = revealed(browser, person)
    response = browser.get(address)
    assert body(response)
    told = address + str(response.headers)
    for word in ("owlet", "wood", "night", "bird", "photo", "sketch", "easel", person.pseudonym):
        assert word not in told.lower()


def test_before_its_stage_a_picture_has_no_address_that_works(person: Enrolment, browser: Client) -> None:
    page = browser.get(easel.address(person)).content.decode()
    assert "/m/" not in page
    assert "owl" not in page.lower()
    coming = StageVisit(run=easel.run_of(person), stage="photo", kind="reveal", pk=10**6)
    assert browser.get(picture_address(coming, clock.now())).status_code == 404


def test_a_pictures_address_is_good_for_its_person_alone(person: Enrolment, browser: Client) -> None:
    address = revealed(browser, person)
    other = world.browser_of(easel.somebody("other"))
    assert other.get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_a_pictures_address_ends_by_the_products_clock(person: Enrolment, browser: Client, settings: Any) -> None:
    address = revealed(browser, person)
    world.move_clock(settings, MAX_AGE - dt.timedelta(minutes=2))
    assert body(browser.get(address)) == easel.PHOTO
    world.move_clock(settings, dt.timedelta(minutes=3))
    assert browser.get(address).status_code == 404
    assert revealed(browser, person) != address, "the page has a fresh one"


@pytest.mark.parametrize(
    "change", [lambda a: a[:-2] + ("0/" if a[-2] != "0" else "1/"), lambda a: f"/m/00000000{a[11:]}"]
)
def test_a_changed_address_is_none(person: Enrolment, browser: Client, change: Any) -> None:
    address = revealed(browser, person)
    assert change(address) != address
    assert browser.get(change(address)).status_code == 404


# --- the strokes of a drawing that is being made ---------------------------------------------------------------------


def autosave(client: Client, person: Enrolment, text: str, rev: int, **more: Any) -> Any:
    return client.post(
        easel.address(person, name="strokes"),
        {"drawing-strokes": text, "drawing-rev": str(rev), "attempt": "1", **more},
    )


def test_strokes_are_kept_while_they_are_drawn_and_stand_in_the_page_of_another_device(
    person: Enrolment, browser: Client
) -> None:
    response = autosave(browser, person, strokes(line()), 5)
    assert (response.status_code, set(response.json())) == (200, {"saved_at"})
    draft = DrawingDraft.objects.get()
    assert (draft.rev, draft.stage) == (5, "sketch")
    page = world.browser_of(person).get(easel.address(person)).content.decode()
    assert "[200,300,100]" in page
    assert 'name="drawing-rev" value="5"' in page


def test_a_save_that_comes_late_is_dropped(person: Enrolment, browser: Client) -> None:
    later, earlier = strokes(line(), line()), strokes(line())
    for text, rev in ((later, 7), (earlier, 6), (earlier, 7)):
        assert autosave(browser, person, text, rev).status_code == 200
    assert DrawingDraft.objects.get().strokes.count('"pts"') == 2


def test_a_finished_drawing_leaves_no_draft_and_without_javascript_the_draft_is_the_drawing(
    person: Enrolment, browser: Client
) -> None:
    autosave(browser, person, strokes(line()), 5)
    finish(browser, person)
    assert not DrawingDraft.objects.exists()
    assert Drawing.objects.get().status == "drawn"


def test_nothing_is_saved_where_nothing_is_taken(person: Enrolment, browser: Client, settings: Any) -> None:
    assert autosave(browser, person, strokes(line()), 5, attempt="2").status_code == 409, "another attempt's page"
    elsewhere = browser.post(easel.address(person, "copy_it", "strokes"), {"drawing-strokes": strokes(line())})
    assert elsewhere.status_code == 409, "not reached yet"
    for stage in ("photo", "nowhere"):
        assert browser.post(easel.address(person, stage, "strokes")).status_code == 404
    assert world.browser_of(easel.somebody("other")).post(easel.address(person, name="strokes")).status_code == 404
    finish(browser, person)
    assert autosave(browser, person, strokes(line()), 9).status_code == 409, "the picture was shown"
    assert not DrawingDraft.objects.exists()


def test_only_a_post_saves(browser: Client, person: Enrolment) -> None:
    assert browser.get(easel.address(person, name="strokes")).status_code == 405


def test_saving_at_a_stage_that_is_no_drawing_is_a_mistake(person: Enrolment) -> None:
    with pytest.raises(ValueError, match="photo"):
        save_draft(
            occasion=world.occasion(person, "s1"), stage="photo", attempt=1, strokes_text="", rev=1, now=clock.now()
        )


def test_a_page_turn_of_a_drawing_is_cheap(
    person: Enrolment, browser: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(14):
        autosave(browser, person, strokes(line()), 5)
