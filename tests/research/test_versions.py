"""A study's versions in the browser: who sees and stores them, what each changed, and each as a file again."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from coaching.models import Role, Study, StudyVersion
from coaching.roles import MATRIX
from protocol.bundle import read_bundle
from protocol.changes import Change, changes
from tests import world
from tests.research.sending import NEXT, counts, send, slugged, text_of, zipped

pytestmark = pytest.mark.django_db


# --- versions --------------------------------------------------------------------------------------------------------


@pytest.fixture
def owner() -> User:
    return world.staff(world.tiny().study, "owner", email="owner@staff.example")


CHANGED = world.edited({"title: Tiny\n": "title: Tinier\n"}, world.TINY) | {"welcome.md": "Another welcome.\n"}


def test_the_next_version_is_stored_and_tells_what_it_changes(owner: User) -> None:
    world.consented(StudyVersion.objects.get())
    answer = send(owner, NEXT, bundle=zipped(CHANGED))
    assert answer["Location"] == "/studies/tiny/versions/2/"
    client = world.browser_of_staff(owner)
    page = text_of(client.get("/studies/tiny/versions/2/"))
    assert "study.yaml, title: changed" in page
    assert "Text welcome.md: changed" in page
    listed = text_of(client.get("/studies/tiny/versions/"))
    assert "1 setting, 1 text" in listed
    assert "the first version" in listed
    assert 'data-label="People on it">0<' in listed.replace("> ", ">")
    assert 'data-label="People on it">1<' in listed.replace("> ", ">")
    assert Study.objects.get().state == "open"


def test_the_same_content_is_no_change_and_that_is_said(owner: User) -> None:
    commented = world.TINY | {"study.yaml": "# a comment\n" + str(world.TINY["study.yaml"])}
    answer = world.browser_of_staff(owner).post(NEXT, {"bundle": zipped(commented), "act": "store"}, follow=True)
    assert "No change: version 1 says the same already" in text_of(answer)
    assert StudyVersion.objects.count() == 1


def test_only_checking_a_next_version_shows_the_difference_and_stores_nothing(owner: User) -> None:
    page = text_of(send(owner, NEXT, bundle=zipped(CHANGED), act="check"))
    assert "What would change from version 1" in page
    assert "study.yaml, title: changed" in page
    assert StudyVersion.objects.count() == 1


def test_a_version_of_another_slug_is_refused(owner: User) -> None:
    answer = send(owner, NEXT, bundle=zipped(slugged("others")))
    assert answer.status_code == 422
    assert "Expected slug: tiny" in text_of(answer)
    assert counts() == (1, 1, 1)


@pytest.mark.parametrize("role", Role.values)
def test_versions_are_seen_by_all_and_stored_by_those_who_may_publish(role: str) -> None:
    study = world.tiny().study
    user = world.staff(study, role)
    client = world.browser_of_staff(user)
    for path in ("/studies/tiny/versions/", "/studies/tiny/versions/1/", "/studies/tiny/versions/1/bundle.zip"):
        answer: Any = client.get(path)
        assert answer.status_code == 200
        if answer.streaming:
            b"".join(answer.streaming_content)  # a file is closed once it was read
    answer = send(user, NEXT, bundle=zipped(CHANGED))
    assert answer.status_code == (302 if role in MATRIX["publish"] else 403)
    assert (StudyVersion.objects.count() == 2) is (role in MATRIX["publish"])


def test_versions_of_another_study_are_not_there(owner: User) -> None:
    other = world.tiny(slug="another").study
    client = world.browser_of_staff(owner)
    for path in ("", "1/", "1/bundle.zip", "upload/"):
        assert client.get(f"/studies/another/versions/{path}").status_code == 404
    assert send(owner, "/studies/another/versions/upload/", bundle=zipped(slugged("another"))).status_code == 404
    assert other.versions.count() == 1
    assert client.get("/studies/tiny/versions/2/").status_code == 404
    assert client.get(f"/studies/tiny/versions/{'9' * 40}/").status_code == 404


def test_a_version_taken_away_as_a_zip_loads_as_no_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    version = world.example()
    client = world.browser_of_staff(world.staff(version.study, "coach"))
    packed = tmp_path / "taken.zip"
    packed.write_bytes(b"".join(client.get("/studies/small-scenes/versions/1/bundle.zip").streaming_content))
    assert read_bundle(packed).digest == version.digest
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(("role", "is_named"), [("owner", True), ("researcher", False), ("coach", False)])
def test_who_stored_a_version_is_named_to_those_who_see_the_team(owner: User, role: str, is_named: bool) -> None:
    send(owner, NEXT, bundle=zipped(CHANGED))
    client = world.browser_of_staff(world.staff(Study.objects.get(), role))
    for path in ("/studies/tiny/versions/", "/studies/tiny/versions/2/"):
        assert (owner.email in text_of(client.get(path))) is is_named


def test_the_list_asks_little_of_the_database_with_many_versions(
    owner: User, django_assert_max_num_queries: Any
) -> None:
    for n in range(24):
        world.publish(world.edited({"title: Tiny\n": f"title: Tiny {n}\n"}, world.TINY))
    client = world.browser_of_staff(owner)
    client.get("/studies/tiny/versions/")
    with django_assert_max_num_queries(12):
        assert "Page 1 of 2" in text_of(client.get("/studies/tiny/versions/"))


# --- what changed ----------------------------------------------------------------------------------------------------


def content_of(files: world.Files, tmp_path: Path, name: str) -> str:
    return read_bundle(world.written(files, tmp_path / name)).content


def test_each_part_that_differs_is_named_once(tmp_path: Path) -> None:
    before = world.files()
    after = world.edited(
        {
            "id: day28,": "id: day30,",
            "window: [-1d, 7d]": "window: [-2d, 7d]",
            'ratio: 1\n    title: {en: "Questions': 'ratio: 1\n    title: {en: "Only questions',
        },
        before,
    )
    after["scripts/potoo.yaml"] = str(after["scripts/potoo.yaml"]).replace(
        "stages:\n", "stages:\n  - {id: more, say: {en: Rest., de: Ruhen.}}\n"
    )
    found = changes(content_of(before, tmp_path, "a"), content_of(after, tmp_path, "b"))
    assert set(found) >= {
        Change("step", "day30", "new"),
        Change("step", "day28", "removed"),
        Change("step", "post", "changed"),
        Change("study", "arms", "changed"),
        Change("script", "potoo", "changed"),
    }
    assert Change("study", "after", "changed") not in found
    assert changes(content_of(before, tmp_path, "c"), content_of(before, tmp_path, "d")) == ()


def test_another_order_of_steps_is_a_change_and_another_order_of_keys_is_none(tmp_path: Path) -> None:
    two = world.edited(
        {"instruments: [one]}\n": "instruments: [one]}\n  - {id: second, do: assess, instruments: [one]}\n"}, world.TINY
    )
    content = content_of(two, tmp_path, "a")
    turned = json.loads(content)
    turned["study"]["before"].reverse()
    assert changes(content, json.dumps(turned)) == (Change("study", "before", "changed"),)
    assert changes(content, json.dumps(json.loads(content), sort_keys=True)) == ()


def test_a_version_tells_its_steps_in_titles_and_words(owner: User) -> None:
    steps = (
        "  - {id: later, title: Later, do: assess, instruments: [one], at: 'first.due + 1d', window: [-1h, 2d]}\n"
        "  - {id: last, do: assess, instruments: [one], at: 'consent - 30m', window: [0s, 1d]}\n"
    )
    world.publish(world.TINY | {"study.yaml": f"{world.TINY['study.yaml']!s}after:\n{steps}"})
    words = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", text_of(world.browser_of_staff(owner).get("/studies/tiny/versions/2/")))
    )
    assert "Later later Everybody One The first one due + 1 day −1 hour … 2 days" in words
    assert "last Everybody One Consent given − 30 minutes 0 … 1 day" in words
