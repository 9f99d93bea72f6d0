"""The Django app."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """What was answered."""

    name = "assessments"
    default_auto_field = "django.db.models.BigAutoField"
