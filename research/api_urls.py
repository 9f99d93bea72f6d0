"""Addresses of the API. Who may reach them stands in `config.access`."""

from __future__ import annotations

from django.urls import path

from research import api

app_name = "api"

_STUDY = "v1/studies/<slug:slug>/"

urlpatterns = [
    path("v1/", api.Root.as_view(), name="root"),
    path("v1/studies/", api.Studies.as_view(), name="studies"),
    path(_STUDY, api.OneStudy.as_view(), name="study"),
    path(f"{_STUDY}datasets/", api.Datasets.as_view(), name="datasets"),
    path(f"{_STUDY}datasets/<str:dataset>/", api.Rows.as_view(), name="rows"),
    path(f"{_STUDY}datasets/<str:dataset>/file/", api.File.as_view(), name="file"),
    path(f"{_STUDY}codebook/", api.Codebook.as_view(), name="codebook"),
    path(f"{_STUDY}flow/", api.Flow.as_view(), name="flow"),
    path(f"{_STUDY}reliability/", api.Reliability.as_view(), name="reliability"),
    path(f"{_STUDY}demand/", api.Demand.as_view(), name="demand"),
    path(f"{_STUDY}tombstones/", api.Tombstones.as_view(), name="tombstones"),
    path(f"{_STUDY}contacts/", api.Contacts.as_view(), name="contacts"),
    path("v1/schemas/<str:name>.json", api.BundleSchema.as_view(), name="bundle_schema"),
    path("v1/schema/", api.Description.as_view(), name="schema"),
    path("docs/", api.Docs.as_view(), name="docs"),
    path("", api.not_found, name="not_found"),
    path("<path:rest>", api.not_found, name="not_found"),
]
