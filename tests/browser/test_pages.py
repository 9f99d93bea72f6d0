"""What holds for every page that anybody reaches: readable, reachable, quiet, in both themes and on every width."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.gallery import Gallery
from tests.browser.pages import LIKE, PAGES, PARTICIPANT
from tests.browser.screens import SEEN_ELSEWHERE
from tests.browser.watch import watched

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
# 1280 by 800 at 400 %.
ZOOMED = {"width": 320, "height": 200}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Axe()

FIND_VIOLATIONS = """async (tags) => {
  const found = await axe.run(document, {
    runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'], elementRef: false,
  });
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target} ${n.failureSummary}`));
}"""
# A link inside a sentence may be as low as its line; a radio or checkbox is pressed by its label.
SMALL_TARGETS = """() => {
  const small = [];
  for (const each of document.querySelectorAll('a[href], button, input, select, textarea, summary, label.answer')) {
    if (each.matches('[type=hidden], .answer > input') || !each.checkVisibility({ visibilityProperty: true })) continue;
    const inSentence = each.matches('a') && getComputedStyle(each).display === 'inline'
      && each.parentElement.textContent.trim().length > each.textContent.trim().length + 3;
    const box = each.getBoundingClientRect();
    const isSkip = each.matches('.skip');
    if (!inSentence && !isSkip && (box.width < 24 || box.height < 24)) small.push(each.outerHTML.slice(0, 120));
  }
  return small;
}"""
SCROLLS_SIDEWAYS = """() => {
  const root = document.scrollingElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.querySelectorAll('body *')]
    .filter((each) => each.getBoundingClientRect().right > root.clientWidth + 1)
    .map((each) => each.outerHTML.slice(0, 120)).slice(0, 5);
}"""


def _is_variant(name: str) -> bool:
    """Whether the like of a page is gone through anyway, so that the proofs may do with it."""
    return name in SEEN_ELSEWHERE or name in LIKE or name.endswith(("_error", "_none", "_german"))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if _is_variant(name) else []) for name in PAGES]
)
def test_a_page_is_for_everybody(gallery: Gallery, chromium: Browser, name: str) -> None:
    with watched(chromium, gallery.lab.url, color_scheme="light") as context:
        page = context.new_page()
        PAGES[name](gallery, page)
        page.evaluate(AXE.axe_script)
        problems: dict[str, Any] = {}
        # Each theme and each width: a theme changes no layout, and a width no colour.
        for theme, size in zip(themes(page), (WIDE, NARROW), strict=True):
            page.evaluate("theme => { document.documentElement.className = theme }", theme)
            page.set_viewport_size(size)
            problems[f"axe, {theme}, {size['width']} px"] = page.evaluate(FIND_VIOLATIONS, RULES)
            problems[f"small targets, {size['width']} px"] = page.evaluate(SMALL_TARGETS)
            problems[f"sideways scroll, {size['width']} px"] = page.evaluate(SCROLLS_SIDEWAYS)
        page.set_viewport_size(ZOOMED)
        problems["sideways scroll, zoomed"] = page.evaluate(SCROLLS_SIDEWAYS)
        assert {what: found for what, found in problems.items() if found} == {}
        if name in PARTICIPANT:
            assert page.locator("main [data-primary]").count() == 1
            assert page.locator("[data-primary]").count() == 1


def test_what_is_left_to_the_proofs_is_like_a_page_that_is_not() -> None:
    assert LIKE.keys() <= PAGES.keys()
    assert [like for like in LIKE.values() if like not in PAGES or _is_variant(like)] == []


@pytest.mark.parametrize(
    "name", ["eligibility_choice", "consent", "question", "question_german", "leaving", "rate", "rate_eleven", "choose"]
)
def test_nothing_is_chosen_beforehand(gallery: Gallery, chromium: Browser, name: str) -> None:
    with watched(chromium, gallery.lab.url) as context:
        page = context.new_page()
        PAGES[name](gallery, page)
        assert page.locator("main input[type=radio], main input[type=checkbox]").count() >= 2
        assert page.locator("main input:checked").count() == 0


@pytest.mark.parametrize("name", ["consent", "home", "question"])
def test_a_german_page_has_nothing_english_to_press(gallery: Gallery, chromium: Browser, name: str) -> None:
    said = []
    for page_name in (name, f"{name}_german"):
        with watched(chromium, gallery.lab.url) as context:
            page = context.new_page()
            PAGES[page_name](gallery, page)
            said.append({text.strip() for text in page.locator("a, button, summary, h2, legend").all_inner_texts()})
    assert len(said[0] & said[1]) < len(said[0]) / 2
    assert {text for text in said[0] & said[1] if " " in text} == set()


def test_the_description_of_the_api_asks_no_other_host(gallery: Gallery, chromium: Browser) -> None:
    with watched(chromium, gallery.lab.url) as context:
        page = context.new_page()
        answer = page.goto("/api/docs/")
        page.get_by_text("/api/v1/studies/{slug}/datasets/", exact=False).first.wait_for()
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def themes(page: Page) -> tuple[str, str]:
    """The classes of the theme that is shown, and of the other."""
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    is_dusk = background == "rgb(14, 22, 27)"
    return ("theme-dusk", "theme-paper") if is_dusk else ("theme-paper", "theme-dusk")
