"""Questions, and what staff read of the answers."""

from django.urls import path

from assessments.views import alert, guess, questions, report, staff

app_name = "assessments"
urlpatterns = [
    path("me/report/", report.own_report, name="report"),
    path("q/<uuid:occasion>/", questions.start, name="start"),
    path("q/<uuid:occasion>/<str:instrument>/<int:n>/", questions.item, name="item"),
    path("q/<uuid:occasion>/<str:instrument>/<int:n>/autosave/", questions.autosave, name="autosave"),
    path("studies/<slug:slug>/people/<str:pseudonym>/answers/", staff.person, name="person"),
    path("studies/<slug:slug>/people/<str:pseudonym>/answers/summary/", staff.summary, name="summary"),
    path("studies/<slug:slug>/people/<str:pseudonym>/guess/", guess.guess, name="guess"),
    path(
        "studies/<slug:slug>/people/<str:pseudonym>/alerts/<int:alert>/answers/",
        alert.behind_alert,
        name="behind_alert",
    ),
]
