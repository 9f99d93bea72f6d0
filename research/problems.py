"""The API's errors, as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions

from research.filters import BadParameters, Fault

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
MISSING = "There is nothing at this address that this token may see."

_log = logging.getLogger(__name__)


def problem(
    status: HTTPStatus, detail: str, *, faults: Iterable[Fault] = (), headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """A problem as a response; `errors` holds one entry a fault: where it is, what was found, what was expected."""
    content = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "errors": [{"where": fault.where, "found": fault.found, "expected": fault.expected} for fault in faults],
    }
    return HttpResponse(
        json.dumps(content, ensure_ascii=False), status=status, content_type=CONTENT_TYPE, headers=dict(headers or {})
    )


def problem_response(exc: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """What an exception in a view of the API is answered with; what nobody foresaw is logged."""
    if isinstance(exc, BadParameters):
        return problem(HTTPStatus.BAD_REQUEST, str(exc), faults=exc.faults)
    if isinstance(exc, SuspiciousOperation):
        return problem(HTTPStatus.BAD_REQUEST, "The request has too many parameters, or too long ones.")
    if isinstance(exc, Http404):
        return problem(HTTPStatus.NOT_FOUND, MISSING)
    if isinstance(exc, PermissionDenied):
        return problem(HTTPStatus.FORBIDDEN, str(exc))
    if isinstance(exc, exceptions.APIException):
        return _known(exc)
    if isinstance(exc, OperationalError):
        _log.error("the database can't be read", exc_info=exc)
        busy = {"Retry-After": str(RETRY_AFTER_S)}
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "The database can't be read just now.", headers=busy)
    _log.error("an unforeseen error", exc_info=exc)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side; it has been noted.")


def _known(exc: exceptions.APIException) -> HttpResponse:
    headers = {}
    challenge = getattr(exc, "auth_header", None)
    wait = getattr(exc, "wait", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    if wait is not None:
        headers["Retry-After"] = str(int(wait))
    detail = exc.detail if isinstance(exc.detail, str) else "The request can't be taken."
    if isinstance(exc, exceptions.MethodNotAllowed):
        detail = "This address can only be read: GET or HEAD."
    return problem(HTTPStatus(exc.status_code), str(detail), headers=headers)
