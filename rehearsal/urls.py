"""Addresses for trying things out: the walk through a study, and the demonstration's doors."""

from django.urls import path

from rehearsal import views

app_name = "rehearsal"
urlpatterns = [
    path("studies/<slug:slug>/walk/", views.walk, name="walk"),
    path("me/fill-in/", views.fill, name="fill_in"),
    path("me/walk/end/", views.end_walk, name="end_walk"),
    path("demo/<str:who>/", views.demo_door, name="demo_door"),
]
