"""Addresses of the researcher's pages."""

from django.urls import path

from research.views import records, studies

app_name = "research"
urlpatterns = [
    path("studies/", studies.list_studies, name="studies"),
    path("studies/<slug:slug>/", studies.overview, name="study"),
    path("studies/<slug:slug>/team/", studies.team, name="team"),
    path("studies/<slug:slug>/codebook/", records.codebook, name="codebook_page"),
    path("studies/<slug:slug>/export/", records.export, name="export_page"),
    path("studies/<slug:slug>/export/<slug:dataset>/", records.export_file, name="export_file"),
    path("studies/<slug:slug>/audit/", records.audit, name="audit"),
    path("roles/", studies.roles, name="roles"),
]
