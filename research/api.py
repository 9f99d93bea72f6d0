"""The REST API: what a token may read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import clock
from coaching.models import Study
from coaching.selectors.studies import declared, latest_version
from protocol.columns import Table
from protocol.schema import instrument_schema, script_schema, study_schema
from research import codebook as codebooks
from research import openapi, selectors, serializers
from research.authentication import HasScope, Key, TokenAuthentication
from research.catalogue import datasets, tables
from research.delivery import codebook_response, file_response
from research.filters import KNOWN, BadParameters, Fault, choice, read_filters, single, truth
from research.measured import places_of, told_apart_by
from research.openapi import described, query
from research.problems import problem
from research.services import record_contacts_read
from research.stream import Cursor, page, seal, unseal
from research.writers import FORMATS
from research.writers.jsonl import objects
from research.writers.values import instant

PAGE_SIZE = 500
MOST_ROWS = 5_000
_BUNDLE_SCHEMAS: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "study": study_schema,
    "instrument": instrument_schema,
    "script": script_schema,
}


class OneAnswer(BaseContentNegotiation):
    """Each address has one answer, whatever the header `Accept` says: formats are asked for by `format`."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The first parser."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """The first renderer."""
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """Something that a token may read, and nobody may write."""

    authentication_classes = [TokenAuthentication]
    permission_classes = [HasScope]
    content_negotiation_class = OneAnswer
    http_method_names = ["get", "head"]
    request: Request

    @property
    def key(self) -> Key:
        """The token that was shown."""
        return cast(Key, self.request.auth)

    @property
    def study(self) -> Study:
        """The token's study, which the address names."""
        return self.key.study

    def table(self, name: str) -> Table:
        """One of the study's datasets; a 404 when there is none of that name."""
        found = tables(self.study).get(name)
        if found is None:
            raise Http404
        return found

    def parameters(self, *allowed: str) -> dict[str, str]:
        """What stands behind the question mark, each once."""
        return single(self.request._request.GET, allowed)


class Root(ApiView):
    """Where to go on from."""

    @described("read_root", "Where to go on", serializers.RootSerializer, problems=(400, 401, 405, 429))
    def get(self, request: Request) -> Response:
        """Addresses."""
        self.parameters()
        return Response({name: _url(request, f"api:{name}") for name in ("studies", "schema", "docs")})


class Studies(ApiView):
    """The studies that the token opens."""

    @described(
        "list_studies", "What the token may see", serializers.StudySerializer(many=True), problems=(400, 401, 405, 429)
    )
    def get(self, request: Request) -> Response:
        """A list of one: a token belongs to one study."""
        self.parameters()
        return Response([_study(request, self.key)])


class OneStudy(ApiView):
    """One study."""

    @described("read_study", "One study", serializers.StudySerializer)
    def get(self, request: Request, slug: str) -> Response:
        """The study and what the token may read of it."""
        self.parameters()
        return Response(_study(request, self.key))


