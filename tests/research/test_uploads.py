"""Studies that come as files through the browser: what is stored, what is refused, and what is left behind."""

from __future__ import annotations

import io
import os
import tempfile
import threading
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

import clock
from accounts.models import AuditEntry, User
from coaching.models import Membership, Role, Study, StudyVersion
from coaching.services.founding import SlugTaken, found_study
from config import uploads
from protocol.bundle import read_bundle
from protocol.sources import MAX_BUNDLE_BYTES, MAX_FILE_BYTES
from tests import world
from tests.listening import recorded
from tests.research.sending import NEW, NEXT, counts, one_by_one, send, slugged, text_of, zipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def creator() -> User:
    user = world.staff(email="creator@staff.example")
    user.is_creator = True
    user.save()
    return user


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go: empty at first, and again after every test."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    settings.DATA_DIR = tmp_path / "data"
    return place


# --- a new study -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["a zip", "a zip of the folder", "the files themselves"])
def test_a_good_bundle_is_a_draft_that_belongs_to_whoever_sent_it(creator: User, how: str, folder: Path) -> None:
    files = world.files()
    fields: dict[str, Any] = {
        "a zip": {"bundle": zipped(files)},
        "a zip of the folder": {"bundle": zipped({f"my study/{path}": content for path, content in files.items()})},
        "the files themselves": one_by_one(files),
    }[how]
    answer = send(creator, NEW, **fields)
    assert (answer.status_code, answer["Location"]) == (302, "/studies/small-scenes/versions/1/")
    version = StudyVersion.objects.get()
    assert (version.study.state, version.n, version.created_by) == ("draft", 1, creator)
    assert version.digest == read_bundle(world.SMALL_SCENES).digest
    assert list(Membership.objects.values_list("user", "study__slug", "role")) == [
        (creator.pk, "small-scenes", "owner")
    ]
    acts = AuditEntry.objects.filter(actor=f"staff:{creator.pk}").order_by("id")
    assert list(acts.values_list("action", flat=True)) == ["study.publish", "role.grant"]
    assert list(folder.iterdir()) == []
    page = text_of(world.browser_of_staff(creator).get(answer["Location"]))
    for words in ("Small scenes: a pilot", "Deutsch (de)", "Sessions first (ratio 1)", "baseline", "scenes_4", "potoo"):
        assert words in page
    assert Client().get("/join/small-scenes/").status_code == 403


