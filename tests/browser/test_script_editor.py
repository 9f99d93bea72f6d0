"""The editor of a script in a browser: saving by itself, keys alone, no JavaScript, somebody else beside; previews."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import clock
from accounts.models import User
from coaching.models import StudyVersion
from imagery.models import SessionRun
from research.models import ScriptDraft
from tests import world
from tests.browser.playing import NO_VOICES_MS, VOICES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAID = "#stage-1-say-en"


@pytest.fixture
def version() -> StudyVersion:
    return world.example()


def signed_in(page: Page, url: str, user: User) -> None:
    client = world.browser_of_staff(user)
    page.context.add_cookies([{"name": m.key, "value": m.value, "url": url} for m in client.cookies.values()])


@pytest.fixture
def editor(page: Page, live_server: Any, version: StudyVersion) -> Page:
    """The editor of the example's script, in a coach's browser."""
    signed_in(page, live_server.url, world.staff(version.study, "coach"))
    page.goto(address(version))
    return page


def address(version: StudyVersion, below: str = "") -> str:
    return f"/studies/{version.study.slug}/scripts/potoo/{below}"


def stored() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ScriptDraft.objects.get(ended_at=None).content)
    return found


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_contain_text("Saved")


# --- saving by itself ------------------------------------------------------------------------------------------------


def test_what_is_typed_is_saved_by_itself_and_read_while_it_is_typed(editor: Page) -> None:
    expect(editor.locator("[data-saved]")).to_have_text("As published")
    editor.locator(SAID).fill("Now you see a wave.")
    expect(editor.locator("[data-saved]")).to_have_text("Not saved yet")
    saved(editor)
    assert stored()["stages"][0]["say"]["en"] == "Now you see a wave."
    expect(editor.locator(f"{SAID}-about")).to_contain_text("5 words, 5 a sentence")
    expect(editor.locator(f"{SAID}-flags li")).to_have_text(["“see” takes it that something is seen"])
    expect(editor.locator("[data-total='en-flagged']")).to_have_text("1 word to look at")
    editor.locator(SAID).fill("Now there is a wave.")
    expect(editor.locator(f"{SAID}-flags li")).to_have_count(0)


def test_a_press_right_after_typing_saves_what_was_typed_once(editor: Page) -> None:
    editor.locator(SAID).fill("First words")
    with editor.expect_navigation():
        editor.get_by_role("button", name="Check").click()
    expect(editor.locator(".notice.good")).to_contain_text("No fault was found.")
    assert ScriptDraft.objects.get().rev == 1
    editor.locator(SAID).fill("Second words")
    saved(editor)
    with editor.expect_navigation():
        editor.locator("button[value=down-1]").click()
    assert stored()["stages"][1]["say"]["en"] == "Second words"


def test_somebody_else_who_saved_is_told_of_and_nothing_that_was_typed_is_lost(
    editor: Page, version: StudyVersion, chromium: Browser, live_server: Any
) -> None:
    beside = chromium.new_context(base_url=live_server.url).new_page()
    signed_in(beside, live_server.url, world.staff(version.study, "researcher", email="rita@staff.example"))
    beside.goto(address(version))
    beside.locator(SAID).fill("Words of somebody else")
    with beside.expect_navigation():
        beside.locator("main [data-primary]").click()
    beside.context.close()
    editor.locator(SAID).fill("Words of my own")
    expect(editor.locator("[data-overtaken]")).to_contain_text("rita@staff.example saved this script")
    expect(editor.locator(SAID)).to_have_value("Words of my own")
    editor.on("dialog", lambda dialog: dialog.accept())
    with editor.expect_navigation():
        editor.locator("main [data-primary]").click()
    expect(editor.locator("[data-error-summary]")).to_contain_text("rita@staff.example")
    expect(editor.locator(SAID)).to_have_value("Words of my own")
    assert stored()["stages"][0]["say"]["en"] == "Words of somebody else"


def test_what_could_not_be_saved_says_so_and_is_saved_by_the_button(editor: Page) -> None:
    editor.route("**/potoo/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    editor.locator(SAID).fill("Words of my own")
    expect(editor.locator("[data-saved]")).to_contain_text("Press the button to save.")
    editor.unroute("**/potoo/")
    with editor.expect_navigation():
        editor.locator("main [data-primary]").click()
    assert stored()["stages"][0]["say"]["en"] == "Words of my own"


# --- by keys alone ---------------------------------------------------------------------------------------------------


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.value || ''"))


def tab_to(page: Page, wanted: str) -> None:
    for _ in range(200):
        page.keyboard.press("Tab")
        if focused(page) == wanted:
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


def test_everything_is_reached_and_done_by_keys(editor: Page) -> None:
    tab_to(editor, "stage-1-say-en")
    editor.keyboard.press("ControlOrMeta+A")
    editor.keyboard.type("Typed by keys.")
    tab_to(editor, "down-1")
    with editor.expect_navigation():
        editor.keyboard.press("Enter")
    assert stored()["stages"][1]["say"]["en"] == "Typed by keys."
    # Where the part is now, the next Tab leads into it.
    editor.keyboard.press("Tab")
    assert focused(editor).startswith("stage-2-")
    tab_to(editor, "add-2-kind")
    editor.keyboard.press("r")
    tab_to(editor, "add-2")
    with editor.expect_navigation():
        editor.keyboard.press("Space")
    assert "rest" in stored()["stages"][2] or "rate" in stored()["stages"][2]


def test_enter_in_a_line_saves_and_moves_nothing(editor: Page) -> None:
    editor.locator("#title-en").fill("Another title")
    with editor.expect_navigation():
        editor.locator("#title-en").press("Enter")
    assert stored()["title"]["en"] == "Another title"
    assert [next(iter(stage)) for stage in stored()["stages"]][:3] == ["say", "say", "id"]


def test_a_fault_in_the_summary_leads_to_its_field(editor: Page) -> None:
    editor.locator("#stage-3-scale-max").fill("many")
    with editor.expect_navigation():
        editor.get_by_role("button", name="Check").click()
    expect(editor.locator("[data-error-summary]")).to_be_focused()
    editor.locator("[data-error-summary] a").first.press("Enter")
    expect(editor.locator("#stage-3-scale-max")).to_be_focused()


# --- without JavaScript ----------------------------------------------------------------------------------------------


@pytest.fixture
def plain(chromium: Browser, live_server: Any, version: StudyVersion) -> Iterator[Page]:
    """The editor in a browser without JavaScript."""
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    signed_in(page, live_server.url, world.staff(version.study, "owner"))
    page.goto(address(version))
    yield page
    context.close()


def test_without_javascript_a_script_is_written_checked_and_published(plain: Page, version: StudyVersion) -> None:
    plain.locator(SAID).fill("Words without a script.")
    plain.locator("#add-1-kind").select_option("rest")
    plain.locator("button[value=add-1]").click()
    expect(plain.locator("#stage-2-rest")).to_have_value("30s")
    plain.locator("#stage-2-rest").fill("a while")
    plain.locator("button[value=check]").click()
    expect(plain.locator("#stage-2-rest-error")).to_contain_text("expected a duration")
    plain.locator("#stage-2-rest").fill("45s")
    plain.locator("button[value=publish]").click()
    plain.locator("#note").fill("A rest was missing.")
    plain.locator("main [data-primary]").click()
    expect(plain.locator(".notice.good")).to_contain_text("Version 2 is stored.")
    script = json.loads(version.study.versions.latest("n").content)["scripts"]["potoo"]
    assert script["stages"][1] == {"rest": "45s"}


def test_without_javascript_a_preview_goes_from_page_to_page(plain: Page, version: StudyVersion) -> None:
    plain.goto(address(version, "preview/en/"))
    for _ in range(3):
        expect(plain.locator("[data-preview]")).to_contain_text("Nothing is stored")
        plain.locator("main [data-primary]").click()
    expect(plain.locator("main h1")).to_contain_text("How clear")
    plain.locator("main [data-primary]").click()
    expect(plain.locator("[data-error-summary]")).to_be_visible()
    plain.locator("main [data-skip]").click()
    expect(plain.locator("main .kicker")).to_have_text("Part 4 of 10")


# --- the preview -----------------------------------------------------------------------------------------------------

# The first part: twelve words, the moment after them, and the quiet time.
WORDS_MS, QUIET_MS = 5_460 + 800, 20_000


def test_in_a_preview_time_goes_four_times_as_fast(editor: Page, version: StudyVersion) -> None:
    editor.add_init_script(f"({VOICES})([])")
    start = clock.now()
    editor.clock.install(time=start)
    editor.clock.pause_at(start + timedelta(seconds=1))
    editor.goto(address(version, "preview/en/stage_1/"))
    editor.locator("body.playing").wait_for()
    timer = editor.get_by_role("timer")
    editor.clock.run_for((NO_VOICES_MS + WORDS_MS) // 4 + 100)
    expect(timer).to_contain_text("quiet time")
    editor.clock.run_for(QUIET_MS // 4 + 100)
    expect(timer).to_contain_text("Take as long as you like")


def test_a_preview_is_gone_through_and_nothing_of_it_is_stored(editor: Page, version: StudyVersion) -> None:
    with editor.expect_navigation():
        editor.get_by_role("button", name="Preview").click()
    editor.locator("main [data-primary]").click()
    expect(editor.locator("main .kicker")).to_have_text("Part 1 of 10")
    for part in (2, 3):
        editor.locator("main [data-primary]").click()
        expect(editor.locator("[data-preview]")).to_be_visible()
        expect(editor).to_have_title(f"Part {part} of 10 · A bird you have never seen · Potoo")
    editor.locator("main [data-skip]").click()
    expect(editor.locator("main .kicker")).to_have_text("Part 4 of 10")
    with editor.expect_navigation():
        editor.locator("[data-preview] a", has_text="Back to the editor").click()
    assert not SessionRun.objects.exists()
    assert not ScriptDraft.objects.exists()
