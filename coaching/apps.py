"""The Django app."""

from django.apps import AppConfig


class CoachingConfig(AppConfig):
    """Who and when: studies, people, arms, occasions."""

    name = "coaching"
    default_auto_field = "django.db.models.BigAutoField"
