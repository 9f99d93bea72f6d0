"""Pages of rows: filters, sizes, cursors, and walks while everything moves."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import clock
from coaching.models import Enrolment, StudyVersion
from coaching.services.people import new_pseudonym
from tests import world
from tests.research.calls import Caller, caller, person

pytestmark = pytest.mark.django_db

AT = dt.datetime(2027, 3, 14, 7, 30, 0, 123_456, tzinfo=dt.UTC)
ENCODED_PLUS = "2027-03-14T08:30:00+01:00"


@pytest.fixture
def version() -> StudyVersion:
    return world.example(sessions=False)


@pytest.fixture
def program(version: StudyVersion) -> Caller:
    return caller(version.study)


def crowd(version: StudyVersion, n: int, **given: Any) -> list[str]:
    """People who consented, written in bulk."""
    rows = [
        Enrolment(
            study=version.study,
            version=version,
            pseudonym=new_pseudonym(),
            timezone="UTC",
            language="en",
            **{"consented_at": clock.now(), **given},
        )
        for _ in range(n)
    ]
    return [row.pseudonym for row in Enrolment.objects.bulk_create(rows)]


def fault(program: Caller, path: str, **parameters: Any) -> dict[str, str]:
    response = program.get(path, **parameters)
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    [found] = response.json()["errors"]
    assert found["where"]
    assert found["found"]
    assert found["expected"]
    return found  # type: ignore[no-any-return]


# --- filters ---------------------------------------------------------------------------------------------------------


def test_each_filter_leaves_the_rows_that_equal_it(version: StudyVersion, program: Caller) -> None:
    first, second = person(version), person(version)
    Enrolment.objects.filter(pk=second.pk).update(synthetic=True)
    for dataset in ("participants", "responses", "scores", "wide"):
        everything = program.rows(dataset)
        of_first = [row for row in everything if row["participant"] == first.pseudonym]
        assert 0 < len(of_first) < len(everything)
        assert program.rows(dataset, participant=first.pseudonym) == of_first
        assert program.rows(dataset, synthetic="false") == of_first
        assert program.rows(dataset, synthetic="true") == [row for row in everything if row not in of_first]
        assert program.rows(dataset, arm=first.arm) == [row for row in everything if row["arm"] == first.arm]
        assert program.rows(dataset, arm="nothing") == []
    for dataset in ("responses", "scores"):
        assert len(program.rows(dataset, timepoint="baseline", instrument="scenes_4")) == len(program.rows(dataset))
        assert program.rows(dataset, timepoint="post") == []
    assert program.file("responses", "jsonl", participant=first.pseudonym).count(b"\n") == 4


@pytest.mark.parametrize(
    ("since", "until", "is_in"),
    [
        ("2027-03-14T07:30:00.123Z", None, True),
        ("2027-03-14T07:30:00.124Z", None, False),
        ("2027-03-14T07:30:00.1234Z", None, False),
        (None, "2027-03-14T07:30:00.123Z", False),
        (None, "2027-03-14T07:30:00.1239Z", True),
        (None, "2027-03-14T07:30:00.124Z", True),
        ("2027-03-14T08:30+01:00", "2027-03-14T03:30:01-0400", True),
        ("2027-03-14T08:30:00,123+01:00", None, True),
        ("2027-03-14T08:30:01+01:00", None, False),
    ],
)
def test_since_holds_its_instant_and_until_does_not(
    version: StudyVersion, program: Caller, since: str | None, until: str | None, is_in: bool
) -> None:
    crowd(version, 1, consented_at=AT)
    given = {name: value for name, value in (("since", since), ("until", until)) if value}
    rows = program.rows("participants", **given)
    assert len(rows) == is_in
    assert all(row["consented_at"] == "2027-03-14T07:30:00.123Z" for row in rows)


def test_a_row_without_a_time_is_left_out_by_since_and_until(version: StudyVersion, program: Caller) -> None:
    someone = person(version)
    world_of_time = {"since": "1970-01-01T00:00:00Z", "until": "2999-01-01T00:00:00Z"}
    answers = someone.occasions.get(key="baseline").administrations.get().answers
    answers.filter(item="h1").update(answered_at=None)
    assert {row["item"] for row in program.rows("responses")} == {"h1", "h2", "d1", "d2"}
    assert {row["item"] for row in program.rows("responses", **world_of_time)} == {"h2", "d1", "d2"}


@pytest.mark.parametrize(
    ("dataset", "parameters", "where"),
    [
        ("participants", {"colour": "red"}, "colour"),
        ("participants", {"timepoint": "baseline"}, "timepoint"),
        ("participants", {"instrument": "scenes_4"}, "instrument"),
        ("responses", {"script": "potoo"}, "script"),
        ("wide", {"since": "2027-03-14T07:30:00Z"}, "since"),
        ("wide", {"timepoint": "baseline"}, "timepoint"),
        ("participants", {"arm": ["sessions", "questions"]}, "arm"),
        ("participants", {"arm": ["sessions", "sessions"]}, "arm"),
        ("participants", {"arm": "a\x00b"}, "arm"),
        ("participants", {"arm": "a" * 201}, "arm"),
        ("participants", {"synthetic": "yes"}, "synthetic"),
        ("participants", {"synthetic": ""}, "synthetic"),
        ("participants", {"since": "2027-03-14"}, "since"),
        ("participants", {"since": "2027-03-14T07:30:00"}, "since"),
        ("participants", {"since": "2027-03-14T07:30:00 01:00"}, "since"),
        ("participants", {"since": "2027-02-30T07:30:00Z"}, "since"),
        ("participants", {"since": "2027-W10-1T07:30:00Z"}, "since"),
        ("participants", {"until": "0001-01-01T00:00:00+14:00"}, "until"),
        ("participants", {"until": "9999-12-31T23:59:59.9999-14:00"}, "until"),
        ("participants", {"until": "tomorrow"}, "until"),
        ("participants", {"until": ""}, "until"),
        ("participants", {"page_size": "0"}, "page_size"),
        ("participants", {"page_size": "5001"}, "page_size"),
        ("participants", {"page_size": "-1"}, "page_size"),
        ("participants", {"page_size": "1.5"}, "page_size"),
        ("participants", {"page_size": "٣"}, "page_size"),
        ("participants", {"page_size": "9" * 190}, "page_size"),
        ("participants", {"cursor": "nonsense"}, "cursor"),
        ("participants", {"cursor": "ü"}, "cursor"),
        ("participants", {"cursor": ""}, "cursor"),
        ("participants", {"format": "csv"}, "format"),
    ],
)
def test_what_is_not_understood_is_a_400_that_says_where(
    program: Caller, dataset: str, parameters: dict[str, Any], where: str
) -> None:
    assert fault(program, f"datasets/{dataset}/", **parameters)["where"] == where


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59.9999Z"])
def test_the_end_of_time_is_refused_and_not_an_error(program: Caller, until: str) -> None:
    assert fault(program, "datasets/participants/", until=until)["where"] == "until"


@pytest.mark.parametrize(
    "parameters", [{"format": "xlsx"}, {"format": ["csv", "csv"]}, {"page_size": "1"}, {"cursor": "x"}]
)
def test_a_file_knows_no_other_formats_and_no_pages(program: Caller, parameters: dict[str, Any]) -> None:
    assert fault(program, "datasets/participants/file/", **parameters)["where"] in parameters


@pytest.mark.parametrize(
    "path",
    [
        "",
        "datasets/",
        "flow/",
        "tombstones/",
        "codebook/",
        "/api/v1/",
        "/api/v1/studies/",
        "/api/v1/schemas/study.json",
    ],
)
def test_no_address_ignores_a_parameter_that_it_does_not_know(program: Caller, path: str) -> None:
    assert fault(program, path, arm="sessions")["where"] == "arm"


def test_all_that_is_wrong_is_said_at_once(program: Caller) -> None:
    response = program.get("datasets/participants/", since="now", until="then", synthetic="maybe")
    assert [error["where"] for error in response.json()["errors"]] == ["since", "until", "synthetic"]


def test_an_unencoded_plus_is_explained(program: Caller) -> None:
    response = program.client.get(program.address(f"datasets/participants/?since={ENCODED_PLUS}"))
    assert response.status_code == 400
    assert "%2B" in response.json()["errors"][0]["expected"]
    assert program.get("datasets/participants/", since=ENCODED_PLUS).status_code == 200


# --- cursors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 10])
def test_pages_hold_every_row_once_forwards_and_backwards(version: StudyVersion, program: Caller, size: int) -> None:
    names = crowd(version, 7)
    forwards = list(program.pages("participants", page_size=size))
    assert [row["participant"] for page in forwards for row in page["results"]] == names
    assert [len(page["results"]) for page in forwards[:-1]] == [size] * (len(forwards) - 1)
    assert forwards[0]["previous"] is None
    assert forwards[-1]["next"] is None
    backwards = [forwards[-1]]
    while backwards[-1]["previous"]:
        backwards.append(program.json(backwards[-1]["previous"].removeprefix("http://testserver")))
    assert [page["results"] for page in reversed(backwards)] == [page["results"] for page in forwards]


def test_pages_of_no_rows_lead_nowhere(program: Caller) -> None:
    assert program.json("datasets/participants/") == {"next": None, "previous": None, "results": []}


def test_the_next_page_keeps_filters_and_size(version: StudyVersion, program: Caller) -> None:
    crowd(version, 5, synthetic=True)
    names = crowd(version, 5)
    pages = list(program.pages("participants", synthetic="false", page_size=2))
    assert [row["participant"] for page in pages for row in page["results"]] == names
    kept = parse_qs(urlsplit(pages[0]["next"]).query)
    assert (kept["synthetic"], kept["page_size"]) == (["false"], ["2"])


def test_a_page_is_500_rows_unless_told(version: StudyVersion, program: Caller) -> None:
    crowd(version, 501)
    assert len(program.json("datasets/participants/")["results"]) == 500
    assert len(program.json("datasets/participants/", page_size=5000)["results"]) == 501


def test_a_cursor_of_another_dataset_or_study_is_refused(version: StudyVersion, program: Caller) -> None:
    crowd(version, 2)
    link = program.json("datasets/participants/", page_size=1)["next"]
    [cursor] = parse_qs(urlsplit(link).query)["cursor"]
    assert fault(program, "datasets/wide/", cursor=cursor)["where"] == "cursor"
    other = caller(world.tiny().study)
    assert fault(other, "datasets/participants/", cursor=cursor)["where"] == "cursor"
    changed = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    assert fault(program, "datasets/participants/", cursor=changed)["where"] == "cursor"


def test_a_page_whose_rows_have_all_gone_leads_back(version: StudyVersion, program: Caller) -> None:
    names = crowd(version, 4)
    first = program.json("datasets/participants/", page_size=2)
    Enrolment.objects.filter(pseudonym__in=names[2:]).update(erased_at=clock.now())
    empty = program.json(first["next"].removeprefix("http://testserver"))
    assert (empty["results"], empty["next"]) == ([], None)
    back = program.json(empty["previous"].removeprefix("http://testserver"))
    assert [row["participant"] for row in back["results"]] == names[:2]


@pytest.mark.parametrize("seed", range(12))
def test_whoever_is_there_throughout_a_walk_comes_exactly_once(
    version: StudyVersion, program: Caller, seed: int
) -> None:
    """While people come, change and go between any two pages, there and back."""
    rng = random.Random(seed)
    crowd(version, rng.randint(5, 25))
    first = f"{program.address('datasets/participants/')}?page_size={rng.randint(1, 5)}"
    last = _walk(version, program, first, "next", rng, _alive())
    # On the way back are those who were there when the way out ended, up to its last page's end.
    _walk(version, program, last, "previous", rng, _alive() & _up_to(program, last))


def _walk(
    version: StudyVersion, program: Caller, link: str | None, towards: str, rng: random.Random, expected: set[str]
) -> str:
    """Walks from a page to the end of that way, and says where it ended."""
    walked: list[str] = []
    here = ""
    while link:
        here, page = link, program.json(link.removeprefix("http://testserver"))
        walked += [row["participant"] for row in page["results"]]
        link = page[towards]
        expected &= _stirred(version, rng)
        assert len(walked) < 200, "the walk has no end"
    assert len(walked) == len(set(walked))
    assert expected <= set(walked)
    return here


def _up_to(program: Caller, link: str) -> set[str]:
    """Everybody ahead of a page's end."""
    rows = program.json(link.removeprefix("http://testserver"))["results"]
    people = Enrolment.objects.all()
    if rows:
        people = people.filter(pk__lte=Enrolment.objects.get(pseudonym=rows[-1]["participant"]).pk)
    return set(people.values_list("pseudonym", flat=True))


def _alive() -> set[str]:
    return set(Enrolment.objects.filter(erased_at=None).values_list("pseudonym", flat=True))


def _stirred(version: StudyVersion, rng: random.Random) -> set[str]:
    """Adds, changes and erases somebody; whoever is there afterwards."""
    if rng.random() < 0.3:
        crowd(version, 1)
    people = list(Enrolment.objects.filter(erased_at=None))
    if people:
        changed, gone = rng.choice(people), rng.choice(people)
        Enrolment.objects.filter(pk=changed.pk).update(paused_at=clock.now(), consented_at=clock.now())
        if rng.random() < 0.5:
            Enrolment.objects.filter(pk=gone.pk).update(erased_at=clock.now())
    return _alive()
