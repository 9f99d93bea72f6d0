"""Addresses of the researcher's pages."""

from django.urls import path

from research.views import export, records, studies

app_name = "research"
urlpatterns = [
    path("studies/", studies.list_studies, name="studies"),
    path("studies/<slug:slug>/", studies.overview, name="study"),
    path("studies/<slug:slug>/team/", studies.team, name="team"),
    path("studies/<slug:slug>/codebook/", records.codebook, name="codebook_page"),
    path("studies/<slug:slug>/codebook/<slug:file_format>/", records.codebook_file, name="codebook_file"),
    path("studies/<slug:slug>/export/", export.builder, name="export_page"),
    path("studies/<slug:slug>/export/<slug:dataset>/", export.export_file, name="export_file"),
    path("studies/<slug:slug>/audit/", records.audit, name="audit"),
    path("roles/", studies.roles, name="roles"),
]
