"""A panel's study, walked by people who never have an address: three timepoints, each in a new browser."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

from tests.browser.watch import watched
from tests.coaching.panels import FILES
from tests.walk.client import Browser
from tests.walk.hands import Hands, Mouse, Plain
from tests.walk.lab import SLUG, Lab, opened

STEPS = {"first": ("C1", 2.5), "again": ("C2", 1.0), "last": ("C3", 5.0)}
NewBrowser = Callable[[], AbstractContextManager[Hands]]


@pytest.fixture(scope="module")
def panel_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with opened(tmp_path_factory.mktemp("panel-lab"), FILES) as lab:
        yield lab


def walk(lab: Lab, panel_id: str, new_browser: NewBrowser, codes: Callable[[Hands], list[str]]) -> None:
    """The whole way; `codes` reads those that a page shows."""
    people = len(lab.rows("participants"))
    code = ""
    for place, step in enumerate(STEPS):
        earned = [STEPS[each][0] for each in STEPS][:place]
        with new_browser() as hands:
            hands.open(f"/join/{SLUG}/?PROLIFIC_PID={panel_id}&STUDY_ID=s1")
            assert hands.screen == "welcome"
            hands.press()
            if place == 0:
                comes_in(hands)
                code = hands.code
            assert (hands.screen, hands.code) == ("home", code), "the same person, in whatever browser"
            assert sorted(codes(hands)) == earned
            hands.press()
            assert hands.screen == "question"
            hands.choose("q1", "2")
            hands.press()
            assert hands.screen == ("done" if step == "last" else "wait")
            assert sorted(codes(hands)) == [*earned, STEPS[step][0]]
        lab.later(days=7, minutes=5)
    assert len(lab.rows("participants")) == people + 1
    check_rows(lab, code, panel_id)


def comes_in(hands: Hands) -> None:
    assert hands.screen == "eligibility"
    hands.choose("adult", "yes")
    hands.press()
    assert hands.screen == "consent"
    hands.choose("take_part", "yes")
    hands.press()
    assert hands.screen == "contact"
    hands.pick("timezone", "Europe/Berlin")
    hands.press()


def check_rows(lab: Lab, code: str, panel_id: str) -> None:
    """Answers, payments, the crosswalk, and that nothing was sent."""
    answers = {row["timepoint"]: row["value"] for row in lab.rows_once("responses", 3, participant=code)}
    assert answers == dict.fromkeys(STEPS, 2)
    assert payments(lab, code) == {step: (amount, "EUR", "due") for step, (_, amount) in STEPS.items()}
    known = next(row for row in crosswalk(lab) if row["participant"] == code)
    assert (known["email"], known["panel_id"]) == (None, panel_id)
    assert [(each["timepoint"], each["code"]) for each in known["codes"]] == [(s, c) for s, (c, _) in STEPS.items()]
    assert {row["state"] for row in lab.rows("followups", participant=code)} <= {"failed", "cancelled"}
    assert list((lab.product.folder / "var").glob("outbox/*.eml")) == []
    is_paid(lab, panel_id)
    assert payments(lab, code) == {step: (amount, "EUR", "paid") for step, (_, amount) in STEPS.items()}


def payments(lab: Lab, code: str) -> dict[str, tuple[float, str, str]]:
    rows = lab.rows("payments", participant=code)
    return {row["timepoint"]: (row["amount"], row["currency"], row["state"]) for row in rows}


def is_paid(lab: Lab, panel_id: str) -> None:
    """The owner approves what is due, one entry after the other, and hands in the payer's file."""
    desk = Browser(lab.url)
    desk.open(lab.staff("owner@lab.example", "owner"))
    desk.press()
    page = desk.open(f"/studies/{SLUG}/payments/?state=due")
    while form := next((f for f in page.forms if any(i.name == "payment" for i in f.inputs)), None):
        entry = next(i.value for i in form.inputs if i.name == "payment")
        desk.send(form, {"payment": entry}, mark="act")
        page = desk.open(f"/studies/{SLUG}/payments/?state=due")
    upload = next(form for form in desk.page.forms if any(i.name == "file" for i in form.inputs))
    desk.send(upload, {"file": f"panel_id,reference\n{panel_id},BATCH-1\n".encode()})
    assert "3 entries are marked as paid." in desk.page.words


def crosswalk(lab: Lab) -> list[dict[str, Any]]:
    lab.staff("cross@lab.example", "owner")
    token = lab.manage("api_token", "cross@lab.example", "--study", SLUG, "--scopes", "contact:read")[0]["token"]
    address = f"{lab.url}/api/v1/studies/{SLUG}/contacts/"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        rows: list[dict[str, Any]] = json.load(answer)
    return rows


def test_a_panel_study_is_walked_without_an_address_or_javascript(panel_lab: Lab) -> None:
    @contextmanager
    def new_browser() -> Iterator[Hands]:
        yield Plain(Browser(panel_lab.url))

    def codes(hands: Hands) -> list[str]:
        assert isinstance(hands, Plain)
        links = [link for link in hands.browser.page.links if link.startswith("https://panel.example/")]
        return [link.removeprefix("https://panel.example/complete?cc=") for link in links]

    walk(panel_lab, "5f2a-plain", new_browser, codes)


@pytest.mark.browser
def test_a_panel_study_is_walked_without_an_address_in_a_browser(panel_lab: Lab, chromium: Chromium) -> None:
    @contextmanager
    def new_browser() -> Iterator[Hands]:
        with watched(chromium, panel_lab.url, locale="en-GB") as context:
            yield Mouse(context.new_page())

    def codes(hands: Hands) -> list[str]:
        assert isinstance(hands, Mouse)
        return [str(each.get_attribute("data-code")) for each in hands.page.locator("main [data-code]").all()]

    walk(panel_lab, "5f2a-mouse", new_browser, codes)