def test_sent_twice_it_is_one_study(creator: User) -> None:
    answers = [send(creator, NEW, bundle=zipped(world.TINY)) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == ["/studies/tiny/versions/1/"] * 2
    assert counts() == (1, 1, 1)
    assert AuditEntry.objects.filter(action="study.publish").count() == 1


def test_other_files_under_a_slug_of_ones_own_are_led_to_its_next_version(creator: User) -> None:
    send(creator, NEW, bundle=zipped(world.TINY))
    answer = send(creator, NEW, bundle=zipped(world.edited({"title: Tiny": "title: Tinier"}, world.TINY)))
    assert answer.status_code == 422
    assert NEXT in text_of(answer)
    assert counts() == (1, 1, 1)


@pytest.mark.parametrize("role", [None, "coach", "observer"])
@pytest.mark.parametrize("act", ["store", "check"])
def test_a_slug_of_somebody_elses_study_is_taken_and_no_more_is_told(creator: User, role: str | None, act: str) -> None:
    other = world.tiny().study
    if role:
        world.Membership.objects.create(user=creator, study=other, role=role, created_at=other.created_at)
    before = counts()
    # The same files as theirs: who sends them is not told that they are.
    answer = send(creator, NEW, bundle=zipped(world.TINY), act=act)
    assert answer.status_code == 422
    assert "The slug tiny is taken" in text_of(answer)
    assert NEXT not in text_of(answer)
    assert counts() == before


def test_new_is_no_slug_for_the_address_of_a_new_study_stands_there(creator: User) -> None:
    answer = send(creator, NEW, bundle=zipped(slugged("new")))
    assert answer.status_code == 422
    assert "The slug new is taken" in text_of(answer)
    assert counts() == (0, 0, 0)


def test_only_checking_stores_nothing_and_shows_what_the_files_say(creator: User, folder: Path) -> None:
    answer = send(creator, NEW, bundle=zipped(world.files()), act="check")
    assert answer.status_code == 200
    assert "nothing was stored yet" in text_of(answer)
    assert "Small scenes: a pilot" in text_of(answer)
    assert counts() == (0, 0, 0)
    assert list(folder.iterdir()) == []
    assert not (Path(configured.DATA_DIR) / "blobs").exists()


def test_new_studies_are_for_creators(creator: User) -> None:
    for role in Role.values:
        user = world.staff(world.tiny(slug=f"of-{role.replace('_', '-')}").study, role)
        assert world.browser_of_staff(user).get(NEW).status_code == 403
        assert send(user, NEW, bundle=zipped(world.TINY)).status_code == 403
    assert not Study.objects.filter(slug="tiny").exists()
    assert world.browser_of_staff(creator).get(NEW).status_code == 200


def test_the_example_is_a_study_that_loads_under_a_slug_of_ones_own(creator: User) -> None:
    packed = b"".join(world.browser_of_staff(creator).get("/studies/new/example.zip").streaming_content)
    answer = send(creator, NEW, bundle=SimpleUploadedFile("my-study.zip", packed))
    assert answer["Location"] == "/studies/my-study/versions/1/"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("senders", [1, 2])
def test_of_those_who_send_one_slug_at_once_one_has_it(senders: int) -> None:
    users = [world.staff(email=f"creator-{n}@staff.example") for n in range(senders)]
    gate, outcomes = threading.Barrier(6), []

    def send_one(user: User) -> None:
        try:
            with tempfile.TemporaryDirectory() as place:
                bundle = read_bundle(world.written(world.TINY, Path(place) / "tiny"))
                gate.wait(30)
                outcomes.append(found_study(bundle, by=user, now=clock.now())[1])
        except SlugTaken:
            outcomes.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=send_one, args=(users[n % senders],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # One is new; the same sender's others lead to it, and others' are refused.
    assert Counter(outcomes) == ({True: 1, False: 5} if senders == 1 else {True: 1, False: 2, None: 3})
    assert counts() == (1, 1, 1)
    assert AuditEntry.objects.filter(action__in=["study.publish", "role.grant"]).count() == 2


# --- faults ----------------------------------------------------------------------------------------------------------


def test_every_fault_is_named_with_file_and_line_and_nothing_is_stored(creator: User, folder: Path) -> None:
    broken = world.edited({"title: Tiny\n": "titel: Tiny\n", "do: assess": "do: asses"}, world.TINY)
    for fields in ({"bundle": zipped(broken)}, one_by_one(broken)):
        answer = send(creator, NEW, **fields)
        assert answer.status_code == 422
        page = text_of(answer)
        assert "3 faults. Nothing was stored." in page
        assert "study.yaml:3" in page
        assert "did you mean &#x27;title&#x27;?" in page
    assert counts() == (0, 0, 0)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("fields", [{}, {"bundle": "text"}, {"bundle": "", "top": ""}])
def test_without_files_one_is_asked_for(creator: User, fields: Mapping[str, str]) -> None:
    answer = send(creator, NEW, **fields)
    assert answer.status_code == 422
    assert "Choose one zip, or the files themselves" in text_of(answer)


def test_a_zip_and_files_beside_it_are_not_guessed_at(creator: User) -> None:
    answer = send(creator, NEW, bundle=zipped(world.TINY), **one_by_one(world.TINY))
    assert answer.status_code == 422
    assert counts() == (0, 0, 0)


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in world.TINY.items():
            archive.writestr(path, content)
        archive.writestr("instruments/two.yaml", b"# " + b"0" * 50_000_000)
    return packed.getvalue()


def packed_as(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("study.yaml", "format: 1\n")
        archive.writestr(name, "x")
    return packed.getvalue()


def link() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in world.TINY.items():
            archive.writestr(path, content)
        info = zipfile.ZipInfo("media/secret.png")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return packed.getvalue()


HOSTILE = {
    "no zip": b"hello",
    "nothing": b"",
    "half a zip": bytes(zipped(world.TINY).read())[:-40],
    "a page": b"<html><script>alert(1)</script>",
    "a bomb": bomb(),
    "a way out": packed_as("../../etc/cron.d/x"),
    "an absolute path": packed_as("/etc/passwd"),
    "a Windows path": packed_as("C:\\x"),
    "a link": link(),
    "no study": packed_as("x.txt"),
}


@pytest.mark.parametrize("what", HOSTILE, ids=str)
@pytest.mark.parametrize("path", [NEW, NEXT])
def test_a_zip_made_to_do_harm_is_a_fault_and_leaves_nothing(
    creator: User, what: str, path: str, folder: Path, tmp_path: Path
) -> None:
    if path == NEXT:
        Membership.objects.create(user=creator, study=world.tiny().study, role="owner", created_at=creator.created_at)
    before, elsewhere = counts(), set(tmp_path.rglob("*"))
    answer = send(creator, path, bundle=SimpleUploadedFile("<b>study.zip", HOSTILE[what]))
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Nothing was stored." in page
    assert "<b>study" not in page
    assert "tmp" not in page.partition("<main")[2]
    assert counts() == before
    assert list(folder.iterdir()) == []
    assert set(tmp_path.rglob("*")) == elsewhere


@pytest.mark.parametrize("name", ["../../up.md", "/etc/up.md", "..\\up.md", "a" * 300 + ".md", ".md", "up\x00.md"])
def test_a_name_of_a_single_file_leads_nowhere(creator: User, name: str, tmp_path: Path, folder: Path) -> None:
    fields = one_by_one(world.TINY)
    fields["top"].append(SimpleUploadedFile("x", b"text"))
    fields["top"][-1]._name = name  # as no browser would send it
    before = set(tmp_path.rglob("*"))
    answer = send(creator, NEW, act="check", **fields)
    assert answer.status_code in {200, 422}
    assert set(tmp_path.rglob("*")) == before


def test_a_file_that_is_sent_twice_is_a_fault(creator: User) -> None:
    fields = one_by_one(world.TINY)
    fields["top"].append(SimpleUploadedFile("welcome.md", b"Another text."))
    answer = send(creator, NEW, **fields)
    assert answer.status_code == 422
    assert "was sent twice" in text_of(answer)


def test_more_than_a_bundle_may_hold_is_cut_off_and_said(
    creator: User, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr("config.uploads.MAX_BUNDLE_BYTES", 100_000)
    monkeypatch.setattr("research.intake.MAX_BUNDLE_BYTES", 100_000)
    largest: list[int] = []
    receive = uploads.BundleUpload.receive_data_chunk

    def watched(self: Any, raw_data: bytes, start: int) -> Any:
        kept = receive(self, raw_data, start)
        self._file.flush()
        largest.append(sum(path.stat().st_size for path in folder.iterdir()))
        return kept

    monkeypatch.setattr("config.uploads.BundleUpload.receive_data_chunk", watched)
    answer = send(creator, NEW, bundle=SimpleUploadedFile("big.zip", os.urandom(900_000)))
    assert answer.status_code == 422
    assert "is larger than 100,000 bytes" in text_of(answer)
    assert 0 < max(largest) <= 100_000
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("path", [NEW, NEXT])
def test_the_page_says_how_much_may_be_sent(creator: User, path: str) -> None:
    Membership.objects.create(user=creator, study=world.tiny().study, role="owner", created_at=creator.created_at)
    answer = world.browser_of_staff(creator).get(path)
    assert f"At most {MAX_BUNDLE_BYTES // 10**6} MB, {MAX_FILE_BYTES // 10**6} MB a file." in text_of(answer)


def test_a_recording_that_is_too_large_is_told_by_its_name(creator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("protocol.sources.MAX_FILE_BYTES", 1_000_000)
    files = recorded(b"\0" * 1_000_000)
    for fields in ({"bundle": zipped(files)}, one_by_one(files)):
        answer = send(creator, NEW, **fields)
        assert answer.status_code == 422
        assert "scripts/evening.yaml:4" in text_of(answer)
        assert "names &#x27;media/shape.wav&#x27;, which is larger than 1,000,000 bytes" in text_of(answer)
    assert not Study.objects.exists()


def test_recordings_and_captions_that_were_sent_are_those_of_the_version(creator: User) -> None:
    files = recorded(b"\1\2" * 4_000)
    assert send(creator, NEW, **one_by_one(files)).status_code == 302
    answer = world.browser_of_staff(creator).get("/studies/tiny/versions/1/bundle.zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:
        assert packed.read("media/shape.wav") == files["media/shape.wav"]
        assert packed.read("media/shape.vtt").decode() == files["media/shape.vtt"]


def test_too_many_files_in_one_form_are_refused(creator: User, folder: Path) -> None:
    files = [SimpleUploadedFile(f"{n}.md", b"x") for n in range(uploads.MOST_FILES_OF_A_BUNDLE + 1)]
    assert send(creator, NEW, top=files).status_code == 400
    assert list(folder.iterdir()) == []


def test_a_form_that_breaks_off_leaves_nothing(creator: User, folder: Path) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="bundle"; filename="a.zip"\r\n\r\n' + b"PK" * 200_000
    answer: Any = world.browser_of_staff(creator).generic("POST", NEW, body, "multipart/form-data; boundary=x")
    assert answer.status_code in {400, 422}
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("who", ["nobody", "staff", "participant"])
@pytest.mark.parametrize("path", [NEW, NEXT])
def test_what_comes_from_somebody_who_may_not_send_is_not_written_to_disk(
    who: str, path: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = world.tiny()
    client = {
        "nobody": Client,
        "staff": lambda: world.browser_of_staff(world.staff(version.study, "coach")),
        "participant": lambda: world.browser_of(world.consented(version)),
    }[who]()
    monkeypatch.setattr("config.uploads.TemporaryUploadedFile", None)  # opening one would be an error
    answer = client.post(path, {"bundle": zipped(slugged("mine"))})
    assert answer.status_code in {302, 403}
    assert Study.objects.count() == 1
    assert list(folder.iterdir()) == []


def test_other_forms_take_eight_files_and_none_of_them_touches_the_disk(
    creator: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.uploads.TemporaryUploadedFile", None)
    client = world.browser_of_staff(creator)
    files = [SimpleUploadedFile(f"{n}.png", b"x") for n in range(9)]
    assert client.post("/staff/password/", {"password": "short", "picture": files[:8]}).status_code == 422
    assert client.post("/staff/password/", {"password": "short", "picture": files}).status_code == 400


@pytest.mark.parametrize("path", [NEW, NEXT])
def test_a_form_that_another_site_sends_is_refused(creator: User, path: str) -> None:
    Membership.objects.create(user=creator, study=world.tiny().study, role="owner", created_at=creator.created_at)
    client = Client(enforce_csrf_checks=True)
    client.force_login(creator)
    before = counts()
    answer = client.post(path, {"bundle": zipped(slugged("planted")), "act": "store"})
    assert answer.status_code == 403
    assert counts() == before
