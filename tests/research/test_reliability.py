"""The reliability of a study's own data, as its page says it."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.reliability import Reason, alpha
from coaching.models import Enrolment, StudyVersion
from rehearsal.services import simulate
from research.consistency import SEVERAL_FORMS
from research.views.reliability_words import reason_words
from tests import world
from tests.research import twice

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
ALPHA, VALUES = "Alpha, omega and error", "Values"


class Shown:
    """A page's tables, by caption: the cells of each row by the row's heading, all as text."""

    def __init__(self, browser: Client, address: str) -> None:
        answer = browser.get(address)
        assert answer.status_code == 200, answer.status_code
        self.html = answer.content.decode()
        self.text = _text(self.html)

    def table(self, caption: str, part: str = "score-total") -> dict[str, list[str]]:
        html = self.html[self.html.index(f'id="{part}"') :].partition("</section>")[0]
        for table in re.findall(r"<table.*?</table>", html, re.DOTALL):
            said = re.search(r"<caption.*?</caption>", table, re.DOTALL)
            if said is not None and _text(said[0]).startswith(caption):
                return _rows(table.partition("<tbody>")[2])
        raise AssertionError(f"no table of {part} is called {caption}")


def _rows(body: str) -> dict[str, list[str]]:
    """Cells by heading; after the part of the table that a row stands in, if there are parts."""
    found, part = {}, ""
    for mark, row in re.findall(r"<tr( class=\"part\")?>(.*?)</tr>", body, re.DOTALL):
        heading, *cells = [_text(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        if mark:
            part = heading
        else:
            found[f"{part}: {heading}" if part else heading] = cells
    return found


def _text(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def researcher(version: StudyVersion) -> Client:
    return world.browser_of_staff(world.staff(version.study, "researcher"))


def shown(version: StudyVersion, asked: str) -> Shown:
    return Shown(researcher(version), f"/studies/{version.study.slug}/reliability/?{asked}")


# --- real answers ----------------------------------------------------------------------------------------------------


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

    page = shown(version, "instrument=v16.1&by=language")

    alphas, values = page.table(ALPHA), page.table(VALUES)
    english, french = "Language: English (en)", "Language: français (fr)"
    assert {who: alphas[who][:2] for who in ("Everybody", english, french)} == {
        "Everybody": ["956", "0.964586"],
        english: ["833", "0.968060"],
        french: ["123", "0.870933"],
    }
    # People, without a value, mean, SD, at the floor.
    assert {who: values[who][:5] for who in ("Everybody", english, french)} == {
        "Everybody": ["956", "0", "50.1862", "16.2788", "54"],
        english: ["833", "0", "48.9340", "16.6848", "54"],
        french: ["123", "0", "58.6667", "9.6281", "0"],
    }
    assert page.table("up_to_32, version 2022 Dance 2022")["low 16 to 32"][0] == "155"
    assert page.table("from_75, version 2020 Zeman 2020")["high 75 to 80"][0] == "37"
    # The README's counts of each set: here both bands are within one language.
    for language, low, high in (("en", "153", "36"), ("fr", "2", "1")):
        people = Enrolment.objects.filter(study=version.study).exclude(language=language)
        people.update(erased_at=NOW)
        page = shown(version, "instrument=v16.1")
        assert page.table("up_to_32")["low 16 to 32"][0] == low
        assert page.table("from_75")["high 75 to 80"][0] == high
        people.update(erased_at=None)


# --- one time --------------------------------------------------------------------------------------------------------


@pytest.fixture
def version(db: None) -> StudyVersion:
    return twice.published()


def test_items_count_as_the_score_counts_them(version: StudyVersion) -> None:
    """The fourth item is turned round, and words are no number."""
    twice.give(version, "four", "early", twice.four(twice.SIX_BY_FOUR))

    page = shown(version, "instrument=four.1&timepoint=early")

    people, value, interval, standardised, omega, sem = page.table(ALPHA)["Everybody"]
    assert (people, value, standardised, omega) == ("6", "0.966628", "0.970228", "0.970869")
    assert interval == "0.881 to 0.995"
    sd = page.table(VALUES)["Everybody"][3]
    assert float(sem) == pytest.approx(float(sd) * (1 - 0.966628) ** 0.5, abs=1e-3)
    assert "Alpha is 0.97 (95 % interval 0.88 to 0.99): 6 people answered every item." in page.text


def test_an_item_counts_by_its_weight(version: StudyVersion) -> None:
    twice.give(version, "four", "early", twice.four(twice.SIX_BY_FOUR))

    page = shown(version, "instrument=four.1&timepoint=early")

    expected = alpha([(3 * one, two, four) for one, two, _, four in twice.SIX_BY_FOUR]).value
    assert page.table(ALPHA, "score-heavy")["Everybody"][1] == f"{expected:.6f}"


def test_who_left_an_item_out_has_a_value_and_no_part_in_alpha(version: StudyVersion) -> None:
    twice.give(
        version,
        "four",
        "early",
        twice.four([*twice.SIX_BY_FOUR, (5, 5, None, 5), (1, None, None, 1)]),
    )

    page = shown(version, "instrument=four.1&timepoint=early")

    assert page.table(ALPHA)["Everybody"][:2] == ["6", "0.966628"]
    assert page.table(VALUES)["Everybody"][:2] == ["7", "1"]


def test_alpha_is_shown_within_the_bands_of_each_scheme(version: StudyVersion) -> None:
    twice.give(version, "four", "early", twice.four([*twice.SIX_BY_FOUR, (1, 1, 1, 1), (1, 1, 1, 1)]))

    page = shown(version, "instrument=four.1&timepoint=early")

    own, floor = "Band by the questionnaire’s own bands", "Band by floor"
    alphas = page.table(ALPHA)
    assert [*alphas] == ["Everybody", f"{own}: low", f"{own}: high", f"{floor}: bottom", f"{floor}: above"]
    assert alphas[f"{floor}: bottom"][1] == "Not computable: everybody gave the same answer to an item."
    assert "A pooled alpha is mostly the spread between groups of people: within bands it is" in page.text
    counts = page.table("floor, version 7 Nobody (2024)")
    assert {band: row[:2] for band, row in counts.items()} == {
        "bottom 4": ["2", "25.0 %"],
        "above 5 to 20": ["6", "75.0 %"],
    }
    assert {band: row[0] for band, row in page.table("The questionnaire’s own bands").items()} == {
        "low 4 to 11": "5",
        "high 12 to 20": "3",
    }


def test_the_scheme_that_was_asked_for_comes_first_and_splits_the_items_too(version: StudyVersion) -> None:
    twice.give(version, "four", "early", twice.four(twice.SIX_BY_FOUR))

    page = shown(version, "instrument=four.1&timepoint=early&by=band:floor")

    assert [*page.table(ALPHA)][1].startswith("Band by floor: ")
    assert [len(row) for row in page.table("Group by group").values()] == [2, 2, 2, 2]


def test_the_distribution_holds_everybody(version: StudyVersion) -> None:
    twice.give(version, "four", "early", twice.four(twice.SIX_BY_FOUR))

    page = shown(version, "instrument=four.1&timepoint=early")

    rows = page.table("How often each value comes")
    assert [*rows] == [str(value) for value in range(4, 21)]
    assert {value: row[0] for value, row in rows.items() if row[0] != "0"} == {
        "6": "1",
        "7": "1",
        "9": "1",
        "13": "1",
        "17": "1",
        "19": "1",
    }


def test_everybody_at_the_floor_is_a_finding_and_no_fault(version: StudyVersion) -> None:
    twice.give(version, "four", "early", twice.four([(1, 1, 1, 1)] * 5))
    twice.give(version, "four", "late", twice.four([(1, 1, 1, 1)] * 5))

    page = shown(version, "instrument=four.1")

    assert page.table(ALPHA)["Everybody"][1] == "Not computable: everybody gave the same answer to an item."
    assert page.table(VALUES)["Everybody"][:5] == ["5", "0", "4.0000", "0.0000", "5"]
    iccs = page.table("Intraclass correlations", "twice-total")
    assert {row[0] for row in iccs.values()} == {"Not computable: all values are the same."}
    assert page.table("Kappa", "twice-total")["floor, version 7"] == ["Not computable: only one band was used."]


def test_a_score_of_one_item_has_values_and_no_alpha(version: StudyVersion) -> None:
    twice.give(version, "points", "early", twice.points([one for one, _ in twice.PAIRS]))

    page = shown(version, "instrument=points.1&timepoint=early")

    assert page.table(ALPHA, "score-points")["Everybody"] == ["8", "Not computable: there are fewer than two items."]
    assert page.table(VALUES, "score-points")["Everybody"][:3] == ["8", "0", "44.1250"]


def test_of_several_forms_each_has_its_own_alpha(db: None) -> None:
    version = world.publish(EVERY_KIND, now=NOW - dt.timedelta(days=120))
    simulate(version=version, participants=24, seed="7", start=dt.date(2027, 2, 1), now=NOW, by="command")

    page = shown(version, "instrument=pictures.1&timepoint=first")

    alphas = page.table(ALPHA, "score-total_high_is_vivid")
    assert alphas["Everybody"][1].startswith("Not computable: these people were given different forms")
    assert all("." in alphas[f"Form: {form}"][1] for form in ("a", "b"))
    # The two items of the third score are asked by both forms.
    assert "." in page.table(ALPHA, "score-weighed")["Everybody"][1]


def test_groups_are_told_apart_and_called_by_their_titles(db: None) -> None:
    version = world.publish(EVERY_KIND, now=NOW - dt.timedelta(days=120))
    simulate(version=version, participants=12, seed="7", start=dt.date(2027, 2, 1), now=NOW, by="command")

    values = shown(version, "instrument=pictures.1&timepoint=first&by=arm").table(VALUES, "score-weighed")

    assert {"Group: Pictures", "Group: Words"} < {*values}
    assert sum(int(row[0]) for who, row in values.items() if who.startswith("Group: ")) == int(values["Everybody"][0])


# --- two times -------------------------------------------------------------------------------------------------------


@pytest.fixture
def repeated(version: StudyVersion) -> StudyVersion:
    """The pairs, two weeks apart; a ninth person came once."""
    twice.give(version, "points", "early", twice.points([*(p for p, _ in twice.PAIRS), 99]), "2026-01-05T10:00:00Z")
    twice.give(version, "points", "late", twice.points([p for _, p in twice.PAIRS]), "2026-01-19T10:00:00Z")
    return version


def test_a_score_taken_twice_says_how_far_it_repeats_itself(repeated: StudyVersion) -> None:
    page = shown(repeated, "instrument=points.1")

    iccs = {name.partition(" ")[0]: row[0] for name, row in page.table("Intraclass", "twice-points").items()}
    assert (iccs["ICC(2,1)"], iccs["ICC(3,1)"]) == ("0.987198", "0.989073")
    assert [*iccs] == ["ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"]
    facts = page.table("Agreement", "twice-points")
    assert {name: row[0] for name, row in facts.items()} == {
        "Pearson correlation": "0.989432",
        "Bias: second minus first, on average": "1.6250",
        "SD of the differences": "2.9731",
        "Limits of agreement (95 %)": "-4.2023 to 7.4523",
        "Error of measurement (SEM, agreement)": "2.2776",
        "Smallest detectable change (SDC, 95 %)": "6.3132",
    }
    assert "8 people have both values. 1 lacks one and is left out. The two are 14 days apart (median)." in page.text
    assert page.table("Kappa", "twice-points")["halves, version 1"][0] == "0.750000"


def test_the_picture_of_two_times_has_its_table(repeated: StudyVersion) -> None:
    page = shown(repeated, "instrument=points.1")

    dots = page.table("Second minus first", "twice-points")
    assert [(mean, *row) for mean, row in dots.items()][:3] == [
        ("16.5", "1", "1"),
        ("22", "4", "1"),
        ("30", "-2", "1"),
    ]
    # Two people share a mean, but not a difference.
    assert page.html.count('class="dot"') == 8


def test_without_a_word_the_first_two_baselines_are_compared_in_the_order_of_time(repeated: StudyVersion) -> None:
    unsaid, turned = shown(repeated, "instrument=points.1"), shown(repeated, "instrument=points.1&timepoint=late")

    assert "Taken twice: Early, Late" in unsaid.text
    assert turned.table("Agreement", "twice-points") == unsaid.table("Agreement", "twice-points")
    assert "Taken twice" not in shown(repeated, "instrument=points.1&second=").text


def _many(version: StudyVersion) -> None:
    """Ninety people: the lower, the less they differ from one time to the next."""
    values = [place + 2 for place in range(90)]
    twice.give(version, "points", "early", twice.points(values))
    twice.give(
        version,
        "points",
        "late",
        twice.points([value + (value // 30 + 1) * (-1) ** n for n, value in enumerate(values)]),
    )


def test_the_error_is_shown_by_level(version: StudyVersion) -> None:
    _many(version)

    levels = shown(version, "instrument=points.1").table("Error of measurement by level", "twice-points")

    thirds = {row: cells for row, cells in levels.items() if row.startswith("Thirds of the people: ")}
    assert [row.partition(": ")[2] for row in thirds] == ["0 to 31", "32 to 61", "62 to 100"]
    errors = [float(cells[1]) for cells in thirds.values()]
    assert errors == sorted(errors)
    assert errors[0] < errors[2] / 2
    assert sum(int(cells[0]) for cells in thirds.values()) == 90
    assert {row for row in levels if "Band" in row} == {"Band by halves: 0 to 45 low", "Band by halves: 46 to 100 high"}


def test_the_norm_that_is_offered_can_be_put_into_the_questionnaires_file(version: StudyVersion) -> None:
    _many(version)

    page = shown(version, "instrument=points.1")

    [norm] = re.findall(r"<code>(norms:.*?)</code>", page.html, re.DOTALL)
    files = twice.FILES | {"instruments/points.yaml": f"{twice.FILES['instruments/points.yaml']}{unescape(norm)}\n"}
    world.publish(files)
    [kept] = json.loads(version.study.versions.latest("n").content)["instruments"]["points"]["norms"]
    assert (kept["n"], kept["kind"], kept["population"], kept["mean"]) == (90, "retest", "Taken twice", 46.5)
    assert [(error["from"], error["to"]) for error in kept["errors"]] == [(0, 31), (32, 61), (62, 100)]


def test_simulated_people_make_no_norm(db: None) -> None:
    version = world.publish(EVERY_KIND, now=NOW - dt.timedelta(days=120))
    simulate(version=version, participants=24, seed="7", start=dt.date(2027, 2, 1), now=NOW, by="command")

    page = shown(version, "instrument=pictures.1&timepoint=first&second=again")

    assert "ICC(2,1)" in page.text
    assert "kind: retest" not in page.text
    assert "Simulated people are among these, so that no norm is made of them." in page.text


# --- what is asked for -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked", ["instrument=nothing.1", "instrument=four", "by=mood", "by=band:none", "people=nobody"]
)
def test_what_is_not_there_is_not_found(asked: str, version: StudyVersion) -> None:
    assert researcher(version).get(f"/studies/twice/reliability/?{asked}").status_code == 404


def test_a_choice_that_the_questionnaire_does_not_know_falls_back(version: StudyVersion) -> None:
    page = shown(version, "instrument=points.1&timepoint=later&second=nowhere&by=band:floor")

    assert "Taken twice: Early, Late" in page.text


def test_a_study_without_answers_shows_empty_numbers_and_no_fault(version: StudyVersion) -> None:
    page = shown(version, "")

    assert page.table(ALPHA)["Everybody"] == ["0", "Not computable: fewer than two people have all values."]
    assert page.table(VALUES)["Everybody"] == ["0", "0", "–", "–", "0", "0"]


def test_a_study_without_scores_says_so(db: None) -> None:
    version = world.publish(
        world.edited({"scores:\n  total: {of: all, how: sum}\n": "scores: {}\n"}, world.TINY, "instruments/one.yaml")
    )

    assert "Nothing to measure yet" in shown(version, "").text


@pytest.mark.parametrize("role", ["coach", "observer"])
def test_it_is_for_those_who_may_take_the_data(role: str, version: StudyVersion) -> None:
    browser = world.browser_of_staff(world.staff(version.study, role))

    assert browser.get("/studies/twice/reliability/").status_code == 403


def test_each_reason_has_its_words() -> None:
    assert {*reason_words()} == {str(reason) for reason in Reason} | {SEVERAL_FORMS}


def test_it_asks_few_questions_of_the_database(version: StudyVersion) -> None:
    twice.give(version, "four", "early", twice.four([twice.SIX_BY_FOUR[n % 6] for n in range(60)]))
    twice.give(version, "four", "late", twice.four([twice.SIX_BY_FOUR[n % 5] for n in range(60)]))
    browser = researcher(version)
    address = "/studies/twice/reliability/?instrument=four.1&by=arm"
    browser.get(address)

    with CaptureQueriesContext(connection) as queries:
        browser.get(address)

    assert len(queries) <= 15


def test_numpy_is_read_for_this_page_alone() -> None:
    code = (
        "import django, sys; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns; "
        "assert not {'numpy', 'scipy'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
