"""The page on which an export is put together: what, of whom, in which form, with the first rows to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import clock
from coaching.http import StudyRequest
from coaching.staff_pages import crumbs, tabs
from protocol.columns import Column, Table
from research import calls
from research.catalogue import ColumnEntry, entries, tables
from research.delivery import file_response
from research.filters import TIMES, BadParameters, Fault, Filters, filter_names, read_filters, single
from research.stream import Row, file_name, page, rows_of
from research.writers import FORMATS
from research.writers.values import CSV_VALUES

PREVIEW_ROWS = 6
DAYS = {"since": "since_on", "until": "until_on"}  # the page asks for days, which begin at midnight in UTC
CELL_LENGTH = 60
FORMAT_NAMES = {"csv": "CSV", "jsonl": "JSON Lines", "parquet": "Parquet"}  # names, the same in every language


@require_GET
def builder(request: StudyRequest, slug: str) -> HttpResponse:
    """The builder; every choice stands in the address, so that it can be kept and passed on."""
    found = tables(request.study)
    table = found.get(request.GET.get("dataset") or "responses")
    file_format = FORMATS.get(request.GET.get("format") or "csv")
    if table is None or file_format is None:
        raise Http404
    filters, faults = _filters(request.GET, table)
    columns = entries(request.study, table)
    parameters = {"format": file_format.name, **filters.as_given}
    file_url = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('api:file', args=[slug, table.name])}"
    name = file_name(table, request.study, file_format)
    rows = [] if faults else page(table, request.study, filters, None, PREVIEW_ROWS).rows
    total = 0 if faults else rows_of(table, request.study, filters).count()
    context = {
        "title": _("Data"),
        "nav": "studies",
        "tab": "export",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "table": table,
        "datasets": [(each.name, f"{each.title} ({each.name})") for each in found.values()],
        "formats": [(each, FORMAT_NAMES[each]) for each in FORMATS],
        "format": file_format.name,
        "format_word": FORMAT_NAMES[file_format.name],
        "fields": list(_fields(request.GET, table, columns)),
        "errors": [{"id": DAYS.get(fault.where, fault.where), "text": str(fault)} for fault in faults],
        "asked": list(filters.as_given.items()),
        "header": [column.name for column in table.columns],
        "rows": [_cells(table.columns, row) for row in rows],
        "row_count": total,
        "size_kb": _size_kb(table.columns, rows, total),
        "private": [column["name"] for column in columns if column["sensitivity"] == "free_text"],
        "calls": [
            ("curl", _("Call with curl"), calls.as_curl(file_url, parameters, name)),
            ("python", _("Call with Python"), calls.as_python(file_url, parameters, name)),
            ("r", _("Call with R"), calls.as_r(file_url, parameters, name)),
        ],
    }
    return render(request, "research/export.html", context, status=422 if faults else 200)


@require_POST
def export_file(request: StudyRequest, slug: str, dataset: str) -> HttpResponse | StreamingHttpResponse:
    """A dataset as a file: the same bytes as the API's."""
    table = tables(request.study).get(dataset)
    file_format = FORMATS.get(request.POST.get("format", "csv"))
    if table is None or file_format is None:
        raise Http404
    asked = {name: request.POST[name] for name in filter_names(table) if request.POST.get(name)}
    try:
        filters = read_filters(asked, table)
    except BadParameters:
        # The builder says what is wrong with it.
        query = QueryDict(mutable=True)
        query.update({"dataset": dataset, "format": file_format.name, **asked})
        return HttpResponseRedirect(f"{reverse('research:export_page', args=[slug])}?{query.urlencode()}", status=303)
    return file_response(
        study=request.study, table=table, file_format=file_format, by=request.user, now=clock.now(), filters=filters
    )


def _filters(given: QueryDict, table: Table) -> tuple[Filters, Sequence[Fault]]:
    """The filters that the address asks for, and what is wrong with them; those left empty are not asked for."""
    names = filter_names(table)
    asked = QueryDict(mutable=True)
    faults: list[Fault] = []
    for name in names:
        if given.get(name):
            asked.setlist(name, [value for value in given.getlist(name) if value])
        day = given.get(DAYS.get(name, ""), "")
        if name in DAYS and day:
            try:
                asked[name] = f"{date.fromisoformat(day).isoformat()}T00:00:00Z"
            except ValueError:
                faults.append(Fault(name, repr(day[:CELL_LENGTH]), "a day such as 2027-03-14"))
    try:
        filters = read_filters(single(asked, names), table)
    except BadParameters as bad:
        return Filters(), [*faults, *bad.faults]
    return (Filters(), faults) if faults else (filters, [])


def _fields(given: QueryDict, table: Table, columns: Sequence[ColumnEntry]) -> Iterator[dict[str, Any]]:
    """The form's fields for the filters that this dataset knows."""
    levels = {column["name"]: column["values"] for column in columns}
    words = _words()
    for name in filter_names(table):
        field: dict[str, Any] = {"name": name, "label": words[name], "value": given.get(name, "")}
        if name in TIMES:
            day = given.get(DAYS[name], "") or given.get(name, "")[:10]
            field |= {"name": DAYS[name], "type": "date", "value": day}
        elif name == "synthetic":
            field["options"] = [("false", _("Real people")), ("true", _("Simulated people"))]
        elif levels.get(table.filters[name]):
            field["options"] = [(level, level) for level in levels[table.filters[name]]]
        yield field


def _words() -> Mapping[str, str]:
    return {
        "participant": _("One person's code"),
        "arm": _("Group"),
        "timepoint": _("Timepoint"),
        "instrument": _("Questionnaire"),
        "script": _("Script"),
        "since": _("From this day on (UTC)"),
        "until": _("Before this day (UTC)"),
        "synthetic": _("Who"),
    }


def _cells(columns: Sequence[Column], row: Row) -> list[str]:
    written = zip(columns, row, strict=True)
    return [_short("" if value is None else CSV_VALUES[column.kind](value)) for column, value in written]


def _short(text: str) -> str:
    return text if len(text) <= CELL_LENGTH else f"{text[:CELL_LENGTH]}…"


def _size_kb(columns: Sequence[Column], rows: Sequence[Row], total: int) -> int:
    """About how large the CSV file is, in kB, by the rows that are shown."""
    header = sum(len(column.name) + 1 for column in columns)
    shown = sum(len(text.encode()) + 1 for row in rows for text in _cells(columns, row))
    return max(1, round((header + (shown / len(rows) * total if rows else 0)) / 1000))
