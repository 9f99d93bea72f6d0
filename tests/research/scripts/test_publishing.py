"""A draft is checked as any bundle is, and becomes the study's next version."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection

import clock
from accounts.models import AuditEntry
from coaching.models import BundleFile, StudyVersion
from protocol.bundle import read_bundle
from research.models import ScriptDraft
from research.scripts import drafts
from tests import world
from tests.research.scripts.desks import Desk, Page, example

pytestmark = pytest.mark.django_db

WORDS = {"stage-1-say-en": "Begin with a place: a dark one."}


@pytest.fixture
def version() -> StudyVersion:
    return example()


@pytest.fixture
def desk(version: StudyVersion) -> Desk:
    return Desk(version.study, role="researcher")


def latest(desk: Desk) -> StudyVersion:
    return desk.study.versions.latest("n")


# --- the check -------------------------------------------------------------------------------------------------------


def test_a_sound_draft_has_no_fault(desk: Desk) -> None:
    answer = desk.press("check", **WORDS)
    assert answer.headers["Location"].endswith("?check=1")
    assert "No fault was found." in desk.open(check="1").text


FAULTS = [
    ({"stage-2-say-de": ""}, "stage-2-say-en", "Part 2: Say of stage lacks de"),
    ({"stage-3-scale-max": "0"}, "stage-3-scale-max", "Part 3: Max is 0; expected a number above min"),
    ({"stage-3-scale-min": "low"}, "stage-3-scale-min", "is &#x27;low&#x27;; expected a number"),
    ({"stage-1-hold": "a while"}, "stage-1-hold", "expected a duration of zero or more"),
    ({"stage-8-condition": ""}, "stage-8", "lacks &#x27;condition&#x27;"),
    ({"stage-9-alt-en": "", "stage-9-alt-de": ""}, "stage-9", "lacks &#x27;alt&#x27;"),
    ({"stage-9-reveal": "media/none.png"}, "stage-9", "Names &#x27;media/none.png&#x27;, which is missing"),
    ({"stage-7-id": "Came"}, "stage-7-id", "expected an id"),
    ({"stage-7-id": "sketch"}, "stage-8-id", "Part 8"),
    ({"title-en": "", "title-de": ""}, "script-head", "lacks &#x27;title&#x27;"),
    ({"voice-rate": "9"}, "voice-rate", "expected a number at least 0.25 and at most 4"),
    ({"matched_to": "potoo"}, "matched_to", "Matched_to stands in a script that is no control"),
    ({"unlock-by": "exposure"}, "unlock-by", "expected two or more to open one by one"),
]


@pytest.mark.parametrize(("typed", "at", "said"), FAULTS)
def test_a_fault_is_told_where_it_is_and_led_to(desk: Desk, typed: dict[str, str], at: str, said: str) -> None:
    desk.press("check", **typed)
    page = desk.open(check="1")
    assert "<title>Error:" in page.html
    assert f'<a href="#{at}">' in page.html
    assert said in page.html
    assert f'id="{at}"' in page.html
    if at not in ("stage-8", "stage-9", "script-head"):
        assert f'id="{at}-error"' in page.html
    if not any(name.endswith("-reveal") for name in typed):
        assert all(page.fields[name] == value for name, value in typed.items())


def test_a_fault_of_what_is_folded_away_unfolds_it(desk: Desk) -> None:
    desk.press("check", **{"voice-rate": "9"})
    assert '<details class="more" open><summary>Voice' in desk.open(check="1").html


def test_what_no_longer_fits_elsewhere_in_the_study_is_a_fault_too() -> None:
    version = world.publish(_with_control())
    desk = Desk(version.study, role="researcher")
    desk.press("check", purpose="control")
    assert "scripts/quiet.yaml, line" in desk.open(check="1").html


def _with_control() -> world.Files:
    control = "slug: quiet\ntitle: Quiet\npurpose: control\nmatched_to: potoo\nstages:\n  - {rest: 10s}\n"
    return {**world.files(), "scripts/quiet.yaml": control}


@pytest.mark.parametrize("act", ["preview", "publish"])
def test_a_draft_with_faults_is_neither_shown_nor_published(desk: Desk, act: str) -> None:
    answer = desk.press(act, **{"stage-1-hold": "a while"})
    answer = desk.client.get(answer.headers["Location"])
    assert answer.headers["Location"].endswith("?check=1")
    answer = desk.client.post(f"{desk.path}publish/", {"note": "x", "who": "newcomers", "rev": "1", "onto": "1"})
    assert answer.status_code == 303
    assert desk.study.versions.count() == 1


# --- publishing ------------------------------------------------------------------------------------------------------


def test_a_draft_becomes_the_next_version_with_its_note_and_nothing_else_differs(
    desk: Desk, version: StudyVersion
) -> None:
    desk.press("save", **WORDS)
    answer = desk.publish(note="The first words were unclear.")
    assert answer.headers["Location"] == f"/studies/{desk.study.slug}/versions/2/"
    made = latest(desk)
    assert (made.n, made.note, made.takes_over, made.created_by) == (
        2,
        "The first words were unclear.",
        False,
        desk.user,
    )
    before, after = json.loads(version.content), json.loads(made.content)
    assert after["scripts"]["potoo"]["stages"][0]["say"]["en"] == WORDS["stage-1-say-en"]
    before["scripts"]["potoo"]["stages"][0]["say"]["en"] = WORDS["stage-1-say-en"]
    assert after == before
    assert made.part_versions == {"instruments": {"scenes_4": 1}, "scripts": {"potoo": 2}}
    files = {
        v: set(BundleFile.objects.filter(version=v).values_list("path", "sha256", "size")) for v in (version, made)
    }
    assert files[version] == files[made]
    assert ScriptDraft.objects.get().end == "published"
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", "actor", "subject"))
    by = f"staff:{desk.user.pk}"
    assert actions[-2:] == [("study.publish", by, "v2"), ("script.publish", by, "potoo")]


def test_what_was_published_can_be_dumped_and_loaded_as_no_change(desk: Desk, tmp_path: Any) -> None:
    desk.press("save", **WORDS)
    desk.publish()
    made = latest(desk)
    answer = desk.client.get(f"/studies/{desk.study.slug}/versions/{made.n}/bundle.zip")
    path = tmp_path / "bundle.zip"
    path.write_bytes(b"".join(answer.streaming_content))
    assert read_bundle(path).digest == made.digest


def test_a_note_is_asked_for(desk: Desk) -> None:
    desk.press("save", **WORDS)
    for note in ("", "   ", "x" * 501):
        answer = desk.publish(note=note)
        assert answer.status_code == 422
        assert 'id="note-error"' in answer.content.decode()
    assert desk.publish(who="somebody").status_code == 422
    assert desk.study.versions.count() == 1


def test_newcomers_only_is_what_stands_there(desk: Desk) -> None:
    desk.press("save", **WORDS)
    assert desk.open("publish/").fields["who"] == "newcomers"


def test_without_a_change_there_is_nothing_to_publish(desk: Desk) -> None:
    assert desk.client.get(f"{desk.path}publish/").status_code == 303
    published = desk.open().fields["stage-1-say-en"]
    desk.press("save", **WORDS)
    desk.press("save", **{"stage-1-say-en": published})
    assert ScriptDraft.objects.filter(ended_at=None).exists()
    assert desk.publish(page=Page(desk.client.get(desk.path))).status_code == 303
    assert desk.study.versions.count() == 1


def test_a_draft_that_changed_since_it_was_looked_over_is_shown_again(desk: Desk) -> None:
    desk.press("save", **WORDS)
    page = desk.open("publish/")
    desk.press("save", **{"stage-1-say-en": "Later words"})
    answer = desk.publish(page=page)
    assert answer.status_code == 409
    assert "Later" in answer.content.decode()
    assert desk.study.versions.count() == 1


def test_a_study_that_got_another_version_meanwhile_is_looked_over_again(desk: Desk) -> None:
    desk.press("save", **WORDS)
    page = desk.open("publish/")
    world.publish(world.edited({'between: ["09:00", "20:00"]': 'between: ["08:00", "20:00"]'}))
    assert desk.publish(page=page).status_code == 409
    assert desk.publish().status_code == 303
    made = latest(desk)
    assert made.n == 3
    assert "08:00" in made.content


def test_a_draft_of_a_script_that_others_published_since_says_so(desk: Desk) -> None:
    desk.press("save", **WORDS)
    world.publish(
        world.edited({"Cover it with brown feathers": "Cover it with grey feathers"}, file="scripts/potoo.yaml")
    )
    for below in ("", "changes/", "publish/"):
        assert "Version 2 of the study changed this script after the draft was begun" in desk.open(below).text
    assert "grey" in desk.open("changes/").text


def test_a_new_script_is_published_with_the_study(desk: Desk) -> None:
    drafts.begin(study=desk.study, slug="dusk", like="potoo", by=desk.user, now=clock.now())
    new = Desk(desk.study, role="owner", script="dusk")
    new.press("save", **WORDS)
    assert new.publish().status_code == 303
    assert set(json.loads(latest(desk).content)["scripts"]) == {"potoo", "dusk"}


def test_a_form_that_is_sent_twice_publishes_once(desk: Desk) -> None:
    desk.press("save", **WORDS)
    page = desk.open("publish/")
    assert [desk.publish(page=page).status_code for _ in range(2)] == [303, 303]
    assert desk.study.versions.count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_publish_one_version(desk: Desk) -> None:
    desk.press("save", **WORDS)
    outcomes = []

    def publish() -> None:
        try:
            drafts.publish_draft(
                study=desk.study,
                slug="potoo",
                rev=1,
                onto=1,
                note="x",
                takes_over=False,
                by=desk.user,
                now=clock.now(),
            )
            outcomes.append("published")
        except drafts.Overtaken:
            outcomes.append("overtaken")
        finally:
            connection.close()

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["overtaken"] * 3 + ["published"]


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_says_how_long_how_it_reads_and_who_is_on_it(desk: Desk, version: StudyVersion) -> None:
    world.consented(version)
    desk.press("save", **WORDS)
    desk.publish()
    for _ in range(2):
        world.consented(latest(desk))
    text = Page(desk.client.get(f"/studies/{desk.study.slug}/scripts/")).text
    assert "2 people on that of version 2" in text
    assert "1 person on that of version 1" in text
    assert "6 minutes" in text


def test_the_versions_page_shows_the_note(desk: Desk) -> None:
    desk.press("save", **WORDS)
    desk.publish(note="The first words were unclear.")
    for path in ("versions/", "versions/2/"):
        assert "The first words were unclear." in desk.client.get(f"/studies/{desk.study.slug}/{path}").content.decode()
