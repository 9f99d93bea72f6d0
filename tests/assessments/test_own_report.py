"""A person's own report: in its time, with the error drawn and said, without a label or a verdict."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from assessments.services import Given
from coaching.models import Enrolment, StudyVersion
from coaching.services.people import withdraw
from config.tick import turn
from tests import world
from tests.assessments.papers import DAY, FILES, NOW, SHORT, STUDY, T0, fill, page_of

EVERY_KIND = Path(__file__).parents[1] / "studies" / "every_kind"
REPORT = "/me/report/"
NORM = "{score: total, population: nobody, n: 10, mean: 9, sd: 2, reliability: 0.5, kind: retest, source: invented}"
VERDICTS = (
    "increased", "decreased", "improved", "worse", "reliable", "unchanged", "clinical", "recover", "cure", "abnormal",
    "normal", "disorder", "diagnos", "aphantasi", "hyperphantasi", "floor", "typical",
)  # fmt: skip


def files(feedback: str = "{scores: [short.total], after: first}", norm: str = NORM, more: str = "") -> world.Files:
    return FILES | {
        "study.yaml": STUDY.replace("instruments: [short, wide]", "instruments: [short]")
        + (f"feedback: {feedback}\n" if feedback else "")
        + more,
        "instruments/short.yaml": SHORT.replace(NORM, norm),
    }


def someone_of(source: world.Files) -> Enrolment:
    return world.consented(world.publish({k: v for k, v in source.items() if "wide" not in k}, now=T0), T0)


@pytest.fixture
def reads(settings: Any, db: None) -> Any:
    """Somebody of a study who filled in the first step, and their browser."""

    def made(source: world.Files, *, answers: bool = True) -> tuple[Enrolment, Client]:
        world.move_clock(settings, NOW)
        person = someone_of(source)
        if answers:
            fill(person, 2, 5, 1)
        return person, world.browser_of(person)

    return made


def words(page: str) -> str:
    """What the page says, without its marks."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).lower()


def test_there_is_no_report_before_its_time_and_no_way_to_it(reads: Any) -> None:
    _, browser = reads(files(), answers=False)

    assert browser.get(REPORT).status_code == 404
    assert REPORT not in page_of(browser.get("/me/"))


def test_it_is_open_once_the_step_is_done_and_home_leads_there(reads: Any) -> None:
    _, browser = reads(files())

    assert browser.get(REPORT).status_code == 200
    assert f'href="{REPORT}"' in page_of(browser.get("/me/"))


def test_a_study_that_says_nothing_of_it_gives_none(reads: Any) -> None:
    _, browser = reads(files(feedback=""))

    assert browser.get(REPORT).status_code == 404


def test_without_a_step_it_waits_for_the_end(reads: Any) -> None:
    _, browser = reads(files(feedback="{scores: [short.total]}"))

    assert browser.get(REPORT).status_code == 404


def test_nobody_else_reads_it(reads: Any) -> None:
    reads(files())

    assert Client().get(REPORT).status_code in (302, 303, 401, 403, 404)
    other = world.consented(StudyVersion.objects.get(), T0)
    assert world.browser_of(other).get(REPORT).status_code == 404


def test_who_left_is_not_told(reads: Any) -> None:
    person, browser = reads(files())
    withdraw(enrolment=person, choice="keep", by="participant", now=T0 + DAY)

    assert browser.get(REPORT).status_code != 200
    assert browser.get(REPORT).status_code in (303, 404, 410)


def test_the_error_is_drawn_and_stands_in_the_table(reads: Any) -> None:
    _, browser = reads(files())

    page = page_of(browser.get(REPORT))

    # 2 and 5 reversed to 1 and 1; SEM = 2 * sqrt(0.5) = 1.414, so that 95 % is 2.8 either way, within 3 to 15.
    assert 'data-label="Number">4</td>' in page
    assert re.search(r'data-label="May truly lie between">3 and 6\.8</td>', page)
    span = re.search(r'<line class="span" x1="([0-9.]+)" x2="([0-9.]+)"', page)
    assert span is not None
    low, high = float(span.group(1)), float(span.group(2))
    assert (low, high) == (24.0, pytest.approx(24 + 452 * (6.77 - 3) / 12, abs=1))
    # A difference has the error of two values: 1.96 * 1.414 * sqrt(2).
    assert "By chance alone, two may lie up to 3.9 apart." in page
    assert "nobody (invented)" in page


def test_two_times_are_two_points_in_the_order_of_the_study(reads: Any, settings: Any) -> None:
    person, browser = reads(files())
    later = world.move_clock(settings, T0 + 8 * DAY)
    fill(person, 5, 1, 5, at=later, step="second")

    page = page_of(browser.get(REPORT))

    assert page.count('<circle class="end"') == 2
    assert re.findall(r'data-label="Number">([^<]+)<', page) == ["4", "15"]
    assert page.index("The first one") < page.index("second")


@pytest.mark.parametrize("answers", [(1, 5, 1), (5, 1, 5)])
def test_no_label_and_no_verdict_is_given(answers: tuple[float, ...], reads: Any, settings: Any) -> None:
    person, browser = reads(files(), answers=False)
    fill(person, *answers)
    fill(person, *(6 - n for n in answers), at=world.move_clock(settings, T0 + 8 * DAY), step="second")

    said = words(page_of(browser.get(REPORT)))

    assert [word for word in VERDICTS if word in said] == []
    assert not re.search(r"\b(low|high)\b", said)


@pytest.mark.parametrize("more", ["selected: true", "tag: unverified"])
def test_a_sample_that_may_not_speak_does_not(more: str, reads: Any) -> None:
    _, browser = reads(files(norm=NORM.replace("}", f", {more}}}")))

    page = page_of(browser.get(REPORT))

    assert 'class="span"' not in page
    assert 'data-label="May truly lie between">Not known</td>' in page
    assert "By how much is not known" in page
    assert "invented" not in page


def test_a_selected_sample_speaks_where_the_study_says_so(reads: Any) -> None:
    norm = NORM.replace("}", ", selected: true}")
    _, browser = reads(files(norm=norm, more="change: {selected_norms: true}\n"))

    assert 'class="span"' in page_of(browser.get(REPORT))


def test_a_score_without_a_value_is_not_shown(reads: Any) -> None:
    person, browser = reads(files(), answers=False)
    fill(person, Given("declined"), Given("declined"), 1)

    page = page_of(browser.get(REPORT))

    assert "There is nothing to show" in page
    assert "<table" not in page


def test_it_is_in_the_language_of_the_person(settings: Any, db: None) -> None:
    world.move_clock(settings, NOW)
    source = {k: v for k, v in files().items() if "wide" not in k}
    person = world.consented(world.publish(source, now=T0), T0, language="de")
    fill(person, 2, 5, 1)

    page = page_of(world.browser_of(person).get(REPORT))

    assert "Kurz" in page
    assert "Der erste" in page


def test_a_step_that_passed_undone_opens_it_too(settings: Any, db: None) -> None:
    world.move_clock(settings, NOW)
    person = someone_of(files("{scores: [short.total], after: second}"))
    fill(person, 2, 5, 1)
    browser = world.browser_of(person)
    assert browser.get(REPORT).status_code == 404

    turn(now=world.move_clock(settings, T0 + dt.timedelta(days=11)))

    assert 'data-label="Number">4</td>' in page_of(browser.get(REPORT))
