"""Drafts of scripts: what the editor's form holds and keeps, its buttons, and two people at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

import clock
from accounts.models import AuditEntry
from coaching.models import StudyVersion
from research.editing.fields import normal
from research.models import ScriptDraft
from research.scripts import drafts
from research.scripts.desk import desk_of
from tests import world
from tests.protocol.bundles import ALL_KINDS
from tests.research.scripts.desks import Desk, Page, example

pytestmark = pytest.mark.django_db

PLACES = "stage-1-say-en"


@pytest.fixture
def version() -> StudyVersion:
    return example()


@pytest.fixture
def desk(version: StudyVersion) -> Desk:
    return Desk(version.study)


def drafted(study: Any, script: str = "potoo") -> dict[str, Any]:
    content: dict[str, Any] = json.loads(ScriptDraft.objects.get(study=study, slug=script, ended_at=None).content)
    return content


def log() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# --- the form --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", ["tree", "words", "rest"])
def test_a_form_that_is_sent_as_it_stands_changes_nothing_whatever_the_script_holds(script: str) -> None:
    version = world.publish(ALL_KINDS)
    desk = Desk(version.study, script=script)
    answer = desk.press("save")
    assert answer.status_code == 303
    assert not ScriptDraft.objects.exists()


def test_every_kind_of_part_with_every_key_goes_through_the_form_unchanged(desk: Desk) -> None:
    whole = {
        "slug": "potoo",
        "title": {"en": "One", "de": "Eins"},
        "about": "For staff",
        "purpose": "control",
        "matched_to": "potoo",
        "safety": {"note": {"en": "Water", "de": "Wasser"}, "exit": "Feet\n\nFive things"},
        "unlock": {"by": "rating", "times": 3, "rating": "ease", "at_least": 2.5},
        "voice": {"rate": 0.9, "pause": "2s"},
        "stages": [
            {"id": "a", "layer": "one", "say": {"en": "A", "de": "B"}, "hold": "1m"}
            | {"audio": {"en": "media/a.mp3", "de": "media/a.mp3"}, "captions": {"en": "media/a.vtt"}},
            {"say": "The same for all", "audio": "media/a.mp3", "captions": "media/a.vtt"},
            {"layer": "one", "rate": "ease", "scale": {"min": 1, "max": 5}, "na": "None"},
            {"report": "What?", "min_words": 3},
            {"draw": "Draw", "seconds": 60, "condition": "memory"},
            {"reveal": "media/potoo.png", "alt": "A bird", "credit": "CC0"},
            {"compare": "How close?", "scale": {"min": 0, "max": 1}, "na": {"en": "None", "de": "Keins"}},
            {"rest": "30s"},
            {"choose": "Which?", "options": [{"label": {"en": "On", "de": "Weiter"}}, {"label": "There", "goto": "z"}]},
            {"form": "How?", "forms": ["taste", "knowing"]},
            {"id": "z", "check": "Which?", "choices": ["Leaf", {"en": "Wheel", "de": "Rad"}], "answer": 2},
        ],
    }
    assert normal(whole, ["en", "de"]) == whole
    drafts.save(study=desk.study, script=whole, rev=0, by=desk.user, now=clock.now())
    desk.press("save")
    assert drafted(desk.study) == whole


def test_words_are_kept_as_they_were_typed_and_a_change_is_a_draft(desk: Desk) -> None:
    answer = desk.press("save", **{PLACES: "Say <this> & “that”.\r\n\r\nA second paragraph."})
    assert answer.status_code == 303
    assert drafted(desk.study)["stages"][0]["say"]["en"] == "Say <this> & “that”.\n\nA second paragraph."
    page = desk.open()
    assert page.fields[PLACES] == "Say <this> & “that”.\n\nA second paragraph."
    assert page.fields["stage-1-say-de"].startswith("Beginnen Sie")
    assert (page.fields["rev"], log()[-1]) == ("1", "script.draft")


def test_a_draft_changes_nothing_for_anybody_who_takes_part(desk: Desk, version: StudyVersion) -> None:
    desk.press("save", **{PLACES: "Other words"})
    assert list(desk.study.versions.values_list("n", flat=True)) == [1]
    assert "Other words" not in StudyVersion.objects.get(pk=version.pk).content


def test_numbers_become_numbers_and_what_is_none_stays_for_the_check_to_name(desk: Desk) -> None:
    desk.press(
        "save", **{"stage-3-scale-min": "1", "stage-3-scale-max": "5.5", "stage-1-hold": "25", "voice-rate": "fast"}
    )
    script = drafted(desk.study)
    assert script["stages"][2]["scale"] == {"min": 1, "max": 5.5}
    assert (script["stages"][0]["hold"], script["voice"]["rate"]) == ("25s", "fast")


def test_a_list_grows_by_the_spare_field_and_shrinks_by_an_empty_one(desk: Desk) -> None:
    desk.press("add-1", **{"add-1-kind": "choose"})
    ways = {"stage-2-choose-en": "Which?", "stage-2-choose-de": "Welche?"}
    for n, word in ((1, "Left"), (2, "Right")):
        ways |= {f"stage-2-options-{n}-label-en": word, f"stage-2-options-{n}-label-de": word}
        desk.press("save", **ways)
    assert [each["label"] for each in drafted(desk.study)["stages"][1]["options"]] == ["Left", "Right"]
    desk.press("save", **{"stage-2-options-1-label-en": "", "stage-2-options-1-label-de": ""})
    assert [each["label"] for each in drafted(desk.study)["stages"][1]["options"]] == ["Right"]


# --- buttons ---------------------------------------------------------------------------------------------------------


def kinds(desk: Desk) -> list[str]:
    fields = desk.open().fields
    return [fields[f"stage-{n}-kind"] for n in range(1, int(fields["stages"]) + 1)]


def test_parts_are_added_moved_and_taken_out_by_buttons_and_nothing_typed_is_lost(desk: Desk) -> None:
    before = kinds(desk)
    answer = desk.press("add-2", **{"add-2-kind": "rest", PLACES: "Typed before the press"})
    assert answer.headers["Location"].endswith("#stage-3")
    assert kinds(desk) == [*before[:2], "rest", *before[2:]]
    assert desk.open().fields[PLACES] == "Typed before the press"
    assert desk.press("up-3").headers["Location"].endswith("#stage-2")
    assert kinds(desk) == [before[0], "rest", *before[1:]]
    desk.press("remove-2")
    assert kinds(desk) == before
    desk.press("down-1")
    assert desk.open().fields["stage-2-say-en"] == "Typed before the press"


def test_the_first_has_no_way_up_and_the_last_no_way_down(desk: Desk) -> None:
    page = desk.open()
    assert "up-1" not in page.buttons
    assert f"down-{page.fields['stages']}" not in page.buttons
    assert {"down-1", "up-2"} <= set(page.buttons)


def test_a_way_to_a_part_by_its_place_follows_the_part(desk: Desk) -> None:
    desk.press("add-0", **{"add-0-kind": "choose"})
    desk.press(
        "save",
        **{
            "stage-1-choose-en": "Which?",
            "stage-1-options-1-label-en": "There",
            "stage-1-options-1-goto": "stage_3",
        },
    )
    desk.press("add-1", **{"add-1-kind": "rest"})
    assert drafted(desk.study)["stages"][0]["options"][0]["goto"] == "stage_4"
    desk.press("down-4")
    assert drafted(desk.study)["stages"][0]["options"][0]["goto"] == "stage_5"


def test_a_new_part_is_of_the_layer_of_the_one_before_it(desk: Desk) -> None:
    desk.press("save", **{"stage-1-layer": "shape"})
    desk.press("add-1", **{"add-1-kind": "say"})
    assert drafted(desk.study)["stages"][1]["layer"] == "shape"
    page = desk.open()
    assert 'aria-label="Layer shape"' in page.html


@pytest.mark.parametrize(
    "broken",
    [{"stages": "501"}, {"stages": "many"}, {"stages": ""}, {"stage-1-kind": "sing"}, {"stages": "12"}],
)
def test_a_form_of_another_shape_is_refused_and_changes_nothing(desk: Desk, broken: dict[str, str]) -> None:
    page = desk.open()
    answer = desk.client.post(desk.path, {**page.fields, PLACES: "x", "act": "save", **broken})
    assert answer.status_code == 400
    assert not ScriptDraft.objects.exists()


def test_an_act_that_no_button_has_is_refused(desk: Desk) -> None:
    for act in ("", "up-0000", "publish-1", "take-99999999999999999999", "take-7"):
        assert desk.press(act, **{PLACES: "x"}).status_code == 400
    assert not ScriptDraft.objects.exists()


# --- new scripts -----------------------------------------------------------------------------------------------------


def test_a_new_script_begins_blank_or_as_a_copy(desk: Desk) -> None:
    path = f"/studies/{desk.study.slug}/scripts/new/"
    assert desk.client.post(path, {"script": "night-walk", "like": ""}).status_code == 303
    assert drafted(desk.study, "night-walk")["stages"] == [{"say": "", "hold": "20s"}]
    desk.client.post(path, {"script": "dusk", "like": "potoo"})
    assert len(drafted(desk.study, "dusk")["stages"]) == 10
    rows = Page(desk.client.get(f"/studies/{desk.study.slug}/scripts/")).text
    assert "night-walk" in rows
    assert "dusk" in rows


@pytest.mark.parametrize("name", ["potoo", "new", "", "Potoo", "a" * 25, "1st", "a b"])
def test_a_name_that_is_taken_or_none_is_refused(desk: Desk, name: str) -> None:
    answer = desk.client.post(f"/studies/{desk.study.slug}/scripts/new/", {"script": name, "like": ""})
    assert answer.status_code == 422
    assert not ScriptDraft.objects.exists()


# --- two people at once ----------------------------------------------------------------------------------------------


@pytest.fixture
def two(version: StudyVersion) -> tuple[Desk, Desk]:
    return Desk(version.study), Desk(version.study, role="researcher")


def test_the_second_save_is_told_and_nothing_of_either_is_lost(two: tuple[Desk, Desk]) -> None:
    first, second = two
    theirs, mine = first.open(), second.open()
    first.press("save", theirs, **{PLACES: "Words of the first"})
    answer = second.press("save", mine, **{PLACES: "Words of the second"})
    assert answer.status_code == 409
    page = Page(answer)
    assert f"{first.user.email} saved this script on" in page.text
    assert page.fields[PLACES] == "Words of the second"
    assert drafted(first.study)["stages"][0]["say"]["en"] == "Words of the first"
    kept = ScriptDraft.objects.get(end="aside")
    assert (kept.author, "Words of the second" in kept.content) == (second.user, True)


def test_what_differs_is_shown_word_by_word(two: tuple[Desk, Desk]) -> None:
    first, second = two
    mine = second.open()
    first.press("save", **{PLACES: "Begin with a shape"})
    html = Page(second.press("save", mine, **{PLACES: "Begin with a place"})).html
    assert "<del>" in html
    assert "taken out: </span>shape" in html
    assert "added: </span>place" in html


def test_who_saves_all_the_same_replaces_the_other_which_is_kept_and_can_be_taken_back(two: tuple[Desk, Desk]) -> None:
    first, second = two
    mine = second.open()
    first.press("save", **{PLACES: "Words of the first"})
    told = Page(second.press("save", mine, **{PLACES: "Words of the second"}))
    assert second.press("save", told).status_code == 303
    assert drafted(first.study)["stages"][0]["say"]["en"] == "Words of the second"
    replaced = ScriptDraft.objects.get(end="replaced")
    assert replaced.author == first.user
    assert first.press(f"take-{replaced.pk}").status_code == 303
    assert drafted(first.study)["stages"][0]["say"]["en"] == "Words of the first"
    assert ScriptDraft.objects.filter(end="replaced").count() == 2
    assert log()[-1] == "script.take"


def test_whatever_is_pressed_on_the_page_that_tells_keeps_the_others_words(two: tuple[Desk, Desk]) -> None:
    first, second = two
    mine = second.open()
    first.press("save", **{PLACES: "Words of the first"})
    told = Page(second.press("save", mine, **{PLACES: "Words of the second"}))
    second.press("down-1", told)
    assert "Words of the first" in ScriptDraft.objects.get(end="replaced").content


def test_a_draft_that_was_published_or_put_aside_meanwhile_is_told_too(two: tuple[Desk, Desk]) -> None:
    first, second = two
    first.press("save", **{PLACES: "Words of the first"})
    mine = second.open()
    first.press("aside")
    answer = second.press("save", mine, **{PLACES: "Words of the second"})
    assert answer.status_code == 409
    assert "published or put aside" in Page(answer).text
    assert not ScriptDraft.objects.filter(ended_at=None).exists()


def test_a_page_of_a_draft_that_ended_is_never_taken_for_one_of_the_next(two: tuple[Desk, Desk]) -> None:
    first, second = two
    first.press("save", **{PLACES: "One"})
    old = second.open()
    first.press("aside")
    first.press("save", **{PLACES: "Two"})
    assert second.press("save", old, **{PLACES: "Three"}).status_code == 409
    assert drafted(first.study)["stages"][0]["say"]["en"] == "Two"


def test_sending_the_same_twice_is_once(desk: Desk) -> None:
    page = desk.open()
    for _ in range(2):
        assert desk.press("save", page, **{PLACES: "Words"}).status_code == 303
    assert ScriptDraft.objects.get().rev == 1


def test_a_draft_put_aside_leaves_the_script_as_it_is_published(desk: Desk) -> None:
    published = desk.open().fields[PLACES]
    desk.press("save", **{PLACES: "Words"})
    assert desk.press("aside", **{PLACES: "Later words"}).status_code == 303
    assert desk.open().fields[PLACES] == published
    assert "Later words" in ScriptDraft.objects.get(end="aside").content


# --- saving by itself ------------------------------------------------------------------------------------------------


def test_the_page_saves_itself_and_is_told_how_its_words_read(desk: Desk) -> None:
    answer = desk.press("autosave", **{PLACES: "You see a picture in your mind’s eye."})
    told = answer.json()
    assert (answer.status_code, told["rev"]) == (200, 1)
    assert told["texts"][PLACES]["about"].startswith("8 words, 8 a sentence, school grade")
    assert any("see" in flag for flag in told["texts"][PLACES]["flags"])
    assert told["totals"]["en-flagged"].startswith(str(len(told["texts"][PLACES]["flags"])))
    assert told["totals"]["de-minutes"].endswith("minutes")


def test_a_page_that_saves_itself_over_another_is_told_and_stops(two: tuple[Desk, Desk]) -> None:
    first, second = two
    mine = second.open()
    first.press("save", **{PLACES: "Words of the first"})
    answer = second.press("autosave", mine, **{PLACES: "Words of the second"})
    assert answer.status_code == 409
    assert first.user.email in answer.json()["overtaken"]
    assert ScriptDraft.objects.count() == 1


def test_autosaves_do_not_fill_the_log(desk: Desk) -> None:
    before = len(log())
    for n in range(3):
        desk.press("autosave", **{PLACES: f"Words {n}"})
    assert log()[before:] == ["script.draft"]


def test_a_comparison_says_where_it_is_not_like_its_script() -> None:
    control = "slug: quiet\ntitle: Quiet\npurpose: control\nmatched_to: potoo\nstages:\n  - {rest: 10s}\n"
    version = world.publish({**world.files(), "scripts/quiet.yaml": control})
    text = Desk(version.study, script="quiet").open().text
    assert "Beside potoo" in text
    assert "English: Ratings: 0 here, 3 there; at most 0 apart." in text
    assert "Beside" not in Desk(version.study, role="owner").open().text


# --- who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["data_manager", "observer"])
def test_who_writes_no_scripts_reads_nothing_of_drafts(version: StudyVersion, role: str) -> None:
    Desk(version.study).press("save", **{PLACES: "Words of a draft"})
    other = Desk(version.study, role=role)
    html = other.client.get(f"/studies/{version.study.slug}/scripts/").content.decode()
    assert "A bird you have never seen" in html
    assert "Draft" not in html
    assert "coach-" not in html
    for below in ("", "changes/", "preview/en/", "files/?part=1", "publish/"):
        assert other.client.get(other.path + below).status_code == 403


def test_a_coach_finds_no_way_to_publish(desk: Desk) -> None:
    desk.press("save", **{PLACES: "Words"})
    assert "publish" not in desk.open().buttons
    assert "publish/" not in desk.open("changes/").html
    assert desk.client.get(f"{desk.path}publish/").status_code == 403
    assert desk.client.post(f"{desk.path}publish/", {"note": "x", "who": "newcomers"}).status_code == 403
    assert desk.press("publish").headers["Location"].endswith("/publish/")


def test_a_script_that_is_not_there_is_not_found(desk: Desk) -> None:
    for below in ("", "changes/", "preview/en/", "files/"):
        assert desk.client.get(f"/studies/{desk.study.slug}/scripts/none/{below}").status_code == 404


def test_nobody_signed_in_is_led_to_sign_in(version: StudyVersion) -> None:
    assert "/sign-in/" in Client().get(f"/studies/{version.study.slug}/scripts/potoo/").headers["Location"]


def test_the_desk_of_a_new_script_has_no_published_one(desk: Desk) -> None:
    drafts.begin(study=desk.study, slug="dusk", like="", by=desk.user, now=clock.now())
    found = desk_of(desk.study, "dusk")
    assert found is not None
    assert found.published is None


def test_a_script_of_as_many_parts_as_a_file_may_have_is_edited_too(desk: Desk) -> None:
    stages = [{"say": {"en": f"Part {n}", "de": f"Teil {n}"}, "hold": "5s"} for n in range(1, 501)]
    whole = {"slug": "potoo", "title": "Long", "stages": stages}
    drafts.save(study=desk.study, script=whole, rev=0, by=desk.user, now=clock.now())
    page = desk.open()
    assert desk.press("save", page, **{"stage-500-say-en": "The last"}).status_code == 303
    assert drafted(desk.study)["stages"][499]["say"]["en"] == "The last"
    # The same page with its words saved: a page of 500 parts is a long one to make again.
    saved = {"rev": "2", "stage-500-say-en": "The last"}
    assert desk.press("add-500", page, **saved, **{"add-500-kind": "rest"}).status_code == 303
    assert len(drafted(desk.study)["stages"]) == 500
