"""A program that reads the API, and people whose answers it reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpResponse
from django.test import Client

import clock
from assessments.services import DECLINED, Given, Taken, answer
from coaching.models import Enrolment, Study, StudyVersion
from research.services import create_token
from tests import world

V1 = "/api/v1/"
MOST_PAGES = 100


class Caller:
    """A client with a token of one study, or with another header."""

    def __init__(self, study: Study, *, header: str | None) -> None:
        self.study = study
        self.headers = {"Authorization": header} if header is not None else {}
        self.client = Client(headers=self.headers)

    def get(self, path: str, **parameters: Any) -> HttpResponse:
        """An answer; `path` is below the study, or absolute."""
        return self.client.get(self.address(path), parameters)

    def address(self, path: str) -> str:
        """The address of a path below the study."""
        return path if path.startswith("/") else f"{V1}studies/{self.study.slug}/{path}"

    def json(self, path: str, **parameters: Any) -> Any:
        """The JSON of an answer that must be there."""
        response = self.get(path, **parameters)
        assert response.status_code == 200, (response.status_code, response.content)
        return response.json()

    def file(self, dataset: str, file_format: str, **parameters: Any) -> bytes:
        """A whole file."""
        response = self.get(f"datasets/{dataset}/file/", format=file_format, **parameters)
        assert response.status_code == 200, response.content
        return b"".join(response.streaming_content)  # type: ignore[attr-defined]

    def pages(self, dataset: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Every page, from the first to the last."""
        found = self.json(f"datasets/{dataset}/", **parameters)
        yield found
        for _ in range(MOST_PAGES):
            if not found["next"]:
                return
            found = self.json(found["next"].removeprefix("http://testserver"))
            yield found
        raise AssertionError("the pages have no end")

    def rows(self, dataset: str, **parameters: Any) -> list[dict[str, Any]]:
        """Every row, by following the pages."""
        return [row for page in self.pages(dataset, **parameters) for row in page["results"]]


def caller(study: Study, *, role: str = "owner", scopes: Sequence[str] = ("export:read",)) -> Caller:
    """A program with a token of these scopes, of an account with this role."""
    _, text = create_token(user=world.staff(study, role), study=study, scopes=scopes, by="command", now=clock.now())
    return Caller(study, header=f"Bearer {text}")


def fill_in(
    enrolment: Enrolment,
    timepoint: str,
    instrument: str,
    values: Sequence[float | None],
    *,
    now: dt.datetime | None = None,
) -> None:
    """Answers a questionnaire item by item, in the order in which this person meets it; None declines."""
    for position, value in enumerate(values, start=1):
        taken = answer(
            occasion=world.occasion(enrolment, timepoint),
            instrument=instrument,
            position=position,
            given=DECLINED if value is None else Given("answered", value),
            now=now or clock.now(),
            language="en",
        )
        assert isinstance(taken, Taken), taken


def person(version: StudyVersion, values: Sequence[float | None] = (3, 4, 2, 5), **given: Any) -> Enrolment:
    """Somebody of the example study who filled in the first questionnaire, and so has an arm."""
    enrolment = world.consented(version, **given)
    fill_in(enrolment, "baseline", "scenes_4", values, now=given.get("now"))
    return world.fresh(enrolment)
