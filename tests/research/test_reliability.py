"""The page of reliability: real answers give their published figures, and what can't be computed says why."""

from __future__ import annotations

import datetime as dt
import json
import re
from html import unescape
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from rehearsal.services import simulate
from research.services import create_token
from tests import world

NOW = dt.datetime(2027, 6, 1, 10, 0, tzinfo=dt.UTC)
OPEN = Path(__file__).parents[3] / "shared" / "data" / "vviq_open.csv"
EVERY_KIND = Path(__file__).parents[1] / "studies" / "every_kind"
ITEMS = "".join(f"      - {{id: q{n}, text: Detail {n}}}\n" for n in range(1, 17))
SIXTEEN: world.Files = {
    **world.TINY,
    "study.yaml": str(world.TINY["study.yaml"])
    .replace("slug: tiny", "slug: open-answers")
    .replace("languages: [en]", "languages: [en, fr]")
    .replace("instruments: [one]", "instruments: [one, v16]"),
    "instruments/v16.yaml": f"""\
id: v16
title: Sixteen details
source: structure of Marks (1973)
licence: CC0-1.0
scale: {{min: 1, max: 5, step: 1, direction: higher_is_more}}
sections:
  - id: scenes
    items:
{ITEMS}
scores: {{total: {{of: all, how: sum}}}}
schemes:
  total:
    - {{name: up_to_32, version: "2022", source: Dance 2022, bands: {{low: [16, 32], others: [33, 80]}}}}
    - {{name: from_75, version: "2020", source: Zeman 2020, bands: {{others: [16, 74], high: [75, 80]}}}}
""",
}


def rows_of(page: str) -> dict[str, list[str]]:
    """The cells of each row of the page's first table, by who it is of."""
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL):
        cells = [
            unescape(re.sub("<[^>]+>", " ", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        found[cells[0].split("  ")[0]] = cells[1:]
    return found


@pytest.mark.skipif(not OPEN.exists(), reason="the open answers are not here")
@pytest.mark.django_db
def test_real_answers_show_their_published_figures(tmp_path: Path) -> None:
    version = world.publish(SIXTEEN, now=NOW)
    step = json.loads(version.content)["study"]["before"][0]["id"]
    columns = tmp_path / "map.yaml"
    columns.write_text("participant: id\nlanguage: lang\n" + "".join(f"q{n}: vviq_q{n}\n" for n in range(1, 17)))
    call_command(
        "import_answers", version.study.slug, str(OPEN), instrument="v16", timepoint=step, map=columns, create=True
    )
    browser = world.browser_of_staff(world.staff(version.study, "researcher"))

    page = browser.get("/studies/open-answers/reliability/?instrument=v16.1&by=language").content.decode()

    rows = rows_of(page)
    assert rows["Everybody"][5] == "0.964586"
    assert rows["Everybody"][:4] == ["956", "50.1862", "16.2788", "54"]
    assert rows["Language: en"][:4] == ["833", "48.9340", "16.6848", "54"]
    assert rows["Language: en"][5] == "0.968060"
    assert rows["Language: fr"][:4] == ["123", "58.6667", "9.6281", "0"]
    assert rows["Language: fr"][5] == "0.870933"
    assert re.search(r'data-label="People">155</td>', page)
    assert re.search(r'data-label="People">37</td>', page)


@pytest.fixture
def simulated(db: None) -> Client:
    version = world.publish(EVERY_KIND, now=NOW - dt.timedelta(days=120))
    simulate(version=version, participants=30, seed="7", start=dt.date(2027, 2, 1), now=NOW, by="command")
    return world.browser_of_staff(world.staff(version.study, "researcher"))


def test_two_times_are_compared_and_groups_told_apart(simulated: Client) -> None:
    page = simulated.get(
        "/studies/every-kind/reliability/?instrument=pictures.1&timepoint=first&second=again&by=arm"
    ).content.decode()

    assert "ICC(2,1)" in page
    assert "Smallest detectable change" in page
    assert "Arm: pictures" in page
    assert "kind: retest" in page


def test_what_can_not_be_computed_says_why(simulated: Client) -> None:
    page = simulated.get("/studies/every-kind/reliability/?instrument=person.1&timepoint=first").content.decode()

    assert "there are fewer than two items" in page


@pytest.mark.parametrize("asked", ["instrument=nothing.1", "by=mood", "people=nobody"])
def test_what_is_not_there_is_not_found(asked: str, simulated: Client) -> None:
    assert simulated.get(f"/studies/every-kind/reliability/?{asked}").status_code == 404


def test_an_empty_study_shows_empty_numbers_and_no_fault(db: None) -> None:
    version = world.example(now=NOW)
    browser = world.browser_of_staff(world.staff(version.study, "researcher"))

    page = browser.get(f"/studies/{version.study.slug}/reliability/")

    assert page.status_code == 200
    assert "fewer than two people" in page.content.decode()


def test_the_api_gives_the_same_numbers(db: None) -> None:
    version = world.publish(EVERY_KIND, now=NOW - dt.timedelta(days=120))
    simulate(version=version, participants=30, seed="7", start=dt.date(2027, 2, 1), now=NOW, by="command")
    researcher = world.staff(version.study, "researcher")
    _, secret = create_token(study=version.study, user=researcher, scopes=["export:read"], by="command", now=NOW)
    asked = "instrument=pictures&timepoint=first&second=again&by=arm"

    answer = Client().get(
        f"/api/v1/studies/every-kind/reliability/?{asked}", headers={"Authorization": f"Bearer {secret}"}
    )

    found = answer.json()
    assert answer.status_code == 200, found
    [vivid] = [each for each in found["scores"] if each["score"] == "total_high_is_vivid"]
    on_page = asked.replace("pictures", "pictures.1")
    page = world.browser_of_staff(researcher).get(f"/studies/every-kind/reliability/?{on_page}").content.decode()
    assert f"{vivid['groups'][0]['mean']:.4f}" in page
    assert {group["group"] for group in vivid["groups"]} >= {"pictures", "words", "floor"}
    [again] = [each for each in found["repeated"] if each["score"] == "total_high_is_vivid"]
    assert f"{again['icc_2_1']:.6f}" in page
