"""A preview is the session's own pages, walked by hand, and nothing of it is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import clock
from coaching.models import StudyVersion
from tests import world
from tests.hostile.cast import nothing_changes
from tests.imagery import rounds
from tests.pages import Screen
from tests.protocol.bundles import RECORDED
from tests.research.scripts.desks import Desk

pytestmark = pytest.mark.django_db

# What a participant would give at each part, on the slow road.
GIVEN: dict[str, dict[str, str]] = {
    "clear": {"clear": "0"},
    "road": {"road": "1"},
    "easy": {"easy": "3"},
    "words": {"words": "nothing at all came"},
    "sketch": {"reason": "nothing_came"},
    "match": {"match": "4"},
}


@pytest.fixture
def version(tmp_path: Path, settings: Any) -> StudyVersion:
    settings.DATA_DIR = tmp_path / "data"
    return rounds.rounds()


@pytest.fixture
def desk(version: StudyVersion) -> Desk:
    return Desk(version.study, script="night-bird")


def walked(desk: Desk, language: str = "en", **otherwise: dict[str, str]) -> list[str]:
    """The parts to which a walk through the whole preview leads, in order."""
    url = f"{desk.path}preview/{language}/"
    places = []
    answer = desk.client.post(url)
    while True:
        url = answer.headers["Location"]
        places.append(url.rstrip("/").rpartition("/")[2])
        page = desk.client.get(url)
        assert page.status_code == 200, url
        assert b"data-preview" in page.content
        if places[-1] == "end-of-preview":
            return places
        answer = desk.client.post(url, (GIVEN | otherwise).get(places[-1], {}))
        assert answer.status_code == 303, (url, answer.status_code)


def test_a_walk_goes_by_every_part_to_the_end_and_stores_nothing(desk: Desk, version: StudyVersion) -> None:
    with nothing_changes():
        places = walked(desk)
    assert places == [*rounds.SLOWLY, "end-of-preview"]


def test_nothing_that_was_sent_is_on_disk(desk: Desk, settings: Any) -> None:
    before = sorted(path for path in Path(settings.DATA_DIR).rglob("*") if path.is_file())
    line = '{"v":1,"canvas":{"w":9,"h":9},"strokes":[]}'
    walked(desk, sketch={"drawing-strokes": line, "drawing-words": "a shape", "reason": "rather_not"})
    assert sorted(path for path in Path(settings.DATA_DIR).rglob("*") if path.is_file()) == before


def test_a_choice_leads_its_way(desk: Desk) -> None:
    assert walked(desk, road={"road": "2"})[2:4] == ["road", "words"]


def test_the_page_of_a_part_is_that_of_a_session_but_for_its_addresses(desk: Desk, version: StudyVersion) -> None:
    person = world.consented(version)
    rounds.begin(person, at=clock.now())
    browser = world.browser_of(person)
    occasion = world.occasion(person, "first")
    theirs = Screen(browser.get(f"/s/{occasion.public_id}/stage_1/"))
    ours = Screen(desk.client.get(f"{desk.path}preview/en/stage_1/"))
    assert ours.text.replace("Back to the editor", "Leave, keep my place") == theirs.text
    assert ours.name == theirs.name == "session"
    assert {field.name for field in ours.form.fields} == {field.name for field in theirs.form.fields}


def test_it_is_marked_in_the_words_of_whoever_looks(desk: Desk) -> None:
    html = desk.client.get(f"{desk.path}preview/de/stage_1/").content.decode()
    assert "Preview. Nothing is stored, and time goes four times as fast." in html
    assert "Beginnen Sie mit einer Form." in html
    assert '<html lang="de"' in html
    assert "js/research/preview" in html
    assert html.index("js/research/preview") < html.index("js/imagery/player")


def test_nothing_given_is_told_as_to_a_participant(desk: Desk) -> None:
    answer = desk.client.post(f"{desk.path}preview/en/clear/", {})
    assert answer.status_code == 422
    assert "Choose the answer that fits best" in answer.content.decode()


def test_it_shows_the_draft_and_not_what_is_published(desk: Desk) -> None:
    desk.press("save", **{"stage-1-say-en": "Begin with a place."})
    assert "Begin with a place." in desk.client.get(f"{desk.path}preview/en/stage_1/").content.decode()


def test_the_picture_comes_from_the_team_s_own_address(desk: Desk) -> None:
    page = Screen(desk.client.get(f"{desk.path}preview/en/photo/"))
    source = page.html.partition('<img src="')[2].partition('"')[0]
    assert source.startswith(f"{desk.path}files/")
    assert b"".join(desk.client.get(source).streaming_content).startswith(b"\x89PNG")
    assert source.rstrip("/").rpartition("/")[2] not in Screen(desk.client.get(f"{desk.path}preview/en/match/")).html


def test_a_recording_is_there_to_be_heard() -> None:
    desk = Desk(world.publish(RECORDED).study, script="feather")
    html = desk.client.get(f"{desk.path}preview/de/falls/").content.decode()
    source = html.partition('src="/studies')[2].partition('"')[0]
    answer = desk.client.get(f"/studies{source}")
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert b"".join(answer.streaming_content)


def test_stop_leads_to_the_script_s_own_words(desk: Desk) -> None:
    desk.press("save", **{"safety-exit-en": "Feel your feet.", "safety-exit-de": "Spüren Sie die Füße."})
    page = desk.client.get(f"{desk.path}preview/en/stop/").content.decode()
    assert "Feel your feet." in page


def test_another_language_or_part_is_not_found(desk: Desk) -> None:
    for below in ("fr/", "fr/stage_1/", "en/none/"):
        assert desk.client.get(f"{desk.path}preview/{below}").status_code == 404


def test_the_strokes_of_a_preview_are_taken_and_forgotten(desk: Desk) -> None:
    with nothing_changes():
        answer = desk.client.post(f"{desk.path}preview/en/sketch/?strokes=1", {"drawing-strokes": "{}"})
    assert answer.json()["saved_at"]
