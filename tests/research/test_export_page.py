"""The page on which an export is put together, and the codebook's page."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry
from coaching.models import Study
from research import calls
from tests import world
from tests.research.calls import caller

pytestmark = pytest.mark.django_db
PAGE = "/studies/small-scenes/export/"


@pytest.fixture
def study() -> Study:
    """The example study with people in it, one of them simulated."""
    version = world.example()
    first = world.consented(version)
    second = world.consented(version)
    type(first).objects.filter(pk=second.pk).update(synthetic=True)
    return version.study


@pytest.fixture
def client(study: Study) -> Client:
    return world.browser_of_staff(world.staff(study, "data_manager"))


def shown(client: Client, **query: Any) -> str:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_the_preview_has_the_columns_of_the_file_in_its_order(client: Client, study: Study) -> None:
    page = shown(client, dataset="participants")
    names = re.findall(r'<th scope="col">([a-z_0-9]+)</th>', page)
    assert names == list(caller(study).json("datasets/participants/")["results"][0])


def test_a_filter_narrows_preview_count_file_and_api_call_alike(client: Client, study: Study) -> None:
    page = shown(client, dataset="participants", synthetic="false")
    assert "1 row," in page
    assert "synthetic=false" in html.unescape(page)
    answer = client.post(f"{PAGE}participants/", {"format": "csv", "synthetic": "false"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode(), newline="")))
    assert [row["synthetic"] for row in rows] == ["false"]
    assert '"synthetic": "false"' in AuditEntry.objects.get(action="export.file").detail


def test_days_are_asked_for_as_midnights_in_utc(client: Client) -> None:
    page = html.unescape(shown(client, dataset="participants", since_on="2001-02-03", until_on="2001-02-04"))
    assert "since=2001-02-03T00%3A00%3A00Z&until=2001-02-04T00%3A00%3A00Z" in page
    assert "0 rows," in page


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"since_on": "yesterday"}, "since"),
        ({"since": "2001-02-03"}, "since"),
        ({"synthetic": "perhaps"}, "synthetic"),
        ({"arm": ["a", "b"]}, "arm"),
    ],
)
def test_what_cannot_be_asked_for_is_named_and_nothing_is_offered(
    client: Client, query: dict[str, str], where: str
) -> None:
    answer = client.get(PAGE, {"dataset": "participants", **query})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"{where}: found" in html.unescape(page)
    assert '<form class="row" method="post"' not in page


def test_a_file_asked_for_wrongly_leads_to_the_page_that_says_so(client: Client) -> None:
    answer = client.post(f"{PAGE}participants/", {"format": "csv", "since": "yesterday"}, follow=True)
    assert answer.status_code == 422
    assert not AuditEntry.objects.filter(action="export.file").exists()


@pytest.mark.parametrize("path", [f"{PAGE}?dataset=nothing", f"{PAGE}?format=xls", f"{PAGE}nothing/"])
def test_a_dataset_or_format_that_is_not_there_is_not_found(client: Client, path: str) -> None:
    answer = client.post(path) if path.endswith("nothing/") else client.get(path)
    assert answer.status_code == 404


def test_the_calls_ask_for_what_the_page_shows(study: Study) -> None:
    url = "https://study.example/api/v1/studies/s/datasets/scores/file/"
    asked = {"format": "csv", "arm": "a b"}
    assert calls.address(url, asked) == f"{url}?format=csv&arm=a+b"
    assert f'"{url}?format=csv&arm=a+b"' in calls.as_curl(url, asked, "s_scores.csv")
    compile(calls.as_python(url, asked, "s_scores.csv"), "call", "exec")
    assert 'req_url_query(`format` = "csv", `arm` = "a b")' in calls.as_r(url, asked, "s_scores.csv")


def test_the_page_asks_the_database_the_same_few_questions_for_any_number_of_people(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    shown(client)
    with django_assert_max_num_queries(15):
        shown(client, dataset="wide")


def test_the_codebook_is_searched_in_all_that_it_says(client: Client) -> None:
    page = client.get("/studies/small-scenes/codebook/", {"q": "consent given"}).content.decode()
    assert "consented_at" in page
    assert "response_time_ms" not in page
    nothing = client.get("/studies/small-scenes/codebook/", {"q": "no such word"}).content.decode()
    assert "Nothing fits" in nothing


def test_the_codebook_page_has_items_scores_and_stages(client: Client) -> None:
    for part, name in (("item", "h1"), ("score", "total"), ("stage", "stage_1")):
        page = client.get("/studies/small-scenes/codebook/", {"part": part}).content.decode()
        assert f'class="mono">{name}</th>' in page


@pytest.mark.parametrize("file_format", ["json", "csv", "md"])
def test_the_codebooks_files_are_those_of_the_api(client: Client, study: Study, file_format: str) -> None:
    page = client.get(f"/studies/small-scenes/codebook/{file_format}/")
    assert page.content == caller(study).get("codebook/", format=file_format).content
    assert client.get("/studies/small-scenes/codebook/xls/").status_code == 404
