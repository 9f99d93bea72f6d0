"""Files in answer to a request: a dataset, written down in the audit log, and the codebook."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse, StreamingHttpResponse

from accounts.audit import Actor
from coaching.models import Study
from protocol.columns import Table
from research import codebook
from research.filters import NO_FILTERS, Filters
from research.services import record_export
from research.stream import file_blocks, file_name
from research.writers import Format


def file_response(
    *, study: Study, table: Table, file_format: Format, by: Actor, now: datetime, filters: Filters = NO_FILTERS
) -> StreamingHttpResponse:
    """The whole dataset, streamed; whoever asked stands in the log before the first byte leaves."""
    record_export(
        study=study, dataset=table.name, file_format=file_format.name, filters=filters.as_given, by=by, now=now
    )
    return StreamingHttpResponse(
        file_blocks(table, study, file_format, filters),
        content_type=file_format.content_type,
        headers={"Content-Disposition": f'attachment; filename="{file_name(table, study, file_format)}"'},
    )


def codebook_response(study: Study, name: str) -> HttpResponse:
    """The codebook in one of its formats."""
    content_type, write = codebook.FORMATS[name]
    return HttpResponse(
        write(codebook.codebook(study)),
        content_type=content_type,
        headers={"Content-Disposition": f'inline; filename="{study.slug}_codebook.{name}"'},
    )
