"""Every address. Who may reach it stands in `config.access`."""

from __future__ import annotations

from django.urls import include, path

from config import views
from config.workers_page import workers

urlpatterns = [
    path("", views.landing, name="landing"),
    path("healthz", views.healthz, name="healthz"),
    path("theme/", views.theme, name="theme"),
    path("me/ahead/", views.ahead, name="ahead"),
    path("staff/home/", views.staff_home, name="staff_home"),
    path("staff/workers/", workers, name="workers"),
    path("", include("coaching.urls")),
    path("", include("assessments.urls")),
    path("", include("imagery.urls")),
    path("", include("privacy.urls")),
    path("", include("research.urls")),
    path("", include("rehearsal.urls")),
    path("staff/", include("accounts.urls")),
    path("api/", include("research.api_urls")),
]

handler500 = "config.views.broken"