class Datasets(ApiView):
    """The catalogue."""

    @described(
        "list_datasets",
        "The catalogue: every dataset and what its columns mean",
        serializers.DatasetSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Every dataset."""
        self.parameters()
        return Response(datasets(self.study))


class Rows(ApiView):
    """Rows of a dataset by cursor."""

    @described(
        "read_rows",
        "Rows of a dataset, a page at a time",
        {(200, "application/json"): serializers.page_schema()},
        parameters=[
            *openapi.FILTERS,
            query("page_size", f"Rows a page, 1 to {MOST_ROWS}; {PAGE_SIZE} unless told.", of=OpenApiTypes.INT),
            query("cursor", "From next or previous of another page."),
        ],
    )
    def get(self, request: Request, slug: str, dataset: str) -> Response:
        """A page: a row that is there throughout a walk comes exactly once, whatever else comes or goes meanwhile."""
        table = self.table(dataset)
        given = self.parameters(*KNOWN, "page_size", "cursor")
        size = _page_size(given.get("page_size", str(PAGE_SIZE)))
        cursor = unseal(given["cursor"], self.study, table) if "cursor" in given else None
        filters = read_filters({name: value for name, value in given.items() if name in KNOWN}, table)
        found = page(table, self.study, filters, cursor, size)

        def link(towards: Cursor | None) -> str | None:
            if towards is None:
                return None
            parameters = {**given, "cursor": seal(towards, self.study, table)}
            return f"{request.build_absolute_uri(request.path)}?{urlencode(parameters)}"

        results = list(objects(table.columns, found.rows))
        return Response({"next": link(found.next), "previous": link(found.previous), "results": results})


class File(ApiView):
    """A whole dataset as a file."""

    @described(
        "read_file",
        "A whole dataset as a file, streamed",
        {(200, each.content_type.partition(";")[0]): OpenApiTypes.BINARY for each in FORMATS.values()},
        parameters=[*openapi.FILTERS, query("format", "csv unless told.", values=list(FORMATS))],
    )
    def get(self, request: Request, slug: str, dataset: str) -> HttpResponseBase:
        """The file as the dataset stood at one instant. It is written down that it was handed over."""
        table = self.table(dataset)
        given = self.parameters(*KNOWN, "format")
        file_format = FORMATS[choice("format", given.pop("format", "csv"), list(FORMATS))]
        filters = read_filters(given, table)
        if request.method == "HEAD":
            return HttpResponse(content_type=file_format.content_type)
        by, now = self.key.token.user, clock.now()
        return file_response(study=self.study, table=table, file_format=file_format, filters=filters, by=by, now=now)


class Codebook(ApiView):
    """The codebook."""

    @described(
        "read_codebook",
        "The codebook: the catalogue, and what the study asks and scores",
        {
            (200, "application/json"): serializers.CodebookSerializer,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "text/markdown"): OpenApiTypes.STR,
        },
        parameters=[query("format", "json unless told.", values=list(codebooks.FORMATS))],
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """The codebook in one of three formats."""
        given = self.parameters("format")
        name = choice("format", given.get("format", "json"), list(codebooks.FORMATS))
        return codebook_response(self.study, name)


class Flow(ApiView):
    """The participant flow."""

    @described("read_flow", "How many people stand where", serializers.FlowSerializer, parameters=[openapi.SYNTHETIC])
    def get(self, request: Request, slug: str) -> Response:
        """Counts of people, simulated ones included unless `synthetic` says otherwise."""
        given = self.parameters("synthetic")
        wanted = truth("synthetic", given["synthetic"]) if given else None
        return Response(selectors.flow(self.study, synthetic=wanted))


class Reliability(ApiView):
    """How reliable the study's own numbers are."""

    @described(
        "read_reliability",
        "The reliability of one questionnaire's scores at a timepoint, and beside a second one",
        serializers.ReliabilitySerializer,
        parameters=[
            query("instrument", "The questionnaire, by its id; the first that makes a score unless told."),
            query("version", "Which content of it; the newest unless told.", of=OpenApiTypes.INT),
            query("timepoint", "The step at which it was answered; the first that asks it unless told."),
            query("second", "A second step, for what repeated answers say of the error."),
            query("by", "Groups besides everybody: arm, language, form, or band:SCHEME; bands always come too."),
            openapi.SYNTHETIC,
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        """Alpha, omega, error, bands; with a second timepoint intraclass correlations and agreement."""
        # It brings numpy and scipy along, which no other address needs.
        from research.repeats import reckoned  # noqa: PLC0415

        given = self.parameters("instrument", "version", "timepoint", "second", "by", "synthetic")
        synthetic = truth("synthetic", given["synthetic"]) if "synthetic" in given else None
        places = places_of(self.study)
        if not places:
            raise Http404
        names = list(dict.fromkeys(place.instrument.id for place in places))
        name = choice("instrument", given.get("instrument", names[0]), names)
        contents = {str(place.version): place for place in places if place.instrument.id == name}
        place = contents[choice("version", given.get("version", next(iter(contents))), list(contents))]
        first = choice("timepoint", given.get("timepoint", place.timepoints[0]), place.timepoints)
        others = [key for key in place.timepoints if key != first]
        second = choice("second", given["second"], others) if "second" in given else ""
        by = choice("by", given["by"], told_apart_by(place.instrument)) if "by" in given else ""
        return Response(reckoned(self.study, place, first, second, by, synthetic))


class Demand(ApiView):
    """How much expectation could explain."""

    @described(
        "read_demand",
        "How much expectation could explain: credibility and expectancy, then-tests, guesses of the arm",
        serializers.DemandSerializer,
        parameters=[openapi.SYNTHETIC],
    )
    def get(self, request: Request, slug: str) -> Response:
        """By arm, of everybody, simulated people included unless `synthetic` says otherwise."""
        # It brings numpy and scipy along, which few other addresses need.
        from research.demand import demand_of, plain  # noqa: PLC0415

        given = self.parameters("synthetic")
        wanted = truth("synthetic", given["synthetic"]) if given else None
        return Response(plain(demand_of(self.study, wanted)))


class Tombstones(ApiView):
    """Who was erased."""

    @described(
        "list_tombstones", "Who was erased, so that copies can follow", serializers.TombstoneSerializer(many=True)
    )
    def get(self, request: Request, slug: str) -> Response:
        """Pseudonyms and dates."""
        self.parameters()
        return Response(
            [{**each, "erased_at": instant(each["erased_at"])} for each in selectors.tombstones(self.study)]
        )


class Contacts(ApiView):
    """Addresses and external ids."""

    @described(
        "list_contacts", "Addresses and external ids; each look is logged", serializers.ContactSerializer(many=True)
    )
    def get(self, request: Request, slug: str) -> Response:
        """Everybody who can be reached."""
        self.parameters()
        found = selectors.contacts(self.study)
        record_contacts_read(study=self.study, people=len(found), by=self.key.token.user, now=clock.now())
        return Response(found)


class BundleSchema(ApiView):
    """The JSON Schemas of the files of a bundle."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @described(
        "read_bundle_schema",
        "The JSON Schema of a bundle's file (study, instrument or script)",
        {(200, "application/schema+json"): OpenApiTypes.OBJECT},
        problems=(400, 404, 405),
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        """JSON Schema 2020-12."""
        self.parameters()
        made = _BUNDLE_SCHEMAS.get(name)
        if made is None:
            raise Http404
        return HttpResponse(json.dumps(made(), ensure_ascii=False, indent=2), content_type="application/schema+json")


class Description(SpectacularAPIView):
    """The API's own description, OpenAPI 3.1 as JSON."""

    renderer_classes = [OpenApiJsonRenderer2]
    content_negotiation_class = OneAnswer
    http_method_names = ["get", "head"]


class Docs(SpectacularSwaggerSplitView):
    """The description to browse and try, from this host alone."""

    url_name = "api:schema"
    template_name = "research/api_docs.html"
    content_negotiation_class = OneAnswer
    http_method_names = ["get", "head"]


@csrf_exempt
def not_found(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any other address of the API: a problem, and not a page."""
    detail = "There is nothing at this address."
    if _is_known(f"{request.path}/"):
        detail = "There is nothing at this address; addresses of the API end in a slash."
    return problem(HTTPStatus.NOT_FOUND, detail)


def _is_known(path: str) -> bool:
    try:
        return resolve(path).view_name != "api:not_found"
    except Resolver404:
        return False


def _url(request: Request, name: str, **kwargs: str) -> str:
    return request.build_absolute_uri(reverse(name, kwargs=kwargs))


def _study(request: Request, key: Key) -> dict[str, Any]:
    version = latest_version(key.study)
    declaration = declared(version)
    slug = key.study.slug
    pages = ("datasets", "codebook", "flow", "reliability", "demand", "tombstones", "contacts")
    return {
        "slug": slug,
        "title": declaration.title.to(declaration.languages[0]),
        "languages": list(declaration.languages),
        "timezone": declaration.timezone,
        "version": version.n,
        "state": key.study.state,
        "scopes": sorted(key.scopes),
        "url": _url(request, "api:study", slug=slug),
        **{name: _url(request, f"api:{name}", slug=slug) for name in pages},
    }


def _page_size(text: str) -> int:
    size = int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
    if not 1 <= size <= MOST_ROWS:
        raise BadParameters([Fault("page_size", repr(text), f"a whole number from 1 to {MOST_ROWS}")])
    return size
