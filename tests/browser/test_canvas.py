"""The canvas: whatever one draws with, each line is kept with its time, here and on the server; nothing is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as configured
from playwright.sync_api import Browser, Page, expect

from coaching.models import Enrolment
from imagery.models import Drawing, DrawingDraft
from imagery.services.pictures import path_of
from tests import world
from tests.imagery import easel

pytestmark = pytest.mark.browser


def cookie_of(person: Enrolment, url: str) -> dict[str, str]:
    value = world.browser_of(person).cookies[configured.SESSION_COOKIE_NAME].value
    return {"name": configured.SESSION_COOKIE_NAME, "value": value, "url": url}


@pytest.fixture
def person(transactional_db: None, page: Page, live_server: Any) -> Iterator[Enrolment]:
    """Somebody at their first drawing, in this browser."""
    person = easel.somebody()
    page.context.add_cookies([cookie_of(person, live_server.url)])  # type: ignore[list-item]
    come(page, person)
    yield person
    page.goto("about:blank")  # what it still wanted to save is asked for before the database is emptied


def come(page: Page, person: Enrolment) -> None:
    page.goto(easel.address(person))
    page.wait_for_selector("[data-canvas][data-ready]")


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """A place on the paper (in its units) on the screen."""
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    assert box
    return box["x"] + x / 1000 * box["width"], box["y"] + y / 1000 * box["height"]


def draw(page: Page, *points: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*at(page, *point), steps=4)
    page.mouse.up()


def status(page: Page) -> Any:
    return page.locator("[data-canvas] [data-status]")


def tool(page: Page, name: str) -> Any:
    return page.get_by_role("toolbar").get_by_role("button", name=name, exact=True)


def finish(page: Page, person: Enrolment) -> Drawing:
    page.locator("[data-primary]").click()
    page.wait_for_url("**/photo/")
    return Drawing.objects.get(stage="sketch", run__occasion__enrolment=person)


def marks(drawing: Drawing) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(drawing.strokes)["strokes"]
    return found


def darkness(page: Page, x: float, y: float) -> int:
    """How dark the paper is at a place, 0 to 255, once it has been painted."""
    script = """async ([x, y]) => {
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const canvas = document.querySelector("canvas");
      const place = [Math.round(x / 1000 * canvas.width), Math.round(y / 1000 * canvas.height)];
      return canvas.getContext("2d").getImageData(...place, 1, 1).data[0];
    }"""
    return 255 - int(page.evaluate(script, [x, y]))


# --- drawing ---------------------------------------------------------------------------------------------------------


def test_a_line_is_drawn_said_timed_and_sent(person: Enrolment, page: Page) -> None:
    draw(page, (200, 200), (800, 200), (800, 700))
    expect(status(page)).to_have_text("Line 1 added.")
    assert darkness(page, 500, 200) > 150
    drawing = finish(page, person)
    assert (drawing.status, drawing.stroke_count, drawing.reason) == ("drawn", 1, "")
    (stroke,) = marks(drawing)
    assert (stroke["pointer"], stroke["mode"], stroke["size"], stroke["color"]) == ("mouse", "free", 8, "ink")
    assert stroke["pts"][0][:2] == pytest.approx([200, 200], abs=3)
    assert stroke["pts"][-1][:2] == pytest.approx([800, 700], abs=3)
    times = [point[2] for point in stroke["pts"]]
    assert times == sorted(times)
    assert all(len(point) == 3 for point in stroke["pts"]), "a mouse has no pressure"
    assert path_of(drawing.file).exists()


def test_what_is_undone_cleared_or_rubbed_out_can_come_back_and_is_never_forgotten(
    person: Enrolment, page: Page
) -> None:
    draw(page, (200, 200), (800, 200))
    draw(page, (200, 500), (800, 500))
    tool(page, "Undo").click()
    expect(status(page)).to_have_text("Line 2 removed.")
    assert darkness(page, 500, 500) < 60
    tool(page, "Redo").click()
    expect(status(page)).to_have_text("Line 2 is back.")
    tool(page, "Rub out").click()
    draw(page, (500, 450), (500, 520))
    expect(status(page)).to_have_text("Rubbed out: 1")
    assert (darkness(page, 300, 500) < 60, darkness(page, 300, 200) > 150) == (True, True), "the whole line, no other"
    tool(page, "Undo").click()
    expect(status(page)).to_have_text("Back on the paper: 1")
    tool(page, "Clear").click()
    page.get_by_role("button", name="Keep it").click()
    assert darkness(page, 500, 200) > 150
    tool(page, "Clear").click()
    page.get_by_role("button", name="Clear the paper").click()
    expect(status(page)).to_contain_text("The paper is empty.")
    assert darkness(page, 500, 200) < 60
    tool(page, "Undo").click()
    expect(status(page)).to_have_text("Everything is back.")
    page.keyboard.press("Control+z")
    drawing = finish(page, person)
    assert [stroke["removed_at"] is not None for stroke in marks(drawing)] == [False, True]
    ops = [op["op"] for op in json.loads(drawing.strokes)["ops"]]
    assert ops == ["undo", "redo", "rub", "undo", "clear", "undo", "undo"]


def test_thin_thick_and_eight_named_colours(person: Enrolment, page: Page) -> None:
    colours = [button.inner_text() for button in page.locator("[data-colour]").all()]
    assert colours == ["ink", "grey", "brown", "red", "yellow", "green", "blue", "purple"]
    tool(page, "Thin").click()
    tool(page, "blue").click()
    expect(tool(page, "blue")).to_have_attribute("aria-pressed", "true")
    draw(page, (200, 200), (800, 200))
    (stroke,) = marks(finish(page, person))
    assert (stroke["size"], stroke["color"]) == (3, "blue")


def test_a_word_is_put_on_the_paper_and_enter_does_not_finish_the_page(person: Enrolment, page: Page) -> None:
    tool(page, "Word").click()
    page.mouse.click(*at(page, 300, 400))
    expect(page.get_by_role("textbox", name="Word", exact=True)).to_be_focused()
    page.keyboard.type("grey like bark")
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text("Word added: grey like bark")
    assert page.url.endswith("/sketch/")
    drawing = finish(page, person)
    (word,) = json.loads(drawing.strokes)["words"]
    assert (drawing.status, word["text"]) == ("drawn", "grey like bark")
    assert (word["x"], word["y"]) == pytest.approx((300, 400), abs=3)


def test_without_dragging_a_line_goes_from_tap_to_tap(person: Enrolment, page: Page) -> None:
    tool(page, "Tap").click()
    for point in ((100, 100), (500, 100), (500, 600)):
        page.mouse.click(*at(page, *point))
    expect(status(page)).to_contain_text("Point 3")
    page.get_by_role("button", name="End line").click()
    expect(status(page)).to_have_text("Line 1 added.")
    (stroke,) = marks(finish(page, person))
    assert (stroke["mode"], len(stroke["pts"])) == ("tap", 3)


def test_keys_alone_draw_and_finish(person: Enrolment, page: Page) -> None:
    page.locator("canvas").focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "Shift+ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(status(page)).to_have_text("Line 1 added.")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-cross]")).to_have_js_property("hidden", False)
    page.locator("[data-primary]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/photo/")
    (stroke,) = marks(Drawing.objects.get())
    assert (stroke["pointer"], stroke["mode"]) == ("keyboard", "keys")
    assert [point[:2] for point in stroke["pts"]] == [[500, 500], [510, 500], [520, 500], [520, 540]]


def test_a_pen_is_pressed_and_the_hand_beside_it_draws_nothing(person: Enrolment, page: Page) -> None:
    session = page.context.new_cdp_session(page)

    def pen(kind: str, x: float, y: float, force: float) -> None:
        px, py = at(page, x, y)
        common = {"x": px, "y": py, "button": "left", "buttons": 1, "pointerType": "pen", "force": force}
        session.send("Input.dispatchMouseEvent", {"type": kind, "clickCount": 1, **common})

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [dict(zip("xy", at(page, *point), strict=True)) for point in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    pen("mousePressed", 100, 100, 0.2)
    pen("mouseMoved", 300, 100, 0.9)
    pen("mouseReleased", 300, 100, 0)
    touch("touchStart", (700, 700))
    touch("touchMove", (800, 800))
    touch("touchEnd")
    expect(status(page)).to_have_text("Line 1 added.")
    page.wait_for_timeout(2_100)
    touch("touchStart", (500, 500))
    touch("touchMove", (600, 600))
    touch("touchMove", (650, 600), (100, 900))  # a second finger
    touch("touchEnd")
    expect(status(page)).to_have_text("Line 2 added.")
    first, second = marks(finish(page, person))
    assert first["pointer"] == "pen"
    assert [point[3] for point in first["pts"][:2]] == pytest.approx([0.2, 0.9], abs=0.05)
    assert second["pointer"] == "touch"
    assert max(point[1] for point in second["pts"]) < 650


# --- keeping ---------------------------------------------------------------------------------------------------------


def test_every_line_is_on_this_device_before_the_server_has_any(person: Enrolment, page: Page) -> None:
    page.route("**/strokes/", lambda route: route.abort())
    draw(page, (200, 200), (800, 200))
    expect(status(page)).to_have_text("Line 1 added.")
    page.wait_for_timeout(300)
    page.goto("about:blank")
    DrawingDraft.objects.all().delete()  # what the page could still send as it was left
    come(page, person)
    expect(status(page)).to_have_text("Your drawing is back.")
    assert darkness(page, 500, 200) > 150
    draw(page, (200, 500), (800, 500))
    tool(page, "Undo").click()
    tool(page, "Undo").click()
    expect(status(page)).to_have_text("Line 1 removed.")
    tool(page, "Redo").click()
    drawing = finish(page, person)
    assert [stroke["removed_at"] is None for stroke in marks(drawing)] == [True, False]


def test_the_server_has_it_within_seconds_and_another_device_goes_on_with_it(
    person: Enrolment, page: Page, chromium: Browser, live_server: Any
) -> None:
    with page.expect_response("**/strokes/", timeout=8_000) as saved:
        draw(page, (200, 200), (800, 200))
    assert saved.value.status == 200
    expect(page.locator("[data-canvas] [data-save-status]")).to_contain_text(re.compile(r"Saved \d\d:\d\d"))
    elsewhere = chromium.new_context(base_url=live_server.url)
    elsewhere.add_cookies([cookie_of(person, live_server.url)])  # type: ignore[list-item]
    other = elsewhere.new_page()
    come(other, person)
    draw(other, (200, 500), (800, 500))
    drawing = finish(other, person)
    elsewhere.close()
    assert (drawing.stroke_count, [stroke["id"] for stroke in marks(drawing)]) == (2, [1, 2])


def test_without_a_line_it_says_where_the_drawing_is_and_saves_when_the_line_is_back(
    person: Enrolment, page: Page
) -> None:
    page.context.set_offline(True)
    draw(page, (200, 200), (800, 200))
    expect(page.locator("[data-canvas] [data-save-status]")).to_contain_text("Kept on this device", timeout=8_000)
    with page.expect_response("**/strokes/", timeout=15_000) as saved:
        page.context.set_offline(False)
    assert saved.value.status == 200
    expect(page.locator("[data-canvas] [data-save-status]")).to_contain_text("Saved")


def test_whoever_is_signed_out_midway_finds_the_drawing_when_they_come_back(
    person: Enrolment, page: Page, live_server: Any
) -> None:
    page.context.clear_cookies(name=configured.SESSION_COOKIE_NAME)
    draw(page, (200, 200), (800, 200))
    page.locator("[data-primary]").click()
    page.wait_for_url(lambda url: "/sketch/" not in url)
    assert not Drawing.objects.exists()
    page.context.add_cookies([cookie_of(person, live_server.url)])  # type: ignore[list-item]
    come(page, person)
    assert darkness(page, 500, 200) > 150
    assert finish(page, person).stroke_count == 1


def test_what_was_sent_is_forgotten_by_the_device_on_the_page_after_it(person: Enrolment, page: Page) -> None:
    kept_here = """() => new Promise((done) => {
      indexedDB.open("potoo-drawings", 1).onsuccess = ({ target: { result: base } }) => {
        base.transaction("drawings").objectStore("drawings").getAllKeys().onsuccess = (event) => {
          base.close();
          done(event.target.result);
        };
      };
    })"""
    draw(page, (200, 200), (800, 200))
    page.wait_for_timeout(300)
    assert len(page.evaluate(kept_here)) == 1
    finish(page, person)
    page.wait_for_function(f"async () => (await ({kept_here})()).length === 0")


# --- finishing -------------------------------------------------------------------------------------------------------


def test_a_blank_paper_is_asked_about_once_and_is_fine(person: Enrolment, page: Page) -> None:
    page.locator("[data-primary]").click()
    expect(page.get_by_text("Leave it blank? That is fine.")).to_be_visible()
    assert page.locator("input[name=reason]:checked").get_attribute("value") == "rather_not"
    page.get_by_role("button", name="Go back to drawing").click()
    expect(page.get_by_text("Leave it blank? That is fine.")).to_be_hidden()
    page.locator("[data-primary]").click()
    page.wait_for_url("**/photo/")
    drawing = Drawing.objects.get()
    assert (drawing.status, drawing.reason) == ("skipped", "rather_not")
    assert json.loads(drawing.strokes)["blank"] is True


def test_nothing_came_is_a_reason_that_one_chooses(person: Enrolment, page: Page) -> None:
    page.locator("[data-primary]").click()
    page.locator("label.answer", has_text="Nothing came").click()
    page.get_by_role("button", name="Leave it blank").click()
    page.wait_for_url("**/photo/")
    assert Drawing.objects.get().reason == "nothing_came"


def test_words_instead_need_no_second_press(person: Enrolment, page: Page) -> None:
    page.get_by_role("button", name="Describe it in words instead").click()
    page.keyboard.type("Grey, like bark")
    drawing = finish(page, person)
    assert (drawing.status, drawing.words) == ("words", "Grey, like bark")


def test_without_javascript_a_picture_is_sent_by_the_same_form(
    transactional_db: None, chromium: Browser, live_server: Any
) -> None:
    person = easel.somebody()
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([cookie_of(person, live_server.url)])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(easel.address(person))
    assert page.locator("[data-canvas]").is_hidden()
    sent = {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": easel.picture(300, 200, "JPEG")}
    page.locator("input[type=file]").set_input_files(sent)  # type: ignore[arg-type]
    drawing = finish(page, person)
    context.close()
    assert (drawing.status, drawing.width, drawing.height) == ("uploaded", 300, 200)


# --- for everybody ---------------------------------------------------------------------------------------------------


def test_the_toolbar_is_one_stop_of_the_tab_key_and_arrows_go_through_it(person: Enrolment, page: Page) -> None:
    buttons = page.locator("[role=toolbar] button")
    assert buttons.evaluate_all("all => all.filter((each) => each.tabIndex === 0).length") == 1
    tool(page, "Thin").focus()
    page.keyboard.press("ArrowRight")
    expect(tool(page, "Thick")).to_be_focused()
    page.keyboard.press("End")
    expect(tool(page, "purple")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(tool(page, "Thin")).to_be_focused()
    assert buttons.evaluate_all("all => all.filter((each) => each.tabIndex === 0).length") == 1
    page.keyboard.press("Tab")
    expect(page.locator("canvas")).to_be_focused()


def test_the_page_is_accessible_its_targets_are_large_and_nothing_sticks_out(person: Enrolment, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")  # no colour is caught on its way to another
    page.locator("[data-reasons]").evaluate("each => each.hidden = false")
    page.locator("[data-ask=clear]").evaluate("each => each.hidden = false")
    for width, height in ((1280, 800), (390, 844), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("theme-dusk", "theme-paper"):
            page.evaluate("name => document.documentElement.className = name", scheme)
            found = Axe().run(page, options={"rules": {"color-contrast": {"enabled": True}}})
            assert found.violations_count == 0, f"{scheme}, {width} px: {found.generate_report()}"
        targets = page.locator("[data-canvas] button:visible, [data-draw-acts] button, [data-reasons] button").all()
        boxes = {target.inner_text(): target.bounding_box() or {"width": 0, "height": 0} for target in targets}
        assert [name for name, box in boxes.items() if min(box["width"], box["height"]) < 43.5] == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_only_the_paper_takes_the_fingers_scrolling(person: Enrolment, page: Page) -> None:
    actions = page.evaluate(
        "[...document.querySelectorAll('main *')].filter((each) => getComputedStyle(each).touchAction === 'none')"
        ".map((each) => each.tagName)"
    )
    assert actions == ["CANVAS"]
