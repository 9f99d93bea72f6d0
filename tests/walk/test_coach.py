"""A coach's day: from the sign-in to the last row of those who need them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.browser.watch import watched
from tests.walk.client import Browser
from tests.walk.desk import Keyboard, Mouse
from tests.walk.lab import SLUG, Lab, opened

pytestmark = pytest.mark.browser
UNCERTAIN = (
    "from coaching.models import Enrolment, Message; import clock; "
    "Message.objects.create(enrolment=Enrolment.objects.get(pseudonym='{code}'), kind='link', n=1, "
    "due_at=clock.now(), state='uncertain', reason='connection lost', attempts=1)"
)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with opened(tmp_path) as lab:
        yield lab


def enter(lab: Lab) -> tuple[Browser, str]:
    """Somebody who agreed to take part; their code."""
    browser = Browser(lab.url)
    browser.open(f"/join/{SLUG}/")
    browser.press()
    browser.press(age="34")
    browser.press(heard="web")
    browser.press(take_part="yes", data="yes")
    browser.press(email="", timezone="Europe/London")
    return browser, browser.open("/me/").code


@pytest.mark.parametrize("hands", [pytest.param(Mouse, marks=pytest.mark.slow), Keyboard])
def test_every_row_of_needs_you_is_seen_to(lab: Lab, chromium: Chromium, hands: type[Mouse] | type[Keyboard]) -> None:
    asking, asks = enter(lab)
    _, late = enter(lab)
    _, other = enter(lab)
    lab.manage("shell", "--no-imports", "-c", UNCERTAIN.format(code=other))
    lab.later(days=3)
    asking.open("/me/messages/")
    asking.press(text="Could I do this with my eyes open?")
    link = lab.staff("coach@lab.example", "coach")

    with watched(chromium, lab.url) as context:
        desk = hands(context.new_page())
        desk.open(link)
        desk.go("Sign in", within="main")
        today = f"/studies/{SLUG}/today/"
        desk.open(today)
        kinds = [each.get_attribute("data-need") for each in desk.page.locator("[data-need]").all()]
        assert kinds[0] == "help"
        assert kinds[-1] == "mail"
        assert kinds.count("late") >= 2

        desk.go(f"Reply: {asks}")
        expect(desk.page.locator("main")).to_contain_text("Could I do this with my eyes open?")
        desk.fill("Your message", "Yes. Open or closed, as you like.")
        desk.go("Send", within="main")
        assert "Yes. Open or closed, as you like." in asking.open("/me/messages/").words

        desk.open(today)
        desk.go(f"Move dates: {late}")
        desk.go(" ".join(desk.page.locator("a[href$='/schedule/baseline/']").inner_text().split()), within="main")
        skipping = "section[aria-labelledby='skip-head']"
        desk.fill("Why", "On holiday until Monday", within=skipping)
        desk.go("See what changes: Skip it", within=skipping)
        desk.go("Change it")
        expect(desk.page.locator("main")).to_contain_text("On holiday until Monday")

        desk.open(today)
        while desk.page.get_by_role("button", name="Seen, no action").count():
            name = desk.page.get_by_role("button", name="Seen, no action").first.inner_text()
            desk.go(" ".join(name.split()), within="[data-needs]")
        desk.go(f"Settle: {other}")
        desk.go("It was delivered", within="main")
        desk.open(today)
        expect(desk.page.locator("[data-needs]")).to_contain_text("No one needs you right now.")
    assert lab.manage("verify_audit") is not None
