"""Addresses of the researcher's pages."""

from django.urls import path

from research.views import (
    bundles,
    demand,
    export,
    gaps,
    life,
    quality,
    records,
    reliability,
    safety,
    script_editor,
    script_media,
    script_preview,
    script_publish,
    scripts,
    studies,
    team,
    tokens,
)

app_name = "research"
urlpatterns = [
    path("studies/", life.list_studies, name="studies"),
    # Before the studies themselves: no study made in the browser may be called "new".
    path("studies/new/", bundles.new_study, name="new_study"),
    path("studies/new/example.zip", bundles.example_bundle, name="example_bundle"),
    path("studies/<slug:slug>/", studies.overview, name="study"),
    path("studies/<slug:slug>/flow.svg", studies.flow_svg, name="flow_svg"),
    path("studies/<slug:slug>/missing/<slug:timepoint>/<slug:measure>/", gaps.missing, name="missing"),
    path("studies/<slug:slug>/quality/", quality.list_flags, name="quality"),
    path(
        "studies/<slug:slug>/quality/<slug:pseudonym>/<slug:rule>/<slug:timepoint>/<slug:part>/",
        quality.flag,
        name="quality_flag",
    ),
    path("studies/<slug:slug>/safety/", safety.safety_page, name="safety"),
    path("studies/<slug:slug>/safety/events.csv", safety.safety_file, name="safety_file"),
    path("studies/<slug:slug>/reliability/", reliability.reliability, name="reliability"),
    path("studies/<slug:slug>/demand/", demand.demand, name="demand"),
    path("studies/<slug:slug>/versions/", bundles.versions, name="versions"),
    path("studies/<slug:slug>/versions/upload/", bundles.upload_version, name="upload_version"),
    path("studies/<slug:slug>/versions/<int:n>/", bundles.version, name="version"),
    path("studies/<slug:slug>/versions/<int:n>/bundle.zip", bundles.version_bundle, name="version_bundle"),
    path("studies/<slug:slug>/scripts/", scripts.list_scripts, name="scripts"),
    # Before the scripts themselves: no script made in the browser may be called "new".
    path("studies/<slug:slug>/scripts/new/", scripts.new_script, name="new_script"),
    path("studies/<slug:slug>/scripts/<slug:script>/", script_editor.script, name="script"),
    path("studies/<slug:slug>/scripts/<slug:script>/files/", script_media.media, name="script_media"),
    path("studies/<slug:slug>/scripts/<slug:script>/files/<str:file>/", script_media.file, name="script_file"),
    path(
        "studies/<slug:slug>/scripts/<slug:script>/preview/<str:language>/", script_preview.ready, name="preview_script"
    ),
    path(
        "studies/<slug:slug>/scripts/<slug:script>/preview/<str:language>/<str:stage>/",
        script_preview.stage,
        name="preview_stage",
    ),
    path("studies/<slug:slug>/scripts/<slug:script>/changes/", script_publish.changes, name="script_changes"),
    path("studies/<slug:slug>/scripts/<slug:script>/publish/", script_publish.publish, name="publish_script"),
    path("studies/<slug:slug>/settings/", life.settings, name="settings"),
    path("studies/<slug:slug>/settings/state/", life.set_state, name="set_state"),
    path("studies/<slug:slug>/settings/plan/", life.set_plan, name="set_plan"),
    path("studies/<slug:slug>/team/", team.team, name="team"),
    path("studies/<slug:slug>/team/invite/", team.invite_member, name="invite_member"),
    path("studies/<slug:slug>/team/link/", team.fresh_link, name="fresh_link"),
    path("studies/<slug:slug>/team/remove/", team.revoke_role, name="revoke_role"),
    path("studies/<slug:slug>/tokens/", tokens.list_tokens, name="tokens"),
    path("studies/<slug:slug>/tokens/new/", tokens.make_token, name="make_token"),
    path("studies/<slug:slug>/tokens/revoke/", tokens.revoke_token, name="revoke_token"),
    path("studies/<slug:slug>/codebook/", records.codebook, name="codebook_page"),
    path("studies/<slug:slug>/codebook/<slug:file_format>/", records.codebook_file, name="codebook_file"),
    path("studies/<slug:slug>/export/", export.builder, name="export_page"),
    path("studies/<slug:slug>/export/<slug:dataset>/", export.export_file, name="export_file"),
    path("studies/<slug:slug>/audit/", records.audit, name="audit"),
    path("roles/", team.roles, name="roles"),
]
