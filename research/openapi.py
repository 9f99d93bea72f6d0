"""How the API describes itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from research.filters import KNOWN
from research.problems import CONTENT_TYPE
from research.serializers import ProblemSerializer

_PROBLEMS = {
    400: "A parameter is unknown, given twice or not of its kind; `errors` names each.",
    401: "No token, one that is unknown, revoked or past its day, or one whose account may no longer use it.",
    403: "The study is the token's own, but the scope is missing.",
    404: "Nothing that this token may see.",
    405: "Another method than GET or HEAD.",
    429: "Too many tokens from this address were refused.",
}
_FILTERS = {
    "participant": "A pseudonym.",
    "arm": "An arm's name.",
    "timepoint": "A step's id.",
    "instrument": "An instrument's id.",
    "script": "A script's slug.",
    "since": "Rows whose time is at or after this instant, which needs its offset.",
    "until": "Rows whose time is before this instant, which needs its offset.",
    "synthetic": "true for simulated people alone, false for real ones alone.",
}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The header that the tokens are shown in."""

    target_class = "research.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer"}


def query(name: str, description: str, *, values: Sequence[str] = (), of: Any = OpenApiTypes.STR) -> OpenApiParameter:
    """A parameter behind the question mark."""
    return OpenApiParameter(
        name, of, OpenApiParameter.QUERY, description=description, enum=list(values) if values else None
    )


SYNTHETIC = query("synthetic", _FILTERS["synthetic"], values=["true", "false"])
FILTERS = [
    SYNTHETIC
    if name == "synthetic"
    else query(name, _FILTERS[name], of=OpenApiTypes.DATETIME if name in {"since", "until"} else OpenApiTypes.STR)
    for name in KNOWN
]


def described(
    operation: str,
    summary: str,
    answers: Any,
    *,
    parameters: Sequence[OpenApiParameter] = (),
    problems: Sequence[int] = tuple(_PROBLEMS),
) -> Callable[[Any], Any]:
    """A decorator that tells what a call answers, its problems among it."""
    good = answers if isinstance(answers, dict) else {200: answers}
    bad = {
        (status, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, description=_PROBLEMS[status]) for status in problems
    }
    return extend_schema(
        operation_id=operation, summary=summary, parameters=list(parameters), responses={**good, **bad}
    )
