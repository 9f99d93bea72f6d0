"""The API's docs under the product's own content policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_docs_draw_themselves_without_anything_that_the_policy_forbids(page: Page) -> None:
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.goto("/api/docs/")
    expect(page.get_by_text("/api/v1/studies/{slug}/flow/")).to_be_visible()
    page.get_by_text("/api/v1/studies/{slug}/flow/").click()
    expect(page.get_by_text("How many people stand where").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [each for each in complaints if each.startswith(("error", "warning"))] == []
