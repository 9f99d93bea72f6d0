"""Guided sessions, what was drawn in them, and what staff read of them."""

from django.urls import path

from imagery.views import events, lines, pictures, recordings, session, staff, stop

app_name = "imagery"
urlpatterns = [
    path("s/<uuid:occasion>/", session.start, name="start"),
    path("s/<uuid:occasion>/events/", events.events, name="events"),
    path("s/<uuid:occasion>/stop/", stop.stop, name="stop"),
    path("s/<uuid:occasion>/<str:stage>/", session.stage, name="stage"),
    path("s/<uuid:occasion>/<str:stage>/strokes/", pictures.strokes, name="strokes"),
    path("m/<str:name>/", pictures.picture, name="picture"),
    path("a/<str:name>/", recordings.recording, name="recording"),
    path("d/<str:name>/", pictures.drawing, name="drawing"),
    path("studies/<slug:slug>/lines/", lines.lines, name="lines"),
    path("studies/<slug:slug>/people/<str:pseudonym>/sessions/", staff.person, name="person"),
    path("studies/<slug:slug>/people/<str:pseudonym>/sessions/summary/", staff.summary, name="summary"),
    path(
        "studies/<slug:slug>/people/<str:pseudonym>/drawings/<str:name>/",
        pictures.drawing_of_person,
        name="drawing_of_person",
    ),
]
