"""The Django app."""

from django.apps import AppConfig


class ResearchConfig(AppConfig):
    """What is handed over."""

    name = "research"
    default_auto_field = "django.db.models.BigAutoField"
